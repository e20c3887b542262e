package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// The delta method is the variance of the linearised values (x − R y)/mean(y), computed value by value.
func TestRatioVariance_linearised(t *testing.T) {
	r := random(8, 1)
	for range 100 {
		n := 2 + r.IntN(60)
		xs, ys, lin := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range n {
			ys[i] = float64(1 + r.IntN(9))
			xs[i] = float64(r.IntN(int(ys[i]) + 1))
		}
		m, err := RatioMomentsOf(xs, ys)
		if err != nil {
			t.Fatal(err)
		}
		got, err := RatioVariance(m)
		if err != nil {
			t.Fatal(err)
		}
		ratio := Sum(xs) / Sum(ys)
		for i := range n {
			lin[i] = (xs[i] - ratio*ys[i]) / m.MeanDenominator
		}
		checkNear(t, "estimate", *got.Estimate, ratio, 1e-12)
		if want := MomentsOf(lin).Variance; math.Abs(*got.Variance-want) > 1e-12*math.Max(1, want) {
			t.Errorf("variance %v, want %v", *got.Variance, want)
		}
	}
}

// The covariance of a ratio with itself is its variance.
func TestRatioCovariance_self(t *testing.T) {
	m := RatioMoments{N: 10, MeanNumerator: 2, MeanDenominator: 5, VarNumerator: 1.5, VarDenominator: 3, Covariance: 0.7}
	v, err := RatioVariance(m)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := RatioCovariance([4]float64{2, 5, 2, 5}, 1.5, 0.7, 0.7, 3)
	if !ok || !near(got, *v.Variance, 1e-14) {
		t.Errorf("%v, want %v", got, *v.Variance)
	}
	if _, ok := RatioCovariance([4]float64{1, 0, 1, 1}, 1, 1, 1, 1); ok {
		t.Error("a denominator of 0 has a covariance")
	}
}

func TestRatios_edges(t *testing.T) {
	zero := RatioMoments{N: 5, MeanNumerator: 1}
	some := RatioMoments{N: 5, MeanNumerator: 1, MeanDenominator: 2, VarNumerator: 1, VarDenominator: 1}
	if got, err := CompareRatios(zero, some, 0.95, TwoSided, Welch); err != nil || got.Estimate != nil || got.Reason != ReasonZeroDenominator || *got.Treatment != 0.5 {
		t.Errorf("%+v, %v", got, err)
	}
	lift := func(c, t Moments) (Lift, error) { return LiftFieller(c, t, 0.95) }
	if got, err := LiftRatios(zero, some, lift); err != nil || got.Estimate != nil || got.Reason != ReasonZeroDenominator {
		t.Errorf("%+v, %v", got, err)
	}
	impossible := some
	impossible.Covariance = 1.1
	_, err1 := CompareRatios(impossible, some, 0.95, TwoSided, Welch)
	_, err2 := LiftRatios(impossible, some, lift)
	_, err3 := RatioVariance(impossible)
	_, err4 := RatioMomentsOf([]float64{1}, nil)
	_, err5 := IncrementalCPA(impossible, some, 0.95)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}

// The limits of the incremental cost are the roots of (N − rD)² = q² (vN − 2r cND + r² vD).
func TestIncrementalCPA_roots(t *testing.T) {
	c := RatioMoments{N: 300, MeanNumerator: 5, MeanDenominator: 0.5, VarNumerator: 40, VarDenominator: 0.7, Covariance: 4}
	tr := RatioMoments{N: 320, MeanNumerator: 9, MeanDenominator: 0.9, VarNumerator: 55, VarDenominator: 0.9, Covariance: 6}
	got, err := IncrementalCPA(c, tr, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "estimate", *got.Estimate, 10, 1e-12)
	n, d := 4.0, 0.4
	vn, vd, cov := 40.0/300+55.0/320, 0.7/300+0.9/320, 4.0/300+6.0/320
	q := -StudentQuantile(0.05, 618)
	for _, r := range []float64{*got.Lower, *got.Upper} {
		checkNear(t, "distance at a limit", math.Abs(n-r*d), q*math.Sqrt(vn-2*r*cov+r*r*vd), 1e-9)
	}
	if !(*got.Lower < 10 && 10 < *got.Upper) {
		t.Errorf("[%v, %v]", *got.Lower, *got.Upper)
	}
	same, err := IncrementalCPA(c, c, 0.9)
	if err != nil || same.Estimate != nil || same.Reason != ReasonZeroDenominator || *same.Cost != 0 {
		t.Errorf("no additional conversion: %+v, %v", same, err)
	}
	tr.MeanDenominator = 0.51
	open, err := IncrementalCPA(c, tr, 0.95)
	if err != nil || *open.Bounded || open.Lower != nil || open.Reason != referral.ReasonUnbounded {
		t.Errorf("hardly a conversion more: %+v, %v", open, err)
	}
}
