package ingest

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"vouch/internal/sqltext"
	"vouch/referral"
)

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
