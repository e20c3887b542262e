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
	end     int64 // observation end, inclusive, if censor
	buckets *buckets
	money   []int64
	base    []outcome // copy of the person's outcomes
	nBase   int
	starts  []int64
	values  []int32
	byID    [][]stepTally // counters of values by their number
	// onPerson and onOpen are told each person's best level and the persons with an open window.
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
	v.keep(v.e.run(selection{}, always))
	best := 0
	for i := range v.base[:v.nBase] {
		o := &v.base[i]
		best = max(best, o.level)
		v.t.count(v.p, o, v.t.steps, v.moneyOrNil())
		if !v.bare {
			v.t.times(v.p, o)
		}
	}
	if v.onLevel != nil {
		v.onLevel(best)
	}
	if v.p.attribution != "" {
		v.groups()
	}
	if !v.bare {
		v.entries(best)
	}
	return nil
}

func (v *views) moneyOrNil() []int64 {
	if len(v.money) == 0 {
		return nil
	}
	return v.money
}

// keep copies the outcomes of a run, which the next run overwrites.
func (v *views) keep(units []outcome) {
	v.nBase = len(units)
	for len(v.base) < len(units) {
		v.base = append(v.base, newOutcome(v.p))
	}
	for i := range units {
		v.base[i].copyFrom(&units[i])
	}
}

// entries fills the views that ask when a person entered.
func (v *views) entries(best int) {
	v.startTimes()
	if len(v.starts) == 0 {
		return
	}
	v.t.entered++
	v.t.first, v.t.last = min(v.t.first, v.starts[0]), max(v.t.last, v.starts[len(v.starts)-1])
	if best == v.p.full() {
		v.t.complete++
		if v.dependsOnTies() {
			v.t.tied++
		}
	}
	if v.censor {
		t0 := v.starts[0]
		if v.t.cens.entrant(v.p, t0, v.end, v.from(span{t0, t0})) && v.onOpen != nil {
			v.onOpen()
		}
	}
	if v.buckets != nil {
		v.trend()
	}
}

// startTimes lists the distinct eligible start times, ascending. With entry first and held values
// there is one for each lane.
func (v *views) startTimes() {
	e := v.e
	v.starts = v.starts[:0]
	var seen []int32
	w := v.p.words
	for i, t := range e.ts {
		mask := e.serve[i*w : (i+1)*w]
		if v.p.hold && e.lane[i] < 0 {
			continue
		}
		if !v.p.starts.contains(t) || v.p.order == unordered && empty(mask) || v.p.order != unordered && !hasBit(mask, 0) {
			continue
		}
		if v.p.firstEntry {
			if !v.p.hold && len(v.starts) > 0 {
				return
			}
			if v.p.hold {
				if slices.Contains(seen, e.lane[i]) {
					continue
				}
				seen = append(seen, e.lane[i])
			}
		}
		if n := len(v.starts); n == 0 || v.starts[n-1] != t {
			v.starts = append(v.starts, t)
		}
	}
}

// from returns the outcome of the chains that begin in a span; the person's own outcome if it has no
// other start.
func (v *views) from(starts span) *outcome {
	if starts.contains(v.starts[0]) && starts.contains(v.starts[len(v.starts)-1]) {
		return &v.base[0]
	}
	return &v.e.run(selection{}, starts)[0]
}

func (v *views) trend() {
	for i := 0; i < len(v.starts); {
		label, from, next := v.buckets.of(v.starts[i])
		j := i + 1
		for ; j < len(v.starts); j++ {
			if other, start, end := v.buckets.of(v.starts[j]); other != label {
				break
			} else {
				from, next = min(from, start), max(next, end)
			}
		}
		o := v.from(span{v.starts[i], v.starts[j-1]})
		if o.level > 0 {
			b := v.t.bucket(label, from, next)
			b.entered++
			if o.level == v.p.full() {
				b.converted++
			}
		}
		i = j
	}
}

// dependsOnTies reports whether a complete person would not be complete if times had to increase.
func (v *views) dependsOnTies() bool {
	if v.p.increasing || v.e.tie == nil {
		return false
	}
	tied := false
	for i := 1; i < len(v.e.ts); i++ {
		tied = tied || v.e.ts[i] == v.e.ts[i-1]
	}
	if !tied {
		return false
	}
	v.p.increasing = true
	o := v.e.run(selection{}, always)
	v.p.increasing = false
	return o[0].level < v.p.full()
}
