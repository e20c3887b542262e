package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Reference: statsmodels 0.15.0, ttost_ind(b, a, -2, 2, usevar="unequal").
func TestTOST(t *testing.T) {
	got, err := TOST(armA, armB, 2, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "p lower", value(t, "p", got.PLower), 0.0003197841216298369, 1e-10)
	checkNear(t, "p upper", value(t, "p", got.PUpper), 0.06950114922632122, 1e-10)
	if *got.PValue != *got.PUpper || *got.Equivalent {
		t.Errorf("%+v", got)
	}
}

// A decision and its limit agree: non-inferior exactly when the one-sided limit is inside the margin,
// equivalent exactly when the interval is.
func TestNoninferiority_agreesWithLimits(t *testing.T) {
	r := random(6, 6)
	seen := map[bool]int{}
	for range 500 {
		c, tr := Moments{40, 0, 1}, Moments{50, r.NormFloat64() * 0.4, 2}
		margin := 0.1 + r.Float64()
		up, err := NoninferiorMean(c, tr, margin, true, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		down, err := NoninferiorMean(c, tr, margin, false, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		both, err := TOST(c, tr, margin, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if *up.Noninferior != (*up.Lower > -margin) || *down.Noninferior != (*down.Upper < margin) || up.Upper != nil || down.Lower != nil {
			t.Fatalf("%+v, %+v", up, down)
		}
		if *both.Equivalent != (*both.Lower > -margin && *both.Upper < margin) || *both.Equivalent != (*up.Noninferior && *down.Noninferior) {
			t.Fatalf("%+v", both)
		}
		seen[*both.Equivalent]++
	}
	if seen[true] < 50 || seen[false] < 50 {
		t.Errorf("the cases do not cover both answers: %v", seen)
	}
}

// For shares, lower-is-better flips successes and failures, and nothing else.
func TestNoninferiorShare(t *testing.T) {
	c, tr := Counts{200, 2000}, Counts{180, 2000}
	for _, score := range []bool{true, false} {
		up, err := NoninferiorShare(c, tr, 0.02, true, score, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		down, err := NoninferiorShare(Counts{1800, 2000}, Counts{1820, 2000}, 0.02, false, score, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if *up.Statistic != *down.Statistic {
			t.Errorf("%v and %v", *up.Statistic, *down.Statistic)
		}
		// By hand for Wald: 0.01 / √(0.1·0.9/2000 + 0.09·0.91/2000).
		if !score {
			checkNear(t, "Wald", *up.Statistic, 0.01/math.Sqrt((0.09+0.0819)/2000), 1e-12)
		}
	}
	if got, err := NoninferiorShare(Counts{5, 5}, Counts{7, 7}, 0.1, true, false, 0.95); err != nil || got.PValue != nil || got.Reason != referral.ReasonZeroVariance {
		t.Errorf("all convert: %+v, %v", got, err)
	}
	for _, margin := range []float64{0, 1, -0.1} {
		if _, err := NoninferiorShare(c, tr, margin, true, true, 0.95); !errors.Is(err, ErrInput) {
			t.Errorf("margin %v: %v", margin, err)
		}
	}
}
