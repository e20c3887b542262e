package partners_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/publicdata"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
)

func utcScope(asOf time.Time) referral.Scope {
	return referral.Scope{
		AsOf: asOf, Calendar: referral.Calendar{Zone: time.UTC, WeekStart: time.Monday},
		Currency: "USD", MarginMicros: referral.MicroScale, Acquisition: "purchase", Confidence: 0.95,
	}
}

// The sums of the ad groups are those of the README of the set; four days of negative revenue are
// counted and named.
func TestCompute_adGroups(t *testing.T) {
	path := filepath.Join(publicdata.Dir(t, "ad-groups"), "ad_table.csv.gz")
	scope := utcScope(time.Date(2016, 1, 1, 0, 0, 0, 0, time.UTC))
	db := ingesttest.Load(t, nil, ingesttest.Scope(scope), ingesttest.Plan(func(p *ingest.Plan) {
		ads := ingest.Files{Named: map[string]string{"ads": path}}
		p.Sources = []ingest.Source{
			{Name: "results", Kind: "aggregates", Files: ads, Unit: referral.UnitMajor, Time: "%m/%d/%y", SQL: `
				SELECT ad AS partner_id, "date" AS day, shown AS impressions, clicked AS clicks, converted AS conversions, total_revenue AS revenue_minor FROM ads`},
			{Name: "spend", Kind: "costs", Files: ads, Unit: referral.UnitMajor, Time: "%m/%d/%y", SQL: `
				SELECT ad AS partner_id, "date" AS day, 'co_marketing' AS kind,
				       CAST(clicked AS DECIMAL(18,0)) * CAST(avg_cost_per_click AS DECIMAL(18,2)) AS amount_minor FROM ads`},
		}
	}))
	res, err := partners.Compute(t.Context(), db, scope, attribution.LastTouch)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := sumsOf(res.Totals), (sums{0, 267_450 * 1_000_000, 1_198_876_764, 415_918_470}); got != want {
		t.Errorf("totals %+v, README %+v", got, want)
	}
	if len(res.Partners) != 40 {
		t.Errorf("%d rows for 40 ad groups", len(res.Partners))
	}
	negative := 0
	for _, f := range res.Findings {
		if f.Code == "negative-revenue-day" {
			negative++
		}
	}
	if negative == 0 {
		t.Error("no finding on the negative days")
	}
	// The set as a whole earns a third of what it costs, so no reading of it says grow.
	for _, r := range res.Partners {
		if r.Action == partners.Grow && (r.ROI.Lo == nil || *r.ROI.Lo <= 0) {
			t.Errorf("%s: grow at a return of %s", r.PartnerID, show(r.ROI))
		}
	}
}

// Revenue before and after the launch of the programme on 2015-10-31, as in the README of the set.
func TestCompute_takehomeReferral(t *testing.T) {
	path := filepath.Join(publicdata.Dir(t, "takehome-referral"), "referral.csv.gz")
	launch := time.Date(2015, 10, 31, 0, 0, 0, 0, time.UTC)
	scope := utcScope(time.Date(2015, 12, 1, 0, 0, 0, 0, time.UTC))
	purchase := "purchase"
	db := ingesttest.Load(t, nil, ingesttest.Scope(scope), ingesttest.Plan(func(p *ingest.Plan) {
		p.Sources = []ingest.Source{{
			Name: "purchases", Kind: "events", Files: ingest.Files{Glob: path}, Unit: referral.UnitMajor,
			Map: map[string]ingest.Mapped{
				"person_id": {Column: "user_id"}, "occurred_at": {Column: "date"}, "event": {Const: &purchase},
				"amount_minor": {Column: "money_spent"}, "channel": {Column: "is_referral", Values: map[string]string{"1": "referral", "0": "organic"}},
			},
		}}
	}))
	revenue := map[string]int64{}
	for name, asOf := range map[string]time.Time{"before": launch, "in all": scope.AsOf} {
		at := scope
		at.AsOf = asOf
		if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
			t.Fatal(err)
		}
		res, err := partners.Compute(t.Context(), db, at, attribution.LastTouch)
		if err != nil {
			t.Fatal(err)
		}
		revenue[name] = res.Totals.RevenueMinor
		if name == "in all" && res.Totals.Acquisitions != 18_809*1_000_000 {
			t.Errorf("%d millionths of a customer, README 18,809 customers", res.Totals.Acquisitions)
		}
	}
	want := map[string]int64{"before": 200_639_600, "in all": 200_639_600 + 234_400_300}
	if diff := cmp.Diff(want, revenue); diff != "" {
		t.Errorf("(-README +computed):\n%s", diff)
	}
	// Each purchase touches itself, so none is left without credit. How much each channel gets cannot be
	// checked: on 703 days a user bought by both, and nobody knows in which order.
	res, err := attribution.Compute(t.Context(), db, attribution.Definition{
		Conversion: "purchase", Touches: []string{"purchase"}, Window: 1, Model: attribution.Last, By: "channel",
	}, scope)
	if err != nil {
		t.Fatal(err)
	}
	if res.Conversions != 97_341 || res.Touched != res.Conversions || res.ValueMinor != want["in all"] {
		t.Errorf("%d conversions worth %d, README 97,341 and $4,350,399", res.Conversions, res.ValueMinor)
	}
}
