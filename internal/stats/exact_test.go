package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Reference: scipy 1.17.1, stats.fisher_exact([[x_T, n_T−x_T], [x_C, n_C−x_C]], alternative=…).
func TestFisher(t *testing.T) {
	for _, c := range []struct {
		t, c                 Counts
		two, greater, lesser float64
	}{
		{Counts{7, 10}, Counts{2, 11}, 0.029973122852379817, 0.024172422005239336, 0.9982819038546593},
		{Counts{0, 20}, Counts{5, 20}, 0.04712404712404713, 1, 0.023562023562023564},
		{Counts{120, 1000}, Counts{160, 1000}, 0.011861898653907299, 0.9959233801054045, 0.0059309493269536495},
		{Counts{1, 10000}, Counts{12, 10000}, 0.0034084546447507216, 0.9998784051311835, 0.0017042273223753608},
		{Counts{0, 5}, Counts{0, 7}, 1, 1, 1},
	} {
		for alt, want := range map[Alternative]float64{TwoSided: c.two, Greater: c.greater, Less: c.lesser} {
			got, err := Fisher(c.c, c.t, alt)
			if err != nil {
				t.Fatal(err)
			}
			checkNear(t, "p "+string(alt), value(t, "p", got.PValue), want, 1e-10)
		}
	}
	if got, err := Fisher(Counts{}, Counts{1, 2}, TwoSided); err != nil || got.PValue != nil || got.Reason != referral.ReasonNoData {
		t.Errorf("no trials: %+v, %v", got, err)
	}
	if _, err := Fisher(Counts{3, 2}, Counts{1, 2}, TwoSided); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

// Reference: scipy 1.17.1, stats.binomtest(k, n, p).pvalue.
func TestSRMExact(t *testing.T) {
	for _, c := range []struct {
		observed [2]int64
		weights  [2]float64
		p        float64
	}{
		{[2]int64{480, 520}, [2]float64{1, 1}, 0.2174482932041415},
		{[2]int64{30, 70}, [2]float64{1, 3}, 0.24907145667188746},
		{[2]int64{0, 10}, [2]float64{3, 7}, 0.0388396033},
		{[2]int64{5100, 4900}, [2]float64{2, 2}, 0.04658552770494645},
		{[2]int64{10, 0}, [2]float64{9, 1}, 0.612579511},
	} {
		got, err := SRMExact(c.observed, c.weights)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "p", value(t, "p", got.PValue), c.p, 1e-9)
	}
	if got, err := SRMExact([2]int64{}, [2]float64{1, 1}); err != nil || got.PValue != nil {
		t.Errorf("no units: %+v, %v", got, err)
	}
	if _, err := SRMExact([2]int64{1, 1}, [2]float64{1, 0}); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

// The two-sided binomial p is the sum over all counts that are no more probable, term by term.
func TestBinomialTwoSided_bySum(t *testing.T) {
	for _, p := range []float64{0.5, 0.3, 0.08} {
		for n := int64(1); n <= 40; n++ {
			for x := int64(0); x <= n; x++ {
				want, limit := 0.0, binomialProb(x, n, p, 1-p)*(1+1e-7)
				for k := int64(0); k <= n; k++ {
					if q := binomialProb(k, n, p, 1-p); q <= limit {
						want += q
					}
				}
				checkNear(t, "p", binomialTwoSided(x, n, p, 1-p), math.Min(1, want), 1e-11)
			}
		}
	}
}

// Reference: scipy 1.17.1, stats.binom.pmf, cdf, sf.
func TestBinomial(t *testing.T) {
	checkNear(t, "pmf", binomialProb(3_000_000, 10_000_000, 0.3, 0.7), 0.0002752963192402079, 1e-9)
	lower, _ := binomialTails(40, 100, 0.5, 0.5)
	checkNear(t, "cdf", lower, 0.028443966820490444, 1e-12)
	_, upper := binomialTails(60, 100, 0.5, 0.5)
	checkNear(t, "sf", upper, 0.017600100108852428, 1e-12)
	total := 0.0
	for k := int64(0); k <= 50; k++ {
		total += binomialProb(k, 50, 0.03, 0.97)
	}
	checkNear(t, "total probability", total, 1, 1e-13)
}

func TestPooledZ(t *testing.T) {
	// By hand: p = 50/200, se = √(0.1875·(1/100+1/100)), z = 0.1/se.
	got, err := PooledZ(Counts{20, 100}, Counts{30, 100}, Greater)
	if err != nil {
		t.Fatal(err)
	}
	z := 0.1 / math.Sqrt(0.25*0.75*0.02)
	checkNear(t, "z", value(t, "z", got.Statistic), z, 1e-12)
	checkNear(t, "p", value(t, "p", got.PValue), UpperTail(z), 1e-12)
	if got, err := PooledZ(Counts{4, 4}, Counts{9, 9}, TwoSided); err != nil || got.PValue != nil || got.Reason != referral.ReasonZeroVariance {
		t.Errorf("all convert: %+v, %v", got, err)
	}
}
