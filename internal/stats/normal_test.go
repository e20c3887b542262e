package stats

import (
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 50 digits, erfc(z/sqrt(2))/2 and its log.
func TestUpperTail(t *testing.T) {
	for _, c := range []struct{ z, p, ln float64 }{
		{-3, 0.99865010196836991, -0.0013508099647481938},
		{0, 0.5, -0.69314718055994531},
		{1, 0.15865525393145705, -1.8410216450092635},
		{1.959963984540054, 0.025000000000000011, -3.6888794541139359},
		{8.3, 5.205569744890254e-17, -37.494217423748254},
		{9, 1.1285884059538406e-19, -43.628149113332115},
		{20, 2.7536241186062337e-89, -203.91715537109726},
		{37, 5.7255712225245768e-300, -689.03058557689059},
		{37.5, 4.6053530095819548e-308, -707.66898931750719},
	} {
		// 2e-13: rounding of z²/2 near 700, times the unit in the last place.
		checkNear(t, "UpperTail", UpperTail(c.z), c.p, 2e-13)
		checkNear(t, "LowerTail", LowerTail(-c.z), c.p, 2e-13)
		checkNear(t, "LogUpperTail", LogUpperTail(c.z), c.ln, 1e-13)
	}
	checkNear(t, "LogUpperTail(100)", LogUpperTail(100), -5005.5242086942051, 1e-14)
	checkNear(t, "LogUpperTail(10000)", LogUpperTail(1e4), -50000010.129278915, 1e-14)
	if l, r := LogUpperTail(math.Nextafter(10, 0)), LogUpperTail(10); !near(l, r, 1e-14) {
		t.Errorf("the two branches of LogUpperTail differ at 10: %v, %v", l, r)
	}
}

// Reference: mpmath 1.4.1, findroot on the log of the tail.
func TestNormalQuantile(t *testing.T) {
	for _, c := range []struct{ p, z float64 }{
		{1e-300, -37.047096299361199},
		{1e-100, -21.273453560965324},
		{1e-16, -8.2220822161304356},
		{1e-8, -5.6120012441747887},
		{0.025, -1.9599639845400542},
		{0.3, -0.52440051270804078},
		{0.975, 1.9599639845400542},
	} {
		checkNear(t, "NormalQuantile", NormalQuantile(c.p), c.z, 1e-14)
	}
	if NormalQuantile(0.5) != 0 || !math.IsInf(NormalQuantile(0), -1) || !math.IsInf(NormalQuantile(1), 1) {
		t.Error("the middle and the ends are not 0 and ±Inf")
	}
	for _, p := range []float64{-0.1, 1.1, math.NaN()} {
		if !math.IsNaN(NormalQuantile(p)) {
			t.Errorf("NormalQuantile(%v) is a number", p)
		}
	}
}
