package funnel

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// answered is an outcome without the events behind it, which tied events can share out in several ways.
type answered struct {
	Level    int
	Times    []int64 // of required steps
	Optional []int
}

func answerOf(p *plan, o *outcome) answered {
	a := answered{Level: o.level}
	for s := range o.level {
		if !p.steps[s].optional {
			a.Times = append(a.Times, o.times[s])
		}
	}
	for s := range p.steps {
		if o.level > 0 && p.steps[s].optional && hasBit(o.optional, s) {
			a.Optional = append(a.Optional, s)
		}
	}
	return a
}

// lanes fills each lane of a person's events and calls f with it.
func (e *evaluator) eachLane(f func(*lane)) {
	ids := []int32{-1}
	if e.p.hold {
		ids = e.lanes
	}
	for _, id := range ids {
		e.fill(selection{}, id)
		f(&e.view)
	}
}

// checkChain holds the events of an outcome to the definition: each may serve its step, no two steps share
// one unless they may, and times are in order.
func checkChain(t *rapid.T, p *plan, l *lane, o *outcome) {
	byRow := map[int32]int{}
	for i, row := range l.row {
		byRow[row] = i
	}
	used := map[int32]int{}
	last := int64(0)
	var taken []int
	for s := range p.steps {
		if !o.has(p, s) {
			continue
		}
		i, ok := byRow[o.rows[s]]
		if !ok || l.ts[i] != o.times[s] || p.order != unordered && !hasBit(l.mask(i), s) {
			t.Fatalf("step %d lies on row %d at %d, which cannot serve it", s, o.rows[s], o.times[s])
		}
		if p.order != unordered && p.steps[s].optional {
			continue // its event is that of the best chain that contains it
		}
		if other, twice := used[o.rows[s]]; twice && !p.reuse {
			t.Fatalf("steps %d and %d share row %d", other, s, o.rows[s])
		}
		used[o.rows[s]] = s
		if p.tolerance == 0 && len(taken) > 0 && o.times[s] < last {
			t.Fatalf("step %d lies at %d, before %d", s, o.times[s], last)
		}
		taken, last = append(taken, s), o.times[s]
	}
}

// TestSearch_everyState compares the evaluators with one that follows every state of a chain from every
// start: slower by far, but fast enough for persons of many events, where chains get long, classes of
// starts are many and shelves are full.
func TestSearch_everyState(t *testing.T) {
	checks(t, 3000, func(t *rapid.T) {
		var r *Rules
		if rapid.Bool().Draw(t, "rich") {
			r = drawRich(t)
		} else {
			r = drawRules(t)
			drawLonger(t, r)
		}
		if ps := r.Validate(); len(ps) > 0 {
			t.Fatalf("drew rules that are refused: %v", ps)
		}
		events := drawLongJourney(t)
		p := newPlan(r)
		e := newEvaluator(p, nil, true)
		e.journey = classify(r, p, e, [][]Event{events})[0]
		if r.HoldConstant != nil {
			e.lane = heldLanes(events)
		}
		if err := e.seal(); err != nil {
			t.Fatal(err)
		}
		e.eachLane(func(l *lane) {
			starts, ok := l.eligible(p)
			if !ok {
				return
			}
			if rapid.IntRange(0, 2).Draw(t, "bucket") == 0 {
				lo := rapid.Int64Range(0, 40).Draw(t, "bucket from")
				starts = starts.and(span{lo, lo + rapid.Int64Range(0, 10).Draw(t, "bucket length")})
				if starts.hi < starts.lo {
					return
				}
			}
			slow, general := newSlowGraph(p), newSearch(p)
			if p.totals {
				var want, got []answered
				slow.attempts(l, starts, func(o *outcome) { want = append(want, answerOf(p, o)) })
				general.attempts(l, starts, func(o *outcome) { got = append(got, answerOf(p, o)); checkChain(t, p, l, o) })
				if d := cmp.Diff(want, got); d != "" {
					t.Fatalf("all states (-) and search (+) differ:\n%s\n%s", d, describeCase(r, events))
				}
				if e.any != nil {
					got = nil
					e.any.attempts(l, starts, func(o *outcome) { got = append(got, answerOf(p, o)); checkChain(t, p, l, o) })
					if d := cmp.Diff(want, got); d != "" {
						t.Fatalf("all states (-) and matching (+) differ:\n%s\n%s", d, describeCase(r, events))
					}
				}
				return
			}
			want := answerOf(p, slow.run(l, starts).result())
			compare := func(name string, o *outcome) {
				if d := cmp.Diff(want, answerOf(p, o)); d != "" {
					t.Fatalf("all states (-) and %s (+) differ:\n%s\n%s", name, d, describeCase(r, events))
				}
				checkChain(t, p, l, o)
			}
			compare("search", general.run(l, starts))
			switch {
			case e.any != nil:
				compare("matching", e.any.run(l, starts))
			case e.tie != nil:
				e.want = true
				e.plain(l, starts, &e.one)
				compare("tie groups", &e.one)
			}
		})
	})
}
