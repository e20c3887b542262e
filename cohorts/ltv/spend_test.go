package ltv

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func spends(t rapid.TB, rows ...Spend) Spends {
	t.Helper()
	s, err := NewSpends(rows)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Integration over the customer's rate ν: the mean of x purchases is gamma(px, rate νx), ν is gamma(q, rate v), and a further
// purchase is p/ν in the mean.
func TestGammaGamma_integrated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := GammaGamma{logRange(t, "p", 0.3, 10), logRange(t, "q", 1.3, 10), logRange(t, "v", 0.5, 50)}
		x, mean := rapid.IntRange(1, 12).Draw(t, "x"), m.V*logRange(t, "m", 0.3, 5)
		nu := gammaMass(m.Q, m.V, fine)
		shape := m.P * float64(x)
		g, _ := math.Lgamma(shape)
		likelihood, next, population := 0.0, 0.0, 0.0
		for i, r := range nu.at {
			rate := r * float64(x)
			density := nu.weight[i] * math.Exp(shape*math.Log(rate)+(shape-1)*math.Log(mean)-rate*mean-g)
			likelihood += density
			next += density * m.P / r
			population += nu.weight[i] * m.P / r
		}
		s := spends(t, Spend{int64(x), mean, 1})
		near(t, "log-likelihood", m.LogLikelihood(s), math.Log(likelihood), 1e-9, 1e-8)
		got, ok := m.Expected(int64(x), mean)
		near(t, "expected", got, next/likelihood, 1e-7, 0)
		all, okAll := m.Population()
		near(t, "population", all, population, 1e-4, 0)
		if !ok || !okAll {
			t.Error("the means exist")
		}
		slopes(t, "Gamma-Gamma", spends(t, Spend{int64(x), mean, 3}, Spend{2, 17, 5}, Spend{9, 40, 2}).likelihood(), []float64{m.P, m.Q, m.V})
	})
}

func TestGammaGamma_edges(t *testing.T) {
	for _, q := range []float64{0.79, 1} {
		if v, ok := (GammaGamma{6.25, q, 15.44}).Population(); ok {
			t.Errorf("q = %v: a mean of %v", q, v)
		}
	}
	if v, ok := (GammaGamma{0.3, 0.5, 2}).Expected(1, 10); ok {
		t.Errorf("p + q < 1: a mean of %v", v)
	}
	for _, rows := range [][]Spend{nil, {{1, 0, 1}}, {{1, -3, 1}}, {{1, math.NaN(), 1}}, {{1, 5, -1}}, {{-1, 5, 1}}, {{1, 5, 0}}, {{0, math.Inf(1), 1}}} {
		if _, err := NewSpends(rows); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", rows, err)
		}
	}
	f := FitGammaGamma(spends(t, Spend{0, 0, 7}))
	if f.Usable() || f.Reason != ReasonNoRepeats || f.Customers != 7 || f.Patterns != 1 {
		t.Errorf("nobody came back: %+v", f)
	}
	// Equal rows merge, wherever they stand.
	a := spends(t, Spend{2, 10, 1}, Spend{0, 0, 4}, Spend{2, 10, 2}, Spend{1, 3, 1})
	b := spends(t, Spend{1, 3, 1}, Spend{2, 10, 3}, Spend{0, 0, 4})
	m := GammaGamma{2, 3, 4}
	if x, y := m.LogLikelihood(a), m.LogLikelihood(b); x != y || a.patterns != 3 {
		t.Errorf("%v and %v, %d patterns", x, y, a.patterns)
	}
}
