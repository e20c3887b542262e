package partners_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"vouch/partners"
)

// The fit beats every other prior near it and far from it, and the likelihood is that of the
// negative binomial summed term by term.
func TestFitGammaPoisson_isTheMaximum(t *testing.T) {
	logLikelihood := func(a, b float64, cost []float64, n []int64) float64 {
		sum := 0.0
		for i, c := range cost {
			p := b / (b + c)
			sum += a * math.Log(p)
			for k := int64(1); k <= n[i]; k++ { // Π (a+k−1)/k · (1−p)
				sum += math.Log((a + float64(k) - 1) / float64(k) * (1 - p))
			}
		}
		return sum
	}
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 10).Draw(t, "partners")
		cost, n := make([]float64, k), make([]int64, k)
		for i := range k {
			cost[i] = rapid.Float64Range(1, 500).Draw(t, "cost")
			n[i] = rapid.Int64Range(0, 40).Draw(t, "acquisitions")
		}
		p, err := partners.FitGammaPoisson(cost, n)
		if err != nil {
			t.Fatal(err)
		}
		if p.Shape == nil {
			if p.Reason != "no_acquisitions" && p.Reason != "no_overdispersion" {
				t.Fatalf("no prior and no reason: %+v", p)
			}
			return
		}
		best := logLikelihood(*p.Shape, *p.Rate, cost, n)
		if math.Abs(best-*p.LogLikelihood) > 1e-6*(1+math.Abs(best)) {
			t.Fatalf("log-likelihood %v, term by term %v", *p.LogLikelihood, best)
		}
		for range 20 {
			a := *p.Shape * math.Exp(rapid.Float64Range(-3, 3).Draw(t, "other shape"))
			b := *p.Rate * math.Exp(rapid.Float64Range(-3, 3).Draw(t, "other rate"))
			if other := logLikelihood(a, b, cost, n); other > best+1e-6 {
				t.Fatalf("(%v, %v) has %v, the fit (%v, %v) only %v", a, b, other, *p.Shape, *p.Rate, best)
			}
		}
	})
}

// Efron and Morris (1977): batting averages after 45 at-bats shrink by 0.212 towards 0.265; the best
// of 0.400 becomes 0.294.
func TestJamesStein_baseball(t *testing.T) {
	hits := []int64{18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7}
	mean, factor, estimates, err := partners.JamesStein(hits, 45)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(mean-.265) > 5e-4 || math.Abs(factor-.212) > 5e-4 || math.Abs(estimates[0]-.294) > 5e-4 || math.Abs(estimates[17]-.242) > 5e-4 {
		t.Errorf("mean %v, factor %v, first %v, last %v", mean, factor, estimates[0], estimates[17])
	}
}

// Two estimates 0 and 10 with error 1: Q = 50, so τ² = (50 − 1)/(2 − 1) = 49 and each keeps 49/50 of
// its own.
func TestPoolNormal_worked(t *testing.T) {
	p, err := partners.PoolNormal([]float64{0, 10}, []float64{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if p.Tau2 != 49 || p.Mean != 5 || p.OwnWeight[0] != .98 || math.Abs(p.Posteriors[1]-9.9) > 1e-12 {
		t.Errorf("%+v", p)
	}
	if _, err := partners.PoolNormal([]float64{1}, []float64{1}); !errors.Is(err, partners.ErrInput) {
		t.Errorf("one estimate: %v", err)
	}
}

// With more evidence the pool counts less, and the interval closes.
func TestShrunk_movesFromPoolToOwn(t *testing.T) {
	wide, weight := math.Inf(1), 1.1
	for _, n := range []float64{0, 1, 10, 100} {
		s, err := partners.GammaPoisson(2, 10, 100*n, 50*n, .95)
		if err != nil {
			t.Fatal(err)
		}
		if !(s.Lower < s.Value && s.Value < s.Upper) || s.PoolWeight >= weight || (s.Upper-s.Lower)/s.Value >= wide {
			t.Errorf("with %v acquisitions: %+v", 50*n, s)
		}
		weight, wide = s.PoolWeight, (s.Upper-s.Lower)/s.Value
	}
}
