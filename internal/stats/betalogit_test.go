package stats

import (
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 50 digits, the series x^a (1−x)^b/(a B(a,b)) Σ (a+b)_n/(a+1)_n x^n of the tail
// that is given, all of whose terms are positive.
func TestLogitTails(t *testing.T) {
	for _, c := range []struct {
		u, a, b      float64
		lower, upper float64 // 0: not asked, it is 0 to all digits
	}{
		{0, 3, 50, -3.06199510191665053e-13, -28.8145395113238543},
		{-6.906754778648554, 20, 80, -90.7228818912373336, 0},
		{2.1972245773362196, 0.5, 41, 0, -96.7868267614781042},
		{-1.3862943611198906, 30000, 70000, -2821.90906263656041, 0},
		{-0.8472978603872036, 1e6, 2e6, -7785.9142233225876, 0},
		{-0.692397274263085, 1e6, 2e6, -0.314871809174711701, -1.30889797958652001},
		{-4.59511985013459, 2.5, 3e4, 0, -293.234076526988657},
	} {
		lower, upper := logitTails(c.u, c.a, c.b)
		mirroredUpper, mirroredLower := logitTails(-c.u, c.b, c.a)
		if c.lower != 0 {
			checkNear(t, "lower", lower, c.lower, 1e-10)
			checkNear(t, "mirrored lower", mirroredLower, c.lower, 1e-10)
		}
		if c.upper != 0 {
			checkNear(t, "upper", upper, c.upper, 1e-10)
			checkNear(t, "mirrored upper", mirroredUpper, c.upper, 1e-10)
		}
	}
}

// Where the continued fraction is short, the integral says the same; the tails agree with BetaCDF.
func TestLogitTails_methodsAgree(t *testing.T) {
	for _, p := range []BetaParams{{9_990, 5_000}, {9_999, 2e6}, {9_000, 9_000}} {
		mode, sd := p.logit()
		for _, z := range []float64{-0.01, -1, -5, -30} {
			u := mode + z*sd
			// A parameter a little above the limit, against one a little below it.
			short, _ := logitTails(u, p.Alpha, p.Beta)
			x, xc := logistic(u)
			h := func(s float64) float64 {
				return -p.Alpha*math.Log1p(xc*math.Expm1(s)) - p.Beta*math.Log1p(x*math.Expm1(-s))
			}
			long := logitDensity(u, p.Alpha, p.Beta) + math.Log(integrate(func(s float64) float64 { return math.Exp(h(s)) }, 0, 12*sd, 200))
			checkNear(t, "integral", long, short, 1e-9)
			if lower, _ := betaTails(x, xc, p.Alpha, p.Beta); lower > 1e-300 {
				checkNear(t, "BetaCDF", math.Exp(short), lower, 1e-9)
			}
		}
	}
}

// ∫ exp(−u²/2) = √(2π), far away, with an edge, and beyond the range of numbers.
func TestLogIntegral(t *testing.T) {
	root2pi := math.Log(2*math.Pi) / 2
	checkNear(t, "far", logIntegral(func(u float64) float64 { return -(u - 1e4) * (u - 1e4) / 2 }, 0, 0.01), root2pi, 1e-12)
	checkNear(t, "small", logIntegral(func(u float64) float64 { return -1500 - u*u/2 }, 3, 5), root2pi-1500, 1e-12)
	// Laplace with unlike sides: 1/1e-3 + 1/1e3.
	checkNear(t, "edge", logIntegral(func(u float64) float64 {
		if u < 0 {
			return 1e-3 * u
		}
		return -1e3 * u
	}, -7, 1), math.Log(1000+0.001), 1e-9)
	// A spike, searched for with steps 1e8 times its width.
	checkNear(t, "spike", logIntegral(func(u float64) float64 { return -(u - 3) * (u - 3) * 5e11 }, 40, 100), root2pi-math.Log(1e6), 1e-9)
	if v := logIntegral(func(float64) float64 { return math.Inf(-1) }, 0, 1); !math.IsInf(v, -1) {
		t.Errorf("nothing: %v", v)
	}
}
