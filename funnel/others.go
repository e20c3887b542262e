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
	for _, g := range groups[:shown] {
		kept[g.Key] = true
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

// carried is a unit's count under one value.
type carried struct {
	group    int32 // its number in the tally
	last     bool  // the unit has no further value
	level    int
	optional uint64
}

// carry notes the count of a unit under a value, until the unit ends.
func (t *tally) carry(g *groupTally, o *outcome) {
	c := carried{group: g.number, level: o.level}
	if len(o.optional) > 0 {
		c.optional = o.optional[0]
	}
	t.unit = append(t.unit, c)
}

// endCarry keeps the values of the unit at hand if it counts under several.
func (t *tally) endCarry() {
	if n := len(t.unit); n > 1 {
		t.unit[n-1].last = true
		t.several = append(t.several, t.unit...)
	}
	t.unit = t.unit[:0]
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
	for _, of := range append([]*tally{t}, t.carriers...) {
		of.dropRepeats(p, kept, steps)
	}
	return steps, true
}

// dropRepeats takes back what the units of a tally count beyond their best.
func (t *tally) dropRepeats(p *plan, kept map[string]bool, steps []stepTally) {
	stays := make([]bool, len(t.numbered))
	for i, g := range t.numbered {
		stays[i] = kept[g.key]
	}
	var best carried
	for _, c := range t.several {
		if !stays[c.group] {
			if best.level > 0 {
				takeBack(p, repeated(best, c), steps)
			}
			best = joined(best, c)
		}
		if c.last {
			best = carried{}
		}
	}
}

// joined is what two counts of one unit have together: the higher level; of equal levels the optional steps of
// both.
func joined(a, b carried) carried {
	switch {
	case a.level > b.level:
		return a
	case a.level == b.level:
		b.optional |= a.optional
	}
	return b
}

// repeated is what they count twice.
func repeated(a, b carried) carried {
	switch {
	case a.level < b.level:
		return a
	case a.level == b.level:
		b.optional &= a.optional
	}
	return b
}

// takeBack takes the steps of a count back.
func takeBack(p *plan, c carried, steps []stepTally) {
	for s := range min(c.level, len(steps)) {
		if !p.steps[s].optional {
			steps[s].persons--
		}
	}
	for m := c.optional; m != 0; m &= m - 1 {
		steps[bits.TrailingZeros64(m)].persons--
	}
}
