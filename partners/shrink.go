package partners

import (
	"fmt"
	"math"

	"vouch/internal/stats"
)

// GammaPoisson returns acquisitions per unit of cost under a gamma prior of the given shape and rate.
//
//	(a + n)/(b + c),   pool weight b/(b + c),   limits: quantiles of the gamma(a + n, rate b + c)
//
// n may be a fraction and c may be 0: a partner without spend has the pool's rate. Its inverse is a
// CPA that exists without an acquisition. Errors wrap ErrInput.
// Checked against: scipy 1.17.1, stats.gamma.ppf, by the conformance cases.
func GammaPoisson(shape, rate, cost, n, level float64) (stats.Shrunk, error) {
	if !(shape > 0 && rate > 0 && cost >= 0 && n >= 0) || math.IsInf(shape+rate+cost+n, 0) || !(level > 0 && level < 1) {
		return stats.Shrunk{}, fmt.Errorf("%w: prior (%v, %v), %v acquisitions for a cost of %v at level %v", ErrInput, shape, rate, n, cost, level)
	}
	return stats.Shrunk{
		Value: (shape + n) / (rate + cost), PoolWeight: rate / (rate + cost),
		Lower: stats.GammaQuantile((1-level)/2, shape+n) / (rate + cost),
		Upper: stats.GammaQuantile((1+level)/2, shape+n) / (rate + cost),
	}, nil
}

// JamesStein shrinks at least four rates of equal trials towards their mean.
//
//	estimate = m + f (y − m),   f = max(0, 1 − (k − 3) m(1 − m)/n / Σ(y − m)²), 0 without spread
//
// Source: Efron and Morris (1977), Scientific American 236(5), 119–127, whose baseball table checks it.
func JamesStein(successes []int64, trials int64) (mean, factor float64, estimates []float64, err error) {
	k := float64(len(successes))
	if len(successes) < 4 || trials < 1 {
		return 0, 0, nil, fmt.Errorf("%w: %d rates of %d trials; at least four of at least one", ErrInput, len(successes), trials)
	}
	n := float64(trials)
	y := make([]float64, len(successes))
	for i, s := range successes {
		if s < 0 || s > trials {
			return 0, 0, nil, fmt.Errorf("%w: %d successes of %d", ErrInput, s, trials)
		}
		y[i] = float64(s) / n
	}
	mean = stats.Sum(y) / k
	spread := 0.0
	for _, x := range y {
		spread += (x - mean) * (x - mean)
	}
	if spread > 0 {
		factor = max(0, 1-(k-3)*mean*(1-mean)/n/spread)
	}
	estimates = make([]float64, len(y))
	for i, x := range y {
		estimates[i] = mean + factor*(x-mean)
	}
	return mean, factor, estimates, nil
}

// Pooled is a random-effects pool of estimates with known errors.
type Pooled struct {
	Tau2       float64 // variance between partners
	Mean       float64
	OwnWeight  []float64 // τ²/(τ² + se²)
	Posteriors []float64 // own weight on the own estimate, the rest on the mean
}

// PoolNormal shrinks estimates with standard errors towards their pooled mean.
//
//	τ² = max(0, (Q − (k − 1))/(Σw − Σw²/Σw)),  w = 1/se²,  Q = Σ w (x − x̄_w)²
//
// and the mean weighs by 1/(se² + τ²). Two estimates at least, errors above 0, else ErrInput.
// Source: DerSimonian and Laird (1986), Controlled Clinical Trials 7, 177–188.
func PoolNormal(estimates, se []float64) (Pooled, error) {
	if len(estimates) != len(se) || len(se) < 2 {
		return Pooled{}, fmt.Errorf("%w: %d estimates with %d errors; at least two of both", ErrInput, len(estimates), len(se))
	}
	for i, s := range se {
		if !(s > 0) || math.IsInf(s, 0) || math.IsNaN(estimates[i]) || math.IsInf(estimates[i], 0) {
			return Pooled{}, fmt.Errorf("%w: estimate %v with error %v", ErrInput, estimates[i], s)
		}
	}
	weigh := func(tau2 float64) (w []float64, mean float64) {
		sum, total := 0.0, 0.0
		w = make([]float64, len(se))
		for i, s := range se {
			w[i] = 1 / (s*s + tau2)
			sum += w[i]
			total += w[i] * estimates[i]
		}
		return w, total / sum
	}
	w, mean := weigh(0)
	q, sum, squares := 0.0, 0.0, 0.0
	for i, x := range estimates {
		q += w[i] * (x - mean) * (x - mean)
		sum += w[i]
		squares += w[i] * w[i]
	}
	out := Pooled{Tau2: max(0, (q-float64(len(se)-1))/(sum-squares/sum))}
	_, out.Mean = weigh(out.Tau2)
	for i, x := range estimates {
		own := out.Tau2 / (out.Tau2 + se[i]*se[i])
		out.OwnWeight = append(out.OwnWeight, own)
		out.Posteriors = append(out.Posteriors, own*x+(1-own)*out.Mean)
	}
	return out, nil
}
