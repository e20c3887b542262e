package ingest_test

import (
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
)

// TestLoad_steps asks when the narrow copy is made and what it holds.
func TestLoad_steps(t *testing.T) {
	files := map[string]string{"events.csv": `event_id,person_id,event,occurred_at,partner_id,amount_minor
1,b,invite,2026-03-02T00:00:00Z,x,
2,a,view,2026-03-01T00:00:00Z,,
3,a,invite,2026-03-01T01:00:00Z,y,
4,a,purchase,2026-03-01T02:00:00Z,y,900
5,b,view,2026-03-02T01:00:00Z,,
6,b,view,2026-03-02T02:00:00Z,,
`}
	for _, c := range []struct {
		name  string
		steps []string
		want  []string
	}{
		{"half of all", []string{"invite", "purchase", "never"}, []string{"0 2026-03-01 01:00:00 invite y", "0 2026-03-01 02:00:00 purchase y 900", "1 2026-03-02 00:00:00 invite x"}},
		{"most of all", []string{"invite", "view"}, nil},
		{"none", nil, nil},
	} {
		db := ingesttest.Load(t, files, ingesttest.Plan(func(p *ingest.Plan) { p.Steps = c.steps }))
		if got := copied(t, db); !cmp.Equal(c.want, got) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// copied lists the rows of step_facts as they lie, nil if there is no such table or meta does not name it.
func copied(t *testing.T, db engine.DB) []string {
	t.Helper()
	var tables, noted int64
	st := sqltext.Raw("exists", "SELECT count(*), (SELECT count(*) FROM meta WHERE key = 'step_keys') FROM duckdb_tables() WHERE table_name = 'step_facts'")
	if err := engine.One(t.Context(), db, st, &tables, &noted); err != nil {
		t.Fatal(err)
	}
	if tables != noted {
		t.Fatalf("%d tables, noted %d times", tables, noted)
	}
	if tables == 0 {
		return nil
	}
	rows, err := engine.Collect(t.Context(), db, sqltext.Raw("rows", `SELECT concat_ws(' ', f.person_key, f.occurred_at, n.event, k.partner_id, f.value_minor)
FROM step_facts AS f JOIN event_names AS n USING (event_key) LEFT JOIN partner_keys AS k USING (partner_key) ORDER BY f.rowid`), func(r *sql.Rows) (v string, err error) {
		err = r.Scan(&v)
		return v, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
