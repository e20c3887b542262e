package stats

import (
	"math/bits"
	"slices"
	"sort"
)

// Lifetimes are the lifetimes of many units: the times of those that ended with the event, in any order and in
// pieces, the ascending times of those censored, and Lost more that were watched without the event until End. No time is
// negative. Times beyond End are allowed for, at the cost of a list of those lost.
type Lifetimes struct {
	Events    [][]int64
	Censored  []int64
	Lost, End int64
}

// ProductLimit is the Kaplan–Meier curve of lifetimes, read without putting the events in order: between two censored
// times the product of the curve telescopes, and so does Greenwood's sum, so that only the number of the events there
// matters. Of r units at risk, after k events
//
//	S = S₀·(r−k)/r,   Σ d/(r(r−d)) = k/(r(r−k))
type ProductLimit struct {
	l        Lifetimes
	events   []int32 // before or at each censored time, and after the time before it; the last: after all of them
	n        int64   // events
	last     int64   // the last of them
	survival float64 // at the end
	hazard   float64
	marks    []stretch // some of the stretches, so that none is far from one
}

// markEvery is the number of stretches after which one is kept to begin from.
const markEvery = 1 << 10

// mostBits bounds the table of censored times: it should lie in a near cache.
const mostBits = 17

// stretch is a part of the curve that ends with a censored lifetime.
type stretch struct {
	number           int
	before           int64 // events
	atRisk           int64
	survival, hazard float64 // before it
}

// ProductLimit returns the curve.
// Checked against: KaplanMeier, in lifetimes_test.go.
func (l Lifetimes) ProductLimit() *ProductLimit {
	c := &ProductLimit{l: l, events: make([]int32, len(l.Censored)+1)}
	c.count()
	if n := len(l.Censored); l.Lost > 0 && (c.last > l.End || n > 0 && l.Censored[n-1] > l.End) {
		return l.inPlace().ProductLimit() // those lost are not at risk to the end
	}
	at := c.first()
	for range c.events {
		if at.number%markEvery == 0 {
			c.marks = append(c.marks, at)
		}
		at = c.after(at)
	}
	c.survival, c.hazard = at.survival, at.hazard
	return c
}

// inPlace puts those lost among the censored.
func (l Lifetimes) inPlace() Lifetimes {
	at, _ := slices.BinarySearch(l.Censored, l.End)
	l.Censored = slices.Concat(l.Censored[:at], slices.Repeat([]int64{l.End}, int(l.Lost)), l.Censored[at:])
	l.Lost = 0
	return l
}

// count counts the events of each stretch. A table by the highest bits of a time tells where to look for it among the
// censored.
func (c *ProductLimit) count() {
	censored, m := c.l.Censored, len(c.l.Censored)
	var shift int
	var first []int32 // by those bits: the first censored time that has them, or higher ones
	if m > 0 {
		shift = max(0, bits.Len64(uint64(censored[m-1]))-min(mostBits, bits.Len(uint(m))+1))
		first = make([]int32, censored[m-1]>>shift+2)
		j := 0
		for b := range first {
			for j < m && censored[j]>>shift < int64(b) {
				j++
			}
			first[b] = int32(j)
		}
	}
	for _, piece := range c.l.Events {
		c.n += int64(len(piece))
		for _, t := range piece {
			c.last = max(c.last, t)
			b := uint64(t) >> (shift & 63)
			if b+1 >= uint64(len(first)) {
				c.events[m]++
				continue
			}
			lo, hi := first[b], first[b+1]
			for hi-lo > 8 {
				if mid := (lo + hi) / 2; censored[mid] < t {
					lo = mid + 1
				} else {
					hi = mid
				}
			}
			for lo < hi && censored[lo] < t {
				lo++
			}
			c.events[lo]++
		}
	}
}

func (c *ProductLimit) first() stretch { return stretch{atRisk: c.units(), survival: 1} }

func (c *ProductLimit) units() int64 { return c.n + int64(len(c.l.Censored)) + c.l.Lost }

// after is the next stretch.
func (c *ProductLimit) after(s stretch) stretch {
	if k := int64(c.events[s.number]); k > 0 {
		r, d := float64(s.atRisk), float64(k)
		s.survival *= (r - d) / r
		s.hazard += d / (r * (r - d))
		s.atRisk -= k
		s.before += k
	}
	s.number++
	s.atRisk--
	return s
}

// End is the curve from its last step on: with that step alone, if there is one.
func (c *ProductLimit) End() SurvivalCurve {
	out := SurvivalCurve{N: c.units(), Last: float64(c.last)}
	if c.n > 0 {
		out.Steps = []SurvivalStep{{Time: float64(c.last), Survival: c.survival, Hazard: c.hazard}}
	}
	if n := len(c.l.Censored); n > 0 {
		out.Last = max(out.Last, float64(c.l.Censored[n-1]))
	}
	if c.l.Lost > 0 {
		out.Last = max(out.Last, float64(c.l.End))
	}
	return out
}

// Reaching returns the number, from 0 and in order of time, of the event by which at least the share q of all units have
// had one: the first with 1 − S(t) ≥ q up to the given rounding. ok is false if the curve never falls that far.
// Checked against: the steps of KaplanMeier, in lifetimes_test.go.
func (c *ProductLimit) Reaching(q, rounding float64) (event int64, ok bool) {
	target := 1 - q + rounding
	if c.n == 0 || c.survival > target {
		return 0, false
	}
	i := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].survival <= target })
	if i == 0 { // nobody needs to have had it
		return 0, true
	}
	for at := c.marks[i-1]; at.number < len(c.events); at = c.after(at) {
		n, r := int(c.events[at.number]), float64(at.atRisk)
		k := sort.Search(n, func(k int) bool { return at.survival*((r-float64(k+1))/r) <= target })
		if k < n {
			return at.before + int64(k), true
		}
	}
	return c.n - 1, true
}

// OrderStatistics returns the numbers at some places, from 0 and none beyond, of the ascending order of others, which are given in
// any order and in pieces and are not negative. It puts only those in order that share their highest bits
// with one that is asked for.
// Checked against: sorting, in lifetimes_test.go.
func OrderStatistics(pieces [][]int64, places []int64) []int64 {
	const width = 12
	if len(places) == 0 {
		return nil
	}
	all, n := int64(0), 0
	for _, p := range pieces {
		n += len(p)
		for _, x := range p {
			all |= x
		}
	}
	out := make([]int64, len(places))
	if n < 1<<width {
		list := slices.Concat(pieces...)
		slices.Sort(list)
		for i, place := range places {
			out[i] = list[place]
		}
		return out
	}
	shift := max(0, bits.Len64(uint64(all))-width) & 63
	var counts [1 << width]int64
	for _, p := range pieces {
		for _, x := range p {
			counts[uint64(x)>>shift%(1<<width)]++
		}
	}
	var wanted [1 << width]bool
	bucket, within := make([]int, len(places)), make([]int64, len(places))
	for i, place := range places {
		b := 0
		for ; place >= counts[b]; b++ {
			place -= counts[b]
		}
		bucket[i], within[i], wanted[b] = b, place, true
	}
	kept := map[int][]int64{}
	for b := range wanted {
		if wanted[b] {
			kept[b] = make([]int64, 0, counts[b])
		}
	}
	for _, p := range pieces {
		for _, x := range p {
			if b := uint64(x) >> shift % (1 << width); wanted[b] {
				kept[int(b)] = append(kept[int(b)], x)
			}
		}
	}
	for _, list := range kept {
		slices.Sort(list)
	}
	for i := range places {
		out[i] = kept[bucket[i]][within[i]]
	}
	return out
}
