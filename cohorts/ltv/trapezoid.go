package ltv

import "math"

// The trapezoidal rule on the whole line is exact beyond rounding for integrands that are analytic in a strip around it
// and decay exponentially: its error is e^(−2πd/h) for a strip of half-width d (Trefethen and Weideman 2014, SIAM
// Review 56, 385–458). An integral over (0,1) is taken on the logit scale, one over (0,∞) on the logarithmic, where
// powers at the ends become such decays. All terms are positive: nothing cancels.

// trapezoidStep suits strips of half-width π/2 and more: e^(−π²/0.25) is below rounding.
const trapezoidStep = 0.25

// negligible is the logarithm of what a term may be of the largest and be left out.
const negligible = -42.0

// line integrates e^g over the line, for g with one peak, from start outwards in steps of h. Beyond left and right
// g is linear in double precision; the rest is then a geometric series, however slowly it falls.
func line(g func(u float64) float64, start, h, left, right float64) float64 {
	peak := g(start)
	sum := 1.0
	walk := func(step, bound float64) {
		before := g(start)
		for k := 1; ; k++ {
			u := start + float64(k)*step
			v := g(u)
			if v > peak {
				sum *= math.Exp(peak - v)
				peak = v
			}
			term := math.Exp(v - peak)
			fall := v - before
			if fall < 0 && (u-bound)*step > 0 {
				sum += term / -math.Expm1(fall)
				return
			}
			sum += term
			if math.IsNaN(v) || math.IsInf(v, -1) || (fall < 0 && v-peak < negligible) {
				return
			}
			before = v
		}
	}
	walk(h, right)
	walk(-h, left)
	return h * sum * math.Exp(peak)
}

// betaMean is E f(p) of p ~ Beta(a,b) for a positive f given by its logarithm of (p, 1−p), smooth on the scales from
// smallest upwards: below smallest f is constant.
func betaMean(a, b, smallest float64, logF func(p, q float64) float64) float64 {
	const flat = 37.5              // beyond it 1+e^−u is 1
	spread := math.Sqrt(1/a + 1/b) // of the logit
	start := math.Log(a / b)       // its mode
	p0, q0 := a/(a+b), b/(a+b)
	// The density relative to that at the mode, by differences that do not cancel however narrow it is.
	density := func(u float64) float64 {
		d := u - start
		return -a*math.Log1p(q0*math.Expm1(-d)) - b*math.Log1p(p0*math.Expm1(d))
	}
	weighed := func(u float64) float64 {
		return density(u) + logF(1/(1+math.Exp(-u)), 1/(1+math.Exp(u)))
	}
	h := math.Min(trapezoidStep, spread/2)
	left, right := math.Min(0, start)-flat, math.Max(0, start)+flat
	return line(weighed, start, h, math.Min(left, math.Log(smallest)-flat), right) / line(density, start, h, left, right)
}

// logAdd is ln(e^x + e^y).
func logAdd(x, y float64) float64 {
	m := math.Max(x, y)
	if math.IsInf(m, -1) {
		return m
	}
	return m + math.Log1p(math.Exp(-math.Abs(x-y)))
}
