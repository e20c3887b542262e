package reports

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/experiments"
	"vouch/funnel"
	"vouch/partners"
	"vouch/referral"
)

func testWriter(b *Bundle) *writer { return &writer{b: b, n: eur} }

func steps(ns ...int64) []funnel.StepResult {
	var out []funnel.StepResult
	for _, n := range ns {
		out = append(out, funnel.StepResult{Persons: n})
	}
	return out
}

// Eight groups with rates 1/2, 1/4, …; the best quarter is the two best, pooled: (30+20)/(40+50).
func TestBestQuarter_poolsTheBestGroups(t *testing.T) {
	groups := []funnel.Group{
		{Key: "a", Steps: steps(40, 30)},
		{Key: "b", Steps: steps(50, 20)},
		{Key: "c", Steps: steps(100, 30)},
		{Key: "d", Steps: steps(100, 20)},
		{Key: "e", Steps: steps(100, 10)},
		{Key: "f", Steps: steps(100, 9)},
		{Key: "g", Steps: steps(100, 8)},
		{Key: "h", Steps: steps(100, 0)},
		{Key: "too small", Steps: steps(9, 9)},
		{Key: "", Steps: steps(1000, 1000)},
	}
	got, ok := bestQuarter(groups, 1)
	if want := 50.0 / 90; !ok || got != want {
		t.Errorf("got %v, %v; want %v", got, ok, want)
	}
	if _, ok := bestQuarter(groups[:3], 1); ok {
		t.Error("three groups have no quarter")
	}
}

func TestWidest(t *testing.T) {
	for want, s := range map[int][]funnel.StepResult{2: steps(100, 90, 10, 1), 1: steps(100, 10, 9), 0: steps(5, 5, 5)} {
		if got := widest(s); got != want {
			t.Errorf("widest(%v) = %d, want %d", s, got, want)
		}
	}
}

func TestChangeText_meaningFollowsTheFigure(t *testing.T) {
	w := testWriter(&Bundle{})
	for _, c := range []struct {
		f          WeeklyFigure
		text, tone string
	}{
		{WeeklyFigure{Name: "customers", Unit: "count", Change: est(34, 6, 62), Clear: true}, "▲ +34", "better"},
		{WeeklyFigure{Name: "customers", Unit: "count", Change: est(-34, -62, -6), Clear: true}, "▼ -34", "worse"},
		{WeeklyFigure{Name: "cpa", Unit: "money", Change: est(-410, -700, -120), Clear: true}, "▼ -EUR 4.10", "better"},
		{WeeklyFigure{Name: "cost", Unit: "money", Change: est(410, 410, 410), Clear: true}, "▲ +EUR 4.10", "worse"},
		{WeeklyFigure{Name: "conversion", Unit: "rate", Change: est(0.02, -0.01, 0.05)}, "no clear change", "neutral"},
		{WeeklyFigure{Name: "cost", Unit: "money", Change: est(0, 0, 0)}, "no clear change", "neutral"},
		{WeeklyFigure{Name: "cpa", Unit: "money", Change: referral.Undefined(referral.ReasonNoAcquisitions, "", 0.95)}, "change: no customers", "neutral"},
	} {
		text, _, tone := w.changeText(c.f)
		if plainText(text) != c.text || tone != c.tone {
			t.Errorf("%s: %q, %s; want %q, %s", c.f.Name, plainText(text), tone, c.text, c.tone)
		}
	}
}

func TestExperimentLead_byVerdict(t *testing.T) {
	metric := experiments.MetricResult{Name: "revenue", Kind: "mean", Role: "primary", Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: est(410, 120, 700)}}}
	unknown := metric
	unknown.Comparisons = []experiments.Comparison{{Arm: "ten", Control: "none", Effect: referral.Undefined(referral.ReasonNoData, "", 0.95)}}
	none := referral.Undefined(referral.ReasonNoRevenue, "", 0.95)
	for _, c := range []struct {
		m    experiments.MetricResult
		v    experiments.Verdict
		want string
	}{
		{
			metric,
			experiments.Verdict{Action: "ship", Arm: "ten", Reason: "it pays.", ValueMinor: est(400, 100, 690)},
			"Reward: revenue of ten is +EUR 4.10 per referrer against none (95 % interval +1.20 to +7.00): ship it. It is worth +EUR 4.00 per referrer (+1.00 to +6.90). It pays.",
		},
		{
			metric,
			experiments.Verdict{Action: "ship", Arm: "ten", Reason: "better", ValueMinor: est(-67, -260, 127)},
			"Reward: revenue of ten is +EUR 4.10 per referrer against none (95 % interval +1.20 to +7.00): ship it. What it is worth is not clear yet: -EUR 0.67 per referrer (-2.60 to +1.27). Better.",
		},
		{
			metric,
			experiments.Verdict{Action: "stop", Arm: "ten", Reason: "a guardrail is worse", ValueMinor: none},
			"Reward: revenue of ten is +EUR 4.10 per referrer against none (95 % interval +1.20 to +7.00): stop it. A guardrail is worse.",
		},
		{metric, experiments.Verdict{Action: "invalid", Reason: "the split differs", ValueMinor: none}, "Reward cannot be read. The split differs."},
		{unknown, experiments.Verdict{Action: "hold", Reason: "no units yet", ValueMinor: none}, "Reward: hold. No units yet."},
	} {
		r := &experiments.Result{Name: "reward", Unit: "referrer", Control: "none", Metrics: []experiments.MetricResult{c.m}, Verdict: c.v}
		if got := plainText(testWriter(&Bundle{}).experimentLead(r)); got != c.want {
			t.Errorf("got\n%q, want\n%q", got, c.want)
		}
	}
}

func TestMoves_areRankedByMoney(t *testing.T) {
	row := func(id, action string, cost, revenue int64) partners.Row {
		return partners.Row{PartnerID: id, Name: strings.ToUpper(id), Action: action, CostMinor: cost, RevenueMinor: revenue}
	}
	r := &partners.Result{Margin: "0.5", Partners: []partners.Row{
		row("a", "grow", 100, 1_000), row("b", "grow", 100, 9_000_00), row("c", "end", 80_000, 0), row("d", "fix", 90_000, 100_000), row("", "end", 1<<40, 0),
	}}
	w := testWriter(&Bundle{Partners: r})
	var ids []string
	for _, x := range w.moves("grow") {
		ids = append(ids, x.PartnerID)
	}
	if d := cmp.Diff([]string{"b", "a"}, ids); d != "" {
		t.Error(d)
	}
	if got := w.net(r.Partners[3]); got != 100_000/2-90_000 {
		t.Errorf("net %d", got)
	}
	if got := plainText(w.bestMove()); got != " Best single move: grow B, which brought EUR 4,500 more than it cost." {
		t.Errorf("%q", got)
	}
	r.Partners[2].CostMinor = 90_000_00
	if got := plainText(w.bestMove()); got != " Best single move: end C, which loses EUR 90,000." {
		t.Errorf("%q", got)
	}
	r.Partners = r.Partners[4:]
	if got := w.bestMove(); got != "" {
		t.Errorf("without partners: %q", got)
	}
}

func TestPartnerLead_unknownCostIsNotZero(t *testing.T) {
	row := partners.Row{
		Acquisitions: 3 * referral.MicroScale, RevenueMinor: 2000,
		CPA: referral.Undefined("no_costs_loaded", "", 0.95), ROI: referral.Undefined("no_costs_loaded", "", 0.95),
	}
	w := testWriter(&Bundle{Partners: &partners.Result{Margin: "0.5", Totals: row, Programme: &row}})
	if got, want := plainText(w.partnerLead()), "The programme won 3 customers who earned EUR 10.00; what they cost is not known, because no costs are loaded."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Customers whom nobody referred are not the programme's doing.
func TestPartnerLead_programmeOnly(t *testing.T) {
	two, three := partners.Row{Acquisitions: 2 * referral.MicroScale, RevenueMinor: 2000, CostMinor: 500}, partners.Row{Acquisitions: 3 * referral.MicroScale, RevenueMinor: 9000, CostMinor: 500}
	w := testWriter(&Bundle{Partners: &partners.Result{Margin: "0.5", Totals: three, Programme: &two}})
	if got, want := plainText(w.partnerLead()), "The programme won 2 customers who earned EUR 10.00 against a cost of EUR 5.00."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w = testWriter(&Bundle{Partners: &partners.Result{Margin: "0.5", Totals: three}})
	if got, want := plainText(w.partnerLead()), "No partner is credited: 3 customers earned EUR 45.00 against a cost of EUR 5.00."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A feed that stopped is not a week without customers.
func TestWeekLead_dataEndBeforeTheWeek(t *testing.T) {
	wk := &Weekly{Week: "2026-W48", From: "2026-11-23", To: "2026-11-29", Figures: []WeeklyFigure{{Name: "customers", Value: referral.Estimate{Value: referral.Float(0)}}}}
	w := testWriter(&Bundle{Weekly: wk, Data: Data{CompleteTo: "2026-11-15"}})
	if got, want := w.weekLead(), "The data are complete to 2026-11-15 only: week 2026-W48, to 2026-11-29, cannot be read yet."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReferredShare(t *testing.T) {
	r := &partners.Result{Partners: []partners.Row{{PartnerID: "a", RevenueMinor: 70}, {RevenueMinor: 30}}, Totals: partners.Row{RevenueMinor: 100}}
	if got, ok := referredShare(r); !ok || got != 0.7 {
		t.Errorf("%v, %v", got, ok)
	}
	r.Partners = r.Partners[:1]
	if _, ok := referredShare(r); ok {
		t.Error("a share without anything to compare with")
	}
}

func TestFewMovers_keepTheTotal(t *testing.T) {
	var ms []Mover
	var before, now Micro
	for i := range 40 {
		ms = append(ms, Mover{Key: "k", Previous: Micro(i), Current: Micro(3 * i)})
		before, now = before+Micro(i), now+Micro(3*i)
	}
	got := fewMovers(ms)
	if len(got) != maxMovers || got[maxMovers-1].Name != "29 more" {
		t.Fatalf("%d movers, the last %+v", len(got), got[len(got)-1])
	}
	for _, m := range got {
		before, now = before-m.Previous, now-m.Current
	}
	if before != 0 || now != 0 || len(ms) != 40 || ms[maxMovers-1].Key != "k" {
		t.Errorf("the rows are off by %d and %d", before, now)
	}
}

func TestSparkline_breaksAtUnknownValues(t *testing.T) {
	v := func(x float64) *float64 { return &x }
	if got := sparkPoints([]*float64{v(1), v(3), nil, v(2), nil, v(1), v(3)}); len(got) != 2 || got[0] != "3.0,21.0 18.0,3.0" {
		t.Errorf("%q", got)
	}
	if got := sparkDot([]*float64{v(5), v(5), nil}); got[1] != "12.0" {
		t.Errorf("%q", got)
	}
	if sparkPoints(nil) != nil || sparkDot([]*float64{nil}) != nil {
		t.Error("something is drawn of nothing")
	}
}

func TestSlug_isDifferentForDifferentNames(t *testing.T) {
	seen := map[string]string{}
	for _, n := range []string{"a b", "a-b", "a_b", "A-B", "ab", "ä", `"><script>`, ""} {
		s := slug(n)
		if other, ok := seen[s]; ok || s == "" || strings.ContainsAny(s, " \"<>&'") {
			t.Errorf("%q and %q are both %q", n, other, s)
		}
		seen[s] = n
	}
}

func TestFindingViews_order(t *testing.T) {
	got := findingViews("#x", []referral.Finding{{Code: "two-variants", Subject: "c"}, {Code: "small-sample", Subject: "b"}, {Code: "totals-reconcile"}, {Code: "srm", Subject: "a"}, {Code: "missing-rate", Subject: "(none)"}})
	var order []string
	for _, v := range got {
		order = append(order, v.Subject+" "+v.Tone)
	}
	if d := cmp.Diff([]string{"a warn", "No partner warn", "b neutral", "c neutral"}, order); d != "" {
		t.Error(d)
	}
}
