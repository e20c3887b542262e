package funnel

import (
	"fmt"
	"slices"

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
func velocity(curve stats.SurvivalCurve, watched bool) (all, converting Quantiles) {
	all, converting = noVelocity(), noVelocity()
	if len(curve.Steps) == 0 {
		return all, converting
	}
	arrived := 1 - curve.Steps[len(curve.Steps)-1].Survival
	for _, q := range quantiles {
		if t, ok := curve.Quantile(q.share); ok {
			all[q.key] = referral.Float(t / 1e6)
		}
		if !watched {
			continue
		}
		if t, ok := curve.Quantile(q.share * arrived); ok {
			converting[q.key] = referral.Float(t / 1e6)
		}
	}
	return all, converting
}

// stepVelocities sets the times of every required step from the one before it. Whoever reached that one and not the
// step was watched until the window or the data ended.
func (t *tally) stepVelocities(q *query, steps []StepResult) error {
	for i := 1; i < len(steps); i++ {
		if q.plan.steps[i].optional {
			continue
		}
		s := &steps[i]
		s.Velocity, s.VelocityConverting = noVelocity(), noVelocity()
		if !q.censor || len(t.durations[i])+len(t.waits[i]) == 0 {
			continue
		}
		curve, err := survival(t.durations[i], t.waits[i], 0, 0)
		if err != nil {
			return fmt.Errorf("time to %s: %w", s.Name, err)
		}
		s.Velocity, s.VelocityConverting = velocity(curve, t.cens.matured > 0)
	}
	return nil
}

// survival is the curve of sorted times to an event and sorted times at which watching ended without one;
// lost more were watched until the given end.
func survival(events, censored []int64, lost int64, end uint64) (stats.SurvivalCurve, error) {
	lives := make([]stats.Lifetime, 0, len(events)+len(censored)+1)
	for len(events) > 0 || len(censored) > 0 {
		var l stats.Lifetime
		if len(censored) == 0 || len(events) > 0 && events[0] <= censored[0] {
			l = stats.Lifetime{Time: float64(events[0]), Events: 1}
			events = events[1:]
		} else {
			l = stats.Lifetime{Time: float64(censored[0]), Censored: 1}
			censored = censored[1:]
		}
		lives = append(lives, l)
	}
	if lost > 0 {
		lives = append(lives, stats.Lifetime{Time: float64(end), Censored: lost})
	}
	return stats.KaplanMeier(lives)
}

// sort puts all times in order, once for every view that reads them.
func (t *tally) sort() {
	for i := range t.durations {
		sortTimes(t.durations[i])
		sortTimes(t.waits[i])
	}
	sortTimes(t.total)
	t.cens.sort()
	for _, g := range t.groups {
		g.cens.sort()
	}
}

func (c *censorTally) sort() {
	sortTimes(c.events)
	sortTimes(c.censored)
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
	from, to := v, make([]int64, len(v))
	for shift := 0; most>>shift > 0; shift += bits {
		var at [1 << bits]int
		for _, x := range from {
			at[x>>shift&(1<<bits-1)]++
		}
		sum := 0
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
