package pipeline

import (
	"encoding/json"
	"strings"
	"testing"

	"vouch/experiments"
	"vouch/partners"
	"vouch/referral"
	"vouch/reports"
)

func estimate(v float64) referral.Estimate { return referral.Estimate{Value: &v} }

func TestCheckGuards(t *testing.T) {
	p := 0.0005
	known := &reports.Bundle{
		Partners:    &partners.Result{Totals: partners.Row{CPA: estimate(1100), ROI: estimate(1.5)}},
		Experiments: []experiments.Result{{Name: "banner", SRM: experiments.SRM{PValue: &p}}},
	}
	unknown := &reports.Bundle{
		Partners:    &partners.Result{Totals: partners.Row{CPA: referral.Undefined("no_acquisitions", "", 0.95), ROI: referral.Undefined("zero_cost", "", 0.95)}},
		Experiments: []experiments.Result{{Name: "banner", SRM: experiments.SRM{Reason: "insufficient_data"}}},
	}
	for _, c := range []struct {
		name   string
		guard  string
		limit  json.Number
		bundle *reports.Bundle
		want   string // part of the message; empty: passes
	}{
		{"cost at the ceiling", "cpa_ceiling", "1100", known, ""},
		{"cost above the ceiling", "cpa_ceiling", "1099", known, "1100 minor units, the ceiling 1099"},
		{"unknown cost guards nothing", "cpa_ceiling", "1", unknown, "unknown (no_acquisitions)"},
		{"return at the floor", "roi_floor", "1.5", known, ""},
		{"return below the floor", "roi_floor", "1.6", known, "return on cost is 1.5000"},
		{"unknown return", "roi_floor", "0", unknown, "unknown (zero_cost)"},
		{"ratio above the floor", "srm", "0.0001", known, ""},
		{"ratio below the floor", "srm", "0.001", known, "experiment banner"},
		{"no ratio test", "srm", "0.001", unknown, "has no sample-ratio test"},
		{"no experiment", "srm", "0.001", &reports.Bundle{}, "no experiment to check"},
		{"no such guard", "cpa", "1", known, "no guard of that name"},
	} {
		err := CheckGuards(map[string]json.Number{c.guard: c.limit}, c.bundle)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
	if err := CheckGuards(map[string]json.Number{"cpa_ceiling": "1", "roi_floor": "9"}, known); err == nil || strings.Count(err.Error(), "guard ") != 2 {
		t.Errorf("both breaches belong in the message: %v", err)
	}
}
