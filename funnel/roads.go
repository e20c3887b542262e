package funnel

import (
	"context"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
)

// read runs the pass over the events: through the kernel, or on a portable engine through the twin, with
// the kernel for whom SQL cannot answer.
func (q *query) read(ctx context.Context, db engine.DB, def Definition, cat *catalogue) (*tally, error) {
	t := newTally(q.plan)
	rows := q.params
	if engine.IsPortable(db) && len(q.beyond()) == 0 {
		twin := newTwin(q)
		if err := q.readTwin(ctx, db, def, cat, twin, t); err != nil {
			return nil, err
		}
		rows.leave(&twin, q.matchers.relevant())
	}
	err := q.scanStmt(ctx, db, def, cat, func(lo, hi int64) (sqltext.Stmt, error) {
		return rowsStmt(db.Dialect(), rows, lo, hi)
	}, func() engine.Kernel { return newKernel(q) }, func(k engine.Kernel) error {
		q.merge(t, k.(*kernel).views.t, k.(*kernel).seen)
		return nil
	})
	t.gather()
	if err == nil && t.overflow {
		err = fmt.Errorf("funnel %s: %w", def.Name, errMoney)
	}
	return t, err
}

// leave keeps the rows to units that the twin leaves. A filter by other rows may disturb the order of a
// table, and only the facts have the ids that settle the order of equal times.
func (p *rowsParams) leave(twin *twinParams, keys []int64) {
	p.Left, p.Clustered, p.Table, p.Keys = twin, false, schema.EventFacts, keys
}

// readTwin counts the units that SQL can answer.
func (q *query) readTwin(ctx context.Context, db engine.DB, def Definition, cat *catalogue, twin twinParams, t *tally) error {
	bare := q.bare && q.seen == nil
	twin.Bare = bare
	return q.scanStmt(ctx, db, def, cat, func(lo, hi int64) (sqltext.Stmt, error) {
		return twinStmt(db.Dialect(), "twin", twin, lo, hi)
	}, func() engine.Kernel {
		if bare {
			return &twinCounts{q: q, t: newTally(q.plan)}
		}
		return newTwinReader(q)
	}, func(k engine.Kernel) error {
		switch k := k.(type) {
		case *twinCounts:
			t.add(k.t)
		case *twinReader:
			q.merge(t, k.v.t, k.seen)
		}
		return nil
	})
}

// merge adds what one kernel counted.
func (q *query) merge(t, of *tally, seen *seen) {
	t.add(of)
	if q.seen != nil {
		q.seen.add(seen)
	}
}
