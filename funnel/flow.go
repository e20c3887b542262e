package funnel

import (
	"cmp"
	"context"
	"math"
	"slices"

	"vouch/internal/engine"
	"vouch/referral"
)

// What can come after the last step a unit reached.
const (
	nextEvent   = "event"
	nextNothing = "nothing"
)

// nextShown is the number of events named after each step; the others are put together. Eight bands of a
// flow can still be told apart. Chosen by judgement.
const nextShown = 8

// flowKey is the number of the last required step reached, and what came next.
type flowKey struct {
	step        int
	next, event string
}

// Flow reads what became of the units of a funnel after the last step they reached: converted; another
// event, of any kind, strictly later and still within the window; nothing within the window; or open,
// nothing so far while the window is not over. Without a window it is never over. Of several next events at
// one time the smallest name counts, so that the answer does not depend on the order of rows.
//
// It needs all events of the units, not only those of the funnel, and so a pass of its own. Rows are in
// order of steps, events by persons, then name; the persons of all rows add up to those who entered.
func Flow(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) ([]FlowRow, error) {
	q, cat, err := watch(ctx, db, def, scope)
	if err != nil {
		return nil, err
	}
	q.params.Keys = nil // every event
	counts := map[flowKey]int64{}
	newFlow := func() engine.Kernel {
		f := &flowKernel{watcher: newWatcher(q), names: cat.names, counts: map[flowKey]int64{}}
		f.views.onUnit = f.unit
		return f
	}
	err = q.scan(ctx, db, def, cat, newFlow, func(k engine.Kernel) error {
		for key, n := range k.(*flowKernel).counts {
			counts[key] += n
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return flowRows(q, counts), nil
}

// flowKernel counts what came next.
type flowKernel struct {
	*watcher
	names  map[int64]string
	counts map[flowKey]int64
}

func (f *flowKernel) unit(o *outcome) {
	if o.level == 0 {
		return
	}
	key := flowKey{step: o.level}
	switch status := f.q.status(o); status {
	case statusConverted:
		key.next = statusConverted
	default:
		key.event = f.after(o)
		switch {
		case key.event != "":
			key.next = nextEvent
		case status == statusOpen:
			key.next = statusOpen
		default:
			key.next = nextNothing
		}
	}
	f.counts[key]++
}

// after is the name of the first event after the last step reached and within the window, "" for none.
func (f *flowKernel) after(o *outcome) string {
	_, at, event := f.seen.of(f.person)
	last, deadline := o.last(), f.q.plan.deadline(o)
	if last == math.MaxInt64 {
		return ""
	}
	first, _ := slices.BinarySearch(at, last+1)
	name := ""
	for i := first; i < len(at) && at[i] == at[first] && at[i] <= deadline; i++ {
		if n := f.names[event[i]]; name == "" || n < name {
			name = n
		}
	}
	return name
}

// flowRows lists the counts in order and joins the rare events of each step.
func flowRows(q *query, counts map[flowKey]int64) []FlowRow {
	out := make([]FlowRow, 0, len(counts))
	for key, n := range counts {
		out = append(out, FlowRow{Step: key.step, Name: q.rules.label(key.step - 1), Next: key.next, Event: key.event, Persons: n})
	}
	rank := map[string]int{nextEvent: 0, nextNothing: 1, statusOpen: 2, statusConverted: 3}
	slices.SortFunc(out, func(a, b FlowRow) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(rank[a.Next], rank[b.Next]), cmp.Compare(b.Persons, a.Persons), cmp.Compare(a.Event, b.Event))
	})
	kept, named := out[:0], map[int]int{}
	for _, r := range out {
		if r.Next == nextEvent {
			if named[r.Step]++; named[r.Step] > nextShown {
				r.Event = ""
			}
		}
		if n := len(kept); r.Next == nextEvent && r.Event == "" && n > 0 && kept[n-1].Step == r.Step && kept[n-1].Event == "" {
			kept[n-1].Persons += r.Persons
			continue
		}
		kept = append(kept, r)
	}
	return kept
}
