package ingest

import (
	"strings"
	"testing"
)

func ndjsonSource(name string) Source {
	return Source{Name: "events", Kind: "events", Files: Files{Glob: name}}
}

const goodObject = `{"event_id":"e1","person_id":"ann","event":"used","occurred_at":"2026-01-01","x":1}` + "\n"

// What the engine takes and the standard does not is refused with its line.
func TestNDJSON_strictForm(t *testing.T) {
	for _, c := range []struct{ value, message string }{
		{"NaN", "NaN and Infinity"},
		{"-NaN", "NaN and Infinity"},
		{"nan", "NaN and Infinity"},
		{"Infinity", "NaN and Infinity"},
		{"[1, -inf]", "NaN and Infinity"},
		{`{"a":iNf}`, "NaN and Infinity"},
		{"[1, ]", "a comma before"},
		{`{"a":1,}`, "a comma before"},
		{`"x\u0000y"`, `NUL character (\u0000)`},
		{`"\\\u0000"`, `NUL character (\u0000)`},
		{`{"a\u0000":1}`, `NUL character (\u0000)`},
		{"+1", "not JSON"},
		{"01", "not JSON"},
		{"'a'", "not JSON"},
	} {
		text := goodObject + strings.Replace(goodObject, `"x":1`, `"x":`+c.value, 1) + goodObject
		for name, content := range map[string]string{"e.ndjson": text, "e.ndjson.gz": gzipped(t, text)} {
			p := newProject(t, map[string]string{name: content}, ndjsonSource(name))
			got := p.refusal().Problems[0]
			checkRejection(t, got, Rejection{File: name, Line: 2, Code: CodeUnreadable, Message: c.message})
			if got.Hint == "" {
				t.Errorf("%s: no remedy", c.value)
			}
		}
	}
}

// What only looks like it is read.
func TestNDJSON_looksStrangeAndIsNot(t *testing.T) {
	for _, value := range []string{`"\\u0000"`, `"a, nan"`, `": Infinity"`, `"\": NaN"`, `"[inf,]"`, `["nan","inf"]`, `{"nan":null,"info":[]}`, "null", `"x,]"`, `"\\"`} {
		p := newProject(t, map[string]string{"e.ndjson": strings.Replace(goodObject, `"x":1`, `"x":`+value, 1)}, ndjsonSource("e.ndjson"))
		if r, err := p.load(); err != nil || r.Events != 1 {
			t.Errorf("%s: %d events, %v", value, r.Events, err)
		}
	}
}

// An object or a list is no id; one that is a text in brackets is.
func TestNDJSON_idsAreTexts(t *testing.T) {
	text := `{"event_id":{"a":1},"person_id":"ann","event":"used","occurred_at":"2026-01-01","user":{"id":"u1"}}
{"event_id":"e2","person_id":["ann"],"event":"used","occurred_at":"2026-01-01","user":{"id":["u"]}}
{"event_id":"[e3]","person_id":"{ann}","event":"used","occurred_at":"2026-01-01","user":{"id":7}}
{"event_id":4,"person_id":true,"event":"used","occurred_at":"2026-01-01"}
`
	p := newProject(t, map[string]string{"e.ndjson": text}, ndjsonSource("e.ndjson"))
	p.plan.Sources[0].Map = map[string]Mapped{"partner_id": {Column: "user.id"}}
	r := p.refusal()
	if len(r.Problems) != 3 {
		t.Fatalf("problems %v", r)
	}
	checkRejection(t, r.Problems[0], Rejection{File: "e.ndjson", Row: 1, Column: "event_id", Code: CodeNested, Raw: `{"a":1}`, Message: "JSON object or list"})
	checkRejection(t, r.Problems[1], Rejection{Row: 2, Column: "partner_id", Code: CodeNested, Raw: `["u"]`})
	checkRejection(t, r.Problems[2], Rejection{Row: 2, Column: "person_id", Code: CodeNested, Raw: `["ann"]`})
	p.plan.Sources[0].Reject.Text = "all"
	p.mustLoad()
	p.expect("SELECT event_id, person_id, partner_id FROM events ORDER BY event_id", "4|true|∅", "[e3]|{ann}|7")
}
