package funnel

import "math/bits"

// short reads what the views ask of a person in one go over its events, where a funnel is plain: ordered
// steps of which an event matches at most one, a window from the first, no option that looks at more than
// one chain. All events of the person must have times of their own; who has ties takes the evaluator's way,
// which this agrees with (tested). There is one unit for the whole person and, with a breakdown by every
// value, one for each value on the events that carry it.
type short struct {
	p      *plan
	values bool
	step   []int8 // class → the step it serves, −1: none
	units  []shortUnit
	n      int
	starts []int64   // eligible ones, ascending
	whole  []outcome // that of units[0], as a run of the evaluator gives it
}

// shortUnit is what became of the chains over some events of a person.
type shortUnit struct {
	value   int32
	reached int
	start   []int64 // per step the latest start of a chain that reached it
	// from is the start of the reference chain: the latest, when the last step was first reached.
	from int64
	// entry is the first eligible start, first the steps reached from it, the last of them at firstEnd.
	entry, firstEnd int64
	entryRow        int32
	first           int
	outcome
}

// readsShort reports whether a plan is one of those.
func readsShort(p *plan, m *matcherSet) bool {
	return p.fast() && p.words == 1 && !p.hold && !p.firstEver && p.attribution != "step" && !m.overlap()
}

func newShort(p *plan) *short {
	return &short{p: p, values: p.attribution == "all", units: []shortUnit{newShortUnit(p)}}
}

func newShortUnit(p *plan) shortUnit {
	return shortUnit{start: make([]int64, len(p.steps)), outcome: newOutcome(p)}
}

// stepOf is the step that the only bit of a class stands for, −1 without one.
func stepOf(c *class) int8 {
	if c.steps[0] == 0 {
		return -1
	}
	return int8(bits.TrailingZeros64(c.steps[0]))
}

// read answers for the person whose events the evaluator holds; false if some of them share a time.
func (s *short) read(e *evaluator) bool {
	if e.tied {
		return false
	}
	for len(s.step) < len(e.classes) {
		s.step = append(s.step, stepOf(&e.classes[len(s.step)]))
	}
	s.n = 1
	s.units[0].reached, s.units[0].first = 0, 0
	s.starts = s.starts[:0]
	for i, c := range e.class {
		step := int(s.step[c])
		if step < 0 {
			continue
		}
		t := e.ts[i]
		if step == 0 && s.p.starts.contains(t) && !(s.p.firstEntry && len(s.starts) > 0) {
			s.starts = append(s.starts, t)
		}
		s.units[0].take(s.p, step, t, i) // further units may move the list
		if s.values {
			s.under(e.value[i]).take(s.p, step, t, i)
		}
	}
	for i := range s.n {
		s.chain(e, i)
	}
	s.whole = append(s.whole[:0], s.units[0].outcome)
	return true
}

// under is the unit of a value.
func (s *short) under(value int32) *shortUnit {
	for i := 1; i < s.n; i++ {
		if s.units[i].value == value {
			return &s.units[i]
		}
	}
	if s.n == len(s.units) {
		s.units = append(s.units, newShortUnit(s.p))
	}
	u := &s.units[s.n]
	s.n++
	u.value, u.reached, u.first = value, 0, 0
	return u
}

// take adds an event that serves a step. Once the last step is reached nothing changes: whatever is
// complete from the first entry is so by then.
func (u *shortUnit) take(p *plan, step int, t int64, row int) {
	switch {
	case u.reached == len(u.start):
	case step == 0:
		if !p.starts.contains(t) || p.firstEntry && u.reached > 0 {
			return
		}
		u.start[0] = t
		if u.reached == 0 {
			u.reached, u.from, u.entry, u.first, u.firstEnd = 1, t, t, 1, t
			u.entryRow = int32(row)
		}
	case step <= u.reached && within(u.start[step-1], t, p.window):
		u.start[step] = u.start[step-1]
		if step == u.reached {
			u.reached++
			u.from = u.start[step]
		}
		fallthrough
	default:
		if step == u.first && u.first > 0 && within(u.entry, t, p.window) {
			u.first++
			u.firstEnd = t
		}
	}
}

// chain fills the reference chain of a unit: from its start, the earliest event of each step after the one
// before it.
func (s *short) chain(e *evaluator, unit int) {
	u := &s.units[unit]
	u.level = u.reached
	if u.level == 1 { // the first eligible event, as nearly half of all have no other
		u.times[0], u.rows[0] = u.entry, u.entryRow
		return
	}
	for step, i := 0, 0; step < u.level; i++ {
		if int(s.step[e.class[i]]) != step || unit > 0 && e.value[i] != u.value || step == 0 && e.ts[i] != u.from {
			continue
		}
		u.times[step], u.rows[step] = e.ts[i], int32(i)
		step++
	}
}

// follow tells what became of the first entry of a unit.
func (u *shortUnit) follow(p *plan, end int64) followUp {
	f := newFollowUp(p, u.entry, end)
	if u.first == len(u.start) {
		f.converted, f.after = true, elapsed(u.entry, u.firstEnd)
	}
	return f
}
