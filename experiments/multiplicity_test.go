package experiments

import (
	"math"
	"testing"

	"vouch/internal/stats"
)

// threeArms is a metric in a control and three treatments.
func threeArms(t *testing.T) (read, [][]int64) {
	raw := [][]int64{{20, 3, 41, 10, 19, 9, 35, 12}, {16, 33, 9, 44, 21, 20, 27, 8}, {18, 7, 40, 15, 4, 25, 22, 60}, {30, 41, 28, 55, 39, 61, 47, 33}}
	var arms []outcome
	for _, v := range raw {
		arms = append(arms, outcomeOf(t, v))
	}
	return readOf(arms...), raw
}

// Dunnett over arms: never below the comparison's own p-value.
// Reference: scipy 1.17.1, stats.dunnett of the first two treatments (its integration has three digits).
func TestCorrect_dunnett(t *testing.T) {
	r, _ := threeArms(t)
	r.arms = r.arms[:3]
	def := asked(Metric{Kind: KindMean}, 3)
	def.Multiplicity.Primary = CorrectDunnett
	m, _ := compared(t, def, r)
	for i, p := range []float64{0.8430082, 0.70545665} {
		want(t, "Dunnett", m.Comparisons[i].AdjustedP, math.Max(p, *m.Comparisons[i].PValue), 2e-3)
	}
	// A second primary metric doubles both (Bonferroni over metrics), up to 1.
	def.Metrics = append(def.Metrics, def.Metrics[0])
	for i := range r.arms {
		r.arms[i].metrics = append(r.arms[i].metrics, r.arms[i].metrics[0])
	}
	two, _, err := compareAll(def, r, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "Bonferroni", two[1].Comparisons[1].AdjustedP, math.Min(1, 2**m.Comparisons[1].AdjustedP), 1e-12)
}

// Each correction is applied within its role and to that role alone.
func TestCorrect_byRole(t *testing.T) {
	r, _ := threeArms(t)
	for i := range r.arms {
		r.arms[i].metrics = []outcome{r.arms[i].metrics[0], r.arms[i].metrics[0], r.arms[i].metrics[0]}
	}
	def := asked(Metric{Kind: KindMean}, 4)
	def.Metrics = []Metric{
		{Name: "a", Kind: KindMean, Role: RolePrimary}, {Name: "b", Kind: KindMean}, {Name: "c", Kind: KindMean, Role: RoleGuardrail},
	}
	corrections := map[string]func([]float64) ([]float64, error){
		"": stats.Holm, CorrectHolm: stats.Holm, CorrectHochberg: stats.Hochberg, CorrectHommel: stats.Hommel, CorrectSidak: stats.Sidak,
		CorrectBonferroni: stats.Bonferroni, CorrectNone: func(p []float64) ([]float64, error) { return p, nil },
	}
	for name, f := range corrections {
		def.Multiplicity.Primary, def.Multiplicity.Secondary = name, CorrectBY
		out, _, err := compareAll(def, r, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		var ps []float64
		for _, c := range out[0].Comparisons {
			ps = append(ps, *c.PValue)
		}
		primary, err := f(ps)
		if err != nil {
			t.Fatal(err)
		}
		secondary, err := stats.BenjaminiYekutieli(ps)
		if err != nil {
			t.Fatal(err)
		}
		for k := range ps {
			for i, ref := range []float64{primary[k], secondary[k], ps[k]} {
				want(t, name+" of "+out[i].Name, out[i].Comparisons[k].AdjustedP, ref, 1e-15)
			}
		}
	}
}
