package ingest

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

// bad is one way input can be wrong: the files and the source that bring it, and what the refusal
// must say.
type bad struct {
	name   string
	files  map[string]string
	source Source
	want   Rejection // zero fields are not compared; Message and Hint must be contained
}

func events(rows ...string) string {
	return "event_id,person_id,event,occurred_at,amount_minor,currency\n" + strings.Join(rows, "\n") + "\n"
}

// manyRows has a word instead of a number in row 90,000.
func manyRows() string {
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,amount_minor,currency\n")
	for i := 1; i <= 100_000; i++ {
		amount := "100"
		if i == 90_000 {
			amount = "twelve"
		}
		fmt.Fprintf(&b, "e%d,p%d,purchase,2026-01-01T00:00:00Z,%s,EUR\n", i, i%100, amount)
	}
	return b.String()
}

func badInputs(t *testing.T) []bad {
	ev := csvSource("events")
	glob := func(g string) Source { return Source{Name: "events", Kind: "events", Files: Files{Glob: g}} }
	mapped := func(m map[string]Mapped) Source { s := ev; s.Map = m; return s }
	one := func(text string) map[string]string { return map[string]string{"events.csv": text} }
	ok := "e1,ann,purchase,2026-01-01T00:00:00Z,100,EUR"
	whole := gzipped(t, manyRows())
	return []bad{
		{"missing file", nil, ev, Rejection{File: "events.csv", Code: CodeMissingFile, Message: "no such file", Hint: "optional"}},
		{"glob without a match", nil, glob("data/*.parquet"), Rejection{File: "data/*.parquet", Code: CodeMissingFile}},
		{"empty file", one(""), ev, Rejection{File: "events.csv", Code: CodeEmptyFile}},
		{"empty gzip", map[string]string{"events.csv.gz": ""}, glob("events.csv.gz"), Rejection{File: "events.csv.gz", Code: CodeEmptyFile}},
		{"header only", one(events()), ev, Rejection{File: "events.csv", Code: CodeHeaderOnly, Hint: "optional: true"}},
		{
			"mapping to a missing column", one(events(ok)), mapped(map[string]Mapped{"amount_minor": {Column: "amuont_minor"}}),
			Rejection{File: "events.csv", Column: "amount_minor", Code: CodeMissingColumn, Message: "it has event_id, person_id, event", Hint: `did you mean "amount_minor"?`},
		},
		{
			"required column missing", one("event_id,persn_id,event,occurred_at\ne1,a,b,2026-01-01\n"), ev,
			Rejection{File: "events.csv", Column: "person_id", Code: CodeMissingColumn, Hint: `did you mean "persn_id"?`},
		},
		{
			"wrong type in row 90,000", one(manyRows()), ev,
			Rejection{File: "events.csv", Row: 90_000, Column: "amount_minor", Code: CodeAmount, Raw: "twelve", Message: "is not an amount", Hint: "reject:"},
		},
		{"invalid UTF-8", one(events(ok, "e2,\xff\xfe,purchase,2026-01-01,1,EUR")), ev, Rejection{File: "events.csv", Line: 3, Code: CodeUnreadable, Message: "UTF-8", Hint: "UTF-8"}},
		{"invalid UTF-8 in the header", one("event_id,person_id,event,occurred_at,caf\xe9\ne1,a,b,2026-01-01,x\n"), ev, Rejection{File: "events.csv", Line: 1, Code: CodeUnreadable, Message: "UTF-8"}},
		{"NUL byte", one(events(ok, "e2,a\x00b,purchase,2026-01-01,1,EUR")), ev, Rejection{File: "events.csv", Line: 3, Code: CodeUnreadable, Message: "NUL", Hint: "UTF-16"}},
		{"line beyond the limit", one(events(ok, "e2,"+strings.Repeat("x", maxLine+1)+",purchase,2026-01-01,1,EUR")), ev, Rejection{File: "events.csv", Line: 3, Code: CodeUnreadable, Message: "longer than 8 MB", Hint: "does not belong in an event"}},
		{"too few fields", one(events(ok, "e2,ann,purchase")), ev, Rejection{File: "events.csv", Line: 3, Code: CodeUnreadable, Message: "the line has 3 fields, the header 6"}},
		{"too many fields", one(events(ok, ok+",x")), ev, Rejection{File: "events.csv", Line: 3, Code: CodeUnreadable, Message: "the line has 7 fields, the header 6", Hint: "delimiter:"}},
		{"open quote", one(events(ok, `e2,"ann,purchase,2026-01-01,1,EUR`)), ev, Rejection{File: "events.csv", Line: 3, Code: CodeUnreadable, Message: "not closed"}},
		{"header names a column twice", one("event_id,person_id,event,occurred_at,Event\ne1,a,b,2026-01-01,x\n"), ev, Rejection{File: "events.csv", Line: 1, Column: "Event", Code: CodeUnreadable}},
		{"gzip cut off", map[string]string{"events.csv.gz": whole[:len(whole)/2]}, glob("events.csv.gz"), Rejection{File: "events.csv.gz", Code: CodeUnreadable, Message: "cut off", Hint: "again"}},
		{"no gzip at all", map[string]string{"events.csv.gz": events(ok)}, glob("events.csv.gz"), Rejection{File: "events.csv.gz", Code: CodeUnreadable, Message: "gzip"}},
		{"no Parquet at all", map[string]string{"events.parquet": events(ok)}, glob("events.parquet"), Rejection{File: "events.parquet", Code: CodeUnreadable}},
		{"no known format", map[string]string{"events.xlsx": "x"}, glob("events.xlsx"), Rejection{File: "events.xlsx", Code: CodeUnreadable, Hint: "format:"}},
		{"wrong date format", one(events("e1,ann,purchase,31/12/2026,100,EUR")), ev, Rejection{File: "events.csv", Row: 1, Column: "occurred_at", Code: CodeTime, Raw: "31/12/2026", Message: "set time:"}},
		{
			"too many digits for the currency", one("event_id,person_id,event,occurred_at,amount,currency\ne1,ann,purchase,2026-01-01,100.50,JPY\n"),
			mapped(map[string]Mapped{"amount_minor": {Column: "amount"}}),
			Rejection{File: "events.csv", Row: 1, Column: "amount_minor", Code: CodePrecision, Raw: "100.50", Message: "more decimals than its currency"},
		},
		{"amount beyond 64 bits", one(events("e1,ann,purchase,2026-01-01,9223372036854775808,EUR")), ev, Rejection{Row: 1, Column: "amount_minor", Code: CodeRange}},
		{"amount beyond ten trillion", one(events(ok, "e1,ann,purchase,2026-01-01,-1000000000000000,EUR")), ev, Rejection{Row: 2, Column: "amount_minor", Code: CodeRange, Raw: "-1000000000000000", Message: "set unit:"}},
		{"unknown currency", one(events(ok, "e2,ann,purchase,2026-01-01,100,EUX")), ev, Rejection{File: "events.csv", Row: 2, Column: "currency", Code: CodeCurrency, Raw: "EUX", Message: "ISO 4217"}},
		{"event before 1970", one(events(ok, "e2,ann,purchase,1969-12-31T23:59:59Z,100,EUR")), ev, Rejection{Row: 2, Column: "occurred_at", Code: CodeTimeRange, Message: "before 1970"}},
		{"event after 2200", one(events(ok, "e2,ann,purchase,2200-01-01T00:00:00Z,100,EUR")), ev, Rejection{Row: 2, Column: "occurred_at", Code: CodeTimeRange, Message: "after 2200"}},
		{"required value empty", one(events(ok, "e2,,purchase,2026-01-01,100,EUR")), ev, Rejection{Row: 2, Column: "person_id", Code: CodeRequired}},
		{
			"duplicate keys",
			map[string]string{"partners.csv": "partner_id,name\nacme,A\nbeta,B\nacme,C\n"},
			csvSource("partners"),
			Rejection{File: "partners.csv", Row: 3, Column: "partner_id", Code: CodeDuplicate, Raw: "acme"},
		},
		{
			"unknown archetype",
			map[string]string{"partners.csv": "partner_id,archetype\nacme,Agency\n"},
			csvSource("partners"),
			Rejection{File: "partners.csv", Row: 1, Column: "archetype", Code: CodeEnum, Raw: "Agency", Message: "reseller"},
		},
		{
			"identities in a circle",
			map[string]string{"identities.csv": "alias,person_id\na,b\nb,c\nc,a\n"},
			csvSource("identities"),
			Rejection{Source: "identities", Code: CodeCycle, Raw: "a"},
		},
		{"JSON that is none", map[string]string{"e.ndjson": `{"person_id":"a","event":"x","occurred_at":"2026-01-01"}` + "\n" + `{"person_id":` + "\n"}, glob("e.ndjson"), Rejection{File: "e.ndjson", Line: 2, Code: CodeUnreadable}},
		{"JSON list", map[string]string{"e.ndjson": `{"person_id":"a","event":"x","occurred_at":"2026-01-01"}` + "\n[1]\n"}, glob("e.ndjson"), Rejection{File: "e.ndjson", Line: 2, Code: CodeUnreadable}},
		{"JSON with invalid UTF-8", map[string]string{"e.ndjson": `{"person_id":"a","event":"x","occurred_at":"2026-01-01"}` + "\n{\"person_id\":\"\xff\"}\n"}, glob("e.ndjson"), Rejection{File: "e.ndjson", Line: 2, Code: CodeUnreadable}},
		{"JSON amount with an exponent", map[string]string{"e.ndjson": `{"person_id":"a","event":"purchase","occurred_at":"2026-01-01","amount_minor":1e300}` + "\n"}, glob("e.ndjson"), Rejection{File: "e.ndjson", Row: 1, Column: "amount_minor", Code: CodeAmount}},
		{
			"sql that fails on a row", one(events(ok)),
			Source{Name: "events", Kind: "events", Files: Files{Glob: "events.csv"}, SQL: "SELECT event_id, person_id, event, CAST(person_id AS TIMESTAMP) AS occurred_at FROM input"},
			Rejection{Source: "events", Code: CodeSQL, Hint: "TRY_CAST"},
		},
	}
}

// firstLoad is a good state that a refused load must leave untouched.
func firstLoad(t *testing.T) *project {
	t.Helper()
	before := Source{Name: "before", Kind: "events", Files: Files{Glob: "before.csv"}}
	costs := csvSource("costs")
	p := newProject(t, map[string]string{
		"before.csv": events("b1,ann,purchase,2026-01-01T00:00:00Z,100,EUR", "b2,bob,purchase,2026-01-02T00:00:00Z,250,EUR"),
		"costs.csv":  "partner_id,day,kind,amount_minor\nacme,2026-01-01,fixed,100\n",
	}, before, costs)
	p.mustLoad()
	return p
}

func TestLoad_badInputIsRefusedWithPlaceAndRemedy(t *testing.T) {
	for _, c := range badInputs(t) {
		t.Run(c.name, func(t *testing.T) {
			p := firstLoad(t)
			state := p.state()
			p.write(c.files)
			p.plan.Sources = append(p.plan.Sources, c.source)
			r := p.refusal()
			if len(r.Problems) != 1 || r.Total != 1 {
				t.Errorf("%d of %d problems:\n%v", len(r.Problems), r.Total, r)
			}
			checkRejection(t, r.Problems[0], c.want)
			if after := p.state(); !maps.Equal(state, after) {
				t.Errorf("the database changed:\nbefore %v\nafter  %v", state, after)
			}
			// What was refused must not be in the way of what is right.
			p.plan.Sources = p.plan.Sources[:2]
			if report := p.mustLoad(); report.Changed {
				t.Error("the refused load left something to do")
			}
		})
	}
}

func checkRejection(t *testing.T, got, want Rejection) {
	t.Helper()
	same := func(what, got, want string) {
		if want != "" && got != want {
			t.Errorf("%s is %q, want %q", what, got, want)
		}
	}
	same("source", got.Source, want.Source)
	same("file", got.File, want.File)
	same("column", got.Column, want.Column)
	same("code", got.Code, want.Code)
	same("raw", got.Raw, want.Raw)
	if got.Line != want.Line || got.Row != want.Row {
		t.Errorf("line %d, row %d; want line %d, row %d", got.Line, got.Row, want.Line, want.Row)
	}
	if !strings.Contains(got.Message, want.Message) || !strings.Contains(got.Hint, want.Hint) {
		t.Errorf("message %q, hint %q; want them to hold %q, %q", got.Message, got.Hint, want.Message, want.Hint)
	}
	text := got.String()
	for _, part := range []string{got.File, got.Message} {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
	if got.Row > 0 && !strings.Contains(text, fmt.Sprintf("row %d", got.Row)) || got.Line > 0 && !strings.Contains(text, fmt.Sprintf(":%d:", got.Line)) {
		t.Errorf("%q does not say the place", text)
	}
	if got.Hint == "" && !strings.Contains(got.Message, ":") {
		t.Errorf("%q has no remedy", text)
	}
}

func TestLoad_everyProblemAtOnce(t *testing.T) {
	p := newProject(t, map[string]string{
		"events.csv":   events("e1,,purchase,bad,1,EUR", "e2,ann,purchase,2026-01-01,x,XXX"),
		"partners.csv": "partner_id\na\na\n",
	}, csvSource("events"), csvSource("partners"))
	r := p.refusal()
	var got []string
	for _, x := range r.Problems {
		got = append(got, fmt.Sprintf("%s %d %s %s", x.File, x.Row, x.Column, x.Code))
	}
	want := "events.csv 1 occurred_at time, events.csv 1 person_id required, events.csv 2 currency currency, partners.csv 2 partner_id duplicate_key"
	if strings.Join(got, ", ") != want {
		t.Errorf("problems: %s\n want %s", strings.Join(got, ", "), want)
	}
}

func TestRefused_longListsAreCut(t *testing.T) {
	rows := make([]string, 100)
	for i := range rows {
		rows[i] = fmt.Sprintf("e%d,ann,purchase,never,1,EUR", i)
	}
	r := newProject(t, map[string]string{"events.csv": events(rows...)}, csvSource("events")).refusal()
	if len(r.Problems) != maxListed || r.Total != 100 || !strings.HasSuffix(r.Error(), "and 80 more") {
		t.Errorf("%d listed of %d: %s", len(r.Problems), r.Total, r.Error())
	}
}
