package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// GammaTails returns P(X ≤ x) and P(X > x) for a gamma variable with the given shape and scale 1.
// shape > 0 and x ≥ 0, else NaN.
// Source: Abramowitz and Stegun, 6.5, computed by gonum/mathext.
// Checked against: mpmath 1.4.1, gammainc(shape, x, inf, regularized=True), in gamma_test.go.
func GammaTails(x, shape float64) (lower, upper float64) {
	if !(shape > 0) || !(x >= 0) {
		return math.NaN(), math.NaN()
	}
	if math.IsInf(x, 1) {
		return 1, 0
	}
	return mathext.GammaIncReg(shape, x), mathext.GammaIncRegComp(shape, x)
}

// ChiSquareTail returns P(X > x) for a chi-square variable with df degrees of freedom; x ≤ 0 gives 1.
// Source: Abramowitz and Stegun, 26.4.19: the gamma variable of shape df/2.
// Checked against: GammaTails' own references, in gamma_test.go.
func ChiSquareTail(x, df float64) float64 {
	if !(df > 0) || math.IsNaN(x) {
		return math.NaN()
	}
	if x <= 0 {
		return 1
	}
	_, p := GammaTails(x/2, df/2)
	return p
}

// GammaQuantile returns x with P(X ≤ x) = p for a gamma variable with the given shape and scale 1,
// p in [0,1). The root is found on the logarithm of the smaller tail.
// Source: the definition, inverted numerically.
// Checked against: scipy 1.17.1, stats.gamma.ppf, in gamma_test.go.
func GammaQuantile(p, shape float64) float64 {
	switch {
	case !(shape > 0) || !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0:
		return 0
	case p == 1:
		return math.Inf(1)
	case shape > 1e10:
		return gammaQuantileLarge(p, shape)
	}
	f := func(u float64) float64 {
		lower, upper := GammaTails(math.Exp(u), shape)
		if p < 0.5 {
			return math.Log(p) - math.Log(lower)
		}
		return math.Log(upper) - math.Log1p(-p)
	}
	// f decreases in u = ln x: widen a bracket around the mean in steps of its own size.
	mid, step := math.Log(shape), 1.0
	lo, hi := mid, mid
	for f(lo) < 0 && lo > -740 {
		lo -= step
		step *= 2
	}
	step = 1
	for f(hi) > 0 && hi < 709 {
		hi += step
		step *= 2
	}
	u, ok := root(f, math.Max(lo, -744), math.Min(hi, 709))
	if !ok {
		return 0 // the quantile is smaller than any positive number
	}
	return math.Exp(u)
}

// gammaQuantileLarge is Cornish and Fisher's expansion, whose next term is below rounding from a shape of
// 1e10 on, where the difference of the incomplete gamma functions is lost.
//
//	k + z√k + (z²−1)/3 + (z³−7z)/(36√k), z the normal quantile of p
//
// Source: Cornish and Fisher (1938), Revue de l'Institut International de Statistique 5, 307–320.
// Checked against: GammaQuantile's own search below that shape, in gamma_test.go.
func gammaQuantileLarge(p, shape float64) float64 {
	z := NormalQuantile(p)
	if p > 0.5 {
		z = -NormalQuantile(1 - p)
	}
	s := math.Sqrt(shape)
	return shape + z*s + (z*z-1)/3 + (z*z*z-7*z)/(36*s)
}

// GarwoodInterval returns the exact interval for the mean of a Poisson count, given in millionths so
// that counts that were split between partners stay exact.
//
//	[Γ⁻¹((1−level)/2; n), Γ⁻¹((1+level)/2; n+1)] with n = countMicros/1e6 and scale 1
//
// For whole counts these are the limits at which the observed count or less (more) has probability
// (1−level)/2. For a fractional count the gamma form interpolates between the neighbouring whole
// counts. Assumes events that happen independently of each other.
// Edges: a count of 0 has the lower limit 0. A negative count or a level outside (0,1) is ErrInput.
// Source: Garwood (1936), Biometrika 28, 437–442.
// Checked against: Garwood's table for 0, 1, 5, 10, 50 at 95 %, in gamma_test.go.
func GarwoodInterval(countMicros int64, level float64) (lo, hi float64, err error) {
	if err := checkLevel(level); err != nil {
		return 0, 0, err
	}
	if countMicros < 0 {
		return 0, 0, invalid("count %d is negative", countMicros)
	}
	n := float64(countMicros) / 1e6
	if countMicros > 0 {
		lo = GammaQuantile((1-level)/2, n)
	}
	return lo, GammaQuantile((1+level)/2, n+1), nil
}
