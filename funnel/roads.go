package funnel

import (
	"context"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
	"vouch/referral"
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
		rows.leave(twin, q.matchers.relevant())
	}
	onward := relay{q: q}
	err := q.scanStmt(ctx, db, def, cat, func(lo, hi int64) (sqltext.Stmt, error) {
		return rowsStmt(db.Dialect(), rows, lo, hi)
	}, func() engine.Kernel { return onward.next() }, func(k engine.Kernel) error {
		if k := k.(*kernel); k.relay == nil {
			q.merge(t, k.views.t, k.seen)
		}
		return nil
	})
	if err == nil {
		onward.end(t)
	}
	t.settle()
	if err == nil && t.overflow {
		err = fmt.Errorf("funnel %s: %w", def.Name, errMoney)
	}
	return t, err
}

// leave keeps the rows to units that the twin leaves. A filter by other rows may disturb the order of a
// table, and only the facts have the ids that settle the order of equal times.
func (p *rowsParams) leave(twin twinParams, keys []int64) {
	left := twin.Narrow()
	p.Left, p.Clustered, p.Table, p.Keys = &left, false, schema.EventFacts, keys
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

// Reasons for the kernel that no option makes.
const (
	reasonEngine = "engine duckdb" // SQL was not asked for
	reasonTies   = "equal times"   // the answer may depend on their order
	reasonFar    = "distant times" // their differences may not fit into 64 bits
)

// Explain counts the units that have an event of a step by the road that Compute and Counts take for them
// on this engine. A reason in an option or a condition sends everybody to the kernel; each such reason is
// listed with all units.
func Explain(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (*Roads, error) {
	q, cat, err := prepare(ctx, db, def, scope, true)
	if err != nil {
		return nil, err
	}
	return q.explain(ctx, db, def, cat)
}

func (q *query) explain(ctx context.Context, db engine.DB, def Definition, cat *catalogue) (*Roads, error) {
	everybody := q.beyond()
	if !engine.IsPortable(db) {
		everybody = []string{reasonEngine}
	}
	twin := newTwin(q).Narrow()
	if len(q.params.Judged) > 0 {
		twin.forgetConditions()
	}
	var n roadCounts
	err := q.scanStmt(ctx, db, def, cat, func(lo, hi int64) (sqltext.Stmt, error) {
		return twinStmt(db.Dialect(), "roads", twin, lo, hi)
	}, func() engine.Kernel { return &roadCounts{} }, func(k engine.Kernel) error {
		n.add(k.(*roadCounts))
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &Roads{Kernel: n.tied + n.far, SQL: n.units - n.tied - n.far, Reasons: []Road{}}
	reasons := []Road{{reasonTies, n.tied}, {reasonFar, n.far}}
	if len(everybody) > 0 {
		out.Kernel, out.SQL, reasons = n.units, 0, nil
		for _, reason := range everybody {
			reasons = append(reasons, Road{reason, n.units})
		}
	}
	for _, r := range reasons {
		if r.Persons > 0 {
			out.Reasons = append(out.Reasons, r)
		}
	}
	return out, nil
}

// roadCounts is the engine.Kernel over the rows of roads.sql.
type roadCounts struct{ units, tied, far int64 }

// Batch implements engine.Kernel.
func (r *roadCounts) Batch(b *engine.Batch) error {
	for i := range b.Len {
		r.add(&roadCounts{b.Columns[0].Int(i), b.Columns[1].Int(i), b.Columns[2].Int(i)})
	}
	return nil
}

// Close implements engine.Kernel.
func (r *roadCounts) Close() error { return nil }

func (r *roadCounts) add(o *roadCounts) {
	r.units += o.units
	r.tied += o.tied
	r.far += o.far
}
