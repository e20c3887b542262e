package stats

import (
	"math"
	"testing"
)

// A panel integrates what it tabulates, also after halving itself towards a narrow weight, and a weight
// that is nothing outside of its window.
func TestPanel_integrate(t *testing.T) {
	f := func(x float64) float64 { return math.Exp(x) * math.Cos(3*x) }
	any := func(a, b float64) bool { return true }
	p := newPanel(-1, 2, func(a, b float64) bool { return b-a <= 1.5 }, f)
	// ∫ e^x cos 3x = e^x (cos 3x + 3 sin 3x)/10
	antiderivative := func(x float64) float64 { return math.Exp(x) * (math.Cos(3*x) + 3*math.Sin(3*x)) / 10 }
	checkNear(t, "whole", p.integrate(-5, 5, any, func(float64) float64 { return 1 }), antiderivative(2)-antiderivative(-1), 1e-13)
	if got := p.integrate(3, 5, any, func(float64) float64 { return 1 }); got != 0 {
		t.Errorf("outside: %v", got)
	}
	for _, s := range []float64{1e-1, 1e-3, 1e-6} {
		got := p.integrate(0.7-12*s, 0.7+12*s, func(a, b float64) bool { return b-a <= 3*s }, func(x float64) float64 { return NormalDensity((x-0.7)/s) / s })
		// ∫ e^x cos 3x under a normal density is the real part of e^((1+3i) m + (1+3i)² s²/2).
		want := math.Exp(0.7-4*s*s) * math.Cos(2.1+3*s*s)
		checkNear(t, "bump", got, want, 1e-12)
	}
}

// Both halves of a polynomial of degree 19 are that polynomial.
func TestPanel_halves(t *testing.T) {
	f := func(x float64) float64 { return 1 + x*(2+x*x*(1-0.5*math.Pow(x, 16))) }
	whole := newPanel(-1, 1, func(a, b float64) bool { return true }, f)
	whole.split()
	for _, half := range []*panel{whole.left, whole.right} {
		for i, x := range legendre.x {
			at := (half.a+half.b)/2 + x*(half.b-half.a)/2
			checkNear(t, "value", half.f[i], f(at), 1e-12)
		}
	}
}
