package stats

import "math"

// walk follows a test through its looks: Z_k = B(t_k)/√t_k of a Brownian motion B with drift θ, stopped at
// the first look with Z_k ≥ c_k, or |Z_k| ≥ c_k when it has two sides.
//
// It carries g_k(x) = P(not stopped before look k | Z_k = x), which depends on the past alone: a Brownian
// motion that is known at one time has forgotten its drift.
//
//	g_1 = 1,   g_k(x) = ∫ g_{k−1}(y) φ((y − r x)/q)/q dy over the values y that do not stop at look k−1
//	r = √(t_{k−1}/t_k), q² = (t_k − t_{k−1})/t_k
//
// Values of g lie in [0,1] however deep in a tail the boundary is, so a probability of 1e-100 is found with
// the same relative precision as one of a half. g has a step of width q/r near c_{k−1}/r, and the remains
// of those of the looks before; the panels are graded towards them, so that looks may follow each
// other as closely as numbers can tell.
//
// Source: Armitage, McPherson, Rowe (1969), JRSS A 132, 235–244; Jennison and Turnbull (2000), Group
// Sequential Methods, chapter 19, with g in place of the density.
// Checked against: multivariate normal probabilities, mpmath integrals down to 1e-300 and simulation, in
// walk_test.go.
type walk struct {
	sides int
	looks []*look
}

// look is one look of a walk with its continuation region [lo,hi].
type look struct {
	t, c   float64
	lo, hi float64
	below  float64 // g below lo
	g      *panel  // nil until a later look asks for it
}

const (
	walkReach = 9.5 // standard deviations beyond which a normal density is left out: a share of 1e-20
	walkStep  = 3   // standard deviations of a normal density that one panel describes
	walkFar   = 40  // a normal variable never comes here: the density is not a number any more
)

// add goes on beyond a look at information t with the critical value c, which may be infinite.
func (w *walk) add(t, c float64) {
	w.settle()
	l := &look{t: t, c: c, lo: -walkReach - 1, hi: math.Min(c, walkFar)}
	if w.sides == 2 {
		l.lo = -l.hi
	}
	w.looks = append(w.looks, l)
}

// settle tabulates g of the last look.
func (w *walk) settle() {
	n := len(w.looks)
	if n == 0 || w.looks[n-1].g != nil {
		return
	}
	l := w.looks[n-1]
	if n == 1 {
		l.g = &panel{a: l.lo, b: l.hi, f: new([20]float64)}
		for i := range l.g.f {
			l.g.f[i] = 1
		}
		l.below = 1
	} else {
		before := w.looks[n-2]
		f := func(x float64) float64 { return before.given(l.t, x) }
		l.g = newPanel(l.lo, l.hi, w.narrow(n-1), f)
		l.below = f(l.lo)
	}
	if w.sides == 2 {
		l.below = 0
	}
}

// narrow says whether a polynomial describes g of look k on an interval: none of the steps that the looks
// before have left is within it or near, on the scale of its own width.
func (w *walk) narrow(k int) func(a, b float64) bool {
	type step struct{ at, scale float64 }
	var steps []step
	for _, l := range w.looks[:k] {
		r := math.Sqrt(l.t / w.looks[k].t)
		q := math.Sqrt((w.looks[k].t - l.t) / w.looks[k].t)
		steps = append(steps, step{l.c / r, q / r})
		if w.sides == 2 {
			steps = append(steps, step{-l.c / r, q / r})
		}
	}
	return func(a, b float64) bool {
		for _, s := range steps {
			distance := math.Max(0, math.Max(a-s.at, s.at-b))
			if b-a > math.Max(2.5*s.scale, distance) {
				return false
			}
		}
		return true
	}
}

// given is P(not stopped up to this look | Z = x at the later information t).
func (l *look) given(t, x float64) float64 {
	q, m := math.Sqrt((t-l.t)/t), math.Sqrt(l.t/t)*x
	sum := l.g.integrate(m-walkReach*q, m+walkReach*q,
		func(a, b float64) bool { return b-a <= walkStep*q },
		func(y float64) float64 { d := (y - m) / q; return math.Exp(-d * d / 2) })
	return sum/(q*math.Sqrt(2*math.Pi)) + l.below*LowerTail((l.lo-m)/q)
}

// exit is P(not stopped before, Z ≥ c) at the next look, with information t and drift theta.
func (w *walk) exit(t, c, theta float64) float64 {
	if len(w.looks) == 0 {
		return UpperTail(c - theta*math.Sqrt(t))
	}
	w.settle()
	return w.looks[len(w.looks)-1].exit(t, c, theta)
}

// exit is P(not stopped up to this look, Z ≥ c at the later information t).
//
//	∫ g(x) φ(x − θ√t_k) P(Z' ≥ c | x) dx; the integrand is a normal density of deviation q below the
//	edge from which the next step leads beyond c more often than not, and one of deviation 1 above
func (l *look) exit(t, c, theta float64) float64 {
	r, q := math.Sqrt(l.t/t), math.Sqrt((t-l.t)/t)
	mean := theta * math.Sqrt(l.t)
	c -= theta * math.Sqrt(t)
	edge := mean + c/r
	scale := q / r
	from := math.Min(l.hi, mean+math.Min(r*c, c/r)) - walkReach*scale
	above := edge + walkReach*scale
	return l.g.integrate(from, walkFar,
		func(a, b float64) bool { return b-a <= math.Max(walkStep*q, math.Min(2.5, a-above)) },
		func(x float64) float64 { return NormalDensity(x-mean) * UpperTail((edge-x)/scale) })
}

// stay is P(not stopped up to the last look) with drift theta; 1 before the first.
func (w *walk) stay(theta float64) float64 {
	if len(w.looks) == 0 {
		return 1
	}
	w.settle()
	l := w.looks[len(w.looks)-1]
	mean := theta * math.Sqrt(l.t)
	return l.g.integrate(l.lo, l.hi, func(a, b float64) bool { return b-a <= walkStep },
		func(x float64) float64 { return NormalDensity(x - mean) }) + l.below*LowerTail(l.lo-mean)
}

// upper is P(stopped at the upper boundary) with drift theta, at any look so far.
func (w *walk) upper(theta float64) float64 {
	sum := 0.0
	for i, l := range w.looks {
		if i == 0 {
			sum += UpperTail(l.c - theta*math.Sqrt(l.t))
		} else {
			sum += w.looks[i-1].exit(l.t, l.c, theta)
		}
	}
	return sum
}
