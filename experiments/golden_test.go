package experiments

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/internal/sqltext"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The golden text is for reviewers; what it computes is checked against loops over raw rows.
func TestStatements_golden(t *testing.T) {
	summary := rewardDefinition("none", "ten")
	summary.Source = SourceSummary
	household := fullDefinition("attribute.household")
	household.Strata, household.Cuped.Before = StrataExposure, 14*referral.DayLen
	filtered := oracleDefinition(UnitReferrer)
	filtered.Metrics[0].Where = map[string]json.RawMessage{"partner_id": []byte(`"acme"`)}
	for name, def := range map[string]Definition{"person": rewardDefinition("none", "ten"), "referrer": filtered, "partner": oracleDefinition(UnitPartner), "summary": summary, "household": household} {
		for _, d := range []sqltext.Dialect{sqltext.DuckDB{}, sqltext.Trino{}} {
			st, err := Statements(d, def, testScope())
			if err != nil {
				t.Fatal(err)
			}
			var parts []string
			for _, s := range st {
				if n := strings.Count(s.Text, "?"); n != len(s.Args) {
					t.Errorf("%s: %d placeholders, %d arguments", name, n, len(s.Args))
				}
				parts = append(parts, fmt.Sprintf("-- %s\n%s\n-- arguments: %v\n", s.Name, strings.TrimSpace(s.Text), s.Args))
			}
			got := strings.Join(parts, "\n")
			path := filepath.Join("testdata", "sql", name+"."+d.Name()+".sql")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
	}
}
