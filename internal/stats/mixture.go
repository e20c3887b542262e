package stats

import (
	"math"

	"vouch/referral"
)

// Mixture is the evidence of a sum against no drift, averaged over drifts.
type Mixture struct {
	Rho        *float64 `json:"rho"`
	LogMixture *float64 `json:"log_mixture"`
	Bound      *float64 `json:"bound"` // the sum at which the evidence reaches the level
	Reason     string   `json:"reason,omitempty"`
}

// NormalMixture returns the normal mixture supermartingale of a sum s with intrinsic time (variance) v, and
// the uniform boundary of the sum at that time.
//
//	ρ = tuning/(2 ln(1/A) + ln(1 + 2 ln(1/A))), A = a = 1 − level two-sided, 2a one-sided
//	two-sided  ln √(ρ/(v+ρ)) + s²/(2(v+ρ))
//	greater    ln √(4ρ/(v+ρ)) + s²/(2(v+ρ)) + ln Φ(s/√(v+ρ)); less: the same of −s
//	bound      the s at which this is ln(1/a); negative for less
//
// The sum of a process without drift ever crosses the bound with probability at most a.
// A one-sided level of at most one half, a negative v or a tuning that is not positive is ErrInput.
// Source: Howard, Ramdas, McAuliffe, Sekhon (2021), Annals of Statistics 49, 1055–1080, propositions 5 and 6.
// Checked against: mpmath 1.4.1, the same formulas and findroot, in mixture_test.go.
func NormalMixture(s, v, tuning, level float64, alt Alternative) (Mixture, error) {
	alt, err := checkAlternative(alt)
	if err != nil {
		return Mixture{}, err
	}
	if err := checkLevel(level); err != nil {
		return Mixture{}, err
	}
	if err := checkTuning(tuning, level, alt); err != nil {
		return Mixture{}, err
	}
	if !(v >= 0) || math.IsInf(v, 1) || math.IsNaN(s) || math.IsInf(s, 0) {
		return Mixture{}, invalid("sum %g with variance %g", s, v)
	}
	a := 1 - level
	tuned := 2 * a
	if alt == TwoSided {
		tuned = a
	}
	rho := tuning / (-2*math.Log(tuned) + math.Log1p(-2*math.Log(tuned)))
	unit := math.Sqrt(v + rho)
	x := s / unit
	if alt == Less {
		x = -x
	}
	log, bound := x*x/2, 0.0
	log -= math.Log1p(v/rho) / 2
	need := math.Log1p(v/rho)/2 - math.Log(a)
	if alt == TwoSided {
		bound = math.Sqrt(2 * need)
	} else {
		// x²/2 + ln Φ(x) keeps its digits far below 0, where the terms cancel.
		log = logScaledTail(-x) + math.Ln2 - math.Log1p(v/rho)/2
		need -= math.Ln2
		// ln Φ lies between −ln 2 and 0 above 0; need is above −ln 2 since a is below 1.
		var ok bool
		if bound, ok = root(func(x float64) float64 { return logScaledTail(-x) - need }, 0, math.Sqrt(2*(need+math.Ln2))+1e-9); !ok {
			bound = math.NaN()
		}
	}
	if alt == Less {
		bound = -bound
	}
	out := Mixture{Rho: num(rho), LogMixture: num(log), Bound: num(bound * unit)}
	if out.Rho == nil || out.LogMixture == nil || out.Bound == nil {
		out.Reason = ReasonOutOfRange
	}
	return out, nil
}

// LikelihoodRatio is the outcome of a mixture sequential probability ratio test.
type LikelihoodRatio struct {
	Ratio    *float64 `json:"likelihood_ratio"` // nil where it overflows; LogRatio is there then
	LogRatio *float64 `json:"ln_likelihood_ratio"`
	PValue   *float64 `json:"p_value"`
	Reason   string   `json:"reason,omitempty"`
}

// MSPRT returns the likelihood ratio of a mean against 0, averaged over normal alternatives, and its
// always-valid p-value.
//
//	k = n τ²/σ²,   ln LR = −ln(1+k)/2 + z² k/(2(1+k)),   p = min(1, 1/LR)
//
// z is the mean in standard errors after n observations of variance σ²; τ², the mixing variance, is that of
// the effects expected. It must be the same at all looks: one that shrinks with n makes the critical value a
// constant, and a constant is crossed sooner or later.
//
// No observations: insufficient_data; σ² = 0: zero_variance. Negative variances and n are ErrInput.
// Source: Johari, Koomen, Pekelis, Walsh (2017), KDD, 1517–1525; Robbins (1970), Annals of Mathematical
// Statistics 41, 1397–1409.
// Checked against: numerical integration of the likelihood over the alternatives, in mixture_test.go.
func MSPRT(z float64, n int64, variance, mixingVariance float64) (LikelihoodRatio, error) {
	if math.IsNaN(z) || math.IsInf(z, 0) || n < 0 || !(variance >= 0 && mixingVariance >= 0) || math.IsInf(variance+mixingVariance, 0) {
		return LikelihoodRatio{}, invalid("z %g after %d observations of variance %g, mixing variance %g", z, n, variance, mixingVariance)
	}
	switch {
	case n == 0:
		return LikelihoodRatio{Reason: referral.ReasonNoData}, nil
	case variance == 0:
		return LikelihoodRatio{Reason: referral.ReasonZeroVariance}, nil
	}
	k := float64(n) * mixingVariance / variance
	log := -math.Log1p(k) / 2
	if k > 0 {
		log += z * z / 2 / (1 + 1/k)
	}
	out := LikelihoodRatio{LogRatio: num(log)}
	if out.LogRatio == nil {
		out.Reason = ReasonOutOfRange
		return out, nil
	}
	out.Ratio, out.PValue = num(math.Exp(log)), num(math.Min(1, math.Exp(-log)))
	return out, nil
}
