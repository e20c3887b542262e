package stats

import (
	"math"

	"vouch/referral"
)

// RatioMoments are the sufficient statistics of a ratio metric: per randomised unit a numerator and a
// denominator, such as conversions and invites of a referrer. Variances and covariance divide by N−1.
type RatioMoments struct {
	N                              int64
	MeanNumerator, MeanDenominator float64
	VarNumerator, VarDenominator   float64
	Covariance                     float64
}

// RatioMomentsOf returns the moments of one pair per unit. The lists must have equal length.
func RatioMomentsOf(numerator, denominator []float64) (RatioMoments, error) {
	if len(numerator) != len(denominator) {
		return RatioMoments{}, invalid("%d numerators and %d denominators", len(numerator), len(denominator))
	}
	x, y := MomentsOf(numerator), MomentsOf(denominator)
	return RatioMoments{
		N: x.N, MeanNumerator: x.Mean, MeanDenominator: y.Mean, VarNumerator: x.Variance, VarDenominator: y.Variance,
		Covariance: covariance(numerator, denominator),
	}, nil
}

// covariance divides by n−1; 0 for fewer than two pairs.
func covariance(x, y []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	mx, my := Sum(x)/float64(len(x)), Sum(y)/float64(len(y))
	products, dx, dy := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		dx[i], dy[i] = x[i]-mx, y[i]-my
		products[i] = dx[i] * dy[i]
	}
	return (Sum(products) - Sum(dx)*Sum(dy)/float64(len(x))) / float64(len(x)-1)
}

// check refuses moments that no pairs have.
func (r RatioMoments) check() error {
	for _, m := range []Moments{{r.N, r.MeanNumerator, r.VarNumerator}, {r.N, r.MeanDenominator, r.VarDenominator}} {
		if err := m.check(); err != nil {
			return err
		}
	}
	return checkCovariance(r.Covariance, r.VarNumerator, r.VarDenominator)
}

// checkCovariance refuses a covariance larger than its variances allow.
func checkCovariance(c, v, w float64) error {
	if limit := math.Sqrt(v) * math.Sqrt(w) * (1 + 1e-9); math.IsNaN(c) || math.Abs(c) > limit {
		return invalid("covariance %g exceeds %g, the most the variances allow", c, limit)
	}
	return nil
}

// combined is v − 2rc + r²w, the variance of x − ry from the variances v, w and the covariance c. What
// is left of a variance that cancels is rounding, and is 0: no test is made of it.
func combined(v, c, w, r float64) float64 {
	sum := v - 2*r*c + r*r*w
	if sum <= 1e-14*(v+r*r*w) {
		return 0
	}
	return sum
}

// Linear returns the ratio of means as if it were a mean of units, by the delta method.
//
//	R = mX/mY, variance per unit (v_X − 2R c + R² v_Y)/mY²
//
// ok is false when the denominator's mean is 0.
// Source: Deng, Knoblich, Lu (2018), KDD, applying the delta method to metrics of clustered data.
// Checked against: the variance of values linearised one by one, in ratio_test.go.
func (r RatioMoments) Linear() (m Moments, ok bool) {
	if r.MeanDenominator == 0 {
		return Moments{N: r.N}, false
	}
	ratio := r.MeanNumerator / r.MeanDenominator
	v := combined(r.VarNumerator, r.Covariance, r.VarDenominator, ratio) / (r.MeanDenominator * r.MeanDenominator)
	return Moments{N: r.N, Mean: ratio, Variance: v}, true
}

// CompareRatios compares two ratio metrics by a test for means of the linearised ratios. An empty arm or a
// denominator of 0 leaves the affected figures out (insufficient_data, zero_denominator).
// Source: Deng, Knoblich, Lu (2018), KDD.
// Checked against: the cases of ratio.difference.delta_pooled in
// internal/calc/testdata/cases/experiments.jsonl.
func CompareRatios(c, t RatioMoments, level float64, alt Alternative, test func(c, t Moments, level float64, alt Alternative) (Comparison, error)) (Comparison, error) {
	for _, r := range []RatioMoments{c, t} {
		if err := r.check(); err != nil {
			return Comparison{}, err
		}
	}
	lc, okC := c.Linear()
	lt, okT := t.Linear()
	if okC && okT {
		return test(lc, lt, level, alt)
	}
	if _, err := checkArms(Moments{}, Moments{}, level, alt); err != nil {
		return Comparison{}, err
	}
	out := Comparison{Reason: ReasonZeroDenominator}
	if c.N == 0 || t.N == 0 {
		out.Reason = referral.ReasonNoData
	}
	if okC {
		out.Control = num(lc.Mean)
	}
	if okT {
		out.Treatment = num(lt.Mean)
	}
	return out, nil
}

// LiftRatios is a lift of two ratio metrics by a method for means.
// Source: Deng, Knoblich, Lu (2018), KDD.
// Checked against: the cases of ratio.lift.fieller in internal/calc/testdata/cases/experiments.jsonl.
func LiftRatios(c, t RatioMoments, method func(c, t Moments) (Lift, error)) (Lift, error) {
	for _, r := range []RatioMoments{c, t} {
		if err := r.check(); err != nil {
			return Lift{}, err
		}
	}
	lc, okC := c.Linear()
	lt, okT := t.Linear()
	switch {
	case c.N == 0 || t.N == 0:
		return Lift{Reason: referral.ReasonNoData}, nil
	case !okC || !okT:
		return Lift{Reason: ReasonZeroDenominator}, nil
	}
	return method(lc, lt)
}

// IncrementalCost is what an additional conversion cost: the difference in cost over the difference in
// conversions per randomised unit.
type IncrementalCost struct {
	Cost        *float64 `json:"incremental_cost"`
	Conversions *float64 `json:"incremental_conversions"`
	Estimate    *float64 `json:"estimate"`
	G           *float64 `json:"g"`
	Bounded     *bool    `json:"bounded"`
	Lower       *float64 `json:"lower"`
	Upper       *float64 `json:"upper"`
	DF          *float64 `json:"df"`
	Reason      string   `json:"reason,omitempty"`
}

// IncrementalCPA returns the incremental cost per acquisition with Fieller's interval.
//
//	N = difference of mean costs, D = difference of mean conversions; variances and covariance of N and D
//	are sums over arms of v/n; q the t quantile with n_C + n_T − 2 degrees of freedom
//
// Numerator is cost, denominator conversions. Cost and conversions of a unit are correlated, so the
// covariance belongs into the interval. D = 0: zero_denominator; D not told apart from 0: unbounded.
// Source: Fieller (1954), JRSS B 16, 175–185.
// Checked against: the roots of the quadratic, in ratio_test.go.
func IncrementalCPA(c, t RatioMoments, level float64) (IncrementalCost, error) {
	for _, r := range []RatioMoments{c, t} {
		if err := r.check(); err != nil {
			return IncrementalCost{}, err
		}
	}
	if err := checkLevel(level); err != nil {
		return IncrementalCost{}, err
	}
	var out IncrementalCost
	if c.N == 0 || t.N == 0 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	n, d := t.MeanNumerator-c.MeanNumerator, t.MeanDenominator-c.MeanDenominator
	out.Cost, out.Conversions = num(n), num(d)
	if d == 0 {
		out.Reason = ReasonZeroDenominator
		return out, nil
	}
	if out.Estimate = num(n / d); out.Estimate == nil {
		out.Reason = ReasonOutOfRange
		return out, nil
	}
	if c.N < 2 || t.N < 2 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	perArm := func(f func(RatioMoments) float64) float64 { return f(c)/float64(c.N) + f(t)/float64(t.N) }
	vn := perArm(func(r RatioMoments) float64 { return r.VarNumerator })
	vd := perArm(func(r RatioMoments) float64 { return r.VarDenominator })
	cov := perArm(func(r RatioMoments) float64 { return r.Covariance })
	df := float64(c.N + t.N - 2)
	out.DF = num(df)
	set := fieller(n, d, vn, vd, cov, criticalT(level, df))
	out.G, out.Bounded = num(set.g), &set.bounded
	if !set.bounded {
		out.Reason = referral.ReasonUnbounded
		return out, nil
	}
	est := *out.Estimate
	if out.Lower, out.Upper = num(math.Min(set.lo, est)), num(math.Max(set.hi, est)); out.Lower == nil || out.Upper == nil {
		out.Lower, out.Upper, out.Reason = nil, nil, ReasonOutOfRange
	}
	return out, nil
}

// RatioEstimate is a ratio of two means with its uncertainty; Variance is per unit.
type RatioEstimate struct {
	Estimate *float64 `json:"estimate"`
	Variance *float64 `json:"variance"`
	SE       *float64 `json:"se"`
	Reason   string   `json:"reason,omitempty"`
}

// RatioVariance returns the ratio of one arm with its standard error √(variance/n) by the delta method.
// Source: Deng, Knoblich, Lu (2018), KDD.
// Checked against: the variance of values linearised one by one, in ratio_test.go.
func RatioVariance(r RatioMoments) (RatioEstimate, error) {
	if err := r.check(); err != nil {
		return RatioEstimate{}, err
	}
	m, ok := r.Linear()
	switch {
	case r.N == 0:
		return RatioEstimate{Reason: referral.ReasonNoData}, nil
	case !ok:
		return RatioEstimate{Reason: ReasonZeroDenominator}, nil
	case num(m.Mean) == nil:
		return RatioEstimate{Reason: ReasonOutOfRange}, nil
	case r.N < 2:
		return RatioEstimate{Estimate: num(m.Mean), Reason: referral.ReasonNoData}, nil
	}
	out := RatioEstimate{Estimate: num(m.Mean), Variance: num(m.Variance), SE: num(math.Sqrt(m.Variance / float64(m.N)))}
	if out.Variance == nil {
		out.Reason = ReasonOutOfRange
	}
	return out, nil
}

// RatioCovariance returns the covariance of a/b and c/d from the means a, b, c, d and the covariances of
// their parts: (ac − r bc − s ad + r s bd)/(b d) with r = a/b, s = c/d. ok is false if b or d is 0.
// Source: the delta method, first order in both ratios.
// Checked against: RatioVariance, the covariance of a ratio with itself, in ratio_test.go.
func RatioCovariance(means [4]float64, ac, ad, bc, bd float64) (cov float64, ok bool) {
	a, b, c, d := means[0], means[1], means[2], means[3]
	if b == 0 || d == 0 {
		return 0, false
	}
	r, s := a/b, c/d
	return (ac - r*bc - s*ad + r*s*bd) / b / d, true
}
