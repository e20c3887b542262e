package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/internal/engine/duckdb"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
	"vouch/referral"
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
		schema.Persons, schema.Acquisitions, schema.Quarantine, schema.Manifest, schema.Meta,
	} {
		if n := p.rows("SELECT count(*) FROM information_schema.tables WHERE table_name = ?", name); n[0] != "1" {
			t.Errorf("there is no %s", name)
		}
	}
}

func TestLoad_secondTimeIsANoOp(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents, "partners.csv": "partner_id\nacme\n"}, csvSource("events"), csvSource("partners"))
	p.mustLoad()
	state := p.state()
	r := p.mustLoad()
	if r.Changed || r.Sources[0].Skipped != 1 || r.Sources[0].Rows != 0 || r.Sources[1].Skipped != 1 || r.Events != 3 {
		t.Errorf("second report %+v", r)
	}
	if after := p.state(); !maps.Equal(state, after) {
		t.Errorf("the second load changed the database")
	}
}

func TestLoad_settingsRebuildWhatDependsOnThem(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": "event_id,person_id,event,occurred_at\ne1,ann,signed_up,2026-01-01T23:30:00Z\n"}, csvSource("events"))
	p.mustLoad()
	p.expect("SELECT day FROM event_facts", "2026-01-01T00:00:00")
	p.plan.Scope.Acquisition = "signed_up"
	if r := p.mustLoad(); !r.Changed {
		t.Error("another acquisition event changed nothing")
	}
	p.expect("SELECT acquired_day FROM persons", "2026-01-01T00:00:00")
	p.plan.Scope.Calendar.Zone = zoneOf(t, "Europe/Berlin")
	p.mustLoad()
	p.expect("SELECT day FROM event_facts", "2026-01-02T00:00:00")
	p.expect("SELECT acquired_day FROM persons", "2026-01-02T00:00:00")
	p.expect("SELECT count(*) FROM load_manifest", "1")
}

// A later file is added, and the tables are those of one load of both.
func TestLoad_lateFile(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "data/*.csv"}}
	one := events("e1,ann,purchase,2026-01-01T00:00:00Z,100,EUR", "e3,bob,invite_sent,2026-01-05T00:00:00Z,,")
	two := events("e2,ann,purchase,2025-12-01T00:00:00Z,200,EUR", "e4,aaron,used,2026-01-03T00:00:00Z,,")
	late := newProject(t, map[string]string{"data/1.csv": one}, glob)
	late.mustLoad()
	late.expect("SELECT acquired_at FROM persons WHERE person_id = 'ann'", "2026-01-01T00:00:00")
	late.write(map[string]string{"data/2.csv": two})
	r := late.mustLoad()
	if s := r.Sources[0]; s.Files != 1 || s.Skipped != 1 || s.Rows != 2 || s.Accepted != 2 {
		t.Errorf("report %+v", s)
	}
	late.expect("SELECT acquired_at FROM persons WHERE person_id = 'ann'", "2025-12-01T00:00:00")
	late.expect("SELECT person_id FROM persons ORDER BY person_key", "aaron", "ann", "bob")
	both := newProject(t, map[string]string{"data/1.csv": one, "data/2.csv": two}, glob)
	both.mustLoad()
	if a, b := late.content(), both.content(); !maps.Equal(a, b) {
		t.Errorf("loaded one after the other %v\nat once %v", a, b)
	}
}

func TestLoad_changedFileReplacesItsRows(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "*.csv"}}
	p := newProject(t, map[string]string{
		"a.csv": events("e1,ann,purchase,2026-01-01,100,EUR", "e2,bob,purchase,2026-01-01,100,EUR"),
		"b.csv": events("e9,zoe,purchase,2026-01-01,100,EUR"),
	}, glob)
	p.mustLoad()
	p.write(map[string]string{"a.csv": events("e1,ann,purchase,2026-01-01,777,EUR")})
	p.mustLoad()
	p.expect("SELECT event_id, amount_minor FROM events ORDER BY event_id", "e1|777", "e9|100")
	p.expect("SELECT person_id FROM persons ORDER BY person_key", "ann", "zoe")
	p.expect("SELECT file, rows, batch_id FROM load_manifest ORDER BY file", "a.csv|1|3", "b.csv|1|2")
	p.expect("SELECT count(*) FROM event_excluded", "0")
}

func TestLoad_changedMappingReadsTheSourceAnew(t *testing.T) {
	src := csvSource("events")
	p := newProject(t, map[string]string{"events.csv": "event_id,person_id,event,occurred_at,sum\ne1,ann,purchase,2026-01-01,1.50\n"}, src)
	p.mustLoad()
	p.expect("SELECT amount_minor, properties FROM events", `∅|{"sum":"1.50"}`)
	p.plan.Sources[0].Map = map[string]Mapped{"amount_minor": {Column: "sum"}}
	p.mustLoad()
	p.expect("SELECT amount_minor, properties FROM events", "150|∅")
	p.expect("SELECT count(*) FROM load_manifest", "1")

	p.remove("events.csv")
	p.plan.Sources[0].Unit = referral.UnitMinor
	p.plan.Sources[0].Optional = true
	r := p.refusal()
	checkRejection(t, r.Problems[0], Rejection{Source: "events", File: "events.csv", Code: CodeFileGone, Hint: "put it back"})
	p.expect("SELECT amount_minor FROM events", "150")
}

func TestLoad_fileThatGoesAwayStaysLoaded(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "data/*.csv"}}
	p := newProject(t, map[string]string{"data/1.csv": events("e1,ann,purchase,2026-01-01,1,EUR"), "data/2.csv": events("e2,ann,purchase,2026-01-01,1,EUR")}, glob)
	p.mustLoad()
	p.remove("data/1.csv")
	if r := p.mustLoad(); r.Changed {
		t.Error("an archived file changed the tables")
	}
	p.expect("SELECT count(*) FROM event_facts", "2")
}

func TestLoad_removedSourceTakesItsRows(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents, "costs.csv": "partner_id,day,kind,amount_minor\nacme,2026-01-01,fixed,100\n"}, csvSource("events"), csvSource("costs"))
	p.mustLoad()
	p.plan.Sources = p.plan.Sources[:1]
	r := p.mustLoad()
	if len(r.Findings) != 1 || r.Findings[0].Code != "source-removed" || r.Findings[0].Subject != "costs" {
		t.Errorf("findings %+v", r.Findings)
	}
	p.expect("SELECT count(*) FROM costs", "0")
}

func TestLoad_onlyOneSource(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents, "costs.csv": "partner_id,day,kind,amount_minor\nacme,2026-01-01,fixed,100\n"}, csvSource("events"), csvSource("costs"))
	p.plan.Only = "events"
	r := p.mustLoad()
	if len(r.Sources) != 1 {
		t.Errorf("%d sources reported", len(r.Sources))
	}
	p.expect("SELECT count(*) FROM costs", "0")
	p.plan.Only = "costs"
	p.mustLoad()
	p.expect("SELECT count(*) FROM event_facts", "3")
	p.expect("SELECT count(*) FROM costs", "1")
	p.plan.Only = "cost"
	_, err := p.load()
	var ps referral.Problems
	if !errors.As(err, &ps) || !strings.Contains(err.Error(), `did you mean "costs"?`) {
		t.Errorf("unknown source: %v", err)
	}
}

func TestLoad_columnThatEarlierFilesHad(t *testing.T) {
	glob := Source{Name: "events", Kind: "events", Files: Files{Glob: "data/*.csv"}}
	p := newProject(t, map[string]string{"data/1.csv": events("e1,ann,purchase,2026-01-01,100,EUR")}, glob)
	p.mustLoad()
	p.write(map[string]string{"data/2.csv": "event_id,person_id,event,occurred_at,currency\ne2,ann,purchase,2026-01-01,EUR\n"})
	state := p.state()
	checkRejection(t, p.refusal().Problems[0], Rejection{File: "data/2.csv", Column: "amount_minor", Code: CodeColumnChanged, Message: "lacks it", Hint: "source of its own"})
	if !maps.Equal(state, p.state()) {
		t.Error("the database changed")
	}
}

func TestLoad_typeThatChanges(t *testing.T) {
	dir := t.TempDir()
	db := memory(t, dir)
	for name, typ := range map[string]string{"1": "TIMESTAMP", "2": "VARCHAR"} {
		text := fmt.Sprintf("COPY (SELECT 'e%s' AS event_id, 'ann' AS person_id, 'used' AS event, CAST(TIMESTAMP '2026-01-01' AS %s) AS occurred_at) TO '%s/%s.parquet' (FORMAT parquet)", name, typ, dir, name)
		if err := db.Exec(t.Context(), sqltext.Raw("copy", text)); err != nil {
			t.Fatal(err)
		}
	}
	p := newProject(t, nil, Source{Name: "events", Kind: "events", Files: Files{Glob: dir + "/*.parquet"}})
	p.db = memory(t, dir, p.plan.Root)
	checkRejection(t, p.refusal().Problems[0], Rejection{Column: "occurred_at", Code: CodeColumnChanged, Message: "another type"})
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
	p.refusal()
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

// A database of a version with other tables is rebuilt from the files, all of them even when one
// source is asked for; nothing is lost if one of them is gone.
func TestLoad_outdatedDatabaseIsReadAnew(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents, "costs.csv": "partner_id,day,kind,amount_minor\nacme,2026-01-01,fixed,100\n"}, csvSource("events"), csvSource("costs"))
	p.mustLoad()
	content := p.content()
	age := func() {
		for _, text := range []string{"UPDATE meta SET value = '1' WHERE key = 'schema_version'", "UPDATE load_manifest SET mapping_sha256 = 'old'", "ALTER TABLE event_facts DROP COLUMN person_alias"} {
			if err := p.db.Exec(t.Context(), sqltext.Raw("test", text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	age()
	p.plan.Only = "costs"
	if r := p.mustLoad(); !r.Changed || r.Events != 3 {
		t.Errorf("report %+v", r)
	}
	if after := p.content(); !maps.Equal(content, after) {
		t.Errorf("rebuilt %v\nwant %v", after, content)
	}
	age()
	p.remove("costs.csv")
	p.plan.Sources[1].Optional = true
	checkRejection(t, p.refusal().Problems[0], Rejection{File: "costs.csv", Code: CodeFileGone})
}

func TestLoad_workingTablesAreDropped(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents, "partners.csv": "partner_id\nacme\n"}, csvSource("events"), csvSource("partners"))
	p.mustLoad()
	p.expect("SELECT table_name FROM duckdb_tables() WHERE temporary")
}

func TestDirs_namesFoldersOutsideTheProject(t *testing.T) {
	outside := t.TempDir()
	root := t.TempDir()
	p := Plan{Root: root, Getenv: func(k string) string { return map[string]string{"DATA": outside}[k] }, Sources: []Source{
		{Name: "a", Kind: "events", Files: Files{Glob: "data/*/x-*.csv"}},
		{Name: "b", Kind: "events", Files: Files{Glob: "${DATA}/20*/e.csv"}},
		{Name: "c", Kind: "events", Files: Files{Named: map[string]string{"x": outside + "/e.csv"}}, SQL: "SELECT 1"},
	}}
	dirs, err := Dirs(p)
	want := []string{root, outside}
	if err != nil || len(dirs) != 2 || !(dirs[0] == want[0] && dirs[1] == want[1] || dirs[0] == want[1] && dirs[1] == want[0]) {
		t.Errorf("%v, %v; want %v", dirs, err, want)
	}
	p.Getenv = nil
	if _, err := Dirs(p); err == nil || !strings.Contains(err.Error(), "DATA is not set") {
		t.Errorf("unset variable: %v", err)
	}
}

// A link that leads out of the project would let data choose what is read; the folder must be named.
func TestLoad_linkOutOfTheProject(t *testing.T) {
	p := newProject(t, nil, csvSource("events"))
	outside := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(outside, []byte(threeEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(p.plan.Root, "events.csv")); err != nil {
		t.Skip("no links here")
	}
	checkRejection(t, p.refusal().Problems[0], Rejection{File: "events.csv", Code: CodeUnreadable, Hint: "name the folder"})
	p.plan.Sources[0].Files.Glob = outside
	dirs, err := Dirs(p.plan)
	if err != nil {
		t.Fatal(err)
	}
	p.db = memory(t, dirs...)
	if r := p.mustLoad(); r.Sources[0].Rows != 3 {
		t.Errorf("report %+v", r)
	}
}

// A project reached through a link is a project like any other.
func TestLoad_projectBehindALink(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents}, csvSource("events"))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(p.plan.Root, link); err != nil {
		t.Skip("no links here")
	}
	p.plan.Root = link
	dirs, err := Dirs(p.plan)
	if err != nil {
		t.Fatal(err)
	}
	p.db = memory(t, dirs...)
	p.mustLoad()
	p.expect("SELECT file FROM load_manifest", "events.csv")
}
