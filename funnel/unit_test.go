package funnel_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/funnel"
	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// world is a small programme as rows of sources and, beside it, each event with everything that a
// funnel may read of it, joined by hand.
type world struct {
	files  map[string]string
	events []worldEvent
}

type worldEvent struct {
	funnel.Event
	received int64
}

// Fields of a world's events; "" is missing.
var worldFields = []string{
	"partner_id", "referrer_id", "referral_code", "order_id", "channel", "prop.device", "partner.tier", "partner.region",
	"person.plan", "cohort.day", "cohort.week", "cohort.month", "cohort.quarter", "acquired.month",
}

// worldStart is four minutes before midnight of the last day of a quarter in Berlin, so that minutes
// decide on days, weeks, months and quarters.
var worldStart = time.Date(2026, 6, 30, 21, 56, 0, 0, time.UTC)

func berlin(t *testing.T) referral.Scope {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	s := ingesttest.DefaultScope()
	s.Calendar, s.Acquisition = referral.Calendar{Zone: zone, WeekStart: time.Wednesday}, "c"
	return s
}

func newWorld(rng *rand.Rand, persons, most int) *world {
	w := &world{files: map[string]string{
		"partners.csv": "partner_id,name,archetype,tier,region\nacme,A,ally,gold,eu\nbirch,B,ally,silver,\ncedar,C,ally,,us\n",
	}}
	tier := map[string]string{"acme": "gold", "birch": "silver"}
	region := map[string]string{"acme": "eu", "cedar": "us"}
	plans := map[string]string{}
	people := "person_id,plan\n"
	for p := range persons {
		if plan := choose(rng, "", "pro", "basic"); plan != "" {
			plans[fmt.Sprint("p", p)] = plan
			people += fmt.Sprintf("p%d,%s\n", p, plan)
		}
	}
	w.files["persons.csv"] = people
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,received_at,partner_id,referrer_id,referral_code,order_id,channel,device\n")
	for id := range persons * most / 2 {
		p := rng.IntN(persons)
		at := worldStart.Add(time.Duration(rng.IntN(9)) * time.Minute)
		received := at.Add(time.Duration(max(0, rng.IntN(8)-4)) * time.Minute)
		e := worldEvent{funnel.Event{Person: fmt.Sprint("p", p), TS: at.UnixMicro(), Name: choose(rng, "a", "a", "b", "b", "c", "x", "d"), Props: map[string]json.RawMessage{}}, received.UnixMicro()}
		referrer := choose(rng, "", "r1", "r2", fmt.Sprint("p", (p+1)%persons)) // nobody refers themselves
		row := map[string]string{
			"partner_id": choose(rng, "", "acme", "birch", "cedar", "dorn"), "referrer_id": referrer, "referral_code": choose(rng, "", "k1", "k2", "k3"),
			"order_id": choose(rng, "", fmt.Sprint("o", rng.IntN(persons))), "channel": choose(rng, "", "mail", "web"), "prop.device": choose(rng, "", "phone"),
		}
		fmt.Fprintf(&b, "e%d,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", id, e.Person, e.Name, at.Format(time.RFC3339), received.Format(time.RFC3339),
			row["partner_id"], referrer, row["referral_code"], row["order_id"], row["channel"], row["prop.device"])
		row["partner.tier"], row["partner.region"], row["person.plan"] = tier[row["partner_id"]], region[row["partner_id"]], plans[e.Person]
		e.set(row)
		w.events = append(w.events, e)
	}
	w.files["events.csv"] = b.String()
	return w
}

// set writes fields as properties; a field without a value is absent.
func (e worldEvent) set(row map[string]string) {
	for k, v := range row {
		if v != "" {
			e.Props[k] = json.RawMessage(`"` + v + `"`)
		}
	}
}

// date gives events their cohorts, which depend on the as-of time: what happens later is not known.
func (w *world) date(asOf time.Time) {
	first, acquired := map[string]int64{}, map[string]int64{}
	for _, e := range w.events {
		if at, ok := first[e.Person]; !ok || e.TS < at {
			first[e.Person] = e.TS
		}
		if at, ok := acquired[e.Person]; e.Name == "c" && (!ok || e.TS < at) {
			acquired[e.Person] = e.TS
		}
	}
	midnight := worldStart.Add(4 * time.Minute).UnixMicro()
	for _, e := range w.events {
		row := map[string]string{"cohort.day": "2026-06-30", "cohort.week": "2026-W26", "cohort.month": "2026-06", "cohort.quarter": "2026-Q2"}
		if first[e.Person] >= midnight {
			row = map[string]string{"cohort.day": "2026-07-01", "cohort.week": "2026-W27", "cohort.month": "2026-07", "cohort.quarter": "2026-Q3"}
		}
		delete(e.Props, "acquired.month")
		if at, ok := acquired[e.Person]; ok && at < asOf.UnixMicro() {
			row["acquired.month"] = "2026-06"
			if at >= midnight {
				row["acquired.month"] = "2026-07"
			}
		}
		e.set(row)
	}
}

// keyed returns the events as those of a unit, without the ones that have none, and how many of the
// funnel's these are; and how many of the funnel's arrived too late.
func (w *world) keyed(d funnel.Definition, asOf int64) (events []funnel.Event, without, held, late int64) {
	names := d.Events()
	for _, e := range w.events {
		ofFunnel := slices.Contains(names, e.Name) && e.TS < asOf
		if e.received >= asOf {
			if ofFunnel {
				late++
			}
			if d.Late == "drop" {
				continue
			}
		}
		if d.Unit != "" && d.Unit != "person" {
			var unit string
			if json.Unmarshal(e.Props[d.Unit], &unit) != nil || unit == "" {
				if ofFunnel {
					without++
				}
				continue
			}
			e.Person = unit
		}
		lacks := slices.ContainsFunc(d.Hold, func(h string) bool { return e.Props[h] == nil || string(e.Props[h]) == "null" })
		if lacks && e.TS < asOf && slices.Contains(stepEvents(d), e.Name) {
			held++
		}
		events = append(events, e.Event)
	}
	return events, without, held, late
}

// stepEvents are the events that may serve a step of a drawn question.
func stepEvents(d funnel.Definition) []string {
	d.Exclusions = nil
	return d.Events()
}

// draw asks a question over units and fields, and the same of events at hand.
func (w *world) draw(rng *rand.Rand, asOf time.Time) (funnel.Definition, *funnel.Rules) {
	d, r := randomDefinition(rng, asOf)
	d.By, r.Breakdown, d.Hold, r.HoldConstant = nil, nil, nil, nil
	d.Unit, d.Late = choose(rng, "", "person", "referrer_id", "partner_id", "order_id", "referral_code"), choose(rng, "", "keep", "drop")
	for i := range d.Steps { // conditions on what a count does not know by its name
		event := choose(rng, "a", "b", "c")
		c := funnel.Condition{Field: choose(rng, worldFields...), Op: choose(rng, "=", "!=", "<=", ">=", "contains", "is_null", "not_null")}
		c.Value = json.RawMessage(choose(rng, `"acme"`, `"gold"`, `"eu"`, `"p3"`, `"r"`, `"pro"`, `"2026-07"`, `"2026-06-30"`, `"W"`, `7`, `true`))
		d.Steps[i] = funnel.Step{Name: d.Steps[i].Name, Event: event, Window: d.Steps[i].Window, Optional: d.Steps[i].Optional}
		r.Steps[i].AnyOf = [][]funnel.Condition{{text("event", event)}}
		if rng.IntN(3) == 0 {
			d.Steps[i].Event, d.Steps[i].AnyOf = "", [][]funnel.Condition{{text("event", event), c}}
			c.Field = "prop." + c.Field
			r.Steps[i].AnyOf = [][]funnel.Condition{{text("event", event), c}}
		}
	}
	if rng.IntN(3) == 0 {
		held := choose(rng, worldFields[:8]...)
		if held != d.Unit {
			d.Hold, r.HoldConstant = []string{held}, []string{"prop." + held}
		}
	}
	attribution := choose(rng, "all", "first_touch", "last_touch", "step", "")
	if attribution == "step" && d.Order == "unordered" {
		attribution = "all"
	}
	if attribution != "" {
		d.By = &funnel.Breakdown{Property: choose(rng, worldFields...), Attribution: attribution}
		if attribution == "step" {
			d.By.Step = 1
		}
		r.Breakdown = &funnel.Breakdown{Property: "prop." + d.By.Property, Attribution: attribution, Step: d.By.Step}
	}
	return d, r
}

// TestCompute_unitsAndFields asks random questions over every unit and every field of a project, and the
// same questions of events that were joined and keyed by hand. Fields are then plain properties, whose
// meaning is tested against the list of all chains.
func TestCompute_unitsAndFields(t *testing.T) {
	scope := berlin(t)
	for seed := range uint64(2) {
		rng := rand.New(rand.NewPCG(seed, 21))
		w := newWorld(rng, 40, 20)
		db := ingesttest.Load(t, w.files, ingesttest.Scope(scope))
		for n := range 120 {
			scope.AsOf = worldStart.Add(time.Duration(2+rng.IntN(9)) * time.Minute)
			w.date(scope.AsOf)
			d, r := w.draw(rng, scope.AsOf)
			w.compare(t, db, scope, d, r, fmt.Sprintf("world %d question %d", seed, n))
		}
	}
}

func (w *world) compare(t *testing.T, db *duckdb.DB, scope referral.Scope, d funnel.Definition, r *funnel.Rules, name string) {
	t.Helper()
	question, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	events, without, held, late := w.keyed(d, scope.AsOf.UnixMicro())
	want, err := funnel.Count(r, events, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := funnel.Compute(t.Context(), db, d, scope)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, question)
	}
	if diff := cmp.Diff(want.StepCounts, stepPersons(got.Steps)); diff != "" {
		t.Fatalf("%s: by hand (-) and project (+) differ:\n%s\n%s", name, diff, question)
	}
	if diff := cmp.Diff(want.Breakdown, groups(got), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s: groups by hand (-) and of the project (+) differ:\n%s\n%s", name, diff, question)
	}
	if *got.Late != late {
		t.Fatalf("%s: %d late events, want %d\n%s", name, *got.Late, late, question)
	}
	if d.Unit == "" || d.Unit == "person" {
		if got.Unit != "person" || got.WithoutUnit != nil {
			t.Fatalf("%s: unit %s, without %v\n%s", name, got.Unit, got.WithoutUnit, question)
		}
	} else if got.Unit != d.Unit || got.WithoutUnit == nil || *got.WithoutUnit != without {
		t.Fatalf("%s: unit %s, without %v, want %s and %d\n%s", name, got.Unit, got.WithoutUnit, d.Unit, without, question)
	}
	if len(d.Hold) == 0 {
		if got.WithoutHeld != nil {
			t.Fatalf("%s: nothing is held, yet %d are without it\n%s", name, *got.WithoutHeld, question)
		}
	} else if got.WithoutHeld == nil || *got.WithoutHeld != held {
		t.Fatalf("%s: without held %v, want %d\n%s", name, got.WithoutHeld, held, question)
	}
	bare, err := funnel.Counts(t.Context(), db, d, scope)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(answer(got, false), answer(bare, false)); diff != "" {
		t.Fatalf("%s: all views (-) and bare counts (+) differ:\n%s\n%s", name, diff, question)
	}
	compareViews(t, want, got, string(question))
	twin, err := funnel.Compute(t.Context(), engine.Portable(db), d, scope)
	if err != nil {
		t.Fatalf("%s in portable SQL: %v\n%s", name, err, question)
	}
	if diff := cmp.Diff(got, twin, cmpopts.IgnoreFields(funnel.Result{}, "Roads")); diff != "" {
		t.Fatalf("%s: kernel (-) and portable SQL (+) differ:\n%s\n%s", name, diff, question)
	}
}

// TestUnitNoun wants every unit to have a word for one and for several.
func TestUnitNoun(t *testing.T) {
	want := map[string][2]string{
		"": {"person", "persons"}, "person": {"person", "persons"}, "referrer_id": {"referrer", "referrers"}, "partner_id": {"partner", "partners"},
		"order_id": {"order", "orders"}, "referral_code": {"referral code", "referral codes"},
	}
	for _, unit := range slices.Sorted(maps.Keys(want)) {
		got := [2]string{funnel.UnitNoun(unit, 1), funnel.Result{Unit: unit}.Noun(0)}
		if got != want[unit] {
			t.Errorf("unit %q: %v, want %v", unit, got, want[unit])
		}
	}
	attempts := funnel.Result{Unit: "order_id", Options: map[string]string{"counting": "totals"}}
	if one, many := attempts.Noun(1), attempts.Noun(2); one != "attempt" || many != "attempts" {
		t.Errorf("totals count %s and %s", one, many)
	}
}
