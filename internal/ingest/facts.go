package ingest

import (
	"context"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
)

// dict is what the statements of the facts need to know about the staged events and the
// dictionaries.
type dict struct {
	personType, eventType, partnerType string
	superseded, flagged, foreign       bool
	aliased                            bool
	late                               bool            // some event was received at another time than it occurred
	filled                             map[string]bool // nullable columns that may have a value
	source                             string          // the one source of all events, empty if there are more
}

// nullable are the columns of events that a programme may lack altogether.
var nullable = []string{"referrer_id", "referral_code", "partner_id", "channel", "campaign", "order_id", "amount_minor", "currency", "status", "properties"}

// inspect finds out which columns of the staged events may hold anything. Of a first load the
// mappings tell; later the rows are looked at, in one pass.
func (l *loader) inspect(ctx context.Context, tx engine.Tx, d *dict) error {
	d.source, d.filled = l.onlySource(), map[string]bool{}
	if l.first || l.outdated() {
		for _, u := range l.work.units {
			if u.table.Name != "events" {
				continue
			}
			for _, x := range u.conv.cells {
				d.filled[x.col.Name] = d.filled[x.col.Name] || x.given
			}
			d.filled["properties"] = d.filled["properties"] || len(u.mapped.extra) > 0
		}
		d.filled["currency"] = d.filled["currency"] || d.filled["amount_minor"] // the project's is filled in
		d.late = d.filled["received_at"]
		return nil
	}
	exprs := []string{"count(*) FILTER (WHERE received_at IS DISTINCT FROM occurred_at)"}
	counts := make([]int64, len(nullable)+1)
	dest := []any{&counts[0]}
	for i, c := range nullable {
		exprs = append(exprs, "count("+c+")")
		dest = append(dest, &counts[i+1])
	}
	st := sqltext.Raw("ingest/inspect", "SELECT "+strings.Join(exprs, ", ")+" FROM "+stagedEvents)
	if err := engine.One(ctx, tx, st, dest...); err != nil {
		return err
	}
	d.late = counts[0] > 0
	for i, c := range nullable {
		d.filled[c] = counts[i+1] > 0
	}
	return nil
}

// onlySource returns the name of the source of events if there is just one, now and before.
func (l *loader) onlySource() string {
	names := map[string]bool{}
	for _, u := range l.work.units {
		if u.table.Name == "events" {
			names[u.source.Name] = true
		}
	}
	for _, m := range l.manifest {
		if m.Kind == "events" {
			names[m.Source] = true
		}
	}
	if len(names) != 1 {
		return ""
	}
	for n := range names {
		return n
	}
	return ""
}

// facts writes event_facts and event_excluded.
func (l *loader) facts(ctx context.Context, tx engine.Tx, d dict) error {
	var reasons []string
	if d.superseded {
		reasons = append(reasons, "CASE WHEN s.id IS NOT NULL THEN 'duplicate' END")
	}
	if d.flagged {
		reasons = append(reasons, "x.reason")
	}
	reason := "CAST(NULL AS VARCHAR)"
	if len(reasons) > 0 {
		reason = "coalesce(" + strings.Join(reasons, ", ") + ")"
	}
	for _, t := range []struct {
		name     string
		excluded bool
		where    string
	}{{schema.EventFacts, false, reason + " IS NULL"}, {schema.EventsExcluded, true, reason + " IS NOT NULL"}} {
		var inner, outer []string
		for _, c := range l.factColumns(d, reason) {
			if c.name == "reason" && !t.excluded {
				continue
			}
			if c.sorted != "" {
				inner = append(inner, c.sorted+" AS "+c.name)
			}
			outer = append(outer, c.final+" AS "+c.name)
		}
		data := map[string]any{
			"Table": t.name, "Excluded": t.excluded, "Where": t.where,
			"Source": d.source == "", "Inner": strings.Join(inner, ", "), "Outer": strings.Join(outer, ", "), "Day": dayOf("e.occurred_at", l.plan.zone()),
			"Referred": d.filled["referrer_id"], "Partnered": d.filled["partner_id"],
			"Foreign": d.foreign, "Superseded": d.superseded, "Flagged": d.flagged, "Aliased": d.aliased,
		}
		if err := run(ctx, tx, "facts", data); err != nil {
			return err
		}
	}
	return nil
}

// factColumn is one column of the facts: what is carried through the sort, and what is made of it.
type factColumn struct{ name, sorted, final string }

// factColumns lists the columns of the facts in their order.
func (l *loader) factColumns(d dict, reason string) []factColumn {
	carry := func(name, expr string) factColumn { return factColumn{name, expr, name} }
	maybe := func(has bool, name, typ, expr string) factColumn {
		if !has {
			return factColumn{name: name, final: "CAST(NULL AS " + typ + ")"}
		}
		return carry(name, expr)
	}
	text := func(name string) factColumn { return maybe(d.filled[name], name, "VARCHAR", "e."+name) }
	source := carry("source", "e.source")
	if d.source != "" {
		source = factColumn{name: "source", final: literal(d.source)}
	}
	received := factColumn{name: "received_at", final: "occurred_at"}
	if d.late {
		received = carry("received_at", "e.received_at")
	}
	return []factColumn{
		carry("person_key", "p.person_key"),
		carry("event_key", "n.event_key"),
		maybe(d.filled["partner_id"], "partner_key", d.partnerType, "k.partner_key"),
		carry("occurred_at", "e.occurred_at"),
		received,
		{name: "day", final: dayOf("occurred_at", l.plan.zone())},
		carry("event_id", "e.event_id"),
		source,
		maybe(d.filled["referrer_id"], "referrer_key", d.personType, "r.person_key"),
		text("referral_code"),
		text("channel"),
		text("campaign"),
		text("order_id"),
		maybe(d.filled["amount_minor"], "amount_minor", "BIGINT", "e.amount_minor"),
		text("currency"),
		maybe(d.filled["amount_minor"], "value_minor", "BIGINT", l.valueSQL(d)),
		text("status"),
		text("properties"),
		carry("bucket", "p.bucket"),
		carry("batch_id", "e.batch_id"),
		carry("reason", reason),
		maybe(d.aliased, "person_alias", "INTEGER", "pa.alias_key"),
		maybe(d.aliased, "referrer_alias", "INTEGER", "ra.alias_key"),
	}
}

// valueSQL is the signed value of an event in the project's currency. A refund is negative whatever
// sign its source uses; other money keeps its sign.
func (l *loader) valueSQL(d dict) string {
	home := literal(l.plan.Scope.Currency)
	amount := "CASE WHEN e.currency = " + home + " THEN e.amount_minor END"
	if d.foreign {
		amount = "CASE WHEN e.currency = " + home + " THEN e.amount_minor ELSE " + convertedSQL("e.amount_minor", "f.rate") + " END"
	}
	refund := "e.event IN " + inList(l.plan.refunds())
	revenue := "true"
	if len(l.plan.RevenueEvents) > 0 {
		revenue = "e.event IN " + inList(l.plan.RevenueEvents)
	}
	return fmt.Sprintf("CASE WHEN %s THEN CASE WHEN (%s) > 0 THEN -(%s) ELSE (%s) END WHEN %s THEN (%s) END", refund, amount, amount, amount, revenue, amount)
}

// convertedSQL multiplies minor units by a rate exactly and rounds half away from zero, as the cast
// of a DECIMAL does. NULL without a rate, or if the product has more digits than an amount may.
func convertedSQL(amount, rate string) string {
	return minorSQL(fmt.Sprintf("TRY(CAST(%s AS DECIMAL(19,0)) * %s)", amount, rate))
}
