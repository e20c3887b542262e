package stats

import (
	"math"
	"slices"
)

// logIntegral returns ln ∫ exp(g(u)) du over the whole line for a concave g with both ends falling to −∞, as
// the logarithm of a product of log-concave densities and distribution functions is. Nothing underflows, g
// being taken relative to its peak; a peak below e^-2000, far from any number, gives −∞. start is a place
// where g is finite, else the answer is −∞; step is the scale to search by, of any size.
//
// The peak is bracketed by doubling steps and golden sections, the ends lie where g has fallen by 45 (a
// factor of 1e-20), and each half is integrated by Gauss–Legendre panels that are halved until they agree
// to 1e-11 of the whole. marks are places where g bends on a scale that panels of its whole width may
// overlook; panels end there.
func logIntegral(g func(float64) float64, start, step float64, marks ...float64) float64 {
	if math.IsInf(g(start), -1) {
		return math.Inf(-1)
	}
	peak := peakFrom(g, start, step)
	top := g(peak)
	if top < -2000 {
		return math.Inf(-1)
	}
	f := func(u float64) float64 { return math.Exp(g(u) - top) }
	total := 0.0
	for _, direction := range [2]float64{-1, 1} {
		fallen := func(by float64) bool { return !(g(peak+direction*by)-top >= -45) }
		end := step
		for range 1000 {
			if fallen(end) {
				break
			}
			end *= 2
		}
		for fallen(end/2) && end > 1e-13*math.Abs(peak) {
			end /= 2
		}
		lo, hi := math.Min(peak, peak+direction*end), math.Max(peak, peak+direction*end)
		bounds := []float64{lo, hi}
		for _, m := range marks {
			if m > lo && m < hi {
				bounds = append(bounds, m)
			}
		}
		slices.Sort(bounds)
		for i := range len(bounds) - 1 {
			total += integrateAdaptive(f, bounds[i], bounds[i+1])
		}
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
		x = Peak(g, lo, hi, math.Max(width/2, 1e-14*math.Abs(x)))
		top := g(x)
		noise := math.Max(1, 1e-13*math.Abs(top)) // what rounding does to a g far below 0
		if !(top-g(x-width) > noise || top-g(x+width) > noise) || width < 1e-13*math.Abs(x) {
			return x
		}
	}
}

// integrateAdaptive is ∫ f over [a,b] for a positive f, by panels halved until both halves agree with the
// whole to 1e-11 of the integral. Where f itself is not known so well they never do, and 300 halvings
// are enough.
func integrateAdaptive(f func(float64) float64, a, b float64) float64 {
	first, left := integrate(f, a, b, 4), 300
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
