package funnel

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Relations between answers that must hold whatever the answers are.

func count(t *rapid.T, r *Rules, events []Event) *Counted {
	t.Helper()
	c, err := Count(r, events, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCount_shuffled: the order of rows is not part of the question.
func TestCount_shuffled(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r := drawRules(t)
		events := drawEvents(t, r, 14)
		if d := sameCounts(count(t, r, events), count(t, r, rapid.Permutation(events).Draw(t, "order"))); d != "" {
			t.Fatalf("shuffling rows changes the answer:\n%s\n%s", d, describeCase(r, events))
		}
	})
}

// TestCount_shifted: moving all times and bounds by the same amount changes nothing but trend buckets.
func TestCount_shifted(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r := drawRules(t)
		r.Trend = nil
		events := drawEvents(t, r, 14)
		before := count(t, r, events)
		by := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "by")
		moved := slices.Clone(events)
		for i := range moved {
			moved[i].TS += by
		}
		for _, v := range []*int64{r.EntryFrom, r.EntryTo, r.ObservationEnd} {
			if v != nil {
				*v += by
			}
		}
		if d := sameCounts(before, count(t, r, moved)); d != "" {
			t.Fatalf("a shift by %d changes the answer:\n%s\n%s", by, d, describeCase(r, events))
		}
	})
}

// TestCount_halves: two halves of the persons add up to the whole.
func TestCount_halves(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r := drawRules(t)
		events := drawEvents(t, r, 14)
		whole := count(t, r, events)
		var p, q []Event
		for _, e := range events {
			if e.Person == "p" {
				p = append(p, e)
			} else {
				q = append(q, e)
			}
		}
		a, b := count(t, r, p), count(t, r, q)
		for i := range whole.StepCounts {
			if whole.StepCounts[i] != a.StepCounts[i]+b.StepCounts[i] {
				t.Fatalf("%v is not %v plus %v\n%s", whole.StepCounts, a.StepCounts, b.StepCounts, describeCase(r, events))
			}
		}
		for key, want := range whole.Breakdown {
			for i := range want {
				var sum int64
				for _, half := range []*Counted{a, b} {
					if g := half.Breakdown[key]; g != nil {
						sum += g[i]
					}
				}
				if sum != want[i] {
					t.Fatalf("group %q: %v is not %v plus %v", key, want, a.Breakdown[key], b.Breakdown[key])
				}
			}
		}
	})
}

// TestCount_renamed: names of persons and steps are labels.
func TestCount_renamed(t *testing.T) {
	checks(t, 500, func(t *rapid.T) {
		r := drawRules(t)
		events := drawEvents(t, r, 12)
		before := count(t, r, events)
		for i := range r.Steps {
			name := fmt.Sprintf("other %d", i)
			r.Steps[i].Name = &name
		}
		identity := map[string]string{"p": "x", "x": "y", "q": "z"}
		after, err := Count(r, events, identity)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(before.StepCounts, after.StepCounts) || before.PersonLevel["p"] != after.PersonLevel["y"] {
			t.Fatalf("names change the counts: %v and %v\n%s", before, after, describeCase(r, events))
		}
	})
}

// TestCount_unrelated: further persons, and further events that match nothing, change no one's level
// (in strict orders such events break chains, so they are left to persons of their own).
func TestCount_unrelated(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r := drawRules(t)
		events := drawEvents(t, r, 12)
		before := count(t, r, events)
		more := slices.Clone(events)
		for i := range rapid.IntRange(1, 4).Draw(t, "strangers") {
			more = append(more, Event{Person: "stranger", TS: int64(i), Name: "nothing"})
			if r.Order != "strict" {
				more = append(more, Event{Person: "p", TS: int64(i), Name: "nothing"})
			}
		}
		after := count(t, r, more)
		if !slices.Equal(before.StepCounts, after.StepCounts) {
			t.Fatalf("unrelated events change %v to %v\n%s", before.StepCounts, after.StepCounts, describeCase(r, more))
		}
	})
}

// TestCount_wider: a wider window, reuse, ties in any order, entry any and more tolerance never lower a
// level in ordered funnels without exclusions.
func TestCount_wider(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r := drawRules(t)
		r.Order, r.Exclusions, r.Counting, r.Trend, r.Breakdown = "ordered", nil, "uniques", nil, nil
		events := drawEvents(t, r, 12)
		before := count(t, r, events)
		wide := *r
		wide.Window, wide.Ties, wide.Reuse, wide.Entry = nil, "any_order", true, "any"
		if r.Ties != "increasing" && rapid.Bool().Draw(t, "noise too") {
			wide.Tolerance = r.Tolerance + 1
		}
		after := count(t, &wide, events)
		for p, level := range before.PersonLevel {
			if after.PersonLevel[p] < level {
				t.Fatalf("level of %s falls from %d to %d\n%s", p, level, after.PersonLevel[p], describeCase(r, events))
			}
		}
	})
}

// TestCount_duplicated: with reuse, in an ordered funnel, equal rows twice are as good as once.
func TestCount_duplicated(t *testing.T) {
	checks(t, 500, func(t *rapid.T) {
		r := drawRules(t)
		r.Order, r.Reuse, r.Tolerance = "ordered", true, 0
		events := drawEvents(t, r, 10)
		if d := sameCounts(count(t, r, events), count(t, r, append(slices.Clone(events), events...))); d != "" {
			t.Fatalf("equal rows twice change the answer:\n%s\n%s", d, describeCase(r, events))
		}
	})
}

// FuzzCount feeds the kernel bytes as events of every option: it must neither panic nor disagree with
// the list of all chains.
func FuzzCount(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		r := drawRules(t)
		events := drawEvents(t, r, 7)
		if d := sameCounts(oracleCount(r, events), count(t, r, events)); d != "" {
			t.Fatalf("all chains (-) and kernel (+) differ:\n%s\n%s", d, describeCase(r, events))
		}
	}))
}
