package calc

import "vouch/internal/stats"

// cupedArm is an arm of values with a covariate: the moments of both, or the values of each unit.
type cupedArm struct {
	meanArm
	MeanPre   *float64  `json:"mean_pre" calc:"optional"`
	VarPre    *float64  `json:"var_pre" calc:"optional"`
	Cov       *float64  `json:"cov" calc:"optional"`
	ValuesPre []float64 `json:"values_pre" calc:"optional"`
}

func (a cupedArm) moments() (stats.Covaried, error) {
	if a.Values != nil && a.ValuesPre != nil {
		return stats.CovariedOf(a.Values, a.ValuesPre)
	}
	if a.Values != nil || a.ValuesPre != nil || a.MeanPre == nil || a.VarPre == nil || a.Cov == nil {
		return stats.Covaried{}, Invalid("an arm needs mean_pre, var_pre and cov beside n, mean and variance, or values_pre beside values")
	}
	m, err := a.meanArm.moments()
	return stats.Covaried{Moments: m, MeanPre: *a.MeanPre, VarPre: *a.VarPre, Cov: *a.Cov}, err
}

type cupedArms struct {
	Control    cupedArm   `json:"control"`
	Treatment  *cupedArm  `json:"treatment" calc:"optional"`
	Treatments []cupedArm `json:"treatments" calc:"optional"`
}

// moments returns those of the control and of one or more treatments.
func (a cupedArms) moments() ([]stats.Covaried, error) {
	if (a.Treatment == nil) == (len(a.Treatments) == 0) {
		return nil, Invalid("give treatment or treatments")
	}
	arms := append([]cupedArm{a.Control}, a.Treatments...)
	if a.Treatment != nil {
		arms = append(arms, *a.Treatment)
	}
	var out []stats.Covaried
	for _, arm := range arms {
		m, err := arm.moments()
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// cupedRatioArm is an arm of a ratio metric with a ratio from before, as moments or one entry per unit.
type cupedRatioArm struct {
	ratioArm
	MeanNumeratorPre     *float64  `json:"mean_numerator_pre" calc:"optional"`
	MeanDenominatorPre   *float64  `json:"mean_denominator_pre" calc:"optional"`
	VarNumeratorPre      *float64  `json:"var_numerator_pre" calc:"optional"`
	VarDenominatorPre    *float64  `json:"var_denominator_pre" calc:"optional"`
	CovariancePre        *float64  `json:"covariance_pre" calc:"optional"`
	NumeratorNumerator   *float64  `json:"cov_numerator_numerator_pre" calc:"optional"`
	NumeratorDenominator *float64  `json:"cov_numerator_denominator_pre" calc:"optional"`
	DenominatorNumerator *float64  `json:"cov_denominator_numerator_pre" calc:"optional"`
	DenominatorOfBoth    *float64  `json:"cov_denominator_denominator_pre" calc:"optional"`
	NumeratorPre         []float64 `json:"numerator_pre" calc:"optional"`
	DenominatorPre       []float64 `json:"denominator_pre" calc:"optional"`
}

func (a cupedRatioArm) moments() (out stats.CovariedRatio, err error) {
	if a.Numerator != nil || a.Denominator != nil || a.NumeratorPre != nil || a.DenominatorPre != nil {
		return stats.CovariedRatioOf(a.Numerator, a.Denominator, a.NumeratorPre, a.DenominatorPre)
	}
	if out.RatioMoments, err = a.ratioArm.moments(); err != nil {
		return out, err
	}
	out.Pre.N = out.N
	for _, f := range []struct {
		key  string
		from *float64
		to   *float64
	}{
		{"mean_numerator_pre", a.MeanNumeratorPre, &out.Pre.MeanNumerator},
		{"mean_denominator_pre", a.MeanDenominatorPre, &out.Pre.MeanDenominator},
		{"var_numerator_pre", a.VarNumeratorPre, &out.Pre.VarNumerator},
		{"var_denominator_pre", a.VarDenominatorPre, &out.Pre.VarDenominator},
		{"covariance_pre", a.CovariancePre, &out.Pre.Covariance},
		{"cov_numerator_numerator_pre", a.NumeratorNumerator, &out.Cov[0][0]},
		{"cov_numerator_denominator_pre", a.NumeratorDenominator, &out.Cov[0][1]},
		{"cov_denominator_numerator_pre", a.DenominatorNumerator, &out.Cov[1][0]},
		{"cov_denominator_denominator_pre", a.DenominatorOfBoth, &out.Cov[1][1]},
	} {
		if f.from == nil {
			return out, Invalid("%s is missing", f.key)
		}
		*f.to = *f.from
	}
	return out, nil
}

// cupedMethods compare arms after removing what a covariate from before the experiment explains.
func cupedMethods() []Method {
	type means struct {
		Control   cupedArm `json:"control"`
		Treatment cupedArm `json:"treatment"`
		Theta     number   `json:"theta" calc:"optional"`
		options
	}
	type ratios struct {
		Control   cupedRatioArm `json:"control"`
		Treatment cupedRatioArm `json:"treatment"`
		Theta     number        `json:"theta" calc:"optional"`
		Quantile  string        `json:"quantile" calc:"optional"`
		options
	}
	given := func(theta number) *float64 {
		if !theta.set {
			return nil
		}
		return &theta.v
	}
	return []Method{
		method("cuped.theta", "Coefficient of a covariate from before the experiment, one for all arms.", []string{"theta", "reason"}, func(q cupedArms) (any, error) {
			arms, err := q.moments()
			if err != nil {
				return nil, err
			}
			theta, err := stats.CupedTheta(arms...)
			out := struct {
				Theta  *float64 `json:"theta"`
				Reason string   `json:"reason,omitempty"`
			}{Theta: known(theta)}
			if out.Theta == nil {
				out.Reason = stats.ReasonOutOfRange
			}
			return out, err
		}),
		method("cuped.mean", "Difference of two means after adjusting by a covariate from before the experiment.", append([]string{"theta", "variance_reduction"}, comparisonFields...), func(q means) (any, error) {
			c, err := q.Control.moments()
			if err != nil {
				return nil, err
			}
			t, err := q.Treatment.moments()
			if err != nil {
				return nil, err
			}
			return stats.CompareCuped(c, t, given(q.Theta), q.level.level(), q.alternative())
		}),
		method("cuped.ratio", "Difference of two ratio metrics after adjusting by a ratio from before the experiment.", append([]string{"theta", "variance_reduction", "lift", "se_lift"}, comparisonFields...), func(q ratios) (any, error) {
			if q.Quantile != "" && q.Quantile != "t" && q.Quantile != "normal" {
				return nil, Invalid("quantile %q is not t or normal", q.Quantile)
			}
			c, err := q.Control.moments()
			if err != nil {
				return nil, err
			}
			t, err := q.Treatment.moments()
			if err != nil {
				return nil, err
			}
			return stats.CompareCupedRatios(c, t, given(q.Theta), q.Quantile == "normal", q.level.level(), q.alternative())
		}),
	}
}
