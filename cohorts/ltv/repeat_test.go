package ltv

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The models with leaving against integration over the customers' own rates, on whole grids of both: what is integrated is
// the process itself, without a formula of the models.
func TestRepeat_integrated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, alpha := logRange(t, "r", 0.3, 5), logRange(t, "alpha", 0.5, 20)
		a, b := logRange(t, "a", 0.3, 4), logRange(t, "b", 0.3, 8)
		h, ahead := aHistory(t, 12), logRange(t, "t", 0.1, 100)
		x := float64(h.Repeats)
		bought := func(l, p float64) float64 { return -math.Expm1(-l*p*ahead) / p }
		rates := gammaMass(r, alpha, coarse)
		check := func(what string, m Repeat, want truth) {
			near(t, what+" likelihood", m.LogLikelihood(one(t, h)), math.Log(want.likelihood), 1e-9, 1e-9)
			near(t, what+" alive", m.Alive(h), want.alive, 1e-8, 1e-12)
			near(t, what+" expected", m.Expected(h, ahead), want.expected, 1e-8, 1e-12)
		}
		check("BG/NBD", BGNBD{r, alpha, a, b}, integrate(rates, betaMass(a, b, coarse), func(l, p float64) (float64, float64, float64) {
			alive, gone := math.Pow(l*(1-p), x)*math.Exp(-l*h.Age), 0.0
			if x > 0 {
				gone = p * math.Pow(1-p, x-1) * math.Pow(l, x) * math.Exp(-l*h.Recency)
			}
			return alive, gone, bought(l, p)
		}))
		check("MBG/NBD", MBGNBD{r, alpha, a, b}, integrate(rates, betaMass(a, b, coarse), func(l, p float64) (float64, float64, float64) {
			stay := math.Pow(l, x) * math.Pow(1-p, x)
			return stay * (1 - p) * math.Exp(-l*h.Age), stay * p * math.Exp(-l*h.Recency), bought(l, p)
		}))
		check("Pareto/NBD", ParetoNBD{r, alpha, a, 3 * b}, integrate(rates, gammaMass(a, 3*b, coarse), func(l, mu float64) (float64, float64, float64) {
			lx := math.Pow(l, x)
			gone := lx * mu / (l + mu) * (math.Exp(-(l+mu)*h.Recency) - math.Exp(-(l+mu)*h.Age))
			return lx * math.Exp(-(l+mu)*h.Age), gone, l * -math.Expm1(-mu*ahead) / mu
		}))
		never := mass{at: []float64{0}, weight: []float64{1}}
		check("NBD", NBD{r, alpha}, integrate(rates, never, func(l, _ float64) (float64, float64, float64) {
			return math.Pow(l, x) * math.Exp(-l*h.Age), 0, l * ahead
		}))
	})
}

// A new customer is one without a history; the purchases of two spans add up; and nobody buys in no time.
func TestRepeat_expectedOfNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := [4]float64{logRange(t, "1", 0.01, 100), logRange(t, "2", 0.01, 100), logRange(t, "3", 0.01, 100), logRange(t, "4", 0.01, 100)}
		ahead := logRange(t, "t", 0.01, 1000)
		for _, m := range []Repeat{BGNBD(fields(p)), MBGNBD(fields(p)), ParetoNBD{p[0], p[1], p[2], p[3]}, NBD{p[0], p[1]}} {
			near(t, "new", m.ExpectedNew(ahead), m.Expected(History{}, ahead), 1e-9, 1e-300)
			if m.ExpectedNew(0) != 0 {
				t.Errorf("%T expects %v purchases in no time", m, m.ExpectedNew(0))
			}
			less, more := m.ExpectedNew(ahead), m.ExpectedNew(2*ahead)
			if !(less > 0 && more >= less*(1-1e-12) && more <= 2*less*(1+1e-9)) {
				t.Errorf("%T: %v purchases in a span and %v in twice of it", m, less, more)
			}
		}
	})
}

func fields(p [4]float64) struct{ R, Alpha, A, B float64 } {
	return struct{ R, Alpha, A, B float64 }{p[0], p[1], p[2], p[3]}
}

func TestLikelihood_gradients(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aSample(t)
		p := []float64{logRange(t, "1", 0.05, 20), logRange(t, "2", 0.05, 200), logRange(t, "3", 0.05, 20), logRange(t, "4", 0.05, 200)}
		slopes(t, "BG/NBD", s.betaGeometric(0), p)
		slopes(t, "MBG/NBD", s.betaGeometric(1), p)
		slopes(t, "Pareto/NBD", s.pareto(), p)
		slopes(t, "NBD", s.nbd(), p[:2])
	})
	s := one(t, History{Repeats: 3, Recency: 2, Age: 9})
	slopes(t, "Pareto/NBD with equal rates", s.pareto(), []float64{0.7, 5, 0.4, 5})
	for _, p := range [][]float64{{0.7, 5e4, 0.4, 0.1}, {0.7, 0.01, 0.4, 5e4}} { // by the integral
		slopes(t, "Pareto/NBD with rates far apart", s.pareto(), p)
	}
}
