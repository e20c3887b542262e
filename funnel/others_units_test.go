package funnel

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestOthers_fromUnits compares what the values beyond some have together with a count person by person: the
// best each has under one of those values alone, by the funnel over that value's breakdown of that person.
func TestOthers_fromUnits(t *testing.T) {
	checks(t, 1500, func(t *rapid.T) {
		r := drawSequence(t)
		r.Steps[1].Optional = rapid.Bool().Draw(t, "optional")
		r.Steps[1].AnyOf = drawAlternatives(t, "step")
		r.Breakdown = &Breakdown{Property: "prop.v", Attribution: pick(t, "by", "all", "step", "first_touch")}
		if r.Breakdown.Attribution == "step" {
			r.Breakdown.Step = 1
		}
		var events []Event
		for p := range rapid.IntRange(1, 4).Draw(t, "persons") {
			for _, e := range drawSequenceEvents(t) {
				e.Person = fmt.Sprint("p", p)
				if v := pick(t, "v", "", "u", "w", "x"); v != "" {
					e.Props["v"] = json.RawMessage(`"` + v + `"`)
				}
				events = append(events, e)
			}
		}
		kept := map[string]bool{"u": rapid.Bool().Draw(t, "keep u"), "": rapid.Bool().Draw(t, "keep none")}
		got, ok := feedTally(t, r, events).others(newPlan(r), kept)
		if !ok {
			t.Fatal("three steps fit into a word")
		}
		if d := cmp.Diff(othersByPerson(t, r, events, kept), persons(got)); d != "" {
			t.Fatalf("by person (-) and from the rows (+): %s\n%s", d, describeCase(r, events))
		}
	})
}

// othersByPerson asks each person alone: a row of the breakdown is then a set of steps.
func othersByPerson(t *rapid.T, r *Rules, events []Event, kept map[string]bool) []int64 {
	sum := make([]int64, len(r.Steps))
	byPerson := map[string][]Event{}
	for _, e := range events {
		byPerson[e.Person] = append(byPerson[e.Person], e)
	}
	for _, own := range byPerson {
		best := make([]int64, len(r.Steps))
		level := func(row []int64) (l int) {
			for s, n := range row {
				if n > 0 && !r.Steps[s].Optional {
					l = s + 1
				}
			}
			return l
		}
		for value, row := range count(t, r, own).Breakdown {
			if kept[value] {
				continue
			}
			switch a, b := level(row), level(best); {
			case a > b:
				best = slices.Clone(row)
			case a == b:
				for s := range best {
					best[s] = max(best[s], row[s])
				}
			}
		}
		for s := range sum {
			sum[s] += best[s]
		}
	}
	return sum
}

// feedTally is the tally behind a count.
func feedTally(t *rapid.T, r *Rules, events []Event) *tally {
	sorted, err := merged(events, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFacts(sorted)
	if err != nil {
		t.Fatal(err)
	}
	names := map[int64]string{}
	for key, name := range f.names {
		names[int64(key)] = name
	}
	q := newCount(r, names)
	out := newTally(q.plan)
	for _, half := range [][]Event{sorted} { // one kernel; the merge of several is tested with Compute
		k := newKernel(q)
		rows := feed(q, f, half)
		b := rows.batch(q, len(rows.at))
		if err := k.Batch(&b); err != nil {
			t.Fatal(err)
		}
		if err := k.Close(); err != nil {
			t.Fatal(err)
		}
		out.add(k.views.t)
	}
	out.settle()
	return out
}
