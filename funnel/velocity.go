package funnel

import (
	"slices"
	"sync"

	"vouch/internal/stats"
	"vouch/referral"
)

// quantiles are the shares whose times are read off a curve.
var quantiles = []struct {
	key   string
	share float64
}{{"0.5", 0.5}, {"0.9", 0.9}}

// noVelocity has every key and knows no time.
func noVelocity() Quantiles {
	out := Quantiles{}
	for _, q := range quantiles {
		out[q.key] = nil
	}
	return out
}

// velocity reads a curve of times in microseconds: when a share of all has arrived, and when that share of
// those has who arrive within the window.
//
//	all: the smallest t with 1 − S(t) ≥ q,   converting: the smallest t with 1 − S(t) ≥ q·(1 − S(end))
//
// Open windows are censored, not dropped: the mean or median of those who have arrived so far is too short
// while others are under way. The second needs somebody who was watched for the whole window; else the end of the
// curve is not known. Units: seconds.
func velocity(l stats.SortedLifetimes, watched bool) (all, converting Quantiles) {
	all, converting = noVelocity(), noVelocity()
	arrived := 0.0
	for s := range l.Steps {
		arrived = 1 - s.Survival
	}
	if arrived == 0 {
		return all, converting
	}
	for _, q := range quantiles {
		if at, ok := reaching(l, q.share, arrived); ok {
			all[q.key] = referral.Float(at / 1e6)
		}
		if at, ok := reaching(l, q.share*arrived, arrived); ok && watched {
			converting[q.key] = referral.Float(at / 1e6)
		}
	}
	return all, converting
}

// reaching is the first time by which the share has arrived, up to rounding, if so many ever do.
func reaching(l stats.SortedLifetimes, share, arrived float64) (at float64, ok bool) {
	const rounding = 1e-12
	if share > arrived+rounding {
		return 0, false
	}
	for s := range l.Steps {
		if s.Survival <= 1-share+rounding {
			return s.Time, true
		}
	}
	return 0, false
}

// stepVelocities sets the times of every required step from the one before it. Whoever reached that one and not the
// step was watched until the window or the data ended.
func (t *tally) stepVelocities(q *query, steps []StepResult) {
	var wg sync.WaitGroup
	defer wg.Wait()
	for i := 1; i < len(steps); i++ {
		if q.plan.steps[i].optional {
			continue
		}
		s := &steps[i]
		s.Velocity, s.VelocityConverting = noVelocity(), noVelocity()
		if q.censor {
			wg.Go(func() {
				s.Velocity, s.VelocityConverting = velocity(stats.SortedLifetimes{Events: t.durations[i], Censored: t.waits[i]}, t.cens.matured > 0)
			})
		}
	}
}

// lists are the lists of times that the tally holds, those of groups left out.
func (t *tally) lists() []*[]int64 {
	out := []*[]int64{&t.total, &t.cens.events, &t.cens.censored}
	for i := range t.durations {
		out = append(out, &t.durations[i], &t.waits[i])
	}
	return out
}

// gather joins the lists of the tallies that were added, each once and at its final length.
func (t *tally) gather() {
	var parts [][]*[]int64
	for _, o := range t.parts {
		parts = append(parts, o.lists())
	}
	for i, list := range t.lists() {
		n := len(*list)
		for _, p := range parts {
			n += len(*p[i])
		}
		all := append(make([]int64, 0, n), *list...)
		for _, p := range parts {
			all = append(all, *p[i]...)
			*p[i] = nil
		}
		*list = all
	}
	t.parts = nil
}

// sort puts all times in order, once for every view that reads them, the lists side by side.
func (t *tally) sort() {
	var wg sync.WaitGroup
	for _, list := range t.lists() {
		wg.Go(func() { sortTimes(*list) })
	}
	wg.Wait()
	for _, g := range t.groups {
		sortTimes(g.cens.events)
		sortTimes(g.cens.censored)
	}
}

// sortTimes sorts numbers that are not negative, by their digits where there are many: a project has
// millions of durations, and none is longer than its windows.
func sortTimes(v []int64) {
	const bits, few = 11, 1 << 9
	if len(v) < few {
		slices.Sort(v)
		return
	}
	most := slices.Max(v)
	counts := make([][1 << bits]int, (63+bits)/bits)
	for _, x := range v {
		for i := 0; most>>(i*bits) > 0; i++ {
			counts[i][x>>(i*bits)&(1<<bits-1)]++
		}
	}
	from, to := v, make([]int64, len(v))
	for shift := 0; most>>shift > 0; shift += bits {
		at, sum := &counts[shift/bits], 0
		for d, n := range at {
			at[d], sum = sum, sum+n
		}
		for _, x := range from {
			d := x >> shift & (1<<bits - 1)
			to[at[d]] = x
			at[d]++
		}
		from, to = to, from
	}
	copy(v, from)
}
