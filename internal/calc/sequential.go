package calc

import (
	"errors"

	"vouch/internal/stats"
	"vouch/referral"
)

// sides are the error rate per side and the number of sides of a boundary.
type sides struct {
	AlphaPerSide float64 `json:"alpha_per_side"`
	Sides        number  `json:"sides" calc:"optional"`
}

// sides is the number asked for, 1 by default.
func (s sides) sides() (int, error) {
	switch n := s.Sides.or(1); n {
	case 1, 2:
		return int(n), nil
	default:
		return 0, Invalid("sides is %g, not 1 or 2", n)
	}
}

type looksPlan struct {
	Looks int `json:"looks"`
	sides
}

func (p looksPlan) plan() (stats.Looks, error) {
	n, err := p.sides.sides()
	return stats.Looks{Looks: p.Looks, AlphaPerSide: p.AlphaPerSide, Sides: n}, err
}

// informationLooks are looks at shares of the planned information.
type informationLooks struct {
	Information []float64 `json:"information"`
	sides
}

func (q informationLooks) boundary(s stats.Spending) (any, error) {
	n, err := q.sides.sides()
	if err != nil {
		return nil, err
	}
	return s.Boundary(q.Information, n)
}

// sequentialMethods are tests that may be looked at before their end.
func sequentialMethods() []Method {
	return append(append(looksMethods(), spendingMethods()...), alwaysValidMethods()...)
}

// looksMethods are boundaries at equally spaced looks.
func looksMethods() []Method {
	type inflationPlan struct {
		looksPlan
		Power float64 `json:"power"`
	}
	type inflation struct {
		Inflation *float64 `json:"inflation"`
		Reason    string   `json:"reason,omitempty"`
	}
	var out []Method
	for _, m := range []struct {
		name, doc string
		shape     stats.BoundaryShape
	}{
		{"pocock", "with the same critical value at every look (Pocock)", stats.Pocock},
		{"obrien_fleming", "that is strict early (O'Brien and Fleming)", stats.OBrienFleming},
	} {
		out = append(out,
			method("sequential.boundary."+m.name, "Stopping boundary at equally spaced looks "+m.doc+".", []string{"constant", "critical"}, func(q looksPlan) (any, error) {
				p, err := q.plan()
				if err != nil {
					return nil, err
				}
				return p.Boundary(m.shape)
			}),
			method("sequential.inflation."+m.name, "Factor of the largest sample for the looks of a boundary "+m.doc+".", []string{"inflation", "reason"}, func(q inflationPlan) (any, error) {
				p, err := q.plan()
				if err != nil {
					return nil, err
				}
				f, err := p.Inflation(m.shape, q.Power)
				out := inflation{Inflation: f}
				if f == nil {
					out.Reason = stats.ReasonOutOfRange
				}
				return out, err
			}))
	}
	return out
}

// spendingMethods are boundaries at looks as they come.
func spendingMethods() []Method {
	type kimDeMets struct {
		informationLooks
		Rho float64 `json:"rho"`
	}
	type hwangShihDeCani struct {
		informationLooks
		Gamma float64 `json:"gamma"`
	}
	fields := []string{"critical", "cumulative_alpha", "reason"}
	return []Method{
		method("sequential.boundary.lan_demets_obf", "Stopping boundary that spends almost no error rate early.", fields, func(q informationLooks) (any, error) {
			return q.boundary(stats.LanDeMetsOBrienFleming(q.AlphaPerSide))
		}),
		method("sequential.boundary.lan_demets_pocock", "Stopping boundary that spends the error rate for nearly equal critical values.", fields, func(q informationLooks) (any, error) {
			return q.boundary(stats.LanDeMetsPocock(q.AlphaPerSide))
		}),
		method("sequential.boundary.kim_demets", "Stopping boundary that spends a power of the information.", fields, func(q kimDeMets) (any, error) {
			s, err := stats.KimDeMets(q.AlphaPerSide, q.Rho)
			if err != nil {
				return nil, err
			}
			return q.boundary(s)
		}),
		method("sequential.boundary.hwang_shih_decani", "Stopping boundary that spends the error rate exponentially.", fields, func(q hwangShihDeCani) (any, error) {
			s, err := stats.HwangShihDeCani(q.AlphaPerSide, q.Gamma)
			if err != nil {
				return nil, err
			}
			return q.boundary(s)
		}),
	}
}

// alwaysValidMethods hold at all moments together, planned or not.
func alwaysValidMethods() []Method {
	type means struct {
		meansOptions
		TuningN float64 `json:"tuning_n"`
		Scale   string  `json:"scale" calc:"optional"`
	}
	type width struct {
		N       int64   `json:"n"`
		TuningN float64 `json:"tuning_n"`
		level
	}
	type share struct {
		shareQuestion
		TuningN float64 `json:"tuning_n"`
	}
	type mixture struct {
		S       float64 `json:"s"`
		V       float64 `json:"v"`
		TuningV float64 `json:"tuning_v"`
		options
	}
	type msprt struct {
		Z              float64 `json:"z"`
		N              int64   `json:"n"`
		Variance       float64 `json:"variance"`
		MixingVariance float64 `json:"mixing_variance"`
	}
	return []Method{
		method("sequential.confidence_sequence.asymptotic", "Always-valid interval and p-value of a difference of means or of a lift.", []string{"estimate", "se", "lower", "upper", "p_value", "ln_p_value", "reason"}, func(q means) (any, error) {
			c, t, err := q.moments()
			if err != nil {
				return nil, err
			}
			if q.Scale != "" && q.Scale != "absolute" && q.Scale != "relative" {
				return nil, Invalid("scale %q is not absolute or relative", q.Scale)
			}
			return stats.AsymptoticSequence(c, t, q.level.level(), q.TuningN, q.Scale == "relative", q.alternative())
		}),
		method("sequential.confidence_sequence.width_ratio", "Width of an always-valid interval over that of the interval for one look.", []string{"rho", "ratio", "reason"}, func(q width) (any, error) {
			return stats.SequenceWidthRatio(q.N, q.TuningN, q.level.level())
		}),
		method("sequential.confidence_sequence.beta_binomial", "Always-valid interval of a share.", intervalFields, func(q share) (any, error) {
			lo, hi, err := stats.BetaBinomialSequence(q.Successes, q.Trials, q.level.level(), q.TuningN)
			if errors.Is(err, stats.ErrNoData) {
				return interval{Reason: referral.ReasonNoData}, nil
			}
			if err != nil {
				return nil, err
			}
			return interval{Estimate: known(float64(q.Successes) / float64(q.Trials)), Lower: &lo, Upper: &hi}, nil
		}),
		method("sequential.mixture.normal", "Evidence of a sum against no drift averaged over drifts, and its uniform boundary.", []string{"rho", "log_mixture", "bound", "reason"}, func(q mixture) (any, error) {
			return stats.NormalMixture(q.S, q.V, q.TuningV, q.level.level(), q.alternative())
		}),
		method("sequential.msprt.normal", "Always-valid likelihood ratio of a mean against 0, averaged over normal alternatives.", []string{"likelihood_ratio", "ln_likelihood_ratio", "p_value", "reason"}, func(q msprt) (any, error) {
			return stats.MSPRT(q.Z, q.N, q.Variance, q.MixingVariance)
		}),
	}
}
