package funnel

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
)

// stepsNamed are k steps, one for each of the events e0, e1, ….
func stepsNamed(k int) []RuleStep {
	var out []RuleStep
	for i := range k {
		out = append(out, RuleStep{AnyOf: [][]Condition{{eventIs(fmt.Sprintf("e%d", i))}}})
	}
	return out
}

func eventIs(event string) Condition {
	return Condition{Field: "event", Op: "=", Value: json.RawMessage(`"` + event + `"`)}
}

// through are the events of one person who does k steps, one each second.
func through(k int) []Event {
	var out []Event
	for i := range k {
		out = append(out, Event{Person: "p", TS: int64(i), Name: fmt.Sprintf("e%d", i)})
	}
	return out
}

// TestTwin_deep compares the engines on funnels with more steps than SQL can nest.
func TestTwin_deep(t *testing.T) {
	for _, k := range []int{maxTwinSteps, maxTwinSteps + 1, maxSteps} {
		db := inMemory(t)
		if err := LoadEvents(t.Context(), db, through(k), nil); err != nil {
			t.Fatal(err)
		}
		kernel, twin := bothRoads(t, db, &Rules{Steps: stepsNamed(k)})
		if d := cmp.Diff(kernel, twin); d != "" || kernel.PersonLevel["p"] != k {
			t.Errorf("%d steps reach %d (-kernel +twin):\n%s", k, kernel.PersonLevel["p"], d)
		}
	}
}

// spoiled is an unordered funnel of k steps with an exclusion, which a person did in full before the
// exclusion event.
func spoiled(k int) (*Rules, []Event) {
	r := &Rules{Steps: stepsNamed(k), Order: "unordered", Exclusions: []RuleExclusion{{AnyOf: [][]Condition{{eventIs("x")}}, From: 0, To: 1}}}
	return r, append(through(k), Event{Person: "p", TS: int64(k), Name: "x"})
}

// TestSets_bounds shows that a person whose sets of steps would take all memory ends the run, and that one
// at the bound is answered.
func TestSets_bounds(t *testing.T) {
	for k, want := range map[int]error{10: nil, 25: ErrSets} {
		db := inMemory(t)
		r, events := spoiled(k)
		if err := LoadEvents(t.Context(), db, events, nil); err != nil {
			t.Fatal(err)
		}
		for _, on := range []engine.DB{db, engine.Portable(db)} {
			got, err := CountRules(t.Context(), on, r)
			if !errors.Is(err, want) || err == nil && got.PersonLevel["p"] != k {
				t.Errorf("%d steps: %v, %v; want error %v", k, got, err, want)
			}
		}
	}
}

// TestSets_givesUp lowers the bounds of a pass one at a time, just enough and one too low.
func TestSets_givesUp(t *testing.T) {
	const k = 4 // 2⁴−1 sets; the chains to them number as many, as each set is served by one choice of events
	for name, c := range map[string]struct {
		sets, nodes int
		want        error
	}{
		"enough": {15, 15, nil}, "sets": {14, 15, ErrSets}, "chains": {15, 14, ErrSets},
	} {
		r, _ := spoiled(k)
		e := newEvaluator(newPlan(r), nil, true)
		g := e.search.f.(*sets)
		g.maxSets, g.maxNodes = c.sets, c.nodes
		l := &lane{words: 1, excluded: make([][]int64, 1)}
		for i := range k {
			l.ts, l.row, l.serve = append(l.ts, int64(i)), append(l.row, int32(i)), append(l.serve, 1<<i)
		}
		g.pass(l, always, ask{must: -1, level: k + 1}, 1<<40) // no chain is good enough to stop for
		if err := e.err(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v after %d sets and %d chains, want %v", name, err, len(g.list), len(g.nodes), c.want)
		}
	}
}
