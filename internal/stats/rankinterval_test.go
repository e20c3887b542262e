package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// The ranks by adding up binomial probabilities one by one.
func TestOrderStatisticInterval_bySum(t *testing.T) {
	for n := int64(1); n <= 80; n++ {
		for _, q := range []float64{0.1, 0.5, 0.9} {
			cdf, sum := make([]float64, n+1), 0.0
			for k := range cdf {
				sum += binomialProb(int64(k), n, q, 1-q)
				cdf[k] = sum
			}
			l, u := int64(0), int64(0)
			for cdf[l] < 0.025 {
				l++
			}
			for cdf[u] < 0.975 {
				u++
			}
			u++
			got, err := OrderStatisticInterval(n, q, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			if l < 1 || u > n {
				if got.LowerRank != nil || got.Reason != referral.ReasonNoData {
					t.Fatalf("n %d, q %v: %+v", n, q, got)
				}
				continue
			}
			if *got.LowerRank != l || *got.UpperRank != u || math.Abs(*got.Coverage-(cdf[u-1]-cdf[l-1])) > 1e-12 || *got.Coverage < 0.95-1e-12 {
				t.Fatalf("n %d, q %v: %d to %d, want %d to %d", n, q, *got.LowerRank, *got.UpperRank, l, u)
			}
		}
	}
	if _, err := OrderStatisticInterval(10, 1, 0.95); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

func TestCompareLimits(t *testing.T) {
	got, err := CompareLimits(Limits{10, 8, 12}, Limits{15, 13.5, 16.5}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// Half-widths of 2 and 1.5 add up to 2.5 in squares.
	checkNear(t, "lower", *got.Lower, 2.5, 1e-12)
	checkNear(t, "upper", *got.Upper, 7.5, 1e-12)
	if _, err := CompareLimits(Limits{1, 2, 1}, Limits{}, 0.95); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}
