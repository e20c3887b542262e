package cohorts_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/cohorts"
	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/publicdata"
	"vouch/referral"
)

// The cohorts of the CDNOW customers, as recomputed in the README of the set: users and orders by
// month of first purchase, dollars in all and within 90 and 180 days, those days included.
func TestCompute_cdnow(t *testing.T) {
	path := filepath.Join(publicdata.Dir(t, "cdnow"), "cdnow_master.csv.gz")
	scope := referral.Scope{
		AsOf:     time.Date(1998, 7, 1, 0, 0, 0, 0, time.UTC),
		Calendar: referral.Calendar{Zone: time.UTC, WeekStart: time.Monday},
		Currency: "USD", MarginMicros: referral.MicroScale, Acquisition: "purchase", Confidence: 0.95,
	}
	purchase := "purchase"
	db := ingesttest.Load(t, nil, ingesttest.Scope(scope), ingesttest.Plan(func(p *ingest.Plan) {
		p.Sources = []ingest.Source{{
			Name: "orders", Kind: "events", Files: ingest.Files{Glob: path}, Unit: referral.UnitMajor,
			Map: map[string]ingest.Mapped{
				"person_id": {Column: "customer_id"}, "occurred_at": {Column: "date"},
				"event": {Const: &purchase}, "amount_minor": {Column: "dollars"},
			},
		}}
	}))
	def := cohorts.Definition{By: referral.Month, Age: referral.Day, Horizon: 600}
	res, err := cohorts.Compute(t.Context(), db, def, scope)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range res.Cohorts {
		var orders int64
		for _, cell := range c.Cells {
			orders += cell.Events
		}
		got = append(got, fmt.Sprintf("%s: %d users, %d orders, %d cents, %d by day 90, %d by day 180", c.Cohort, c.Size, orders,
			c.Cells[len(c.Cells)-1].CumulativeMinor, c.Cells[90].CumulativeMinor, c.Cells[180].CumulativeMinor))
	}
	want := []string{
		"1997-01: 7846 users, 24351 orders, 88715756 cents, 43429560 by day 90, 53669269 by day 180",
		"1997-02: 8476 users, 24894 orders, 88661181 cents, 45167652 by day 90, 56503307 by day 180",
		"1997-03: 7248 users, 20414 orders, 72654626 cents, 37927763 by day 90, 47570898 by day 180",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-README +computed):\n%s", diff)
	}
}
