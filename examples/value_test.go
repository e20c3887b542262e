package examples

import (
	"context"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Figures of the CDNOW file, counted from it with a script of its own.
func TestCDNOW(t *testing.T) {
	p := open(t, "cdnow")
	ctx := context.Background()
	if n := number(t, p, "SELECT count(*) FROM events"); n != 69_659 {
		t.Errorf("%d purchases, want 69,659", n)
	}
	if n := number(t, p, "SELECT CAST(sum(amount_minor) AS BIGINT) FROM events"); n != 250_031_563 {
		t.Errorf("%d cents, want $2,500,315.63", n)
	}
	monthly, err := p.Cohorts(ctx, "monthly")
	if err != nil {
		t.Fatal(err)
	}
	daily, err := p.Cohorts(ctx, "daily")
	if err != nil {
		t.Fatal(err)
	}
	type cohort struct {
		Cohort           string
		Size             int64
		Orders, Total    int64
		Days90, Days180  int64
		EveryoneComplete bool
	}
	want := []cohort{
		{"1997-01", 7846, 24_351, 88_715_756, 43_429_560, 53_669_269, true},
		{"1997-02", 8476, 24_894, 88_661_181, 45_167_652, 56_503_307, true},
		{"1997-03", 7248, 20_414, 72_654_626, 37_927_763, 47_570_898, true},
	}
	var got []cohort
	for i, c := range monthly.Cohorts {
		x := cohort{Cohort: c.Cohort, Size: c.Size, EveryoneComplete: true}
		for _, cell := range c.Cells {
			x.Orders += cell.Events
			x.Total = cell.CumulativeMinor
		}
		d := daily.Cohorts[i]
		if d.Cohort != c.Cohort {
			t.Fatalf("cohort %s beside %s", d.Cohort, c.Cohort)
		}
		x.Days90, x.Days180 = d.Cells[90].CumulativeMinor, d.Cells[180].CumulativeMinor
		for _, cell := range d.Cells {
			x.EveryoneComplete = x.EveryoneComplete && cell.Complete && cell.Eligible == c.Size
		}
		got = append(got, x)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cohorts (-known +computed):\n%s", diff)
	}
}

// Figures of the take-home set: totals, and the halves before and after the launch.
func TestTakehomeReferral(t *testing.T) {
	p := open(t, "takehome-referral")
	ctx := context.Background()
	for what, x := range map[string]struct {
		text string
		want int64
	}{
		"purchases":       {"SELECT count(*) FROM events", 97_341},
		"users":           {"SELECT count(DISTINCT person_id) FROM events", 18_809},
		"devices":         {"SELECT count(DISTINCT json_extract_string(properties, '$.device_id')) FROM events", 17_887},
		"shared devices":  {"SELECT count(*) FROM (SELECT json_extract_string(properties, '$.device_id') AS d FROM events GROUP BY d HAVING count(DISTINCT person_id) > 1)", 3988},
		"before":          {"SELECT count(*) FROM events WHERE occurred_at < TIMESTAMP '2015-10-31'", 47_341},
		"referred":        {"SELECT count(*) FROM events WHERE channel = 'referral'", 28_017},
		"referred before": {"SELECT count(*) FROM events WHERE channel = 'referral' AND occurred_at < TIMESTAMP '2015-10-31'", 0},
	} {
		if got := number(t, p, x.text); got != x.want {
			t.Errorf("%s: %d, want %d", what, got, x.want)
		}
	}
	for date, want := range map[string]int64{"2015-10-30": 200_639_600, "2015-11-27": 435_039_900} {
		r, err := asOf(t, p, date).Partners(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if r.Totals.RevenueMinor != want {
			t.Errorf("revenue up to %s: %d cents, want %d", date, r.Totals.RevenueMinor, want)
		}
	}
	a, err := p.Attribution(ctx, "referred")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, c := range a.Models[0].Credits {
		got[c.Key] = c.AcquisitionsMicro
	}
	// Days have no order within: all purchases of a user on a day are credited to the one with the
	// greatest id, so two fewer than the file marks.
	want := map[string]int64{}
	for channel, n := range tally(t, p, `SELECT last, count(*) FROM
		(SELECT arg_max(channel, event_id) OVER (PARTITION BY person_id, occurred_at) AS last FROM events) GROUP BY last ORDER BY last`) {
		want[channel] = n * 1_000_000
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("purchases by channel (-greatest id of the day +computed):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int64{"organic": 69_326_000_000, "referral": 28_015_000_000}, got); diff != "" {
		t.Errorf("purchases by channel (-what the README says +computed):\n%s", diff)
	}
}

// Figures of the landing-page test after dropping the contradictions.
func TestLandingPage(t *testing.T) {
	p := open(t, "ab-landing-page")
	r, err := p.Experiment(context.Background(), "landing")
	if err != nil {
		t.Fatal(err)
	}
	if n := number(t, p, "SELECT count(*) FROM exposures WHERE experiment = 'landing'"); n != 294_478-3893 {
		t.Errorf("%d views agree with their group, want %d", n, 294_478-3893)
	}
	if n := number(t, p, "SELECT count(*) FROM persons WHERE attributes IS NOT NULL"); n != 290_584 {
		t.Errorf("%d users have a country, want 290,584", n)
	}
	n := map[string]int64{}
	for _, a := range r.Arms {
		n[a.Variant] = a.N
	}
	if diff := cmp.Diff(map[string]int64{"control": 145_274, "treatment": 145_310}, n); diff != "" {
		t.Errorf("users (-known +computed):\n%s", diff)
	}
	m := r.Metrics[0]
	hits := map[string]string{}
	for _, a := range m.Arms {
		hits[a.Variant] = a.Value.Numerator.String()
	}
	if diff := cmp.Diff(map[string]string{"control": "17489", "treatment": "17264"}, hits); diff != "" {
		t.Errorf("conversions (-known +computed):\n%s", diff)
	}
	x := m.Comparisons[0]
	if effect := 17264.0/145310 - 17489.0/145274; x.Effect.Value == nil || math.Abs(*x.Effect.Value-effect) > 1e-12 {
		t.Errorf("effect %v, want %v", x.Effect.Value, effect)
	}
	// Write-ups of the course give z = 1.31 and a one-sided p of 0.905, so 0.19 on two sides.
	if x.PValue == nil || math.Abs(*x.PValue-0.19) > 0.001 {
		t.Errorf("p %v, want about 0.19", x.PValue)
	}
	if r.Verdict.Action == "ship" || r.SRM.PValue == nil || *r.SRM.PValue < 0.01 {
		t.Errorf("verdict %s with sample-ratio p %v", r.Verdict.Action, r.SRM.PValue)
	}
	contradictions(t, p)
}

// Totals of the ad groups: aggregates and computed costs, refused nothing.
func TestAdGroups(t *testing.T) {
	p := open(t, "ad-groups")
	r, err := p.Partners(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for what, x := range map[string][2]int64{
		"rows":        {number(t, p, "SELECT count(*) FROM aggregates"), 2115},
		"cost rows":   {number(t, p, "SELECT count(*) FROM costs"), 2115},
		"ad groups":   {int64(len(r.Partners)), 40},
		"shown":       {number(t, p, "SELECT CAST(sum(impressions) AS BIGINT) FROM aggregates"), 144_454_171},
		"clicked":     {number(t, p, "SELECT CAST(sum(clicks) AS BIGINT) FROM aggregates"), 6_463_603},
		"conversions": {int64(r.Totals.Acquisitions) / 1_000_000, 267_450},
		"cost":        {r.Totals.CostMinor, 1_198_876_764},
		"revenue":     {r.Totals.RevenueMinor, 415_918_470},
		"days":        {number(t, p, "SELECT count(DISTINCT day) FROM aggregates"), 53},
		"missing":     {number(t, p, "SELECT count(DISTINCT day) * count(DISTINCT partner_id) - count(*) FROM aggregates"), 5},
		"losses":      {number(t, p, "SELECT count(*) FROM aggregates WHERE revenue_minor < 0"), 4},
	} {
		if x[0] != x[1] {
			t.Errorf("%s: %d, want %d", what, x[0], x[1])
		}
	}
	if want := 1_198_876_764.0 / 267_450; r.Totals.CPA.Value == nil || math.Abs(*r.Totals.CPA.Value-want) > 1e-6 {
		t.Errorf("cost per conversion %v cents, want %v", r.Totals.CPA.Value, want)
	}
}
