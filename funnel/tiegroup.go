package funnel

import "math/bits"

// tieGroup is the one-pass method for plain ordered funnels: per step it keeps the latest start of a
// chain that reached the step, and takes all events of one time together.
//
// A later start is never worse: whatever extends a chain with an earlier start extends it as well. So
// one start a step is enough, and the method is exact (checked against exhaustive search). Steps are
// reached in order, hence start[s] is valid for s < reached.
type tieGroup struct {
	p       *plan
	m       matcher
	reached int
	start   []int64
	before  []int64
	at      []int64 // time at which a step was first reached
	atStart []int64 // latest start of a chain that reached it then
	group   []uint64
}

func newTieGroup(p *plan) *tieGroup {
	n := len(p.steps)
	return &tieGroup{
		p: p, start: make([]int64, n), before: make([]int64, n), at: make([]int64, n), atStart: make([]int64, n),
		group: make([]uint64, p.words),
	}
}

// run returns the level of a lane with starts in the given span.
func (k *tieGroup) run(l *lane, starts span) int {
	if k.p.words == 1 && (k.p.increasing || !k.p.reuse) {
		return k.runWord(l, starts)
	}
	k.reached = 0
	n := len(k.p.steps)
	for i := 0; i < len(l.ts) && k.reached < n; {
		end := l.groupEnd(i)
		was := k.reached
		k.take(l, i, end, starts)
		for s := was; s < k.reached; s++ {
			k.at[s], k.atStart[s] = l.ts[i], k.start[s]
		}
		i = end
	}
	return k.reached
}

// runWord does the same for at most 64 steps, where an event that shares its time with no other, as
// nearly all do, is a few operations on one word.
func (k *tieGroup) runWord(l *lane, starts span) int {
	k.reached = 0
	n, ts := len(k.start), l.ts
	serve := l.serve[:len(ts)]
	for i := 0; i < len(ts) && k.reached < n; {
		t, mask, was := ts[i], serve[i], k.reached
		if i+1 < len(ts) && ts[i+1] == t {
			end := l.groupEnd(i)
			k.take(l, i, end, starts)
			i = end
		} else {
			i++
			for mask &= 1<<(was+1) - 1; mask != 0; {
				s := 63 - bits.LeadingZeros64(mask)
				mask &^= 1 << s
				k.step(s, t, starts)
			}
		}
		for s := was; s < k.reached; s++ {
			k.at[s], k.atStart[s] = t, k.start[s]
		}
	}
	return k.reached
}

// take applies the events of one time.
func (k *tieGroup) take(l *lane, lo, hi int, starts span) {
	t := l.ts[lo]
	mask := l.mask(lo)
	if hi-lo > 1 {
		mask = k.unionOf(l, lo, hi)
	}
	switch {
	case k.p.increasing || !k.p.reuse && hi-lo == 1:
		k.descend(mask, t, starts)
	case k.p.reuse:
		k.ascend(mask, t, starts)
	case countBits(mask) <= 1:
		k.descend(mask, t, starts)
	default:
		k.match(l, lo, hi, starts)
	}
}

func (k *tieGroup) unionOf(l *lane, lo, hi int) []uint64 {
	for i := range k.group {
		k.group[i] = 0
	}
	for i := lo; i < hi; i++ {
		union(k.group, l.mask(i))
	}
	return k.group
}

// descend updates from the last step to the first, so that every update sees the state before the
// group: each event serves one step of a chain, and no two steps share a time.
func (k *tieGroup) descend(mask []uint64, t int64, starts span) {
	for s := highest(mask, k.reached); s >= 0; s = highest(mask, s-1) {
		k.step(s, t, starts)
	}
}

// ascend updates from the first step to the last: a chain may take several steps at one time.
func (k *tieGroup) ascend(mask []uint64, t int64, starts span) {
	for s := 0; s <= k.reached && s < len(k.start); s++ {
		if hasBit(mask, s) {
			k.step(s, t, starts)
		}
	}
}

func (k *tieGroup) step(s int, t int64, starts span) {
	if s == 0 {
		if starts.contains(t) {
			k.keep(0, t)
		}
		return
	}
	if v := k.start[s-1]; within(v, t, k.p.window) {
		k.keep(s, v)
	}
}

// keep records that a chain with this start reached the step.
func (k *tieGroup) keep(s int, start int64) {
	if s == k.reached {
		k.reached++
		k.start[s] = start
	} else if start > k.start[s] {
		k.start[s] = start
	}
}

// match assigns, from a fresh start and from each step reached before the group, the following steps
// to different events of the group until one cannot be assigned.
func (k *tieGroup) match(l *lane, lo, hi int, starts span) {
	t := l.ts[lo]
	was := k.reached
	copy(k.before, k.start[:was])
	for j := -1; j < was; j++ {
		start := t
		if j < 0 && !starts.contains(t) {
			continue
		}
		if j >= 0 {
			if start = k.before[j]; !within(start, t, k.p.window) {
				continue
			}
		}
		k.m.reset(l, lo, hi)
		for s := j + 1; s < len(k.start) && k.m.assign(s); s++ {
			k.keep(s, start)
		}
	}
}

// chain fills the reference chain of the last run: from its start, each group of events serves as
// many further steps as it can. Taking the most at the earliest time is never worse for what follows.
func (k *tieGroup) chain(l *lane, o *outcome) {
	o.level = k.reached
	if o.level == 0 {
		return
	}
	from := k.atStart[o.level-1]
	i := 0
	for l.ts[i] < from {
		i++
	}
	for s := 0; s < o.level; {
		if i+1 < len(l.ts) && l.ts[i+1] == l.ts[i] {
			end := l.groupEnd(i)
			s = k.serve(l, i, end, s, o)
			i = end
			continue
		}
		for hasBit(l.mask(i), s) {
			o.times[s], o.rows[s] = l.ts[i], l.row[i]
			if s++; !k.p.reuse || k.p.increasing || s == o.level {
				break
			}
		}
		i++
	}
}

// serve assigns steps from s on to the events of one time and returns the first step left.
func (k *tieGroup) serve(l *lane, lo, hi, s int, o *outcome) int {
	t := l.ts[lo]
	one := k.p.increasing || !k.p.reuse && hi-lo == 1
	if one || k.p.reuse {
		for s < o.level {
			i := firstWith(l, lo, hi, s)
			if i < 0 {
				break
			}
			o.times[s], o.rows[s] = t, l.row[i]
			s++
			if one {
				break
			}
		}
		return s
	}
	k.m.reset(l, lo, hi)
	for s < o.level && k.m.assign(s) {
		o.times[s] = t
		s++
	}
	for i, step := range k.m.owner {
		if step >= 0 {
			o.rows[step] = l.row[lo+i]
		}
	}
	return s
}

// firstWith returns the first event of a group that may serve the step, or -1.
func firstWith(l *lane, lo, hi, step int) int {
	for i := lo; i < hi; i++ {
		if hasBit(l.mask(i), step) {
			return i
		}
	}
	return -1
}
