package stats

import (
	"errors"
	"math"
	"testing"
)

// Reference: mpmath 1.4.1, bisection of the definition at 60 digits.
func TestBetaBinomialSequence(t *testing.T) {
	for _, c := range []struct {
		hits, n       int64
		level, tuning float64
		lower, upper  float64
	}{
		{3, 1000000000, 0.95, 1000000, 3.55535069749464581e-12, 1.6959837434452534e-8},
		{400000000, 1000000000, 0.95, 1000, 0.39992751864960773, 0.400072484068027656},
		{2, 5, 0.9, 50, 0.00670586762994331577, 0.952786316893068537},
		{0, 5000, 0.95, 1000, 0, 0.000660302233799901857},
		{1, 1, 0.95, 50, 0, 1},
	} {
		lo, hi, err := BetaBinomialSequence(c.hits, c.n, c.level, c.tuning)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "lower", lo, c.lower, 1e-10)
		checkNear(t, "upper", hi, c.upper, 1e-10)
		// Failures in place of successes mirror the interval.
		lo2, hi2, err := BetaBinomialSequence(c.n-c.hits, c.n, c.level, c.tuning)
		if err != nil || math.Abs(lo+hi2-1) > 1e-12 || math.Abs(hi+lo2-1) > 1e-12 {
			t.Errorf("mirror of [%v, %v]: [%v, %v], %v", lo, hi, lo2, hi2, err)
		}
	}
}

// The mixture of likelihood ratios has mean 1 under the share it is taken against, for any number of trials.
func TestBetaMixture_mean(t *testing.T) {
	for _, k := range []float64{0.001, 1, 60} {
		for _, p := range []float64{0.02, 0.5, 0.93} {
			for _, n := range []int64{1, 2, 17, 300} {
				sum := 0.0
				for x := int64(0); x <= n; x++ {
					// In logarithms: the probability underflows where the mixture overflows.
					prob := float64(x)*math.Log(p) + float64(n-x)*math.Log(1-p) - math.Log(float64(n+1)) - logBeta(float64(x+1), float64(n-x+1))
					sum += math.Exp(betaMixture(float64(x), float64(n-x), p, 1-p, k) + prob)
				}
				checkNear(t, "mean", sum, 1, 1e-10)
			}
		}
	}
}

// The limits are where the definition says, and the set between them has no holes.
func TestBetaBinomialSequence_definition(t *testing.T) {
	direct := func(x, n, p, k float64) float64 {
		return logBeta(k*p+x, k*(1-p)+n-x) - logBeta(k*p, k*(1-p)) - x*math.Log(p) - (n-x)*math.Log(1-p)
	}
	for n := int64(1); n <= 30; n++ {
		for x := int64(0); x <= n; x++ {
			for _, tuning := range []float64{1, 30, 400} {
				lo, hi, err := BetaBinomialSequence(x, n, 0.95, tuning)
				if err != nil {
					t.Fatal(err)
				}
				l := 2 * math.Log(20)
				k := math.Max(tuning/(l+math.Log1p(l))-1, 0.001)
				for i := 1; i < 200; i++ {
					p := float64(i) / 200
					inside := direct(float64(x), float64(n), p, k) < math.Log(20)
					if inside != (p > lo && p < hi) && math.Abs(p-lo) > 1e-9 && math.Abs(p-hi) > 1e-9 {
						t.Fatalf("%d of %d, tuned to %v: %v is inside: %v, limits [%v, %v]", x, n, tuning, p, inside, lo, hi)
					}
				}
			}
		}
	}
}

// Reference: enumeration of all paths of 300 trials. The probability that the interval ever leaves out the
// share is at most the error rate, where that of Wilson's interval is several times it.
func TestBetaBinomialSequence_everyTrial(t *testing.T) {
	const p, n = 0.3, 300
	leaves := func(interval func(x, n int64) (lo, hi float64, err error)) float64 {
		alive, lost := []float64{1}, 0.0
		for m := int64(1); m <= n; m++ {
			next := make([]float64, m+1)
			for x, w := range alive {
				next[x] += w * (1 - p)
				next[x+1] += w * p
			}
			for x, w := range next {
				lo, hi, err := interval(int64(x), m)
				if err != nil {
					t.Fatal(err)
				}
				if p < lo || p > hi {
					lost += w
					next[x] = 0
				}
			}
			alive = next
		}
		return lost
	}
	valid := leaves(func(x, m int64) (float64, float64, error) { return BetaBinomialSequence(x, m, 0.9, 100) })
	naive := leaves(func(x, m int64) (float64, float64, error) { return WilsonInterval(x, m, 0.9) })
	if !(valid <= 0.1 && valid > 0.01) || naive < 0.3 {
		t.Errorf("leaves out the share with probability %v, Wilson's %v", valid, naive)
	}
}

func TestBetaBinomialSequence_refusals(t *testing.T) {
	if _, _, err := BetaBinomialSequence(0, 0, 0.95, 10); !errors.Is(err, ErrNoData) {
		t.Errorf("no trials: %v", err)
	}
	for _, c := range []struct {
		x, n          int64
		level, tuning float64
	}{{3, 2, 0.95, 10}, {-1, 2, 0.95, 10}, {1, 2, 1, 10}, {1, 2, 0.95, 0}, {1, 2, 0.95, math.NaN()}} {
		if _, _, err := BetaBinomialSequence(c.x, c.n, c.level, c.tuning); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
