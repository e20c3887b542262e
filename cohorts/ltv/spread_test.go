package ltv

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The moments of a new customer from the probabilities of each number of purchases.
func TestBGNBD_Pairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := BGNBD{logRange(t, "r", 0.2, 3), logRange(t, "alpha", 4, 20), logRange(t, "a", 0.3, 3), logRange(t, "b", 0.5, 5)}
		ahead := logRange(t, "t", 0.01, 10)
		all, mean, pairs := 0.0, 0.0, 0.0
		for n := range int64(400) {
			p, k := m.PMF(n, ahead), float64(n)
			all, mean, pairs = all+p, mean+k*p, pairs+k*(k-1)*p
		}
		near(t, "probabilities", all, 1, 1e-10, 0)
		near(t, "mean", m.ExpectedNew(ahead), mean, 1e-8, 1e-13)
		near(t, "pairs", m.Pairs(History{}, ahead), pairs, 1e-8, 1e-13)
	})
}

// After a history, by integration over the customers' own rates.
func TestPairs_integrated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, alpha := logRange(t, "r", 0.3, 5), logRange(t, "alpha", 0.5, 20)
		a, b := logRange(t, "a", 0.3, 4), logRange(t, "b", 0.3, 8)
		h, ahead := aHistory(t, 12), logRange(t, "t", 0.1, 100)
		x := float64(h.Repeats)
		rates := gammaMass(r, alpha, coarse)
		bg := integrate(rates, betaMass(a, b, coarse), func(l, p float64) (float64, float64, float64) {
			gone := 0.0
			if x > 0 {
				gone = p * math.Pow(1-p, x-1) * math.Pow(l, x) * math.Exp(-l*h.Recency)
			}
			return math.Pow(l*(1-p), x) * math.Exp(-l*h.Age), gone, 2 * l * l * (1 - p) * firstMoment(l*p, ahead)
		})
		near(t, "BG/NBD", BGNBD{r, alpha, a, b}.Pairs(h, ahead), bg.expected, 1e-7, 1e-12)
		pareto := integrate(rates, gammaMass(a, 3*b, coarse), func(l, mu float64) (float64, float64, float64) {
			lx := math.Pow(l, x)
			gone := lx * mu / (l + mu) * (math.Exp(-(l+mu)*h.Recency) - math.Exp(-(l+mu)*h.Age))
			return lx * math.Exp(-(l+mu)*h.Age), gone, 2 * l * l * firstMoment(mu, ahead)
		})
		near(t, "Pareto/NBD", ParetoNBD{r, alpha, a, 3 * b}.Pairs(h, ahead), pareto.expected, 1e-7, 1e-12)
	})
}

// firstMoment is ∫_0^t v e^(−kv) dv.
func firstMoment(k, t float64) float64 {
	if k*t < 1e-3 {
		return t * t * (1.0/2 - k*t/3 + k*t*k*t/8 - k*t*k*t*k*t/30)
	}
	return (-math.Expm1(-k*t) - k*t*math.Exp(-k*t)) / (k * k)
}
