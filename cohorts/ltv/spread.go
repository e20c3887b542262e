package ltv

import "math"

// Spread is a model that says how far purchases scatter around their expectation, beside Repeat.
type Spread interface {
	Repeat
	// Pairs is E X(X−1) of the purchases X in the time t after the history: twice the pairs of purchases to expect.
	Pairs(h History, t float64) float64
}

// variance is that of the purchases in the time t after the history.
func variance(m Spread, h History, t, expected float64) float64 {
	return math.Max(0, m.Pairs(h, t)+expected*(1-expected))
}

// pairs is E X(X−1) after a history. With λ ~ Gamma(R, rate A) and p of the customer who is there, q = 1−p:
//
//	2λ²q ∫_0^t v e^(−λpv) dv, over λ: 2 E[ q/p² (1 − (1+w)^−(R+1) (1+(R+1)w)) ],  w = pt/A
//
// for a second purchase at v needs a first at any time before, after neither of which he left.
// Checked against: sums over the probabilities of PMF, in spread_test.go.
func (m betaGeometric) pairs(h History, t float64) float64 {
	if t == 0 {
		return 0
	}
	x := float64(h.Repeats)
	r, scale := m.r+x, m.alpha+h.Age
	return m.alive(h) * 2 * betaMean(m.a, m.b+x+float64(m.first), scale/(t*math.Max(1, r)), func(p, q float64) float64 {
		return math.Log(q) + 2*math.Log(t/scale) + logPairs(r, p*t/scale)
	})
}

// logPairs is ln( (1 − (1+w)^−(r+1) (1+(r+1)w))/w² ).
func logPairs(r, w float64) float64 {
	n := r + 1
	if n*w < 1e-5 { // r(r+1)/2 · (1 − 2(r+2)w/3 + …)
		return math.Log(r*n/2) + math.Log1p(-2*(r+2)*w/3)
	}
	return math.Log(-math.Expm1(math.Log1p(n*w)-n*math.Log1p(w))) - 2*math.Log(w)
}

// Pairs is E X(X−1) of the purchases X in the time t after the history.
func (m BGNBD) Pairs(h History, t float64) float64 { return m.law().pairs(h, t) }

// Pairs is E X(X−1) of the purchases X in the time t after the history.
func (m MBGNBD) Pairs(h History, t float64) float64 { return m.law().pairs(h, t) }

// Pairs is E X(X−1) of the purchases X in the time t after the history:
//
//	Alive · 2 (r+x)(r+x+1)/(α+T)² ∫_0^t v ((β+T)/(β+T+v))^s dv
//
// Checked against: integration over the customers' rates, in spread_test.go.
func (m ParetoNBD) Pairs(h History, t float64) float64 {
	if t == 0 {
		return 0
	}
	b, n := m.Beta+h.Age, m.R+float64(h.Repeats)
	// On y = ln(1+v/B): B² ∫ (e^y − 1) e^((1−s)y) dy.
	end, sum := math.Log1p(t/b), 0.0
	panels := math.Ceil(end * math.Max(1.5, math.Min(m.S, 1e4)/2))
	half := end / panels / 2
	for j := range int(panels) {
		middle := (2*float64(j) + 1) * half
		for _, node := range legendre8 {
			for _, y := range [2]float64{middle - half*node[0], middle + half*node[0]} {
				sum += half * node[1] * math.Expm1(y) * math.Exp((1-m.S)*y)
			}
		}
	}
	return m.Alive(h) * 2 * n * (n + 1) / (m.Alpha + h.Age) / (m.Alpha + h.Age) * b * b * sum
}

// Pairs is (r+x)(r+x+1)/(α+T)² t².
func (m NBD) Pairs(h History, t float64) float64 {
	n := m.R + float64(h.Repeats)
	return n * (n + 1) * math.Pow(t/(m.Alpha+h.Age), 2)
}
