package funnel

import "math/bits"

// A unit that carries several values counts under each of them, so the rows of a breakdown do not add up.
// What all values beyond the largest groups have together is therefore taken from units: the sum of their
// rows, less what units that count under several of them count too often. An event has one value, so the
// money of the rows adds up as it stands.

// otherResult is the funnel of the units beyond the groups that are shown; nil if all are, and where it is
// not known.
func (t *tally) otherResult(q *query, groups []Group, shown int, level float64) *Other {
	if len(groups) <= shown {
		return nil
	}
	kept := map[string]bool{}
	for i := range groups[:shown] { // the other fields are being filled meanwhile
		kept[groups[i].Key] = true
	}
	steps, ok := t.others(q.plan, kept)
	if !ok {
		return nil
	}
	out := &Other{Values: int64(len(groups) - shown), Steps: stepResults(q, steps, level)}
	if q.plan.attribution == "step" && !q.plan.totals {
		for i := range out.Steps { // rows share the events of all other steps
			out.Steps[i].AmountMinor = nil
		}
	}
	return out
}

// carried is a unit's count under one value. There are millions of them, so it is small; the optional steps
// of the chains lie beside, where there are any.
type carried struct {
	group int32 // its number in the tally
	level int16 // at most a thousand steps
	last  bool  // the unit has no further value
}

// several are the counts of units under more than one value, a unit after the other.
type several struct {
	counts   []carried
	optional []uint64 // one a count, empty without optional steps
}

// carry notes the count of a unit under a value, until the unit ends.
func (t *tally) carry(p *plan, g *groupTally, o *outcome) {
	t.unit.counts = append(t.unit.counts, carried{group: g.number, level: int16(o.level)})
	if p.optional {
		t.unit.optional = append(t.unit.optional, o.optional[0])
	}
}

// endCarry keeps the values of the unit at hand if it counts under several.
func (t *tally) endCarry() {
	u := &t.unit
	if n := len(u.counts); n > 1 {
		u.counts[n-1].last = true
		t.several.counts = append(t.several.counts, u.counts...)
		t.several.optional = append(t.several.optional, u.optional...)
	}
	u.counts, u.optional = u.counts[:0], u.optional[:0]
}

// others counts the units under the values that are not kept, each once with the best it has under one of
// them. ok is false where optional steps do not fit into a word.
func (t *tally) others(p *plan, kept map[string]bool) (steps []stepTally, ok bool) {
	if p.optional && p.words > 1 {
		return nil, false
	}
	steps = make([]stepTally, len(p.steps))
	for key, g := range t.groups {
		if !kept[key] {
			for s := range steps {
				steps[s].persons += g.steps[s].persons
				steps[s].amount += g.steps[s].amount
			}
		}
	}
	r := repeats{p: p, levels: make([]int64, len(p.steps)+1), steps: steps}
	for _, of := range append([]*tally{t}, t.carriers...) {
		r.of(of, kept)
	}
	for _, of := range t.tables {
		r.ofTable(of, kept)
	}
	var n int64
	for s := len(steps) - 1; s >= 0; s-- {
		n += r.levels[s+1]
		if !p.steps[s].optional {
			steps[s].persons -= n
		}
	}
	return steps, true
}

// reach is how far a unit got: its level and the optional steps on the way.
type reach struct {
	level    int16
	optional uint64
}

// repeats takes back what units count beyond their best.
type repeats struct {
	p      *plan
	stays  []bool      // by number of the value
	best   reach       // of the unit at hand
	levels []int64     // repeated counts by level
	steps  []stepTally // for the optional ones
}

// of takes back what the units of a tally repeat.
func (r *repeats) of(t *tally, kept map[string]bool) {
	r.stays = r.stays[:0]
	for _, g := range t.numbered {
		r.stays = append(r.stays, kept[g.key])
	}
	for i, c := range t.several.counts {
		optional := uint64(0)
		if r.p.optional {
			optional = t.several.optional[i]
		}
		r.take(c, optional)
	}
}

// ofTable takes back what the units of a table repeat.
func (r *repeats) ofTable(v *valueTable, kept map[string]bool) {
	r.stays = r.stays[:0]
	for value := range len(v.rows) / v.width {
		r.stays = append(r.stays, kept[v.text(int32(value))])
	}
	for piece := range v.several.each {
		for _, c := range piece {
			r.take(c, 0)
		}
	}
}

// take adds a count of the unit at hand.
func (r *repeats) take(c carried, optional uint64) {
	if !r.stays[c.group] {
		own := reach{c.level, optional}
		if r.best.level > 0 {
			again := repeated(r.best, own)
			r.levels[again.level]++
			for m := again.optional; m != 0; m &= m - 1 {
				r.steps[bits.TrailingZeros64(m)].persons--
			}
		}
		r.best = joined(r.best, own)
	}
	if c.last {
		r.best = reach{}
	}
}

// joined is what two counts of one unit have together: the higher level; of equal levels the optional steps of
// both.
func joined(a, b reach) reach {
	switch {
	case a.level > b.level:
		return a
	case a.level == b.level:
		b.optional |= a.optional
	}
	return b
}

// repeated is what they count twice.
func repeated(a, b reach) reach {
	switch {
	case a.level < b.level:
		return a
	case a.level == b.level:
		b.optional &= a.optional
	}
	return b
}
