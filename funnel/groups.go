package funnel

import "slices"

// groups counts the person under the values of the breakdown. Sums over values may exceed the total:
// one person may carry several.
func (v *views) groups(best int, seen followUp) {
	switch v.p.attribution {
	case "first_touch", "last_touch":
		v.byTouch(best, seen)
	case "all":
		v.byAll(best, seen)
		v.endCarry()
	case "step":
		v.byStep(best, seen)
		v.t.endCarry()
	}
}

// group returns the counters of a value.
func (v *views) group(value int32) *groupTally {
	for int(value) >= len(v.byID) {
		v.byID = append(v.byID, nil)
	}
	if v.byID[value] == nil {
		v.byID[value] = v.t.group(v.text(value))
	}
	return v.byID[value]
}

// countUnder counts a unit under a value; best is the level of its person over all values.
func (v *views) countUnder(value int32, o *outcome, best int) {
	if o.level == 0 {
		return
	}
	if v.table != nil {
		v.table.count(v.t, value, o, v.e.money, best == v.p.full())
		if v.carries {
			v.table.carry(value, o.level)
		}
		return
	}
	g := v.group(value)
	v.t.count(v.p, o, g.steps, v.e.money)
	if best == v.p.full() {
		g.through++
	}
	if v.carries {
		v.t.carry(v.p, g, o)
	}
}

// followUnder counts what became of the first entry of a unit under a value.
func (v *views) followUnder(value int32, f followUp) {
	if v.table != nil {
		v.table.follow(value, f)
		return
	}
	v.group(value).cens.add1(f)
}

// endCarry keeps the values of the unit at hand if it counts under several.
func (v *views) endCarry() {
	if v.table != nil {
		v.table.endCarry()
		return
	}
	v.t.endCarry()
}

// byTouch labels the person with the earliest or latest non-empty value on events that match a step;
// of tied values the smallest text.
func (v *views) byTouch(best int, seen followUp) {
	e, w := v.e, v.p.words
	label, at := int32(0), int64(0)
	for i, value := range e.value {
		if value == 0 || v.text(value) == "" || empty(e.serve[i*w:(i+1)*w]) {
			continue
		}
		switch {
		case label == 0,
			e.ts[i] == at && v.text(value) < v.text(label),
			e.ts[i] > at && v.p.attribution == "last_touch":
			label, at = value, e.ts[i]
		}
	}
	for i := range v.base {
		v.countUnder(label, &v.base[i], v.base[i].level)
	}
	if seen.entered {
		v.followUnder(label, seen)
	}
}

// distinct lists the values of the person's events that matter, or that may serve a step. In strict orders
// every event matters: one that matches nothing breaks chains.
func (v *views) distinct(step int) {
	e, w := v.e, v.p.words
	v.values = v.values[:0]
	for i, value := range e.value {
		if step < 0 && e.class[i] == 0 && v.p.order != strict || step >= 0 && !hasBit(e.serve[i*w:(i+1)*w], step) {
			continue
		}
		if !slices.Contains(v.values, value) {
			v.values = append(v.values, value)
		}
	}
}

// byAll runs the funnel per value on the events with that value. A person with one value needs no
// further run.
func (v *views) byAll(best int, seen followUp) {
	v.distinct(-1)
	if len(v.values) == 1 {
		for i := range v.base {
			v.countUnder(v.values[0], &v.base[i], best)
		}
		if seen.entered {
			v.followUnder(v.values[0], seen)
		}
		return
	}
	for _, value := range v.values {
		sel, level := selection{value: value, byAll: true}, 0
		units := v.again(sel, always, len(v.e.money) > 0)
		for i := range units {
			level = max(level, units[i].level)
			v.countUnder(value, &units[i], best)
		}
		if seen.entered && level > 0 {
			v.followUnder(value, v.follow(v.firstUnder(value), level, func(at span) *outcome { return &v.again(sel, at, false)[0] }))
		}
	}
}

// firstUnder is the first eligible entry by an event with the value. There is one if the unit has a level.
func (v *views) firstUnder(value int32) int64 {
	for i, of := range v.e.value {
		if of == value && v.canStart(i) {
			return v.e.ts[i]
		}
	}
	panic("funnel: a unit without a start")
}

// byStep runs the funnel per value with one step restricted to events with that value; only units
// that reach the step count. In totals each attempt counts once, under the value of its reference
// chain; of tied events the smallest text.
func (v *views) byStep(best int, seen followUp) {
	n := v.p.attrStep
	if v.p.totals {
		for i := range v.base {
			if o := &v.base[i]; o.level > n {
				v.countUnder(v.valueAt(n, o), o, o.level)
			}
		}
		return
	}
	v.distinct(n)
	for _, value := range v.values {
		o := &v.base[0]
		if len(v.values) > 1 {
			o = &v.again(selection{value: value, byStep: true}, always, len(v.e.money) > 0)[0]
		}
		if o.level > n {
			v.countUnder(value, o, best)
			if seen.entered {
				v.followUnder(value, seen)
			}
		}
	}
}

// valueAt is the value at a step of the reference chain. Where several tied events could serve the step in
// a chain of the same times, the smallest text counts.
func (v *views) valueAt(step int, o *outcome) int32 {
	e, w := v.e, v.p.words
	row := o.rows[step]
	best := e.value[row]
	for i, value := range e.value {
		if e.ts[i] == o.times[step] && (!v.p.hold || e.lane[i] == e.lane[row]) && v.text(value) < v.text(best) &&
			hasBit(e.serve[i*w:(i+1)*w], step) && e.reaches(value, row, o) {
			best = value
		}
	}
	return best
}
