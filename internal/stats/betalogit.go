package stats

import "math"

// logistic returns x = 1/(1+e^−u) and 1−x, each with its own digits.
func logistic(u float64) (x, xc float64) { return 1 / (1 + math.Exp(-u)), 1 / (1 + math.Exp(u)) }

// softplus is ln(1+e^v) for any v.
func softplus(v float64) float64 { return math.Max(0, v) + math.Log1p(math.Exp(-math.Abs(v))) }

// logitDensity is the log density of u = ln(x/(1−x)) at u for a Beta(a,b) variable x:
//
//	a ln x + b ln(1−x) − ln B(a,b), concave in u for all a, b > 0
func logitDensity(u, a, b float64) float64 {
	if math.Min(a, b) < 8 {
		return -a*softplus(-u) - b*softplus(u) - logBeta(a, b)
	}
	x, xc := logistic(u)
	return logBetaFactor(x, xc, a, b)
}

// fractionLimit is the parameter up to which the continued fraction is short.
const fractionLimit = 1e4

// logitTails returns ln P(U ≤ u) and ln P(U > u) of u = ln(x/(1−x)) for a Beta(a,b) variable x. They are
// finite where the probabilities underflow, concave in u, and cost the same whatever the parameters.
//
// The tail on the near side of the mean is the continued fraction of BetaCDF or, for a large parameter,
//
//	density(u) ∫₀^∞ exp(h(t)) dt,  h(t) = −a ln(1 + (1−x)(e^t − 1)) − b ln(1 + x(e^−t − 1))
//
// the log density t below u relative to u, in which nothing cancels.
// Source: the definition.
// Checked against: mpmath 1.4.1, betainc at 60 digits, in betalogit_test.go.
func logitTails(u, a, b float64) (lower, upper float64) {
	// x ≤ a/(a+b), compared through odds so that neither side loses digits.
	if u > math.Log(a)-math.Log(b) {
		upper, lower = logitTails(-u, b, a)
		return lower, upper
	}
	lower = logitDensity(u, a, b) + logitMills(u, a, b)
	return math.Min(0, lower), log1mexp(lower)
}

// log1mexp is ln(1 − e^v) for v < 0.
func log1mexp(v float64) float64 {
	if v > -math.Ln2 {
		return math.Log(-math.Expm1(v))
	}
	return math.Log1p(-math.Exp(v))
}

// logitMills is the log of the lower tail over the density, for u below the mode.
func logitMills(u, a, b float64) float64 {
	x, xc := logistic(u)
	if a <= fractionLimit {
		return -math.Log(a * betaContinued(x, a, b))
	}
	h := func(t float64) float64 { return -a*math.Log1p(xc*math.Expm1(t)) - b*math.Log1p(x*math.Expm1(-t)) }
	end := 1 / (math.Abs(a*xc-b*x) + math.Sqrt(a*xc+b*x))
	for h(end) > -40 {
		end *= 2
	}
	return math.Log(integrate(func(t float64) float64 { return math.Exp(h(t)) }, 0, end, 4))
}
