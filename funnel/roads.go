package funnel

import (
	"context"
	"fmt"

	"vouch/internal/engine"
)

// read runs the pass over the events: through the kernel, or on a portable engine through the twin, with
// the kernel for whom the twin cannot answer.
func (q *query) read(ctx context.Context, db engine.DB, def Definition, cat *catalogue) (*tally, error) {
	t := newTally(q.plan)
	err := q.scan(ctx, db, def, cat, func() engine.Kernel { return newKernel(q) }, func(k engine.Kernel) error {
		q.merge(t, k.(*kernel).views.t, k.(*kernel).seen)
		return nil
	})
	t.gather()
	if err == nil && t.overflow {
		err = fmt.Errorf("funnel %s: %w", def.Name, errMoney)
	}
	return t, err
}

// merge adds what one kernel counted.
func (q *query) merge(t, of *tally, seen *seen) {
	t.add(of)
	if q.seen != nil {
		q.seen.add(seen)
	}
}
