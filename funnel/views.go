package funnel

import "slices"

// views turns the events of one person at a time into a tally: one evaluation answers the steps, and
// the further ones (per value, per bucket, from the first entry) are run only where they could differ.
type views struct {
	p       *plan
	e       *evaluator
	t       *tally
	text    func(value int32) string // of a value of the breakdown; 0 is ""
	bare    bool                     // steps and groups only
	censor  bool
	carries bool  // a unit may count under several values
	end     int64 // observation end, inclusive, if censor
	buckets *buckets
	cells   []cell    // by number of the bucket
	base    []outcome // the person's outcomes
	kept    []outcome // their copy, once a further run would overwrite them
	saved   bool
	starts  []int64 // eligible ones of the person at hand
	values  []int32
	ties    *reading // nil where the reading is off, or not asked for
	noise   *reading
	byID    []*groupTally // counters of values by their number
	table   *valueTable   // takes their place where there is one
	// onUnit is told each person or attempt, onLevel each person's best level, onOpen the persons with
	// an open window.
	onUnit  func(o *outcome)
	onLevel func(level int)
	onOpen  func()
}

// person ends the person whose events the evaluator holds.
func (v *views) person() error {
	if len(v.e.ts) == 0 {
		return nil
	}
	if err := v.e.seal(); err != nil {
		return err
	}
	if v.e.tie != nil && !v.canEnter() {
		if v.onLevel != nil {
			v.onLevel(0)
		}
		return nil // nothing starts here, whatever is asked
	}
	v.base, v.saved = v.e.run(selection{}, always, true), false
	best, conversions := 0, int64(0)
	for i := range v.base {
		o := &v.base[i]
		best = max(best, o.level)
		if o.level == v.p.full() {
			conversions++
		}
		v.t.count(v.p, o, v.t.steps, v.e.money)
		if !v.bare {
			v.t.times(v.p, o)
			v.wait(o)
		}
		if v.onUnit != nil {
			v.onUnit(o)
		}
	}
	if v.onLevel != nil {
		v.onLevel(best)
	}
	var seen followUp
	if !v.bare {
		if err := v.reread(conversions); err != nil {
			return err
		}
		seen = v.entries(best)
	}
	if v.p.attribution != "" {
		v.groups(best, seen)
	}
	return v.e.err()
}

// again runs a further evaluation; the person's own outcomes are kept.
func (v *views) again(sel selection, starts span, chains bool) []outcome {
	if !v.saved {
		for len(v.kept) < len(v.base) {
			v.kept = append(v.kept, newOutcome(v.p))
		}
		for i := range v.base {
			v.kept[i].copyFrom(&v.base[i])
		}
		v.base, v.saved = v.kept[:len(v.base)], true
	}
	return v.e.run(sel, starts, chains)
}

// reread counts the conversions that depend on how ties and clock noise are read.
func (v *views) reread(conversions int64) error {
	tied, err := v.ties.lost(v.e, conversions)
	if err != nil {
		return err
	}
	tolerated, err := v.noise.lost(v.e, conversions)
	v.t.tied += tied
	v.t.tolerated += tolerated
	return err
}

// entries fills the views that ask when a person entered, and tells what became of the first entry.
func (v *views) entries(best int) followUp {
	v.starts = v.startTimes(v.starts[:0])
	if len(v.starts) == 0 {
		return followUp{}
	}
	v.t.entered++
	v.t.first, v.t.last = min(v.t.first, v.starts[0]), max(v.t.last, v.starts[len(v.starts)-1])
	var seen followUp
	if v.censor {
		seen = v.follow(v.starts[0], best, func(at span) *outcome { return v.from(at) })
		if v.t.cens.add1(seen) && v.onOpen != nil {
			v.onOpen()
		}
	}
	if v.buckets != nil {
		v.trend(best)
	}
	return seen
}

// follow tells what became of an entry whose person got as far as the given level. Only one that got
// through can have done so from this entry.
func (v *views) follow(entry int64, level int, from func(span) *outcome) followUp {
	f := newFollowUp(v.p, entry, v.end)
	if level == v.p.full() {
		if o := from(span{entry, entry}); o.level == v.p.full() {
			f.converted, f.after = true, elapsed(entry, o.last())
		}
	}
	return f
}

// wait notes how long a unit was watched after the last step it reached, until its window or the data
// ended.
func (v *views) wait(o *outcome) {
	if v.censor && o.level > 0 && o.level < v.p.full() {
		next := v.p.steps[o.level-1].next
		v.watched(next, o.start(), o.last())
	}
}

// watched notes how long a unit without the next step was watched, from the times of its first and last.
func (v *views) watched(next int, start, last int64) {
	switch end := later(start, v.p.window); {
	case start == last && end <= v.end && uint64(end)-uint64(start) == v.p.window:
		v.t.watched[next]++
	default:
		v.t.waits[next].add(elapsed(last, min(v.end, end)))
	}
}

// startTimes lists the distinct eligible start times, ascending. With entry first and held values
// there is one for each lane.
func (v *views) startTimes(dst []int64) []int64 {
	e := v.e
	var seen []int32
	for i, t := range e.ts {
		if !v.canStart(i) {
			continue
		}
		if v.p.firstEntry {
			if !v.p.hold && len(dst) > 0 {
				return dst
			}
			if v.p.hold {
				if slices.Contains(seen, e.lane[i]) {
					continue
				}
				seen = append(seen, e.lane[i])
			}
		}
		if n := len(dst); n == 0 || dst[n-1] != t {
			dst = append(dst, t)
		}
	}
	return dst
}

// canEnter reports whether any chain may begin.
func (v *views) canEnter() bool {
	if v.p.words > 1 || v.p.hold {
		return true
	}
	for i, mask := range v.e.serve {
		if mask&1 != 0 && v.p.starts.contains(v.e.ts[i]) {
			return true
		}
	}
	return false
}

// canStart reports whether a chain may begin with an event.
func (v *views) canStart(i int) bool {
	e := v.e
	mask := e.serve[i*v.p.words : (i+1)*v.p.words]
	if v.p.order == unordered && empty(mask) || v.p.order != unordered && !hasBit(mask, 0) {
		return false
	}
	return v.p.starts.contains(e.ts[i]) && (!v.p.hold || e.lane[i] >= 0)
}

// from returns the outcome of the chains that begin in a span; the person's own outcome if it has no
// other start.
func (v *views) from(starts span) *outcome {
	if starts.contains(v.starts[0]) && starts.contains(v.starts[len(v.starts)-1]) {
		return &v.base[0]
	}
	return &v.again(selection{}, starts, false)[0]
}

// trend counts the person in the buckets of its starts.
func (v *views) trend(best int) {
	for i := 0; i < len(v.starts); {
		at := v.buckets.of(v.starts[i])
		j := i + 1
		for j < len(v.starts) && v.buckets.of(v.starts[j]) == at {
			j++
		}
		// A start alone makes a chain of one step, unless an exclusion removes it.
		entered, converted := true, false
		if best == v.p.full() || v.e.tie == nil {
			o := v.from(span{v.starts[i], v.starts[j-1]})
			entered, converted = o.level > 0, o.level == v.p.full()
		}
		if entered {
			v.enter(at, converted)
		}
		i = j
	}
}

// cell counts who entered in a bucket.
type cell struct{ entered, converted int64 }

// enter counts an entrant in the bucket of a number.
func (v *views) enter(n int, converted bool) {
	for len(v.cells) <= n {
		v.cells = append(v.cells, cell{})
	}
	c := &v.cells[n]
	c.entered++
	if converted {
		c.converted++
	}
}

// close writes what was counted by number into the tally.
func (v *views) close() {
	for n, c := range v.cells {
		if c.entered > 0 {
			of := v.buckets.list[n]
			b := v.t.bucket(of.label, of.in.lo, of.next)
			b.entered += c.entered
			b.converted += c.converted
		}
	}
	v.cells = nil
}
