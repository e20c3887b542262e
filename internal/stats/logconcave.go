package stats

import "math"

// logIntegral returns ln ∫ exp(g(u)) du over the whole line for a concave g with both ends falling to −∞, as
// the logarithm of a product of log-concave densities and distribution functions is. Nothing underflows: g
// is only ever taken relative to its peak. start is a place where g is finite, else the answer is −∞; step
// is the scale to search by, of any size.
//
// The peak is bracketed by doubling steps and golden sections, the ends lie where g has fallen by 45 (a
// factor of 1e-20), and each half is integrated by Gauss–Legendre panels that are halved until they agree
// to 1e-11 of the whole.
func logIntegral(g func(float64) float64, start, step float64) float64 {
	if math.IsInf(g(start), -1) {
		return math.Inf(-1)
	}
	peak := peakFrom(g, start, step)
	top := g(peak)
	f := func(u float64) float64 { return math.Exp(g(u) - top) }
	total := 0.0
	for _, direction := range [2]float64{-1, 1} {
		end := step
		for range 1000 {
			if g(peak+direction*end)-top < -45 {
				break
			}
			end *= 2
		}
		lo, hi := math.Min(peak, peak+direction*end), math.Max(peak, peak+direction*end)
		total += integrateAdaptive(f, lo, hi)
	}
	return top + math.Log(total)
}

// peakFrom climbs from start by doubling steps until g falls, then narrows to where g is within about
// 1 of its peak: near enough for a place to integrate around.
func peakFrom(g func(float64) float64, start, step float64) float64 {
	if g(start+step) < g(start) {
		step = -step
	}
	x, gx := start, g(start)
	for range 1000 {
		next := g(x + step)
		if !(next > gx) {
			break
		}
		x, gx = x+step, next
		step *= 2
	}
	// Narrowed until g hardly falls over what is left: a sharp peak may be far below the scale of the steps.
	for width := 2 * math.Abs(step); ; {
		lo, hi := x-width, x+width
		width /= 500
		x = Peak(g, lo, hi, width/2)
		if top := g(x); !(top-g(x-width) > 1 || top-g(x+width) > 1) || x-width == x {
			return x
		}
	}
}

// integrateAdaptive is ∫ f over [a,b] for a positive f, by panels halved until both halves agree with the
// whole to 1e-11 of the integral. Where f itself is not known so well they never do, and 2,000 halvings
// are enough.
func integrateAdaptive(f func(float64) float64, a, b float64) float64 {
	first, left := integrate(f, a, b, 4), 2000
	var part func(a, b, whole float64) float64
	part = func(a, b, whole float64) float64 {
		mid := (a + b) / 2
		low, high := integrate(f, a, mid, 1), integrate(f, mid, b, 1)
		if left--; left < 0 || !(math.Abs(low+high-whole) > 1e-11*first) {
			return low + high
		}
		return part(a, mid, low) + part(mid, b, high)
	}
	return part(a, b, integrate(f, a, b, 1))
}
