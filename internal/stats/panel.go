package stats

// panel is a function on an interval, as its values at 20 Gauss–Legendre nodes, or as its two halves. A
// panel with values is halved when an integral needs finer nodes, by the polynomial through its values, and
// keeps the halves for the next integral.
type panel struct {
	a, b        float64
	f           *[20]float64 // nil if only the halves have values
	left, right *panel
}

// halves holds the matrices that take the values at the nodes of an interval to those at the nodes of its
// left and right half.
var halves = func() (m [2][20][20]float64) {
	for side, middle := range []float64{-0.5, 0.5} {
		for i, x := range legendre.x {
			for j, xj := range legendre.x {
				p := 1.0
				for l, xl := range legendre.x {
					if l != j {
						p *= (middle + x/2 - xl) / (xj - xl)
					}
				}
				m[side][i][j] = p
			}
		}
	}
	return m
}()

// newPanel tabulates f on [a,b], halving until every part is narrow enough for a polynomial of degree 19.
func newPanel(a, b float64, narrow func(a, b float64) bool, f func(x float64) float64) *panel {
	p := &panel{a: a, b: b}
	mid := a + (b-a)/2
	if !narrow(a, b) && a < mid && mid < b {
		p.left, p.right = newPanel(a, mid, narrow, f), newPanel(mid, b, narrow, f)
		return p
	}
	p.f = new([20]float64)
	for i, x := range legendre.x {
		p.f[i] = f(mid + x*(b-a)/2)
	}
	return p
}

// split gives a panel its halves.
func (p *panel) split() {
	if p.left != nil {
		return
	}
	mid := p.a + (p.b-p.a)/2
	p.left, p.right = &panel{a: p.a, b: mid, f: new([20]float64)}, &panel{a: mid, b: p.b, f: new([20]float64)}
	for side, half := range []*panel{p.left, p.right} {
		for i, row := range halves[side] {
			for j, w := range row {
				half.f[i] += w * p.f[j]
			}
		}
	}
}

// integrate is ∫ weight × f over the panel, without the parts outside of [from,to], where the weight is
// negligible. narrow says that a polynomial describes the weight on [a,b].
func (p *panel) integrate(from, to float64, narrow func(a, b float64) bool, weight func(x float64) float64) float64 {
	if p.b <= from || p.a >= to {
		return 0
	}
	mid, h := p.a+(p.b-p.a)/2, (p.b-p.a)/2
	if p.f == nil || !narrow(p.a, p.b) && p.a < mid && mid < p.b {
		p.split()
		return p.left.integrate(from, to, narrow, weight) + p.right.integrate(from, to, narrow, weight)
	}
	sum := 0.0
	for i, x := range legendre.x {
		sum += legendre.w[i] * p.f[i] * weight(mid+x*h)
	}
	return sum * h
}
