package funnel

import (
	"context"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/schema"
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
	// withoutHeld counts events that would serve a step if they had every held value; nil where nothing is
	// held and in the form of bare counts.
	withoutHeld *int64
}

// readOutside counts them. The counts are statements of their own: no row of them reaches the kernels.
func (q *query) readOutside(ctx context.Context, db engine.DB, def Definition) error {
	names, steps := q.matchers.relevant(), q.matchers.serving()
	late := q.params.outside(names)
	for _, c := range []struct {
		name   string
		ask    bool
		events []int64
		data   any
		to     **int64
	}{
		{"late", !q.bare || q.params.DropLate, names, late, &q.outside.late},
		{"without_unit", !def.unit().isPerson(), names, late, &q.outside.withoutUnit},
		{"without_held", !q.bare && q.plan.hold, steps, q.params.lacking(steps), &q.outside.withoutHeld},
	} {
		if !c.ask {
			continue
		}
		n := new(int64)
		if len(c.events) > 0 {
			st, err := statements.Render(db.Dialect(), c.name, c.data)
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

// lacking are the rows of events, all units together, of which one condition or another says that a held
// value is missing.
func (p rowsParams) lacking(events []int64) rowsParams {
	out := rowsParams{
		Table: schema.EventFacts, AsOf: p.AsOf, Unit: p.Unit, DropLate: p.DropLate, Keys: events,
		Masks: [][]condition{nil}, Clustered: true, // in no order
	}
	for _, h := range p.Hold {
		out.Masks[0] = append(out.Masks[0], condition{Field: h, Op: "is_null", Weight: 1})
	}
	return out
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
	if n := o.withoutHeld; n != nil && *n > 0 {
		out = append(out, referral.Finding{
			Code: "without-held", Subject: def.Name,
			Detail: fmt.Sprintf("events of the steps that carry no %s: %d; it is held constant along the path, so they serve no step", strings.Join(def.held(), " or no "), *n),
		})
	}
	return out
}
