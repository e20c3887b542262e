package calc

import "vouch/cohorts"

type contributionInput struct {
	CAC          float64   `json:"cac"`
	Contribution []float64 `json:"contribution"`
	Discount     float64   `json:"discount_per_period" calc:"optional"`
}

type curveInput struct {
	CAC       float64 `json:"cac"`
	Margin    float64 `json:"margin"`
	Retention float64 `json:"retention"`
	Periods   int     `json:"periods"`
	Discount  float64 `json:"discount_per_period" calc:"optional"`
}

func paybackMethods() []Method {
	output := []string{"payback_periods", "cumulative", "ltv", "ltv_to_cac", "reason"}
	return []Method{
		method("payback.contribution", "Number of periods until cumulative contribution covers the cost of acquisition.", output,
			func(in contributionInput) (any, error) { return payback(in.CAC, in.Contribution, in.Discount) }),
		method("payback.retention_curve", "Payback of customers who stay each period with the same probability.", output,
			func(in curveInput) (any, error) {
				if in.Periods > 1_000_000 {
					return nil, Invalid("periods: %d is too many", in.Periods)
				}
				c, err := cohorts.RetentionCurve(in.Margin, in.Retention, in.Periods)
				if err != nil {
					return nil, err
				}
				return payback(in.CAC, c, in.Discount)
			}),
	}
}

func payback(cac float64, contribution []float64, discount float64) (any, error) {
	p, err := cohorts.PaybackOf(cac, contribution, discount)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"payback_periods": p.Periods, "cumulative": p.Cumulative, "ltv": p.LTV, "ltv_to_cac": p.LTVToCAC, "reason": orNull(p.Reason),
	}, nil
}
