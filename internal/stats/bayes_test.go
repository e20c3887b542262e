package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Reference: mpmath 1.4.1 at 50 digits, s φ(m/s) ± m Φ(±m/s); the near ones also by quad of the definition.
func TestNormalBelief(t *testing.T) {
	for _, w := range []struct{ m, s, win, keep, ship float64 }{
		{0.1, 0.05, 0.97724986805182079, 0.10042453513084149, 0.0004245351308414819},
		{-0.3, 0.7, 0.33411757089762469, 0.15452043393155109, 0.45452043393155108},
		{1, 0.05, 1, 1, 6.850062473648053e-92},
		{5, 0.5, 1, 5, 3.737280127294664e-25},
		{30, 1, 1, 30, 1.6319567340914012e-199},
		{-37, 1, 5.7255712225245768e-300, 1.5451991905122025e-301, 37},
	} {
		got, ok, err := NormalBelief(w.m, w.s)
		if err != nil || !ok {
			t.Fatal(err)
		}
		checkNear(t, "win", *got.ChanceToWin, w.win, 1e-12)
		checkNear(t, "keep", *got.LossControl, w.keep, 1e-12)
		checkNear(t, "ship", *got.LossTreatment, w.ship, 1e-12)
	}
	// Both forms of the loss meet where one takes over from the other.
	below, above := normalLoss(math.Nextafter(10, 0)), normalLoss(10)
	checkNear(t, "at 10", below, above, 1e-12)
	if _, ok, err := NormalBelief(1, 0); ok || err != nil {
		t.Errorf("known without error: %v, %v", ok, err)
	}
	if got, _, err := NormalBelief(-1e300, 1e-300); err != nil || *got.LossTreatment != 1e300 || *got.LossControl != 0 || *got.ChanceToWin != 0 {
		t.Errorf("far away: %+v, %v", got, err)
	}
	for _, bad := range [][2]float64{{math.NaN(), 1}, {1, -1}, {1, math.Inf(1)}, {math.Inf(-1), 1}} {
		if _, _, err := NormalBelief(bad[0], bad[1]); !errors.Is(err, ErrInput) {
			t.Errorf("%v accepted: %v", bad, err)
		}
	}
}

// Reference: mpmath 1.4.1, quad of the product of the likelihood's and the prior's density at 30 digits.
func TestBayesEffect(t *testing.T) {
	c, tr := Moments{500, 12, 300}, Moments{480, 13.1, 320}
	got, err := BayesEffect(c, tr, &NormalPrior{0.4, 0.25}, false, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "mean", *got.Estimate, 0.5153846153846154, 1e-12)
	checkNear(t, "sd", *got.SD, 0.4569367667316877, 1e-12)
	checkNear(t, "win", *got.ChanceToWin, 0.8703215279549448, 1e-12)
	checkNear(t, "keep", *got.LossControl, 0.5450474653760309, 1e-12)
	checkNear(t, "ship", *got.LossTreatment, 0.02966284999141549, 1e-11)
	checkNear(t, "width", *got.Upper-*got.Lower, 2*1.959963984540054*0.4569367667316877, 1e-12)
	// A prior that says next to nothing is the flat one.
	flat, err := BayesEffect(c, tr, nil, true, 0.9)
	wide, err2 := BayesEffect(c, tr, &NormalPrior{-3, 1e12}, true, 0.9)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	checkNear(t, "wide mean", *wide.Estimate, *flat.Estimate, 1e-9)
	checkNear(t, "wide loss", *wide.LossTreatment, *flat.LossTreatment, 1e-9)
	// The flat chance to win is the one-sided normal p-value's complement.
	abs, err := BayesEffect(c, tr, nil, false, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "flat", *abs.ChanceToWin, LowerTail(*abs.Estimate / *abs.SD), 1e-14)
}

func TestBayesEffect_edges(t *testing.T) {
	some := Moments{10, 1, 1}
	for _, w := range []struct {
		c, t     Moments
		relative bool
		reason   string
	}{
		{Moments{1, 1, 0}, some, false, referral.ReasonNoData},
		{Moments{}, some, false, referral.ReasonNoData},
		{Moments{5, 1, 0}, Moments{5, 2, 0}, false, referral.ReasonZeroVariance},
		{Moments{5, 0, 1}, some, true, referral.ReasonZeroControl},
	} {
		got, err := BayesEffect(w.c, w.t, &NormalPrior{0, 1}, w.relative, 0.95)
		if err != nil || got.Reason != w.reason || got.ChanceToWin != nil || got.Lower != nil {
			t.Errorf("%+v: %+v, %v", w, got, err)
		}
	}
	_, err := BayesEffect(some, some, &NormalPrior{0, 0}, false, 0.95)
	_, err2 := BayesEffect(some, some, nil, false, 1)
	_, err3 := BayesEffect(Moments{5, 1, -1}, some, nil, false, 0.95)
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}
