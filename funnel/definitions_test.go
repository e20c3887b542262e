package funnel

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Cases of the definitions that random questions hardly reach, each worked out by hand. Events are written
// as name@time, /code for a held value and =value for one of the breakdown.

type worked struct {
	name   string
	rules  string
	events string
	want   Counted
}

// journeyOf reads events in their short form.
func journeyOf(t *testing.T, text string) []Event {
	t.Helper()
	var out []Event
	for _, word := range strings.Fields(text) {
		e := Event{Person: "p", Props: map[string]json.RawMessage{}}
		if head, value, ok := strings.Cut(word, "="); ok {
			e.Props["v"], word = json.RawMessage(`"`+value+`"`), head
		}
		if head, code, ok := strings.Cut(word, "/"); ok {
			e.Props["code"], word = json.RawMessage(`"`+code+`"`), head
		}
		name, at, _ := strings.Cut(word, "@")
		if err := json.Unmarshal([]byte(at), &e.TS); err != nil {
			t.Fatal(err)
		}
		e.Name = name
		out = append(out, e)
	}
	return out
}

// rulesOf reads rules in JSON, in which {"on": "ab"} is a step or exclusion that matches events a and b.
func rulesOf(t *testing.T, text string) *Rules {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"steps", "exclusions"} {
		list, _ := raw[key].([]any)
		for _, item := range list {
			m := item.(map[string]any)
			var anyOf [][]map[string]string
			for _, name := range m["on"].(string) {
				anyOf = append(anyOf, []map[string]string{{"field": "event", "op": "=", "value": string(name)}})
			}
			delete(m, "on")
			m["any_of"] = anyOf
		}
	}
	b, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	r := &Rules{}
	if err := json.Unmarshal(b, r); err != nil {
		t.Fatal(err)
	}
	if ps := r.Validate(); len(ps) > 0 {
		t.Fatal(ps)
	}
	return r
}

var workedCases = []worked{
	{
		// The next required step had to come by 5. The exclusion at 7 lies after that deadline, so it does
		// not taint the chain (a, o) that takes its optional step at 8, though it lies between the two.
		"a reset after the deadline spares a late optional step",
		`{"steps": [{"on": "a"}, {"on": "o", "optional": true}, {"on": "b", "window": 5}], "exclusions": [{"on": "x", "from": 0, "to": 2, "policy": "reset"}]}`,
		"a@0 x@7 o@8",
		Counted{StepCounts: []int64{1, 1, 0}, Optional: map[string]int64{"step2": 1}},
	},
	{
		// end_attempt asks what lies between steps of the chain, whatever the deadline.
		"an end of the attempt does not spare it",
		`{"steps": [{"on": "a"}, {"on": "o", "optional": true}, {"on": "b", "window": 5}], "exclusions": [{"on": "x", "from": 0, "to": 2}]}`,
		"a@0 x@7 o@8",
		Counted{StepCounts: []int64{1, 0, 0}, Optional: map[string]int64{"step2": 0}},
	},
	{
		// At 5, x is no longer ahead of the chain from a@0 (window 4), but ahead of the one from a@3: the
		// earlier start is the one that counts.
		"a reset looks at each start's own window",
		`{"steps": [{"on": "a"}, {"on": "b"}, {"on": "c"}], "window": 4, "exclusions": [{"on": "x", "from": 1, "to": 2, "policy": "reset"}]}`,
		"a@0 a@3 b@4 x@5",
		Counted{StepCounts: []int64{1, 1, 0}, TimeToConvert: map[string]Durations{"2": {Times{1, 4, 4}, []int64{4}}}},
	},
	{
		// The best level is that of all chains; one clean chain of it keeps the person: a@2 b@3, though a@0
		// b@3 and a@0 b@1 are hit.
		"one clean chain keeps the person",
		`{"steps": [{"on": "a"}, {"on": "b"}], "exclusions": [{"on": "x", "from": 0, "to": 1, "policy": "drop_user"}]}`,
		"a@0 x@1 a@2 b@3",
		Counted{StepCounts: []int64{1, 1}, TimeToConvert: map[string]Durations{"2": {Times{1, 1, 1}, []int64{1}}, "total": {Times{1, 1, 1}, []int64{1}}}},
	},
	{
		// The longest chain is hit, and a shorter clean one does not help.
		"a shorter clean chain does not",
		`{"steps": [{"on": "a"}, {"on": "b"}], "exclusions": [{"on": "x", "from": 0, "to": 1, "policy": "drop_user"}], "window": 9}`,
		"a@0 x@1 b@2 a@20",
		Counted{StepCounts: []int64{0, 0}},
	},
	{
		// q@2 carries no code: it serves nothing, but repeats the optional step. It would block the chain at 2
		// unless the optional step is taken there, which only p can serve; so b is served by r, under w.
		"in totals the value is that of an event free to serve the step",
		`{"steps": [{"on": "a"}, {"on": "pq", "optional": true}, {"on": "pr"}, {"on": "c"}], "order": "strict", "counting": "totals",
		  "hold_constant": ["prop.code"], "breakdown": {"property": "prop.v", "attribution": "step", "step": 3}}`,
		"a@1/k p@2/k=u r@2/k=w q@2 c@3/k",
		Counted{
			StepCounts: []int64{1, 1, 1, 1}, Optional: map[string]int64{"step2": 1}, Breakdown: map[string][]int64{"w": {1, 1, 1, 1}},
			TimeToConvert: map[string]Durations{
				"3": {Times{1, 1, 1}, []int64{1}}, "4": {Times{1, 1, 1}, []int64{1}}, "total": {Times{1, 2, 2}, []int64{2}},
			},
		},
	},
	{
		// Without q nothing asks for the optional step, p may serve the required one, and u is the smaller text.
		"and the smallest text among those",
		`{"steps": [{"on": "a"}, {"on": "pq", "optional": true}, {"on": "pr"}, {"on": "c"}], "order": "strict", "counting": "totals",
		  "hold_constant": ["prop.code"], "breakdown": {"property": "prop.v", "attribution": "step", "step": 3}}`,
		"a@1/k p@2/k=u r@2/k=w c@3/k",
		Counted{
			StepCounts: []int64{1, 1, 1, 1}, Optional: map[string]int64{"step2": 1}, Breakdown: map[string][]int64{"u": {1, 1, 1, 1}},
			TimeToConvert: map[string]Durations{
				"3": {Times{1, 1, 1}, []int64{1}}, "4": {Times{1, 1, 1}, []int64{1}}, "total": {Times{1, 2, 2}, []int64{2}},
			},
		},
	},
	{
		// The first a ever carries no code: it is the person's first, and no lane has one to start with.
		"first ever is asked of the person, held values of the lane",
		`{"steps": [{"on": "a", "first_ever": true}, {"on": "b"}], "hold_constant": ["prop.code"]}`,
		"a@0 a@1/k b@2/k",
		Counted{StepCounts: []int64{0, 0}},
	},
	{
		// entry first is decided in each lane: the lane j may start at 5 though k started at 0.
		"the first entry is that of the lane",
		`{"steps": [{"on": "a"}, {"on": "b"}], "hold_constant": ["prop.code"], "entry": "first", "window": 2}`,
		"a@0/k a@5/j b@6/j",
		Counted{StepCounts: []int64{1, 1}, TimeToConvert: map[string]Durations{"2": {Times{1, 1, 1}, []int64{1}}, "total": {Times{1, 1, 1}, []int64{1}}}},
	},
	{
		// Positions take the place of steps: the exclusion lies between the first and the second event, whatever
		// they serve; entry first leaves only the start at 0.
		"an exclusion between positions, from the first entry",
		`{"steps": [{"on": "a"}, {"on": "b"}, {"on": "c"}], "order": "unordered", "entry": "first", "exclusions": [{"on": "x", "from": 0, "to": 1}]}`,
		"c@0 x@1 a@2 b@3",
		Counted{StepCounts: []int64{1, 0, 0}},
	},
	{
		"and from any",
		`{"steps": [{"on": "a"}, {"on": "b"}, {"on": "c"}], "order": "unordered", "exclusions": [{"on": "x", "from": 0, "to": 1}]}`,
		"c@0 x@1 a@2 b@3",
		Counted{StepCounts: []int64{1, 1, 0}, TimeToConvert: map[string]Durations{"2": {Times{1, 1, 1}, []int64{1}}}},
	},
	{
		// b@1 and x@1 are tied with the step inside the chain. With increasing times nothing else of that time
		// can be taken, and x repeats neither a nor b.
		"increasing times in a strict order",
		`{"steps": [{"on": "a"}, {"on": "b"}, {"on": "c"}], "order": "strict", "ties": "increasing"}`,
		"a@0 b@1 x@1 c@2",
		Counted{StepCounts: []int64{1, 1, 0}, TimeToConvert: map[string]Durations{"2": {Times{1, 1, 1}, []int64{1}}}},
	},
	{
		// The event that breaks an attempt may start the next: a b | a b c.
		"the breaking event starts the next attempt",
		`{"steps": [{"on": "a"}, {"on": "b"}, {"on": "c"}], "order": "strict", "counting": "totals"}`,
		"a@0 b@1 a@2 b@3 c@4",
		Counted{
			StepCounts: []int64{2, 2, 1},
			TimeToConvert: map[string]Durations{
				"2": {Times{2, 1, 1}, []int64{1, 1}}, "3": {Times{1, 1, 1}, []int64{1}}, "total": {Times{1, 2, 2}, []int64{2}},
			},
		},
	},
	{
		// The block at 1 is (b, x, a): x stands behind b, so the chain ends with b@1, and a@1 cannot start another.
		"an attempt blocked by a tie keeps that time",
		`{"steps": [{"on": "a"}, {"on": "b"}, {"on": "c"}], "order": "strict", "counting": "totals"}`,
		"a@0 b@1 x@1 a@1 c@2",
		Counted{StepCounts: []int64{1, 1, 0}, TimeToConvert: map[string]Durations{"2": {Times{1, 1, 1}, []int64{1}}}},
	},
	{
		// A window of the next step needs the earlier of two required times, its gap the later: b@2 is too old at
		// 9 and b@6 too young, b@4 fits, and with it the later start a@3.
		"windows and gaps choose among the times of a step",
		`{"steps": [{"on": "a"}, {"on": "b", "window": 3}, {"on": "c", "window": 6, "min_gap": 4}], "window": 20}`,
		"a@1 b@2 a@3 b@4 b@6 c@9",
		Counted{
			StepCounts: []int64{1, 1, 1},
			TimeToConvert: map[string]Durations{
				"2": {Times{1, 1, 1}, []int64{1}}, "3": {Times{1, 5, 5}, []int64{5}}, "total": {Times{1, 6, 6}, []int64{6}},
			},
		},
	},
	{
		// The optional step leaves the clock of the next one at a@0 or a@1: only a@0 is old enough at 5.
		"an older start waits behind an optional step",
		`{"steps": [{"on": "a"}, {"on": "o", "optional": true}, {"on": "c", "min_gap": 5}]}`,
		"a@0 a@1 o@2 c@5",
		Counted{
			StepCounts: []int64{1, 1, 1}, Optional: map[string]int64{"step2": 1},
			TimeToConvert: map[string]Durations{"3": {Times{1, 5, 5}, []int64{5}}, "total": {Times{1, 5, 5}, []int64{5}}},
		},
	},
	{
		// Both o repeat the first step too. Taken at 2, the optional step would be broken by n@3, which repeats
		// only the first; at 4 nothing comes between.
		"an optional step is taken late where an early one would be broken",
		`{"steps": [{"on": "ano"}, {"on": "o", "optional": true}, {"on": "c"}], "order": "strict", "entry_to": 1}`,
		"a@0 o@2 n@3 o@4 c@5",
		Counted{
			StepCounts: []int64{1, 1, 1}, Optional: map[string]int64{"step2": 1},
			TimeToConvert: map[string]Durations{"3": {Times{1, 5, 5}, []int64{5}}, "total": {Times{1, 5, 5}, []int64{5}}},
		},
	},
}

func TestCount_worked(t *testing.T) {
	for _, c := range workedCases {
		t.Run(c.name, func(t *testing.T) {
			r, events := rulesOf(t, c.rules), journeyOf(t, c.events)
			got, err := Count(r, events, nil)
			if err != nil {
				t.Fatal(err)
			}
			level := 0
			for i, n := range c.want.StepCounts {
				if n > 0 && !r.Steps[i].Optional {
					level = i + 1
				}
			}
			c.want.PersonLevel = map[string]int{"p": level}
			for who, answer := range map[string]*Counted{"kernel": got, "list of all chains": oracleCount(r, events)} {
				if d := cmp.Diff(&c.want, answer, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Counted{}, "Censoring")); d != "" {
					t.Errorf("by hand (-) and %s (+) differ:\n%s", who, d)
				}
			}
		})
	}
}
