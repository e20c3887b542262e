package funnel

import (
	"math"
	"slices"
)

// slowSearch collects the chains of one unit over its starts: the best level, whether a best chain is
// clean, the reference chain, the optional steps of the best chains, and what ends an attempt.
type slowSearch struct {
	p     *plan
	best  outcome
	vec   []int64
	clean bool
	// finished says that a chain survived that is complete, complete when the earliest of them was;
	// closing is the latest closing time of a chain that no exclusion crosses.
	finished          bool
	complete, closing int64
}

func newSlowSearch(p *plan) slowSearch { return slowSearch{p: p, best: newOutcome(p)} }

func (s *slowSearch) clear() {
	s.best.clear()
	s.vec, s.clean, s.finished = s.vec[:0], false, false
	s.complete, s.closing = math.MaxInt64, math.MinInt64
}

// settledSlow reports whether no chain from start t or later can change the answer: a complete chain is
// at hand that ends before t. Optional steps ask for all best chains, and clock noise lets a chain end
// before it starts.
func (s *slowSearch) settledSlow(t int64) bool {
	return !s.p.optional && s.p.tolerance == 0 && s.clean && s.best.level == s.p.full() && s.best.last() < t
}

// offer considers all chains of one state.
func (s *slowSearch) offer(g *slowGraph, id int32) {
	n := &g.nodes[id]
	if s.p.totals && !n.drop {
		s.closing = max(s.closing, g.closing(n))
	}
	if g.taint(n, reset) {
		return
	}
	if n.level == s.p.full() {
		s.finished = true
		s.complete = min(s.complete, n.vec[len(n.vec)-1])
	}
	if n.level < s.best.level {
		return
	}
	if n.level > s.best.level {
		s.best.clear()
		s.clean = false
	}
	s.clean = s.clean || !n.drop && !g.taint(n, dropUser)
	union(s.best.optional, n.opt)
	if n.level > s.best.level || s.earlier(n.vec) {
		s.best.level = n.level
		s.vec = append(s.vec[:0], n.vec...)
		g.trace(id, &s.best)
	}
}

// earlier compares vectors of the same level by the order of reference chains.
func (s *slowSearch) earlier(v []int64) bool {
	last := len(v) - 1
	switch {
	case v[last] != s.vec[last]:
		return v[last] < s.vec[last]
	case v[0] != s.vec[0]:
		return v[0] > s.vec[0]
	}
	for i := 1; i < last; i++ {
		if v[i] != s.vec[i] {
			return v[i] < s.vec[i]
		}
	}
	return false
}

// result is the outcome of the unit after drop_user.
func (s *slowSearch) result() *outcome {
	if s.best.level > 0 && !s.clean {
		s.best.clear()
	}
	return &s.best
}

// trace writes the best chain of a state into an outcome, keeping its level and optional steps.
func (g *slowGraph) trace(id int32, o *outcome) {
	for i := range o.rows {
		o.rows[i] = -1
	}
	for id >= 0 {
		n := &g.nodes[id]
		if g.p.tolerance > 0 {
			o.times[n.step], o.rows[n.step] = g.l.ts[n.event], g.l.row[n.event]
		} else {
			g.traceBlock(n, o)
		}
		id = n.pred
	}
}

// traceBlock gives the steps of one block the events of its time.
func (g *slowGraph) traceBlock(n *slowNode, o *outcome) {
	tg := &g.groups[n.group]
	g.m.reset(g.l, tg.lo, tg.hi)
	base := n.step - len(n.placed) + 1 // position of the first step of the block, if unordered
	for i, s := range n.placed {
		at := s
		if g.p.order == unordered {
			at = base + i
		}
		o.times[at] = tg.t
		if g.p.reuse || g.p.increasing {
			o.rows[at] = g.l.row[firstWith(g.l, tg.lo, tg.hi, s)]
		} else {
			g.m.assign(s)
		}
	}
	for e, s := range g.m.owner {
		if s < 0 {
			continue
		}
		at := int(s)
		if g.p.order == unordered {
			at = base + slowIndex(n.placed, at)
		}
		o.rows[at] = g.l.row[tg.lo+e]
	}
}

func slowIndex(list []int, v int) int {
	for i, x := range list {
		if x == v {
			return i
		}
	}
	return -1
}

// closing is the time at which an incomplete chain can no longer go on: its deadline, the first
// exclusion in a range it entered and did not leave, or, in strict orders, the moment before the event
// that breaks it (which may start the next attempt).
func (g *slowGraph) closing(n *slowNode) int64 {
	c := g.deadline(n)
	for x, i := range n.open {
		if i >= 0 && i < len(g.l.excluded[x]) {
			c = min(c, g.l.excluded[x][i])
		}
	}
	if !g.isStrict() {
		return c
	}
	if n.stuck {
		return min(c, g.groups[n.group].t)
	}
	for j := n.group + 1; j < len(g.groups); j++ {
		if !hasBit(g.groups[j].all, n.step) {
			return min(c, g.groups[j].t-1)
		}
	}
	return c
}

// attempts splits a lane into disjoint attempts, greedy in time, and calls each for every attempt of
// level 1 or more.
func (g *slowGraph) attempts(l *lane, starts span, each func(*outcome)) {
	g.load(l)
	s := &g.searched
	ended, end := false, int64(math.MinInt64)
	for i := range g.groups {
		t := g.groups[i].t
		if !starts.contains(t) || !g.canStart(i) || ended && t <= end {
			continue
		}
		s.clear()
		g.from(i)
		ended = true
		if end = s.complete; !s.finished {
			end = s.closing
		}
		if o := s.result(); o.level > 0 {
			each(o)
		}
		if g.p.firstEntry {
			return
		}
	}
}

// The evaluator for clock noise: an event may lie up to the tolerance before the latest event already
// in the chain. Only ordered funnels have it, without exclusions. States are left step by step; the
// events that could still be taken again are part of the state.

// buildTolerant fills g.nodes with the chains that begin at the time of group i.
func (g *slowGraph) buildTolerant(i int) {
	g.nodes, g.t0 = g.nodes[:0], g.groups[i].t
	clear(g.index)
	for e := g.groups[i].lo; e < g.groups[i].hi; e++ {
		if hasBit(g.l.mask(e), 0) {
			n := slowNode{step: 0, group: -1, anchor: g.t0, level: 1, pred: -1, event: e, vec: []int64{g.t0}, opt: make([]uint64, g.p.words)}
			g.addTolerant(&n, g.t0, []int{e})
		}
	}
	for s := range g.p.steps {
		// Nodes of step s are complete here: they are entered from smaller steps only.
		for id := 0; id < len(g.nodes); id++ {
			if g.nodes[id].step == s {
				g.leaveTolerant(int32(id))
			}
		}
	}
}

// addTolerant keys a state by its latest time and by the events that may not be used again.
func (g *slowGraph) addTolerant(n *slowNode, latest int64, used []int) {
	n.set = n.set[:0]
	n.set = append(n.set, uint64(latest))
	if !g.p.reuse {
		for _, e := range used {
			if within(g.l.ts[e], latest, g.p.tolerance) {
				n.set = append(n.set, uint64(e))
			}
		}
		slices.Sort(n.set[1:])
	}
	g.add(n)
}

func (g *slowGraph) leaveTolerant(id int32) {
	from := g.nodes[id]
	latest := int64(from.set[0])
	for s := from.step + 1; s < len(g.p.steps); s++ {
		for e, t := range g.l.ts {
			if g.fitsTolerant(&from, latest, s, e, t) {
				g.placeTolerant(&from, id, latest, s, e, t)
			}
		}
		if !g.p.steps[s].optional {
			return
		}
	}
}

func (g *slowGraph) fitsTolerant(from *slowNode, latest int64, s, e int, t int64) bool {
	st := &g.p.steps[s]
	return hasBit(g.l.mask(e), s) && (t >= latest || within(t, latest, g.p.tolerance)) &&
		within(g.t0, t, g.p.window) && within(from.anchor, t, st.window) &&
		(!st.hasGap || atLeast(from.anchor, t, st.gap)) && !slices.Contains(from.set[1:], uint64(e))
}

func (g *slowGraph) placeTolerant(from *slowNode, id int32, latest int64, s, e int, t int64) {
	n := slowNode{step: s, group: -1, anchor: from.anchor, level: from.level, pred: id, event: e}
	n.vec, n.opt = slices.Clone(from.vec), slices.Clone(from.opt)
	if g.p.steps[s].optional {
		setBit(n.opt, s)
	} else {
		n.anchor, n.level = t, s+1
		n.vec = append(n.vec, t)
	}
	used := []int{e}
	for _, u := range from.set[1:] {
		used = append(used, int(u))
	}
	g.addTolerant(&n, max(latest, t), used)
}
