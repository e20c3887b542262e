package experiments

import (
	"path/filepath"
	"testing"

	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/publicdata"
	"vouch/referral"
)

// TestCompute_landingPage reproduces the known reading of a public landing-page test with 294,478 rows:
// 3,893 rows whose group and page disagree are dropped by the source, first row per user counts, control
// 17,489 of 145,274, treatment 17,264 of 145,310, two-sided p about 0.19.
func TestCompute_landingPage(t *testing.T) {
	dir := publicdata.Dir(t, "ab-landing-page")
	file := map[string]string{"ab": filepath.Join(dir, "ab_data.csv.gz")}
	const agree = ` FROM ab WHERE ("group" = 'control') = (landing_page = 'old_page')`
	plan := ingest.Plan{
		Root: t.TempDir(), Scope: ingesttest.DefaultScope(),
		Sources: []ingest.Source{
			{
				Name: "visits", Kind: "exposures", Files: ingest.Files{Named: file},
				SQL: `SELECT 'landing' AS experiment, user_id AS unit_id, "group" AS variant, "timestamp" AS exposed_at` + agree,
			},
			{
				Name: "conversions", Kind: "events", Files: ingest.Files{Named: file},
				SQL: `SELECT user_id AS person_id, 'convert' AS event, "timestamp" AS occurred_at` + agree + ` AND CAST(converted AS VARCHAR) = '1'`,
			},
		},
	}
	dirs, err := ingest.Dirs(plan)
	if err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.Open(t.Context(), duckdb.Options{AllowedDirs: dirs, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := ingest.Load(t.Context(), db, plan); err != nil {
		t.Fatal(err)
	}
	control, weights := even("control", "treatment")
	res := compute(t, db, Definition{
		Name: "landing", Control: control, Weights: weights,
		Metrics: []Metric{{Name: "converted", Kind: KindProportion, Event: "convert", Role: RolePrimary}},
	}, ingesttest.DefaultScope())
	m := res.Metrics[0]
	for i, want := range []string{"17489/145274", "17264/145310"} {
		if got := string(*m.Arms[i].Value.Numerator) + "/" + string(*m.Arms[i].Value.Denominator); got != want {
			t.Errorf("%s: %s, want %s", m.Arms[i].Variant, got, want)
		}
	}
	// The 294,478 rows less 3,893 mismatches are 290,585 exposures of 290,584 users, of whom only those who converted have an event.
	if res.Hygiene != (Hygiene{Exposures: 290_585, UnknownUnits: 290_584 - 17_489 - 17_264}) {
		t.Errorf("%+v", res.Hygiene)
	}
	c := m.Comparisons[0]
	if *c.PValue < 0.189 || *c.PValue > 0.191 || *res.SRM.PValue < 0.9 || res.Verdict.Action != ActionHold || c.Effect.Confidence != 0.95 {
		t.Errorf("p %v, sample ratio p %v, %+v", *c.PValue, *res.SRM.PValue, res.Verdict)
	}
	if res.From != "2017-01-02" || res.To != "2017-01-24" || res.Currency != "EUR" || c.Lift.Reason != "" || referral.SortFindings(res.Findings) == nil {
		t.Errorf("%s to %s, lift %+v, findings %v", res.From, res.To, c.Lift, res.Findings)
	}
}
