package funnel

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"
)

// The oracle answers a funnel by its definition: it lists every chain there is and applies the rules to
// each. It shares no code with the kernel; it is far too slow for anything but a few events.

type oracleEvent struct {
	ts         int64
	serve      map[int]bool // steps it may serve, after first_ever
	raw        map[int]bool // steps whose alternatives it matches
	excl       map[int]bool
	held       string
	heldMissed bool
	value      string
}

// oracleChain is one chain: the events of its steps (of its positions, if unordered).
type oracleChain struct {
	steps  []int // ascending step indexes; positions if unordered
	events []int
}

type oracleUnit struct {
	level    int
	vec      []int64 // times of the required steps (positions) of the reference chain
	steps    []int   // their step indexes
	optional map[int]bool
	chains   []oracleChain // all chains tied for reference
	events   []oracleEvent // of the lane
}

type oracle struct {
	r      *Rules
	starts func(int64) bool // trend bucket or first entry; nil: all
}

func (o *oracle) unordered() bool { return o.r.Order == "unordered" }
func (o *oracle) strict() bool    { return strings.HasPrefix(o.r.Order, "strict") }

// person evaluates the units of one person: events restricted already, any lane.
func (o *oracle) person(events []oracleEvent) []oracleUnit {
	if len(o.r.HoldConstant) == 0 {
		return o.lane(events)
	}
	lanes := map[string]bool{}
	for _, e := range events {
		if !e.heldMissed {
			lanes[e.held] = true
		}
	}
	var all []oracleUnit
	for id := range lanes {
		var es []oracleEvent
		for _, e := range events {
			if e.heldMissed {
				e.serve = nil
				es = append(es, e)
			} else if e.held == id {
				es = append(es, e)
			}
		}
		all = append(all, o.lane(es)...)
	}
	if o.r.Counting == "totals" || len(all) == 0 {
		return all
	}
	best := all[0]
	opts := map[int]bool{}
	for _, u := range all {
		if o.before(u, best) {
			best = u
		}
	}
	for _, u := range all {
		if u.level == best.level {
			for s := range u.optional {
				opts[s] = true
			}
		}
	}
	best.optional = opts
	return []oracleUnit{best}
}

// before is the order of units: higher level, then the order of reference chains.
func (o *oracle) before(a, b oracleUnit) bool {
	if a.level != b.level || a.level == 0 {
		return a.level > b.level
	}
	return refOrder(a.vec, b.vec) < 0
}

func refOrder(a, b []int64) int {
	n := len(a) - 1
	if c := cmp.Compare(a[n], b[n]); c != 0 {
		return c
	}
	if c := cmp.Compare(b[0], a[0]); c != 0 {
		return c
	}
	return slices.Compare(a, b)
}

// lane evaluates one lane.
func (o *oracle) lane(events []oracleEvent) []oracleUnit {
	events = slices.Clone(events)
	sort.SliceStable(events, func(i, j int) bool { return events[i].ts < events[j].ts })
	var starts []int64
	for _, e := range events {
		ok := e.serve[0] || o.unordered() && len(e.serve) > 0
		if !ok || o.r.EntryFrom != nil && e.ts < *o.r.EntryFrom || o.r.EntryTo != nil && e.ts >= *o.r.EntryTo {
			continue
		}
		starts = append(starts, e.ts)
	}
	if o.r.Entry == "first" && len(starts) > 0 {
		starts = slices.DeleteFunc(starts, func(t int64) bool { return t != starts[0] })
	}
	starts = slices.Compact(starts)
	if o.starts != nil {
		starts = slices.DeleteFunc(starts, func(t int64) bool { return !o.starts(t) })
	}
	byStart := map[int64][]oracleChain{}
	for _, c := range o.chains(events) {
		byStart[events[c.events[0]].ts] = append(byStart[events[c.events[0]].ts], c)
	}
	if o.r.Counting != "totals" {
		var chains []oracleChain
		for _, t := range starts {
			chains = append(chains, byStart[t]...)
		}
		u, _, _ := o.unit(events, chains)
		return []oracleUnit{u}
	}
	var out []oracleUnit
	ended, end := false, int64(0)
	for _, t := range starts {
		if ended && t <= end {
			continue
		}
		u, complete, finished := o.unit(events, byStart[t])
		ended = true
		if end = complete; !finished {
			end = math.MinInt64
			for _, c := range byStart[t] {
				if !o.crossed(events, c, nil) {
					end = max(end, o.closing(events, c))
				}
			}
		}
		if u.level > 0 {
			out = append(out, u)
		}
	}
	return out
}

// chains lists every chain of a lane.
func (o *oracle) chains(events []oracleEvent) []oracleChain {
	var out []oracleChain
	var c oracleChain
	var grow func(step int)
	grow = func(step int) {
		if len(c.steps) > 0 && o.valid(events, c) {
			out = append(out, oracleChain{slices.Clone(c.steps), slices.Clone(c.events)})
		}
		for s := step; s < len(o.r.Steps); s++ {
			for e := range events {
				if events[e].serve[s] && (o.r.Reuse || !slices.Contains(c.events, e)) {
					c.steps, c.events = append(c.steps, s), append(c.events, e)
					grow(s + 1)
					c.steps, c.events = c.steps[:len(c.steps)-1], c.events[:len(c.events)-1]
				}
			}
			if !o.unordered() && !o.r.Steps[s].Optional {
				break
			}
		}
	}
	if o.unordered() {
		grow(0)
		for i, ch := range out {
			slices.SortStableFunc(ch.events, func(a, b int) int { return cmp.Compare(events[a].ts, events[b].ts) })
			for p := range ch.steps {
				ch.steps[p] = p
			}
			out[i] = ch
		}
		return out
	}
	grow(0)
	return out
}

// valid checks a whole chain against order, ties, tolerance, windows and gaps.
func (o *oracle) valid(events []oracleEvent, c oracleChain) bool {
	ts := make([]int64, len(c.events))
	for i, e := range c.events {
		ts[i] = events[e].ts
	}
	increasing := o.r.Ties == "increasing"
	if o.unordered() {
		slices.Sort(ts)
		for i := 1; i < len(ts); i++ {
			if increasing && ts[i] == ts[i-1] {
				return false
			}
		}
		return o.r.Window == nil || ts[len(ts)-1]-ts[0] <= *o.r.Window
	}
	required := ts[0]
	latest := ts[0]
	for i := 1; i < len(ts); i++ {
		st := o.r.Steps[c.steps[i]]
		switch {
		case increasing && ts[i] <= latest, ts[i] < latest-o.r.Tolerance:
			return false
		case o.r.Window != nil && ts[i]-ts[0] > *o.r.Window:
			return false
		case st.Window != nil && ts[i]-required > *st.Window:
			return false
		case st.MinGap != nil && ts[i]-required < *st.MinGap:
			return false
		}
		latest = max(latest, ts[i])
		if !st.Optional {
			required = ts[i]
		}
	}
	return !o.strict() || o.unbroken(events, c)
}

// unbroken looks for an order of tied events in which only repeats lie between neighbours of the chain.
// With reuse, where one event may stand at several places, it uses the rule for blocks of equal time.
func (o *oracle) unbroken(events []oracleEvent, c oracleChain) bool {
	if o.r.Reuse {
		return o.unbrokenBlocks(events, c)
	}
	var seen []int
	for e := range events {
		if o.r.Order == "strict" || len(events[e].raw) > 0 {
			seen = append(seen, e)
		}
	}
	var try func(rest []int, next int) bool
	try = func(rest []int, next int) bool {
		if next == len(c.events) {
			return true
		}
		if len(rest) == 0 {
			return false
		}
		for i, e := range rest {
			if events[e].ts != events[rest[0]].ts {
				break
			}
			left := slices.Delete(slices.Clone(rest), i, i+1)
			switch {
			case c.events[next] == e:
				if try(left, next+1) {
					return true
				}
			case slices.Contains(c.events, e):
			case next == 0 || events[e].raw[c.steps[next-1]]:
				if try(left, next) {
					return true
				}
			}
		}
		return false
	}
	return try(seen, 0)
}

func (o *oracle) unbrokenBlocks(events []oracleEvent, c oracleChain) bool {
	first, last := events[c.events[0]].ts, events[c.events[len(c.events)-1]].ts
	for e := range events {
		t := events[e].ts
		if t <= first || t >= last || o.r.Order != "strict" && len(events[e].raw) == 0 {
			continue
		}
		ok := false
		before := -1
		for i, ce := range c.events {
			switch ct := events[ce].ts; {
			case ct < t:
				before = c.steps[i]
			case ct == t:
				ok = ok || events[e].raw[c.steps[i]]
			}
		}
		if !ok && !events[e].raw[before] {
			return false
		}
	}
	return true
}
