package ingest

import (
	"encoding/json"
	"strings"
	"testing"

	"vouch/referral"
)

func TestMapping_valuesConstantsAndNulls(t *testing.T) {
	src := Source{
		Name: "deals", Kind: "events", Files: Files{Glob: "deals.csv"}, Delimiter: ";", Null: []string{"NA", "-"},
		Time: "%d.%m.%Y %H:%M", Zone: "Europe/Berlin",
		Map: map[string]Mapped{
			"person_id": {Column: "Kunde"}, "event": {Const: text1("won")}, "occurred_at": {Column: "Datum"},
			"amount_minor": {Column: "Betrag"}, "channel": {Column: "Quelle", Values: map[string]string{"PS": "paid_search", "X": ""}},
			"campaign": {Column: "Quelle"}, "received_at": {Column: "Eingang", Time: "unix_ms"},
		},
	}
	p := newProject(t, map[string]string{"deals.csv": "Kunde;Datum;Betrag;Quelle;Eingang;partner_id;Rest\nann;01.07.2026 12:00;12.50;PS;1782993600000;acme;NA\nbob;01.01.2026 12:00;NA;X;-;-;o'x\ncid;01.01.2026 12:00;;Z;;;\n"}, src)
	r := p.mustLoad()
	p.expect("SELECT person_id, event, occurred_at, amount_minor, currency, channel, campaign, received_at, partner_id, properties FROM events ORDER BY person_id",
		`ann|won|2026-07-01T10:00:00|1250|EUR|paid_search|PS|2026-07-02T12:00:00|acme|{"Rest":"NA"}`,
		`bob|won|2026-01-01T11:00:00|∅|∅|∅|X|2026-01-01T11:00:00|∅|{"Rest":"o'x"}`,
		`cid|won|2026-01-01T11:00:00|∅|∅|Z|Z|2026-01-01T11:00:00|∅|∅`)
	if got := strings.Join(r.Sources[0].Unknown, ","); got != "Rest" {
		t.Errorf("unknown %q", got)
	}
}

// Names and values that would break out of quotes stay names and values.
func TestMapping_hostileNames(t *testing.T) {
	src := Source{
		Name: `o'so"urce`, Kind: "events", Files: Files{Glob: "it's.csv"}, Null: []string{"');--"},
		Map: map[string]Mapped{
			"person_id": {Column: `per"son`}, "event": {Column: "e'v", Values: map[string]string{"it's": `"won"'`}}, "occurred_at": {Column: "at"},
			"status": {Const: text1("'; DROP TABLE meta; --")},
		},
	}
	p := newProject(t, map[string]string{"it's.csv": "\"per\"\"son\",e'v,at,\"a\"\"b'c\"\nann,it's,2026-01-01,');--\n"}, src)
	p.mustLoad()
	p.expect("SELECT source, person_id, event, status, properties FROM events", `o'so"urce|ann|"won"'|'; DROP TABLE meta; --|{"a\"b'c":"');--"}`)
}

func TestMapping_propertiesAreMerged(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": "event_id,person_id,event,occurred_at,properties,zz,aa\n" +
		`e1,ann,used,2026-01-01,"{""b"":1,""aa"":""old""}",2,new` + "\n" + `e2,ann,used,2026-01-01,"{""b"":1}",,` + "\n" + `e3,ann,used,2026-01-01,,,x` + "\n"}, csvSource("events"))
	p.mustLoad()
	p.expect("SELECT event_id, properties FROM events ORDER BY event_id", `e1|{"b":1,"aa":"new","zz":"2"}`, `e2|{"b":1}`, `e3|{"aa":"x"}`)
	p.write(map[string]string{"events.csv": "event_id,person_id,event,occurred_at,properties\ne1,ann,used,2026-01-01,[1]\n"})
	checkRejection(t, p.refusal().Problems[0], Rejection{Row: 1, Column: "properties", Code: CodeJSON, Raw: "[1]"})
}

func TestSQL_joinsFiles(t *testing.T) {
	src := Source{
		Name: "deals", Kind: "events", Files: Files{Named: map[string]string{"won": "won.csv", "leads": "leads/*.ndjson"}},
		SQL: "-- deals with the origin of their lead;\nWITH l AS (SELECT id, origin FROM leads)\nSELECT won.lead AS person_id, 'won' AS event, CAST(won.at AS TIMESTAMP) AS occurred_at, l.origin AS channel, TRY_CAST(won.sum AS DECIMAL(18,2)) AS amount FROM won JOIN l ON l.id = won.lead -- end;",
		Map: map[string]Mapped{"amount_minor": {Column: "amount"}},
	}
	files := map[string]string{
		"won.csv":        "lead,at,sum\n1,2026-01-01 10:00:00,12.5\n2,2026-01-02,7\n3,2026-01-03,9\n",
		"leads/1.ndjson": `{"id":"1","origin":"social"}` + "\n", "leads/2.ndjson": `{"id":"2","origin":"paid","more":{"a":1}}` + "\n",
	}
	p := newProject(t, files, src)
	r := p.mustLoad()
	if s := r.Sources[0]; s.Files != 3 || s.Rows != 2 {
		t.Errorf("report %+v", s)
	}
	p.expect("SELECT person_id, event, occurred_at, channel, amount_minor FROM events ORDER BY person_id", "1|won|2026-01-01T10:00:00|social|1250", "2|won|2026-01-02T00:00:00|paid|700")
	if r := p.mustLoad(); r.Changed || r.Sources[0].Skipped != 3 {
		t.Errorf("second load %+v", r.Sources[0])
	}
	// One file more, and the whole SELECT runs again.
	p.write(map[string]string{"leads/3.ndjson": `{"id":"3","origin":"mail"}` + "\n"})
	p.mustLoad()
	p.expect("SELECT person_id, batch_id FROM events ORDER BY person_id", "1|2", "2|2", "3|2")
	p.expect("SELECT count(*), sum(rows) FROM load_manifest", "4|3")
}

func TestSQL_oneGlobIsInput(t *testing.T) {
	src := Source{Name: "c", Kind: "costs", Files: Files{Glob: "*.csv"}, SQL: "SELECT p AS partner_id, d AS day, 'fixed' AS kind, CAST(clicks AS BIGINT) * CAST(cpc AS DECIMAL(9,2)) AS amount_minor FROM input"}
	src.Unit = referral.UnitMajor
	p := newProject(t, map[string]string{"1.csv": "p,d,clicks,cpc\nacme,2026-01-01,10,0.15\n", "2.csv": "p,d,clicks,cpc\nbeta,2026-01-01,3,2\n"}, src)
	p.mustLoad()
	p.expect("SELECT partner_id, amount_minor FROM costs ORDER BY partner_id", "acme|150", "beta|600")
}

func TestSource_validate(t *testing.T) {
	good := Source{Name: "e", Kind: "events", Files: Files{Glob: "e.csv"}}
	for _, c := range []struct {
		change func(*Source)
		path   string
		text   string
	}{
		{func(s *Source) { s.Name = "" }, "name", "missing"},
		{func(s *Source) { s.Time = "%d.%m.%Y %Q" }, "time", "does not know %Q"},
		{func(s *Source) { s.Map = map[string]Mapped{"occurred_at": {Time: "%Y-%m-%d %"}} }, "map.occurred_at.time", "does not know % at its end"},
		{func(s *Source) { s.Kind = "event" }, "kind", `did you mean "events"?`},
		{func(s *Source) { s.Files = Files{} }, "files", "missing"},
		{func(s *Source) { s.Files = Files{Named: map[string]string{"a": "a.csv"}} }, "sql", "nothing says how they join"},
		{func(s *Source) { s.Files, s.SQL = Files{Named: map[string]string{"a b": "a.csv"}}, "SELECT 1" }, "files.a b", "not a table name"},
		{func(s *Source) { s.Format = "xml" }, "format", "not a format"},
		{func(s *Source) { s.Delimiter = "||" }, "delimiter", "one character"},
		{func(s *Source) { s.Reject.Text = "2" }, "reject", "0 to 1"},
		{func(s *Source) { s.Reject.Text = "some" }, "reject", "0 to 1"},
		{func(s *Source) { s.Reject.Text = "0x1" }, "reject", "0 to 1"},
		{func(s *Source) { s.Unit = "cents" }, "unit", "major, minor or micros"},
		{func(s *Source) { s.Time = "iso" }, "time", "strftime"},
		{func(s *Source) { s.Zone = "Berlin" }, "zone", "IANA"},
		{func(s *Source) { s.Zone = "Local" }, "zone", "IANA"},
		{func(s *Source) { s.Map = map[string]Mapped{"persn_id": {Column: "x"}} }, "map.persn_id", `did you mean "person_id"?`},
		{func(s *Source) { s.Map = map[string]Mapped{"event": {Column: "x", Const: text1("y")}} }, "map.event", "both"},
		{func(s *Source) {
			s.Map = map[string]Mapped{"event": {Const: text1("y"), Values: map[string]string{"a": "b"}}}
		}, "map.event", "const"},
		{func(s *Source) { s.Map = map[string]Mapped{"occurred_at": {Column: "x", Zone: "Mars"}} }, "map.occurred_at.zone", "time zone"},
	} {
		s := good
		c.change(&s)
		ps := s.Validate()
		if len(ps) != 1 || ps[0].Path != c.path || !strings.Contains(ps[0].String(), c.text) {
			t.Errorf("%s: %v", c.path, ps)
		}
	}
	if ps := good.Validate(); len(ps) != 0 {
		t.Errorf("a good source: %v", ps)
	}
}

func TestPlan_validate(t *testing.T) {
	p := newProject(t, map[string]string{"e.csv": threeEvents}, Source{Name: "e", Kind: "events", Files: Files{Glob: "e.csv"}})
	p.plan.Sources = append(p.plan.Sources, p.plan.Sources[0])
	p.plan.Scope.Currency = "EUX"
	_, err := p.load()
	if err == nil || !strings.Contains(err.Error(), "sources[1].name") || !strings.Contains(err.Error(), "EUX") {
		t.Errorf("error %v", err)
	}
}

func TestTolerance(t *testing.T) {
	for _, c := range []struct {
		text           string
		rejected, rows int64
		ok             bool
	}{
		{"", 0, 10, true},
		{"", 1, 1_000_000, false},
		{"0", 1, 10, false},
		{"all", 10, 10, true},
		{"0.01", 1, 100, true},
		{"0.01", 1, 99, false},
		{".5", 1, 2, true},
		{"1", 5, 5, true},
		{"0.1", 1, 10, true}, // one in ten exactly: no float in between
	} {
		if got := (Tolerance{c.text}).allows(c.rejected, c.rows); got != c.ok {
			t.Errorf("%q allows %d of %d: %v", c.text, c.rejected, c.rows, got)
		}
	}
	for in, want := range map[string]string{`0.01`: "0.01", `"all"`: "all", `0.10`: "0.10"} {
		var tol Tolerance
		if err := json.Unmarshal([]byte(in), &tol); err != nil || tol.Text != want {
			t.Errorf("%s: %q, %v", in, tol.Text, err)
		}
	}
	var tol Tolerance
	if err := json.Unmarshal([]byte(`true`), &tol); err == nil {
		t.Error("true is no share")
	}
}

func TestFiles_json(t *testing.T) {
	for _, text := range []string{`"data/*.csv"`, `{"a":"x.csv","b":"y.csv"}`} {
		var f Files
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(f)
		if err != nil || string(b) != text {
			t.Errorf("%s became %s, %v", text, b, err)
		}
	}
}
