package calc

import "vouch/cohorts/ltv"

type bgnbdParams struct {
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"`
	A     float64 `json:"a"`
	B     float64 `json:"b"`
}

type paretoParams struct {
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"`
	S     float64 `json:"s"`
	Beta  float64 `json:"beta"`
}

type nbdParams struct {
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"`
}

type bgbbParams struct {
	Alpha float64 `json:"alpha"`
	Beta  float64 `json:"beta"`
	Gamma float64 `json:"gamma"`
	Delta float64 `json:"delta"`
}

type fitInput struct {
	historyInput
	unitsInput
}

type repeatInput[P any] struct {
	Params P `json:"params"`
	historyInput
	unitsInput
}

type expectedInput[P any] struct {
	repeatInput[P]
	T oneOrMany[float64] `json:"t"`
}

type newInput[P any] struct {
	Params P                  `json:"params"`
	T      oneOrMany[float64] `json:"t"`
	Count  oneOrMany[int64]   `json:"count" calc:"optional"`
	unitsInput
}

type pmfInput[P any] struct {
	Params P                  `json:"params"`
	N      oneOrMany[int64]   `json:"n"`
	T      oneOrMany[float64] `json:"t"`
	Count  oneOrMany[int64]   `json:"count" calc:"optional"`
	unitsInput
}

type holdoutInput[P any] struct {
	repeatInput[P]
	Bought oneOrMany[float64] `json:"holdout_total"`
	T      float64            `json:"t"`
	Top    int64              `json:"top_bin"`
}

type dertInput struct {
	repeatInput[paretoParams]
	Discount oneOrMany[float64] `json:"discount"`
}

func repeatMethods() []Method {
	bg := []string{"r", "alpha", "a", "b"}
	all := repeatFamily("ltv.bgnbd", "BG/NBD", bg, func(p bgnbdParams) ltv.BGNBD { return ltv.BGNBD(p) }, ltv.FitBGNBD)
	all = append(all, repeatFamily("ltv.mbgnbd", "MBG/NBD", bg, func(p bgnbdParams) ltv.MBGNBD { return ltv.MBGNBD(p) }, ltv.FitMBGNBD)...)
	all = append(all, repeatFamily("ltv.pareto_nbd", "Pareto/NBD", []string{"r", "alpha", "s", "beta"},
		func(p paretoParams) ltv.ParetoNBD { return ltv.ParetoNBD(p) }, ltv.FitParetoNBD)...)
	all = append(all, repeatFamily("ltv.nbd", "NBD", bg[:2], func(p nbdParams) ltv.NBD { return ltv.NBD(p) }, ltv.FitNBD)...)
	return append(
		all,
		method("ltv.bgnbd.pmf", "Probability that a new customer buys n more times within t, by the BG/NBD model.",
			[]string{"values", "total", "reason"}, bgnbdPMF),
		method("ltv.pareto_nbd.dert", "Discounted number of purchases to expect for ever after a history, by the Pareto/NBD model.",
			[]string{"values", "total", "reason"}, paretoDERT),
	)
}

// repeatFamily are the methods that every model of repeat purchases has.
func repeatFamily[P any, M ltv.Repeat](prefix, model string, names []string, build func(P) M, fit func(ltv.Sample) ltv.Fit[M]) []Method {
	vector := []string{"values", "total", "reason"}
	return []Method{
		method(prefix+".fit", "Parameters of the "+model+" model by maximum likelihood.", fitOutput(names...), func(in fitInput) (any, error) {
			factor, err := in.factor()
			if err != nil {
				return nil, err
			}
			s, err := in.sample(factor)
			if err != nil {
				return nil, err
			}
			return fitted(fit(s), names...), nil
		}),
		method(prefix+".log_likelihood", "Log-likelihood of histories under given parameters of the "+model+" model.",
			[]string{"log_likelihood", "reason"}, func(in repeatInput[P]) (any, error) {
				m, factor, err := modelOf(in, build)
				if err != nil {
					return nil, err
				}
				s, err := in.sample(factor)
				if err != nil {
					return nil, err
				}
				return map[string]any{"log_likelihood": m.LogLikelihood(s), "reason": nil}, nil
			}),
		method(prefix+".probability_alive", "Probability that a customer has not left, by the "+model+" model.", vector, func(in repeatInput[P]) (any, error) {
			m, factor, err := modelOf(in, build)
			if err != nil {
				return nil, err
			}
			p, err := in.patterns(factor)
			if err != nil {
				return nil, err
			}
			return values(len(p), in.Count, func(i int) *float64 { return known(m.Alive(p[i].History)) }), nil
		}),
		method(prefix+".expected_transactions", "Purchases to expect in the time t after a history, by the "+model+" model.", vector, func(in expectedInput[P]) (any, error) {
			m, factor, err := modelOf(in.repeatInput, build)
			if err != nil {
				return nil, err
			}
			p, err := in.patterns(factor, in.T)
			if err != nil {
				return nil, err
			}
			if err := notNegative("t", in.T); err != nil {
				return nil, err
			}
			return values(len(p), in.Count, func(i int) *float64 { return known(m.Expected(p[i].History, in.T.at(i, 0)*factor)) }), nil
		}),
		method(prefix+".expected_transactions_new", "Repeat purchases to expect of a new customer within t, by the "+model+" model.", vector, func(in newInput[P]) (any, error) {
			return expectedNew(in, build)
		}),
		method(prefix+".holdout", "Purchases in a hold-out against those expected, by frequency class, by the "+model+" model.",
			[]string{"customers", "actual_mean", "expected_mean", "total_actual", "total_expected", "reason"}, func(in holdoutInput[P]) (any, error) {
				return holdout(in, build)
			}),
	}
}

// modelOf reads the parameters and the unit of time.
func modelOf[P any, M ltv.Repeat](in repeatInput[P], build func(P) M) (m M, factor float64, err error) {
	m = build(in.Params)
	if err := m.Check(); err != nil {
		return m, 0, err
	}
	factor, err = in.factor()
	return m, factor, err
}

func expectedNew[P any, M ltv.Repeat](in newInput[P], build func(P) M) (any, error) {
	m := build(in.Params)
	if err := m.Check(); err != nil {
		return nil, err
	}
	factor, err := in.factor()
	if err != nil {
		return nil, err
	}
	n, err := rowsOf(in.T, in.Count)
	if err != nil {
		return nil, err
	}
	if err := notNegative("t", in.T); err != nil {
		return nil, err
	}
	if err := notNegative("count", in.Count); err != nil {
		return nil, err
	}
	return values(n, in.Count, func(i int) *float64 { return known(m.ExpectedNew(in.T.at(i, 0) * factor)) }), nil
}

func holdout[P any, M ltv.Repeat](in holdoutInput[P], build func(P) M) (any, error) {
	m, factor, err := modelOf(in.repeatInput, build)
	if err != nil {
		return nil, err
	}
	p, err := in.patterns(factor, in.Bought)
	if err != nil {
		return nil, err
	}
	outcomes := make([]ltv.Outcome, len(p))
	for i := range p {
		outcomes[i] = ltv.Outcome{Pattern: p[i], Bought: in.Bought.at(i, 0)}
	}
	classes, err := ltv.ByFrequency(m, outcomes, in.T*factor, in.Top)
	if err != nil {
		return nil, err
	}
	customers, actual, expected := make([]int64, len(classes)), make([]*float64, len(classes)), make([]*float64, len(classes))
	totalActual, totalExpected := 0.0, 0.0
	for i, c := range classes {
		customers[i], actual[i], expected[i] = c.Customers, c.ActualMean, c.ExpectedMean
		totalActual += c.Actual
		totalExpected += c.Expected
	}
	return map[string]any{
		"customers": customers, "actual_mean": actual, "expected_mean": expected,
		"total_actual": totalActual, "total_expected": totalExpected, "reason": nil,
	}, nil
}

func bgnbdPMF(in pmfInput[bgnbdParams]) (any, error) {
	m := ltv.BGNBD(in.Params)
	if err := m.Check(); err != nil {
		return nil, err
	}
	factor, err := in.factor()
	if err != nil {
		return nil, err
	}
	n, err := rowsOf(in.N, in.T, in.Count)
	if err != nil {
		return nil, err
	}
	if err := notNegative("t", in.T); err != nil {
		return nil, err
	}
	if err := notNegative("n", in.N); err != nil {
		return nil, err
	}
	if err := notNegative("count", in.Count); err != nil {
		return nil, err
	}
	return values(n, in.Count, func(i int) *float64 { return known(m.PMF(in.N.at(i, 0), in.T.at(i, 0)*factor)) }), nil
}

func paretoDERT(in dertInput) (any, error) {
	m, factor, err := modelOf(in.repeatInput, func(p paretoParams) ltv.ParetoNBD { return ltv.ParetoNBD(p) })
	if err != nil {
		return nil, err
	}
	p, err := in.patterns(factor, in.Discount)
	if err != nil {
		return nil, err
	}
	for _, d := range in.Discount.list {
		if d <= 0 {
			return nil, Invalid("discount: %v is not above 0", d)
		}
	}
	return values(len(p), in.Count, func(i int) *float64 { return known(m.DERT(p[i].History, in.Discount.at(i, 0))) }), nil
}
