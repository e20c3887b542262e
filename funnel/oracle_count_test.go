package funnel

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
)

// oracleCount is Count by the oracle.
func oracleCount(r *Rules, events []Event) *Counted {
	out := &Counted{StepCounts: make([]int64, len(r.Steps)), PersonLevel: map[string]int{}, TimeToConvert: map[string]Durations{}}
	times := map[string][]int64{}
	byPerson := map[string][]Event{}
	for _, e := range events {
		out.PersonLevel[e.Person] = 0
		if r.ObservationEnd == nil || e.TS <= *r.ObservationEnd {
			byPerson[e.Person] = append(byPerson[e.Person], e)
		}
	}
	if r.Breakdown != nil {
		out.Breakdown = map[string][]int64{}
	}
	if r.Trend != nil {
		out.Trend = map[string]TrendCounts{}
	}
	for person, es := range byPerson {
		o := &oracle{r: r}
		oe := oracleEvents(r, es)
		units := o.person(oe)
		for _, u := range units {
			out.PersonLevel[person] = max(out.PersonLevel[person], u.level)
			addUnit(r, u, out.StepCounts)
			addTimes(r, o, u, times)
		}
		if r.Breakdown != nil {
			o.breakdown(oe, units, out.Breakdown)
		}
		if r.Trend != nil {
			o.trend(oe, out.Trend)
		}
	}
	for _, s := range r.Steps {
		if s.Optional {
			out.Optional = map[string]int64{}
		}
	}
	for i, s := range r.Steps {
		if s.Optional {
			out.Optional[r.stepName(i)] = out.StepCounts[i]
		}
	}
	for k, v := range times {
		slices.Sort(v)
		sum := 0.0
		for _, x := range v {
			sum += float64(x)
		}
		mid := (float64(v[(len(v)-1)/2]) + float64(v[len(v)/2])) / 2
		out.TimeToConvert[k] = Durations{Times{N: int64(len(v)), Mean: sum / float64(len(v)), Median: mid}, v}
	}
	oracleCensoring(r, byPerson, out)
	return out
}

func addUnit(r *Rules, u oracleUnit, counts []int64) {
	for s := range r.Steps {
		if r.Steps[s].Optional && u.optional[s] || !r.Steps[s].Optional && u.level > s {
			counts[s]++
		}
	}
}

func addTimes(r *Rules, o *oracle, u oracleUnit, times map[string][]int64) {
	for i := 1; i < len(u.vec); i++ {
		key := fmt.Sprint(u.steps[i] + 1)
		times[key] = append(times[key], max(0, u.vec[i]-u.vec[i-1]))
	}
	if u.level == o.full() && len(u.vec) > 1 {
		times["total"] = append(times["total"], max(0, u.vec[len(u.vec)-1]-u.vec[0]))
	}
}

// oracleEvents matches the events of a person (equality on the event's name only) and applies first_ever.
func oracleEvents(r *Rules, es []Event) []oracleEvent {
	var out []oracleEvent
	for _, e := range es {
		oe := oracleEvent{ts: e.TS, serve: map[int]bool{}, raw: map[int]bool{}, excl: map[int]bool{}}
		for s := range r.Steps {
			if namesEvent(r.Steps[s].AnyOf, e.Name) {
				oe.serve[s], oe.raw[s] = true, true
			}
		}
		for x := range r.Exclusions {
			if namesEvent(r.Exclusions[x].AnyOf, e.Name) {
				oe.excl[x] = true
			}
		}
		for _, h := range r.HoldConstant {
			v, ok := e.Props[strings.TrimPrefix(h, "prop.")]
			oe.held += string(v) + "\x00"
			oe.heldMissed = oe.heldMissed || !ok
		}
		if r.Breakdown != nil {
			if v, ok := e.Props[strings.TrimPrefix(r.Breakdown.Property, "prop.")]; ok {
				if json.Unmarshal(v, &oe.value) != nil {
					oe.value = string(v)
				}
			}
		}
		out = append(out, oe)
	}
	for s := range r.Steps {
		if !r.Steps[s].FirstEver {
			continue
		}
		first := int64(math.MaxInt64)
		for _, e := range out {
			if e.raw[s] {
				first = min(first, e.ts)
			}
		}
		for _, e := range out {
			if e.ts != first {
				delete(e.serve, s)
			}
		}
	}
	return out
}

func namesEvent(alternatives [][]Condition, name string) bool {
	for _, all := range alternatives {
		if len(all) == 0 {
			return true
		}
		if string(all[0].Value) == `"`+name+`"` {
			return true
		}
	}
	return false
}

func (o *oracle) breakdown(es []oracleEvent, units []oracleUnit, out map[string][]int64) {
	add := func(label string, u oracleUnit) {
		if u.level == 0 {
			return
		}
		if out[label] == nil {
			out[label] = make([]int64, len(o.r.Steps))
		}
		addUnit(o.r, u, out[label])
	}
	b := o.r.Breakdown
	n := b.Step - 1
	values := map[string]bool{}
	for _, e := range es {
		values[e.value] = true
	}
	switch b.Attribution {
	case "first_touch", "last_touch":
		label := o.touch(es, b.Attribution == "last_touch")
		for _, u := range units {
			add(label, u)
		}
	case "all":
		for v := range values {
			for _, u := range o.person(slices.DeleteFunc(slices.Clone(es), func(e oracleEvent) bool { return e.value != v })) {
				add(v, u)
			}
		}
	case "step":
		if o.r.Counting == "totals" {
			for _, u := range units {
				if u.level > n {
					add(o.valueAt(u, n), u)
				}
			}
			return
		}
		for v := range values {
			restricted := slices.Clone(es)
			for i, e := range restricted {
				if e.value == v {
					continue
				}
				restricted[i].serve = map[int]bool{}
				for s := range e.serve {
					if s != n {
						restricted[i].serve[s] = true
					}
				}
			}
			for _, u := range o.person(restricted) {
				if u.level > n {
					add(v, u)
				}
			}
		}
	}
}

func (o *oracle) touch(es []oracleEvent, last bool) string {
	es = slices.DeleteFunc(slices.Clone(es), func(e oracleEvent) bool { return e.value == "" || len(e.serve) == 0 })
	sort.SliceStable(es, func(i, j int) bool {
		if es[i].ts != es[j].ts {
			return (es[i].ts < es[j].ts) != last
		}
		return es[i].value < es[j].value
	})
	if len(es) == 0 {
		return ""
	}
	return es[0].value
}

// valueAt is the smallest value of the event that serves a step in a chain tied for reference.
func (o *oracle) valueAt(u oracleUnit, step int) string {
	best, found := "", false
	for _, c := range u.chains {
		if i := slices.Index(c.steps, step); i >= 0 {
			if v := u.events[c.events[i]].value; !found || v < best {
				best, found = v, true
			}
		}
	}
	return best
}

func (o *oracle) trend(es []oracleEvent, out map[string]TrendCounts) {
	labels := map[string]bool{}
	for _, e := range es {
		labels[bucketLabel(e.ts, o.r.Trend.Interval)] = true
	}
	for label := range labels {
		in := &oracle{r: o.r, starts: func(t int64) bool { return bucketLabel(t, o.r.Trend.Interval) == label }}
		for _, u := range in.person(es) {
			if u.level == 0 {
				continue
			}
			c := out[label]
			c.Entered++
			if u.level == o.full() {
				c.Converted++
			}
			out[label] = c
		}
	}
}

// oracleCensoring fills the view where it is defined, by textbook sums over all entrants.
func oracleCensoring(r *Rules, byPerson map[string][]Event, out *Counted) {
	if r.Window == nil || r.ObservationEnd == nil || (r.Order != "" && r.Order != "ordered") || r.Counting == "totals" ||
		len(r.Exclusions) > 0 || len(r.HoldConstant) > 0 {
		return
	}
	c := &CensoringCounts{}
	type life struct {
		t     int64
		event bool
	}
	var lives []life
	for person, es := range byPerson {
		oe := oracleEvents(r, es)
		first, found := int64(math.MaxInt64), false
		for _, e := range oe {
			if e.serve[0] && (r.EntryFrom == nil || e.ts >= *r.EntryFrom) && (r.EntryTo == nil || e.ts < *r.EntryTo) {
				first, found = min(first, e.ts), true
			}
		}
		if !found {
			continue
		}
		o := &oracle{r: r, starts: func(t int64) bool { return t == first }}
		u := o.person(oe)[0]
		mature := *r.ObservationEnd-first >= *r.Window
		c.Naive.Entered++
		if mature {
			c.Matured.Entered++
		}
		if u.level == o.full() {
			c.Naive.Converted++
			if mature {
				c.Matured.Converted++
			}
			lives = append(lives, life{max(0, u.vec[len(u.vec)-1]-first), true})
			continue
		}
		lives = append(lives, life{min(*r.Window, *r.ObservationEnd-first), false})
		if !mature {
			c.OpenPersons = append(c.OpenPersons, person)
		}
	}
	slices.Sort(c.OpenPersons)
	s := 1.0
	done := map[int64]bool{}
	slices.SortFunc(lives, func(a, b life) int { return int(a.t - b.t) })
	for _, l := range lives {
		if done[l.t] || !l.event {
			continue
		}
		done[l.t] = true
		risk, events := 0.0, 0.0
		for _, m := range lives {
			if m.t >= l.t {
				risk++
			}
			if m.t == l.t && m.event {
				events++
			}
		}
		s *= 1 - events/risk
	}
	if len(lives) > 0 {
		rate := 1 - s
		c.Survival.Rate = &rate
	}
	out.Censoring = c
}
