package attribution_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/publicdata"
	"vouch/partners/attribution"
	"vouch/referral"
)

// padded is a copy of a ragged file in which every line has the header's number of fields; a load
// refuses the original.
func padded(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, l := range lines {
		lines[i] = l + strings.Repeat(",", strings.Count(lines[0], ",")-strings.Count(l, ","))
	}
	out := filepath.Join(t.TempDir(), "sessions.csv")
	if err := os.WriteFile(out, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

// The credit of the sessions in dbt's attribution playbook, in points and revenue by source, as
// recomputed in the README of the set: a window of 30 days, sessions without a source are direct.
func TestCompute_attributionPlaybook(t *testing.T) {
	scope := ingesttest.DefaultScope()
	scope.Currency = "USD"
	db := ingesttest.Load(t, nil, ingesttest.Scope(scope), ingesttest.Plan(func(p *ingest.Plan) {
		sessions := ingest.Files{Named: map[string]string{"s": padded(t, filepath.Join(publicdata.Dir(t, "dbt-attribution-playbook"), "sessions.csv.gz"))}}
		sales := ingest.Files{Named: map[string]string{"c": filepath.Join(publicdata.Dir(t, "dbt-attribution-playbook"), "customer_conversions.csv.gz")}}
		p.Sources = []ingest.Source{
			{Name: "sessions", Kind: "events", Files: sessions, SQL: `SELECT session_id AS event_id, customer_id AS person_id, 'session' AS event,
				started_at AS occurred_at, coalesce(nullif(utm_source, ''), 'direct') AS channel FROM s`},
			{Name: "sales", Kind: "events", Files: sales, Unit: referral.UnitMajor, SQL: `SELECT customer_id AS person_id, 'purchase' AS event,
				converted_at AS occurred_at, revenue AS amount_minor FROM c`},
		}
	}))
	res, err := attribution.Compute(t.Context(), db, attribution.Definition{
		Conversion: "purchase", Touches: []string{"session"}, Window: 30 * referral.DayLen, By: "channel",
	}, scope)
	if err != nil {
		t.Fatal(err)
	}
	// By source in order of name, points then dollars. Dollars may differ by cents, because each
	// conversion is split to the cent.
	for model, want := range map[string][2][]float64{
		"first":    {{1, 0, 11, 7, 2}, {10, 0, 140, 95, 30}},
		"last":     {{1, 2, 11, 4, 3}, {15, 25, 145, 50, 40}},
		"linear":   {{1.3690, .4762, 10.9762, 5.3929, 2.7857}, {19.11, 6.43, 141.43, 70.18, 37.86}},
		"position": {{1.24, .80, 10.94, 5.44, 2.58}, {16.40, 10.00, 141.40, 71.40, 35.80}},
	} {
		i := slices.IndexFunc(res.Models, func(m attribution.Model) bool { return m.Name == model })
		var points, dollars []float64
		for _, c := range res.Models[i].Credits {
			points = append(points, float64(c.AcquisitionsMicro)/1e6)
			dollars = append(dollars, float64(c.ValueMinor)/100)
		}
		if diff := gocmp.Diff(want[0], points, cmpopts.EquateApprox(0, 5.1e-5)); diff != "" {
			t.Errorf("%s, points (-README +computed):\n%s", model, diff)
		}
		if diff := gocmp.Diff(want[1], dollars, cmpopts.EquateApprox(0, 0.02)); diff != "" {
			t.Errorf("%s, dollars (-README +computed):\n%s", model, diff)
		}
	}
	if res.Conversions != 21 || res.ValueMinor != 27_500 {
		t.Errorf("%d conversions worth %d, README 21 worth 275", res.Conversions, res.ValueMinor)
	}
}
