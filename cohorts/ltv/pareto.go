package ltv

import (
	"math"
	"slices"

	"vouch/internal/stats"
)

// ParetoNBD is the Pareto/NBD model: a customer buys at random times at his own rate λ ~ Gamma(R, rate Alpha) and leaves
// after a time of his own rate μ ~ Gamma(S, rate Beta), at any moment, first purchase or not.
//
// The likelihood has a flat ridge in S and Beta: judge a fit by its log-likelihood and its predictions, not by S.
// Time is in the unit of Alpha and Beta. Source: Schmittlein, Morrison and Colombo (1987), Management Science 33, 1–24.
type ParetoNBD struct{ R, Alpha, S, Beta float64 }

var paretoNames = []string{"r", "alpha", "s", "beta"}

// Check refuses parameters outside of their bounds, 1e-9 and 1e12.
func (m ParetoNBD) Check() error { return positive(paretoNames, m.R, m.Alpha, m.S, m.Beta) }

// LogLikelihood is the log-likelihood of the sample, counts as weights.
//
//	Σ ln( Γ(r+x) α^r β^s/Γ(r) · [ (α+T)^−(r+x) (β+T)^−s + s ∫_{t_x}^{T} (α+y)^−(r+x) (β+y)^−(s+1) dy ] )
//
// The integral is a sum of positive terms, see gone. Checked against: integration over λ and μ, lifetimes 0.11.3
// and mpmath 1.4.1, in pareto_test.go.
func (m ParetoNBD) LogLikelihood(s Sample) float64 {
	return s.pareto()([]float64{m.R, m.Alpha, m.S, m.Beta}, make([]float64, 4))
}

// Alive is the probability that a customer has not left: the first term of the likelihood over both.
// Checked against: mpmath 1.4.1 and CLVTools' published rows that overflow elsewhere, in pareto_test.go.
func (m ParetoNBD) Alive(h History) float64 {
	g := newGone(m, float64(h.Repeats))
	// lead(t_x) − lead(T), from differences of times.
	passed := h.Age - h.Recency
	silence := g.n*math.Log1p(passed/(m.Alpha+h.Recency)) + m.S*math.Log1p(passed/(m.Beta+h.Recency))
	stays := math.Log1p(-g.at(h.Age).q)
	return math.Min(1, math.Exp(-logAdd(stays, silence+math.Log(g.at(h.Recency).q))))
}

// Expected is the number of purchases to expect in the time t after the history:
//
//	Alive · (r+x)/(α+T) · ∫_0^t ((β+T)/(β+T+u))^s du
//
// Source: the paper. Checked against: mpmath 1.4.1, in pareto_test.go.
func (m ParetoNBD) Expected(h History, t float64) float64 {
	return m.Alive(h) * (m.R + float64(h.Repeats)) / (m.Alpha + h.Age) * meanStay(m.S, m.Beta+h.Age, t)
}

// ExpectedNew is the number of repeat purchases to expect of a new customer within t.
func (m ParetoNBD) ExpectedNew(t float64) float64 { return m.R / m.Alpha * meanStay(m.S, m.Beta, t) }

// DERT is the discounted number of purchases to expect for ever after the history, at the continuous rate
// discount > 0 per unit of time:
//
//	Alive · (r+x)/(α+T) · ∫_0^∞ e^(−du) (B/(B+u))^s du,  B = β+T
//
// Source: Fader, Hardie and Lee (2005), Journal of Marketing Research 42, 415–430.
// Checked against: BTYD's example and mpmath 1.4.1, in pareto_test.go.
func (m ParetoNBD) DERT(h History, discount float64) float64 {
	b := m.Beta + h.Age
	// u = e^v; the mass lies below the shorter of 1/d and, for s > 1, b/s.
	at := func(v float64) float64 {
		u := math.Exp(v)
		return v - discount*u - m.S*math.Log1p(u/b)
	}
	start := math.Min(-math.Log(discount), math.Log(b/m.S))
	stay := line(at, start, trapezoidStep, math.Min(start, math.Log(b))-37.5, math.Inf(1))
	return m.Alive(h) * (m.R + float64(h.Repeats)) / (m.Alpha + h.Age) * stay
}

// FitParetoNBD returns the model of highest likelihood; edges as FitBGNBD.
// Checked against: the CDNOW figures of the paper's followers, lifetimes 0.11.3, in public_test.go.
func FitParetoNBD(s Sample) Fit[ParetoNBD] {
	starts := [][]float64{{0.5, 0.3, 0.6, 0.4}, {2, 1, 1, 1}, {0.3, 0.05, 2, 2}}
	return fitRepeats(s, paretoNames, starts, func() (maximum, error) {
		return s.search(Sample.pareto, []float64{1, s.life, 1, s.life}, starts)
	}, func(p []float64) ParetoNBD { return ParetoNBD{p[0], p[1], p[2], p[3]} })
}

// meanStay is ∫_0^t (b/(b+u))^s du, regular at s = 1.
func meanStay(s, b, t float64) float64 {
	l := math.Log1p(t / b)
	if e := (1 - s) * l; math.Abs(e) > 1e-9 {
		return b * l * math.Expm1(e) / e
	}
	return b * l * (1 + (1-s)*l/2)
}

// class is the rows of one number of repeats, with the times that occur in them.
type class struct {
	repeats int64
	rows    []row
	times   []int32 // places among the sample's, ascending
}

// classes lists the rows by repeats.
func (s Sample) classes() []class {
	var out []class
	last := make([]int, len(s.times)) // the class that a time was last seen in, from 1
	for rows := s.rows; len(rows) > 0; {
		n := 0
		for n < len(rows) && rows[n].repeats == rows[0].repeats {
			n++
		}
		c := class{repeats: s.counts[rows[0].repeats], rows: rows[:n]}
		for _, r := range c.rows {
			for _, t := range [2]int32{r.age, r.recency} {
				if last[t] != len(out)+1 {
					last[t] = len(out) + 1
					c.times = append(c.times, t)
				}
			}
		}
		slices.Sort(c.times)
		out, rows = append(out, c), rows[n:]
	}
	return out
}

// pareto is the log-likelihood of the sample and its gradient by r, α, s, β. The tails of a class are computed once for each of its
// times.
func (s Sample) pareto() likelihood {
	classes := s.classes()
	known := make([]tail, len(s.times))
	return func(p, grad []float64) float64 {
		m := ParetoNBD{p[0], p[1], p[2], p[3]}
		clear(grad)
		value := 0.0
		for _, c := range classes {
			x := float64(c.repeats)
			newGone(m, x).sweep(s.times, c.times, known)
			weight := 0.0
			for _, r := range c.rows {
				end, last := &known[r.age], &known[r.recency]
				d := last.left - end.here
				e := math.Exp(-math.Abs(d))
				bracket := math.Max(last.left, end.here) + math.Log1p(e)
				gone := e / (1 + e)
				if d > 0 {
					gone = 1 - gone
				}
				value += r.weight * bracket
				weight += r.weight
				alive := math.Exp(end.lead - bracket)
				for i := range 4 {
					grad[i] += r.weight * (gone*(last.dLead[i]+last.dQ[i]) + alive*((1-end.q)*end.dLead[i]-end.q*end.dQ[i]))
				}
			}
			value += weight * (stats.LogGammaRatio(m.R, x) + m.R*math.Log(m.Alpha) + m.S*math.Log(m.Beta))
			grad[0] += weight * (stats.DigammaDifference(m.R, x) + math.Log(m.Alpha))
			grad[1] += weight * m.R / m.Alpha
			grad[2] += weight * math.Log(m.Beta)
			grad[3] += weight * m.S / m.Beta
		}
		return value
	}
}
