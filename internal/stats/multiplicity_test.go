package stats

import (
	"errors"
	"math"
	"testing"
)

// Reference: statsmodels 0.15.0, multipletests(p, method=…).
func TestAdjustments(t *testing.T) {
	p := []float64{0.01, 0.04, 0.03, 0.005, 0.2, 0.04}
	for _, c := range []struct {
		name string
		f    func([]float64) ([]float64, error)
		want []float64
	}{
		{"holm", Holm, []float64{0.05, 0.12, 0.12, 0.03, 0.2, 0.12}},
		{"fdr_bh", BenjaminiHochberg, []float64{0.03, 0.048, 0.048, 0.03, 0.2, 0.048}},
		{"fdr_by", BenjaminiYekutieli, []float64{0.0735, 0.11759999999999998, 0.11759999999999998, 0.0735, 0.48999999999999994, 0.11759999999999998}},
		{"simes-hochberg", Hochberg, []float64{0.05, 0.08, 0.08, 0.03, 0.2, 0.08}},
		{"hommel", Hommel, []float64{0.05, 0.08, 0.06, 0.03, 0.2, 0.08}},
		{"sidak", Sidak, []float64{0.058519850599, 0.217242210304, 0.16702799507100002, 0.029627490643734374, 0.737856, 0.217242210304}},
		{"holm-sidak", HolmSidak, []float64{0.049009950100000005, 0.115264, 0.11470719, 0.029627490643734374, 0.2, 0.115264}},
		{"bonferroni", Bonferroni, []float64{0.06, 0.24, 0.18, 0.03, 1, 0.24}},
	} {
		got, err := c.f(p)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			checkNear(t, c.name, got[i], c.want[i], 1e-11)
		}
		if one, err := c.f([]float64{0.3}); err != nil || !near(one[0], 0.3, 1e-15) {
			t.Errorf("%s changes a single p-value to %v, %v", c.name, one, err)
		}
		for _, bad := range [][]float64{nil, {1.1}, {-0.1}, {math.NaN()}} {
			if _, err := c.f(bad); !errors.Is(err, ErrInput) {
				t.Errorf("%s(%v): %v", c.name, bad, err)
			}
		}
	}
}

// hommelClosed is the closed test by definition: the largest Simes p-value over all subsets that hold i.
func hommelClosed(p []float64) []float64 {
	out := make([]float64, len(p))
	for set := 1; set < 1<<len(p); set++ {
		var in []float64
		for i, v := range p {
			if set>>i&1 == 1 {
				in = append(in, v)
			}
		}
		simes := 1.0
		for j, v := range Sorted(in) {
			simes = math.Min(simes, float64(len(in))*v/float64(j+1))
		}
		for i := range p {
			if set>>i&1 == 1 {
				out[i] = math.Max(out[i], simes)
			}
		}
	}
	return out
}

func TestHommel_closedTest(t *testing.T) {
	r := random(2, 2)
	for range 400 {
		p := make([]float64, 1+r.IntN(8))
		for i := range p {
			p[i] = math.Pow(r.Float64(), 2)
			if r.IntN(5) == 0 {
				p[i] = p[0] // ties
			}
		}
		got, err := Hommel(p)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range hommelClosed(p) {
			if math.Abs(got[i]-want) > 1e-12 {
				t.Fatalf("%v: adjusted %v, want %v at %d", p, got, want, i)
			}
		}
	}
}

func TestSidak_tiny(t *testing.T) {
	got, err := Sidak([]float64{1e-300, 0.5, 1})
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "p of 1e-300", got[0], 3e-300, 1e-12)
	if n := Rejections([]float64{0.05, 0.05 + 1e-13, 0.051}, 0.05); n != 2 {
		t.Errorf("%d rejections: equality rejects", n)
	}
}
