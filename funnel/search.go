package funnel

import "math"

// search collects the chains of one unit over its starts: the best level, whether a best chain is
// clean, the reference chain, the optional steps of the best chains, and what ends an attempt.
type search struct {
	p     *plan
	best  outcome
	vec   []int64
	clean bool
	// finished says that a chain survived that is complete, complete when the earliest of them was;
	// closing is the latest closing time of a chain that no exclusion crosses.
	finished          bool
	complete, closing int64
}

func newSearch(p *plan) search { return search{p: p, best: newOutcome(p)} }

func (s *search) clear() {
	s.best.clear()
	s.vec, s.clean, s.finished = s.vec[:0], false, false
	s.complete, s.closing = math.MaxInt64, math.MinInt64
}

// settled reports whether no chain from start t or later can change the answer: a complete chain is
// at hand that ends before t. Optional steps ask for all best chains, and clock noise lets a chain end
// before it starts.
func (s *search) settled(t int64) bool {
	return !s.p.optional && s.p.tolerance == 0 && s.clean && s.best.level == s.p.full() && s.best.last() < t
}

// offer considers all chains of one state.
func (s *search) offer(g *graph, id int32) {
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
func (s *search) earlier(v []int64) bool {
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
func (s *search) result() *outcome {
	if s.best.level > 0 && !s.clean {
		s.best.clear()
	}
	return &s.best
}

// trace writes the best chain of a state into an outcome, keeping its level and optional steps.
func (g *graph) trace(id int32, o *outcome) {
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
func (g *graph) traceBlock(n *node, o *outcome) {
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
			at = base + indexOfInt(n.placed, at)
		}
		o.rows[at] = g.l.row[tg.lo+e]
	}
}

func indexOfInt(list []int, v int) int {
	for i, x := range list {
		if x == v {
			return i
		}
	}
	return -1
}
