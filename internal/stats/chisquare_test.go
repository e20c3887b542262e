package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Reference: scipy 1.17.1, stats.chisquare(f_obs, f_exp).
func TestSRM(t *testing.T) {
	for _, c := range []struct {
		observed []int64
		weights  []float64
		stat, p  float64
	}{
		{[]int64{821, 990}, []float64{1, 1}, 15.770844837106571, 7.149581214993447e-05},
		{[]int64{100, 210, 95}, []float64{25, 50, 25}, 0.6790123456790124, 0.7121219010823401},
		{[]int64{100, 210, 0, 95}, []float64{1, 2, 0, 1}, 0.6790123456790124, 0.7121219010823401}, // weight 0: no degree of freedom
	} {
		got, err := SRM(c.observed, c.weights)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "statistic", value(t, "statistic", got.Statistic), c.stat, 1e-12)
		checkNear(t, "p", value(t, "p", got.PValue), c.p, 1e-12)
	}
}

func TestSRM_edges(t *testing.T) {
	got, err := SRM([]int64{10, 10, 1}, []float64{1, 1, 0})
	if err != nil || got.Statistic != nil || *got.PValue != 0 || got.Reason != ReasonZeroWeightObserved {
		t.Errorf("a unit in an arm of weight 0: %+v, %v", got, err)
	}
	got, err = SRM([]int64{0, 0}, []float64{1, 1})
	if err != nil || got.PValue != nil || got.Reason != referral.ReasonNoData {
		t.Errorf("no units: %+v, %v", got, err)
	}
	for _, bad := range []struct {
		observed []int64
		weights  []float64
	}{{[]int64{1}, []float64{1, 1}}, {[]int64{1, 2}, []float64{1, 0}}, {[]int64{-1, 2}, []float64{1, 1}}, {[]int64{1, 2}, []float64{1, math.NaN()}}} {
		if _, err := SRM(bad.observed, bad.weights); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// Reference: scipy 1.17.1, stats.chi2_contingency(table, correction=False), with lambda_="log-likelihood"
// for G.
func TestIndependence(t *testing.T) {
	table := [][]int64{{10, 20, 30}, {6, 9, 17}}
	for _, c := range []struct {
		f       func([][]int64) (ChiSquare, error)
		stat, p float64
	}{{PearsonTest, 0.27157465150403504, 0.873028283380073}, {GTest, 0.2740265420246606, 0.8719586542812721}} {
		got, err := c.f(table)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "statistic", value(t, "statistic", got.Statistic), c.stat, 1e-11)
		checkNear(t, "p", value(t, "p", got.PValue), c.p, 1e-11)
		checkNear(t, "df", value(t, "df", got.DF), 2, 0)
		if e, err := c.f([][]int64{{1, 0}, {3, 0}}); err != nil || e.PValue != nil || e.Reason != referral.ReasonNoData {
			t.Errorf("an empty column: %+v, %v", e, err)
		}
		for _, bad := range [][][]int64{nil, {{1, 2}}, {{1}, {2}}, {{1, 2}, {3}}, {{1, 2}, {3, -4}}} {
			if _, err := c.f(bad); !errors.Is(err, ErrInput) {
				t.Errorf("%v: %v", bad, err)
			}
		}
	}
}
