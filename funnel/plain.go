package funnel

import (
	"math/bits"

	"vouch/internal/engine"
)

// plain answers every view of plain funnels in one go over the events as they lie in a batch: ordered
// steps of which an event matches at most one, a window from the first, no option that looks at more than
// one chain. Who has events of one time takes the evaluator's way, which this agrees with (tested).
type plain struct {
	k       *kernel
	p       *plan
	t       *tally
	step    []int8 // class → the step it serves, −1: none
	ofStep  []int32
	byName  [256]int8 // key of an event → step, where names are all there is to know
	rows    stepRows  // of the batch at hand, borrowed
	own     stepRows  // copies of those that serve a step, if others lie between them
	now     *stepRows // one of the two
	persons []int64   // of the batch at hand, each once
	ends    []int32   // where their rows end
	carry   stepRows  // of the last person of the batches before
	carried int64     // that person
	unit    unitRun
	journey journey // of a person with events of one time

	start    []int32 // by step: row of the latest start of a chain that reached it
	starts   []int64 // eligible times of entry of the person at hand, ascending
	chain    []int32 // rows of the reference chain
	levels   []int64 // persons by level
	money    []int64 // by step
	paid     uint64  // the steps with money in the batch at hand
	alone    int64   // persons who reached the first step only and whose window is not over
	entrants entrants
	values   *valueTable // nil without a breakdown
	parts    []valuePart
	before   []int32 // by value of the person at hand and step: row of the latest start of a chain that reached it
}

// stepRows are events that serve a step, a slice a column; value is empty without a breakdown, money
// where none is read.
type stepRows struct {
	ts    []int64
	step  []int8
	value []int32
	money []int64
}

// entrants counts what became of first entries; all others are watched for the whole window without a conversion.
type entrants struct{ converted, youngConverted, open int64 }

// convert counts a conversion; young says that the window is not over.
func (e *entrants) convert(young bool) {
	e.converted++
	if young {
		e.youngConverted++
	}
}

// tally is the count among all first entries.
func (e *entrants) tally(entered int64) censorTally {
	matured := entered - e.youngConverted - e.open
	c := censorTally{entered: entered, converted: e.converted, matured: matured, maturedIn: e.converted - e.youngConverted, open: e.open}
	c.lost = matured - c.maturedIn
	return c
}

// readsPlain reports whether a plan is one of those.
func readsPlain(p *plan, m *matcherSet) bool {
	return p.fast() && p.words == 1 && !p.hold && !p.firstEver && p.attribution != "step" && !m.overlap()
}

func newPlain(k *kernel) *plain {
	p := k.q.plan
	s := &plain{
		k: k, p: p, t: k.views.t, carried: -1, ofStep: make([]int32, len(p.steps)), start: make([]int32, len(p.steps)), chain: make([]int32, len(p.steps)),
		levels: make([]int64, len(p.steps)+1), money: make([]int64, len(p.steps)),
	}
	if len(k.masks) == 0 {
		s.learnNames()
	}
	if p.attribution != "" {
		s.values = newValueTable(p, &k.views, k.q.by != nil)
		k.views.table = s.values
	}
	return s
}

// stepOf is the step that the only bit of a class stands for, −1 without one.
func stepOf(c *class) int8 {
	if c.steps[0] == 0 {
		return -1
	}
	return int8(bits.TrailingZeros64(c.steps[0]))
}

// batch takes the rows of a batch. Its last person may go on in the next.
func (s *plain) batch(b *engine.Batch) error {
	if err := s.load(b); err != nil || len(s.persons) == 0 {
		return err
	}
	from, first, last := 0, 0, len(s.persons)-1
	if s.persons[0] == s.carried {
		from, first = int(s.ends[0]), 1
		s.carry.append(s.now, 0, from)
		if last == 0 {
			return nil
		}
	}
	if err := s.endCarried(); err != nil {
		return err
	}
	for i := first; i < last; i++ {
		to := int(s.ends[i])
		s.k.person = s.persons[i]
		if err := s.person(s.now, from, to); err != nil {
			return err
		}
		from = to
	}
	s.carried = s.persons[last]
	s.carry.append(s.now, from, int(s.ends[last]))
	return nil
}

func (s *plain) endCarried() error {
	if len(s.carry.ts) == 0 {
		return nil
	}
	s.k.person = s.carried
	paid := s.paid
	if s.k.q.params.Money {
		s.paid = ^uint64(0) // in the batches before
	}
	err := s.person(&s.carry, 0, len(s.carry.ts))
	s.paid = paid
	s.carry.reset()
	return err
}

// load reads the columns of rows.sql, and finds where persons begin and end.
func (s *plain) load(b *engine.Batch) (err error) {
	k, r := s.k, &s.rows
	if r.ts = b.Columns[1].I64; r.ts == nil {
		r.ts = b.Columns[1].AppendInts(nil)
	}
	lowest := s.loadSteps(b)
	rest := b.Columns[3+len(k.masks)+len(k.q.params.Judged):]
	r.value, r.money = r.value[:0], nil
	if k.q.params.By != nil {
		r.value, rest = k.values(r.value, &rest[0], b.Len), rest[1:]
	}
	if k.q.params.Money {
		r.money = k.minor(&rest[0])
	}
	s.paid = 0
	for i, amount := range r.money {
		if amount != 0 {
			s.paid |= 1 << (r.step[i] & 63) // of an event that serves no step the highest bit
		}
	}
	s.persons, s.ends, s.now = s.persons[:0], s.ends[:0], r
	if ids := b.Columns[0].I32; lowest >= 0 && ids != nil {
		s.persons, s.ends, err = runs(ids, s.persons, s.ends)
	} else {
		var ids []int64
		if ids, err = s.unit.number(&b.Columns[0]); err != nil {
			return err
		}
		if lowest < 0 {
			s.now, ids = &s.own, s.own.keepSteps(r, ids)
		}
		s.persons, s.ends, err = runs(ids, s.persons, s.ends)
	}
	if err == nil && len(s.persons) > 0 && s.persons[0] < s.carried {
		err = outOfOrder(s.persons[0], s.carried)
	}
	return err
}

// loadSteps finds the step that each event serves, and the smallest of these numbers.
func (s *plain) loadSteps(b *engine.Batch) (lowest int8) {
	k := s.k
	if names := b.Columns[2].U8; len(k.masks) == 0 && names != nil {
		s.rows.step, lowest = stepsOf(s.rows.step, names, &s.byName)
		return lowest
	}
	masks, judged := b.Columns[3:3+len(k.masks)], b.Columns[3+len(k.masks):3+len(k.masks)+len(k.q.params.Judged)]
	k.cols.class = k.classes(k.cols.class[:0], &b.Columns[2], masks, judged)
	s.learn()
	s.rows.step = s.rows.step[:0]
	for _, c := range k.cols.class {
		step := s.step[c]
		lowest = min(lowest, step)
		s.rows.step = append(s.rows.step, step)
	}
	return lowest
}

// learn notes the steps of classes that are new.
func (s *plain) learn() {
	for classes := s.k.cls.classes; len(s.step) < len(classes); {
		c := int32(len(s.step))
		step := stepOf(&classes[c])
		s.step = append(s.step, step)
		if step >= 0 {
			s.ofStep[step] = c
		}
	}
}

// learnNames finds the steps of the events whose keys fit into a byte.
func (s *plain) learnNames() {
	s.learn()
	for key := range s.byName {
		class := int32(0)
		if key < len(s.k.cls.plain) {
			class = s.k.cls.plain[key]
		}
		s.byName[key] = s.step[class]
	}
}

// stepsOf translates the keys of events by a table, and finds the smallest number there is.
func stepsOf(dst []int8, names []uint8, table *[256]int8) ([]int8, int8) {
	if cap(dst) < len(names) {
		dst = make([]int8, len(names))
	}
	dst = dst[:len(names)]
	lowest := int8(0)
	for i, name := range names {
		step := table[name]
		lowest = min(lowest, step)
		dst[i] = step
	}
	return dst, lowest
}

// runs lists the distinct numbers of a column in ascending order, and where the rows of each end.
func runs[T int32 | int64](ids []T, persons []int64, ends []int32) ([]int64, []int32, error) {
	if len(ids) == 0 {
		return persons, ends, nil
	}
	if cap(ends) < len(ids) || cap(persons) < len(ids) {
		persons, ends = make([]int64, 0, len(ids)), make([]int32, 0, len(ids))
	}
	persons, ends = persons[:len(ids)], ends[:len(ids)]
	n, last := 0, ids[0]
	for i, id := range ids {
		if id < last {
			return nil, nil, outOfOrder(int64(id), int64(last))
		}
		// Written at every row and kept at the last of a person: no branch to be guessed.
		step := 0
		if id != last {
			step = 1
		}
		n += step
		persons[n], ends[n] = int64(id), int32(i+1)
		last = id
	}
	return persons[:n+1], ends[:n+1], nil
}

// keepSteps copies the rows that serve a step, and returns the persons of those.
func (r *stepRows) keepSteps(of *stepRows, ids []int64) []int64 {
	r.reset()
	kept := ids[:0]
	for i, step := range of.step {
		if step >= 0 {
			kept = append(kept, ids[i])
			r.append(of, i, i+1)
		}
	}
	return kept
}

// append adds rows of another.
func (r *stepRows) append(o *stepRows, lo, hi int) {
	r.ts, r.step = append(r.ts, o.ts[lo:hi]...), append(r.step, o.step[lo:hi]...)
	r.value, r.money = append(r.value, part(o.value, lo, hi)...), append(r.money, part(o.money, lo, hi)...)
}

// reset forgets the rows and keeps the memory.
func (r *stepRows) reset() {
	r.ts, r.step, r.value, r.money = r.ts[:0], r.step[:0], r.value[:0], r.money[:0]
}
