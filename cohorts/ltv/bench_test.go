package ltv

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// customers simulates histories by the parameters of CDNOW over a window of a year, in weeks, with times rounded up to
// the given part of a week.
func customers(n int, part float64) []Pattern {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]Pattern, n)
	up := func(t float64) float64 { return math.Ceil(t/part) * part }
	for i := range out {
		lambda := gammaDraw(r, 0.243) / 4.414
		p := betaDraw(r, 0.793, 2.426)
		age := up(52 * r.Float64())
		h := History{Age: age}
		for now := 0.0; ; {
			if now += r.ExpFloat64() / lambda; up(now) > age {
				break
			}
			if at := up(now); at > h.Recency { // purchases of one period count once
				h.Repeats++
				h.Recency = at
			}
			if r.Float64() < p {
				break
			}
		}
		out[i] = Pattern{h, 1}
	}
	return out
}

// BenchmarkFitBGNBD fits a million customers, weekly and daily: from one row a customer, and from their patterns.
func BenchmarkFitBGNBD(b *testing.B) {
	for _, c := range []struct {
		name string
		part float64
	}{{"weekly", 1}, {"daily", 1.0 / 7}} {
		rows := customers(1_000_000, c.part)
		b.Run(c.name+"/aggregate", func(b *testing.B) {
			for b.Loop() {
				if _, err := NewSample(rows); err != nil {
					b.Fatal(err)
				}
			}
		})
		s, err := NewSample(rows)
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range []struct {
			name string
			fit  func() (bool, int)
		}{
			{"BG", func() (bool, int) { f := FitBGNBD(s); return f.Converged, f.Evaluations }},
			{"MBG", func() (bool, int) { f := FitMBGNBD(s); return f.Converged, f.Evaluations }},
			{"Pareto", func() (bool, int) { f := FitParetoNBD(s); return f.Converged, f.Evaluations }},
		} {
			b.Run(fmt.Sprintf("%s/fit%s", c.name, m.name), func(b *testing.B) {
				evaluations := 0
				for b.Loop() {
					ok, n := m.fit()
					if !ok {
						b.Fatal("not converged")
					}
					evaluations = n
				}
				b.ReportMetric(float64(len(s.patterns)), "patterns")
				b.ReportMetric(float64(evaluations), "evaluations")
			})
		}
	}
}
