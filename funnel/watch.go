package funnel

import (
	"context"
	"math"
	"strings"

	"vouch/internal/engine"
	"vouch/referral"
)

// What becomes of single units is read by passes of their own, which watch the same kernel that counts.

// What can have become of a unit.
const (
	statusConverted = "converted"
	statusDropped   = "dropped" // its window is over
	statusOpen      = "open"    // not converted, and the window is not over
)

// watch prepares a query that follows units and nothing else: no groups, no money, no periods.
func watch(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (*query, *catalogue, error) {
	def.By, def.Breakdown, def.Trend = nil, nil, nil
	q, cat, err := prepare(ctx, db, def, scope, false)
	if err != nil {
		return nil, nil, err
	}
	q.following, q.params.Money, q.censor, q.buckets = true, false, false, nil
	if q.rules.ObservationEnd == nil {
		q.end = math.MaxInt64
	}
	return q, cat, nil
}

// deadline is the last time at which the chain of an outcome may go on.
func (p *plan) deadline(o *outcome) int64 {
	d := later(o.start(), p.window)
	if p.order == unordered {
		return d
	}
	if next := p.steps[o.level-1].next; next >= 0 {
		d = min(d, later(o.last(), p.steps[next].window))
	}
	return d
}

// status tells what became of a unit that entered.
func (q *query) status(o *outcome) string {
	switch {
	case o.level == q.plan.full():
		return statusConverted
	case q.plan.deadline(o) > q.end:
		return statusOpen
	}
	return statusDropped
}

// unitEvents are the events of the units of a batch, and of the one that may go on in the next, as they
// lie in the stream: what a kernel skips because it serves no step, too.
type unitEvents struct {
	run   unitRun
	units []unitSpan
	at    []int64
	event []int64
	found int // unit looked up last
}

// unitSpan is where the events of a unit begin.
type unitSpan struct {
	unit int64
	name string // where units are texts
	from int
}

// add appends a batch of rows.sql.
func (u *unitEvents) add(b *engine.Batch) error {
	ids, err := u.run.number(&b.Columns[0])
	if err != nil {
		return err
	}
	for i, id := range ids {
		if n := len(u.units); n == 0 || u.units[n-1].unit != id {
			s := unitSpan{unit: id, from: len(u.at) + i}
			if b.Columns[0].Text != nil {
				s.name = strings.Clone(b.Columns[0].Text[i]) // the batch owns the text
			}
			u.units = append(u.units, s)
		}
	}
	u.at, u.event = b.Columns[1].AppendInts(u.at), b.Columns[2].AppendInts(u.event)
	return nil
}

// of returns a unit and its events. Units are asked for in the order of the stream.
func (u *unitEvents) of(unit int64) (s unitSpan, at, event []int64) {
	for u.units[u.found].unit != unit {
		u.found++
	}
	s, to := u.units[u.found], len(u.at)
	if u.found+1 < len(u.units) {
		to = u.units[u.found+1].from
	}
	return s, u.at[s.from:to], u.event[s.from:to]
}

// keepLast forgets all units but the last.
func (u *unitEvents) keepLast() {
	if len(u.units) == 0 {
		return
	}
	last := u.units[len(u.units)-1]
	u.at, u.event = append(u.at[:0], u.at[last.from:]...), append(u.event[:0], u.event[last.from:]...)
	last.from = 0
	u.units, u.found = append(u.units[:0], last), 0
}

// watcher is a kernel with the events of its units at hand. Its views tell each unit as it ends.
type watcher struct {
	*kernel
	seen unitEvents
}

func newWatcher(q *query) *watcher { return &watcher{kernel: newKernel(q)} }

// Batch implements engine.Kernel.
func (w *watcher) Batch(b *engine.Batch) error {
	if err := w.seen.add(b); err != nil {
		return err
	}
	if err := w.kernel.Batch(b); err != nil {
		return err
	}
	w.seen.keepLast()
	return nil
}
