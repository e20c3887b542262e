package stats

import (
	"math"

	"vouch/referral"
)

// meanTest is a comparison of two means, such as Welch.
type meanTest = func(c, t Moments, level float64, alt Alternative) (Comparison, error)

// CovariedRatio are the sufficient statistics of a ratio metric and of a ratio from before the experiment
// over the same units. Cov holds the covariances between them: first the numerator (0) or denominator (1)
// of the metric, then that of the covariate.
type CovariedRatio struct {
	RatioMoments
	Pre RatioMoments
	Cov [2][2]float64
}

// CovariedRatioOf returns the moments of four values per unit. The lists must have equal length.
func CovariedRatioOf(numerator, denominator, numeratorPre, denominatorPre []float64) (CovariedRatio, error) {
	post, err := RatioMomentsOf(numerator, denominator)
	if err != nil {
		return CovariedRatio{}, err
	}
	pre, err := RatioMomentsOf(numeratorPre, denominatorPre)
	if err != nil {
		return CovariedRatio{}, err
	}
	if post.N != pre.N {
		return CovariedRatio{}, invalid("%d units, and %d before", post.N, pre.N)
	}
	out := CovariedRatio{RatioMoments: post, Pre: pre}
	for i, x := range [][]float64{numerator, denominator} {
		for j, y := range [][]float64{numeratorPre, denominatorPre} {
			out.Cov[i][j] = covariance(x, y)
		}
	}
	return out, nil
}

// check refuses moments that no units have.
func (a CovariedRatio) check() error {
	if a.N != a.Pre.N {
		return invalid("%d units, and %d before", a.N, a.Pre.N)
	}
	for _, r := range []RatioMoments{a.RatioMoments, a.Pre} {
		if err := r.check(); err != nil {
			return err
		}
	}
	for i, v := range []float64{a.VarNumerator, a.VarDenominator} {
		for j, w := range []float64{a.Pre.VarNumerator, a.Pre.VarDenominator} {
			if err := checkCovariance(a.Cov[i][j], v, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// Linear returns the ratio with its covariate as if both were means of units, by the delta method. ok is false
// when a denominator's mean is 0. Moments that no units have are ErrInput.
// Source: Deng, Knoblich, Lu (2018), KDD.
// Checked against: values linearised one by one, in cuped_test.go.
func (a CovariedRatio) Linear() (out Covaried, ok bool, err error) {
	if err := a.check(); err != nil {
		return Covaried{}, false, err
	}
	post, okPost := a.RatioMoments.Linear()
	pre, okPre := a.Pre.Linear()
	if !okPost || !okPre {
		return Covaried{Moments: post}, false, nil
	}
	means := [4]float64{a.MeanNumerator, a.MeanDenominator, a.Pre.MeanNumerator, a.Pre.MeanDenominator}
	k, _ := RatioCovariance(means, a.Cov[0][0], a.Cov[0][1], a.Cov[1][0], a.Cov[1][1])
	// Covariances may be possible pair by pair and impossible together. Less than that is rounding.
	limit := math.Sqrt(post.Variance) * math.Sqrt(pre.Variance)
	r, s := math.Abs(post.Mean), math.Abs(pre.Mean)
	size, _ := RatioCovariance([4]float64{-r, 1, -s, 1}, math.Abs(a.Cov[0][0]), math.Abs(a.Cov[0][1]), math.Abs(a.Cov[1][0]), math.Abs(a.Cov[1][1]))
	if math.Abs(k)-limit > 1e-6*(limit+size/math.Abs(a.MeanDenominator)/math.Abs(a.Pre.MeanDenominator)) {
		return Covaried{}, true, invalid("no units have these covariances: that of the ratios is %g, their variances allow %g", k, limit)
	}
	k = math.Max(-limit, math.Min(limit, k))
	return Covaried{Moments: post, MeanPre: pre.Mean, VarPre: pre.Variance, Cov: k}, true, nil
}

// CompareCupedRatios compares two ratio metrics after adjusting both by a ratio from before the experiment.
//
//	per arm, by the delta method: variance V of the ratio R, W of the ratio before, covariance K
//	θ = Σ (n−1) K / Σ (n−1) W unless given; adjusted R − θ (R_pre − P), variance V + θ² W − 2θK
//	P = numerators before of all arms / denominators before of all arms
//	lift = d/|R_C|, R_C not adjusted and so correlated with the adjusted ratio in d:
//	se² = [V'_T/n_T + (V'_C + 2ρ(V_C − θK_C) + ρ² V_C)/n_C]/R_C²,  ρ = d/R_C, V' the adjusted variances
//
// normal asks for the normal distribution in place of Student's. Edges as CompareCuped, and zero_denominator
// where a mean denominator is 0, zero_control where R_C is (the lift alone is unknown then).
// Source: Deng, Knoblich, Lu (2018), KDD; the covariance in the lift as in growthbook's statistics engine.
// Checked against: values linearised and adjusted one by one, and the delta method's gradient by finite
// differences, in cuped_test.go.
func CompareCupedRatios(c, t CovariedRatio, theta *float64, normal bool, level float64, alt Alternative) (Cuped, error) {
	if _, err := checkArms(Moments{}, Moments{}, level, alt); err != nil {
		return Cuped{}, err
	}
	var linear [2]Covaried
	for i, a := range []CovariedRatio{c, t} {
		l, ok, err := a.Linear()
		if err != nil {
			return Cuped{}, err
		}
		if a.N == 0 {
			return Cuped{Comparison: Comparison{Reason: referral.ReasonNoData}}, nil
		}
		if !ok {
			return Cuped{Comparison: Comparison{Reason: ReasonZeroDenominator}}, nil
		}
		if l.check() != nil {
			return Cuped{Comparison: Comparison{Reason: ReasonOutOfRange}}, nil
		}
		linear[i] = l
	}
	pool := func(f func(RatioMoments) float64) float64 {
		return MergeMoments(Moments{N: c.N, Mean: f(c.Pre)}, Moments{N: t.N, Mean: f(t.Pre)}).Mean
	}
	below := pool(func(r RatioMoments) float64 { return r.MeanDenominator })
	if below == 0 {
		return Cuped{Comparison: Comparison{Reason: ReasonZeroDenominator}}, nil
	}
	used, err := CupedTheta(linear[0], linear[1])
	if err != nil {
		return Cuped{}, err
	}
	if theta != nil {
		used = *theta
	}
	centre := pool(func(r RatioMoments) float64 { return r.MeanNumerator }) / below
	test := Welch
	if normal {
		test = WelchNormal
	}
	arms := []Moments{linear[0].adjusted(used, centre), linear[1].adjusted(used, centre)}
	out, err := compareAdjusted(linear[0].Moments, linear[1].Moments, arms, used, level, alt, test)
	if err == nil && out.Estimate != nil {
		out.relative(linear[0], arms, used)
	}
	return out, err
}

// relative adds the lift over the control's ratio before adjustment.
func (out *Cuped) relative(control Covaried, arms []Moments, theta float64) {
	base := control.Mean
	if base == 0 {
		if out.Reason == "" {
			out.Reason = referral.ReasonZeroControl
		}
		return
	}
	out.Lift = num(*out.Estimate / math.Abs(base))
	if out.SE == nil {
		return
	}
	rho := *out.Estimate / base
	// adjusted + ρ R_C = (1+ρ) R_C − θ R_pre, which cannot vary by less than nothing.
	v := combined((1+rho)*(1+rho)*control.Variance, (1+rho)*control.Cov, control.VarPre, theta)
	out.SELift = num(math.Sqrt(arms[1].Variance/float64(arms[1].N)+v/float64(arms[0].N)) / math.Abs(base))
}
