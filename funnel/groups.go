package funnel

import "slices"

// groups counts the person under the values of the breakdown. Sums over values may exceed the total:
// one person may carry several.
func (v *views) groups() {
	switch v.p.attribution {
	case "first_touch", "last_touch":
		v.byTouch()
	case "all":
		v.byAll()
	case "step":
		v.byStep()
	}
}

func (v *views) countUnder(value int32, o *outcome) {
	for int(value) >= len(v.byID) {
		v.byID = append(v.byID, nil)
	}
	if v.byID[value] == nil {
		v.byID[value] = v.t.group(v.text(value))
	}
	v.t.count(v.p, o, v.byID[value], v.moneyOrNil())
}

// byTouch labels the person with the earliest or latest non-empty value on events that match a step;
// of tied values the smallest text.
func (v *views) byTouch() {
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
	for i := range v.base[:v.nBase] {
		v.countUnder(label, &v.base[i])
	}
}

// distinct lists the values of the person's events, optionally only of those that may serve a step.
func (v *views) distinct(step int) {
	e, w := v.e, v.p.words
	v.values = v.values[:0]
	for i, value := range e.value {
		if step >= 0 && !hasBit(e.serve[i*w:(i+1)*w], step) {
			continue
		}
		if !slices.Contains(v.values, value) {
			v.values = append(v.values, value)
		}
	}
}

// byAll runs the funnel per value on the events with that value. A person with one value needs no
// further run.
func (v *views) byAll() {
	v.distinct(-1)
	if len(v.values) == 1 {
		for i := range v.base[:v.nBase] {
			v.countUnder(v.values[0], &v.base[i])
		}
		return
	}
	for _, value := range v.values {
		units := v.e.run(selection{value: value, byAll: true}, always)
		for i := range units {
			v.countUnder(value, &units[i])
		}
	}
}

// byStep runs the funnel per value with one step restricted to events with that value; only units
// that reach the step count. In totals each attempt counts once, under the value of its reference
// chain; of tied events the smallest text.
func (v *views) byStep() {
	n := v.p.attrStep
	if v.p.totals {
		for i := range v.base[:v.nBase] {
			if o := &v.base[i]; o.level > n {
				v.countUnder(v.valueAt(n, o), o)
			}
		}
		return
	}
	v.distinct(n)
	for _, value := range v.values {
		o := &v.base[0]
		if len(v.values) > 1 {
			o = &v.e.run(selection{value: value, byStep: true}, always)[0]
		}
		if o.level > n {
			v.countUnder(value, o)
		}
	}
}

// valueAt is the value at a step of the reference chain. Where several tied events could serve the step,
// with the other steps of that time served by others, the smallest text counts.
func (v *views) valueAt(step int, o *outcome) int32 {
	e, w := v.e, v.p.words
	best := e.value[o.rows[step]]
	for i, value := range e.value {
		if e.ts[i] != o.times[step] || v.p.hold && e.lane[i] != e.lane[o.rows[step]] || v.text(value) >= v.text(best) {
			continue
		}
		if hasBit(e.serve[i*w:(i+1)*w], step) && v.frees(step, i, o) {
			best = value
		}
	}
	return best
}

// frees reports whether the required steps that share the time of a step can be served by other events
// than the given one.
func (v *views) frees(step, event int, o *outcome) bool {
	if v.p.reuse || v.p.increasing {
		return true
	}
	owner := map[int]int{event: step}
	for s := range o.level {
		if s == step || v.p.steps[s].optional || o.times[s] != o.times[step] {
			continue
		}
		if !v.augment(s, event, o.rows[step], owner, map[int]bool{}) {
			return false
		}
	}
	return true
}

// augment finds an event of its own for a step among those tied with a row, other than the taken one.
func (v *views) augment(step, taken int, row int32, owner map[int]int, seen map[int]bool) bool {
	e, w := v.e, v.p.words
	for i, t := range e.ts {
		if i == taken || seen[i] || t != e.ts[row] || v.p.hold && e.lane[i] != e.lane[row] || !hasBit(e.serve[i*w:(i+1)*w], step) {
			continue
		}
		seen[i] = true
		other, used := owner[i]
		if !used || v.augment(other, taken, row, owner, seen) {
			owner[i] = step
			return true
		}
	}
	return false
}
