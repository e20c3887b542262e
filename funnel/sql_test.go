package funnel_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/referral"
)

var update = flag.Bool("update", false, "rewrite golden files")

// goldenQuestion uses every part of the statement: conditions on a column, a key and a property, held
// fields of both sorts, a breakdown and money.
func goldenQuestion() funnel.Definition {
	return funnel.Definition{
		Name: "golden", Window: 30 * referral.DayLen, Hold: []string{"referral_code", "prop.device"},
		By: &funnel.Breakdown{Property: "prop.plan", Attribution: "all"},
		Steps: []funnel.Step{
			{Name: "invite"},
			{Name: "paid", Event: "purchase", Where: map[string]json.RawMessage{"status": json.RawMessage(`"paid"`)}},
			{Name: "upgraded", AnyOf: [][]funnel.Condition{
				{text("event", "upgrade"), {Field: "prop.seats", Op: ">=", Value: json.RawMessage(`3`)}, {Field: "prop.trial", Op: "!=", Value: json.RawMessage(`true`)}},
				{{Field: "partner_id", Op: "is_null"}, {Field: "channel", Op: "contains", Value: json.RawMessage(`"mail"`)}},
			}},
		},
	}
}

func TestStatements_golden(t *testing.T) {
	scope := ingesttest.DefaultScope()
	plain := funnel.Definition{Name: "plain", Steps: []funnel.Step{{Name: "invite"}, {Name: "signup"}}, By: &funnel.Breakdown{Property: "partner_id", Attribution: "all"}}
	orders := funnel.Definition{
		Name: "orders", Unit: "order_id", Late: "drop", Hold: []string{"partner.region"},
		By: &funnel.Breakdown{Property: "partner.tier", Attribution: "first_touch"},
		Steps: []funnel.Step{
			{Name: "placed", Where: map[string]json.RawMessage{"cohort.quarter": json.RawMessage(`"2026-Q2"`), "referrer_id": json.RawMessage(`"rita"`)}},
			{Name: "shipped", AnyOf: [][]funnel.Condition{{text("event", "shipped"), {Field: "partner.owner", Op: "is_null"}}}},
		},
	}
	for name, q := range map[string]struct {
		def     funnel.Definition
		dialect sqltext.Dialect
	}{
		"every-part.duckdb": {goldenQuestion(), sqltext.DuckDB{}},
		"every-part.trino":  {goldenQuestion(), sqltext.Trino{}},
		"plain.duckdb":      {plain, sqltext.DuckDB{}},
		"plain.trino":       {plain, sqltext.Trino{}},
		"unit.duckdb":       {orders, sqltext.DuckDB{}},
		"unit.trino":        {orders, sqltext.Trino{}},
	} {
		stmts, err := funnel.Statements(q.dialect, q.def, scope)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, stmts)
	}
}

// golden compares statements with a file of testdata.
func golden(t *testing.T, name string, stmts []sqltext.Stmt) {
	t.Helper()
	var b strings.Builder
	for _, s := range stmts {
		fmt.Fprintf(&b, "-- %s\n%s\n-- arguments: %v\n\n", s.Name, strings.TrimSpace(s.Text), s.Args)
	}
	path := "testdata/" + name + ".sql"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("%s (-) and statements (+) differ; look, then run with -update:\n%s", path, d)
	}
}

func TestStatements_refused(t *testing.T) {
	if _, err := funnel.Statements(sqltext.DuckDB{}, funnel.Definition{}, ingesttest.DefaultScope()); err == nil {
		t.Error("a definition without steps has statements")
	}
}

// typed holds properties of every JSON type under one name; the id tells which.
const typed = `{"event_id":"text","person_id":"text","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":"7"}}
{"event_id":"word","person_id":"word","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":"seven"}}
{"event_id":"number","person_id":"number","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":7}}
{"event_id":"point","person_id":"point","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":7.0}}
{"event_id":"half","person_id":"half","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":7.5}}
{"event_id":"true","person_id":"true","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":true}}
{"event_id":"null","person_id":"null","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":null}}
{"event_id":"absent","person_id":"absent","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"w":1}}
{"event_id":"none","person_id":"none","event":"e","occurred_at":"2026-03-01T00:00:00Z"}
{"event_id":"list","person_id":"list","event":"e","occurred_at":"2026-03-01T00:00:00Z","properties":{"v":[7]}}
`

// TestCompute_typedProperties asks SQL the questions that a count answers in Go: each operator against
// each JSON type, with values that are the same text in another type.
func TestCompute_typedProperties(t *testing.T) {
	persons := regexp.MustCompile(`"event_id".*?"person_id"`).ReplaceAllString(typed, `"person_id"`)
	persons = regexp.MustCompile(`,"event".*?Z"`).ReplaceAllString(strings.ReplaceAll(persons, `"properties"`, `"attributes"`), "")
	db := ingesttest.Load(t, map[string]string{"events.ndjson": typed, "persons.ndjson": persons})
	var events []funnel.Event
	for _, line := range strings.Split(strings.TrimSpace(typed), "\n") {
		var row struct {
			PersonID   string `json:"person_id"`
			Properties map[string]json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		events = append(events, funnel.Event{Person: row.PersonID, Name: "e", Props: row.Properties})
	}
	for _, op := range []string{"=", "!=", "<=", ">=", "contains", "is_null", "not_null"} {
		for _, value := range []string{`"7"`, `"seven"`, `7`, `7.25`, `true`, `false`, `""`, `"e"`} {
			any := [][]funnel.Condition{{{Field: "prop.v", Op: op, Value: json.RawMessage(value)}}}
			want, err := funnel.Count(&funnel.Rules{Steps: []funnel.RuleStep{{AnyOf: any}}}, events, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, field := range []string{"prop.v", "person.v"} {
				any[0][0].Field = field
				got, err := funnel.Compute(t.Context(), db, funnel.Definition{Steps: []funnel.Step{{Name: "s", AnyOf: any}}}, ingesttest.DefaultScope())
				if err != nil {
					t.Fatal(err)
				}
				if got.Steps[0].Persons != want.StepCounts[0] {
					t.Errorf("%s %s %s: SQL %d, Go %d of %v", field, op, value, got.Steps[0].Persons, want.StepCounts[0], want.PersonLevel)
				}
			}
		}
	}
}

// TestCompute_columns compares conditions on text columns, where a number never equals a text.
func TestCompute_columns(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": "person_id,event,occurred_at,channel,partner_id\n" +
		"p1,e,2026-03-01T00:00:00Z,7,acme\np2,e,2026-03-01T00:00:00Z,mail,globex\np3,e,2026-03-01T00:00:00Z,,\n"})
	for _, c := range []struct {
		field, op, value string
		want             int64
	}{
		{"channel", "=", `"7"`, 1},
		{"channel", "=", `7`, 0},
		{"channel", "!=", `7`, 2},
		{"channel", "!=", `"7"`, 1},
		{"channel", "<=", `"a"`, 1},
		{"channel", ">=", `"a"`, 1},
		{"channel", "<=", `9`, 0},
		{"channel", "contains", `"ai"`, 1},
		{"channel", "contains", `""`, 2},
		{"channel", "is_null", ``, 1},
		{"channel", "not_null", ``, 2},
		{"partner_id", "=", `"acme"`, 1},
		{"partner_id", "!=", `"acme"`, 1},
		{"partner_id", "is_null", ``, 1},
		{"partner_id", "contains", `"o"`, 1},
		{"event", "contains", `"e"`, 3},
		{"event", "!=", `"e"`, 0},
		{"source", "not_null", ``, 3},
	} {
		def := funnel.Definition{Steps: []funnel.Step{{Name: "s", AnyOf: [][]funnel.Condition{{{Field: c.field, Op: c.op, Value: json.RawMessage(c.value)}}}}}}
		res, err := funnel.Compute(t.Context(), db, def, ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		if res.Steps[0].Persons != c.want {
			t.Errorf("%s %s %s: %d persons, want %d", c.field, c.op, c.value, res.Steps[0].Persons, c.want)
		}
	}
}

// TestCompute_manyConditions needs more than one column of condition bits.
func TestCompute_manyConditions(t *testing.T) {
	var b strings.Builder
	b.WriteString("person_id,event,occurred_at,channel\n")
	def := funnel.Definition{}
	for i := range 150 {
		fmt.Fprintf(&b, "p,e,%s,c%03d\n", time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC).Format(time.RFC3339), i)
		def.Steps = append(def.Steps, funnel.Step{Name: fmt.Sprintf("s%d", i), Event: "e", Where: map[string]json.RawMessage{"channel": json.RawMessage(fmt.Sprintf(`"c%03d"`, i))}})
	}
	db := ingesttest.Load(t, map[string]string{"events.csv": b.String()})
	res, err := funnel.Compute(t.Context(), db, def, ingesttest.DefaultScope())
	if err != nil {
		t.Fatal(err)
	}
	if n := res.Steps[149].Persons; n != 1 {
		t.Errorf("%d persons reach step 150, want 1", n)
	}
	def.Steps[70], def.Steps[71] = def.Steps[71], def.Steps[70]
	if res, err = funnel.Compute(t.Context(), db, def, ingesttest.DefaultScope()); err != nil || res.Steps[70].Persons != 1 || res.Steps[71].Persons != 0 {
		t.Errorf("steps 71 and 72 swapped: %v, %d, %d persons", err, res.Steps[70].Persons, res.Steps[71].Persons)
	}
}
