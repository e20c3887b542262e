package calc

import (
	"vouch/internal/stats"
)

// strataMethods combine strata or segments.
func strataMethods() []Method {
	type cmh struct {
		Strata []shareArms `json:"strata"`
	}
	type heterogeneity struct {
		Estimates      []float64 `json:"estimates"`
		StandardErrors []float64 `json:"standard_errors"`
	}
	type post struct {
		Strata  []meanArms `json:"strata"`
		Weights []float64  `json:"weights" calc:"optional"`
		level
	}
	return []Method{
		method("strata.cmh", "Two shares over strata by Cochran, Mantel and Haenszel.", []string{"statistic", "p_value", "statistic_cc", "p_value_cc", "df", "odds_ratio", "reason"}, func(q cmh) (any, error) {
			var c, t []stats.Counts
			for _, s := range q.Strata {
				c, t = append(c, s.Control.counts()), append(t, s.Treatment.counts())
			}
			return stats.CMH(c, t)
		}),
		method("strata.heterogeneity", "Whether effects differ between segments.", []string{"estimate", "se", "statistic", "df", "p_value", "i_squared", "reason"}, func(q heterogeneity) (any, error) {
			return stats.Heterogeneity(q.Estimates, q.StandardErrors)
		}),
		method("strata.post_stratification", "Difference of two means weighted over strata.", []string{"estimate", "se", "unadjusted", "lower", "upper", "reason"}, func(q post) (any, error) {
			var c, t []stats.Moments
			for _, s := range q.Strata {
				sc, st, err := s.moments()
				if err != nil {
					return nil, err
				}
				c, t = append(c, sc), append(t, st)
			}
			return stats.PostStratify(c, t, q.Weights, q.level.level())
		}),
	}
}

// noninferiorityMethods test against a tolerated loss.
func noninferiorityMethods() []Method {
	type means struct {
		meanArms
		level
		Margin         float64 `json:"margin"`
		HigherIsBetter *bool   `json:"higher_is_better" calc:"optional"`
	}
	type shares struct {
		shareArms
		level
		Margin         float64 `json:"margin"`
		HigherIsBetter *bool   `json:"higher_is_better" calc:"optional"`
	}
	higher := func(b *bool) bool { return b == nil || *b }
	share := func(score bool) func(shares) (any, error) {
		return func(q shares) (any, error) {
			return stats.NoninferiorShare(q.Control.counts(), q.Treatment.counts(), q.Margin, higher(q.HigherIsBetter), score, q.level.level())
		}
	}
	fields := []string{"statistic", "p_value", "noninferior", "reason"}
	return []Method{
		method("noninferiority.tost", "Whether two means differ by less than a margin.", []string{"estimate", "se", "df", "p_lower", "p_upper", "p_value", "lower", "upper", "equivalent", "reason"}, func(q means) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return stats.TOST(c, t, q.Margin, q.level.level())
		}),
		method("noninferiority.mean.welch", "Whether a mean is worse by less than a margin.", append([]string{"estimate", "se", "df", "lower", "upper"}, fields...), func(q means) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			return stats.NoninferiorMean(c, t, q.Margin, higher(q.HigherIsBetter), q.level.level())
		}),
		method("noninferiority.proportion.farrington_manning", "Whether a share is worse by less than a margin, by the score test.", fields, share(true)),
		method("noninferiority.proportion.wald", "Whether a share is worse by less than a margin, by Wald's test.", fields, share(false)),
	}
}

// quantileMethods are about quantiles.
func quantileMethods() []Method {
	type ranks struct {
		N        *int64    `json:"n" calc:"optional"`
		Values   []float64 `json:"values" calc:"optional"`
		Quantile float64   `json:"quantile"`
		level
	}
	type ranked struct {
		stats.QuantileInterval
		Estimate *float64 `json:"estimate,omitempty"`
		Lower    *float64 `json:"lower,omitempty"`
		Upper    *float64 `json:"upper,omitempty"`
	}
	type limits struct {
		Estimate float64 `json:"estimate"`
		Lower    float64 `json:"lower"`
		Upper    float64 `json:"upper"`
	}
	type difference struct {
		Control   limits `json:"control"`
		Treatment limits `json:"treatment"`
		level
	}
	return []Method{
		method("quantile.interval.order_statistic", "Interval of a quantile between two of the sorted values.", []string{"lower_rank", "upper_rank", "coverage", "estimate", "lower", "upper", "reason"}, func(q ranks) (any, error) {
			n := int64(len(q.Values))
			if q.Values == nil {
				if q.N == nil {
					return nil, Invalid("give n or values")
				}
				n = *q.N
			}
			r, err := stats.OrderStatisticInterval(n, q.Quantile, q.level.level())
			out := ranked{QuantileInterval: r}
			if err != nil || len(q.Values) == 0 {
				return out, err
			}
			e, err := stats.Quantile(q.Values, q.Quantile)
			out.Estimate = known(e)
			if r.LowerRank != nil {
				sorted := stats.Sorted(q.Values)
				out.Lower, out.Upper = known(sorted[*r.LowerRank-1]), known(sorted[*r.UpperRank-1])
			}
			return out, err
		}),
		method("quantile.difference.normal", "Difference of two quantiles from their intervals.", []string{"control", "treatment", "estimate", "se", "lower", "upper", "reason"}, func(q difference) (any, error) {
			return stats.CompareLimits(stats.Limits(q.Control), stats.Limits(q.Treatment), q.level.level())
		}),
	}
}

// dunnettMethods compare several treatments with one control.
func dunnettMethods() []Method {
	type critical struct {
		Treatments int64    `json:"treatments"`
		DF         *float64 `json:"df" calc:"optional"`
		options
	}
	type arms struct {
		Control    meanArm   `json:"control"`
		Treatments []meanArm `json:"treatments"`
		options
	}
	return []Method{
		method("multiplicity.dunnett.critical_value", "Critical value for several treatments against one control.", []string{"critical_value"}, func(q critical) (any, error) {
			c, err := stats.DunnettCritical(int(q.Treatments), orInfinite(q.DF), q.level.level(), q.alternative())
			return struct {
				CriticalValue *float64 `json:"critical_value"`
			}{c}, err
		}),
		method("multiplicity.dunnett", "Several treatments against one control with a common error probability.", []string{"estimate", "statistic", "p_value", "lower", "upper", "df", "critical_value", "reason"}, func(q arms) (any, error) {
			c, err := q.Control.moments()
			if err != nil {
				return nil, err
			}
			var ts []stats.Moments
			for _, a := range q.Treatments {
				t, err := a.moments()
				if err != nil {
					return nil, err
				}
				ts = append(ts, t)
			}
			return stats.Dunnett(c, ts, q.level.level(), q.alternative())
		}),
	}
}
