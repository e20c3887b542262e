package stats

import (
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 30 digits, quadrature of density(s) Φ(t s − δ) over s.
func TestNoncentralTTails(t *testing.T) {
	for _, c := range []struct{ t, df, delta, upper, lower float64 }{
		{1.96, 10, 2.5, 0.70599639810605569, 0.29400360189394431},
		{1.9606, 3998, 2.8, 0.79935536883062662, 0.20064463116937338},
		{50, 50, 40, 0.024776570161727615, 0.97522342983827239},
		{2, 3, -4, 2.8406557320154821e-7, 0.9999997159344268},
		{-1, 1, 0.5, 0.86907412660826629, 0.13092587339173371},
		{2, 40, 10, 0.99999999999999712, 2.8839639202743139e-15},
	} {
		lower, upper := NoncentralTTails(c.t, c.df, c.delta)
		checkNear(t, "upper", upper, c.upper, 1e-9)
		checkNear(t, "lower", lower, c.lower, 1e-9)
	}
	for _, df := range []float64{1, 2.5, 30, 1e6} {
		lower, upper := NoncentralTTails(1.3, df, 0)
		checkNear(t, "central upper", upper, StudentUpperTail(1.3, df), 1e-10)
		checkNear(t, "sum of the tails", lower+upper, 1, 1e-12)
	}
	if l, u := NoncentralTTails(2, math.Inf(1), 1); l != LowerTail(1) || u != UpperTail(1) {
		t.Errorf("infinite df: %v, %v", l, u)
	}
	if l, _ := NoncentralTTails(2, 0, 1); !math.IsNaN(l) {
		t.Error("df 0 gives a number")
	}
}
