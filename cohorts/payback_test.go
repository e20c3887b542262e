package cohorts_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/cohorts"
	"vouch/referral"
)

func TestPaybackOf_worked(t *testing.T) {
	n := func(k int) *int { return &k }
	f := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		name string
		cac  float64
		in   []float64
		d    float64
		want cohorts.Payback
	}{
		{"within the first period", 100, []float64{100}, 0, cohorts.Payback{Periods: n(1), Cumulative: []float64{100}, LTV: 100, LTVToCAC: f(1)}},
		{"free customers", 0, []float64{5}, 0, cohorts.Payback{Periods: n(0), Cumulative: []float64{5}, LTV: 5}},
		{"a refund does not undo it", 100, []float64{120, -50, 10, 40}, 0, cohorts.Payback{Periods: n(1), Cumulative: []float64{120, 70, 80, 120}, LTV: 120, LTVToCAC: f(1.2)}},
		{"a cent short", 100, []float64{50, 49.99}, 0, cohorts.Payback{Cumulative: []float64{50, 99.99}, LTV: 99.99, LTVToCAC: f(.9999), Reason: referral.ReasonNotWithinHorizon}},
		{"tenths that do not add up in binary", 1, []float64{.1, .1, .1, .1, .1, .1, .1, .1, .1, .1}, 0, cohorts.Payback{
			Periods: n(10), Cumulative: []float64{.1, .2, .3, .4, .5, .6, .7, .8, .9, 1}, LTV: 1, LTVToCAC: f(1),
		}},
		// 100 now and 100/1.25 = 80 a period later.
		{"the first period is not discounted", 180, []float64{100, 100}, .25, cohorts.Payback{Periods: n(2), Cumulative: []float64{100, 180}, LTV: 180, LTVToCAC: f(1)}},
	} {
		got, err := cohorts.PaybackOf(c.cac, c.in, c.d)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// 2000 a month at 90 % retention and 1 % discount for 24 months: 2000 (1 − q²⁴)/(1 − q), q = 0.9/1.01.
func TestRetentionCurve_annuity(t *testing.T) {
	curve, err := cohorts.RetentionCurve(2000, .9, 24)
	if err != nil {
		t.Fatal(err)
	}
	p, err := cohorts.PaybackOf(8000, curve, .01)
	if err != nil {
		t.Fatal(err)
	}
	q := .9 / 1.01
	if want := 2000 * (1 - math.Pow(q, 24)) / (1 - q); math.Abs(p.LTV-want) > 1e-9*want || math.Abs(want-17210.007960742885) > 1e-8 {
		t.Errorf("value %v, want %v", p.LTV, want)
	}
	if p.Periods == nil || *p.Periods != 5 {
		t.Errorf("paid back after %v, want 5 months", p.Periods)
	}
}

func TestPayback_refused(t *testing.T) {
	for name, f := range map[string]func() error{
		"negative cost":     func() error { _, err := cohorts.PaybackOf(-1, []float64{1}, 0); return err },
		"no period":         func() error { _, err := cohorts.PaybackOf(1, nil, 0); return err },
		"discount of all":   func() error { _, err := cohorts.PaybackOf(1, []float64{1}, -1); return err },
		"not a number":      func() error { _, err := cohorts.PaybackOf(1, []float64{math.NaN()}, 0); return err },
		"retention above 1": func() error { _, err := cohorts.RetentionCurve(1, 1.1, 3); return err },
		"no periods":        func() error { _, err := cohorts.RetentionCurve(1, .5, 0); return err },
	} {
		if err := f(); !errors.Is(err, cohorts.ErrInput) {
			t.Errorf("%s: error %v, want ErrInput", name, err)
		}
	}
}
