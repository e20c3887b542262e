package funnel

import (
	"errors"
	"slices"
)

// class is what an event matches: steps and exclusions. Events share classes, so that the kernel
// carries one small number an event.
type class struct {
	steps []uint64
	excl  []uint64
}

func (p *plan) newClass() class {
	return class{steps: make([]uint64, p.words), excl: make([]uint64, (len(p.exclusions)+63)/64)}
}

// evaluator holds the events of one person and runs a plan over them: all of them, those of one value
// of the breakdown, chains that start in one bucket. It is reused from person to person and allocates
// only while its slices grow.
type evaluator struct {
	p       *plan
	classes []class
	chains  bool // fill reference chains; without, only levels
	journey      // the events, borrowed
	tied    bool // some of them share a time

	serve []uint64 // steps each event matches, after first_ever
	own   []uint64 // the same, where it is not that of the journey
	lanes []int32  // distinct tuples
	none  []uint64 // the empty mask

	view   lane
	whole  lane    // all events, borrowed: never reset or appended to
	rows   []int32 // 0, 1, 2, …
	tie    *tieGroup
	search *search
	any    *anyOrder
	units  []outcome // results of the last run; the slice is reused
	nUnits int
	one    outcome
	want   bool // chains are wanted of the run at hand
}

func newEvaluator(p *plan, classes []class, chains bool) *evaluator {
	e := &evaluator{p: p, classes: classes, chains: chains, one: newOutcome(p), none: make([]uint64, p.words)}
	switch {
	case p.fast():
		e.tie = newTieGroup(p)
	case p.order == unordered && len(p.exclusions) == 0:
		e.any = newAnyOrder(p)
	default:
		e.search = newSearch(p)
	}
	return e
}

// err says that the runs so far are no answer, because one of them was given up.
func (e *evaluator) err() error {
	if e.search != nil && e.search.f.chains().beyond {
		return ErrSets
	}
	return nil
}

// seal prepares the events added so far, which must be in order of time.
func (e *evaluator) seal() error {
	e.tied = false
	for i := 1; i < len(e.ts); i++ {
		if e.ts[i] <= e.ts[i-1] {
			if e.ts[i] < e.ts[i-1] {
				return errors.New("events of a person are not in order of time")
			}
			e.tied = true
		}
	}
	if e.serve = e.journey.serve; len(e.serve) == 0 || e.p.firstEver {
		e.own = e.own[:0]
		for _, c := range e.class {
			e.own = append(e.own, e.classes[c].steps...)
		}
		e.serve = e.own
	}
	if e.p.firstEver {
		e.applyFirstEver()
	}
	if e.p.hold {
		e.lanes = append(e.lanes[:0], e.lane...)
		slices.Sort(e.lanes)
		e.lanes = slices.Compact(e.lanes)
		if len(e.lanes) > 0 && e.lanes[0] < 0 {
			e.lanes = e.lanes[1:]
		}
	}
	return nil
}

// applyFirstEver leaves a first-ever step only the events at the earliest time at which the person
// matches it, whatever their held values.
func (e *evaluator) applyFirstEver() {
	w := e.p.words
	for s := range e.p.steps {
		if !e.p.steps[s].firstEver {
			continue
		}
		found, first := false, int64(0)
		for i, c := range e.class {
			if !hasBit(e.classes[c].steps, s) {
				continue
			}
			if !found {
				found, first = true, e.ts[i]
			}
			if e.ts[i] != first {
				clearBit(e.serve[i*w:], s)
			}
		}
	}
}

// selection restricts a run to a value of the breakdown.
type selection struct {
	value  int32
	byAll  bool // only events with the value
	byStep bool // step p.attrStep only with the value
}

// run evaluates the person with starts in the given span. Uniques give one outcome (level 0: not in
// the funnel), totals one for each attempt. The slice is valid until the next run. Without chains only
// the level of an outcome and the time of its last step are set.
func (e *evaluator) run(sel selection, starts span, chains bool) []outcome {
	e.nUnits, e.want = 0, chains || e.p.hold // the best lane is chosen by its chain
	switch {
	case !e.p.hold && e.tie != nil && sel == selection{}:
		e.alias()
		e.evaluate(&e.whole, starts)
	case !e.p.hold:
		e.fill(sel, -1)
		e.evaluate(&e.view, starts)
	default:
		for _, id := range e.lanes {
			e.fill(sel, id)
			e.evaluate(&e.view, starts)
		}
	}
	if e.nUnits == 0 && !e.p.totals {
		e.unit().clear()
	}
	return e.units[:e.nUnits]
}

// reaches reports whether an attempt has a chain of the same times if a step is restricted to events with
// a value of the breakdown. The row is one of the attempt's lane.
func (e *evaluator) reaches(value, row int32, o *outcome) bool {
	id := int32(-1)
	if e.p.hold {
		id = e.lane[row]
	}
	e.fill(selection{value: value, byStep: true}, id)
	return e.search.reaches(&e.view, o)
}

// unit returns a further outcome to fill.
func (e *evaluator) unit() *outcome {
	if e.nUnits == len(e.units) {
		e.units = append(e.units, newOutcome(e.p))
	}
	e.nUnits++
	return &e.units[e.nUnits-1]
}

// evaluate runs the filled lane and merges its outcome into the person's.
func (e *evaluator) evaluate(l *lane, starts span) {
	own, ok := l.eligible(e.p)
	if !ok {
		return
	}
	if starts = starts.and(own); starts.hi < starts.lo {
		return
	}
	switch {
	case e.p.totals:
		each := func(o *outcome) { e.unit().copyFrom(o) }
		if e.any != nil {
			e.any.attempts(l, starts, each)
		} else {
			e.search.attempts(l, starts, each)
		}
	case e.tie != nil && e.nUnits == 0:
		e.plain(l, starts, e.unit())
	case e.tie != nil:
		e.plain(l, starts, &e.one)
		e.merge(&e.one)
	case e.any != nil:
		e.merge(e.any.run(l, starts))
	default:
		e.merge(e.search.run(l, starts))
	}
}

// plain runs the tie-group method.
func (e *evaluator) plain(l *lane, starts span, o *outcome) {
	o.level = e.tie.run(l, starts)
	switch {
	case e.chains && e.want:
		e.tie.chain(l, o)
	case o.level > 0:
		o.times[o.level-1] = e.tie.at[o.level-1]
	}
}

// merge keeps the best lane of a person; optional steps are those of all best lanes.
func (e *evaluator) merge(o *outcome) {
	if e.nUnits == 0 {
		e.unit().copyFrom(o)
		return
	}
	best := &e.units[0]
	if e.p.optional && o.level == best.level {
		best.join(e.p, o)
		o.join(e.p, best)
	}
	if o.level > best.level || e.chains && better(e.p, o, best) {
		best.copyFrom(o)
	}
}

// alias makes the whole lane from the person's own slices: the tie-group method needs nothing else.
func (e *evaluator) alias() {
	n := len(e.ts)
	for len(e.rows) < n {
		e.rows = append(e.rows, int32(len(e.rows)))
	}
	e.whole.words, e.whole.ts, e.whole.row, e.whole.serve = e.p.words, e.ts, e.rows[:n], e.serve
}

// fill copies the events of a lane and of a selection into the view.
func (e *evaluator) fill(sel selection, id int32) {
	p, l, w := e.p, &e.view, e.p.words
	l.reset(p)
	strictOrder := p.order == strict || p.order == strictAmong
	for i, t := range e.ts {
		if p.hold && e.lane[i] != id && e.lane[i] >= 0 || sel.byAll && e.value[i] != sel.value {
			continue
		}
		c := &e.classes[e.class[i]]
		for x := range p.exclusions {
			if hasBit(c.excl, x) {
				l.excluded[x] = append(l.excluded[x], t)
			}
		}
		mask := e.serve[i*w : (i+1)*w]
		if p.hold && e.lane[i] < 0 {
			mask = e.none // it serves nothing, but excludes and breaks in every lane
		}
		if !strictOrder && empty(mask) {
			continue
		}
		l.ts, l.row, l.serve = append(l.ts, t), append(l.row, int32(i)), append(l.serve, mask...)
		if sel.byStep && e.value[i] != sel.value {
			clearBit(l.mask(len(l.ts)-1), p.attrStep)
		}
		if strictOrder {
			e.fillStrict(c)
		}
	}
}

// fillStrict says of which steps the event is a repeat: those whose alternatives it matches, whether it
// may serve them or not (an event without a held value, or too late for a first-ever step, repeats a step
// without serving it). Among steps, an event that matches none is invisible.
func (e *evaluator) fillStrict(c *class) {
	l := &e.view
	l.repeat = append(l.repeat, c.steps...)
	l.visible = append(l.visible, e.p.order == strict || !empty(c.steps))
}
