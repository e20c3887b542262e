package stats

import (
	"errors"
	"testing"

	"vouch/referral"
)

// Reference: statsmodels 0.15.0, StratifiedTable([[16,10],[8,20]], [[30,20],[18,33]], [[5,2],[3,9]]).
func TestCMH(t *testing.T) {
	treatment := []Counts{{16, 26}, {30, 50}, {5, 7}, {3, 4}}
	control := []Counts{{8, 28}, {18, 51}, {3, 12}, {}} // the last stratum has an empty arm and says nothing
	got, err := CMH(control, treatment)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "statistic", value(t, "statistic", got.Statistic), 14.893897816417784, 1e-11)
	checkNear(t, "p", value(t, "p", got.PValue), 0.00011373028076766545, 1e-10)
	checkNear(t, "corrected", value(t, "corrected", got.StatisticCC), 13.747305436592912, 1e-11)
	checkNear(t, "odds ratio", value(t, "odds ratio", got.OddsRatio), 3.375155686424143, 1e-12)
	if none, err := CMH(nil, nil); err != nil || none.PValue != nil || none.Reason != referral.ReasonNoData {
		t.Errorf("no strata: %+v, %v", none, err)
	}
	if _, err := CMH(control, treatment[:2]); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

// By hand: effects 0.1 and 0.5 with standard errors 0.1 and 0.2: weights 100 and 25, mean 0.18,
// Q = 100·0.0064 + 25·0.1024 = 3.2, I² = 2.2/3.2.
func TestHeterogeneity(t *testing.T) {
	got, err := Heterogeneity([]float64{0.1, 0.5}, []float64{0.1, 0.2})
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "mean", *got.Estimate, 0.18, 1e-12)
	checkNear(t, "Q", *got.Statistic, 3.2, 1e-12)
	checkNear(t, "I²", *got.ISquared, 2.2/3.2, 1e-12)
	checkNear(t, "p", *got.PValue, ChiSquareTail(3.2, 1), 1e-12)
	if one, err := Heterogeneity([]float64{1}, []float64{1}); err != nil || one.Statistic != nil || *one.Estimate != 1 {
		t.Errorf("one segment: %+v, %v", one, err)
	}
	if _, err := Heterogeneity([]float64{1}, []float64{0}); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

// Equal weights by hand; default weights are the strata's shares of all units; one stratum is Welch's
// estimate and standard error.
func TestPostStratify(t *testing.T) {
	control := []Moments{{10, 1, 2}, {30, 5, 3}}
	treatment := []Moments{{20, 2, 4}, {20, 5.5, 6}}
	got, err := PostStratify(control, treatment, []float64{0.5, 0.5}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "estimate", *got.Estimate, 0.5*1+0.5*0.5, 1e-12)
	checkNear(t, "variance", *got.SE**got.SE, 0.25*(0.2+0.2)+0.25*(0.1+0.3), 1e-12)
	shares, err := PostStratify(control, treatment, nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "estimate", *shares.Estimate, 30.0/80*1+50.0/80*0.5, 1e-12)
	one, err := PostStratify(control[:1], treatment[:1], nil, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	w, err := Welch(control[0], treatment[0], 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "one stratum", *one.SE, *w.SE, 1e-12)
	checkNear(t, "unadjusted", *one.Unadjusted, *w.Estimate, 1e-12)
	if thin, err := PostStratify([]Moments{{1, 1, 0}}, treatment[:1], nil, 0.95); err != nil || thin.Estimate != nil || thin.Reason != referral.ReasonNoData {
		t.Errorf("one unit: %+v, %v", thin, err)
	}
	for _, weights := range [][]float64{{0.6, 0.6}, {1.5, -0.5}, {1}} {
		if _, err := PostStratify(control, treatment, weights, 0.95); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", weights, err)
		}
	}
}
