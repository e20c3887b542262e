package funnel

import (
	"math"
	"sort"
)

// lane is what one evaluation sees: the events of one person (of one tuple of held values, of one
// value of the breakdown), sorted by time.
type lane struct {
	words int
	ts    []int64
	row   []int32  // index into the person's events
	serve []uint64 // words an event: the steps it may serve
	// repeat and visible serve the strict orders: the steps of which the event is a repeat, and
	// whether it can block at all.
	repeat  []uint64
	visible []bool
	// excluded holds, for each exclusion, the sorted times of its events.
	excluded [][]int64
}

func (l *lane) reset(p *plan) {
	l.words = p.words
	l.ts, l.row, l.serve = l.ts[:0], l.row[:0], l.serve[:0]
	l.repeat, l.visible = l.repeat[:0], l.visible[:0]
	for len(l.excluded) < len(p.exclusions) {
		l.excluded = append(l.excluded, nil)
	}
	for i := range l.excluded {
		l.excluded[i] = l.excluded[i][:0]
	}
}

// mask returns the steps event i may serve.
func (l *lane) mask(i int) []uint64 { return l.serve[i*l.words : (i+1)*l.words] }

// repeats returns the steps of which event i is a repeat.
func (l *lane) repeats(i int) []uint64 { return l.repeat[i*l.words : (i+1)*l.words] }

// groupEnd returns the end of the run of events that share the time of event i.
func (l *lane) groupEnd(i int) int {
	t := l.ts[i]
	for i++; i < len(l.ts) && l.ts[i] == t; i++ {
	}
	return i
}

// starts reports whether event i can be the first of a chain.
func (l *lane) starts(p *plan, i int) bool {
	if p.order == unordered {
		return !empty(l.mask(i))
	}
	return hasBit(l.mask(i), 0)
}

// eligible narrows the eligible start times to those of the lane: with entry first, the earliest.
// ok is false if no event can start a chain.
func (l *lane) eligible(p *plan) (s span, ok bool) {
	for i, t := range l.ts {
		if p.starts.contains(t) && l.starts(p, i) {
			if p.firstEntry {
				return span{t, t}, true
			}
			return span{t, p.starts.hi}, true
		}
	}
	return span{}, false
}

// from returns the first event at or after a time.
func (l *lane) from(t int64) int {
	if len(l.ts) == 0 || l.ts[0] >= t {
		return 0
	}
	return sort.Search(len(l.ts), func(i int) bool { return l.ts[i] >= t })
}

// firstAfter returns the index of the first time later than t in a sorted list.
func firstAfter(times []int64, t int64) int {
	return sort.Search(len(times), func(i int) bool { return times[i] > t })
}

// excludes reports whether an exclusion event lies after a time.
func (l *lane) excludes(t int64) bool {
	for _, times := range l.excluded {
		if n := len(times); n > 0 && times[n-1] > t {
			return true
		}
	}
	return false
}

// unionOf collects the steps that some of the events lo ≤ i < hi may serve.
func (l *lane) unionOf(dst []uint64, lo, hi int) []uint64 {
	clear(dst)
	for i := lo; i < hi; i++ {
		union(dst, l.mask(i))
	}
	return dst
}

// repeatsOf collects the steps of which every visible event lo ≤ i < hi is a repeat.
func (l *lane) repeatsOf(dst []uint64, lo, hi int) {
	for w := range dst {
		dst[w] = math.MaxUint64
	}
	for i := lo; i < hi; i++ {
		if l.visible[i] {
			intersect(dst, l.repeats(i))
		}
	}
}

// servesAfter reports whether an event from a time on, or within the tolerance before, may serve a step.
func (l *lane) servesAfter(step int, t int64, tolerance uint64) bool {
	for i := len(l.ts) - 1; i >= 0 && within(l.ts[i], t, tolerance); i-- {
		if hasBit(l.mask(i), step) {
			return true
		}
	}
	return false
}
