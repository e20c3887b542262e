package ltv

import (
	"math"

	"vouch/internal/stats"
)

// betaGeometric is the law that BGNBD and MBGNBD share: purchases at a rate λ ~ Gamma(r, rate α), and at each of some
// occasions the customer leaves with probability p ~ Beta(a, b). They differ in whether the first purchase is
// such an occasion already: first is then 1, else 0.
type betaGeometric struct {
	r, alpha, a, b float64
	first          int64
}

var betaGeometricNames = []string{"r", "alpha", "a", "b"}

// logOddsGone is the log-odds that a customer has left, given his history; −Inf if he had no occasion to.
//
//	ln( a/(b+k−1) · ((α+T)/(α+t_x))^(r+x) ),  k = x or x+1 occasions
func (m betaGeometric) logOddsGone(h History) float64 {
	k := h.Repeats + m.first
	if k == 0 {
		return math.Inf(-1)
	}
	return math.Log(m.a/(m.b+float64(k-1))) + (m.r+float64(h.Repeats))*math.Log1p((h.Age-h.Recency)/(m.alpha+h.Recency))
}

// alive is the probability that a customer has not left.
func (m betaGeometric) alive(h History) float64 {
	if d := m.logOddsGone(h); d > 0 {
		e := math.Exp(-d)
		return e / (1 + e)
	} else {
		return 1 / (1 + math.Exp(d))
	}
}

// expected is the number of purchases to expect in the time t after the history.
func (m betaGeometric) expected(h History, t float64) float64 {
	x := float64(h.Repeats)
	return m.alive(h) * growth(m.r+x, m.a, m.b+x+float64(m.first), m.alpha+h.Age, t)
}

// likelihood is the log-likelihood of the sample and its gradient by r, α, a, b.
//
//	Σ ln( Γ(r+x) α^r/Γ(r) · B(a,b+k)/B(a,b) · [ (α+T)^−(r+x) + a/(b+k−1) (α+t_x)^−(r+x) ] ), the last term for k > 0
//
// Everything but the bracket depends on x alone, the logarithms on one time: a row costs one exponential.
func (s Sample) betaGeometric(first int64) likelihood {
	logs := make([]float64, len(s.times))
	inverse := make([]float64, len(s.times))
	return func(p, grad []float64) float64 {
		r, alpha, a, b := p[0], p[1], p[2], p[3]
		for i, t := range s.times {
			logs[i], inverse[i] = math.Log(alpha+t), 1/(alpha+t)
		}
		value, dr, dalpha, da, db := 0.0, 0.0, 0.0, 0.0, 0.0
		for rows := s.rows; len(rows) > 0; {
			x := s.counts[rows[0].repeats]
			k := float64(x + first)
			n := r + float64(x)
			odds := math.Inf(-1)
			if k > 0 {
				odds = math.Log(a / (b + k - 1))
			}
			weight, gone := 0.0, 0.0
			i := 0
			for ; i < len(rows) && rows[i].repeats == rows[0].repeats; i++ {
				c := rows[i]
				age, recency := logs[c.age], logs[c.recency]
				d := odds + n*(age-recency)
				e := math.Exp(-math.Abs(d))
				w := e / (1 + e) // the lesser of gone and alive
				row := -n * age
				if d > 0 {
					row += d
					w = 1 - w
				}
				value += c.weight * (row + math.Log1p(e))
				weight += c.weight
				gone += c.weight * w
				dr -= c.weight * ((1-w)*age + w*recency)
				dalpha -= c.weight * n * ((1-w)*inverse[c.age] + w*inverse[c.recency])
			}
			rows = rows[i:]
			value += weight * (stats.LogGammaRatio(r, float64(x)) + r*math.Log(alpha) + stats.LogBetaRatio(a, b, k))
			dr += weight * (stats.DigammaDifference(r, float64(x)) + math.Log(alpha))
			dalpha += weight * r / alpha
			both := stats.DigammaDifference(a+b, k)
			da += gone/a - weight*both
			db += weight * (stats.DigammaDifference(b, k) - both)
			if k > 0 {
				db -= gone / (b + k - 1)
			}
		}
		grad[0], grad[1], grad[2], grad[3] = dr, dalpha, da, db
		return value
	}
}

// fit maximises the likelihood of the sample.
func (s Sample) fitBetaGeometric(first int64) (maximum, error) {
	return s.search(func(s Sample) likelihood { return s.betaGeometric(first) }, []float64{1, s.life, 1, 1}, betaGeometricStarts)
}

// betaGeometricStarts are (r, α, a, b) with α in mean ages: even customers who stay, the uneven ones of most shops,
// and customers who come often and leave soon.
var betaGeometricStarts = [][]float64{{0.5, 0.3, 0.8, 2}, {2, 1, 1, 5}, {0.3, 0.05, 2, 2}}

// growth is the number of purchases to expect in the time t from a customer who is alive: λ ~ Gamma(r, rate alpha),
// p ~ Beta(a, b), leaving with probability p after each purchase.
//
//	E[ (1 − e^(−λpt))/p ] = C·(−expm1(eL)/e) − e^(eL) Σ_{k≥1} (C−r)_k (a)_{k−1}/(C+1)_{k−1} z^k/k!
//	e = a−1,  C = a+b−1,  z = t/(α+t),  L = −ln(1+t/α);  the first factor is −L at e = 0
//
// by Euler's transformation of Gauss's function. Where the series would be long or its terms of both signs, the
// expectation over p is integrated instead:
//
//	E[ (1 − (α/(α+pt))^r)/p ]
//
// Source: Fader, Hardie and Lee (2005), Marketing Science 24, 275–284, equation (9).
// Checked against: mpmath 1.4.1 at 40 digits, in growth_test.go.
func growth(r, a, b, alpha, t float64) float64 {
	if t == 0 {
		return 0
	}
	C, z := a+b-1, t/(alpha+t)
	if C-r < -4 || (C-r)*math.Log1p(t/alpha) > 300 || math.Abs(C) > 1e3*r || !(z <= 0.98) {
		return betaMean(a, b, alpha/(t*math.Max(1, r)), func(p, _ float64) float64 {
			v := p * t / alpha
			if v < 1e-290 {
				return math.Log(r * t / alpha)
			}
			return math.Log(-math.Expm1(-r*math.Log1p(v)) / p)
		})
	}
	e, L := a-1, -math.Log1p(t/alpha)
	head := -L
	if e != 0 {
		head = -math.Expm1(e*L) / e
	}
	// The factor (C−r)_k (a)_{k−1} / (C+1)_{k−1} / k! · z^k, from k = 1.
	sum, term := 0.0, (C-r)*z
	for k := 1.0; ; k++ {
		sum += term
		term *= (C - r + k) * (a + k - 1) / ((C + k) * (k + 1)) * z
		if !(math.Abs(term) >= 1e-17*math.Abs(sum)) || term == 0 {
			break
		}
	}
	return C*head - math.Exp(e*L)*sum
}
