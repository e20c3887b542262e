package calc

import (
	"cmp"

	"vouch/cohorts"
	"vouch/internal/stats"
)

type lifetimesInput struct {
	Durations []float64 `json:"durations"`
	Events    []int64   `json:"events"`
}

type kaplanMeierInput struct {
	lifetimesInput
	Times    []float64 `json:"times"`
	ConfType string    `json:"conf_type" calc:"optional"`
	Level    *float64  `json:"level" calc:"optional"`
}

type rmstInput struct {
	lifetimesInput
	Tau float64 `json:"tau"`
}

type userInput struct {
	Start   int64   `json:"start"`
	Returns []int64 `json:"returns"`
}

type triangleInput struct {
	Users []userInput `json:"users"`
	AsOf  int64       `json:"as_of_day_exclusive"`
	K     []int64     `json:"k"`
	Mode  string      `json:"mode"`
}

func retentionMethods() []Method {
	return []Method{
		method("retention.kaplan_meier", "Share of customers retained over time, censored ones included.",
			[]string{"survival", "se", "lower", "upper", "at_risk", "median", "reason"}, kaplanMeier),
		method("retention.rmst", "Mean time retained within tau: the area under the Kaplan-Meier curve.",
			[]string{"value", "se", "reason"}, func(in rmstInput) (any, error) {
				c, err := in.curve()
				if err != nil {
					return nil, err
				}
				if !(in.Tau > 0) {
					return nil, Invalid("tau: %v is not above 0", in.Tau)
				}
				value, se, ok := cohorts.RMST(c, in.Tau)
				if !ok {
					return map[string]any{"value": nil, "se": nil, "reason": "tau_beyond_follow_up"}, nil
				}
				return map[string]any{"value": value, "se": se, "reason": nil}, nil
			}),
		method("retention.triangle", "Who returned k days after the start, on that day or on it or later, complete cells pooled.",
			[]string{"cohorts", "sizes", "cell_retained", "cell_status", "retained", "eligible", "rates", "reasons"}, retentionTriangle),
	}
}

// curve fits the curve of the lifetimes, whose events are 1 (churned) or 0 (censored).
func (in lifetimesInput) curve() (stats.SurvivalCurve, error) {
	if len(in.Durations) != len(in.Events) || len(in.Events) == 0 {
		return stats.SurvivalCurve{}, Invalid("durations and events: %d and %d entries; want as many of both, at least one", len(in.Durations), len(in.Events))
	}
	lives := make([]stats.Lifetime, len(in.Durations))
	for i, d := range in.Durations {
		if d < 0 || in.Events[i] < 0 || in.Events[i] > 1 {
			return stats.SurvivalCurve{}, Invalid("durations[%d]: %v with event %d; want a duration of at least 0 and 0 or 1", i, d, in.Events[i])
		}
		lives[i] = stats.Lifetime{Time: d, Events: in.Events[i], Censored: 1 - in.Events[i]}
	}
	return stats.KaplanMeier(lives)
}

func kaplanMeier(in kaplanMeierInput) (any, error) {
	c, err := in.curve()
	if err != nil {
		return nil, err
	}
	n := len(in.Times)
	survival, se, lower, upper := make([]*float64, n), make([]*float64, n), make([]*float64, n), make([]*float64, n)
	atRisk := make([]int64, n)
	for i, t := range in.Times {
		s, err := cohorts.SurvivalAt(c, t, cmp.Or(in.ConfType, cohorts.LogLog), levelOf(in.Level))
		if err != nil {
			return nil, err
		}
		survival[i], se[i], lower[i], upper[i] = s.Survival, s.SE, s.Lower, s.Upper
		for _, d := range in.Durations {
			if d >= t {
				atRisk[i]++
			}
		}
	}
	out := map[string]any{
		"survival": survival, "se": se, "lower": lower, "upper": upper, "at_risk": atRisk, "median": nil, "reason": "median_not_reached",
	}
	if m, ok := c.Quantile(0.5); ok {
		out["median"], out["reason"] = m, nil
	}
	return out, nil
}

func retentionTriangle(in triangleInput) (any, error) {
	if in.Mode != "bounded" && in.Mode != "unbounded" {
		return nil, Invalid("mode: %q; bounded or unbounded", in.Mode)
	}
	if len(in.Users) == 0 || len(in.K) == 0 {
		return nil, Invalid("users and k must not be empty")
	}
	users := make([]cohorts.Returns, len(in.Users))
	for i, u := range in.Users {
		users[i] = cohorts.Returns(u)
	}
	t, err := cohorts.ReturnsOf(users, in.AsOf, in.K, in.Mode == "unbounded")
	if err != nil {
		return nil, err
	}
	status := make([][]string, len(t.Complete))
	for i, row := range t.Complete {
		for _, c := range row {
			status[i] = append(status[i], map[bool]string{true: "complete", false: "partial"}[c])
		}
	}
	rates, reasons := make([]*float64, len(in.K)), make([]any, len(in.K))
	for j, n := range t.Eligible {
		if n == 0 {
			reasons[j] = "no_complete_cells"
			continue
		}
		r := float64(t.Retained[j]) / float64(n)
		rates[j] = &r
	}
	return map[string]any{
		"cohorts": t.Cohorts, "sizes": t.Sizes, "cell_retained": t.Cells, "cell_status": status,
		"retained": t.Retained, "eligible": t.Eligible, "rates": rates, "reasons": reasons,
	}, nil
}
