package experiments

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/referral"
)

// What the numbers are measured in follows from the definition alone: a page must not take a share for money.
func TestMeasuredIn(t *testing.T) {
	for name, c := range map[string]struct {
		m    Metric
		want string
	}{
		"share":                  {Metric{Kind: KindProportion}, InShares},
		"money is the default":   {Metric{Kind: KindMean}, InMinor},
		"money":                  {Metric{Kind: KindMean, Value: ValueAmount}, InMinor},
		"events":                 {Metric{Kind: KindMean, Value: ValueCount}, InEvents},
		"events per event":       {Metric{Kind: "ratio", Value: ValueCount, Per: &Part{Event: "invite"}}, InRatio},
		"money per event":        {Metric{Kind: "ratio", Per: &Part{Event: "invite", Value: ValueCount}}, InMinor},
		"money per money":        {Metric{Kind: "ratio", Per: &Part{Event: "purchase", Value: ValueAmount}}, InRatio},
		"a quantile of money":    {Metric{Kind: "quantile", Quantile: 0.5}, InMinor},
		"a quantile of events":   {Metric{Kind: "quantile", Value: ValueCount}, InEvents},
		"time until it happened": {Metric{Kind: "time_to_event"}, InSeconds},
	} {
		if got := c.m.measuredIn(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	d := Definition{
		Window:  30 * referral.DayLen,
		Metrics: []Metric{{Name: "paid", Kind: KindProportion}, {Name: "refunds", Kind: KindMean, LowerIsBetter: true}},
	}
	out := []MetricResult{{Name: "paid"}, {Name: "refunds"}}
	d.describe(out)
	want := []MetricResult{{Name: "paid", MeasuredIn: InShares}, {Name: "refunds", MeasuredIn: InMinor, LowerIsBetter: true}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	if got := d.windowText(); got != "30d" {
		t.Errorf("window %q", got)
	}
	if got := (Definition{}).windowText(); got != "" {
		t.Errorf("no window %q", got)
	}
	if diff := cmp.Diff(Families{Primary: "holm", Secondary: "bh", Guardrail: "none"}, d.families()); diff != "" {
		t.Error(diff)
	}
	d.Multiplicity = Multiplicity{Primary: "dunnett", Secondary: "by"}
	if diff := cmp.Diff(Families{Primary: "dunnett", Secondary: "by", Guardrail: "none"}, d.families()); diff != "" {
		t.Error(diff)
	}
}
