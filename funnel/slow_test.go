package funnel

import (
	"fmt"
	"testing"

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

// eachLane fills each lane of a person's events and calls f with it.
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

// misplaced holds the events of an outcome to the definition: each may serve its step, required steps
// share none unless they may, and without clock noise they are in order of time. It describes the first
// that is not so.
func misplaced(p *plan, l *lane, o *outcome) string {
	byRow := map[int32]int{}
	for i, row := range l.row {
		byRow[row] = i
	}
	used := map[int32]int{}
	last := -1
	for s := range p.steps {
		if !o.has(p, s) {
			continue
		}
		i, ok := byRow[o.rows[s]]
		if !ok || l.ts[i] != o.times[s] || empty(l.mask(i)) || p.order != unordered && !hasBit(l.mask(i), s) {
			return fmt.Sprintf("step %d lies on row %d at %d, which cannot serve it", s, o.rows[s], o.times[s])
		}
		if p.steps[s].optional {
			continue // its event is that of the best chain that contains it
		}
		if other, twice := used[o.rows[s]]; twice && !p.reuse {
			return fmt.Sprintf("steps %d and %d share row %d", other, s, o.rows[s])
		}
		if p.tolerance == 0 && last >= 0 && o.times[s] < o.times[last] {
			return fmt.Sprintf("step %d lies at %d, before step %d at %d", s, o.times[s], last, o.times[last])
		}
		used[o.rows[s]], last = s, s
	}
	return ""
}

// TestSearch_everyState compares the evaluators with one that follows every state of a chain from every
// start: slower by far, but fast enough for persons of many events, where chains get long, classes of
// starts are many and shelves are full.
func TestSearch_everyState(t *testing.T) {
	checks(t, 5000, func(t *rapid.T) {
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
		events, in := drawLongJourney(t), always
		if rapid.IntRange(0, 2).Draw(t, "bucket") == 0 {
			in.lo = rapid.Int64Range(0, 40).Draw(t, "bucket from")
			in.hi = in.lo + rapid.Int64Range(0, 10).Draw(t, "bucket length")
		}
		if d := compareEvaluators(r, events, in); d != "" {
			t.Fatalf("%s\n%s", d, describeCase(r, events))
		}
	})
}
