package stats

import "sort"

// SortedLifetimes are the lifetimes of many units as two sorted lists of times: those that ended with the
// event and those censored, and Lost more that were watched without it until End, which is not before any
// other time.
type SortedLifetimes struct {
	Events, Censored []int64
	Lost, End        int64
}

// ProductLimit is the Kaplan–Meier curve of lifetimes, read without a step for each event.
type ProductLimit struct {
	l    SortedLifetimes
	last SurvivalStep
	// marks are stretches of the curve, so far apart that there are few, and never further than markEvery
	// lifetimes.
	marks []stretch
}

// markEvery is the number of lifetimes after which a stretch is kept to begin from.
const markEvery = 1 << 12

// stretch is a part of the curve in which nobody is censored. There the product of the curve telescopes, and so does
// Greenwood's sum: of r units at risk, after k events
//
//	S = S₀·(r−k)/r,   Σ d/(r(r−d)) = k/(r(r−k))
type stretch struct {
	event, censored  int // the first event in it or later, the censored lifetime it ends with
	atRisk           int64
	survival, hazard float64 // before it
}

// ProductLimit returns the curve.
// Checked against: KaplanMeier, in lifetimes_test.go.
func (l SortedLifetimes) ProductLimit() *ProductLimit {
	c := &ProductLimit{l: l, last: SurvivalStep{Survival: 1}}
	at, marked := stretch{atRisk: l.n(), survival: 1}, -markEvery
	for at.event < len(l.Events) {
		if at.event+at.censored-marked >= markEvery {
			c.marks, marked = append(c.marks, at), at.event+at.censored
		}
		at = l.after(at, l.to(at))
	}
	if n := len(l.Events); n > 0 {
		c.last = SurvivalStep{Time: float64(l.Events[n-1]), Survival: at.survival, Hazard: at.hazard}
	}
	return c
}

func (l SortedLifetimes) n() int64 { return int64(len(l.Events)) + int64(len(l.Censored)) + l.Lost }

// to is the first event after a stretch.
func (l SortedLifetimes) to(s stretch) int {
	if s.censored == len(l.Censored) {
		return len(l.Events)
	}
	until, i := l.Censored[s.censored], s.event
	for i < len(l.Events) && l.Events[i] <= until {
		i++
	}
	return i
}

// after is the stretch that follows one which ends before an event.
func (l SortedLifetimes) after(s stretch, to int) stretch {
	if k := int64(to - s.event); k > 0 {
		r, d := float64(s.atRisk), float64(k)
		s.survival *= (r - d) / r
		s.hazard += d / (r * (r - d))
		s.atRisk -= k
	}
	s.event, s.censored = to, s.censored+1
	s.atRisk--
	return s
}

// End is the curve from its last step on: with that step alone, if there is one.
func (c *ProductLimit) End() SurvivalCurve {
	out := SurvivalCurve{N: c.l.n()}
	if len(c.l.Events) > 0 {
		out.Steps = []SurvivalStep{c.last}
	}
	for _, times := range [][]int64{c.l.Events, c.l.Censored} {
		if n := len(times); n > 0 {
			out.Last = max(out.Last, float64(times[n-1]))
		}
	}
	if c.l.Lost > 0 {
		out.Last = max(out.Last, float64(c.l.End))
	}
	return out
}

// Reaching returns the first time by which at least the share q of all units have had the event, the smallest t with
// 1 − S(t) ≥ q up to the given rounding. ok is false if the curve never falls that far.
// Checked against: the steps of KaplanMeier, in lifetimes_test.go.
func (c *ProductLimit) Reaching(q, rounding float64) (t int64, ok bool) {
	target := 1 - q + rounding
	if len(c.l.Events) == 0 || c.last.Survival > target {
		return 0, false
	}
	i := sort.Search(len(c.marks), func(i int) bool { return c.marks[i].survival <= target })
	if i == 0 { // nobody needs to have had it
		return c.l.Events[0], true
	}
	for at := c.marks[i-1]; at.event < len(c.l.Events); {
		to := c.l.to(at)
		r := float64(at.atRisk)
		k := sort.Search(to-at.event, func(k int) bool { return at.survival*((r-float64(k+1))/r) <= target })
		if at.event+k < to {
			return c.l.Events[at.event+k], true
		}
		at = c.l.after(at, to)
	}
	return c.l.Events[len(c.l.Events)-1], true
}
