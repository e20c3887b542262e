package funnel

import (
	"cmp"
	"math"
	"slices"
)

// anyOrder evaluates unordered funnels without exclusions. Which events can together serve different
// steps is a matroid (a transversal one). Two ways of being greedy follow from that:
//
// Taking events in order of time from a start on, each if it can be added, gives the largest set with the
// earliest times at every position at once.
//
// Taking every event of a lane in order of time, and giving up the earliest one of those it stands in for,
// keeps a largest set of latest events. As many of them as lie at or after a time can be served by the
// events since then; so the m-th latest is the latest start from which m steps can be done by now. One
// pass finds the level and the start of the reference chain; a second one, from that start, the chain.
//
// Cost: n events × the steps of a matching, twice at most.
type anyOrder struct {
	p     *plan
	owner []int32 // step → item that serves it, -1: none
	from  []int32 // step → step whose item asked for it in the search at hand; -1: the item at hand
	stamp []int32 // step → last search that met it
	turn  int32
	queue []int32 // steps met by the search at hand
	items []anyItem
	kept  []int64 // times of the items that serve a step, descending
	best  outcome
}

// anyItem is something that serves one step: an event, with increasing times a whole group of events of
// one time, or with reuse an event for one step.
type anyItem struct {
	lo, hi int32
	step   int32 // the only step it may serve, -1: any
	t      int64
}

func newAnyOrder(p *plan) *anyOrder {
	n := len(p.steps)
	return &anyOrder{p: p, owner: make([]int32, n), from: make([]int32, n), stamp: make([]int32, n), best: newOutcome(p)}
}

// run evaluates all starts in the span as one unit.
func (a *anyOrder) run(l *lane, starts span) *outcome {
	if start, ok := a.start(l, starts); ok {
		a.chain(l, start)
	} else {
		a.best.clear()
	}
	return &a.best
}

// attempts splits a lane into attempts: complete ones end when they are, others with their window.
func (a *anyOrder) attempts(l *lane, starts span, each func(*outcome)) {
	for i := l.from(starts.lo); i < len(l.ts) && l.ts[i] <= starts.hi; {
		if empty(l.mask(i)) {
			i++
			continue
		}
		a.chain(l, l.ts[i])
		end := later(l.ts[i], a.p.window)
		if a.best.level == len(a.p.steps) {
			end = a.best.last()
		}
		each(&a.best)
		if a.p.firstEntry {
			return
		}
		i = max(firstAfter(l.ts, end), l.groupEnd(i))
	}
}

// start finds the start of the reference chain: of the highest level, reached first, begun last.
func (a *anyOrder) start(l *lane, starts span) (start int64, ok bool) {
	i := l.from(starts.lo)
	if i == len(l.ts) || l.ts[i] > starts.hi {
		return 0, false
	}
	a.clear()
	level, last := 0, l.ts[i] // last is the latest event so far that may start a chain
	for i < len(l.ts) && level < len(a.p.steps) {
		t, end := l.ts[i], l.groupEnd(i)
		if t > starts.hi && !within(last, t, a.p.window) {
			break
		}
		a.each(l, i, end, func(it anyItem) { a.replace(l, it) })
		i = end
		if t <= starts.hi {
			last = t
		}
		a.kept = a.kept[:0]
		for _, o := range a.owner {
			if o >= 0 {
				a.kept = append(a.kept, a.items[o].t)
			}
		}
		slices.SortFunc(a.kept, func(x, y int64) int { return cmp.Compare(y, x) })
		for level < len(a.kept) && within(min(a.kept[level], last), t, a.p.window) {
			start, ok = min(a.kept[level], last), true
			level++
		}
	}
	return start, ok
}

// chain fills the reference chain of a start.
func (a *anyOrder) chain(l *lane, start int64) {
	a.best.clear()
	a.clear()
	o := &a.best
	for i := l.from(start); i < len(l.ts) && within(start, l.ts[i], a.p.window) && o.level < len(a.p.steps); {
		end := l.groupEnd(i)
		a.each(l, i, end, func(it anyItem) {
			if !a.add(l, it) {
				return
			}
			e := int(it.lo)
			for it.step < 0 && empty(l.mask(e)) || it.step >= 0 && !hasBit(l.mask(e), int(it.step)) {
				e++
			}
			o.times[o.level], o.rows[o.level] = it.t, l.row[e]
			o.level++
		})
		i = end
	}
}

func (a *anyOrder) clear() {
	a.items = a.items[:0]
	for s := range a.owner {
		a.owner[s] = -1
	}
}

// each calls f for the items of one time.
func (a *anyOrder) each(l *lane, lo, hi int, f func(anyItem)) {
	it := anyItem{lo: int32(lo), hi: int32(hi), step: -1, t: l.ts[lo]}
	switch {
	case a.p.increasing:
		f(it)
	case a.p.reuse:
		for s := range a.owner {
			if firstWith(l, lo, hi, s) >= 0 {
				it.step = int32(s)
				f(it)
			}
		}
	default:
		for e := lo; e < hi; e++ {
			it.lo, it.hi = int32(e), int32(e+1)
			f(it)
		}
	}
}

// add takes an item if the steps can be shared out so that it serves one.
func (a *anyOrder) add(l *lane, it anyItem) bool {
	a.items = append(a.items, it)
	id := int32(len(a.items) - 1)
	if s := a.find(l, id); s >= 0 {
		a.shift(s, id)
		return true
	}
	a.items = a.items[:id]
	return false
}

// replace takes an item, in place of the earliest one it can stand in for if no step is free.
func (a *anyOrder) replace(l *lane, it anyItem) {
	a.items = append(a.items, it)
	id := int32(len(a.items) - 1)
	free := a.find(l, id)
	if free < 0 {
		earliest := int64(math.MaxInt64)
		for _, s := range a.queue {
			if t := a.items[a.owner[s]].t; t < earliest {
				free, earliest = s, t
			}
		}
	}
	if free >= 0 {
		a.shift(free, id)
	}
}

// find searches for a free step that an item can get, others moving on from step to step; -1: none. The
// steps met are left in the queue.
func (a *anyOrder) find(l *lane, id int32) int32 {
	a.turn++
	a.queue = a.queue[:0]
	if s := a.meet(l, id, -1); s >= 0 {
		return s
	}
	for i := 0; i < len(a.queue); i++ {
		if s := a.meet(l, a.owner[a.queue[i]], a.queue[i]); s >= 0 {
			return s
		}
	}
	return -1
}

// meet adds the steps an item may serve to the queue, and returns one that is free.
func (a *anyOrder) meet(l *lane, id, from int32) int32 {
	it := &a.items[id]
	for s := range a.owner {
		if a.stamp[s] == a.turn || it.step >= 0 && int(it.step) != s || firstWith(l, int(it.lo), int(it.hi), s) < 0 {
			continue
		}
		a.stamp[s], a.from[s] = a.turn, from
		a.queue = append(a.queue, int32(s))
		if a.owner[s] < 0 {
			return int32(s)
		}
	}
	return -1
}

// shift gives a step that was found to those who asked for it, and the first of them to the item.
func (a *anyOrder) shift(s, id int32) {
	for a.from[s] >= 0 {
		a.owner[s] = a.owner[a.from[s]]
		s = a.from[s]
	}
	a.owner[s] = id
}
