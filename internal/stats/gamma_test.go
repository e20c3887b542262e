package stats

import (
	"errors"
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 50 digits, gammainc(a, x, inf, regularized=True); the row of shape 1e6
// is scipy 1.17.1, stats.gamma.
func TestGammaTails(t *testing.T) {
	for _, c := range []struct{ x, shape, lower, upper float64 }{
		{3, 2, 0.80085172652854423, 0.19914827347145577},
		{1e-5, 0.5, 0.0035682363381804504, 0.99643176366181955},
		{50, 10, 0.99999999999874039, 1.2596084591660908e-12},
		{500, 100, 1, 1.5008794119250894e-106},
		{90, 100, 0.15822098918643017, 0.84177901081356983},
		{1003000, 1e6, 0.9986382593537825, 0.0013617406462175913},
		{0.1, 30, 3.4222643183804371e-63, 1},
	} {
		lower, upper := GammaTails(c.x, c.shape)
		checkNear(t, "lower", lower, c.lower, 1e-11)
		checkNear(t, "upper", upper, c.upper, 1e-9)
	}
}

// Reference: scipy 1.17.1, stats.chi2.sf.
func TestChiSquareTail(t *testing.T) {
	checkNear(t, "chi2(1)", ChiSquareTail(3.84, 1), 0.05004352124870519, 1e-12)
	checkNear(t, "chi2(2)", ChiSquareTail(1400, 2), 9.85967654375939e-305, 1e-11)
	checkNear(t, "chi2(11)", ChiSquareTail(20, 11), 0.04534067443406042, 1e-12)
	if ChiSquareTail(0, 1) != 1 || !math.IsNaN(ChiSquareTail(1, 0)) {
		t.Error("edges of ChiSquareTail")
	}
}

// Reference: scipy 1.17.1, stats.gamma.ppf.
func TestGammaQuantile(t *testing.T) {
	for _, c := range []struct{ p, shape, x float64 }{
		{0.025, 1, 0.025317807984289876},
		{0.975, 2, 5.571643390938898},
		{0.025, 50, 37.110963737461866},
		{0.975, 51, 65.91876666433681},
		{0.025, 2.5, 0.41560580674333125},
		{0.975, 3.5, 8.006382137314663},
		{1e-10, 3, 0.0008436105624847267},
		{0.5, 1e6, 999999.6666666864},
		{0.999999, 0.1, 9.45702706045744},
	} {
		checkNear(t, "GammaQuantile", GammaQuantile(c.p, c.shape), c.x, 1e-10)
	}
	if GammaQuantile(0.025, 1e-6) != 0 || GammaQuantile(0, 2) != 0 || !math.IsInf(GammaQuantile(1, 2), 1) {
		t.Error("edges of GammaQuantile")
	}
}

// Whole counts: the limits at 95 % of Garwood (1936), here to more digits by scipy 1.17.1,
// stats.gamma.ppf(.025, n) and ppf(.975, n+1).
func TestGarwoodInterval(t *testing.T) {
	for _, c := range []struct {
		micros int64
		lo, hi float64
	}{
		{0, 0, 3.6888794541139354},
		{1_000_000, 0.025317807984289876, 5.571643390938898},
		{2_500_000, 0.41560580674333125, 8.006382137314663},
		{5_000_000, 1.6234863901184207, 11.66833207932267},
		{10_000_000, 4.7953886961324335, 18.39035604201778},
		{50_000_000, 37.110963737461866, 65.91876666433681},
	} {
		lo, hi, err := GarwoodInterval(c.micros, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "lo", lo, c.lo, 1e-10)
		checkNear(t, "hi", hi, c.hi, 1e-10)
	}
	for _, bad := range []struct {
		micros int64
		level  float64
	}{{-1, 0.95}, {1, 0}, {1, 1}, {1, math.NaN()}} {
		if _, _, err := GarwoodInterval(bad.micros, bad.level); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// The expansion for large shapes continues the search below them.
func TestGammaQuantile_large(t *testing.T) {
	for _, p := range []float64{0.025, 0.2, 0.5, 0.8, 0.975, 0.999} {
		want := GammaQuantile(p, 1e8)
		if got := gammaQuantileLarge(p, 1e8); math.Abs(got/want-1) > 1e-13 {
			t.Errorf("p %g: %.17g, want %.17g", p, got, want)
		}
	}
	for _, shape := range []float64{1e11, 1e20, 1e30, 1e160} {
		lo, hi := GammaQuantile(0.025, shape), GammaQuantile(0.975, shape+1)
		if !(lo <= shape && shape <= hi) || lo <= 0 {
			t.Errorf("shape %g: %g to %g", shape, lo, hi)
		}
	}
}
