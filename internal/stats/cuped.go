package stats

import (
	"math"
)

// Covaried are the sufficient statistics of a metric and of a covariate from before the experiment, over the
// same units of one arm. The variances and the covariance divide by N−1.
type Covaried struct {
	Moments
	MeanPre, VarPre float64
	Cov             float64
}

// CovariedOf returns the moments of one pair of values per unit. The lists must have equal length.
func CovariedOf(values, pre []float64) (Covaried, error) {
	if len(values) != len(pre) {
		return Covaried{}, invalid("%d values and %d values before", len(values), len(pre))
	}
	p := MomentsOf(pre)
	return Covaried{Moments: MomentsOf(values), MeanPre: p.Mean, VarPre: p.Variance, Cov: covariance(values, pre)}, nil
}

// check refuses moments that no pairs of values have.
func (a Covaried) check() error {
	if err := a.Moments.check(); err != nil {
		return err
	}
	if err := (Moments{a.N, a.MeanPre, a.VarPre}).check(); err != nil {
		return err
	}
	return checkCovariance(a.Cov, a.Variance, a.VarPre)
}

// CupedTheta is the coefficient of the covariate, one for all arms: a coefficient for each pair of arms would
// move the control's mean from one comparison to the next.
//
//	θ = Σ arms (n−1) cov / Σ arms (n−1) var_pre; 0 if the covariate does not vary
//
// A coefficient too large for a number is NaN.
// Source: Deng, Xu, Kohavi, Walker (2013), WSDM, 123–132.
// Checked against: the slope of a regression of the values on the covariate and the arm, in cuped_test.go.
func CupedTheta(arms ...Covaried) (float64, error) {
	var above, below []float64
	for _, a := range arms {
		if err := a.check(); err != nil {
			return 0, err
		}
		if a.N > 1 {
			above, below = append(above, float64(a.N-1)*a.Cov), append(below, float64(a.N-1)*a.VarPre)
		}
	}
	return finiteRatio(Sum(above), Sum(below)), nil
}

// finiteRatio is x/y, 0 for y = 0, NaN if it is too large for a number.
func finiteRatio(x, y float64) float64 {
	if y == 0 {
		return 0
	}
	if r := x / y; !math.IsInf(r, 0) {
		return r
	}
	return math.NaN()
}

// adjusted are the moments of value − θ (covariate − centre).
func (a Covaried) adjusted(theta, centre float64) Moments {
	return Moments{N: a.N, Mean: a.Mean - theta*(a.MeanPre-centre), Variance: combined(a.Variance, a.Cov, a.VarPre, theta)}
}

// AdjustCuped removes from each arm what the covariate explains; the arms may then be compared like any
// means.
//
//	mean − θ (mean_pre − P), P the mean of the covariate over all arms; variance v + θ² var_pre − 2θ cov
//
// theta is the coefficient to use, CupedTheta's if nil; it is returned. The covariate must be from before
// the first exposure: one that the treatment moves takes the effect away.
// Source: Deng, Xu, Kohavi, Walker (2013), WSDM, 123–132.
// Checked against: the moments of values adjusted one by one, in cuped_test.go.
func AdjustCuped(theta *float64, arms ...Covaried) (adjusted []Moments, used float64, err error) {
	if used, err = CupedTheta(arms...); err != nil {
		return nil, 0, err
	}
	if theta != nil {
		used = *theta
	}
	var pre []Moments
	for _, a := range arms {
		pre = append(pre, Moments{N: a.N, Mean: a.MeanPre})
	}
	centre := MergeMoments(pre...).Mean
	for _, a := range arms {
		adjusted = append(adjusted, a.adjusted(used, centre))
	}
	return adjusted, used, nil
}

// Cuped is a comparison after adjustment by a covariate.
type Cuped struct {
	Comparison
	Theta             *float64 `json:"theta"`
	VarianceReduction *float64 `json:"variance_reduction"`
	Lift              *float64 `json:"lift,omitempty"`    // of ratios: relative to the control's ratio before adjustment
	SELift            *float64 `json:"se_lift,omitempty"` // of Lift, with the covariance of both control ratios
}

// CompareCuped compares two means by Welch's test after adjusting both by a covariate; see AdjustCuped.
// variance_reduction is 1 − (se/se without adjustment)². Edges as Welch; a covariate that explains
// everything leaves no variance to test with (zero_variance).
// Source: Deng, Xu, Kohavi, Walker (2013), WSDM, 123–132.
// Checked against: scipy 1.17.1, ttest_ind on adjusted values, and by hand on values adjusted one by one, in
// cuped_test.go.
func CompareCuped(c, t Covaried, theta *float64, level float64, alt Alternative) (Cuped, error) {
	arms, used, err := AdjustCuped(theta, c, t)
	if err != nil {
		return Cuped{}, err
	}
	return compareAdjusted(c.Moments, t.Moments, arms, used, level, alt, Welch)
}

// compareAdjusted tests adjusted arms beside the arms as they were.
func compareAdjusted(c, t Moments, arms []Moments, theta, level float64, alt Alternative, test meanTest) (Cuped, error) {
	before, err := test(c, t, level, alt)
	if err != nil {
		return Cuped{}, err
	}
	out := Cuped{Theta: num(theta)}
	for _, a := range arms {
		if out.Theta == nil || a.check() != nil { // the arms were in order: the adjustment is too large for a number
			out.Reason = ReasonOutOfRange
			return out, nil
		}
	}
	if out.Comparison, err = test(arms[0], arms[1], level, alt); err != nil {
		return Cuped{}, err
	}
	if before.SE != nil && out.SE != nil && *before.SE > 0 {
		r := *out.SE / *before.SE
		out.VarianceReduction = num(1 - r*r)
	}
	return out, nil
}
