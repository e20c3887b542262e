package experiments

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"vouch/internal/stats"
	"vouch/referral"
)

// ProfitMetric names the profit per unit among the metrics of a factorial read-out.
const ProfitMetric = "profit"

// factor is one side of a both-sided incentive with its levels: that of the control first, the others by name.
type factor struct {
	name   string
	levels []string
}

// term is a question of a factorial experiment: the weight of each arm in it.
type term struct {
	name    string
	weights []float64
}

// factorial is the main effect of every factor and the interaction of every two, on each primary metric and on profit; nothing
// without factors. p-values are not adjusted.
func factorial(def Definition, arms []arm, level float64) ([]Factorial, error) {
	out := []Factorial{}
	if len(def.Factors) == 0 {
		return out, nil
	}
	terms := def.terms()
	ask := func(metric, method string, moments []stats.Moments, reason string) error {
		for _, t := range terms {
			f := Factorial{Metric: metric, Term: t.name, Effect: referral.Undefined(reason, method, level)}
			if reason == "" {
				c, err := stats.Contrast(t.weights, moments, level, stats.TwoSided)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", metric, t.name, err)
				}
				f.Effect, f.PValue = estimateOf(c, method, level), c.PValue
			}
			out = append(out, f)
		}
		return nil
	}
	for i, m := range def.Metrics {
		if m.role() != RolePrimary {
			continue
		}
		x, err := readMetric(def, m, metricOutcomes(arms, i), level)
		if err != nil {
			return nil, err
		}
		var moments []stats.Moments
		reason := ""
		for _, s := range x.arms {
			moments, reason = append(moments, s.units), cmp.Or(reason, s.reason)
		}
		if err := ask(m.Name, referral.MethodWelch, moments, reason); err != nil {
			return nil, err
		}
	}
	var profits []stats.Moments
	for _, a := range arms {
		p, err := a.profit(def)
		if err != nil {
			return nil, err
		}
		profits = append(profits, p)
	}
	reason := ""
	if !arms[0].hasNet {
		reason = referral.ReasonNoRevenue
	}
	return out, ask(ProfitMetric, referral.MethodWelch, profits, reason)
}

// factors lists the factors by name.
func (d Definition) factors() []factor {
	levels := map[string][]string{}
	for _, v := range d.variants() { // the control first
		for name, level := range d.Factors[v] {
			if !slices.Contains(levels[name], level) {
				levels[name] = append(levels[name], level)
			}
		}
	}
	var out []factor
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		slices.Sort(levels[name][1:])
		out = append(out, factor{name, levels[name]})
	}
	return out
}

// terms are the contrasts of the design. A main effect is that of a level against the control's level, averaged over all
// combinations of the other factors; an interaction is what the effect of one factor changes when the other is set too.
//
//	two factors of two levels: A = ½(μ₁₀ − μ₀₀) + ½(μ₁₁ − μ₀₁),  A × B = (μ₁₁ − μ₀₁) − (μ₁₀ − μ₀₀)
//
// A factor of more than two levels has a term for each level beside the control's. A variant that has no level of some
// factor takes no part.
func (d Definition) terms() []term {
	factors, variants := d.factors(), d.variants()
	var out []term
	add := func(name string, positives float64, value func(levels map[string]string) float64) {
		t := term{name: name, weights: make([]float64, len(variants))}
		per := 0.0 // combinations of the factors that the term does not name
		for i, v := range variants {
			if len(d.Factors[v]) == len(factors) {
				t.weights[i] = value(d.Factors[v])
			}
			if t.weights[i] > 0 {
				per += 1 / positives
			}
		}
		for i := range t.weights {
			t.weights[i] /= per
		}
		out = append(out, t)
	}
	for _, f := range factors {
		for _, level := range f.levels[1:] {
			add(f.label(level), 1, func(l map[string]string) float64 { return f.side(l, level) })
		}
	}
	for i, f := range factors {
		for _, g := range factors[i+1:] {
			for _, a := range f.levels[1:] {
				for _, b := range g.levels[1:] {
					add(f.label(a)+" × "+g.label(b), 2, func(l map[string]string) float64 { return f.side(l, a) * g.side(l, b) })
				}
			}
		}
	}
	return out
}

// side is 1 for a level, −1 for the control's, 0 for others.
func (f factor) side(levels map[string]string, level string) float64 {
	switch levels[f.name] {
	case level:
		return 1
	case f.levels[0]:
		return -1
	}
	return 0
}

// label is the factor's name, with the level where there is more than one to tell apart.
func (f factor) label(level string) string {
	if len(f.levels) == 2 {
		return f.name
	}
	return f.name + ": " + level
}
