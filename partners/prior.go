package partners

import (
	"fmt"
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// Prior is the gamma distribution of acquisitions per unit of cost over partners. Nil with a Reason:
// no_acquisitions, or no_overdispersion when the partners differ no more than chance makes them.
type Prior struct {
	Shape, Rate, LogLikelihood *float64
	Reason                     string
}

// maxShape is the shape beyond which partners count as alike: at 10⁵ their true rates spread by 0.3 %.
const maxShape = 1e5

// FitGammaPoisson fits the prior by maximum likelihood of the negative binomial with exposure = cost.
//
//	ln L = Σ lnΓ(a + n) − lnΓ(a) − ln n! + a ln(b/(b + c)) + n ln(c/(b + c))
//
// For each shape a the best rate b solves Σ (n + a)·b/(b + c) = k·a, whose left side grows with b, and
// the profile over ln a is searched by golden sections from a scan, since it may have a flat shoulder.
// Whole counts and costs above 0; everything else wraps ErrInput.
// Checked against: scipy 1.17.1, nbinom.logpmf maximised by Nelder-Mead, by the conformance cases.
func FitGammaPoisson(cost []float64, n []int64) (Prior, error) {
	if len(cost) != len(n) || len(n) == 0 {
		return Prior{}, fmt.Errorf("%w: %d costs for %d partners; at least one", ErrInput, len(cost), len(n))
	}
	total := int64(0)
	for i, c := range cost {
		if !(c > 0) || math.IsInf(c, 0) || n[i] < 0 {
			return Prior{}, fmt.Errorf("%w: %d acquisitions for a cost of %v", ErrInput, n[i], c)
		}
		total += n[i]
	}
	if total == 0 {
		return Prior{Reason: referral.ReasonNoAcquisitions}, nil
	}
	profile := func(logShape float64) float64 {
		a := math.Exp(logShape)
		return logLikelihood(a, bestRate(a, cost, n), cost, n)
	}
	lo, hi := math.Log(1e-6), math.Log(10*maxShape)
	const scans = 200
	best, width := lo, (hi-lo)/scans
	for i := range scans + 1 {
		if x := lo + float64(i)*width; profile(x) > profile(best) {
			best = x
		}
	}
	a := math.Exp(stats.Peak(profile, best-width, best+width, 1e-10))
	if a > maxShape {
		return Prior{Reason: stats.ReasonNoOverdispersion}, nil
	}
	b := bestRate(a, cost, n)
	ll := logLikelihood(a, b, cost, n)
	return Prior{Shape: &a, Rate: &b, LogLikelihood: &ll}, nil
}

// bestRate solves the score equation of the rate by bisection on its logarithm.
func bestRate(a float64, cost []float64, n []int64) float64 {
	excess := func(b float64) float64 {
		sum := 0.0
		for i, c := range cost {
			sum += (float64(n[i])+a)*b/(b+c) - a
		}
		return sum
	}
	lo, hi := -700.0, 700.0
	for range 200 {
		if mid := (lo + hi) / 2; excess(math.Exp(mid)) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Exp((lo + hi) / 2)
}

func logLikelihood(a, b float64, cost []float64, n []int64) float64 {
	sum := 0.0
	gamma := func(x float64) float64 {
		v, _ := math.Lgamma(x)
		return v
	}
	for i, c := range cost {
		k := float64(n[i])
		sum += gamma(a+k) - gamma(a) - gamma(k+1) - a*math.Log1p(c/b)
		if k > 0 {
			sum -= k * math.Log1p(b/c)
		}
	}
	return sum
}
