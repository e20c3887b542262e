package funnel

import (
	"context"
	"fmt"

	"vouch/internal/engine"
	"vouch/referral"
)

// outside is what the count of a funnel leaves out, or could have: events of the names its steps and
// exclusions may match.
type outside struct {
	// late counts events that happened before the as-of time and arrived at it or later; nil in the form
	// of bare counts, unless they are dropped.
	late *int64
	// withoutUnit counts events without a value of the unit; nil where persons are counted, since every
	// event has a person.
	withoutUnit *int64
}

// readOutside counts them. The counts are statements of their own: no row of them reaches the kernels.
func (q *query) readOutside(ctx context.Context, db engine.DB, def Definition) error {
	data := q.params.outside(q.matchers.relevant())
	for _, c := range []struct {
		name string
		ask  bool
		to   **int64
	}{
		{"late", !q.bare || q.params.DropLate, &q.outside.late},
		{"without_unit", !def.unit().isPerson(), &q.outside.withoutUnit},
	} {
		if !c.ask {
			continue
		}
		n := new(int64)
		if len(q.matchers.relevant()) > 0 {
			st, err := statements.Render(db.Dialect(), c.name, data)
			if err != nil {
				return err
			}
			if err := engine.One(ctx, db, st, n); err != nil {
				return err
			}
		}
		*c.to = n
	}
	return nil
}

// outside is the data of the statements that count them.
func (p rowsParams) outside(events []int64) map[string]any {
	return map[string]any{"AsOf": p.AsOf, "Unit": p.Unit, "DropLate": p.DropLate, "Events": events}
}

// findings says what the counts left out, or would have.
func (o outside) findings(def Definition) []referral.Finding {
	var out []referral.Finding
	if n := o.late; n != nil && *n > 0 {
		f := referral.Finding{Code: "late-events", Subject: def.Name}
		f.Detail = fmt.Sprintf("events of this funnel that arrived at the as-of time or later: %d, ", *n)
		if def.Late == "drop" {
			f.Detail += "left out"
		} else {
			f.Detail += "counted; a report made then did not know them, and “late: drop” leaves them out"
		}
		out = append(out, f)
	}
	if n := o.withoutUnit; n != nil && *n > 0 {
		out = append(out, referral.Finding{
			Code: "without-unit", Subject: def.unit().name,
			Detail: fmt.Sprintf("events of this funnel that carry no %s: %d; they belong to none of the %s counted", def.unit().name, *n, def.unit().many),
		})
	}
	return out
}
