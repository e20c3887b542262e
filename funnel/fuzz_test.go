package funnel

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fuzzed reads rules and events off bytes; what is missing at the end is 0.
type fuzzed struct{ bytes []byte }

func (f *fuzzed) next(n int) int {
	if len(f.bytes) == 0 {
		return 0
	}
	b := f.bytes[0]
	f.bytes = f.bytes[1:]
	return int(b) % n
}

func (f *fuzzed) number(n int) *int64 {
	v := int64(f.next(n+1)) - 1
	if v < 0 {
		return nil
	}
	return &v
}

func (f *fuzzed) text(list ...string) string { return list[f.next(len(list))] }

func (f *fuzzed) rules() *Rules {
	r := &Rules{
		Order: f.text("ordered", "strict", "strict_among_steps", "unordered"), Ties: f.text("any_order", "increasing"),
		Entry: f.text("any", "first"), Counting: f.text("uniques", "totals"), Reuse: f.next(4) == 1, Window: f.number(20),
		Tolerance: int64(f.next(5)), EntryFrom: f.number(4), EntryTo: f.number(12), ObservationEnd: f.number(20),
	}
	if f.next(3) == 1 {
		r.HoldConstant = []string{"prop.code"}
	}
	for range 1 + f.next(5) {
		s := RuleStep{Window: f.number(8), MinGap: f.number(4), Optional: f.next(3) == 1, FirstEver: f.next(6) == 1}
		for range 1 + f.next(2) {
			s.AnyOf = append(s.AnyOf, []Condition{equals("event", f.text("a", "b", "c", "d"))})
		}
		r.Steps = append(r.Steps, s)
	}
	for range f.next(3) {
		r.Exclusions = append(r.Exclusions, RuleExclusion{
			AnyOf: [][]Condition{{equals("event", f.text("x", "a", "b"))}}, From: f.next(4), To: f.next(5), Policy: f.text(policies...),
		})
	}
	return r
}

// events draws at most the given number; a byte of 0 for the gap makes a tie.
func (f *fuzzed) events(most int) []Event {
	var out []Event
	at := int64(0)
	for len(f.bytes) > 0 && len(out) < most {
		at += int64(f.next(4))
		e := Event{Person: "p", TS: at, Name: f.text("a", "b", "c", "d", "x", "n"), Props: map[string]json.RawMessage{}}
		if c := f.text("", `"k1"`, `"k2"`); c != "" {
			e.Props["code"] = json.RawMessage(c)
		}
		out = append(out, e)
	}
	return out
}

// FuzzKernel: whatever the rules and events, the evaluator of a plan (the tie-group method, the matching),
// the general one and the one that follows every state give the same answer, and none crashes. Rules that
// are refused are refused without a crash.
func FuzzKernel(f *testing.F) {
	for _, seed := range []string{
		"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02", // a plain funnel
		"\x00\x00\x00\x00\x00\x09\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x02\x00\x01\x00\x00\x01\x01\x00\x01\x02\x00",
		"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x02\x00\x00\x01\x00\x01\x01\x00\x00\x02\x00\x01\x03",
		"\x03\x00\x00\x00\x00\x06\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x02\x01\x00\x01\x02\x01\x00\x00\x01\x00\x04\x01",
		"\x00\x00\x00\x00\x00\x09\x02\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04\x02\x00\x00\x00\x01\x00\x02\x01\x01\x00\x00\x01\x01\x02",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := &fuzzed{data}
		r := in.rules()
		if len(r.Validate()) > 0 {
			return
		}
		events := in.events(24)
		if _, err := Count(r, events, nil); err != nil {
			t.Fatal(err)
		}
		kept := events[:0]
		for _, e := range events {
			if r.ObservationEnd == nil || e.TS <= *r.ObservationEnd {
				kept = append(kept, e)
			}
		}
		if d := compareEvaluators(r, kept, always); d != "" {
			t.Fatalf("%s\n%s", d, describeCase(r, kept))
		}
	})
}

// compareEvaluators evaluates the events of one person by every evaluator that answers the rules, for
// starts in a span, and describes the first difference.
func compareEvaluators(r *Rules, events []Event, in span) (diff string) {
	p := newPlan(r)
	e := newEvaluator(p, nil, true)
	e.journey, e.want = classify(r, p, e, [][]Event{events})[0], true
	if r.HoldConstant != nil {
		e.lane = heldLanes(events)
	}
	if err := e.seal(); err != nil {
		return err.Error()
	}
	e.eachLane(func(l *lane) {
		starts, ok := l.eligible(p)
		if starts = starts.and(in); !ok || starts.hi < starts.lo || diff != "" {
			return
		}
		want := everyState(p, l, starts)
		for name, units := range map[string]func(func(*outcome)){
			"general": func(each func(*outcome)) { unitsOf(p, newSearch(p), l, starts, each) },
			"own": func(each func(*outcome)) {
				switch {
				case e.any != nil:
					unitsOf(p, e.any, l, starts, each)
				case e.tie != nil:
					e.plain(l, starts, &e.one)
					each(&e.one)
				default:
					unitsOf(p, e.search, l, starts, each)
				}
			},
		} {
			var got []answered
			units(func(o *outcome) {
				if problem := misplaced(p, l, o); problem != "" {
					diff = name + ": " + problem
				}
				got = append(got, answerOf(p, o))
			})
			if d := cmp.Diff(want, got); d != "" {
				diff = "all states (-) and the " + name + " evaluator (+) differ:\n" + d
			}
		}
	})
	return diff
}

// unitsOf tells the units of a lane: attempts in totals, else the one unit.
func unitsOf(p *plan, f interface {
	run(*lane, span) *outcome
	attempts(*lane, span, func(*outcome))
}, l *lane, starts span, each func(*outcome),
) {
	if p.totals {
		f.attempts(l, starts, each)
		return
	}
	each(f.run(l, starts))
}

func everyState(p *plan, l *lane, starts span) []answered {
	var out []answered
	g := newSlowGraph(p)
	if p.totals {
		g.attempts(l, starts, func(o *outcome) { out = append(out, answerOf(p, o)) })
		return out
	}
	return []answered{answerOf(p, g.run(l, starts).result())}
}
