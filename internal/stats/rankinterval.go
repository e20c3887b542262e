package stats

import (
	"math"

	"vouch/referral"
)

// QuantileInterval is the interval of a quantile between two order statistics, with ranks from 1.
type QuantileInterval struct {
	LowerRank *int64   `json:"lower_rank"`
	UpperRank *int64   `json:"upper_rank"`
	Coverage  *float64 `json:"coverage"`
	Reason    string   `json:"reason,omitempty"`
}

// OrderStatisticInterval returns the ranks of the values that enclose the q quantile of n values.
//
//	smallest l with F(l) ≥ a/2, and one more than the smallest u with F(u) ≥ 1 − a/2, F = Binomial(n, q)
//	coverage F(upper−1) − F(lower−1)
//
// No assumption about the distribution. Too few values for a rank on a side: insufficient_data.
// Source: David and Nagaraja (2003), Order Statistics, section 7.1.
// Checked against: binomial probabilities added one by one, in rankinterval_test.go.
func OrderStatisticInterval(n int64, q, level float64) (QuantileInterval, error) {
	if err := checkLevel(level); err != nil {
		return QuantileInterval{}, err
	}
	if n < 0 || !(q > 0 && q < 1) {
		return QuantileInterval{}, invalid("quantile %g of %d values", q, n)
	}
	cdf := func(k int64) float64 { lower, _ := binomialTails(k, n, q, 1-q); return lower }
	first := func(p float64) int64 { // smallest k with cdf(k) ≥ p
		lo, hi := int64(-1), n
		for lo+1 < hi {
			if k := lo + int64(uint64(hi-lo)/2); cdf(k) >= p {
				hi = k
			} else {
				lo = k
			}
		}
		return hi
	}
	tail := (1 - level) / 2
	l, u := first(tail), first(1-tail)+1
	if n == 0 || l < 1 || u > n {
		return QuantileInterval{Reason: referral.ReasonNoData}, nil
	}
	return QuantileInterval{LowerRank: &l, UpperRank: &u, Coverage: num(cdf(u-1) - cdf(l-1))}, nil
}

// Limits is an estimate with its interval, at a level known to the caller.
type Limits struct{ Estimate, Lower, Upper float64 }

// CompareLimits is the difference of two estimates whose intervals are at the given level: each standard
// error is the width over 2z, both are added in squares, the result is normal.
// Source: the definition above.
// Checked against: hand-worked limits, in rankinterval_test.go, and the cases of
// quantile.difference.normal in internal/calc/testdata/cases/experiments.jsonl.
func CompareLimits(c, t Limits, level float64) (Comparison, error) {
	if err := checkLevel(level); err != nil {
		return Comparison{}, err
	}
	for _, l := range []Limits{c, t} {
		if !(l.Lower <= l.Upper) || math.IsInf(l.Upper-l.Lower, 0) || math.IsNaN(l.Estimate) || math.IsInf(l.Estimate, 0) {
			return Comparison{}, invalid("estimate %g with limits %g and %g", l.Estimate, l.Lower, l.Upper)
		}
	}
	z := criticalZ(level)
	se := math.Hypot(c.Upper-c.Lower, t.Upper-t.Lower) / (2 * z)
	out := Comparison{Control: num(c.Estimate), Treatment: num(t.Estimate), Estimate: num(t.Estimate - c.Estimate), SE: num(se)}
	if se == 0 {
		out.Reason = referral.ReasonZeroVariance
		return out, nil
	}
	if out.Estimate == nil || out.SE == nil {
		out.Reason = ReasonOutOfRange
		return out, nil
	}
	out.Lower, out.Upper = studentLimits(*out.Estimate, se, math.Inf(1), level, TwoSided)
	return out, nil
}
