package funnel_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/publicdata"
	"vouch/referral"
)

// TestCompute_takehomeFunnel counts a four-step web funnel of 90,400 visitors whose tables carry only
// the day: all steps of a visitor are tied. The published counts are those of the page tables (home
// 90,400, search 45,200, payment 6,030, confirmation 452; desktop and mobile apart).
func TestCompute_takehomeFunnel(t *testing.T) {
	dir := publicdata.Dir(t, "takehome-funnel")
	page := func(name string) string { return filepath.Join(dir, name+".csv.gz") }
	db := ingesttest.Load(t, nil, ingesttest.Plan(func(p *ingest.Plan) {
		p.Sources = append(p.Sources, ingest.Source{
			Name: "pages", Kind: "events",
			Files: ingest.Files{Named: map[string]string{
				"home": page("home_page_table"), "search": page("search_page_table"), "payment": page("payment_page_table"),
				"confirmation": page("payment_confirmation_table"), "users": page("user_table"),
			}},
			SQL: `SELECT user_id AS person_id, page AS event, "date" AS occurred_at, device AS channel
			      FROM (SELECT user_id, page FROM home UNION ALL SELECT user_id, page FROM search
			            UNION ALL SELECT user_id, page FROM payment UNION ALL SELECT user_id, page FROM confirmation)
			      JOIN users USING (user_id)`,
		})
	}))
	def := funnel.Definition{
		Name: "visit", Window: referral.DayLen, By: &funnel.Breakdown{Property: "channel", Attribution: "all"},
		Steps: []funnel.Step{{Name: "home_page"}, {Name: "search_page"}, {Name: "payment_page"}, {Name: "payment_confirmation_page"}},
	}
	res, err := funnel.Compute(t.Context(), db, def, ingesttest.DefaultScope())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]int64{"Desktop": {60_200, 30_100, 3_010, 150}, "Mobile": {30_200, 15_100, 3_020, 302}}
	if d := cmp.Diff(want, groups(res)); d != "" {
		t.Errorf("by device (-published +computed):\n%s", d)
	}
	if d := cmp.Diff([]int64{90_400, 45_200, 6_030, 452}, stepPersons(res.Steps)); d != "" {
		t.Errorf("all visitors (-published +computed):\n%s", d)
	}
	if res.From != "2015-01-01" || res.To != "2015-04-30" {
		t.Errorf("visits from %s to %s, want 2015-01-01 to 2015-04-30", res.From, res.To)
	}
	var entered int64
	for _, b := range res.Trend {
		entered += b.Entered
	}
	if entered != 90_400 {
		t.Errorf("%d visitors over all weeks, want 90,400: each has one day", entered)
	}
	// Every confirmed visitor is in the payment table, so nobody is lost by asking for payment first.
	for _, steps := range [][]funnel.Step{def.Steps[3:], def.Steps[2:]} {
		own, err := funnel.Counts(t.Context(), db, funnel.Definition{Name: "confirmed", Steps: steps}, ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		if n := own.Steps[len(steps)-1].Persons; n != 452 {
			t.Errorf("%d confirmed after %d steps, want 452", n, len(steps))
		}
	}
	// Nobody converts if times must increase, and the result says so.
	if len(res.Findings) == 0 || res.Findings[0].Code != "order-of-ties" {
		t.Errorf("no word about ties: %v", res.Findings)
	}
	def.Ties = "increasing"
	if res, err = funnel.Counts(t.Context(), db, def, ingesttest.DefaultScope()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{90_400, 0, 0, 0}, stepPersons(res.Steps)); d != "" {
		t.Errorf("with increasing times (-want +computed):\n%s", d)
	}
}
