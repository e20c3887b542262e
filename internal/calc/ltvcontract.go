package calc

import "vouch/cohorts/ltv"

type sbgParams struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
}

type bdwParams struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	C     float64 `json:"c"`
}

type cohortsInput struct {
	Cohorts [][]float64 `json:"cohorts"`
}

type contractInput[P any] struct {
	Params P `json:"params"`
	cohortsInput
}

type survivalInput[P any] struct {
	Params P                  `json:"params"`
	T      oneOrMany[float64] `json:"t"`
}

type derlInput struct {
	Params   sbgParams        `json:"params"`
	Discount float64          `json:"discount"`
	Renewals oneOrMany[int64] `json:"renewals"`
}

// contractModel is a model of customers under contract.
type contractModel interface {
	Survival(t float64) float64
	LogLikelihood(s ltv.Renewals) float64
	Check() error
}

func contractMethods() []Method {
	all := contractFamily("ltv.sbg", "sBG", []string{"alpha", "beta"}, func(p sbgParams) ltv.SBG { return ltv.SBG(p) }, ltv.FitSBG)
	all = append(all, contractFamily("ltv.bdw", "BdW", []string{"alpha", "beta", "c"}, func(p bdwParams) ltv.BDW { return ltv.BDW(p) }, ltv.FitBDW)...)
	return append(all, method("ltv.sbg.derl", "Discounted renewals to expect of customers who have renewed n times, and of new ones, by the sBG model.",
		[]string{"values", "new_customer", "reason"}, derl))
}

// contractFamily are the methods that both models under contract have.
func contractFamily[P any, M contractModel](prefix, model string, names []string, build func(P) M, fit func(ltv.Renewals) ltv.Fit[M]) []Method {
	return []Method{
		method(prefix+".fit", "Parameters of the "+model+" model of renewals by maximum likelihood.", fitOutput(names...), func(in cohortsInput) (any, error) {
			s, err := ltv.NewRenewals(in.Cohorts)
			if err != nil {
				return nil, err
			}
			return fitted(fit(s), names...), nil
		}),
		method(prefix+".log_likelihood", "Log-likelihood of survivors under given parameters of the "+model+" model.",
			[]string{"log_likelihood", "per_customer", "reason"}, func(in contractInput[P]) (any, error) {
				m := build(in.Params)
				if err := m.Check(); err != nil {
					return nil, err
				}
				s, err := ltv.NewRenewals(in.Cohorts)
				if err != nil {
					return nil, err
				}
				l := m.LogLikelihood(s)
				return map[string]any{"log_likelihood": l, "per_customer": l / s.Customers(), "reason": nil}, nil
			}),
		method(prefix+".survival", "Share of customers still there after t renewals, by the "+model+" model.", []string{"values", "reason"},
			func(in survivalInput[P]) (any, error) {
				m := build(in.Params)
				if err := m.Check(); err != nil {
					return nil, err
				}
				if err := notNegative("t", in.T); err != nil {
					return nil, err
				}
				n, err := rowsOf(in.T)
				if err != nil {
					return nil, err
				}
				return values(n, oneOrMany[int64]{}, func(i int) *float64 { return known(m.Survival(in.T.at(i, 0))) }), nil
			}),
	}
}

func derl(in derlInput) (any, error) {
	m := ltv.SBG(in.Params)
	if err := m.Check(); err != nil {
		return nil, err
	}
	if in.Discount < 0 {
		return nil, Invalid("discount: %v is negative", in.Discount)
	}
	if err := notNegative("renewals", in.Renewals); err != nil {
		return nil, err
	}
	n, err := rowsOf(in.Renewals)
	if err != nil {
		return nil, err
	}
	reason := ""
	number := func(v float64, ok bool) *float64 {
		if !ok {
			reason = ltv.ReasonUnlimited
			return nil
		}
		return known(v)
	}
	out := values(n, oneOrMany[int64]{}, func(i int) *float64 { return number(m.DERL(float64(in.Renewals.at(i, 0)), in.Discount)) })
	out["new_customer"] = number(m.New(in.Discount))
	out["reason"] = orNull(reason)
	return out, nil
}
