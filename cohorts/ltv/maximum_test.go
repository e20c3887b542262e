package ltv

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// No parameters drawn at random, nor any near the fit, explain the data better than it; and a fit always comes to an end with a
// model, whatever the data.
func TestFit_isTheMaximum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aSample(t)
		var rows []Spend
		var survivors []float64
		for i, p := range s.Patterns() {
			rows = append(rows, Spend{p.Repeats, 1 + p.Age*float64(1+i%3), p.Count})
		}
		left := 1000.0
		for range rapid.IntRange(2, 7).Draw(t, "ages") {
			survivors = append(survivors, left)
			left = math.Floor(left * rapid.Float64Range(0.3, 0.98).Draw(t, "stay"))
		}
		sp, co := spends(t, rows...), renewals(t, survivors)
		var rounds []Pattern
		for _, p := range s.Patterns() {
			n := float64(p.Repeats) + 3
			h := History{p.Repeats, float64(p.Repeats), n}
			if p.Repeats > 0 && p.Count%2 == 0 {
				h.Recency++
			}
			rounds = append(rounds, Pattern{h, p.Count})
		}
		ro, err := NewSample(rounds)
		if err != nil {
			t.Fatal(err)
		}
		bb, err := FitBGBB(ro)
		if err != nil {
			t.Fatal(err)
		}
		slopes(t, "BG/BB", ro.bgbb(), []float64{logRange(t, "a", 0.1, 9), logRange(t, "b", 0.1, 9), logRange(t, "c", 0.1, 9), logRange(t, "d", 0.1, 9)})
		inTime, one := []float64{1, s.life, 1, s.life}, []float64{1, 1, 1, 1}
		best(t, "BG/NBD", FitBGNBD(s), s.betaGeometric(0), []float64{1, s.life, 1, 1})
		best(t, "MBG/NBD", FitMBGNBD(s), s.betaGeometric(1), []float64{1, s.life, 1, 1})
		best(t, "Pareto/NBD", FitParetoNBD(s), s.pareto(), inTime)
		best(t, "NBD", FitNBD(s), s.nbd(), inTime[:2])
		best(t, "Gamma-Gamma", FitGammaGamma(sp), sp.likelihood(), []float64{1, 1, math.Max(1, sp.mean)})
		best(t, "sBG", FitSBG(co), co.likelihood(2), one[:2])
		best(t, "BdW", FitBDW(co), co.likelihood(3), one[:3])
		best(t, "BG/BB", bb, ro.bgbb(), one)
	})
}

func best[M any](t *rapid.T, what string, f Fit[M], of likelihood, scale []float64) {
	t.Helper()
	if !f.Usable() {
		if f.Reason != ReasonNoRepeats && f.Reason != ReasonNoChurn {
			t.Errorf("%s: %s", what, f.Reason)
		}
		return
	}
	n, draws := len(scale), 12
	for _, p := range f.Parameters {
		if p.Flat { // beyond the edge of the search it may rise still
			draws = 6
		}
	}
	p, grad := make([]float64, n), make([]float64, n)
	for k := range draws {
		for i := range p {
			if k < 6 {
				p[i] = scale[i] * logRange(t, "far", 0.01, 50)
			} else {
				p[i] = f.Parameters[i].Value * logRange(t, "near", 0.7, 1.4)
			}
		}
		if v := of(p, grad); v > *f.LogLikelihood+1e-3 {
			t.Errorf("%s: %v at %v, the fit has %v at %+v", what, v, p, *f.LogLikelihood, f.Parameters)
		}
	}
}
