package quality_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/sqltext"
	"vouch/partners/quality"
	"vouch/referral"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The golden text is for reviewers; what it computes is checked against loops over raw rows.
func TestStatements_golden(t *testing.T) {
	scope := referral.Scope{
		AsOf:     time.Date(2026, 11, 16, 23, 0, 0, 0, time.UTC),
		Calendar: referral.Calendar{Zone: time.UTC, WeekStart: time.Sunday},
		Currency: "EUR", MarginMicros: 800_000, Acquisition: "purchase", Confidence: 0.95,
	}
	for _, d := range []sqltext.Dialect{sqltext.DuckDB{}, sqltext.Trino{}} {
		for name, list := range golden(t, d, scope) {
			var b strings.Builder
			for _, st := range list {
				if n := strings.Count(st.Text, "?"); n != len(st.Args) {
					t.Errorf("%s: %d placeholders, %d arguments", st.Name, n, len(st.Args))
				}
				fmt.Fprintf(&b, "-- %s\n%s\n-- arguments: %v\n\n", st.Name, strings.TrimSpace(st.Text), st.Args)
			}
			path := filepath.Join("testdata", "sql", name+"."+d.Name()+".sql")
			if *update {
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
	}
}

func golden(t *testing.T, d sqltext.Dialect, scope referral.Scope) map[string][]sqltext.Stmt {
	t.Helper()
	list, err := quality.Statements(d, scope)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]sqltext.Stmt{"flags": list}
}
