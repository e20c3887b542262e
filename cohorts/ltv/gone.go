package ltv

import "math"

// tail is what the Pareto/NBD likelihood needs at a time u for x repeats: lead = −(r+x) ln(α+u) − s ln(β+u), and the share
//
//	q = s ∫_u^∞ (α+y)^−(r+x) (β+y)^−(s+1) dy / e^lead  in (0,1)
//
// with the gradients of lead and of ln q by r, α, s, β.
type tail struct {
	lead, q   float64
	dLead, dQ [4]float64
	here      float64 // ln e^lead (1−q), the branch of those still there
	left      float64 // ln e^lead q, of those gone
}

// gone computes tails of one number of repeats. With w = r+s+x, M = max(α,β), z = |α−β|/(M+u):
//
//	q = (s/w) f Σ_{k≥0} (n)_k/(w+1)_k z^k,  (n, f) = (r+x, 1) for α ≥ β, else (s+1, (α+u)/(β+u))
//
// a sum of positive terms. Its coefficients do not depend on u and are kept. Where z is near 1 the series is long and the
// integral is taken instead.
// Source: Schmittlein, Morrison and Colombo (1987), with Gauss's function written as its series.
type gone struct {
	ParetoNBD
	n, w       float64
	numerator  float64
	terms      []coefficient
	swap       bool // α < β
	difference float64
}

// coefficient is (n)_k/(w+1)_k with the derivatives of its logarithm by n and, with a minus, by w.
type coefficient struct{ c, byN, byW float64 }

// longSeries is the z from which the integral is cheaper than the series.
const longSeries = 0.97

func newGone(m ParetoNBD, x float64) *gone {
	g := &gone{ParetoNBD: m, n: m.R + x, w: m.R + m.S + x, difference: math.Abs(m.Alpha - m.Beta), swap: m.Alpha < m.Beta}
	g.numerator = g.n
	if g.swap {
		g.numerator = m.S + 1
	}
	g.terms = []coefficient{{c: 1}}
	return g
}

func (g *gone) at(u float64) tail {
	t := g.leading(u)
	a, b := g.Alpha+u, g.Beta+u
	if z := g.difference / math.Max(a, b); z <= longSeries {
		g.series(&t, a, b, z)
	} else {
		g.integral(&t, a, b)
	}
	return t
}

// legendre8 are the nodes above 0 of Gauss and Legendre's rule of eight, with their weights.
// Source: Abramowitz and Stegun, table 25.4.
var legendre8 = [4][2]float64{
	{0.1834346424956498, 0.3626837833783620},
	{0.5255324099163290, 0.3137066458778873},
	{0.7966664774136267, 0.2223810344533745},
	{0.9602898564975363, 0.1012285362903763},
}

// widest is the widest panel, on the logarithmic scale, and grown its factor.
const (
	widest = 0.66
	grown  = 1.935
)

// sweep writes to out the tails at times[i] for each i of at, ascending: that of the last from its definition, each one before by
// adding the integral up to the next. What is integrated is smooth on ln(min(α,β)+y), and all terms are positive.
func (g *gone) sweep(times []float64, at []int32, out []tail) {
	last := at[len(at)-1]
	out[last] = g.at(times[last])
	small, large, nSmall, nLarge := g.Alpha, g.Beta, g.n, g.S+1
	if !g.swap {
		small, large, nSmall, nLarge = large, small, nLarge, nSmall
	}
	// mean is that of the gradient of the integrand's logarithm, beyond the time reached.
	var mean [4]float64
	for i := range mean {
		mean[i] = out[last].dLead[i] + out[last].dQ[i]
	}
	for k := len(at) - 2; k >= 0; k-- {
		from, to, next := times[at[k]], times[at[k+1]], &out[at[k+1]]
		t := &out[at[k]]
		*t = g.leading(from)
		sum := next.q * math.Exp(next.lead-t.lead)
		for i := range mean {
			mean[i] *= sum
		}
		before := 0.0
		for at, end := small+from, small+to; at < end; { // panels that the integrand changes little on
			width := math.Min(widest, 2/(nSmall+nLarge*at*grown/(large-small+at*grown)))
			width = math.Min(width, math.Log1p((end-at)/at))
			part := 0.0
			for _, node := range legendre8 {
				for _, side := range [2]float64{1 - node[0], 1 + node[0]} {
					y := at * math.Exp(width/2*side) // from −small
					u := y - small
					a, b := g.Alpha+u, g.Beta+u
					la, lb := math.Log(a), math.Log(b)
					f := g.S * width / 2 * node[1] * y * math.Exp(-g.n*la-(g.S+1)*lb-t.lead)
					part += f
					mean[0] -= f * la
					mean[1] -= f * g.n / a
					mean[2] += f * (1/g.S - lb)
					mean[3] -= f * (g.S + 1) / b
				}
			}
			sum += part
			next := at * math.Exp(width)
			if next == at || (part < before && part < 1e-18*sum) || !(sum > 0) {
				break // it has one peak: what follows is less still
			}
			at, before = next, part
		}
		for i := range mean {
			mean[i] /= sum
			t.dQ[i] = mean[i] - t.dLead[i]
		}
		t.q = math.Min(1, sum)
	}
	for _, i := range at {
		t := &out[i]
		t.here, t.left = t.lead+math.Log1p(-t.q), t.lead+math.Log(t.q)
	}
}

// leading is the tail at u without q.
func (g *gone) leading(u float64) tail {
	a, b := g.Alpha+u, g.Beta+u
	la, lb := math.Log(a), math.Log(b)
	return tail{lead: -g.n*la - g.S*lb, dLead: [4]float64{-la, -g.n / a, -lb, -g.S / b}}
}

// series sums q and its gradient.
func (g *gone) series(t *tail, a, b, z float64) {
	sum, byN, byW, byZ, power := 0.0, 0.0, 0.0, 0.0, 1.0
	for k := 0; ; k++ {
		if k == len(g.terms) {
			last, j := g.terms[k-1], float64(k-1)
			g.terms = append(g.terms, coefficient{
				c:   last.c * (g.numerator + j) / (g.w + 1 + j),
				byN: last.byN + 1/(g.numerator+j), byW: last.byW + 1/(g.w+1+j),
			})
		}
		c := g.terms[k]
		term := c.c * power
		sum += term
		byN += term * c.byN
		byW += term * c.byW
		if k > 0 {
			byZ += float64(k) * term // times z
		}
		// The rest of the series is below term z/(1−z); that of its derivatives some dozens of times as much.
		if term*z < 1e-18*(1-z)*sum {
			break
		}
		power *= z
	}
	t.q = g.S / g.w * sum
	t.dQ = [4]float64{-1/g.w - byW/sum, 0, 1/g.S - 1/g.w - byW/sum, 0}
	slope := byZ / sum // d ln Σ / d ln z
	defer func() { t.q = math.Min(1, t.q) }()
	// d ln z by α and β: z = |α−β|/(M+u).
	if g.swap {
		t.q *= a / b
		t.dQ[2] += byN / sum
		t.dQ[1], t.dQ[3] = 1/a, -1/b
		if z > 0 {
			t.dQ[1] -= slope / g.difference
			t.dQ[3] += slope * (1/g.difference - 1/b)
		}
		return
	}
	t.dQ[0] += byN / sum
	if z > 0 {
		t.dQ[1] = slope * (1/g.difference - 1/a)
		t.dQ[3] = -slope / g.difference
	} else { // d z is −dβ/a and dα/a, Σ' is n/(w+1)
		t.dQ[1], t.dQ[3] = g.numerator/(g.w+1)/a, -g.numerator/(g.w+1)/a
	}
}

// integral takes q = s ∫_0^∞ (1+v/a)^−(r+x) (1+v/b)^−(s+1) dv/b on the logarithmic scale of v, by the trapezoidal rule, with
// the means of the derivatives of the integrand's logarithm.
func (g *gone) integral(t *tail, a, b float64) {
	start := math.Log(math.Min(a/g.n, b/(g.S+1)))
	flat := math.Log(math.Max(a, b)) + 37.5 // beyond it 1+v/a is v/a, 1+v/b is v/b
	sum, peak := 0.0, math.Inf(-1)
	var mean [4]float64
	add := func(u float64) (more bool) {
		v := math.Exp(u)
		pa, pb := math.Log1p(v/a), math.Log1p(v/b)
		e := u - g.n*pa - (g.S+1)*pb
		if e > peak {
			f := math.Exp(peak - e)
			sum *= f
			for i := range mean {
				mean[i] *= f
			}
			peak = e
		}
		f, slope := math.Exp(e-peak), 0.0
		more = e-peak > negligible
		if u > flat { // the rest is a geometric series, and the logarithms grow evenly along it
			rest := -math.Expm1(-g.w * trapezoidStep)
			f /= rest
			slope = trapezoidStep * (1 - rest) / rest
			more = false
		}
		sum += f
		for i, d := range [4]float64{-pa - slope, g.n * v / a / (a + v), -pb - slope, (g.S + 1) * v / b / (b + v)} {
			mean[i] += f * d
		}
		return more
	}
	add(start)
	for k := 1; add(start + float64(k)*trapezoidStep); k++ {
	}
	for k := -1; add(start + float64(k)*trapezoidStep); k-- {
	}
	t.q = math.Min(1, math.Exp(math.Log(g.S/b*trapezoidStep*sum)+peak))
	t.dQ = [4]float64{mean[0] / sum, mean[1] / sum, 1/g.S + mean[2]/sum, mean[3]/sum - 1/b}
}
