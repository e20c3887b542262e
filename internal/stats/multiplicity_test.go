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
	} {
		got, err := c.f(p)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p {
			checkNear(t, c.name, got[i], c.want[i], 1e-13)
		}
		if one, err := c.f([]float64{0.3}); err != nil || one[0] != 0.3 {
			t.Errorf("%s changes a single p-value to %v, %v", c.name, one, err)
		}
		for _, bad := range [][]float64{nil, {1.1}, {-0.1}, {math.NaN()}} {
			if _, err := c.f(bad); !errors.Is(err, ErrInput) {
				t.Errorf("%s(%v): %v", c.name, bad, err)
			}
		}
	}
}
