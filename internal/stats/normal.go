package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// UpperTail returns P(Z > z) of a standard normal variable.
//
//	½ erfc(z/√2)
//
// It keeps its relative precision until the result underflows near z = 38, where one minus the
// distribution function is already 0 at z = 8.3. LogUpperTail goes on beyond.
// Source: Abramowitz and Stegun, 26.2.29.
// Checked against: mpmath 1.4.1, erfc(z/sqrt(2))/2, in normal_test.go.
func UpperTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// LowerTail returns P(Z < z) of a standard normal variable; see UpperTail.
func LowerTail(z float64) float64 { return UpperTail(-z) }

// LogUpperTail returns ln P(Z > z), finite where the probability itself underflows.
//
// Beyond z = 10 it uses Laplace's continued fraction of the Mills ratio,
// P(Z > z) = φ(z) / (z + 1/(z + 2/(z + 3/(z + …)))), evaluated backwards with 80 terms.
// Source: Abramowitz and Stegun, 26.2.14.
// Checked against: mpmath 1.4.1, log(erfc(z/sqrt(2))/2), in normal_test.go.
func LogUpperTail(z float64) float64 {
	if z < 10 {
		return math.Log(UpperTail(z))
	}
	return logScaledTail(z) - z*z/2
}

// logScaledTail is ln P(Z > z) + z²/2, finite also where z² is not.
func logScaledTail(z float64) float64 {
	if z < 10 {
		return math.Log(UpperTail(z)) + z*z/2
	}
	f := z
	for k := 80; k >= 1; k-- {
		f = z + float64(k)/f
	}
	return -0.5*math.Log(2*math.Pi) - math.Log(f)
}

// NormalDensity returns the standard normal density at z.
// Source: Abramowitz and Stegun, 26.2.1.
func NormalDensity(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// NormalQuantile returns z with P(Z < z) = p, for p in (0,1); −∞ at 0 and +∞ at 1, NaN outside.
// It is accurate to p = 1e-300. An upper quantile is −NormalQuantile(tail), not
// NormalQuantile(1−tail), which cannot tell tails below 1e-16 apart.
// Source: the definition, inverted numerically.
// Checked against: mpmath 1.4.1, findroot on the log of the tail, in normal_test.go.
func NormalQuantile(p float64) float64 {
	if math.IsNaN(p) || p < 0 || p > 1 {
		return math.NaN()
	}
	return mathext.NormalQuantile(p)
}

// criticalZ is the two-sided critical value of a level: the (1+level)/2 quantile.
func criticalZ(level float64) float64 { return -NormalQuantile((1 - level) / 2) }
