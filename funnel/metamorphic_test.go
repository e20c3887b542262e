package funnel

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Relations between answers that must hold whatever the answers are, over all options and views.

func count(t *rapid.T, r *Rules, events []Event) *Counted {
	t.Helper()
	c, err := Count(r, events, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// drawQuestion draws rules and events of a few persons.
func drawQuestion(t *rapid.T) (*Rules, []Event) {
	if rapid.Bool().Draw(t, "meeting") {
		r := drawMeeting(t)
		events := drawMeetingEvents(t, r, 16)
		for i := range events {
			events[i].Person = pick(t, "person", "p", "p", "q")
		}
		return r, events
	}
	r := drawRules(t)
	return r, drawEvents(t, r, 14)
}

// TestCount_shuffled: the order of rows is not part of the question.
func TestCount_shuffled(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r, events := drawQuestion(t)
		if d := sameCounts(count(t, r, events), count(t, r, rapid.Permutation(events).Draw(t, "order"))); d != "" {
			t.Fatalf("shuffling rows changes the answer:\n%s\n%s", d, describeCase(r, events))
		}
	})
}

// TestCount_shifted: moving all times and bounds by the same amount changes nothing; a move by whole days
// moves the buckets of the trend by as many.
func TestCount_shifted(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r, events := drawQuestion(t)
		before := count(t, r, events)
		days := rapid.IntRange(-20_000, 20_000).Draw(t, "days")
		by := int64(days) * 86_400
		if r.Trend == nil {
			by += rapid.Int64Range(-1<<40, 1<<40).Draw(t, "by")
		}
		moved := slices.Clone(events)
		for i := range moved {
			moved[i].TS += by
		}
		for _, v := range []*int64{r.EntryFrom, r.EntryTo, r.ObservationEnd} {
			if v != nil {
				*v += by
			}
		}
		if r.Trend != nil {
			before.Trend = shiftLabels(t, before.Trend, days)
		}
		if d := sameCounts(before, count(t, r, moved)); d != "" {
			t.Fatalf("a shift by %d changes the answer:\n%s\n%s", by, d, describeCase(r, events))
		}
	})
}

func shiftLabels(t *rapid.T, trend map[string]TrendCounts, days int) map[string]TrendCounts {
	out := map[string]TrendCounts{}
	for label, n := range trend {
		layout := "2006-01-02T15"[:len(label)]
		at, err := time.Parse(layout, label)
		if err != nil {
			t.Fatal(err)
		}
		out[at.AddDate(0, 0, days).Format(layout)] = n
	}
	return out
}

// TestCount_halves: the answers to two halves of the persons add up to the answer to the whole, but for
// the curve, whose rate is no sum.
func TestCount_halves(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r, events := drawQuestion(t)
		whole := count(t, r, events)
		var p, q []Event
		for _, e := range events {
			if e.Person == "p" {
				p = append(p, e)
			} else {
				q = append(q, e)
			}
		}
		sum := sumCounts(count(t, r, p), count(t, r, q))
		if whole.Censoring != nil {
			whole.Censoring.Survival = Survival{}
		}
		if d := sameCounts(sum, whole); d != "" {
			t.Fatalf("halves (-) do not add up to the whole (+):\n%s\n%s", d, describeCase(r, events))
		}
	})
}

// sumCounts adds the answers to the same rules over different persons.
func sumCounts(a, b *Counted) *Counted {
	out := &Counted{
		StepCounts: addCounts(a.StepCounts, b.StepCounts), PersonLevel: maps.Clone(a.PersonLevel), TimeToConvert: map[string]Durations{},
		Breakdown: map[string][]int64{}, Trend: map[string]TrendCounts{}, Optional: map[string]int64{},
	}
	maps.Copy(out.PersonLevel, b.PersonLevel)
	for _, half := range []*Counted{a, b} {
		for k, n := range half.Optional {
			out.Optional[k] += n
		}
		for k, n := range half.Breakdown {
			out.Breakdown[k] = addCounts(out.Breakdown[k], n)
		}
		for k, n := range half.Trend {
			out.Trend[k] = TrendCounts{out.Trend[k].Entered + n.Entered, out.Trend[k].Converted + n.Converted}
		}
		for k, d := range half.TimeToConvert {
			values := append(slices.Clone(out.TimeToConvert[k].Values), d.Values...)
			slices.Sort(values)
			out.TimeToConvert[k] = Durations{readTimes([][]int64{values}, nil, false, 1).Times, values}
		}
	}
	if x, y := a.Censoring, b.Censoring; x != nil {
		open := append(slices.Clone(x.OpenPersons), y.OpenPersons...)
		slices.Sort(open)
		out.Censoring = &CensoringCounts{
			Naive:   TrendCounts{x.Naive.Entered + y.Naive.Entered, x.Naive.Converted + y.Naive.Converted},
			Matured: TrendCounts{x.Matured.Entered + y.Matured.Entered, x.Matured.Converted + y.Matured.Converted}, OpenPersons: open,
		}
	}
	return out
}

func addCounts(a, b []int64) []int64 {
	out := slices.Clone(b)
	for i := range a {
		out[i] += a[i]
	}
	return out
}

// TestCount_renamed: names of persons and steps are labels.
func TestCount_renamed(t *testing.T) {
	checks(t, 500, func(t *rapid.T) {
		r, events := drawQuestion(t)
		before := count(t, r, events)
		want := *before
		want.PersonLevel = map[string]int{}
		for old, name := range map[string]string{"p": "y", "q": "z"} {
			if level, ok := before.PersonLevel[old]; ok {
				want.PersonLevel[name] = level
			}
		}
		want.Optional = map[string]int64{}
		for i := range r.Steps {
			name := fmt.Sprintf("other %d", i)
			if n, ok := before.Optional[r.stepName(i)]; ok {
				want.Optional[name] = n
			}
			r.Steps[i].Name = &name
		}
		if c := before.Censoring; c != nil {
			renamed := *c
			renamed.OpenPersons = nil
			for _, p := range c.OpenPersons {
				renamed.OpenPersons = append(renamed.OpenPersons, map[string]string{"p": "y", "q": "z"}[p])
			}
			want.Censoring = &renamed
		}
		after, err := Count(r, events, map[string]string{"p": "x", "x": "y", "q": "z"})
		if err != nil {
			t.Fatal(err)
		}
		if d := sameCounts(&want, after); d != "" {
			t.Fatalf("names change the answer:\n%s\n%s", d, describeCase(r, events))
		}
	})
}

// TestCount_unrelated: persons of another partner add their own group and their own numbers, and events
// that match nothing change nothing. (In strict orders such events break chains, so they are left to
// persons of their own.)
func TestCount_unrelated(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r, events := drawQuestion(t)
		before := count(t, r, events)
		more := slices.Clone(events)
		for range rapid.IntRange(1, 4).Draw(t, "nothing") {
			e := Event{Person: "stranger", TS: rapid.Int64Range(0, 9).Draw(t, "ts"), Name: "nothing"}
			more = append(more, e)
			if r.Order != "strict" {
				e.Person = "p"
				more = append(more, e)
			}
		}
		var partner []Event
		for _, e := range drawEvents(t, r, 8) {
			e.Person, e.Props = "guest of "+e.Person, map[string]json.RawMessage{"v": json.RawMessage(`"zeta"`), "code": json.RawMessage(`"k9"`)}
			partner = append(partner, e)
		}
		sum := sumCounts(before, count(t, r, partner))
		sum.PersonLevel["stranger"] = 0
		if _, ok := before.PersonLevel["p"]; !ok && r.Order != "strict" {
			sum.PersonLevel["p"] = 0
		}
		after := count(t, r, append(more, partner...))
		if d := cmp.Diff(groupsBut(before, "zeta", ""), groupsBut(after, "zeta", "")); d != "" {
			t.Fatalf("another partner's persons change the groups:\n%s\n%s", d, describeCase(r, append(more, partner...)))
		}
		if after.Censoring != nil {
			after.Censoring.Survival = Survival{}
		}
		if d := sameCounts(sum, after); d != "" {
			t.Fatalf("unrelated events change the answer:\n%s\n%s", d, describeCase(r, append(more, partner...)))
		}
	})
}

// groupsBut are the groups of an answer without some.
func groupsBut(c *Counted, without ...string) map[string][]int64 {
	out := map[string][]int64{}
	for k, n := range c.Breakdown {
		if !slices.Contains(without, k) {
			out[k] = n
		}
	}
	return out
}

// TestCount_wider: a wider window, reuse, ties in any order, entry any and more tolerance never lower a
// level in ordered funnels without exclusions.
func TestCount_wider(t *testing.T) {
	checks(t, 1000, func(t *rapid.T) {
		r, events := drawQuestion(t)
		r.Order, r.Exclusions, r.Counting, r.Trend, r.Breakdown = "ordered", nil, "uniques", nil, nil
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

// TestCount_duplicated: every row twice changes nothing where no event can serve two steps, whatever the
// order, the policies and the counting: a duplicate is a repeat of its own step, lies at the time of the
// first, and an attempt ends no earlier than it. Nor does it with reuse in ordered funnels. Elsewhere a
// duplicate may serve another step, so that a person gets further, never less far, unless a policy takes
// the longer chain away, or an attempt ends earlier and others follow.
func TestCount_duplicated(t *testing.T) {
	checks(t, 1500, func(t *rapid.T) {
		r, events := drawQuestion(t)
		apart := rapid.Bool().Draw(t, "steps apart")
		if apart {
			for i := range r.Steps {
				r.Steps[i].AnyOf = [][]Condition{{equals("event", string(rune('a'+i)))}}
			}
		}
		before, after := count(t, r, events), count(t, r, append(slices.Clone(events), events...))
		if apart || r.Reuse && (r.Order == "" || r.Order == "ordered") {
			if d := sameCounts(before, after); d != "" {
				t.Fatalf("equal rows twice change the answer:\n%s\n%s", d, describeCase(r, events))
			}
			return
		}
		if r.Counting == "totals" || slices.ContainsFunc(r.Exclusions, func(x RuleExclusion) bool { return x.Policy != "" && x.Policy != "end_attempt" }) {
			return
		}
		for p, level := range before.PersonLevel {
			if after.PersonLevel[p] < level {
				t.Fatalf("level of %s falls from %d to %d\n%s", p, level, after.PersonLevel[p], describeCase(r, events))
			}
		}
	})
}
