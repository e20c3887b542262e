package ingest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"vouch/internal/sqltext"
)

// A line of ten megabytes, in one piece or as a quoted field of many lines, is refused with its place,
// in every format and compression.
func TestLoad_longLinesAreRefused(t *testing.T) {
	long := strings.Repeat("x", 10_000_000)
	head := "event_id,person_id,event,occurred_at,note\ne1,ann,used,2026-01-01,y\n"
	object := `{"event_id":"j1","person_id":"ann","event":"used","occurred_at":"2026-01-01","note":"y"}` + "\n"
	quoted := head + `e2,bob,used,2026-01-01,"` + strings.Repeat(long[:999]+"\n", 10_000) + `"` + "\n"
	json := object + strings.Replace(object, `"y"`, `"`+long+long+`"`, 1)
	for _, c := range []struct {
		name, text string
		line       int64
	}{
		{"e.csv", head + "e2,bob,used,2026-01-01," + long + "\n", 3},
		{"q.csv", quoted, 3},
		{"e.csv.gz", gzipped(t, head+"e2,bob,used,2026-01-01,"+long+"\n"), 3},
		{"q.csv.gz", gzipped(t, quoted), 3},
		{"e.ndjson", json, 2},
		{"e.ndjson.gz", gzipped(t, json), 2},
	} {
		p := newProject(t, map[string]string{c.name: c.text}, Source{Name: "events", Kind: "events", Files: Files{Glob: c.name}})
		checkRejection(t, p.refusal().Problems[0], Rejection{File: c.name, Line: c.line, Code: CodeUnreadable, Message: "a line longer than 8 MB", Hint: "does not belong in an event"})
	}
	dir := t.TempDir()
	db := memory(t, dir)
	rows := "SELECT 'e' || i AS event_id, 'ann' AS person_id, 'used' AS event, '2026-01-01' AS occurred_at, repeat('x', CASE i WHEN 2 THEN 10000000 ELSE 1 END) AS note FROM range(1, 4) AS r(i)"
	for name, c := range map[string]struct {
		options string
		line    int64
	}{"e.csv.zst": {"FORMAT csv, COMPRESSION zstd", 3}, "e.ndjson.zst": {"FORMAT json, COMPRESSION zstd", 2}} {
		path := filepath.Join(dir, name)
		if err := db.Exec(t.Context(), sqltext.Raw("copy", "COPY ("+rows+") TO '"+path+"' ("+c.options+")")); err != nil {
			t.Fatal(err)
		}
		p := newProject(t, nil, Source{Name: "events", Kind: "events", Files: Files{Glob: path}})
		p.db = memory(t, dir, p.plan.Root)
		checkRejection(t, p.refusal().Problems[0], Rejection{File: path, Line: c.line, Code: CodeUnreadable, Message: "a line longer than 8 MB"})
	}
}

// A line just within the limit is read.
func TestLoad_sevenMegabyteLineIsRead(t *testing.T) {
	long := strings.Repeat("x", 7<<20)
	p := newProject(t, map[string]string{
		"events.csv": "event_id,person_id,event,occurred_at,note\ne1,ann,purchase,2026-01-01," + long + "\ne2,bob,purchase,2026-01-01,y\n",
		"e.ndjson":   `{"event_id":"j1","person_id":"ann","event":"used","occurred_at":"2026-01-01","note":"` + long + "\"}\n",
	}, csvSource("events"), Source{Name: "json", Kind: "events", Files: Files{Glob: "e.ndjson"}})
	p.mustLoad()
	p.expect("SELECT event_id, length(json_extract_string(properties, '$.note')) FROM events ORDER BY event_id", "e1|7340032", "e2|1", "j1|7340032")
}

// Ids, names and labels have at most 1,024 bytes; bytes count, not letters.
func TestLoad_longTextsAreRejected(t *testing.T) {
	fits, long := strings.Repeat("é", 512), strings.Repeat("é", 512)+"x"
	event := func(id, person, name, partner string) string {
		return fmt.Sprintf("%s,%s,%s,2026-01-01,%s\n", id, person, name, partner)
	}
	head := "event_id,person_id,event,occurred_at,partner_id\n"
	p := newProject(t, map[string]string{"events.csv": head + event(fits, fits, fits, fits), "partners.csv": "partner_id,name\n" + fits + "," + fits + "\n"}, csvSource("events"), csvSource("partners"))
	p.mustLoad()
	p.expect("SELECT strlen(event_id), strlen(person_id), strlen(event), strlen(partner_id) FROM events", "1024|1024|1024|1024")
	p.write(map[string]string{
		"events.csv":   head + event("e1", "ann", "used", "acme") + event(long, "ann", "used", "acme") + event("e3", long, "used", "acme") + event("e4", "ann", long, "acme") + event("e5", "ann", "used", long),
		"partners.csv": "partner_id,name\nacme," + long + "\n" + long + ",Beta\n",
	})
	var got []string
	for _, x := range p.refusal().Problems {
		got = append(got, fmt.Sprintf("%s %d %s %s", x.File, x.Row, x.Column, x.Code))
		checkRejection(t, x, Rejection{Row: x.Row, Code: CodeTooLong, Message: "longer than 1024 bytes"})
		if n := len([]rune(x.Raw)); n != maxRaw {
			t.Errorf("%d characters of raw text", n)
		}
	}
	want := "events.csv 2 event_id too_long, events.csv 3 person_id too_long, events.csv 4 event too_long, events.csv 5 partner_id too_long, partners.csv 1 name too_long, partners.csv 2 partner_id too_long"
	if strings.Join(got, ", ") != want {
		t.Errorf("problems: %s\n want %s", strings.Join(got, ", "), want)
	}
	// What is no id may be long: properties and touch paths.
	p = newProject(t, map[string]string{"paths.csv": "path,conversions\n" + strings.Repeat("a > ", 1000) + "b,1\n"}, csvSource("paths"))
	p.mustLoad()
	p.expect("SELECT length(path) FROM paths", "4001")
}

// Spaces alone are no value: a required id is missing, another one absent.
func TestLoad_spacesAreNoValue(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": "event_id,person_id,event,occurred_at,partner_id,channel\n" +
		"e1, ,used,2026-01-01,acme,x\ne2,ann,\u00a0\u3000,2026-01-01,acme,x\n\u2003,ann,used,2026-01-01, \t ,\u2009\ne4, é ,used,2026-01-01,\u00a0a,!\n"}, csvSource("events"))
	r := p.refusal()
	if len(r.Problems) != 2 {
		t.Errorf("problems %v", r)
	}
	checkRejection(t, r.Problems[0], Rejection{Row: 1, Column: "person_id", Code: CodeRequired})
	checkRejection(t, r.Problems[1], Rejection{Row: 2, Column: "event", Code: CodeRequired})
	p.plan.Sources[0].Reject.Text = "all"
	p.mustLoad()
	p.expect("SELECT length(event_id), person_id, partner_id, channel FROM events ORDER BY person_id", "2| é |\u00a0a|!", "32|ann|∅|∅")
	p.expect("SELECT partner_id FROM partner_keys ORDER BY partner_id", "\u00a0a")

	p = newProject(t, map[string]string{"partners.csv": "partner_id,name\n  ,Beta\n"}, csvSource("partners"))
	checkRejection(t, p.refusal().Problems[0], Rejection{Row: 1, Column: "partner_id", Code: CodeRequired})
	// A value map changes nothing about it.
	src := csvSource("partners")
	src.Map = map[string]Mapped{"partner_id": {Column: "partner_id", Values: map[string]string{"x": " "}}}
	p = newProject(t, map[string]string{"partners.csv": "partner_id,name\n ,Beta\n"}, src)
	checkRejection(t, p.refusal().Problems[0], Rejection{Row: 1, Column: "partner_id", Code: CodeRequired})
}

// A damaged zstd stream is the file's fault, as a damaged gzip stream is.
func TestLoad_damagedZstd(t *testing.T) {
	for _, name := range []string{"e.csv.zst", "e.ndjson.zst"} {
		for _, text := range []string{"\x28\xb5\x2f\xfd123", "no zstd at all"} {
			p := newProject(t, map[string]string{name: text}, Source{Name: "events", Kind: "events", Files: Files{Glob: name}})
			checkRejection(t, p.refusal().Problems[0], Rejection{File: name, Code: CodeUnreadable, Message: "damaged or cut off", Hint: "again"})
		}
	}
}

// Line ends of a carriage return alone are recognised.
func TestLoad_carriageReturns(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": strings.ReplaceAll(threeEvents, "\n", "\r")}, csvSource("events"))
	checkRejection(t, p.refusal().Problems[0], Rejection{File: "events.csv", Line: 1, Code: CodeUnreadable, Message: "carriage return alone", Hint: "LF or CRLF"})
	p.write(map[string]string{"events.csv": strings.ReplaceAll(threeEvents, "\n", "\r\n")})
	if r := p.mustLoad(); r.Events != 3 {
		t.Errorf("report %+v", r)
	}
}
