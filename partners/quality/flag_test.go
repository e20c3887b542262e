package quality_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/partners/quality"
	"vouch/referral"
)

// flags runs Flag and returns the table as text, a row a line, and the findings.
func flags(t *testing.T, db *duckdb.DB, scope referral.Scope) (rows, findings []string) {
	t.Helper()
	found, err := quality.Flag(t.Context(), db, scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		findings = append(findings, f.Subject+": "+f.Detail)
	}
	st := sqltext.Raw("flags", "SELECT subject_kind, subject, kind, evidence, since FROM flags ORDER BY kind, subject, since")
	rows, err = engine.Collect(t.Context(), db, st, func(r *sql.Rows) (string, error) {
		var kind, subject, flag, evidence string
		var since time.Time
		err := r.Scan(&kind, &subject, &flag, &evidence, &since)
		return fmt.Sprintf("%s %s %s %s %s", kind, subject, flag, evidence, since.Format("2006-01-02T15:04")), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, findings
}

const graph = `event_id,person_id,event,occurred_at,referrer_id
1,a,signed_up,2026-03-01T08:00:00Z,b
2,b,signed_up,2026-03-02T08:00:00Z,a
3,"x""1",signed_up,2026-03-01T08:00:00Z,y
4,y,signed_up,2026-03-01T09:00:00Z,z
5,z,signed_up,2026-03-04T08:00:00Z,"x""1"
6,root,signed_up,2026-03-01T08:00:00Z,
7,leaf,signed_up,2026-03-02T08:00:00Z,root
8,self,signed_up,2026-03-02T08:00:00Z,self
`

func TestFlag_ringsAndSelfReferrals(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, map[string]string{"events.csv": graph}, ingesttest.Scope(scope))
	rows, findings := flags(t, db, scope)
	want := []string{
		`person a ring {"members":["a","b"]} 2026-03-02T08:00`,
		`person b ring {"members":["b","a"]} 2026-03-02T08:00`,
		`person x"1 ring {"members":["x\"1","y","z"]} 2026-03-04T08:00`,
		`person y ring {"members":["y","z","x\"1"]} 2026-03-04T08:00`,
		`person z ring {"members":["z","x\"1","y"]} 2026-03-04T08:00`,
		`person self self_referral {"events":1} 2026-03-02T08:00`,
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ring: 5 are flagged; `vouch check --rows` lists them with the evidence", "self_referral: 1 is flagged; `vouch check --rows` lists it with the evidence"}, findings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Before the third member came there was no ring of three; flagging again replaces the table.
	scope.AsOf = time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)
	rows, _ = flags(t, db, scope)
	if len(rows) != 3 || strings.Contains(strings.Join(rows, "\n"), "x\"1") {
		t.Errorf("before the ring of three closed: %q", rows)
	}
}

func TestFlag_bots(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, map[string]string{
		"events.csv":  "event_id,person_id,event,occurred_at\n1,a,signed_up,2026-03-01\n2,a,purchase,2026-03-02\n3,b,signed_up,2026-03-01\n",
		"persons.csv": "person_id,flags\na,bot\n",
	}, ingesttest.Scope(scope))
	rows, _ := flags(t, db, scope)
	if diff := cmp.Diff([]string{`person a bot {"events":2} 2026-03-01T00:00`}, rows); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// signupsOn writes n sign-ups of a partner on each of the days.
func signupsOn(perDay map[string][]int) string {
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,partner_id\n")
	id := 0
	for _, partner := range []string{"busy", "calm", "new"} {
		for day, n := range perDay[partner] {
			for range n {
				id++
				fmt.Fprintf(&b, "%d,p%d,signed_up,%s,%s\n", id, id, time.Date(2026, 3, 1+day, 12, 0, 0, 0, time.UTC).Format(time.RFC3339), partner)
			}
		}
	}
	return b.String()
}

// 25 sign-ups on a day of a partner that has two on the others: P(X ≥ 25 | 2) is 5·10⁻²⁰. Twelve
// where ten are usual are nothing, and a partner with a single day has no history to be judged by.
func TestFlag_bursts(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, map[string]string{"events.csv": signupsOn(map[string][]int{
		"calm": {2, 2, 2, 25, 2, 2, 2}, "busy": {10, 11, 9, 12, 10}, "new": {0, 0, 40},
	})}, ingesttest.Scope(scope))
	rows, _ := flags(t, db, scope)
	if len(rows) != 1 || !strings.HasPrefix(rows[0], `partner calm burst {"day":"2026-03-04","signups":25,"expected":2,"p":`) {
		t.Errorf("flags %q", rows)
	}
}

func TestFlag_nothing(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, nil, ingesttest.Scope(scope))
	if rows, findings := flags(t, db, scope); len(rows)+len(findings) != 0 {
		t.Errorf("flags %q and findings %q without data", rows, findings)
	}
}
