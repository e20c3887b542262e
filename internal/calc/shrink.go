package calc

import (
	"vouch/internal/stats"
	"vouch/partners"
)

type gammaPoissonInput struct {
	Shape        float64   `json:"prior_shape"`
	Rate         float64   `json:"prior_rate"`
	Cost         []float64 `json:"cost"`
	Acquisitions []float64 `json:"acquisitions"`
	Level        *float64  `json:"level" calc:"optional"`
}

type gammaPoissonFitInput struct {
	Cost         []float64 `json:"cost"`
	Acquisitions []int64   `json:"acquisitions"`
}

type betaBinomialInput struct {
	Alpha     float64  `json:"prior_alpha"`
	Beta      float64  `json:"prior_beta"`
	Successes []int64  `json:"successes"`
	Trials    []int64  `json:"trials"`
	Level     *float64 `json:"level" calc:"optional"`
}

type jamesSteinInput struct {
	Successes []int64 `json:"successes"`
	Trials    int64   `json:"trials"`
}

type normalInput struct {
	Estimates []float64 `json:"estimates"`
	SE        []float64 `json:"se"`
}

func shrinkMethods() []Method {
	return []Method{
		method("cpa.shrinkage.gamma_poisson", "Acquisitions per unit of cost of each partner, shrunk towards a gamma prior.",
			[]string{"rates", "cpa", "pool_weight", "rate_lower", "rate_upper"}, func(in gammaPoissonInput) (any, error) {
				if len(in.Cost) != len(in.Acquisitions) || len(in.Cost) == 0 {
					return nil, Invalid("cost and acquisitions: %d and %d entries; want as many of both, at least one", len(in.Cost), len(in.Acquisitions))
				}
				out, err := columns(len(in.Cost), func(i int) (stats.Shrunk, error) {
					return partners.GammaPoisson(in.Shape, in.Rate, in.Cost[i], in.Acquisitions[i], levelOf(in.Level))
				})
				if err != nil {
					return nil, err
				}
				cpa := make([]float64, len(out.value))
				for i, r := range out.value {
					cpa[i] = 1 / r
				}
				return map[string]any{"rates": out.value, "cpa": cpa, "pool_weight": out.pool, "rate_lower": out.lower, "rate_upper": out.upper}, nil
			}),
		method("cpa.shrinkage.gamma_poisson_fit", "Gamma prior of acquisitions per unit of cost, by maximum likelihood.",
			[]string{"prior_shape", "prior_rate", "log_likelihood", "reason"}, func(in gammaPoissonFitInput) (any, error) {
				p, err := partners.FitGammaPoisson(in.Cost, in.Acquisitions)
				if err != nil {
					return nil, err
				}
				return map[string]any{"prior_shape": p.Shape, "prior_rate": p.Rate, "log_likelihood": p.LogLikelihood, "reason": orNull(p.Reason)}, nil
			}),
		method("cpa.shrinkage.beta_binomial", "Rate of each partner, shrunk towards a beta prior.",
			[]string{"means", "pool_weight", "lower", "upper"}, func(in betaBinomialInput) (any, error) {
				if len(in.Successes) != len(in.Trials) || len(in.Trials) == 0 {
					return nil, Invalid("successes and trials: %d and %d entries; want as many of both, at least one", len(in.Successes), len(in.Trials))
				}
				out, err := columns(len(in.Trials), func(i int) (stats.Shrunk, error) {
					return stats.BetaBinomial(in.Alpha, in.Beta, stats.Counts{Successes: in.Successes[i], Trials: in.Trials[i]}, levelOf(in.Level))
				})
				if err != nil {
					return nil, err
				}
				return map[string]any{"means": out.value, "pool_weight": out.pool, "lower": out.lower, "upper": out.upper}, nil
			}),
		method("cpa.shrinkage.james_stein", "Rates of equal trials, shrunk towards their mean.",
			[]string{"grand_mean", "shrink_factor", "estimates"}, func(in jamesSteinInput) (any, error) {
				mean, factor, estimates, err := partners.JamesStein(in.Successes, in.Trials)
				if err != nil {
					return nil, err
				}
				return map[string]any{"grand_mean": mean, "shrink_factor": factor, "estimates": estimates}, nil
			}),
		method("cpa.shrinkage.normal", "Estimates with standard errors, shrunk towards their pooled mean.",
			[]string{"tau2", "pooled", "own_weight", "posterior_means"}, func(in normalInput) (any, error) {
				p, err := partners.PoolNormal(in.Estimates, in.SE)
				if err != nil {
					return nil, err
				}
				return map[string]any{"tau2": p.Tau2, "pooled": p.Mean, "own_weight": p.OwnWeight, "posterior_means": p.Posteriors}, nil
			}),
	}
}

// shrunkColumns are the fields of several shrunk estimates.
type shrunkColumns struct{ value, pool, lower, upper []float64 }

func columns(n int, f func(i int) (stats.Shrunk, error)) (shrunkColumns, error) {
	var out shrunkColumns
	for i := range n {
		s, err := f(i)
		if err != nil {
			return out, err
		}
		out.value, out.pool = append(out.value, s.Value), append(out.pool, s.PoolWeight)
		out.lower, out.upper = append(out.lower, s.Lower), append(out.upper, s.Upper)
	}
	return out, nil
}
