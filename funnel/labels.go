package funnel

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// labels are the texts that integer keys stand for. Many keys may share one: partners a tier, persons a
// cohort. It is read once and shared by all kernels; a key costs four bytes, a text is held once.
type labels struct {
	list  []string // 0 is "", for none
	ids   map[string]int32
	byKey []int32
}

func newLabels() *labels { return &labels{list: []string{""}, ids: map[string]int32{"": 0}} }

// put gives a key its text.
func (l *labels) put(key int64, label string) {
	id, ok := l.ids[label]
	if !ok {
		id = int32(len(l.list))
		label = strings.Clone(label) // the batch owns the text
		l.ids[label] = id
		l.list = append(l.list, label)
	}
	if n := key + 1 - int64(len(l.byKey)); n > 0 {
		l.byKey = append(l.byKey, make([]int32, n)...)
	}
	l.byKey[key] = id
}

// of is the number of a key's text, 0 for none.
func (l *labels) of(key int64) int32 {
	if key >= int64(len(l.byKey)) {
		return 0
	}
	return l.byKey[key]
}

// labelsStmt renders the statement that reads the texts behind the keys of a field, or their dates.
func labelsStmt(d sqltext.Dialect, f field, scope referral.Scope) (sqltext.Stmt, error) {
	if f.dated() {
		return statements.Render(d, "dates", map[string]any{"Of": f.Of, "AsOf": scope.AsOf})
	}
	return statements.Render(d, "labels", f)
}

// readLabels reads the texts behind the keys of a field; nil for a field that is read as it stands.
func readLabels(ctx context.Context, db engine.DB, f field, scope referral.Scope) (*labels, error) {
	if f.Of == "" {
		return nil, nil
	}
	if f.dated() {
		return readCohorts(ctx, db, f, scope)
	}
	st, err := labelsStmt(db.Dialect(), f, scope)
	if err != nil {
		return nil, err
	}
	l := newLabels()
	err = db.Stream(ctx, st, func(b *engine.Batch) error {
		for i := range b.Len {
			l.put(b.Columns[0].Int(i), b.Columns[1].Text[i])
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", st.Name, err)
	}
	return l, nil
}

// readLabels reads what the breakdown and the held fields need. A held id keeps its key.
func (q *query) readLabels(ctx context.Context, db engine.DB, scope referral.Scope) (err error) {
	if by := q.rules.Breakdown; by != nil {
		if q.by, err = readLabels(ctx, db, fieldOf(by.Property), scope); err != nil {
			return err
		}
	}
	q.held = make([]*labels, len(q.rules.HoldConstant))
	for i, name := range q.rules.HoldConstant {
		h := fieldOf(name)
		if h.isID() {
			continue
		}
		if q.held[i], err = readLabels(ctx, db, h, scope); err != nil {
			return err
		}
	}
	return nil
}

// readCohorts names the calendar period in which each person was first seen or acquired. A date that is
// not before the as-of time is not known yet.
func readCohorts(ctx context.Context, db engine.DB, f field, scope referral.Scope) (*labels, error) {
	st, err := labelsStmt(db.Dialect(), f, scope)
	if err != nil {
		return nil, err
	}
	periods := calendarPeriods(calendar(scope), referral.Grain(f.Name), scope.AsOf)
	starts := make([]int64, len(periods))
	for i, p := range periods {
		starts[i] = p.From.UnixMicro()
	}
	l := newLabels()
	err = db.Stream(ctx, st, func(b *engine.Batch) error {
		for i := range b.Len {
			at, found := slices.BinarySearch(starts, b.Columns[1].Int(i))
			if !found {
				at--
			}
			if at >= 0 {
				l.put(b.Columns[0].Int(i), periods[at].label)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", st.Name, err)
	}
	return l, nil
}

// labelled is a period of the calendar with its name.
type labelled struct {
	referral.Period
	label string
}

// calendarPeriods lists the periods in which something may have happened before the as-of time: from
// 1970, before which no event is loaded. The last one ends at the as-of time.
func calendarPeriods(cal referral.Calendar, g referral.Grain, asOf time.Time) []labelled {
	var out []labelled
	for from := cal.Start(time.Unix(0, 0), g); from.Before(asOf); {
		next := cal.Next(from, g, 1)
		p := labelled{referral.Period{From: from, To: next}, cal.Label(from, g)}
		if next.After(asOf) {
			p.To = asOf
		}
		out = append(out, p)
		from = next
	}
	return out
}
