package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"vouch/internal/engine/duckdb"
	"vouch/internal/schema"
)

const threeEvents = `event_id,person_id,event,occurred_at,referrer_id,partner_id,amount_minor,currency,note
e1,ann,invite_sent,2026-01-01T10:00:00Z,bob,acme,,,"a ""quoted"", note"
e2,ann,purchase,2026-01-02T10:00:00.5Z,,acme,1999,EUR,
e3,Çelik,purchase,2026-01-03T10:00:00+02:00,,,300,EUR,ü
`

func TestLoad_tablesOfTheContract(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents}, csvSource("events"))
	r := p.mustLoad()
	if !r.Changed || r.Events != 3 || r.Persons != 3 || len(r.Sources) != 1 || r.Sources[0].Accepted != 3 || r.Sources[0].Rows != 3 {
		t.Errorf("report %+v", r)
	}
	if got := strings.Join(r.Sources[0].Unknown, ","); got != "note" {
		t.Errorf("unknown columns %q", got)
	}
	p.expect("SELECT event_id, source, person_id, event, occurred_at, received_at, referrer_id, partner_id, amount_minor, currency, value_minor, properties FROM events ORDER BY event_id",
		`e1|events|ann|invite_sent|2026-01-01T10:00:00|2026-01-01T10:00:00|bob|acme|∅|∅|∅|{"note":"a \"quoted\", note"}`,
		`e2|events|ann|purchase|2026-01-02T10:00:00.5|2026-01-02T10:00:00.5|∅|acme|1999|EUR|1999|∅`,
		`e3|events|Çelik|purchase|2026-01-03T08:00:00|2026-01-03T08:00:00|∅|∅|300|EUR|300|{"note":"ü"}`)
	p.expect("SELECT person_key, person_id, first_seen, acquired_at, acquired_day, referrer_key, flags FROM persons ORDER BY person_key",
		"0|ann|2026-01-01T10:00:00|2026-01-02T10:00:00.5|2026-01-02T00:00:00|1|∅",
		"1|bob|∅|∅|∅|∅|∅",
		"2|Çelik|2026-01-03T08:00:00|2026-01-03T08:00:00|2026-01-03T00:00:00|∅|∅")
	p.expect("SELECT event_key, event, rows FROM event_names ORDER BY event_key", "0|invite_sent|1", "1|purchase|2")
	p.expect("SELECT partner_key, partner_id FROM partner_keys", "0|acme")
	p.expect("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'event_facts' ORDER BY ordinal_position",
		"person_key|INTEGER", "event_key|UTINYINT", "partner_key|SMALLINT", "occurred_at|TIMESTAMP", "received_at|TIMESTAMP", "day|DATE",
		"event_id|VARCHAR", "source|VARCHAR", "referrer_key|INTEGER", "referral_code|VARCHAR", "channel|VARCHAR", "campaign|VARCHAR", "order_id|VARCHAR",
		"amount_minor|BIGINT", "currency|VARCHAR", "value_minor|BIGINT", "status|VARCHAR", "properties|VARCHAR", "bucket|SMALLINT", "batch_id|INTEGER",
		"person_alias|INTEGER", "referrer_alias|INTEGER")
	p.expect("SELECT key, value FROM meta WHERE key IN ('timezone', 'currency', 'clustered') ORDER BY key", "clustered|true", "currency|EUR", "timezone|UTC")
}

// Every table of the contract exists after any load, with the columns the contract names.
func TestLoad_everyInputTableExists(t *testing.T) {
	p := newProject(t, nil)
	p.mustLoad()
	for _, table := range schema.Inputs() {
		name := target(table.Name)
		if name == stagedEvents {
			name = schema.Events
		}
		have := map[string]string{}
		for _, line := range p.rows("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ?", name) {
			n, typ, _ := strings.Cut(line, "|")
			have[n] = typ
		}
		for _, c := range table.Columns {
			if have[c.Name] != string(c.Type) {
				t.Errorf("%s.%s has type %q, want %q", name, c.Name, have[c.Name], c.Type)
			}
		}
	}
	for _, name := range []string{
		schema.EventFacts, schema.EventsExcluded, schema.Events, schema.EventsAll, schema.EventNames, schema.PartnerKeys,
		schema.Persons, schema.AcquisitionFacts, schema.Acquisitions, schema.Quarantine, schema.Manifest, schema.Meta,
	} {
		if n := p.rows("SELECT count(*) FROM information_schema.tables WHERE table_name = ?", name); n[0] != "1" {
			t.Errorf("there is no %s", name)
		}
	}
}

// Rows in another order give the same tables, byte for byte, except for the raw rows.
func TestLoad_orderOfRowsDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	header := "event_id,person_id,event,occurred_at,received_at,referrer_id,partner_id,amount_minor,currency\n"
	var rows []string
	for i := range 2000 {
		rows = append(rows, fmt.Sprintf("e%d,p%d,%s,2026-01-%02dT00:00:%02dZ,2026-02-01T00:00:00.%06dZ,p%d,a%d,%d,EUR",
			rng.IntN(1800), rng.IntN(50), []string{"purchase", "used", "refund"}[rng.IntN(3)], 1+rng.IntN(28), rng.IntN(3), i, rng.IntN(50), rng.IntN(5), rng.IntN(9999)))
	}
	first := newProject(t, map[string]string{"events.csv": header + strings.Join(rows, "\n") + "\n"}, csvSource("events"))
	r := first.mustLoad()
	if r.Excluded["duplicate"] == 0 || r.Excluded["self_referral"] == 0 || r.Events == 0 {
		t.Fatalf("the rows test too little: %+v", r)
	}
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	second := newProject(t, map[string]string{"events.csv": header + strings.Join(rows, "\n") + "\n"}, csvSource("events"))
	second.mustLoad()
	a, b := first.content(), second.content()
	delete(a, "meta") // holds the hash of the file, which differs
	delete(b, "meta")
	if !maps.Equal(a, b) {
		t.Errorf("in order %v\nshuffled %v", a, b)
	}
	// Facts lie in the order of the streams.
	out := first.rows(`SELECT count(*) FROM (SELECT (person_key, occurred_at, event_id) < lag((person_key, occurred_at, event_id)) OVER (ORDER BY rowid) AS back FROM event_facts) WHERE back`)
	if out[0] != "0" {
		t.Errorf("%s facts lie out of order", out[0])
	}
}

func TestLoad_dryRunShowsAndKeepsNothing(t *testing.T) {
	src := csvSource("events")
	src.Reject.Text = "all"
	p := newProject(t, map[string]string{"events.csv": events("e1,ann,purchase,2026-01-01,100,EUR", "e2,ann,purchase,never,100,EUR")}, src)
	state := p.state()
	p.plan.DryRun = true
	r := p.mustLoad()
	if !maps.Equal(state, p.state()) {
		t.Error("a dry run changed the database")
	}
	s := r.Sources[0]
	if !r.DryRun || len(s.Sample) != 1 || s.Columns[0] != "event_id" || *s.Sample[0][0] != "e1" || len(s.Rejects) != 1 || s.Rejects[0].Row != 2 {
		t.Errorf("report %+v", s)
	}
}

func TestLoad_fileDatabaseKeepsItsStateAfterARefusal(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents}, csvSource("events"))
	path := filepath.Join(p.plan.Root, ".vouch", "vouch.duckdb")
	open := func() {
		db, err := duckdb.Open(t.Context(), duckdb.Options{Path: path, AllowedDirs: []string{p.plan.Root}, Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		p.db = db
	}
	shut := func() {
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	open()
	p.mustLoad()
	state := p.state()
	shut()
	open()
	p.write(map[string]string{"events.csv": manyRows()})
	checkRejection(t, p.refusal().Problems[0], Rejection{File: "events.csv", Column: "referrer_id", Code: CodeColumnChanged})
	shut()
	open()
	defer shut()
	if !maps.Equal(state, p.state()) {
		t.Error("the file changed")
	}
}

func TestLoad_cancelledLeavesNothing(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents}, csvSource("events"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Load(ctx, p.db, p.plan); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if n := p.rows("SELECT count(*) FROM information_schema.tables"); n[0] != "0" {
		t.Errorf("%s tables", n[0])
	}
}

func TestLoad_workingTablesAreDropped(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents, "partners.csv": "partner_id\nacme\n"}, csvSource("events"), csvSource("partners"))
	p.mustLoad()
	p.expect("SELECT table_name FROM duckdb_tables() WHERE temporary")
}
