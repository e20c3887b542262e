package calc

import (
	"cmp"
	"encoding/json"

	"vouch/cohorts/ltv"
)

type roundsInput struct {
	X       oneOrMany[int64]   `json:"x"`
	Recency oneOrMany[float64] `json:"t_x"`
	Rounds  oneOrMany[float64] `json:"n"`
	Count   oneOrMany[int64]   `json:"count" calc:"optional"`
}

type bgbbInput struct {
	Params bgbbParams `json:"params"`
	roundsInput
}

type bgbbExpectedInput struct {
	bgbbInput
	Horizon oneOrMany[int64] `json:"horizon"`
}

type bgbbNewInput struct {
	Params bgbbParams       `json:"params"`
	N      oneOrMany[int64] `json:"n"`
	Count  oneOrMany[int64] `json:"count" calc:"optional"`
}

type spendParams struct {
	P float64 `json:"p"`
	Q float64 `json:"q"`
	V float64 `json:"v"`
}

type spendInput struct {
	X     oneOrMany[int64]   `json:"x"`
	Mean  oneOrMany[float64] `json:"m"`
	Count oneOrMany[int64]   `json:"count" calc:"optional"`
}

type spendModelInput struct {
	Params spendParams `json:"params"`
	spendInput
}

type spendParamsInput struct {
	Params spendParams `json:"params"`
}

type valueInput struct {
	Model  string          `json:"model" calc:"optional"`
	Params json.RawMessage `json:"params"`
	historyInput
	Spend        oneOrMany[float64] `json:"spend"`
	Periods      int                `json:"periods"`
	PeriodLength float64            `json:"period_length"`
	PeriodUnit   string             `json:"period_unit"`
	ModelUnit    string             `json:"model_unit"`
	Discount     float64            `json:"discount_per_period"`
	Margin       *float64           `json:"margin" calc:"optional"`
}

func valueMethods() []Method {
	vector := []string{"values", "total", "reason"}
	return append(
		bgbbMethods(vector),
		method("ltv.gamma_gamma.fit", "Parameters of the Gamma-Gamma model of spend by maximum likelihood.", fitOutput("p", "q", "v"),
			func(in spendInput) (any, error) {
				s, err := in.spends()
				if err != nil {
					return nil, err
				}
				return fitted(ltv.FitGammaGamma(s), "p", "q", "v"), nil
			}),
		method("ltv.gamma_gamma.log_likelihood", "Log-likelihood of mean spends under given parameters of the Gamma-Gamma model.",
			[]string{"log_likelihood", "reason"}, func(in spendModelInput) (any, error) {
				m := ltv.GammaGamma(in.Params)
				if err := m.Check(); err != nil {
					return nil, err
				}
				s, err := in.spends()
				if err != nil {
					return nil, err
				}
				return map[string]any{"log_likelihood": m.LogLikelihood(s), "reason": nil}, nil
			}),
		method("ltv.gamma_gamma.expected_spend", "Spend to expect on a further purchase, by the Gamma-Gamma model.",
			append(vector, "reasons"), expectedSpend),
		method("ltv.gamma_gamma.population_mean", "Mean spend of a purchase over all customers, by the Gamma-Gamma model.",
			[]string{"value", "reason"}, func(in spendParamsInput) (any, error) {
				m := ltv.GammaGamma(in.Params)
				if err := m.Check(); err != nil {
					return nil, err
				}
				if v, ok := m.Population(); ok {
					return map[string]any{"value": v, "reason": nil}, nil
				}
				return map[string]any{"value": nil, "reason": ltv.ReasonNoMean}, nil
			}),
		method("ltv.clv.discounted", "Value of the purchases to expect over a number of periods, discounted to the end of each.", vector, discountedValue),
	)
}

// rows reads the spends of the rows.
func (in spendInput) rows() ([]ltv.Spend, error) {
	n, err := rowsOf(in.X, in.Mean, in.Count)
	if err != nil {
		return nil, err
	}
	out := make([]ltv.Spend, n)
	for i := range out {
		out[i] = ltv.Spend{Repeats: in.X.at(i, 0), Mean: in.Mean.at(i, 0), Count: in.Count.at(i, 1)}
	}
	return out, nil
}

// spends reads the rows for a likelihood.
func (in spendInput) spends() (ltv.Spends, error) {
	rows, err := in.rows()
	if err != nil {
		return ltv.Spends{}, err
	}
	return ltv.NewSpends(rows)
}

func expectedSpend(in spendModelInput) (any, error) {
	m := ltv.GammaGamma(in.Params)
	if err := m.Check(); err != nil {
		return nil, err
	}
	rows, err := in.rows()
	if err != nil {
		return nil, err
	}
	if _, err := ltv.NewSpends(rows); err != nil {
		return nil, err
	}
	reasons := make([]any, len(rows))
	out := values(len(rows), in.Count, func(i int) *float64 {
		v, ok := m.Expected(rows[i].Repeats, rows[i].Mean)
		if !ok {
			reasons[i] = ltv.ReasonNoMean
			return nil
		}
		return known(v)
	})
	out["reasons"] = reasons
	for _, r := range reasons {
		if r != nil {
			out["reason"] = r
		}
	}
	return out, nil
}

// repeatModel reads the model by name.
func repeatModel(name string, params json.RawMessage) (m ltv.Repeat, err error) {
	switch name {
	case "bgnbd", "mbgnbd":
		p, err := decode[bgnbdParams](params)
		if err != nil {
			return nil, err
		}
		if m = ltv.Repeat(ltv.BGNBD(p)); name == "mbgnbd" {
			m = ltv.MBGNBD(p)
		}
		return m, m.Check()
	case "pareto_nbd":
		p, err := decode[paretoParams](params)
		if err != nil {
			return nil, err
		}
		m = ltv.ParetoNBD(p)
		return m, m.Check()
	}
	return nil, Invalid("model: %q; bgnbd, mbgnbd or pareto_nbd", name)
}

func discountedValue(in valueInput) (any, error) {
	m, err := repeatModel(cmp.Or(in.Model, "bgnbd"), in.Params)
	if err != nil {
		return nil, err
	}
	p, err := in.patterns(1, in.Spend)
	if err != nil {
		return nil, err
	}
	margin := 1.0
	if in.Margin != nil {
		margin = *in.Margin
	}
	if !(margin >= 0 && margin <= 1) {
		return nil, Invalid("margin: %v does not lie between 0 and 1", margin)
	}
	horizon := ltv.Horizon{
		Periods: in.Periods, Length: in.PeriodLength, Unit: ltv.Unit(in.PeriodUnit), Model: ltv.Unit(in.ModelUnit), Discount: in.Discount,
	}
	bought := make([]float64, len(p))
	for i := range p {
		if bought[i], err = horizon.Purchases(m, p[i].History); err != nil {
			return nil, err
		}
	}
	return values(len(p), in.Count, func(i int) *float64 { return known(margin * in.Spend.at(i, 0) * bought[i]) }), nil
}

func bgbbMethods(vector []string) []Method {
	names := []string{"alpha", "beta", "gamma", "delta"}
	return []Method{
		method("ltv.bgbb.fit", "Parameters of the BG/BB model of rounds by maximum likelihood.", fitOutput(names...), func(in roundsInput) (any, error) {
			s, _, err := in.sample()
			if err != nil {
				return nil, err
			}
			f, err := ltv.FitBGBB(s)
			if err != nil {
				return nil, err
			}
			return fitted(f, names...), nil
		}),
		method("ltv.bgbb.log_likelihood", "Log-likelihood of rounds under given parameters of the BG/BB model.",
			[]string{"log_likelihood", "reason"}, func(in bgbbInput) (any, error) {
				m, s, _, err := in.model()
				if err != nil {
					return nil, err
				}
				return map[string]any{"log_likelihood": m.LogLikelihood(s), "reason": nil}, nil
			}),
		method("ltv.bgbb.probability_alive", "Probability that a customer has not left before the next round, by the BG/BB model.", vector,
			func(in bgbbInput) (any, error) {
				m, _, p, err := in.model()
				if err != nil {
					return nil, err
				}
				return values(len(p), in.Count, func(i int) *float64 { return known(m.Alive(p[i].History)) }), nil
			}),
		method("ltv.bgbb.expected_transactions", "Purchases to expect in the next rounds, by the BG/BB model.", vector,
			func(in bgbbExpectedInput) (any, error) {
				m, _, p, err := in.model(in.Horizon)
				if err != nil {
					return nil, err
				}
				if err := rounds("horizon", in.Horizon); err != nil {
					return nil, err
				}
				return values(len(p), in.Count, func(i int) *float64 { return known(m.Expected(p[i].History, float64(in.Horizon.at(i, 0)))) }), nil
			}),
		method("ltv.bgbb.expected_transactions_new", "Purchases to expect of a new customer in n rounds, by the BG/BB model.", vector,
			func(in bgbbNewInput) (any, error) {
				m := ltv.BGBB(in.Params)
				if err := m.Check(); err != nil {
					return nil, err
				}
				n, err := rowsOf(in.N, in.Count)
				if err != nil {
					return nil, err
				}
				if err := rounds("n", in.N); err != nil {
					return nil, err
				}
				if err := notNegative("count", in.Count); err != nil {
					return nil, err
				}
				return values(n, in.Count, func(i int) *float64 { return known(m.ExpectedNew(float64(in.N.at(i, 0)))) }), nil
			}),
	}
}

// rounds refuses numbers of rounds that are negative or more than can be summed.
func rounds(name string, n oneOrMany[int64]) error {
	for _, v := range n.list {
		if v < 0 || v > 1_000_000 {
			return Invalid("%s: %d rounds; from 0 to 1000000", name, v)
		}
	}
	return nil
}

// sample reads histories of rounds.
func (in roundsInput) sample(more ...column) (ltv.Sample, []ltv.Pattern, error) {
	h := historyInput{X: in.X, Recency: in.Recency, Age: in.Rounds, Count: in.Count}
	p, err := h.patterns(1, more...)
	if err != nil {
		return ltv.Sample{}, nil, err
	}
	for i := range p {
		if err := p[i].CheckRounds(); err != nil {
			return ltv.Sample{}, nil, Invalid("row %d: %v", i, err)
		}
	}
	s, err := ltv.NewSample(p)
	return s, p, err
}

func (in bgbbInput) model(more ...column) (ltv.BGBB, ltv.Sample, []ltv.Pattern, error) {
	m := ltv.BGBB(in.Params)
	if err := m.Check(); err != nil {
		return m, ltv.Sample{}, nil, err
	}
	s, p, err := in.sample(more...)
	return m, s, p, err
}
