package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// placebo are the weeks in remission of the 21 patients beside those of freireich.
func placebo() []Lifetime {
	var out []Lifetime
	for _, t := range []float64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23} {
		out = append(out, Lifetime{Time: t, Events: 1})
	}
	return out
}

// Reference: statsmodels 0.15.0, survdiff.
func TestLogRank(t *testing.T) {
	got, err := LogRank(placebo(), freireich())
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "statistic", value(t, "statistic", got.Statistic), 16.792940989216525, 1e-12)
	checkNear(t, "p", value(t, "p", got.PValue), 4.1688091093394775e-05, 1e-10)
	checkNear(t, "observed", value(t, "observed", got.Observed), 9, 0)
	swapped, err := LogRank(freireich(), placebo())
	if err != nil || !near(*swapped.Statistic, *got.Statistic, 1e-12) {
		t.Errorf("exchanged arms: %v, %v", swapped.Statistic, err)
	}
	none, err := LogRank([]Lifetime{{Time: 5, Censored: 2}}, []Lifetime{{Time: 3, Censored: 1}})
	if err != nil || none.PValue != nil || none.Reason != referral.ReasonNoData {
		t.Errorf("no events: %+v, %v", none, err)
	}
	if _, err := LogRank([]Lifetime{{Time: -1, Events: 1}}, placebo()); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

// Without censoring before tau the restricted mean is the mean of min(time, tau), and its variance is
// that of the mean with divisor n.
func TestRestrictedMean_uncensored(t *testing.T) {
	curve, err := KaplanMeier(placebo())
	if err != nil {
		t.Fatal(err)
	}
	for _, tau := range []float64{0.5, 4, 10, 23, 30} {
		var cut []float64
		for _, l := range placebo() {
			cut = append(cut, math.Min(l.Time, tau))
		}
		m := MomentsOf(cut)
		mean, variance, ok := curve.RestrictedMean(tau)
		if !ok {
			t.Fatalf("tau %v is unknown", tau)
		}
		checkNear(t, "mean", mean, m.Mean, 1e-12)
		if want := m.Variance * 20 / 21 / 21; math.Abs(variance-want) > 1e-9 {
			t.Errorf("tau %v: variance %v, want %v", tau, variance, want)
		}
	}
	watched, err := KaplanMeier(freireich())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := watched.RestrictedMean(36); ok {
		t.Error("a horizon beyond the last observation is known")
	}
}

func TestCompareRestrictedMeans(t *testing.T) {
	got, err := CompareRestrictedMeans(placebo(), freireich(), 23, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if !(*got.Lower > 0 && *got.Lower < *got.Estimate && *got.Estimate < *got.Upper) || !near(*got.Control, 182.0/21, 1e-12) {
		t.Errorf("%v [%v, %v], control %v", *got.Estimate, *got.Lower, *got.Upper, *got.Control)
	}
	beyond, err := CompareRestrictedMeans(placebo(), freireich(), 40, 0.95)
	if err != nil || beyond.Treatment != nil || beyond.Control == nil || beyond.Reason != referral.ReasonNoData {
		t.Errorf("beyond the curve: %+v, %v", beyond, err)
	}
}

// Six units by hand: window 10, as of 20. Enrolled at 0, 5, 10 (mature), 12, 15, 20.
func TestConversionMaturity(t *testing.T) {
	at := func(x float64) *float64 { return &x }
	enrolled := []float64{0, 5, 10, 12, 15, 20}
	after := []*float64{at(10), at(11), nil, at(4), at(9), nil} // counts: yes (edge), too late, -, yes, not yet seen, -
	got, err := ConversionMaturity(enrolled, after, 20, 10)
	if err != nil {
		t.Fatal(err)
	}
	if got.Units != 6 || got.Matured != 3 || !near(*got.NaiveRate, 2.0/6, 1e-15) || !near(*got.MaturedRate, 1.0/3, 1e-15) {
		t.Errorf("%+v, naive %v, matured %v", got, *got.NaiveRate, *got.MaturedRate)
	}
	// At risk at 4: all but the two censored at 0 and, at 5, one more: S = 4/5 at time 4 (follow-up 8 of the
	// fourth unit beyond its event does not matter), then 2/3 at 10: rate 1 − 8/15.
	checkNear(t, "km", value(t, "km", got.KMRate), 1-4.0/5*2/3, 1e-12)
	if _, err := ConversionMaturity([]float64{21}, []*float64{nil}, 20, 10); !errors.Is(err, ErrInput) {
		t.Errorf("enrolled after as-of: %v", err)
	}
	early, err := ConversionMaturity([]float64{19}, []*float64{at(1)}, 20, 10)
	if err != nil || *early.NaiveRate != 1 || early.MaturedRate != nil || early.KMRate != nil || early.Reason != referral.ReasonNoData {
		t.Errorf("nothing mature: %+v, %v", early, err)
	}
}
