package funnel

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/internal/engine"
)

// TestLevels_sameAsViews feeds random plain funnels to the short way of bare counts and to the views,
// cut into batches at random places, and requires the same steps and groups.
func TestLevels_sameAsViews(t *testing.T) {
	by := newLabels()
	by.put(0, "p0")
	by.put(1, "p1")
	for key := range int64(placed) {
		by.put(10+key, fmt.Sprint("other", key))
	}
	by.put(2, "p2") // beyond the values that have a chain
	checks(t, 3000, func(t *rapid.T) {
		r := &Rules{Entry: pick(t, "entry", "any", "first"), Ties: pick(t, "ties", "any_order", "increasing"), Window: drawOptional(t, "window", rapid.Int64Range(0, 6)), Reuse: rapid.Bool().Draw(t, "reuse")}
		overlap := rapid.Bool().Draw(t, "overlap")
		steps, events := rapid.IntRange(1, 4).Draw(t, "steps"), 4
		if !overlap && rapid.IntRange(0, 3).Draw(t, "many steps") == 0 {
			steps, events = rapid.IntRange(5, 9).Draw(t, "steps"), 9
		}
		for i := range steps {
			r.Steps = append(r.Steps, RuleStep{AnyOf: [][]Condition{{equals("event", string(rune('a'+i)))}}})
			if overlap {
				r.Steps[i].AnyOf = drawAlternatives(t, "step")
			}
		}
		r.EntryFrom, r.EntryTo = drawOptional(t, "from", rapid.Int64Range(0, 3)), drawOptional(t, "to", rapid.Int64Range(4, 9))
		if rapid.Bool().Draw(t, "by") {
			r.Breakdown = &Breakdown{Property: "partner_id", Attribution: "all"}
		}
		p := newPlan(r)
		names := map[int64]string{int64(events): "x"}
		for i := range events {
			names[int64(i)] = string(rune('a' + i))
		}
		q := &query{rules: r, plan: p, matchers: newMatcherSet(p, r, names), by: by}
		if r.Breakdown != nil {
			f := fieldOf("partner_id")
			q.params.By = &f
		}
		batches := drawLong(t, r.Breakdown != nil, events)
		counted := func(bare bool) *tally {
			own := *q
			own.bare = bare
			k := newKernel(&own)
			if (k.levels != nil) != bare {
				t.Fatal("the kernels do not take the two ways")
			}
			for _, b := range batches {
				if err := k.Batch(b); err != nil {
					t.Fatal(err)
				}
			}
			if err := k.Close(); err != nil {
				t.Fatal(err)
			}
			k.views.t.settle()
			return k.views.t
		}
		short, long := counted(true), counted(false)
		if d := cmp.Diff(countsOf(long), countsOf(short)); d != "" {
			t.Fatalf("views (-) and short way (+): %s", d)
		}
	})
}

// countsOf lists the persons of each step, of all and by value, values without any left out.
func countsOf(t *tally) map[string][]int64 {
	out := map[string][]int64{"all persons": persons(t.steps)}
	for key, g := range t.groups {
		if g.steps[0].persons > 0 {
			out[key] = persons(g.steps)
		}
	}
	return out
}

// drawBatches draws the rows of some persons in order, as an engine hands them over: four events and one of
// no step.
func drawBatches(t *rapid.T, by bool) []*engine.Batch { return drawLong(t, by, 4) }

// drawLong draws more events; they tend to follow the steps, so that some persons get far.
func drawLong(t *rapid.T, by bool, events int) []*engine.Batch {
	var out []*engine.Batch
	person, at, event := int32(0), int64(0), 0
	for range rapid.IntRange(0, 4).Draw(t, "batches") {
		b := &engine.Batch{Columns: make([]engine.Column, 3)}
		var partners engine.Column
		for range rapid.IntRange(0, 12).Draw(t, "rows") {
			if rapid.IntRange(0, 4).Draw(t, "next person") == 0 {
				person, at, event = person+1, 0, -1
			}
			at += rapid.SampledFrom([]int64{0, 0, 1, 2, 3}).Draw(t, "later")
			b.Columns[0].I32 = append(b.Columns[0].I32, person)
			b.Columns[1].I64 = append(b.Columns[1].I64, at)
			event = min(event+1, events)
			if events == 4 || rapid.IntRange(0, 3).Draw(t, "any event") == 0 {
				event = rapid.IntRange(0, events).Draw(t, "event")
			}
			b.Columns[2].U8 = append(b.Columns[2].U8, uint8(event))
			partners.I16 = append(partners.I16, int16(rapid.IntRange(0, 2).Draw(t, "partner")))
			partners.Valid = append(partners.Valid, rapid.IntRange(0, 5).Draw(t, "known") > 0)
			b.Len++
		}
		if by {
			b.Columns = append(b.Columns, partners)
		}
		out = append(out, b)
	}
	return out
}
