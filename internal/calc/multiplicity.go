package calc

import "vouch/internal/stats"

type adjustQuestion struct {
	PValues []float64 `json:"p_values"`
	Alpha   number    `json:"alpha" calc:"optional"`
}

type adjusted struct {
	Adjusted   []float64 `json:"adjusted"`
	Rejections int       `json:"rejections"`
}

// multiplicityMethods adjust p-values for the number of questions.
func multiplicityMethods() []Method {
	var out []Method
	for _, m := range []struct {
		name, doc string
		f         func([]float64) ([]float64, error)
	}{
		{"bonferroni", "P-values adjusted by Bonferroni.", stats.Bonferroni},
		{"sidak", "P-values adjusted by Šidák.", stats.Sidak},
		{"holm", "P-values adjusted by Holm's step-down procedure.", stats.Holm},
		{"holm_sidak", "P-values adjusted by Holm's procedure with Šidák's bound.", stats.HolmSidak},
		{"hochberg", "P-values adjusted by Hochberg's step-up procedure.", stats.Hochberg},
		{"hommel", "P-values adjusted by Hommel's procedure.", stats.Hommel},
		{"bh", "P-values adjusted for the false discovery rate.", stats.BenjaminiHochberg},
		{"by", "P-values adjusted for the false discovery rate under any dependence.", stats.BenjaminiYekutieli},
	} {
		out = append(out, method("multiplicity."+m.name, m.doc, []string{"adjusted", "rejections"}, func(q adjustQuestion) (any, error) {
			alpha := q.Alpha.or(0.05)
			if !(alpha > 0 && alpha < 1) {
				return nil, Invalid("alpha %g is not between 0 and 1", alpha)
			}
			a, err := m.f(q.PValues)
			if err != nil {
				return nil, err
			}
			return adjusted{Adjusted: a, Rejections: stats.Rejections(a, alpha)}, nil
		}))
	}
	return out
}
