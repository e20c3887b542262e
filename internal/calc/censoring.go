package calc

import (
	"vouch/internal/stats"
	"vouch/referral"
)

// survivalArm is a group of lifetimes: how long each unit was watched, and whether it had the event.
type survivalArm struct {
	Time  []float64 `json:"time"`
	Event []int64   `json:"event"`
}

func (a survivalArm) lifetimes() ([]stats.Lifetime, error) {
	if len(a.Time) != len(a.Event) {
		return nil, Invalid("%d times and %d events", len(a.Time), len(a.Event))
	}
	var out []stats.Lifetime
	for i, t := range a.Time {
		if t < 0 || a.Event[i] != 0 && a.Event[i] != 1 {
			return nil, Invalid("time %g with event %d", t, a.Event[i])
		}
		out = append(out, stats.Lifetime{Time: t, Events: a.Event[i], Censored: 1 - a.Event[i]})
	}
	return out, nil
}

type survivalArms struct {
	Control   survivalArm `json:"control"`
	Treatment survivalArm `json:"treatment"`
}

func (a survivalArms) lifetimes() (c, t []stats.Lifetime, err error) {
	if c, err = a.Control.lifetimes(); err != nil {
		return nil, nil, err
	}
	t, err = a.Treatment.lifetimes()
	return c, t, err
}

// censoringMethods are about conversions that may still come.
func censoringMethods() []Method {
	type curve struct {
		survivalArm
		At []float64 `json:"at"`
	}
	type curveResult struct {
		Survival []*float64 `json:"survival"`
		SE       []*float64 `json:"se"`
		Reason   string     `json:"reason,omitempty"`
	}
	type horizon struct {
		survivalArms
		level
		Tau float64 `json:"tau"`
	}
	type maturity struct {
		EnrolledAt     []float64  `json:"enrolled_at"`
		ConvertedAfter []*float64 `json:"converted_after"`
		AsOf           float64    `json:"as_of"`
		Window         float64    `json:"window"`
	}
	return []Method{
		method("censoring.kaplan_meier", "Share still without the event at given times.", []string{"survival", "se", "reason"}, func(q curve) (any, error) {
			ls, err := q.lifetimes()
			if err != nil {
				return nil, err
			}
			out := curveResult{Survival: make([]*float64, len(q.At)), SE: make([]*float64, len(q.At))}
			if len(ls) == 0 {
				out.Reason = referral.ReasonNoData
				return out, nil
			}
			c, err := stats.KaplanMeier(ls)
			if err != nil {
				return nil, err
			}
			for i, at := range q.At {
				s, se, ok := c.At(at)
				if !ok {
					out.Reason = referral.ReasonNoData
					continue
				}
				out.Survival[i], out.SE[i] = known(s), known(se)
			}
			return out, nil
		}),
		method("censoring.log_rank", "Whether two groups have the event at the same rate.", []string{"observed", "expected", "statistic", "df", "p_value", "reason"}, func(q survivalArms) (any, error) {
			c, t, err := q.lifetimes()
			if err != nil {
				return nil, err
			}
			return stats.LogRank(c, t)
		}),
		method("censoring.rmst", "Difference in mean time without the event up to a horizon.", []string{"control", "treatment", "estimate", "se", "lower", "upper", "reason"}, func(q horizon) (any, error) {
			c, t, err := q.lifetimes()
			if err != nil {
				return nil, err
			}
			return stats.CompareRestrictedMeans(c, t, q.Tau, q.level.level())
		}),
		method("censoring.maturity", "Conversion rate within a window: of all units, of mature ones, and by Kaplan–Meier.", []string{"units", "matured_units", "naive_rate", "matured_rate", "km_rate", "reason"}, func(q maturity) (any, error) {
			return stats.ConversionMaturity(q.EnrolledAt, q.ConvertedAfter, q.AsOf, q.Window)
		}),
	}
}
