package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// corrections are the corrections of p-values by name.
var corrections = map[string]func([]float64) ([]float64, error){
	CorrectHolm: stats.Holm, CorrectHochberg: stats.Hochberg, CorrectHommel: stats.Hommel, CorrectSidak: stats.Sidak,
	CorrectBonferroni: stats.Bonferroni, CorrectBH: stats.BenjaminiHochberg, CorrectBY: stats.BenjaminiYekutieli,
	CorrectNone: func(p []float64) ([]float64, error) { return p, nil },
}

// correct adjusts p-values for the number of questions asked within each role: primary metrics, because any false
// "better" would ship, and secondary ones. Guardrails are not adjusted: there an overlooked harm is the costly error.
func correct(f Families, readings []*reading) error {
	for _, y := range [][2]string{{RolePrimary, f.Primary}, {RoleSecondary, f.Secondary}, {RoleGuardrail, f.Guardrail}} {
		role, name := y[0], y[1]
		var ps []float64
		var at []*Comparison
		var family []*reading
		for _, x := range readings {
			if x.metric.role() != role {
				continue
			}
			family = append(family, x)
			for k := range x.results {
				if c := &x.results[k]; c.PValue != nil {
					ps, at = append(ps, *c.PValue), append(at, c)
				}
			}
		}
		if len(ps) == 0 {
			continue
		}
		if name == CorrectDunnett {
			if err := correctDunnett(family); err != nil {
				return err
			}
			continue
		}
		adjusted, err := corrections[name](ps)
		if err != nil {
			return err
		}
		for i, c := range at {
			c.AdjustedP = referral.Float(adjusted[i])
		}
	}
	return nil
}

// correctDunnett adjusts by Dunnett's test over the arms of each metric, whose comparisons share the control, and by
// Bonferroni over metrics. The common variance of all arms can make Dunnett's p smaller than that of the comparison
// itself; the larger one counts.
func correctDunnett(family []*reading) error {
	metrics := 0
	for _, x := range family {
		if len(x.tested()) > 0 {
			metrics++
		}
	}
	for _, x := range family {
		at := x.tested()
		if len(at) == 0 {
			continue
		}
		var arms []stats.Moments
		for _, k := range at {
			arms = append(arms, x.arms[k+1].units)
		}
		d, err := stats.Dunnett(x.arms[0].units, arms, x.level, stats.TwoSided)
		if err != nil {
			return err
		}
		for i, k := range at {
			if i < len(d.PValue) {
				x.results[k].AdjustedP = referral.Float(math.Min(1, float64(metrics)*math.Max(d.PValue[i], *x.results[k].PValue)))
			}
		}
	}
	return nil
}

// tested are the comparisons with a p-value.
func (x *reading) tested() []int {
	var out []int
	for k, c := range x.results {
		if c.PValue != nil {
			out = append(out, k)
		}
	}
	return out
}
