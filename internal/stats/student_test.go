package stats

import (
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 50 digits, betainc(df/2, 1/2, 0, df/(df+t²), regularized=True)/2, and
// quadrature of the density for df above 1e5.
func TestStudentUpperTail(t *testing.T) {
	for _, c := range []struct{ t, df, p, tol float64 }{
		{2, 10, 0.036694017385370183, 1e-13},
		{0.01, 3, 0.49632455570642599, 1e-13},
		{5.61, 1e5, 1.014298247695948e-8, 1e-11},
		{40, 7.3, 4.0185675839568611e-10, 1e-12},
		{1e6, 2, 4.9999999999925e-13, 1e-12},
		{1e200, 1.5, 3.7708524320162465e-301, 1e-12},
		{12, 1e4, 2.9898898039056626e-33, 1e-11},
		{0.5, 1e7, 0.30853754422700754, 1e-10},
		{3, 1e9, 0.0013498980648689578, 1e-10},
		{38, 500, 7.6543680232578537e-150, 1e-11},
	} {
		checkNear(t, "StudentUpperTail", StudentUpperTail(c.t, c.df), c.p, c.tol)
		checkNear(t, "mirrored", StudentUpperTail(-c.t, c.df), 1-c.p, 1e-12)
	}
	if got := StudentUpperTail(9, math.Inf(1)); got != UpperTail(9) {
		t.Errorf("infinite df gives %v", got)
	}
	a, b := StudentUpperTail(4, 0.99e8), StudentUpperTail(4, 1.01e8)
	checkNear(t, "the two branches around df = 1e8", a, b, 1e-7)
}

// Reference: mpmath 1.4.1, findroot on the log of the tail above; df = 1e5 at a tail of 1e-8 is the
// case at which interpolating routines return 81.65.
func TestStudentQuantile(t *testing.T) {
	for _, c := range []struct{ p, df, q float64 }{
		{1e-8, 1e5, -5.6124571748817133},
		{0.025, 10, -2.2281388519862747},
		{0.3, 0.5, -1.0095258786071661},
		{1e-12, 250, -7.4053915046106176},
		{0.025, 1e7, -1.9599642217672055},
		{1e-8, 3e4, -5.6135212617999039},
		{0.4999, 12, -0.00025593362884942321},
		{0.025, 2.34, -3.7557418094273103},
	} {
		checkNear(t, "StudentQuantile", StudentQuantile(c.p, c.df), c.q, 1e-10)
		checkNear(t, "mirrored", StudentQuantile(1-c.p, c.df), -c.q, 1e-7/math.Min(1, c.p*1e10))
	}
	// With two degrees of freedom the distribution function is a closed form.
	for _, p := range []float64{1e-300, 1e-20, 0.01, 0.2} {
		want := -(1 - 2*p) / math.Sqrt(2*p*(1-p))
		checkNear(t, "df 2", StudentQuantile(p, 2), want, 1e-12)
	}
	if StudentQuantile(0.5, 3) != 0 || !math.IsInf(StudentQuantile(1, 3), 1) || !math.IsNaN(StudentQuantile(0.2, 0)) {
		t.Error("edges of StudentQuantile")
	}
	if !math.IsInf(StudentQuantile(1e-300, 0.5), -1) {
		t.Error("a quantile beyond the floating point range is not -Inf")
	}
}
