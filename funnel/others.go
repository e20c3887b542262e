package funnel

import (
	"context"
	"fmt"
	"slices"

	"vouch/internal/engine"
	"vouch/referral"
)

// others is the funnel of the units under the values beyond the largest groups: each unit once, as far as it
// got under any of them.
//
// Units under one value add up, so the rows are right but for the units that count under several values. They
// are noted in the first pass; where there are any, a second one takes what they added to the rows out and counts
// each of them once. The portable road notes none, so there the second pass looks at every unit.
func (q *query) others(ctx context.Context, db engine.DB, def Definition, scope referral.Scope, cat *catalogue, t *tally, groups []Group) (*Other, error) {
	top := def.Shown()
	if len(groups) <= top {
		return nil, nil
	}
	sum := newTally(q.plan)
	kept := map[string]bool{}
	for i, g := range groups {
		if i < top {
			kept[g.Key] = true
			continue
		}
		sum.addSteps(sum.steps, t.groups[g.Key].steps)
	}
	several, all := t.several, engine.IsPortable(db) && !q.plan.totals
	if all {
		several = nil
	}
	if all || len(several) > 0 {
		again := *q
		again.following, again.censor, again.buckets, again.seen = true, false, nil, nil
		again.several, again.kept = several, kept
		err := again.scan(ctx, db, def, cat, func() engine.Kernel { return newKernel(&again) }, func(k engine.Kernel) error {
			sum.addSteps(sum.steps, k.(*kernel).views.rest.steps)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if sum.overflow {
		return nil, fmt.Errorf("funnel %s: %w", def.Name, errMoney)
	}
	return &Other{Values: int64(len(groups) - top), Steps: stepResults(q, sum.steps, confidence(scope))}, nil
}

// rest corrects the sum of rows for one unit at a time.
type rest struct {
	kept  map[string]bool
	steps []stepTally // what is to be added to the sum
	one   []stepTally // of one unit under one value
	best  outcome     // of the unit at hand, over the values that are not kept
	found bool
}

// take takes what a unit added to the row of a value out again.
func (r *rest) take(v *views, value int32, o *outcome) {
	if r.kept[v.text(value)] {
		return
	}
	clear(r.one)
	v.t.count(v.p, o, r.one, v.e.money)
	for i := range r.one {
		r.one[i] = stepTally{-r.one[i].persons, -r.one[i].amount}
	}
	v.t.addSteps(r.steps, r.one)
	switch {
	case !r.found:
		r.best.copyFrom(o)
	case o.level == r.best.level:
		union(o.optional, r.best.optional)
		if better(v.p, o, &r.best) {
			r.best.copyFrom(o)
		}
		copy(r.best.optional, o.optional)
	case o.level > r.best.level:
		r.best.copyFrom(o)
	}
	r.found = true
}

// end counts the unit once.
func (r *rest) end(v *views) {
	if r.found {
		v.t.count(v.p, &r.best, r.steps, v.e.money)
	}
	r.found = false
}

// isOf reports whether the list, in ascending order, holds a unit.
func isOf(list []int64, unit int64) bool {
	_, found := slices.BinarySearch(list, unit)
	return found
}
