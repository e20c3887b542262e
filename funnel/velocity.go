package funnel

import (
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
func velocity(curve *stats.ProductLimit, watched bool) (all, converting Quantiles) {
	const rounding = 1e-12
	all, converting = noVelocity(), noVelocity()
	end := curve.End()
	if len(end.Steps) == 0 {
		return all, converting
	}
	arrived := 1 - end.Steps[0].Survival
	for _, q := range quantiles {
		if at, ok := curve.Reaching(q.share, rounding); ok {
			all[q.key] = referral.Float(float64(at) / 1e6)
		}
		if at, ok := curve.Reaching(q.share*arrived, rounding); ok && watched {
			converting[q.key] = referral.Float(float64(at) / 1e6)
		}
	}
	return all, converting
}

// stepVelocities sets the times of every required step from the one before it. Whoever reached that one and not the
// step was watched until the window or the data ended.
func (t *tally) stepVelocities(q *query, times *sortedLists, steps []StepResult) {
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
				l := stats.SortedLifetimes{Events: times.durations[i], Censored: times.waits[i], Lost: t.watched[i], End: windowTime(q.plan)}
				s.Velocity, s.VelocityConverting = velocity(l.ProductLimit(), t.cens.matured > 0)
			})
		}
	}
}
