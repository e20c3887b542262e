package calc

import "vouch/partners"

func cpaMethods() []Method {
	type interval struct {
		Cost         float64  `json:"cost"`
		Acquisitions float64  `json:"acquisitions"`
		Level        *float64 `json:"level" calc:"optional"`
	}
	type ratio struct {
		LTV float64 `json:"ltv"`
		CAC float64 `json:"cac"`
	}
	type points struct {
		Cost         [2]float64 `json:"cost"`
		Acquisitions [2]float64 `json:"acquisitions"`
	}
	return []Method{
		method("cpa.interval", "Cost per acquisition with Garwood's limits for the count.",
			[]string{"cpa", "count_lower", "count_upper", "lower", "upper", "reason"}, func(in interval) (any, error) {
				c, err := partners.CostPerAcquisition(in.Cost, in.Acquisitions, levelOf(in.Level))
				if err != nil {
					return nil, err
				}
				return map[string]any{
					"cpa": c.CPA, "count_lower": c.CountLower, "count_upper": c.CountUpper,
					"lower": c.Lower, "upper": c.Upper, "reason": orNull(c.Reason),
				}, nil
			}),
		method("cpa.ltv_ratio", "Lifetime value per cost of acquisition.", []string{"ratio", "reason"}, func(in ratio) (any, error) {
			r, reason, err := partners.Ratio(in.LTV, in.CAC)
			if err != nil {
				return nil, err
			}
			return map[string]any{"ratio": r, "reason": orNull(reason)}, nil
		}),
		method("cpa.marginal", "Average cost of two points and the cost of one more acquisition between them.",
			[]string{"average", "marginal", "reason"}, func(in points) (any, error) {
				average, marginal, reason, err := partners.Marginal(in.Cost, in.Acquisitions)
				if err != nil {
					return nil, err
				}
				return map[string]any{"average": average, "marginal": marginal, "reason": orNull(reason)}, nil
			}),
	}
}

// levelOf is the level of an interval, 0.95 unless given.
func levelOf(l *float64) float64 {
	if l == nil {
		return 0.95
	}
	return *l
}

// orNull writes an empty reason as null.
func orNull(reason string) any {
	if reason == "" {
		return nil
	}
	return reason
}
