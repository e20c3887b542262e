package funnel

import (
	"encoding/json"

	"vouch/internal/engine"
)

// Count feeds events to the kernel without a database: it makes the batches that rows.sql would give.
// That SQL does give them is shown by the tests that load the same events into tables.
func Count(r *Rules, events []Event, identity map[string]string) (*Counted, error) {
	if err := r.Validate().Err(); err != nil {
		return nil, err
	}
	sorted, err := merged(events, identity)
	if err != nil {
		return nil, err
	}
	f, err := newFacts(sorted)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for key, name := range f.names {
		names[int64(key)] = name
	}
	q := newCount(r, names)
	t := newTally(q.plan)
	k := newKernel(q)
	const most = 3 // rows a batch, so that persons span batches
	for rows := feed(q, f, sorted); len(rows.at) > 0; rows = rows.after(most) {
		b := rows.batch(q, min(most, len(rows.at)))
		if err := k.Batch(&b); err != nil {
			return nil, err
		}
	}
	if err := k.Close(); err != nil {
		return nil, err
	}
	q.merge(t, k.views.t, k.seen)
	t.settle()
	return q.counted(t, f.persons)
}

// fed are the rows of rows.sql by column.
type fed struct {
	person, at, event []int64
	masks             [][]int64
	texts             [][]string // judged, held, value
	valid             [][]bool
}

// feed selects the rows that rows.sql would.
func feed(q *query, f *facts, events []Event) *fed {
	out := &fed{masks: make([][]int64, len(q.params.Masks))}
	var fields []field
	for _, j := range q.params.Judged {
		fields = append(fields, j.Field)
	}
	fields = append(fields, q.params.Hold...)
	if q.params.By != nil {
		fields = append(fields, *q.params.By)
	}
	out.texts, out.valid = make([][]string, len(fields)), make([][]bool, len(fields))
	for i, e := range events {
		if q.params.End != nil && e.TS > *q.params.End || q.plan.order != strict && q.matchers.byKey[f.event[i]] == nil {
			continue
		}
		out.person, out.at, out.event = append(out.person, f.person[i]), append(out.at, e.TS), append(out.event, f.event[i])
		for m := range out.masks {
			out.masks[m] = append(out.masks[m], feedMask(q, m, e))
		}
		for c, fl := range fields {
			raw, ok := e.Props[fl.Prop]
			if by := q.params.By; by != nil && c == len(fields)-1 {
				v := parseValue(raw)
				raw, ok = json.RawMessage(v.text), v.kind != missing
			}
			out.texts[c], out.valid[c] = append(out.texts[c], string(raw)), append(out.valid[c], ok)
		}
	}
	return out
}

// feedMask computes the bits of one column of conditions; those that the kernel judges stay unset.
func feedMask(q *query, m int, e Event) int64 {
	var mask int64
	for i, c := range q.matchers.conds {
		if i/maskBits == m && !judged(c) && holds(c.Op, parseValue(e.Props[fieldOf(c.Field).Prop]), parseValue(c.Value)) {
			mask |= 1 << (i % maskBits)
		}
	}
	return mask
}

func (f *fed) batch(q *query, n int) engine.Batch {
	b := engine.Batch{Len: n, Columns: []engine.Column{{I64: f.person[:n]}, {I64: f.at[:n]}, {I64: f.event[:n]}}}
	for _, m := range f.masks {
		b.Columns = append(b.Columns, engine.Column{I64: m[:n]})
	}
	for c := range f.texts {
		b.Columns = append(b.Columns, engine.Column{Text: f.texts[c][:n], Valid: f.valid[c][:n]})
	}
	return b
}

// after drops the first rows.
func (f *fed) after(n int) *fed {
	n = min(n, len(f.at))
	f.person, f.at, f.event = f.person[n:], f.at[n:], f.event[n:]
	for m := range f.masks {
		f.masks[m] = f.masks[m][n:]
	}
	for c := range f.texts {
		f.texts[c], f.valid[c] = f.texts[c][n:], f.valid[c][n:]
	}
	return f
}
