package calc

import "vouch/cohorts/ltv"

type ladderInput struct {
	Cells [][]float64 `json:"triangle"`
	Tail  *float64    `json:"tail" calc:"optional"`
}

type mackInput struct {
	ladderInput
	Rule string `json:"sigma_rule" calc:"optional"`
}

type aprioriInput struct {
	ladderInput
	Apriori oneOrMany[float64] `json:"apriori"`
}

type benktanderInput struct {
	aprioriInput
	Iterations *int `json:"iterations" calc:"optional"`
}

type capeCodInput struct {
	ladderInput
	Exposure oneOrMany[float64] `json:"exposure"`
}

// triangle reads the triangle.
func (in ladderInput) triangle() (ltv.Triangle, error) {
	tail := 1.0
	if in.Tail != nil {
		tail = *in.Tail
	}
	return ltv.NewTriangle(in.Cells, tail)
}

func chainLadderMethods() []Method {
	projection := []string{"ultimates", "outstanding", "total_outstanding", "reasons", "reason"}
	return []Method{
		method("chain_ladder.factors", "Growth of cumulative value from each age to the next, and to the ultimate.",
			[]string{"factors", "cdf", "reasons", "reason"}, func(in ladderInput) (any, error) {
				t, err := in.triangle()
				if err != nil {
					return nil, err
				}
				d := t.Development()
				return map[string]any{"factors": d.Factors, "cdf": d.ToUltimate, "reasons": orNulls(d.Reasons), "reason": firstReason(d.Reasons)}, nil
			}),
		method("chain_ladder.ultimates", "Value of each cohort in the end, by chain ladder.", projection, func(in ladderInput) (any, error) {
			t, err := in.triangle()
			if err != nil {
				return nil, err
			}
			return projected(t.Ultimates()), nil
		}),
		method("chain_ladder.mack", "Standard errors of a chain ladder, by Mack.",
			append([]string{"sigma", "factor_se", "se", "total_se", "sigma_rule"}, projection...), mack),
		method("chain_ladder.bornhuetter_ferguson", "Value of each cohort in the end, what is to come taken from an expectation.", projection,
			func(in aprioriInput) (any, error) {
				t, err := in.triangle()
				if err != nil {
					return nil, err
				}
				return projectedOr(t.BornhuetterFerguson(in.Apriori.list))
			}),
		method("chain_ladder.benktander", "Bornhuetter-Ferguson, repeated with its own result as the expectation.", projection,
			func(in benktanderInput) (any, error) {
				t, err := in.triangle()
				if err != nil {
					return nil, err
				}
				iterations := 2
				if in.Iterations != nil {
					iterations = *in.Iterations
				}
				return projectedOr(t.Benktander(in.Apriori.list, iterations))
			}),
		method("chain_ladder.cape_cod", "Bornhuetter-Ferguson with the expectation per unit of exposure taken from the cohorts.",
			append([]string{"apriori"}, projection...), func(in capeCodInput) (any, error) {
				t, err := in.triangle()
				if err != nil {
					return nil, err
				}
				apriori, p, err := t.CapeCod(in.Exposure.list)
				if err != nil {
					return nil, err
				}
				out := projected(p)
				out["apriori"] = apriori
				return out, nil
			}),
	}
}

func mack(in mackInput) (any, error) {
	t, err := in.triangle()
	if err != nil {
		return nil, err
	}
	rule := ltv.SigmaRule(in.Rule)
	if in.Rule == "" {
		rule = ltv.MackRule
	}
	m, err := t.Mack(rule)
	if err != nil {
		return nil, err
	}
	out := projected(m.Projection)
	out["sigma"], out["factor_se"], out["se"], out["total_se"], out["sigma_rule"] = m.Sigma, m.FactorSE, m.SE, m.TotalSE, string(rule)
	if m.Reason != "" {
		for _, k := range []string{"sigma", "factor_se", "se", "ultimates", "outstanding", "total_outstanding", "reasons"} {
			out[k] = nil
		}
		out["reason"] = m.Reason
	}
	return out, nil
}

// projected writes a projection.
func projected(p ltv.Projection) map[string]any {
	return map[string]any{
		"ultimates": p.Ultimates, "outstanding": p.Outstanding, "total_outstanding": p.TotalOutstanding,
		"reasons": orNulls(p.Reasons), "reason": orNull(p.Reason),
	}
}

func projectedOr(p ltv.Projection, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return projected(p), nil
}

// orNulls writes reasons with null for none.
func orNulls(reasons []string) []any {
	out := make([]any, len(reasons))
	for i, r := range reasons {
		out[i] = orNull(r)
	}
	return out
}

// firstReason is the first of several, null for none.
func firstReason(reasons []string) any {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return nil
}
