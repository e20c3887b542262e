package stats

import (
	"fmt"
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 50 digits, betainc(a, b, 0, x, regularized=True); quadrature of the
// density where a parameter is at least 1e5. The two rows with b or a of 5e6 and ½ are scipy 1.17.1,
// stats.beta.cdf and sf.
func TestBetaCDF(t *testing.T) {
	for _, c := range []struct{ a, b, x, lower, upper float64 }{
		{2, 3, 0.4, 0.52480000000000004, 0.47519999999999996},
		{0.5, 0.5, 0.1, 0.20483276469913346, 0.79516723530086654},
		{0.5, 5e6, 1e-7, 0.6826894921370864, 0.3173105078629135},
		{5e6, 0.5, 0.9999999, 0.3173105079902763, 0.6826894920097238},
		{100, 200, 0.25, 0.00065889249846578234, 0.99934110750153422},
		{100, 200, 0.5, 0.9999999973534454, 2.6465546025796368e-9},
		{10, 1e5, 2e-4, 0.99501301558184364, 0.0049869844181563576},
		{1e-3, 2, 0.5, 0.99980674653694775, 0.00019325346305225182},
		{30, 4, 0.2, 3.073177949306885e-18, 1},
		{1, 1, 0.3, 0.3, 0.7},
		{1e5, 1e5, 0.49, 1.8571347290404196e-19, 1},
		{3, 1e7, 1e-6, 0.9972306179044431, 0.0027693820955568993},
	} {
		lower, upper := BetaCDF(c.x, c.a, c.b)
		// 1e-8 where scipy or one minus x bound the reference; the others reach 1e-12.
		tol := 1e-12
		if math.Max(c.a, c.b) >= 5e6 {
			tol = 2e-9
		}
		checkNear(t, "lower", lower, c.lower, tol)
		checkNear(t, "upper", upper, c.upper, tol*math.Max(1, 1e-2/c.upper))
	}
	for _, a := range []float64{0.3, 7, 5e7, 1e12} {
		if l, u := BetaCDF(0.5, a, a); l != 0.5 || u != 0.5 {
			t.Errorf("a symmetric beta at ½ with a = %g gives %v and %v", a, l, u)
		}
	}
	if l, _ := BetaCDF(0.5, -1, 2); !math.IsNaN(l) {
		t.Error("a negative parameter gives a number")
	}
}

// Reference: scipy 1.17.1, stats.beta.ppf.
func TestBetaQuantile(t *testing.T) {
	for _, c := range []struct{ p, a, b, x float64 }{
		{0.025, 1, 20, 0.0012650894979498038},
		{0.975, 4, 97, 0.08517605297428002},
		{0.025, 0.5, 20.5, 2.4246478459242733e-05},
		{0.5, 2, 3, 0.3857275681323895},
		{1e-12, 3, 4, 3.684133294738866e-05},
		{0.975, 500, 9e5, 0.0006049441605233159},
		{0.999999, 2, 5, 0.9555730480299243},
	} {
		checkNear(t, "BetaQuantile", BetaQuantile(c.p, c.a, c.b), c.x, 1e-10)
	}
	if BetaQuantile(0, 2, 3) != 0 || BetaQuantile(1, 2, 3) != 1 {
		t.Error("the ends are not 0 and 1")
	}
}

// The quantile is the inverse of the distribution function over a grid of shapes and tails.
func TestBetaQuantile_inverse(t *testing.T) {
	for _, a := range []float64{0.5, 1, 3, 40, 1e4} {
		for _, b := range []float64{0.5, 2, 17, 1e3, 1e6} {
			for _, p := range []float64{1e-10, 0.001, 0.3, 0.8, 0.9999} {
				x := BetaQuantile(p, a, b)
				lower, upper := BetaCDF(x, a, b)
				// A quantile next to 1 cannot be written down more finely than 1e-16.
				if 1-x > 1e-9 && !near(lower, p, 1e-6) && !near(upper, 1-p, 1e-6) {
					t.Errorf("a=%g b=%g p=%g: quantile %g has lower tail %g", a, b, p, x, lower)
				}
			}
		}
	}
}

// Reference: scipy 1.17.1, stats.f.sf.
func TestFTail(t *testing.T) {
	checkNear(t, "F(4,20)", FTail(3.2, 4, 20), 0.034831623728782526, 1e-12)
	checkNear(t, "F(2,1000)", FTail(200, 2, 1000), 8.629431007109209e-74, 1e-11)
	checkNear(t, "F(3,7)", FTail(0.5, 3, 7), 0.6940363875688137, 1e-12)
	if FTail(0, 3, 7) != 1 || !math.IsNaN(FTail(1, 0, 7)) {
		t.Error("edges of FTail")
	}
}

// The expansions for large parameters continue what the continued fraction gives below them.
func TestBetaExtreme_meetsTheContinuedFraction(t *testing.T) {
	fraction := func(x, xc, a, b float64) (lower, upper float64) {
		if x <= (a+1)/(a+b+2) {
			lower = betaFraction(x, xc, a, b)
			return lower, 1 - lower
		}
		upper = betaFraction(xc, x, b, a)
		return 1 - upper, upper
	}
	near := func(name string, got, want, rel float64) {
		t.Helper()
		if !(math.Abs(got-want) <= rel*want) {
			t.Errorf("%s: %g, want %g", name, got, want)
		}
	}
	for _, c := range [][2]float64{{1e9, 3e9}, {1e10, 1e10}, {2e9, 1e8}} {
		a, b := c[0], c[1]
		m := a / (a + b)
		for _, z := range []float64{-20, -6, -1, -1e-3, -1e-6, 1e-7, 0.1, 1, 4, 12} {
			x := m + z*math.Sqrt(m*(1-m)/(a+b))
			lower, upper := betaLarge(x, 1-x, a, b)
			wantLower, wantUpper := fraction(x, 1-x, a, b)
			near(fmt.Sprintf("lower %g at %g, %g", z, a, b), lower, wantLower, 1e-9)
			near(fmt.Sprintf("upper %g at %g, %g", z, a, b), upper, wantUpper, 1e-9)
		}
	}
	for _, a := range []float64{1e-5, 0.5, 3, 1000} {
		for _, k := range []float64{0.5, 0.9, 1} { // left of the mean the fraction keeps its digits
			const b = 1e9
			x := k * a / (a + b)
			lower, _ := betaExtreme(x, 1-x, a, b)
			want, _ := fraction(x, 1-x, a, b)
			near(fmt.Sprintf("gamma form at %g of %g", k, a), lower, want, 1e-10)
		}
	}
	// Both tails of the mirrored question are exchanged.
	l1, u1 := betaTails(1e-17, 1, 3, 1e18)
	l2, u2 := betaTails(1, 1e-17, 1e18, 3)
	if l1 != u2 || u1 != l2 || !(l1 > 0.99) || !(u1 > 0) {
		t.Errorf("%g %g, mirrored %g %g", l1, u1, l2, u2)
	}
}
