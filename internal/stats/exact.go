package stats

import (
	"math"

	"vouch/referral"
)

// Test is a test without an interval.
type Test struct {
	Statistic *float64 `json:"statistic,omitempty"`
	PValue    *float64 `json:"p_value"`
	Reason    string   `json:"reason,omitempty"`
}

// checkShares refuses impossible arms; empty says that an arm has no trials.
func checkShares(c, t Counts, alt Alternative) (_ Alternative, empty bool, err error) {
	for _, a := range []Counts{c, t} {
		if err := a.check(); err != nil {
			return "", false, err
		}
	}
	alt, err = checkAlternative(alt)
	return alt, c.Trials == 0 || t.Trials == 0, err
}

// PooledZ tests two shares by the normal statistic with the pooled variance.
//
//	(p_T − p_C) / √(p(1−p)(1/n_T + 1/n_C)); p of 0 or 1: zero_variance
//
// Source: Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, chapter 3.
// Checked against: two arms by hand, in exact_test.go.
func PooledZ(c, t Counts, alt Alternative) (Test, error) {
	alt, empty, err := checkShares(c, t, alt)
	if err != nil {
		return Test{}, err
	}
	if empty {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	x, n := float64(c.Successes)+float64(t.Successes), float64(c.Trials)+float64(t.Trials)
	if x == 0 || x == n {
		return Test{Reason: referral.ReasonZeroVariance}, nil
	}
	p := x / n
	z := (t.rate() - c.rate()) / math.Sqrt(p*(1-p)*(1/float64(t.Trials)+1/float64(c.Trials)))
	return Test{Statistic: num(z), PValue: num(studentP(z, math.Inf(1), alt))}, nil
}

// Fisher tests two shares by the hypergeometric distribution given both margins.
//
// Two-sided: the sum over tables no more probable than the observed one (within 1e-7, for tables that
// tie). Stays defined when nobody converts: then p is 1. Conservative for small counts.
// Source: Fisher (1935), JRSS 98, 39–82.
// Checked against: scipy 1.17.1, stats.fisher_exact, in exact_test.go.
func Fisher(c, t Counts, alt Alternative) (Test, error) {
	alt, empty, err := checkShares(c, t, alt)
	if err != nil {
		return Test{}, err
	}
	if empty {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	x := c.Successes + t.Successes
	lo, hi := max(0, x-c.Trials), min(x, t.Trials)
	weights := hypergeometric(t.Trials, c.Trials, x, lo, hi)
	observed := weights[t.Successes-lo]
	p := extremeShare(weights, func(i int) bool {
		switch alt {
		case Greater:
			return lo+int64(i) >= t.Successes
		case Less:
			return lo+int64(i) <= t.Successes
		case TwoSided:
		}
		return weights[i] <= observed+1e-7
	})
	return Test{PValue: num(p)}, nil
}

// hypergeometric lists the log probabilities, up to a common constant, of k successes among a trials when
// x of a+b succeed, for k from lo to hi.
func hypergeometric(a, b, x, lo, hi int64) []float64 {
	out := make([]float64, hi-lo+1)
	for i := 1; i < len(out); i++ {
		k := float64(lo + int64(i))
		out[i] = out[i-1] + math.Log((float64(a)-k+1)*(float64(x)-k+1)/(k*(float64(b)-float64(x)+k)))
	}
	return out
}

// extremeShare is the share of the total weight, given as logs, that lies on extreme entries.
func extremeShare(logs []float64, extreme func(i int) bool) float64 {
	top, high := math.Inf(-1), math.Inf(-1)
	for i, l := range logs {
		top = math.Max(top, l)
		if extreme(i) {
			high = math.Max(high, l)
		}
	}
	var part, all []float64
	for i, l := range logs {
		all = append(all, math.Exp(l-top))
		if extreme(i) {
			part = append(part, math.Exp(l-high))
		}
	}
	return math.Min(1, math.Exp(high-top)*Sum(part)/Sum(all))
}

// SRMExact is the exact sample-ratio test of two arms: the sum of the binomial probabilities no larger
// than that of the observed split (within 1e-7).
// Source: the definition; the two-sided rule is that of R's binom.test.
// Checked against: scipy 1.17.1, stats.binomtest, in exact_test.go.
func SRMExact(observed [2]int64, weights [2]float64) (Test, error) {
	for i := range 2 {
		if observed[i] < 0 || !(weights[i] > 0) || math.IsInf(weights[i], 0) {
			return Test{}, invalid("count %d with weight %g", observed[i], weights[i])
		}
	}
	n := observed[0] + observed[1]
	if n == 0 {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	p, q := weights[0]/(weights[0]+weights[1]), weights[1]/(weights[0]+weights[1])
	return Test{PValue: num(binomialTwoSided(observed[0], n, p, q))}, nil
}

// binomialTwoSided adds the tail on the side of x to the far tail whose probabilities are no larger. The
// probabilities fall away from the mode, so the far tail begins where bisection finds it.
func binomialTwoSided(x, n int64, p, q float64) float64 {
	limit := binomialProb(x, n, p, q) * (1 + 1e-7)
	mode := int64(float64(n+1) * p)
	mode = min(mode, n)
	if binomialProb(mode, n, p, q) <= limit {
		return 1
	}
	if x < mode {
		lo, hi := mode, n+1 // first k above the mode with a probability within the limit
		for lo+1 < hi {
			if k := lo + (hi-lo)/2; binomialProb(k, n, p, q) <= limit {
				hi = k
			} else {
				lo = k
			}
		}
		near, _ := binomialTails(x, n, p, q)
		_, far := binomialTails(hi-1, n, p, q)
		return math.Min(1, near+far)
	}
	lo, hi := int64(-1), mode // last k below the mode with a probability within the limit
	for lo+1 < hi {
		if k := lo + (hi-lo)/2; binomialProb(k, n, p, q) <= limit {
			lo = k
		} else {
			hi = k
		}
	}
	_, near := binomialTails(x-1, n, p, q)
	far, _ := binomialTails(lo, n, p, q)
	return math.Min(1, near+far)
}
