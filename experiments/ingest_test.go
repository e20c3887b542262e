package experiments

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"vouch/internal/ingest/ingesttest"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

// TestCompute_throughIngest reads out what a project would load: amounts in another currency, a refund,
// a bot, a self-referral, an alias, a late exposure.
func TestCompute_throughIngest(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv": `person_id,event,occurred_at,referrer_id,amount_minor,currency
ann,signed_up,2026-03-01T00:00:00Z,,,
i1,purchase,2026-03-05T10:00:00Z,ann,1000,EUR
i2,purchase,2026-03-06T10:00:00Z,ann,1000,USD
i2,refund,2026-03-07T10:00:00Z,ann,400,EUR
i3,purchase,2026-03-08T10:00:00Z,bob,3000,EUR
bob,purchase,2026-03-09T10:00:00Z,bob,7000,EUR
i4,purchase,2026-03-09T10:00:00Z,cyd,500,CHF
i5,signed_up,2026-03-09T10:00:00Z,dan,,
i6,purchase,2026-03-09T10:00:00Z,robo,100,EUR
`,
		"persons.csv":    "person_id,flags\nrobo,bot\n",
		"identities.csv": "alias,person_id\nann-phone,ann\n",
		"rates.csv":      "day,from_currency,to_currency,rate\n2026-03-01,USD,EUR,0.5\n",
		"exposures.csv": `experiment,unit_id,variant,exposed_at
reward,ann,ten,2026-03-02T00:00:00Z
reward,ann-phone,ten,2026-03-04T00:00:00Z
reward,bob,none,2026-03-02T00:00:00Z
reward,cyd,none,2026-03-02T00:00:00Z
reward,dan,ten,2026-03-02T00:00:00Z
reward,robo,ten,2026-03-02T00:00:00Z
reward,eve,none,2026-03-02T00:00:00Z
`,
	})
	control, weights := even("none", "ten")
	def := Definition{
		Name: "reward", Unit: UnitReferrer, Control: control, Weights: weights, Window: 30 * referral.DayLen, Rewards: map[string]int64{"ten": 100},
		Metrics: []Metric{
			{Name: "paid", Kind: KindProportion, Event: "purchase", Role: RolePrimary},
			{Name: "revenue", Kind: KindMean, Event: "purchase"},
			{Name: "orders", Kind: KindMean, Event: "purchase", Value: ValueCount},
		},
	}
	res := compute(t, db, def, ingesttest.DefaultScope())
	if d := cmp.Diff(Hygiene{Exposures: 7, ExcludedUnits: 1, UnknownUnits: 1}, res.Hygiene); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]Arm{{"none", 3, 3, 0.5}, {"ten", 2, 2, 0.5}}, res.Arms); d != "" {
		t.Error(d)
	}
	// ten: ann 1000 + 1000 USD at 0.5 = 1500 in two orders, dan nothing. none: bob 3000 (his own purchase is
	// a self-referral), cyd one order in a currency without a rate, eve nothing.
	got := map[string]string{}
	for _, m := range res.Metrics {
		for _, a := range m.Arms {
			got[m.Name+" "+a.Variant] = string(*a.Value.Numerator) + "/" + string(*a.Value.Denominator)
		}
	}
	want := map[string]string{"paid none": "2/3", "paid ten": "1/2", "revenue none": "3000/3", "revenue ten": "1500/2", "orders none": "2/3", "orders ten": "2/2"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// Per unit: ten (1500 − 400 refunded − 2 rewards of 100)/2 = 450, none 3000/3 = 1000.
	if v := res.Money.Comparisons[0].Profit.Value; v == nil || *v != -550 || res.Verdict.Action != ActionInvalid {
		t.Errorf("value per unit %+v, verdict %+v", res.Money.Comparisons[0], res.Verdict)
	}
	if d := cmp.Diff([]string{"excluded-units", "few-units", "no-value", "unbounded-lift"}, codes(res.Findings)); d != "" {
		t.Errorf("%s%+v", d, res.Findings)
	}
}

// An arm of fewer units than none is left out and said so; it does not end the analysis.
func TestCompute_summaryOfNegativeUnits(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"experiment_summary.csv": "experiment,metric,variant,n,successes\nreward,paid,none,-5,0\nreward,paid,ten,100,30\nreward,paid,typo,-7,0\n"})
	def := rewardDefinition("none", "ten")
	def.Source, def.Metrics = SourceSummary, []Metric{{Name: "paid", Kind: KindProportion, Role: RolePrimary}}
	res := compute(t, db, def, testScope())
	if res.Arms[0].N != 0 || res.Verdict.Action != ActionInvalid || !slices.Contains(codes(res.Findings), "unusable-summary") {
		t.Errorf("%+v, %+v, %+v", res.Arms, res.Verdict, res.Findings)
	}
}

// TestCompute_summary reads arms that were aggregated elsewhere, with every defect such a table may have.
func TestCompute_summary(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"experiment_summary.csv": `experiment,metric,variant,n,mean,variance,successes
reward,paid,none,1000,,,100
reward,paid,ten,1010,,,160
reward,revenue,none,1000,2.5,90.25,
reward,revenue,ten,1009,3.125,100,
reward,paid,typo,7,,,1
other,paid,none,5,,,5
`})
	def := rewardDefinition("none", "ten")
	def.Source = SourceSummary
	def.Metrics = []Metric{
		{Name: "paid", Kind: KindProportion, Role: RolePrimary},
		{Name: "revenue", Kind: KindMean},
		{Name: "refunded", Kind: KindProportion, Role: RoleGuardrail},
		{Name: "kept", Kind: KindMean},
	}
	res := compute(t, db, def, testScope())
	if d := cmp.Diff([]Arm{{"none", 1000, 1000, 0.5}, {"ten", 1010, 1010, 0.5}}, res.Arms); d != "" {
		t.Error(d)
	}
	paid, revenue := res.Metrics[0].Comparisons[0], res.Metrics[1].Comparisons[0]
	if math.Abs(*paid.Effect.Value-(160.0/1010-0.1)) > 1e-15 || paid.Decision != DecisionBetter {
		t.Errorf("%+v, %+v", paid, res.Verdict)
	}
	// A guardrail that nobody measured cannot be said not to be worse.
	if v := res.Verdict; v.Action != ActionHold || v.Reason != "ten: better on paid, but refunded is not measured." {
		t.Errorf("%+v", v)
	}
	// By hand: 0.625 with se √(90.25/1000 + 100/1009).
	if *revenue.Effect.Value != 0.625 || *revenue.PValue < 0.150 || *revenue.PValue > 0.152 {
		t.Errorf("revenue %v, p %v", *revenue.Effect.Value, *revenue.PValue)
	}
	if c := res.Metrics[2].Comparisons[0]; c.Effect.Value != nil || c.Reason != referral.ReasonNoData || c.Decision != DecisionUnclear {
		t.Errorf("a metric the summary lacks: %+v", c)
	}
	if res.Verdict.ValueMinor.Value != nil || res.Verdict.ValueMinor.Reason != referral.ReasonNoRevenue {
		t.Errorf("value without money: %+v", res.Verdict.ValueMinor)
	}
	if d := cmp.Diff([]string{"missing-metric", "unequal-units", "unknown-variant"}, codes(res.Findings)); d != "" {
		t.Errorf("%s%+v", d, res.Findings)
	}
}

// Events whose amounts nobody knows say that something was bought, not that it was worth nothing: an arm of them has no mean
// and no verdict is made of it.
func TestCompute_worthless(t *testing.T) {
	events, exposures := "event_id,event,occurred_at,person_id,amount_minor,currency\n", "experiment,unit_id,variant,exposed_at\n"
	for i := range 40 {
		unit, variant, amount := fmt.Sprint("u", i), "none", fmt.Sprint(1000+i)
		if i%2 == 1 {
			variant, amount = "ten", ""
		}
		exposures += "reward," + unit + "," + variant + ",2026-03-02T00:00:00Z\n"
		if i%8 < 6 {
			events += fmt.Sprintf("e%d,purchase,2026-03-05T10:00:00Z,%s,%s,EUR\n", i, unit, amount)
		}
	}
	def := rewardDefinition("none", "ten")
	def.Metrics = []Metric{
		{Name: "revenue", Kind: KindMean, Event: "purchase", Role: RolePrimary},
		{Name: "basket", Kind: KindRatio, Event: "purchase", Per: &Part{Event: "purchase"}},
		{Name: "middle", Kind: KindQuantile, Event: "purchase", Quantile: 0.5},
		{Name: "orders", Kind: KindMean, Event: "purchase", Value: ValueCount},
	}
	res := compute(t, ingesttest.Load(t, map[string]string{"events.csv": events, "exposures.csv": exposures}), def, ingesttest.DefaultScope())
	for i, m := range res.Metrics {
		c, known := m.Comparisons[0], i == 3
		if !known && c.Reason != referral.ReasonNoData {
			t.Errorf("%s: reason %q", m.Name, c.Reason)
		}
		if (c.Effect.Value != nil) != known || (c.PValue != nil) != known || !known && c.Decision != DecisionUnclear {
			t.Errorf("%s: %+v", m.Name, c)
		}
		if m.Arms[0].Value.Value == nil {
			t.Errorf("%s of the control, whose amounts are known: %+v", m.Name, m.Arms[0])
		}
	}
	if res.Verdict.Action != ActionHold {
		t.Errorf("%+v", res.Verdict)
	}
}

// An attribute that nobody has, a partner that does not exist: zeros from nothing are named.
func TestCompute_unknownUnits(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv":    "event_id,event,occurred_at,person_id,amount_minor,currency\n1,purchase,2026-03-05T10:00:00Z,ann,1000,EUR\n",
		"exposures.csv": "experiment,unit_id,variant,exposed_at\nreward,ann,ten,2026-03-02T00:00:00Z\nreward,bob,none,2026-03-02T00:00:00Z\n",
	})
	for unit, want := range map[string]bool{UnitPerson: false, UnitPartner: true, "attribute.home": true} {
		def := rewardDefinition("none", "ten")
		def.Unit, def.Strata = unit, ""
		res := compute(t, db, def, ingesttest.DefaultScope())
		if slices.Contains(codes(res.Findings), "unknown-units") != want {
			t.Errorf("%s: %+v, %+v", unit, res.Hygiene, res.Findings)
		}
	}
}
