package stats

import "math"

// root returns a zero of f in [a,b], where f changes sign, by Brent's method: bisection safeguarding
// inverse quadratic interpolation. It stops when the bracket is as narrow as the floating point
// numbers around the root allow. ok is false if f does not change sign or is NaN at an end.
//
// Source: Brent (1973), Algorithms for Minimization without Derivatives, chapter 4.
func root(f func(float64) float64, a, b float64) (x float64, ok bool) {
	fa, fb := f(a), f(b)
	if fa == 0 {
		return a, true
	}
	if fb == 0 {
		return b, true
	}
	if math.IsNaN(fa) || math.IsNaN(fb) || (fa > 0) == (fb > 0) {
		return 0, false
	}
	c, fc := a, fa
	d := b - a
	e := d
	for range 300 {
		if math.Abs(fc) < math.Abs(fb) {
			a, b, c = b, c, b
			fa, fb, fc = fb, fc, fb
		}
		tol := 2 * 0x1p-53 * math.Abs(b)
		m := (c - b) / 2
		if math.Abs(m) <= tol || fb == 0 {
			return b, true
		}
		d, e = brentStep(a, b, c, fa, fb, fc, m, d, e, tol)
		a, fa = b, fb
		if math.Abs(d) > tol {
			b += d
		} else {
			b += math.Copysign(tol, m)
		}
		fb = f(b)
		if (fb > 0) == (fc > 0) {
			c, fc = a, fa
			d = b - a
			e = d
		}
	}
	return b, true
}

// brentStep proposes the next step: interpolation where it stays inside the bracket and shrinks
// fast enough, bisection otherwise.
func brentStep(a, b, c, fa, fb, fc, m, d, e, tol float64) (step, previous float64) {
	if math.Abs(e) < tol || math.Abs(fa) <= math.Abs(fb) {
		return m, m
	}
	var p, q float64
	s := fb / fa
	if a == c {
		p, q = 2*m*s, 1-s
	} else {
		r, t := fb/fc, fa/fc
		p = s * (2*m*t*(t-r) - (b-a)*(r-1))
		q = (t - 1) * (r - 1) * (s - 1)
	}
	if p > 0 {
		q = -q
	} else {
		p = -p
	}
	if 2*p < math.Min(3*m*q-math.Abs(tol*q), math.Abs(e*q)) {
		return p / q, d
	}
	return m, m
}

// bracketUp doubles hi from start until f(hi) is negative, for a decreasing f. It returns +Inf if
// that never happens.
func bracketUp(f func(float64) float64, start float64) float64 {
	hi := start
	for f(hi) > 0 {
		hi *= 2
		if math.IsInf(hi, 1) {
			break
		}
	}
	return hi
}
