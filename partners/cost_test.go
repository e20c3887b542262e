package partners_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/partners"
	"vouch/referral"
)

func TestCostPerAcquisition_scipy(t *testing.T) {
	f := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		cost, n, level float64
		want           partners.PerAcquisition
	}{
		// scipy 1.17.1: stats.gamma.ppf(0.1, 20), stats.gamma.ppf(0.9, 21)
		{500_000, 20, 0.8, partners.PerAcquisition{CPA: f(25_000), CountLower: 14.525261465272758, CountUpper: 27.045101225356202, Lower: f(18487.63647929052), Upper: f(34422.78827100004)}},
		// stats.gamma.ppf(0.025, 12.4), stats.gamma.ppf(0.975, 13.4)
		{500_000, 12.4, 0.95, partners.PerAcquisition{CPA: f(40322.58064516129), CountLower: 6.487772983923874, CountUpper: 21.47032839196907, Lower: f(23287.9530704814), Upper: f(77068.0480403608)}},
		// Nobody: the upper limit of the count is −ln 0.025.
		{500_000, 0, 0.95, partners.PerAcquisition{CountUpper: -math.Log(0.025), Lower: f(500_000 / -math.Log(0.025)), Reason: referral.ReasonNoAcquisitions}},
		{0, 0, 0.95, partners.PerAcquisition{CountUpper: -math.Log(0.025), Lower: f(0), Reason: referral.ReasonNoAcquisitions}},
	} {
		got, err := partners.CostPerAcquisition(c.cost, c.n, c.level)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(1e-8, 0)); diff != "" {
			t.Errorf("%v for %v (-want +got):\n%s", c.cost, c.n, diff)
		}
	}
	for _, bad := range [][3]float64{{-1, 1, .95}, {1, -1, .95}, {1, 1, 1}, {math.NaN(), 1, .95}, {1, math.Inf(1), .95}} {
		if _, err := partners.CostPerAcquisition(bad[0], bad[1], bad[2]); !errors.Is(err, partners.ErrInput) {
			t.Errorf("%v: error %v", bad, err)
		}
	}
}

func TestCPA_edges(t *testing.T) {
	free, err := partners.CPA(0, 3_000_000, 0.95)
	if err != nil || *free.Value != 0 || *free.Lo != 0 || *free.Hi != 0 {
		t.Errorf("free customers cost %+v, %v", free, err)
	}
	refunded, err := partners.CPA(-5, 3_000_000, 0.95)
	if err != nil || refunded.Known() || refunded.Reason != "negative_cost" {
		t.Errorf("a negative cost gives %+v, %v", refunded, err)
	}
}

func TestMarginal(t *testing.T) {
	average, marginal, reason, err := partners.Marginal([2]float64{1_000_000, 1_650_000}, [2]float64{200, 250})
	if err != nil || reason != "" || *average[0] != 5000 || *average[1] != 6600 || *marginal != 13_000 {
		t.Errorf("50 and 66 on average, 130 at the margin: got %v, %v, %q, %v", average, marginal, reason, err)
	}
	if _, marginal, reason, _ = partners.Marginal([2]float64{1, 2}, [2]float64{3, 3}); marginal != nil || reason != "no_change_in_acquisitions" {
		t.Errorf("no change: %v, %q", marginal, reason)
	}
}

func TestRatio(t *testing.T) {
	if r, reason, err := partners.Ratio(-500, 1000); err != nil || reason != "" || *r != -0.5 {
		t.Errorf("refunds may exceed revenue: %v, %q, %v", r, reason, err)
	}
	if r, reason, err := partners.Ratio(1, 0); err != nil || r != nil || reason != referral.ReasonNoCost {
		t.Errorf("organic customers: %v, %q, %v", r, reason, err)
	}
}
