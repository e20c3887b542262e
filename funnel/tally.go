package funnel

import (
	"errors"
	"math"
)

// errMoney says that a sum of money does not fit into 64 bits of minor units.
var errMoney = errors.New("the money of a step exceeds 64 bits")

// tally is what the kernels of one funnel count. Tallies of disjoint sets of persons add up.
type tally struct {
	steps  []stepTally
	groups map[string]*groupTally
	// durations holds, per step, the times from the previous required step on reference chains;
	// total those from the first to the last step of complete units.
	durations []pieces[int64]
	total     pieces[int64]
	// waits holds, per step, how long units that reached the step before it and not the step itself were
	// watched, and watched how many of them were for the whole window; with durations they make the curve of
	// the step.
	waits   []pieces[int64]
	watched []int64
	trend   map[string]*bucketTally
	cens    censorTally
	// tied counts conversions that exist only because events of equal time may be read in any order,
	// tolerated those that exist only thanks to the tolerance.
	tied, tolerated int64
	entered         int64 // persons with an eligible entry
	first, last     int64 // earliest and latest start seen, if entered > 0
	overflow        bool
	numbered        []*groupTally
	unit            several       // values of the unit at hand
	several         several       // values of units that count under more than one
	carriers        []*tally      // added, with such units
	tables          []*valueTable // of values by number; settle makes groups of them
}

type stepTally struct{ persons, amount int64 }

// groupTally is the funnel of one value of the breakdown.
type groupTally struct {
	steps   []stepTally
	key     string
	number  int32
	through int64 // of its units, those whose person is complete over all values
	cens    censorTally
}

type bucketTally struct{ start, next, entered, converted int64 }

func newTally(p *plan) *tally {
	return &tally{
		steps: make([]stepTally, len(p.steps)), groups: map[string]*groupTally{}, durations: make([]pieces[int64], len(p.steps)),
		waits: make([]pieces[int64], len(p.steps)), watched: make([]int64, len(p.steps)),
		trend: map[string]*bucketTally{}, first: math.MaxInt64, last: math.MinInt64,
	}
}

// add merges the tally of other persons, which must not be used afterwards.
func (t *tally) add(o *tally) {
	t.addSteps(t.steps, o.steps)
	for k, g := range o.groups {
		mine := t.group(k)
		t.addSteps(mine.steps, g.steps)
		mine.through += g.through
		mine.cens.add(&g.cens)
	}
	for i := range t.steps {
		t.durations[i].join(&o.durations[i])
		t.waits[i].join(&o.waits[i])
		t.watched[i] += o.watched[i]
	}
	t.total.join(&o.total)
	t.addTables(o.tables)
	if len(o.several.counts) > 0 {
		t.carriers = append(t.carriers, o)
	}
	for k, b := range o.trend {
		mine := t.bucket(k, b.start, b.next)
		mine.entered += b.entered
		mine.converted += b.converted
	}
	t.cens.add(&o.cens)
	t.tied += o.tied
	t.tolerated += o.tolerated
	t.entered += o.entered
	t.first, t.last = min(t.first, o.first), max(t.last, o.last)
	t.overflow = t.overflow || o.overflow
}

func (t *tally) addTables(tables []*valueTable) {
	for _, v := range tables {
		if v.common && len(t.tables) > 0 {
			t.tables[0].add(t, v)
		} else {
			t.tables = append(t.tables, v)
		}
	}
}

// settle ends the merging: what was counted by number becomes groups.
func (t *tally) settle() {
	for _, v := range t.tables {
		v.write(t)
	}
}

func (t *tally) addSteps(dst, src []stepTally) {
	for i := range dst {
		dst[i].persons += src[i].persons
		t.addMoney(&dst[i], src[i].amount)
	}
}

func (t *tally) addMoney(s *stepTally, amount int64) {
	t.addTo(&s.amount, amount)
}

// addTo adds to a sum and notes if it does not fit.
func (t *tally) addTo(sum *int64, amount int64) {
	n := *sum + amount
	if (n > *sum) != (amount > 0) && amount != 0 {
		t.overflow = true
	}
	*sum = n
}

// group returns the counters of a value of the breakdown.
func (t *tally) group(key string) *groupTally {
	g, ok := t.groups[key]
	if !ok {
		g = &groupTally{steps: make([]stepTally, len(t.steps)), key: key, number: int32(len(t.numbered))}
		t.numbered = append(t.numbered, g)
		t.groups[key] = g
	}
	return g
}

func (t *tally) bucket(key string, start, next int64) *bucketTally {
	b, ok := t.trend[key]
	if !ok {
		b = &bucketTally{start: start, next: next}
		t.trend[key] = b
	}
	b.start, b.next = min(b.start, start), max(b.next, next)
	return b
}

// count adds one unit to the counters of steps; money is that of the person's events, empty for none.
func (t *tally) count(p *plan, o *outcome, dst []stepTally, money []int64) {
	if o.level == 0 {
		return
	}
	for s := range dst {
		if s >= o.level && !p.optional {
			return
		}
		if p.optional && !o.has(p, s) {
			continue
		}
		dst[s].persons++
		if len(money) > 0 && o.rows[s] >= 0 {
			t.addMoney(&dst[s], money[o.rows[s]])
		}
	}
}

// times notes the durations of a unit's reference chain. Negative ones (clock noise) count as 0.
func (t *tally) times(p *plan, o *outcome) {
	prev := 0
	for s := 1; s < o.level; s++ {
		if p.steps[s].optional {
			continue
		}
		t.durations[s].add(elapsed(o.times[prev], o.times[s]))
		prev = s
	}
	if o.level == p.full() && prev > 0 {
		t.total.add(elapsed(o.times[0], o.times[prev]))
	}
}

// elapsed is the duration between two times, cut to the range of 64 signed bits.
func elapsed(from, to int64) int64 {
	if to <= from {
		return 0
	}
	return int64(min(uint64(to)-uint64(from), math.MaxInt64))
}
