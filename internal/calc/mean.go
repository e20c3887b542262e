package calc

import (
	"vouch/internal/stats"
	"vouch/referral"
)

var (
	liftDeltaFields   = []string{"estimate", "se", "df", "p_value", "lower", "upper", "reason"}
	liftFiellerFields = []string{"estimate", "g", "bounded", "lower", "upper", "df", "p_value", "reason"}
	liftLogFields     = []string{"estimate", "se_log", "df", "lower", "upper", "reason"}
)

type meansOptions struct {
	meanArms
	options
}

type meansQuestion struct {
	meanArms
	level
}

// meanMethods compare means and state relative differences.
func meanMethods() []Method {
	type point struct {
		Control struct {
			Mean float64 `json:"mean"`
		} `json:"control"`
		Treatment struct {
			Mean float64 `json:"mean"`
		} `json:"treatment"`
	}
	difference := func(f func(c, t stats.Moments, level float64, alt stats.Alternative) (stats.Comparison, error)) func(meansOptions) (any, error) {
		return func(q meansOptions) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return f(c, t, q.level.level(), q.alternative())
		}
	}
	lift := func(f func(c, t stats.Moments, level float64, alt stats.Alternative) (stats.Lift, error)) func(meansOptions) (any, error) {
		return func(q meansOptions) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return f(c, t, q.level.level(), q.alternative())
		}
	}
	return []Method{
		method("mean.difference.welch", "Difference of two means without assuming equal variances.", comparisonFields, difference(stats.Welch)),
		method("mean.difference.pooled", "Difference of two means under equal variances.", comparisonFields, difference(stats.Pooled)),
		method("mean.lift.point", "Relative difference of two means.", []string{"estimate", "reason"}, func(q point) (any, error) {
			l := stats.LiftPoint(q.Control.Mean, q.Treatment.Mean)
			return struct {
				Estimate *float64 `json:"estimate"`
				Reason   string   `json:"reason,omitempty"`
			}{l.Estimate, l.Reason}, nil
		}),
		method("mean.lift.delta", "Relative difference of two means by the delta method.", liftDeltaFields, lift(stats.LiftDelta)),
		method("mean.lift.log", "Relative difference of two means with the interval on the logarithm of the ratio.", liftLogFields, lift(stats.LiftLog)),
		method("mean.lift.fieller", "Relative difference of two means with Fieller's interval.", liftFiellerFields, func(q meansQuestion) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return stats.LiftFieller(c, t, q.level.level())
		}),
	}
}

type ratiosOptions struct {
	ratioArms
	options
}

type ratiosQuestion struct {
	ratioArms
	level
}

// ratioMethods are about ratio metrics with one numerator and denominator per randomised unit.
func ratioMethods() []Method {
	type pairs struct {
		MeanA float64 `json:"mean_a"`
		MeanB float64 `json:"mean_b"`
		MeanC float64 `json:"mean_c"`
		MeanD float64 `json:"mean_d"`
		CovAC float64 `json:"cov_ac"`
		CovAD float64 `json:"cov_ad"`
		CovBC float64 `json:"cov_bc"`
		CovBD float64 `json:"cov_bd"`
	}
	return []Method{
		method("ratio.variance.delta", "Ratio of two means with its standard error by the delta method.", []string{"estimate", "variance", "se", "reason"}, func(q ratioArm) (any, error) {
			m, err := q.moments()
			if err != nil {
				return nil, err
			}
			return stats.RatioVariance(m)
		}),
		method("ratio.covariance.delta", "Covariance of two ratios of means by the delta method.", []string{"covariance", "reason"}, func(q pairs) (any, error) {
			type result struct {
				Covariance *float64 `json:"covariance"`
				Reason     string   `json:"reason,omitempty"`
			}
			c, ok := stats.RatioCovariance([4]float64{q.MeanA, q.MeanB, q.MeanC, q.MeanD}, q.CovAC, q.CovAD, q.CovBC, q.CovBD)
			if !ok {
				return result{Reason: stats.ReasonZeroDenominator}, nil
			}
			return result{Covariance: known(c)}, nil
		}),
		method("ratio.difference.delta", "Difference of two ratio metrics by the delta method and Welch's test.", comparisonFields, compareRatios(stats.Welch)),
		method("ratio.difference.delta_pooled", "Difference of two ratio metrics by the delta method under equal variances.", comparisonFields, compareRatios(stats.Pooled)),
		method("ratio.lift.delta", "Relative difference of two ratio metrics by the delta method.", liftDeltaFields, func(q ratiosOptions) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return stats.LiftRatios(c, t, func(c, t stats.Moments) (stats.Lift, error) {
				return stats.LiftDelta(c, t, q.level.level(), q.alternative())
			})
		}),
		method("ratio.lift.fieller", "Relative difference of two ratio metrics with Fieller's interval.", liftFiellerFields, func(q ratiosQuestion) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return stats.LiftRatios(c, t, func(c, t stats.Moments) (stats.Lift, error) { return stats.LiftFieller(c, t, q.level.level()) })
		}),
	}
}

type meanTest func(c, t stats.Moments, level float64, alt stats.Alternative) (stats.Comparison, error)

func compareRatios(test meanTest) func(ratiosOptions) (any, error) {
	return func(q ratiosOptions) (any, error) {
		c, t, err := q.moments()
		if err != nil {
			return nil, err
		}
		return stats.CompareRatios(c, t, q.level.level(), q.alternative(), test)
	}
}

// momentMethods are about means and variances themselves.
func momentMethods() []Method {
	type values struct {
		Values []float64 `json:"values"`
	}
	type parts struct {
		Parts []struct {
			N        int64   `json:"n"`
			Mean     float64 `json:"mean" calc:"optional"`
			Variance float64 `json:"variance" calc:"optional"`
		} `json:"parts"`
	}
	type result struct {
		N        int64    `json:"n"`
		Mean     *float64 `json:"mean"`
		Variance *float64 `json:"variance"`
		Reason   string   `json:"reason,omitempty"`
	}
	finish := func(m stats.Moments) result {
		r := result{N: m.N}
		if m.N > 0 {
			r.Mean = known(m.Mean)
		}
		if m.N > 1 {
			r.Variance = known(m.Variance)
		} else {
			r.Reason = referral.ReasonNoData
		}
		return r
	}
	fields := []string{"n", "mean", "variance", "reason"}
	return []Method{
		method("moments.variance", "Mean and variance of values, correct for large values.", fields, func(q values) (any, error) {
			return finish(stats.MomentsOf(q.Values)), nil
		}),
		method("moments.merge", "Mean and variance of parts, as if their values were pooled.", fields, func(q parts) (any, error) {
			var ms []stats.Moments
			for _, p := range q.Parts {
				if p.N < 0 || p.Variance < 0 {
					return nil, Invalid("n %d, variance %g", p.N, p.Variance)
				}
				ms = append(ms, stats.Moments{N: p.N, Mean: p.Mean, Variance: p.Variance})
			}
			return finish(stats.MergeMoments(ms...)), nil
		}),
	}
}
