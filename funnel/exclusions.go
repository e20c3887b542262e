package funnel

import "sort"

// crossings walks through the exclusion events of a lane beside a pass over its other events.
//
// A chain that has passed an exclusion's first step and not its last one cannot go on beyond the next
// event of the exclusion. So among the chains that may still go on at a time, all have the same events of
// an exclusion before them, and none has to remember any: when an event of the exclusion is passed, the
// chains inside its range end, but for those that took its first step at that very time.
type crossings struct {
	p     *plan
	l     *lane
	clean bool
	next  []int // per exclusion: the first event that is not passed
}

func newCrossings(p *plan) crossings { return crossings{p: p, next: make([]int, len(p.exclusions))} }

func (h *crossings) reset(l *lane, from int64, clean bool) {
	h.l, h.clean = l, clean
	for x := range h.next {
		times := l.excluded[x]
		h.next[x] = sort.Search(len(times), func(i int) bool { return times[i] >= from })
	}
}

// ends reports whether an exclusion ends chains in this pass. One of drop_user does so only where clean
// chains are looked for.
func (h *crossings) ends(x int) bool { return h.clean || h.p.exclusions[x].policy != dropUser }

// spoils reports whether an exclusion removes chains that end inside its range from the answer.
func (h *crossings) spoils(x int) bool {
	return h.p.exclusions[x].policy == reset || h.clean && h.p.exclusions[x].policy == dropUser
}

// pass returns the next exclusion event before t that ends chains; x is -1 if there is none.
func (h *crossings) pass(t int64, through bool) (x int, at int64) {
	x = -1
	for i, k := range h.next {
		times := h.l.excluded[i]
		if k < len(times) && h.ends(i) && (times[k] < t || through) && (x < 0 || times[k] < at) {
			x, at = i, times[k]
		}
	}
	if x >= 0 {
		h.skip(x, at)
	}
	return x, at
}

// skip passes the events of an exclusion at one time.
func (h *crossings) skip(x int, t int64) {
	times := h.l.excluded[x]
	for h.next[x] < len(times) && times[h.next[x]] == t {
		h.next[x]++
	}
}

// at reports whether the next event of an exclusion ends chains and lies at t.
func (h *crossings) at(x int, t int64) bool {
	k := h.next[x]
	return k < len(h.l.excluded[x]) && h.l.excluded[x][k] == t && h.ends(x)
}

// inside reports whether a chain that placed a step last is in the range of an exclusion.
func (e *exclusionPlan) inside(step int) bool { return e.from <= step && step < e.to }

// lives reports whether a chain that placed a block of steps at time t is past the exclusion events of
// that time: those whose first step is in the block do not count.
func (h *crossings) lives(first, step int, t int64) bool {
	for x := range h.next {
		if e := &h.p.exclusions[x]; e.inside(step) && e.from < first && h.at(x, t) {
			return false
		}
	}
	return true
}

// spoilt reports whether an exclusion event lies in a range that the chain entered and did not leave, up
// to the deadline. The chain placed a block of steps at time t, and all earlier events are passed.
func (h *crossings) spoilt(first, step int, t, deadline int64) bool {
	for x, k := range h.next {
		e, times := &h.p.exclusions[x], h.l.excluded[x]
		if !e.inside(step) || !h.spoils(x) {
			continue
		}
		for e.from >= first && k < len(times) && times[k] == t {
			k++
		}
		if k < len(times) && times[k] <= deadline {
			return true
		}
	}
	return false
}
