package ltv

import (
	"math"

	"pgregory.net/rapid"
)

// near fails unless got agrees with want to the relative and absolute tolerance.
func near(t rapid.TB, what string, got, want, rel, abs float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)+abs) {
		t.Errorf("%s = %v, want %v (within %v of it and %v)", what, got, want, rel, abs)
	}
}

// mass is a distribution as points of a grid with their probabilities; rest is 1 less the point.
type mass struct{ at, rest, weight []float64 }

// coarse and fine are steps of grids, for integrands as wide as a customer's rates and as narrow as dozens of his purchases.
const (
	coarse = 0.2
	fine   = 0.04
)

// gammaMass is the gamma distribution on a logarithmic grid, from its density alone.
func gammaMass(shape, rate, step float64) mass {
	g, _ := math.Lgamma(shape)
	return grid(step, func(u float64) (float64, float64, float64) {
		x := math.Exp(u)
		return x, 1 - x, shape*(math.Log(rate)+u) - rate*x - g
	})
}

// betaMass is the beta distribution on a grid of log-odds, from its density alone.
func betaMass(a, b, step float64) mass {
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return grid(step, func(u float64) (float64, float64, float64) {
		lp, lq := -math.Log1p(math.Exp(-u)), -math.Log1p(math.Exp(u))
		return math.Exp(lp), math.Exp(lq), a*lp + b*lq - la - lb + lab
	})
}

func grid(step float64, density func(u float64) (x, rest, log float64)) mass {
	var m mass
	for u := -300.0; u < 160; u += step {
		if x, rest, l := density(u); l > -45 {
			m.at, m.rest, m.weight = append(m.at, x), append(m.rest, rest), append(m.weight, step*math.Exp(l))
		}
	}
	return m
}

// truth is what a model says of a history, by integration over the customer's own rates: alive and gone are the
// likelihoods of either, bought what a customer of these rates who is alive buys in the time to come.
type truth struct{ likelihood, alive, expected float64 }

func integrate(lambda, second mass, f func(l, s float64) (alive, gone, bought float64)) truth {
	var stays, left, bought float64
	for i, l := range lambda.at {
		for j, s := range second.at {
			w := lambda.weight[i] * second.weight[j]
			a, g, n := f(l, s)
			stays += w * a
			left += w * g
			bought += w * a * n
		}
	}
	return truth{stays + left, stays / (stays + left), bought / (stays + left)}
}

// slopes checks an analytic gradient against central differences of the value, by the logarithms of the parameters.
func slopes(t rapid.TB, what string, f likelihood, p []float64) {
	t.Helper()
	n := len(p)
	grad, other := make([]float64, n), make([]float64, n)
	value := f(p, grad)
	const h = 1e-4
	for i := range p {
		at := func(step float64) float64 {
			q := append([]float64(nil), p...)
			q[i] *= math.Exp(step)
			return f(q, other)
		}
		// Fourth order: (8(f(h)−f(−h)) − (f(2h)−f(−2h)))/12h.
		want := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
		if got := grad[i] * p[i]; !(math.Abs(got-want) <= 1e-7*(math.Abs(want)+1)+1e-11*math.Abs(value)/h) {
			t.Errorf("%s at %v: derivative %d is %v, by differences %v", what, p, i, got, want)
		}
	}
}

// logRange draws a positive number evenly on the logarithmic scale.
func logRange(t *rapid.T, name string, lo, hi float64) float64 {
	return math.Exp(rapid.Float64Range(math.Log(lo), math.Log(hi)).Draw(t, name))
}

// aHistory draws a history.
func aHistory(t *rapid.T, most int) History {
	h := History{Repeats: int64(rapid.IntRange(0, most).Draw(t, "repeats")), Age: logRange(t, "age", 0.1, 500)}
	if h.Repeats > 0 {
		h.Recency = h.Age * rapid.Float64Range(1e-3, 1).Draw(t, "recency")
	}
	return h
}

// aSample draws a sample.
func aSample(t *rapid.T) Sample {
	n := rapid.IntRange(1, 12).Draw(t, "patterns")
	p := make([]Pattern, n)
	for i := range p {
		p[i] = Pattern{aHistory(t, 40), int64(rapid.IntRange(1, 30).Draw(t, "count"))}
	}
	s, err := NewSample(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// one is the sample of one history.
func one(t rapid.TB, h History) Sample {
	s, err := NewSample([]Pattern{{h, 1}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
