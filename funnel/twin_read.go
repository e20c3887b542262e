package funnel

import (
	"cmp"
	"slices"

	"vouch/internal/engine"
)

// twinReader is the engine.Kernel over the rows of the twin: it gathers what SQL found of a unit and
// tells the tally the same as the views of the kernel do.
type twinReader struct {
	q      *query
	v      views // for its tally and what it knows of follow-up; it has no events
	units  unitRun
	person int64
	whole  twinAnswer   // over all events
	parts  []twinAnswer // by value of the breakdown
	nParts int
	seen   *seen
	lane   twinAnswer // scratch
}

// twinAnswer is the answer to one question about a unit, the best of its lanes.
type twinAnswer struct {
	value  string
	o      outcome
	money  []int64 // by step of the reference chain
	starts []twinStart
}

// twinStart is a time at which chains may begin, and the earliest one at which such a chain is complete.
type twinStart struct {
	at, done int64
	complete bool
}

func newTwinReader(q *query) *twinReader {
	r := &twinReader{q: q, person: -1, v: views{p: q.plan, t: newTally(q.plan), censor: q.censor, end: q.end}}
	r.whole, r.lane = r.answer(), r.answer()
	if q.buckets != nil {
		r.v.buckets = q.buckets()
	}
	if q.seen != nil {
		r.seen = newSeen()
	}
	return r
}

func (r *twinReader) answer() twinAnswer {
	a := twinAnswer{o: newOutcome(r.q.plan)}
	if r.q.params.Money {
		a.money = make([]int64, len(r.q.plan.steps))
	}
	for s := range a.o.rows {
		a.o.rows[s] = int32(s) // money has one entry for each step
	}
	return a
}

func (a *twinAnswer) reset(value string) { a.value, a.o.level, a.starts = value, 0, a.starts[:0] }

// twinRow are the columns of twin.sql.
type twinRow struct {
	question, entry, start, done, level *engine.Column
	times                               []engine.Column // of the chain, by step
	value                               *engine.Column
	money                               []engine.Column
}

func (r *twinReader) columns(b *engine.Batch) twinRow {
	c := b.Columns
	k := len(r.q.plan.steps)
	row := twinRow{question: &c[1], entry: &c[2], start: &c[3], done: &c[4], level: &c[5], times: c[6 : 6+k]}
	c = c[6+k:]
	if r.q.params.By != nil {
		row.value, c = &c[0], c[1:]
	}
	row.money = c
	return row
}

// Batch implements engine.Kernel for the columns of twin.sql.
func (r *twinReader) Batch(b *engine.Batch) error {
	ids, err := r.units.number(&b.Columns[0])
	if err != nil {
		return err
	}
	row := r.columns(b)
	for i, id := range ids {
		if id != r.person {
			r.end()
			r.person = id
		}
		r.take(&row, i)
	}
	return nil
}

// take adds one start to the answer it belongs to.
func (r *twinReader) take(row *twinRow, i int) {
	value := ""
	if row.value != nil {
		value = r.label(row.value, i)
	}
	a := &r.whole
	if row.question.Int(i) == 1 {
		a = r.part(value)
	} else if len(a.starts) == 0 {
		a.reset(value)
	}
	s := twinStart{at: row.start.Int(i), complete: !row.done.IsNull(i)}
	if s.complete {
		s.done = row.done.Int(i)
		s.complete = within(s.at, s.done, r.q.plan.window)
	}
	if s.at == row.entry.Int(i) { // the first start of a lane brings the outcome of the lane
		r.readLane(row, i)
		if better(r.q.plan, &r.lane.o, &a.o) {
			a.o.level = r.lane.o.level
			copy(a.o.times, r.lane.o.times)
			copy(a.money, r.lane.money)
		}
	}
	a.starts = append(a.starts, s)
}

func (r *twinReader) readLane(row *twinRow, i int) {
	r.lane.o.level = int(row.level.Int(i))
	for s := range r.lane.o.level {
		r.lane.o.times[s] = row.times[s].Int(i)
		if len(row.money) > 0 {
			if r.lane.money[s] = 0; !row.money[s].IsNull(i) {
				r.lane.money[s] = row.money[s].Int(i)
			}
		}
	}
}

// part is the answer for a value; the rows of one value follow each other.
func (r *twinReader) part(value string) *twinAnswer {
	if r.nParts > 0 && r.parts[r.nParts-1].value == value {
		return &r.parts[r.nParts-1]
	}
	if r.nParts == len(r.parts) {
		r.parts = append(r.parts, r.answer())
	}
	r.nParts++
	r.parts[r.nParts-1].reset(value)
	return &r.parts[r.nParts-1]
}

// label is the text of a value of the breakdown, "" for none.
func (r *twinReader) label(c *engine.Column, i int) string { return twinLabel(r.q, c, i) }

func twinLabel(q *query, c *engine.Column, i int) string {
	switch {
	case c.IsNull(i):
		return ""
	case c.Text != nil:
		return c.Text[i]
	}
	return q.by.list[q.by.of(c.Int(i))]
}

// Close implements engine.Kernel.
func (r *twinReader) Close() error {
	r.end()
	r.v.close()
	return nil
}

// end tells the tally what is known of the unit.
func (r *twinReader) end() {
	w := &r.whole
	if len(w.starts) > 0 {
		t, p := r.v.t, r.q.plan
		t.count(p, &w.o, t.steps, w.money)
		t.times(p, &w.o)
		r.v.wait(&w.o)
		if r.seen != nil {
			r.seen.levels[r.person] = w.o.level
		}
		seen := r.entries()
		if p.attribution != "" {
			r.groups(seen)
			t.endCarry()
		}
	}
	w.starts = w.starts[:0]
	r.nParts = 0
}

// entries fills the views that ask when a unit entered.
func (r *twinReader) entries() followUp {
	w, t := &r.whole, r.v.t
	slices.SortFunc(w.starts, func(a, b twinStart) int { return cmp.Compare(a.at, b.at) }) // lanes follow each other
	t.entered++
	t.first, t.last = min(t.first, w.starts[0].at), max(t.last, w.starts[len(w.starts)-1].at)
	var seen followUp
	if r.v.censor {
		seen = r.follow(w)
		if t.cens.add1(seen) && r.seen != nil {
			r.seen.open = append(r.seen.open, r.person)
		}
	}
	if r.v.buckets != nil {
		r.trend()
	}
	return seen
}

// follow tells what became of the first entry of an answer whose starts are in order.
func (r *twinReader) follow(a *twinAnswer) followUp {
	first := a.starts[0]
	for _, s := range a.starts { // the same event cannot start in two lanes, but this does not rely on it
		if s.at == first.at && s.complete && (!first.complete || s.done < first.done) {
			first = s
		}
	}
	o := outcome{times: r.lane.o.times}
	if first.complete {
		o.level = r.q.plan.full()
		o.times[o.level-1] = first.done
	}
	return r.v.follow(first.at, a.o.level, func(span) *outcome { return &o })
}

// trend counts the unit in the buckets of its starts.
func (r *twinReader) trend() {
	starts := r.whole.starts
	for i := 0; i < len(starts); {
		cell := r.v.buckets.of(starts[i].at)
		converted := false
		for ; i < len(starts) && r.v.buckets.of(starts[i].at) == cell; i++ {
			converted = converted || starts[i].complete
		}
		r.v.enter(cell, converted)
	}
}

// groups counts the unit under the values of the breakdown.
func (r *twinReader) groups(seen followUp) {
	p, w := r.q.plan, &r.whole
	complete := w.o.level == p.full()
	if p.attribution == "first_touch" || p.attribution == "last_touch" {
		r.under(w, complete, seen)
		return
	}
	for i := range r.parts[:r.nParts] {
		a := &r.parts[i]
		switch {
		case p.attribution == "step" && a.o.level > p.attrStep:
			r.under(a, complete, seen)
		case p.attribution == "all":
			own := seen
			if seen.entered {
				slices.SortFunc(a.starts, func(x, y twinStart) int { return cmp.Compare(x.at, y.at) })
				own = r.follow(a)
			}
			r.under(a, complete, own)
		}
	}
}

// under counts an answer under its value; complete says that the unit is, over all values.
func (r *twinReader) under(a *twinAnswer, complete bool, seen followUp) {
	g := r.v.t.group(a.value)
	r.v.t.count(r.q.plan, &a.o, g.steps, a.money)
	if complete {
		g.through++
	}
	if a.o.level > 0 && r.q.carries() {
		r.v.t.carry(r.q.plan, g, &a.o)
	}
	if seen.entered {
		g.cens.add1(seen)
	}
}

// twinCounts is the engine.Kernel over the rows of the bare twin, which are counts by level already.
type twinCounts struct {
	q *query
	t *tally
}

// Batch implements engine.Kernel for the columns of the bare form of twin.sql.
func (r *twinCounts) Batch(b *engine.Batch) error {
	c, p := b.Columns, r.q.plan
	counts := make([]int64, len(p.steps)+1)
	for i := range b.Len {
		level, n := c[len(c)-2].Int(i), c[len(c)-1].Int(i)
		clear(counts)
		counts[level] = n
		asked := c[0].Int(i) == 1
		if !asked {
			addLevels(r.t.steps, counts)
		}
		touch := p.attribution == "first_touch" || p.attribution == "last_touch"
		if touch || asked && (p.attribution == "all" || level > int64(p.attrStep)) {
			addLevels(r.t.group(twinLabel(r.q, &c[1], i)).steps, counts)
		}
	}
	return nil
}

// Close implements engine.Kernel.
func (r *twinCounts) Close() error { return nil }

// addLevels adds persons by level to the steps they reached.
func addLevels(steps []stepTally, counts []int64) {
	var n int64
	for s := len(steps) - 1; s >= 0; s-- {
		n += counts[s+1]
		steps[s].persons += n
	}
}
