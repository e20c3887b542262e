package partners

import (
	"strings"
	"testing"

	"vouch/referral"
)

// The rules of docs/statistics.md, "Partner actions", one line each: cost and customers decide
// whether there is anything to judge, the interval of the return decides the rest.
func TestAct_rules(t *testing.T) {
	f := func(x float64) *float64 { return &x }
	roi := func(lo, hi float64) referral.Estimate { return referral.Estimate{Lo: &lo, Hi: &hi} }
	for _, c := range []struct {
		name, action, reason string
		row                  Row
		e                    evidence
	}{
		{"earns even at the lower limit", Grow, "at least EUR 1.20", Row{CostMinor: 100, Acquisitions: 10e6, ROI: roi(0.2, 3)}, evidence{months: 0, lo: 120}},
		{"may or may not pay", Watch, "it may have paid for itself or not", Row{CostMinor: 100, Acquisitions: 99e6, ROI: roi(-0.1, 0.5)}, evidence{months: 9}},
		{"the limit itself decides nothing", Watch, "or not", Row{CostMinor: 100, Acquisitions: 99e6, ROI: roi(-1, 0)}, evidence{months: 9}},
		{"loses", Fix, "it does not pay for itself", Row{CostMinor: 100, Acquisitions: 10e6, ROI: roi(-0.9, -0.1)}, evidence{months: 2}},
		{"half lost is still to be fixed", Fix, "", Row{CostMinor: 100, Acquisitions: 10e6, ROI: roi(-0.9, -0.5)}, evidence{months: 2}},
		{"loses more than half", End, "more than half of the cost is lost", Row{CostMinor: 100, Acquisitions: 10e6, ROI: roi(-0.9, -0.6)}, evidence{months: 2}},
		{"loses, but is young", Watch, "2 whole months", Row{CostMinor: 100, Acquisitions: 10e6, ROI: roi(-0.9, -0.6)}, evidence{months: 1}},
		{"nine customers", Watch, "9 customers: too few", Row{CostMinor: 100, Acquisitions: 9e6, ROI: roi(0.2, 3)}, evidence{months: 9}},
		{"a fraction below ten", Watch, "9.999999 customers: too few", Row{CostMinor: 100, Acquisitions: 9_999_999, ROI: roi(0.2, 3)}, evidence{months: 9}},
		{"spent for nothing, beyond chance", End, "at least EUR 5.00 here", Row{CostMinor: 1000, CPA: referral.Estimate{Lo: f(500)}}, evidence{programmeLTV: f(400)}},
		{"spent for nothing, perhaps chance", Watch, "may still be chance", Row{CostMinor: 1000, CPA: referral.Estimate{Lo: f(300)}}, evidence{programmeLTV: f(400)}},
		{"spent for nothing, nothing to compare with", Watch, "may still be chance", Row{CostMinor: 1000, CPA: referral.Estimate{Lo: f(300)}}, evidence{}},
		{"free and earning", Grow, "without a recorded cost", Row{Acquisitions: 10e6}, evidence{lo: 1}},
		{"free, value unsure", Watch, "may be none", Row{Acquisitions: 10e6}, evidence{lo: -1}},
		{"free, one customer", Watch, "1 customer without a recorded cost", Row{Acquisitions: 1e6}, evidence{lo: 1}},
		{"nothing at all", Watch, "no cost and no customer yet", Row{}, evidence{}},
		{"more credit notes than costs", Watch, "credit notes exceed costs by EUR 0.05", Row{CostMinor: -5, Acquisitions: 20e6}, evidence{lo: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.e.currency = "EUR"
			action, reason := act(c.row, c.e)
			if action != c.action || !strings.Contains(reason, c.reason) {
				t.Errorf("%s because %q, want %s because %q", action, reason, c.action, c.reason)
			}
		})
	}
}
