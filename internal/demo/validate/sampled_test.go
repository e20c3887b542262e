package validate

import (
	"fmt"
	"math"
	"math/rand/v2"

	"vouch/internal/stats"
)

// meanClaims are the intervals of means, lifts and adjusted means over draws.
func meanClaims() []claim {
	var out []claim
	for _, o := range outcomes {
		for _, n := range [][2]int{{20, 20}, {400, 150}} {
			rough := 0.0
			if o.name != "normal" { // skew values in few units: the central limit has not set in
				rough = map[int]float64{20: 0.08, 400: 0.02}[n[0]]
			}
			out = append(out, claim{
				what: fmt.Sprintf("Welch, %s, %d and %d units", o.name, n[0], n[1]), rate: Level, below: rough, above: rough / 4,
				draw: func(r *rand.Rand) (bool, error) {
					w, err := stats.Welch(sample(r, n[0], 0, o.one), sample(r, n[1], 3, o.one), Level, stats.TwoSided)
					return holds(w.Lower, w.Upper, 3), err
				},
			})
			out = append(out, claim{
				what: fmt.Sprintf("Fieller, lift, %s, %d and %d units", o.name, n[0], n[1]), rate: Level, below: rough, above: 0.02 + rough/2,
				draw: func(r *rand.Rand) (bool, error) {
					l, err := stats.LiftFieller(sample(r, n[0], 0, o.one), sample(r, n[1], 3, o.one), Level)
					return holds(l.Lower, l.Upper, 0.3), err
				},
			})
		}
	}
	near := func(r *rand.Rand) float64 { return 0.5 + 5*r.NormFloat64() } // a control so near 0 that most lifts are unbounded
	return append(out,
		claim{what: "Fieller, lift on a control near 0, 50 and 50 units", rate: Level, above: free, draw: func(r *rand.Rand) (bool, error) {
			l, err := stats.LiftFieller(sample(r, 50, 0, near), sample(r, 50, 1, near), Level)
			return holds(l.Lower, l.Upper, 2), err
		}},
		claim{what: "CUPED mean, correlation 0.8, 60 and 40 units", rate: Level, below: 0.01, draw: func(r *rand.Rand) (bool, error) {
			c, err := stats.CompareCuped(covaried(r, 60, 0), covaried(r, 40, 2), nil, Level, stats.TwoSided)
			return holds(c.Lower, c.Upper, 2), err
		}},
		claim{what: "post-stratified mean, three strata, 300 and 300 units", rate: Level, share: 0.5, draw: postStratified},
		claim{what: "Dunnett, three arms of 30 to 90 units, all effects at once", rate: Level, share: 0.1, draw: func(r *rand.Rand) (bool, error) {
			return allHeld(r, 60, []int{30, 60, 90})
		}},
		claim{what: "Dunnett, eleven arms of 40 units, all effects at once", rate: Level, share: 0.1, draw: func(r *rand.Rand) (bool, error) {
			return allHeld(r, 40, []int{40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40})
		}},
		claim{what: "beta-binomial posterior, shares drawn from the prior", rate: Level, draw: func(r *rand.Rand) (bool, error) {
			p := stats.BetaQuantile(r.Float64(), 2, 8)
			s, err := stats.BetaBinomial(2, 8, binomialDraw(r, 30, p), Level)
			return s.Lower <= p && p <= s.Upper, err
		}},
	)
}

// covaried draws units whose value goes with one from before.
func covaried(r *rand.Rand, n int, effect float64) stats.Covaried {
	y, pre := make([]float64, n), make([]float64, n)
	for i := range y {
		pre[i] = r.ExpFloat64() * 4
		y[i] = 10 + pre[i] + 3*r.NormFloat64() + effect
	}
	v, err := stats.CovariedOf(y, pre)
	if err != nil {
		panic(err)
	}
	return v
}

// postStratified draws three strata of very different means with an effect of 1.
func postStratified(r *rand.Rand) (bool, error) {
	var c, t []stats.Moments
	for h := range 3 {
		base := func(r *rand.Rand) float64 { return float64(20*h) + 5*r.NormFloat64() }
		c, t = append(c, sample(r, 100, 0, base)), append(t, sample(r, 100, 1, base))
	}
	p, err := stats.PostStratify(c, t, nil, Level)
	return holds(p.Lower, p.Upper, 1), err
}

// allHeld draws one control and several arms with effects 0, 1, 2 … and asks whether every interval of Dunnett holds.
func allHeld(r *rand.Rand, control int, sizes []int) (bool, error) {
	var arms []stats.Moments
	for i, n := range sizes {
		arms = append(arms, sample(r, n, float64(i), outcomes[0].one))
	}
	d, err := stats.Dunnett(sample(r, control, 0, outcomes[0].one), arms, Level, stats.TwoSided)
	if err != nil {
		return false, err
	}
	for i := range arms {
		if !holds(d.Lower[i], d.Upper[i], float64(i)) {
			return false, nil
		}
	}
	return true, nil
}

// otherClaims are the intervals of ratios, quantiles, times and costs over draws.
func otherClaims() []claim {
	invites := referrers{k: 300, invites: 4, shape: 0.7, icc: 0.15, rate: 0.25}
	return []claim{
		{what: "ratio by delta method, 300 and 300 referrers", rate: Level, below: 0.005, share: 0.5, draw: func(r *rand.Rand) (bool, error) {
			c, err := stats.CompareClusters(invites.draw(r), invites.draw(r), Level, stats.TwoSided)
			return holds(c.Lower, c.Upper, 0), err
		}},
		{what: "lift of a ratio by Fieller, 300 and 300 referrers", rate: Level, below: 0.005, share: 0.5, draw: func(r *rand.Rand) (bool, error) {
			var arms [2]stats.RatioMoments
			for i := range arms {
				c := invites.draw(r)
				m, err := stats.RatioMomentsOf(c.Sums, c.Sizes)
				if err != nil {
					return false, err
				}
				arms[i] = m
			}
			l, err := stats.LiftRatios(arms[0], arms[1], func(c, t stats.Moments) (stats.Lift, error) { return stats.LiftFieller(c, t, Level) })
			return holds(l.Lower, l.Upper, 0), err
		}},
		{what: "CUPED ratio, 300 and 300 referrers", rate: Level, below: 0.005, share: 0.3, draw: func(r *rand.Rand) (bool, error) {
			c, err := stats.CompareCupedRatios(covariedRatio(r, 300), covariedRatio(r, 300), nil, false, Level, stats.TwoSided)
			return holds(c.Lower, c.Upper, 0), err
		}},
		{what: "incremental cost per customer, 800 and 800 units", rate: Level, above: 0.02, share: 0.3, draw: func(r *rand.Rand) (bool, error) {
			i, err := stats.IncrementalCPA(costs(r, 800, 0.1, 2), costs(r, 800, 0.2, 5), Level)
			return holds(i.Lower, i.Upper, (0.2*5+0.3-(0.1*2+0.3))/0.1), err
		}},
		// The interval of an arm between two ranks is a little wide, and so is a difference made of two.
		{what: "median by order statistics, difference, 200 and 200 units", rate: Level, below: 0.01, above: 0.02, share: 0.5, draw: func(r *rand.Rand) (bool, error) {
			c, err := middle(r, 200, 0)
			if err != nil {
				return false, err
			}
			t, err := middle(r, 200, 2)
			if err != nil {
				return false, err
			}
			d, err := stats.CompareLimits(c, t, Level)
			return holds(d.Lower, d.Upper, 2), err
		}},
		{what: "Kaplan–Meier at one time, 150 units, 30 % censored before", rate: Level, below: 0.01, draw: func(r *rand.Rand) (bool, error) {
			k, err := stats.KaplanMeier(lifetimes(r, 150, 1))
			if err != nil {
				return false, err
			}
			lo, hi, ok := k.Interval(0.7, Level)
			truth := math.Exp(-0.7)
			return !ok || lo <= truth && truth <= hi, nil
		}},
		{what: "restricted mean time, 150 and 150 units, censored", rate: Level, below: 0.01, draw: func(r *rand.Rand) (bool, error) {
			const tau = 0.9
			area := func(rate float64) float64 { return -math.Expm1(-rate*tau) / rate }
			d, err := stats.CompareRestrictedMeans(lifetimes(r, 150, 1), lifetimes(r, 150, 2), tau, Level)
			return holds(d.Lower, d.Upper, area(2)-area(1)), err
		}},
	}
}

// covariedRatio draws referrers with invites and conversions of two periods; a referrer keeps the own rate.
func covariedRatio(r *rand.Rand, n int) stats.CovariedRatio {
	var v [4][]float64
	for range n {
		rate := math.Pow(r.Float64(), 2)
		for period := range 2 {
			invited := 1 + math.Floor(r.ExpFloat64()*3)
			v[2*period] = append(v[2*period], float64(binomialDraw(r, int64(invited), rate).Successes))
			v[2*period+1] = append(v[2*period+1], invited)
		}
	}
	c, err := stats.CovariedRatioOf(v[0], v[1], v[2], v[3])
	if err != nil {
		panic(err)
	}
	return c
}

// costs draws units that become customers at a rate and then cost a reward; every unit costs something besides.
func costs(r *rand.Rand, n int, rate, reward float64) stats.RatioMoments {
	cost, customers := make([]float64, n), make([]float64, n)
	for i := range cost {
		cost[i] = 0.3 * r.ExpFloat64()
		if r.Float64() < rate {
			customers[i] = 1
			cost[i] += reward
		}
	}
	m, err := stats.RatioMomentsOf(cost, customers)
	if err != nil {
		panic(err)
	}
	return m
}

// middle is the median of lognormal values with its interval between order statistics.
func middle(r *rand.Rand, n int, shift float64) (stats.Limits, error) {
	values := stats.Sorted(many(r, n, func(r *rand.Rand) float64 { return shift + 10*math.Exp(r.NormFloat64()) }))
	i, err := stats.OrderStatisticInterval(int64(n), 0.5, Level)
	if err != nil {
		return stats.Limits{}, err
	}
	m, err := stats.Quantile(values, 0.5)
	return stats.Limits{Estimate: m, Lower: values[*i.LowerRank-1], Upper: values[*i.UpperRank-1]}, err
}

// lifetimes draws exponential times to the event, watched until a moment between 0 and 3.
func lifetimes(r *rand.Rand, n int, rate float64) []stats.Lifetime {
	out := make([]stats.Lifetime, n)
	for i := range out {
		event, end := r.ExpFloat64()/rate, 3*r.Float64()
		if event <= end {
			out[i] = stats.Lifetime{Time: event, Events: 1}
		} else {
			out[i] = stats.Lifetime{Time: end, Censored: 1}
		}
	}
	return out
}

// testClaims are tests without an interval where there is no effect.
func testClaims() []claim {
	return []claim{
		{what: "log-rank, 80 and 120 units, censored", rate: alpha, above: 0.005, draw: func(r *rand.Rand) (bool, error) {
			t, err := stats.LogRank(lifetimes(r, 80, 1), lifetimes(r, 120, 1))
			return rejects(t.PValue), err
		}},
		{what: "Mann–Whitney, 40 and 60 units", rate: alpha, below: 0.005, draw: func(r *rand.Rand) (bool, error) {
			t, err := stats.MannWhitney(many(r, 40, paying), many(r, 60, paying), stats.TwoSided)
			return rejects(t.PValue), err
		}},
		{what: "Cochran–Mantel–Haenszel, four strata of 60 and 40 units", rate: alpha, above: 0.005, draw: func(r *rand.Rand) (bool, error) {
			var c, t []stats.Counts
			for h := range 4 {
				p := 0.1 + 0.15*float64(h)
				c, t = append(c, binomialDraw(r, 60, p)), append(t, binomialDraw(r, 40, p))
			}
			x, err := stats.CMH(c, t)
			return rejects(x.PValue), err
		}},
		{what: "heterogeneity over four strata of equal effect", rate: alpha, above: 0.005, draw: func(r *rand.Rand) (bool, error) {
			var estimates, errors []float64
			for range 4 {
				w, err := stats.Welch(sample(r, 150, 0, outcomes[0].one), sample(r, 150, 1, outcomes[0].one), Level, stats.TwoSided)
				if err != nil {
					return false, err
				}
				estimates, errors = append(estimates, *w.Estimate), append(errors, *w.SE)
			}
			h, err := stats.Heterogeneity(estimates, errors)
			return rejects(h.PValue), err
		}},
		{what: "sample ratio, chi-square, 3,000 units at 2 : 1 : 1", rate: alpha, draw: func(r *rand.Rand) (bool, error) {
			first := binomialDraw(r, 3000, 0.5).Successes
			second := binomialDraw(r, 3000-first, 0.5).Successes
			s, err := stats.SRM([]int64{first, second, 3000 - first - second}, []float64{2, 1, 1})
			return rejects(s.PValue), err
		}},
		{what: "non-inferiority at its margin, 200 and 200 units", rate: alpha, below: 0.01, above: 0.01, draw: func(r *rand.Rand) (bool, error) {
			n, err := stats.NoninferiorMean(sample(r, 200, 0, outcomes[1].one), sample(r, 200, -2, outcomes[1].one), 2, true, Level)
			return rejects(n.PValue), err
		}},
	}
}
