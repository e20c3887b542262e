package funnel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/funnel"
	"vouch/internal/engine"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// randomEvents draws events of a small programme as rows of a source and as events of a count: the
// same data on both roads. Minutes are the tick, so ties are common.
func randomEvents(rng *rand.Rand, persons, most int) (csv string, events []funnel.Event) {
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,referral_code,channel,plan\n")
	id := 0
	for p := range persons {
		for range 1 + rng.IntN(most) {
			id++
			name := []string{"a", "a", "b", "b", "c", "x", "d"}[rng.IntN(7)]
			at := base.Add(time.Duration(rng.IntN(9)) * time.Minute)
			code := []string{"", "k1", "k1", "k2"}[rng.IntN(4)]
			channel := []string{"", "mail", "web"}[rng.IntN(3)]
			plan := []string{"", "pro", "basic"}[rng.IntN(3)]
			fmt.Fprintf(&b, "e%d,p%d,%s,%s,%s,%s,%s\n", id, p, name, at.Format(time.RFC3339), code, channel, plan)
			e := funnel.Event{Person: fmt.Sprintf("p%d", p), TS: at.UnixMicro(), Name: name, Props: map[string]json.RawMessage{}}
			for k, v := range map[string]string{"code": code, "channel": channel, "plan": plan} {
				if v != "" {
					e.Props[k] = json.RawMessage(`"` + v + `"`)
				}
			}
			events = append(events, e)
		}
	}
	return b.String(), events
}

func maybe(rng *rand.Rand, most int) referral.Duration {
	return referral.Duration(rng.IntN(most+1)) * referral.Minute
}

func choose(rng *rand.Rand, list ...string) string { return list[rng.IntN(len(list))] }

// randomDefinition draws a definition and the same question as plain rules.
func randomDefinition(rng *rand.Rand, asOf time.Time) (funnel.Definition, *funnel.Rules) {
	end := asOf.UnixMicro() - 1
	d := funnel.Definition{
		Order: choose(rng, "", "ordered", "ordered", "strict", "strict_among_steps", "unordered"), Ties: choose(rng, "", "increasing"),
		Entry: choose(rng, "", "first"), Counting: choose(rng, "", "uniques", "totals"), Reuse: rng.IntN(3) == 0, Window: maybe(rng, 6),
	}
	r := &funnel.Rules{Order: d.Order, Ties: d.Ties, Entry: d.Entry, Counting: d.Counting, Reuse: d.Reuse, ObservationEnd: &end}
	r.Window = micros(d.Window)
	for i := range 1 + rng.IntN(3) {
		event := choose(rng, "a", "b", "c")
		s := funnel.Step{Name: fmt.Sprintf("s%d", i), Event: event}
		if i > 0 && d.Order != "unordered" && rng.IntN(3) == 0 {
			s.Window, s.Optional = maybe(rng, 4), i == 1 && rng.IntN(2) == 0
		}
		any := [][]funnel.Condition{{text("event", event)}}
		switch rng.IntN(5) {
		case 0:
			s.Where = map[string]json.RawMessage{"channel": json.RawMessage(`"web"`)}
			any = [][]funnel.Condition{{text("event", event), text("prop.channel", "web")}}
		case 1:
			s.Event = ""
			any = [][]funnel.Condition{{text("event", event), text("prop.plan", "pro")}, {{Field: "prop.plan", Op: "is_null"}, text("event", "c")}}
			s.AnyOf = any
		}
		d.Steps = append(d.Steps, s)
		r.Steps = append(r.Steps, funnel.RuleStep{Name: &s.Name, AnyOf: any, Window: micros(s.Window), Optional: s.Optional})
	}
	if rng.IntN(3) == 0 {
		d.Hold, r.HoldConstant = []string{"referral_code"}, []string{"prop.code"}
	}
	if n := len(d.Steps); n > 1 && !d.Steps[n-1].Optional && rng.IntN(3) == 0 {
		policy := choose(rng, "end_attempt", "reset", "drop_user")
		d.Exclusions = []funnel.Exclusion{{Event: "x", From: 0, To: n - 1, Policy: policy}}
		r.Exclusions = []funnel.RuleExclusion{{AnyOf: [][]funnel.Condition{{text("event", "x")}}, From: 0, To: n - 1, Policy: policy}}
	}
	if rng.IntN(2) == 0 {
		attribution := choose(rng, "all", "first_touch", "last_touch", "step")
		if attribution != "step" {
			d.By = &funnel.Breakdown{Property: "channel", Attribution: attribution}
		} else if d.Order != "unordered" {
			d.By = &funnel.Breakdown{Property: "channel", Attribution: attribution, Step: 1}
		}
		if d.By != nil {
			r.Breakdown = &funnel.Breakdown{Property: "prop.channel", Attribution: attribution, Step: d.By.Step}
		}
	}
	return d, r
}

func micros(d referral.Duration) *int64 {
	if d == 0 {
		return nil
	}
	v := d.Micros()
	return &v
}

func text(field, want string) funnel.Condition {
	return funnel.Condition{Field: field, Op: "=", Value: json.RawMessage(`"` + want + `"`)}
}

// TestCompute_agreesWithCount asks random questions of a database and of the same events at hand: SQL
// filters, conditions, held fields, groups and bounds may change nothing.
func TestCompute_agreesWithCount(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	csv, events := randomEvents(rng, 300, 8)
	db := ingesttest.Load(t, map[string]string{"events.csv": csv})
	scope := ingesttest.DefaultScope()
	for n := range 150 {
		scope.AsOf = time.Date(2026, 3, 1, 0, 4+rng.IntN(8), 0, 0, time.UTC)
		def, rules := randomDefinition(rng, scope.AsOf)
		want, err := funnel.Count(rules, events, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := funnel.Compute(t.Context(), db, def, scope)
		if err != nil {
			t.Fatal(err)
		}
		bare, err := funnel.Counts(t.Context(), db, def, scope)
		if err != nil {
			t.Fatal(err)
		}
		question, err := json.Marshal(def)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.StepCounts, stepPersons(got.Steps)); d != "" {
			t.Fatalf("question %d: count (-) and project (+) differ:\n%s\n%s", n, d, question)
		}
		if d := cmp.Diff(want.Breakdown, groups(got), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("question %d: groups of count (-) and project (+) differ:\n%s\n%s", n, d, question)
		}
		if d := cmp.Diff(answer(got, false), answer(bare, false)); d != "" {
			t.Fatalf("question %d: all views (-) and bare counts (+) differ:\n%s\n%s", n, d, question)
		}
		compareViews(t, want, got, string(question))
	}
}

func stepPersons(steps []funnel.StepResult) []int64 {
	var out []int64
	for _, s := range steps {
		out = append(out, s.Persons)
	}
	return out
}

func groups(res funnel.Result) map[string][]int64 {
	out := map[string][]int64{}
	for _, g := range res.Groups {
		out[g.Key] = stepPersons(g.Steps)
	}
	return out
}

// compareViews compares times and censoring; seconds are millionths of what a count measures in.
func compareViews(t *testing.T, want *funnel.Counted, got funnel.Result, question string) {
	t.Helper()
	for key, w := range want.TimeToConvert {
		g := got.TimeToConvert[key]
		if w.N != g.N || abs(w.Mean/1e6-g.Mean) > 1e-9 || abs(w.Median/1e6-g.Median) > 1e-9 {
			t.Fatalf("time to step %s: count %v, project %v\n%s", key, w.Times, g, question)
		}
	}
	if len(want.TimeToConvert) != len(got.TimeToConvert) {
		t.Fatalf("times: count %v, project %v\n%s", want.TimeToConvert, got.TimeToConvert, question)
	}
	if want.Censoring == nil {
		return
	}
	c := got.Censoring
	if c == nil {
		t.Fatalf("no censoring\n%s", question)
	}
	if w := want.Censoring; whole(c.Naive.Numerator) != w.Naive.Converted || whole(c.Naive.Denominator) != w.Naive.Entered ||
		c.OpenPersons != int64(len(w.OpenPersons)) || c.Matured.Known() && whole(c.Matured.Denominator) != w.Matured.Entered {
		t.Fatalf("censoring: count %+v, project %+v\n%s", w, c, question)
	}
	if c.KaplanMeier.Known() && abs(*c.KaplanMeier.Value-*want.Censoring.Survival.Rate) > 1e-12 {
		t.Fatalf("curve: count %v, project %v\n%s", *want.Censoring.Survival.Rate, *c.KaplanMeier.Value, question)
	}
}

func whole(n *json.Number) int64 {
	if n == nil {
		return 0
	}
	v, err := n.Int64()
	if err != nil {
		return -1
	}
	return v
}

func abs(x float64) float64 { return max(x, -x) }

// TestCompute_unclustered shuffles the table of facts: with the mark that it lies in order taken away
// the answer is the same, with a mark that lies the order is missed and refused, never a wrong number.
func TestCompute_unclustered(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	csv, _ := randomEvents(rng, 500, 8)
	db := ingesttest.Load(t, map[string]string{"events.csv": csv})
	scope := ingesttest.DefaultScope()
	def := funnel.Definition{
		Name: "f", Window: 3 * referral.Minute, By: &funnel.Breakdown{Property: "channel", Attribution: "all"},
		Steps: []funnel.Step{{Name: "a"}, {Name: "b"}, {Name: "c"}},
	}
	before, err := funnel.Compute(t.Context(), db, def, scope)
	if err != nil {
		t.Fatal(err)
	}
	change := func(statement string) {
		t.Helper()
		if err := db.Tx(t.Context(), func(tx engine.Tx) error { return tx.Exec(t.Context(), sqltext.Raw("change", statement)) }); err != nil {
			t.Fatal(err)
		}
	}
	change("CREATE OR REPLACE TABLE event_facts AS SELECT * FROM event_facts ORDER BY md5(event_id)")
	if _, err := funnel.Compute(t.Context(), db, def, scope); err == nil || !strings.Contains(err.Error(), "order") {
		t.Errorf("a shuffled table marked as clustered: %v", err)
	}
	change("UPDATE meta SET value = 'false' WHERE key = 'clustered'")
	after, err := funnel.Compute(t.Context(), db, def, scope)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("clustered (-) and shuffled (+) differ:\n%s", d)
	}
}

// TestCompute_refuses wants a bad question back with all its problems, before anything is read.
func TestCompute_refuses(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": "person_id,event,occurred_at\np,a,2026-03-01T00:00:00Z\n"})
	_, err := funnel.Compute(t.Context(), db, funnel.Definition{Order: "x", Steps: []funnel.Step{{Name: "a"}, {Name: "a"}}}, ingesttest.DefaultScope())
	var problems referral.Problems
	if !errors.As(err, &problems) || len(problems) != 2 {
		t.Errorf("want two problems, got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := funnel.Compute(ctx, db, funnel.Definition{Steps: []funnel.Step{{Name: "a"}}}, ingesttest.DefaultScope()); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled question answers %v", err)
	}
}

// TestCompute_repeats wants two runs to be equal to the byte.
func TestCompute_repeats(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 4))
	csv, _ := randomEvents(rng, 400, 8)
	scope := ingesttest.DefaultScope()
	def := funnel.Definition{
		Name: "f", Window: 3 * referral.Minute, By: &funnel.Breakdown{Property: "channel", Attribution: "all"},
		Steps: []funnel.Step{{Name: "a"}, {Name: "b"}, {Name: "c"}},
	}
	var first []byte
	for range 3 {
		db := ingesttest.Load(t, map[string]string{"events.csv": csv})
		res, err := funnel.Compute(t.Context(), db, def, scope)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(res)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(first, b) {
			t.Errorf("two runs differ:\n%s\n%s", first, b)
		}
	}
}
