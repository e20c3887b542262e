package funnel

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/internal/engine"
	"vouch/referral"
)

// TestPlain_sameAsEvaluator feeds random plain funnels to the views with and without the short way and
// requires the same tally: counts, money, times, periods, first entries, of all and by value.
func TestPlain_sameAsEvaluator(t *testing.T) {
	checks(t, 4000, func(t *rapid.T) {
		r := &Rules{
			Entry: pick(t, "entry", "any", "first"), Ties: pick(t, "ties", "any_order", "increasing"),
			Window: drawOptional(t, "window", rapid.Int64Range(0, 9)), Reuse: rapid.Bool().Draw(t, "reuse"),
		}
		for i := range rapid.IntRange(1, 4).Draw(t, "steps") {
			r.Steps = append(r.Steps, RuleStep{AnyOf: [][]Condition{{equals("event", string(rune('a'+i)))}}})
		}
		r.EntryFrom, r.EntryTo = drawOptional(t, "from", rapid.Int64Range(0, 3)), drawOptional(t, "to", rapid.Int64Range(4, 12))
		if by := pick(t, "by", "", "all", "first_touch", "last_touch"); by != "" {
			r.Breakdown = &Breakdown{Property: "partner_id", Attribution: by}
		}
		p := newPlan(r)
		q := &query{
			rules: r, plan: p, matchers: newMatcherSet(p, r, map[int64]string{0: "a", 1: "b", 2: "c", 3: "d", 4: "x"}), by: newLabels(),
			end: rapid.Int64Range(0, 20).Draw(t, "end"), censor: p.window != noLimit,
			buckets: func() *buckets {
				return newBuckets("hour", referral.Calendar{Zone: time.UTC, WeekStart: time.Monday}, 1)
			},
		}
		for key := range int64(3) {
			q.by.put(key, fmt.Sprint("p", key))
		}
		if r.Breakdown != nil {
			f := fieldOf("partner_id")
			q.params.By = &f
		}
		q.params.Money = true
		batches := drawBatches(t, r.Breakdown != nil)
		for _, b := range batches {
			b.Columns = append(b.Columns, engine.Column{I64: rapid.SliceOfN(rapid.Int64Range(-3, 9), b.Len, b.Len).Draw(t, "money")})
		}
		count := func(short bool) *tally {
			k := newKernel(q)
			if k.plain == nil {
				t.Fatal("the short way is not taken")
			}
			if !short {
				k.plain, k.views.table = nil, nil
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
		if d := cmp.Diff(described(p, count(false)), described(p, count(true)), cmp.AllowUnexported(stepTally{}, bucketTally{}), cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("evaluator (-) and short way (+): %s", d)
		}
	})
}

// described is what a tally says, whatever the order it was told in.
func described(p *plan, t *tally) map[string]any {
	counts := func(c censorTally) any {
		return []any{c.entered, c.converted, c.matured, c.maturedIn, c.open, c.lost, sortedTimes(&c.events), sortedTimes(&c.censored)}
	}
	out := map[string]any{
		"steps": t.steps, "trend": t.trend, "entries": []int64{t.entered, t.first, t.last}, "overflow": t.overflow, "first entries": counts(t.cens),
	}
	for i := range t.steps {
		waits := sortedTimes(&t.waits[i])
		for range t.watched[i] {
			waits = append(waits, windowTime(p)) // none is longer
		}
		out[fmt.Sprint("times ", i)] = []any{sortedTimes(&t.durations[i]), waits}
	}
	out["times"] = sortedTimes(&t.total)
	for key, g := range t.groups {
		out["of "+key] = []any{g.steps, g.through, counts(g.cens)}
	}
	return out
}
