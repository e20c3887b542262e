package funnel

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// followed is what the exhaustive search says of one unit.
type followed struct {
	person, lastStep string
	level            int
	entered, last    int64
	status           string
	next             string // name of the next event
}

// follow answers by the definitions alone: every chain is tried, every event looked at.
func follow(d Definition, r *Rules, events []Event) []followed {
	byPerson := map[string][]Event{}
	for _, e := range events {
		if e.TS <= *r.ObservationEnd {
			byPerson[e.Person] = append(byPerson[e.Person], e)
		}
	}
	var out []followed
	for person, es := range byPerson {
		o := &oracle{r: r}
		for _, u := range o.person(oracleEvents(r, es)) {
			if u.level == 0 {
				continue
			}
			reached := d.Steps[u.level-1].Name
			if d.Order == "unordered" {
				reached = fmt.Sprintf("any %d of %d", u.level, len(d.Steps))
			}
			f := followed{person: person, level: u.level, lastStep: reached, entered: u.vec[0], last: u.vec[len(u.vec)-1], status: "converted"}
			if u.level < o.full() {
				f.status = "dropped"
				deadline := int64(1 << 62)
				if r.Window != nil {
					deadline = f.entered + *r.Window
				}
				if s := nextRequired(r, u.level); r.Order != "unordered" && s != nil && s.Window != nil {
					deadline = min(deadline, f.last+*s.Window)
				}
				if deadline > *r.ObservationEnd {
					f.status = "open"
				}
				at := int64(1 << 62)
				for _, e := range es {
					if e.TS <= f.last || e.TS > deadline || e.TS > at || e.TS == at && e.Name >= f.next {
						continue
					}
					at, f.next = e.TS, e.Name
				}
			}
			out = append(out, f)
		}
	}
	return out
}

func nextRequired(r *Rules, level int) *RuleStep {
	for i := level; i < len(r.Steps); i++ {
		if !r.Steps[i].Optional {
			return &r.Steps[i]
		}
	}
	return nil
}

// world is a small random set of events with many ties, as a source and as events of a count.
func world(rng *rand.Rand, persons, most int, names []string) (csv string, events []Event) {
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at\n")
	for p := range persons {
		for range 1 + rng.IntN(most) {
			e := Event{Person: fmt.Sprintf("p%d", p), Name: names[rng.IntN(len(names))], TS: base.Add(time.Duration(rng.IntN(12)) * time.Minute).UnixMicro()}
			fmt.Fprintf(&b, "e%d,%s,%s,%s\n", len(events), e.Person, e.Name, time.UnixMicro(e.TS).UTC().Format(time.RFC3339))
			events = append(events, e)
		}
	}
	return b.String(), events
}

// drawDefinition draws a definition over the options that decide how far a unit gets and until when.
func drawDefinition(rng *rand.Rand) Definition {
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	minutes := func(most int) referral.Duration { return referral.Duration(rng.IntN(most+1)) * referral.Minute }
	d := Definition{
		Name: "f", Order: pick("", "", "ordered", "strict", "strict_among_steps", "unordered"), Ties: pick("", "increasing"),
		Entry: pick("", "first"), Counting: pick("", "", "totals"), Window: minutes(7),
		Steps: []Step{{Name: "one", Event: "a"}, {Name: "two", Event: "b"}, {Name: "three", Event: "c"}},
	}
	if d.Order != "unordered" {
		d.Steps[1].Optional = rng.IntN(4) == 0
		if rng.IntN(3) == 0 {
			d.Steps[2].Window = minutes(4)
		}
	}
	if rng.IntN(4) == 0 {
		d.Exclusions = []Exclusion{{Event: "x", From: 0, To: 2, Policy: pick("end_attempt", "reset", "drop_user")}}
	}
	return d
}

// TestWatch_bruteForce compares the drop-off flow and the lists of every step with an exhaustive search over
// chains and a look at every event.
func TestWatch_bruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	csv, events := world(rng, 150, 7, []string{"a", "a", "b", "b", "c", "x", "y", "z"})
	db := ingesttest.Load(t, map[string]string{"events.csv": csv})
	scope := ingesttest.DefaultScope()
	seen := map[string]int{}
	for n := range 60 {
		scope.AsOf = time.Date(2026, 3, 1, 0, 5+rng.IntN(12), 0, 0, time.UTC)
		d := drawDefinition(rng)
		r, err := d.rules(scope)
		if err != nil {
			t.Fatal(err)
		}
		want := follow(d, r, events)
		got, err := Flow(t.Context(), db, d, scope)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(flowOf(want), flowCounts(got), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("question %d, %+v as of %s: search (-) and flow (+) differ:\n%s", n, d, scope.AsOf, diff)
		}
		for _, f := range want {
			seen[f.status]++
		}
		for s, step := range d.Steps {
			if step.Optional {
				continue // whether a unit passed it is not in the answer of the search
			}
			status := Statuses[rng.IntN(len(Statuses))]
			list, err := Units(t.Context(), db, d, scope, ListQuestion{Step: r.label(s), Status: status})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(listOf(want, s, status), list.Units, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("question %d, %+v as of %s, %s of %s: search (-) and list (+) differ:\n%s", n, d, scope.AsOf, status, step.Name, diff)
			}
			if list.Total != int64(len(list.Units)) {
				t.Fatalf("%d listed of a total of %d", len(list.Units), list.Total)
			}
		}
	}
	for _, status := range Statuses[1:] {
		if seen[status] < 100 {
			t.Errorf("only %d units were %s: the questions are too easy", seen[status], status)
		}
	}
}

func flowOf(want []followed) map[flowKey]int64 {
	out := map[flowKey]int64{}
	for _, f := range want {
		key := flowKey{step: f.level, next: map[string]string{"converted": "converted", "dropped": "nothing", "open": "open"}[f.status], event: f.next}
		if f.next != "" {
			key.next = "event"
		}
		out[key]++
	}
	return out
}

func flowCounts(rows []FlowRow) map[flowKey]int64 {
	out := map[flowKey]int64{}
	for _, r := range rows {
		out[flowKey{r.Step, r.Next, r.Event}] += r.Persons
	}
	return out
}

// listOf filters and sorts by hand.
func listOf(want []followed, step int, status string) []Listed {
	var out []Listed
	for _, f := range want {
		stopped := f.level == step+1
		ok := f.level > step
		switch status {
		case "converted":
			ok = ok && f.status == "converted"
		case "dropped", "open":
			ok = f.status == status && stopped
		}
		if ok {
			out = append(out, Listed{f.person, f.lastStep, time.UnixMicro(f.entered).UTC(), time.UnixMicro(f.last).UTC(), f.status})
		}
	}
	slices.SortFunc(out, func(a, b Listed) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		if c := a.EnteredAt.Compare(b.EnteredAt); c != 0 {
			return c
		}
		return a.LastAt.Compare(b.LastAt)
	})
	return out
}

// orders are three orders of two persons, worked by hand: o1 is paid, o2 is refunded after it was placed, o3 is
// placed an hour before the end, an event without an order belongs to none.
const orders3 = `person_id,event,occurred_at,order_id,partner_id,referrer_id
p1,placed,2026-03-01T00:00:00Z,o1,acme,ref
p1,paid,2026-03-02T00:00:00Z,o1,acme,ref
p1,placed,2026-03-03T00:00:00Z,o2,acme,ref
p1,refund,2026-03-03T12:00:00Z,o2,,
p2,placed,2026-03-09T23:00:00Z,o3,bolt,ref
p2,placed,2026-03-09T23:30:00Z,,bolt,ref
`

func TestFlow_ofOrders(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": orders3})
	scope := ingesttest.DefaultScope()
	scope.AsOf = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	d := Definition{Name: "f", Unit: "order_id", Window: 48 * referral.Hour, Steps: []Step{{Name: "placed"}, {Name: "paid"}}}
	got, err := Flow(t.Context(), db, d, scope)
	if err != nil {
		t.Fatal(err)
	}
	want := []FlowRow{
		{Step: 1, Name: "placed", Next: "event", Event: "refund", Persons: 1},
		{Step: 1, Name: "placed", Next: "open", Persons: 1},
		{Step: 2, Name: "paid", Next: "converted", Persons: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

// Every unit has its own ids: orders their text, partners and those who referred the text behind their key.
func TestUnits_ofEveryUnit(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": orders3})
	scope := ingesttest.DefaultScope()
	scope.AsOf = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	for unit, want := range map[string]string{
		"person": "p1 converted, p2 open", "order_id": "o1 converted, o2 dropped, o3 open",
		"partner_id": "acme converted, bolt open", "referrer_id": "ref converted",
	} {
		d := Definition{Name: "f", Unit: unit, Window: 48 * referral.Hour, Steps: []Step{{Name: "placed"}, {Name: "paid"}}}
		list, err := Units(t.Context(), db, d, scope, ListQuestion{Step: "placed"})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range list.Units {
			got = append(got, u.ID+" "+u.Status)
		}
		if text := strings.Join(got, ", "); text != want || list.Status != "reached" || list.Limit != DefaultLimit || list.Unit != unit {
			t.Errorf("%s: %s, want %s (%+v)", unit, text, want, list)
		}
	}
}

// A list holds the first ids up to its limit and says how many there are, whether ids come from keys, whose order is that of
// their first sight, or from the events themselves.
func TestUnits_limit(t *testing.T) {
	var b strings.Builder
	b.WriteString("person_id,event,occurred_at,order_id\n")
	for i := range 500 {
		fmt.Fprintf(&b, "p%03d,a,2026-03-01T00:00:%02dZ,o%03d\n", (i*73)%500, i%60, (i*191)%500)
	}
	db := ingesttest.Load(t, map[string]string{"events.csv": b.String()})
	for unit, prefix := range map[string]string{"person": "p", "order_id": "o"} {
		for _, limit := range []int{1, 7, 499, 500, 1000} {
			list, err := Units(t.Context(), db, Definition{Unit: unit, Steps: []Step{{Name: "a"}}}, ingesttest.DefaultScope(), ListQuestion{Step: "a", Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			if list.Total != 500 || len(list.Units) != min(limit, 500) {
				t.Errorf("%s: %d of %d listed, limit %d", unit, len(list.Units), list.Total, limit)
			}
			for i, u := range list.Units {
				if u.ID != fmt.Sprintf("%s%03d", prefix, i) {
					t.Fatalf("%s, limit %d: entry %d is %s", unit, limit, i, u.ID)
				}
			}
		}
	}
}

func TestUnits_refuses(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": orders3})
	d := Definition{Steps: []Step{{Name: "placed"}, {Name: "paid"}}}
	for _, c := range []struct {
		ask  ListQuestion
		is   error
		says string
	}{
		{ListQuestion{Step: "payd"}, ErrNoStep, `did you mean "paid"`},
		{ListQuestion{Step: "paid", Status: "lost"}, ErrList, "reached, converted, dropped, open"},
		{ListQuestion{Step: "paid", Limit: -1}, ErrList, "limit at least 1"},
	} {
		if _, err := Units(t.Context(), db, d, ingesttest.DefaultScope(), c.ask); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.ask, err)
		}
	}
	var problems referral.Problems
	if _, err := Units(t.Context(), db, Definition{}, ingesttest.DefaultScope(), ListQuestion{Step: "a"}); !errors.As(err, &problems) {
		t.Errorf("a funnel without steps: %v", err)
	}
	if _, err := Flow(t.Context(), db, Definition{}, ingesttest.DefaultScope()); !errors.As(err, &problems) {
		t.Errorf("the flow of a funnel without steps: %v", err)
	}
}

// Beyond the eight most common events the rest of a step stand together, without a name; each step has its own eight.
func TestFlowRows_joinsTheRest(t *testing.T) {
	counts := map[flowKey]int64{{1, nextNothing, ""}: 5, {2, statusConverted, ""}: 3, {2, nextEvent, "z"}: 1}
	for i := range 11 {
		counts[flowKey{1, nextEvent, fmt.Sprintf("e%02d", i)}] = int64(20 - i)
	}
	d := Definition{Steps: []Step{{Name: "a"}, {Name: "b"}}}
	r, err := d.rules(ingesttest.DefaultScope())
	if err != nil {
		t.Fatal(err)
	}
	rows := flowRows(&query{rules: r}, counts)
	var got []string
	for _, f := range rows {
		got = append(got, fmt.Sprintf("%d %s %s %d", f.Step, f.Next, f.Event, f.Persons))
	}
	want := []string{
		"1 event e00 20", "1 event e01 19", "1 event e02 18", "1 event e03 17", "1 event e04 16", "1 event e05 15", "1 event e06 14", "1 event e07 13",
		"1 event  33", "1 nothing  5", "2 event z 1", "2 converted  3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

// A funnel that nothing of the data starts has neither flow nor units; lists are empty, never null.
func TestWatch_nobody(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": orders3})
	d := Definition{Steps: []Step{{Name: "nothing"}}}
	flow, err := Flow(t.Context(), db, d, ingesttest.DefaultScope())
	if err != nil || flow == nil || len(flow) != 0 {
		t.Errorf("flow %v, %v", flow, err)
	}
	list, err := Units(t.Context(), db, d, ingesttest.DefaultScope(), ListQuestion{Step: "nothing"})
	if err != nil || list.Units == nil || len(list.Units) != 0 || list.Total != 0 {
		t.Errorf("list %+v, %v", list, err)
	}
}
