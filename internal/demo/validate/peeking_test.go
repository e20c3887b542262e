package validate

import (
	"fmt"
	"math"
	"math/rand/v2"

	"vouch/internal/stats"
)

const (
	peeks       = 60 // a look a day for two months
	unitsAPeek  = 40 // per arm
	plannedEnd  = 2 * peeks * unitsAPeek
	mixingUnits = 10_000 // the mixing variance expects effects of σ/√mixingUnits
)

// watch draws two arms without a difference and reads them at every look until the rule stops; it reports whether it did.
func watch(r *rand.Rand, one func(r *rand.Rand) float64, stops func(look int, c, t stats.Moments) (bool, error)) (bool, error) {
	var c, t stats.Moments
	for look := range peeks {
		c, t = stats.MergeMoments(c, sample(r, unitsAPeek, 0, one)), stats.MergeMoments(t, sample(r, unitsAPeek, 0, one))
		if stop, err := stops(look, c, t); stop || err != nil {
			return stop, err
		}
	}
	return false, nil
}

// peekingClaims look sixty times at experiments without an effect.
func peekingClaims() ([]claim, error) {
	naive := func(_ int, c, t stats.Moments) (bool, error) {
		w, err := stats.Welch(c, t, Level, stats.TwoSided)
		return rejects(w.PValue), err
	}
	sequence := func(_ int, c, t stats.Moments) (bool, error) {
		s, err := stats.AsymptoticSequence(c, t, Level, plannedEnd, false, stats.TwoSided)
		return rejects(s.PValue), err
	}
	mixture := func(_ int, c, t stats.Moments) (bool, error) {
		w, err := stats.Welch(c, t, Level, stats.TwoSided)
		if err != nil || w.Statistic == nil {
			return false, err
		}
		variance := *w.SE * *w.SE * float64(c.N)
		l, err := stats.MSPRT(*w.Statistic, c.N, variance, variance*2/mixingUnits)
		return rejects(l.PValue), err
	}
	var out []claim
	for _, o := range outcomes[1:] {
		for _, x := range []struct {
			name  string
			rate  float64
			below float64
			above float64
			stops func(look int, c, t stats.Moments) (bool, error)
		}{
			{"not used: fixed-horizon test at every look", 0.33, 0.03, 0.03, naive},
			{"confidence sequence", alpha, free, 0, sequence},
			{"mixture ratio (mSPRT)", alpha, free, 0, mixture},
		} {
			out = append(out, claim{what: fmt.Sprintf("%s, %d looks, %s", x.name, peeks, o.name), rate: x.rate, below: x.below, above: x.above, share: 0.3, draw: func(r *rand.Rand) (bool, error) {
				return watch(r, o.one, x.stops)
			}})
		}
	}
	out = append(out, claim{what: fmt.Sprintf("confidence sequence holds the effect at all %d looks, exponential", peeks), rate: Level, above: free, share: 0.3, draw: func(r *rand.Rand) (bool, error) {
		missed, err := watch(r, outcomes[1].one, func(_ int, c, t stats.Moments) (bool, error) {
			t.Mean++
			s, err := stats.AsymptoticSequence(c, t, Level, plannedEnd, false, stats.TwoSided)
			return !holds(s.Lower, s.Upper, 1), err
		})
		return !missed, err
	}})
	out = append(out, claim{what: "beta-binomial confidence sequence, share 0.3, all of 1,000 trials", rate: Level, above: free, exact: func() (float64, error) { return shareSequence(0.3, 1000) }})
	staged, err := boundaryClaims()
	return append(out, staged...), err
}

// boundaryClaims are spending boundaries at their looks, which need not be equally spaced.
func boundaryClaims() ([]claim, error) {
	kd, err := stats.KimDeMets(alpha/2, 2)
	if err != nil {
		return nil, err
	}
	hsd, err := stats.HwangShihDeCani(alpha/2, -2)
	if err != nil {
		return nil, err
	}
	var out []claim
	for _, x := range []struct {
		name     string
		spending stats.Spending
	}{{"O'Brien–Fleming", stats.LanDeMetsOBrienFleming(alpha / 2)}, {"Pocock", stats.LanDeMetsPocock(alpha / 2)}, {"Kim–DeMets", kd}, {"Hwang–Shih–DeCani", hsd}} {
		looks := []int{11, 23, 29, 47, 59} // of the sixty days, from 0
		var information []float64
		for _, l := range looks {
			information = append(information, float64(l+1)/peeks)
		}
		b, err := x.spending.Boundary(information, 2)
		if err != nil {
			return nil, err
		}
		out = append(out, claim{what: "spending by " + x.name + ", five unequal looks, exponential", rate: alpha, above: 0.005, share: 0.3, draw: func(r *rand.Rand) (bool, error) {
			return watch(r, outcomes[1].one, func(look int, c, t stats.Moments) (bool, error) {
				for k, l := range looks {
					if l == look && b.Critical[k] != nil {
						w, err := stats.Welch(c, t, Level, stats.TwoSided)
						return err == nil && math.Abs(*w.Statistic) >= *b.Critical[k], err
					}
				}
				return false, nil
			})
		}})
	}
	return out, nil
}

// shareSequence is the exact probability that a confidence sequence holds the share at every number of trials up to n:
// paths that have left it are dropped.
func shareSequence(p float64, n int) (float64, error) {
	alive := []float64{1}
	for trials := 1; trials <= n; trials++ {
		next := make([]float64, trials+1)
		for k, w := range alive {
			next[k] += w * (1 - p)
			next[k+1] += w * p
		}
		for k, w := range next {
			if w < 1e-300 {
				continue
			}
			lo, hi, err := stats.BetaBinomialSequence(int64(k), int64(trials), Level, 300)
			if err != nil {
				return 0, err
			}
			if p < lo || p > hi {
				next[k] = 0
			}
		}
		alive = next
	}
	return stats.Sum(alive), nil
}
