package funnel

import (
	"cmp"
	"slices"
	"sort"
)

// noisy evaluates ordered funnels with clock noise: an event may lie up to the tolerance before the latest
// event already in the chain. Steps are taken one after the other. For each event that serves a step the
// chains that end there are kept, but for those that another one beats in all that matters later: a later
// start, an earlier latest time, fewer events used up.
//
// Cost: n events × k steps × c, the events within the tolerance of one; × c² where steps have windows or
// gaps. An event is used up only while it could be taken again, and only if it serves a later step as well;
// where steps share events, the chains kept for one event grow with the ways to choose among the c.
type noisy struct {
	paths
	rest   []uint64 // steps in play after the one at hand
	prev   []int32  // chains at the step before, by their latest time
	here   []int32  // chains at the step at hand
	cands  []int32  // those of them that end in the event at hand
	held   []int32  // chains of prev that used events up and are within the tolerance
	done   []bool   // chains of prev that need no later event
	pool   []int32  // memory of used events
	shares bool     // a chain that ends in the event at hand used events up
	// Chains of prev whose latest time has come and that used nothing up: wait holds those whose gap is not
	// over, first over first, old the others, best first.
	wait, old idHeap
}

func newNoisy(p *plan) *noisy {
	g := &noisy{paths: newPaths(p), rest: make([]uint64, p.words)}
	g.wait.before = func(a, b int32) bool { return g.nodes[a].anchor < g.nodes[b].anchor }
	g.old.before = g.preferred
	return g
}

func (g *noisy) chains() *paths { return &g.paths }

// closed implements passer; attempts have no tolerance.
func (g *noisy) closed() int64 { return 0 }

// pass answers a question for the chains that begin in a span. Without exclusions there is one question
// to a lane, so no later pass is bounded by an earlier one.
func (g *noisy) pass(l *lane, starts span, q ask, _ int64) {
	g.reset(l, q)
	g.prev, g.pool = g.prev[:0], g.pool[:0]
	clear(g.rest)
	for s := range g.p.steps {
		if g.inPlay(s) {
			setBit(g.rest, s)
		}
	}
	clearBit(g.rest, 0)
	for e := l.from(starts.lo); e < len(l.ts) && l.ts[e] <= starts.hi; e++ {
		if t := l.ts[e]; hasBit(l.mask(e), 0) {
			id := g.add(node{at: int32(e), pred: -1, start: t, anchor: t, latest: t})
			g.use(&g.nodes[id], nil)
			g.offer(id)
			g.prev = append(g.prev, id)
		}
	}
	for s := 1; s < len(g.p.steps) && len(g.prev) > 0; s++ {
		if !g.inPlay(s) {
			continue
		}
		clearBit(g.rest, s)
		slices.SortFunc(g.prev, func(a, b int32) int {
			return cmp.Or(cmp.Compare(g.nodes[a].latest, g.nodes[b].latest), cmp.Compare(a, b))
		})
		if g.here = g.here[:0]; g.required(int32(s)) {
			g.take(s)
		} else {
			g.carry(s)
		}
		g.prev, g.here = g.here, g.prev
	}
}

func (g *noisy) inPlay(s int) bool { return g.required(int32(s)) || s == g.ask.must }

// take extends the chains of prev by a required step. They fall into three parts: those whose latest time
// has come and that used nothing up, of which the best is enough; those that used events up, each by
// itself while noise reaches them; and those whose latest time is still to come, each by itself.
func (g *noisy) take(s int) {
	l, st, ahead := g.l, &g.p.steps[s], 0
	free := g.isFree(s)
	g.wait.ids, g.old.ids, g.held = g.wait.ids[:0], g.old.ids[:0], g.held[:0]
	g.done = append(g.done[:0], make([]bool, len(g.prev))...)
	for e := g.firstAllowed(g.nodes[g.prev[0]].latest); e < len(l.ts); e++ {
		t := l.ts[e]
		if !hasBit(l.mask(e), s) {
			continue
		}
		for ; ahead < len(g.prev) && g.nodes[g.prev[ahead]].latest <= t; ahead++ {
			if id := g.prev[ahead]; len(g.nodes[id].used) == 0 {
				g.wait.push(id)
			} else {
				g.held = append(g.held, id)
			}
		}
		g.held = slices.DeleteFunc(g.held, func(id int32) bool {
			if over := !within(g.nodes[id].latest, t, g.p.tolerance); over {
				g.wait.push(id)
				return true
			}
			return false
		})
		g.cands, g.shares = g.cands[:0], false
		if id := g.oldest(st, t); id >= 0 {
			g.try(id, s, e)
		}
		for _, id := range g.held {
			if g.fits(&g.nodes[id], s, e) {
				g.try(id, s, e)
			}
		}
		one := free && !g.asked(e) // the earliest event is then as good as any
		for i := ahead; i < len(g.prev) && within(t, g.nodes[g.prev[i]].latest, g.p.tolerance); i++ {
			if !g.done[i] && g.fits(&g.nodes[g.prev[i]], s, e) {
				g.try(g.prev[i], s, e)
				g.done[i] = one
			}
		}
		for _, id := range g.cands {
			g.offer(id)
		}
		g.here = append(g.here, g.cands...)
	}
}

// isFree reports whether nothing after a step depends on its time.
func (g *noisy) isFree(s int) bool {
	for n := s + 1; n < len(g.p.steps); n++ {
		if st := &g.p.steps[n]; g.inPlay(n) && (st.hasGap || st.window != noLimit) {
			return false
		}
	}
	return true
}

// oldest returns the best of the chains whose latest time has come and that used nothing up, if it can
// take a step at time t; -1: none.
func (g *noisy) oldest(st *stepPlan, t int64) int32 {
	for len(g.wait.ids) > 0 && atLeast(g.nodes[g.wait.ids[0]].anchor, t, st.gap) {
		g.old.push(g.wait.pop())
	}
	for len(g.old.ids) > 0 && !within(g.nodes[g.old.ids[0]].anchor, t, st.window) {
		g.old.pop()
	}
	if len(g.old.ids) == 0 || !within(g.nodes[g.old.ids[0]].start, t, g.p.window) {
		return -1
	}
	return g.old.ids[0]
}

// firstAllowed is the first event that may follow a chain with the given latest time.
func (g *noisy) firstAllowed(latest int64) int {
	return sort.Search(len(g.l.ts), func(i int) bool { return within(g.l.ts[i], latest, g.p.tolerance) })
}

// fits reports whether an event, within the tolerance of a chain, can be its next step.
func (g *noisy) fits(u *node, s, e int) bool {
	t, st := g.l.ts[e], &g.p.steps[s]
	return within(u.start, t, g.p.window) && within(u.anchor, t, st.window) && atLeastIf(st, u.anchor, t) &&
		!slices.Contains(u.used, int32(e))
}

// atLeastIf checks the gap of a step that has one; with clock noise a step may lie before the one before
// it, unless a gap is asked for.
func atLeastIf(st *stepPlan, from, to int64) bool { return !st.hasGap || atLeast(from, to, st.gap) }

// try ends a chain in an event that serves a required step, unless another chain there covers it.
func (g *noisy) try(pred int32, s, e int) {
	u := g.nodes[pred]
	t := g.l.ts[e]
	id := g.add(node{first: int32(s), step: int32(s), at: int32(e), pred: pred, start: u.start, anchor: t, latest: max(u.latest, t)})
	g.use(&g.nodes[id], u.used)
	if len(g.nodes[id].used) > 0 {
		g.shares = true
	}
	// Chains come in order of their latest time. While none used anything up, those kept began later and
	// later, and the last one is the only one to compare with.
	for i := len(g.cands) - 1; i >= 0; i-- {
		c := g.cands[i]
		if g.covers(c, id) {
			g.nodes = g.nodes[:id]
			return
		}
		if g.covers(id, c) {
			g.cands = slices.Delete(g.cands, i, i+1)
		} else if !g.shares {
			break
		}
	}
	g.cands = append(g.cands, id)
}

// use notes the events of a chain that may not be taken again: of those before it and its own the ones
// that could be, as far as later steps ask for them.
func (g *noisy) use(n *node, before []int32) {
	from := len(g.pool)
	if g.p.reuse {
		return
	}
	for _, e := range before {
		if within(g.l.ts[e], n.latest, g.p.tolerance) && g.asked(int(e)) {
			g.pool = append(g.pool, e)
		}
	}
	if g.asked(int(n.at)) {
		g.pool = append(g.pool, n.at)
	}
	if n.used = nil; len(g.pool) > from {
		n.used = g.pool[from:len(g.pool):len(g.pool)]
		slices.Sort(n.used)
	}
}

// asked reports whether an event serves a later step.
func (g *noisy) asked(e int) bool {
	for w, m := range g.l.mask(e) {
		if m&g.rest[w] != 0 {
			return true
		}
	}
	return false
}

// covers reports whether a chain is as good as another one that ends in the same event.
func (g *noisy) covers(a, b int32) bool {
	x, y := &g.nodes[a], &g.nodes[b]
	if x.latest > y.latest || x.start < y.start {
		return false
	}
	for _, e := range x.used {
		if !slices.Contains(y.used, e) {
			return false
		}
	}
	return !g.preferred(b, a)
}

// carry adds an optional step to each chain of prev: its earliest event is best, unless a later step
// could use that event; then the ones within the tolerance after it are choices as well.
func (g *noisy) carry(s int) {
	l, st := g.l, &g.p.steps[s]
	var serving []int32
	for e := range l.ts {
		if hasBit(l.mask(e), s) {
			serving = append(serving, int32(e))
		}
	}
	for _, pred := range g.prev {
		u := g.nodes[pred]
		allowed, first := int32(g.firstAllowed(u.latest)), int32(-1)
		i := sort.Search(len(serving), func(i int) bool {
			return serving[i] >= allowed && (!st.hasGap || atLeast(u.anchor, l.ts[serving[i]], st.gap))
		})
		for _, e := range serving[i:] {
			t := l.ts[e]
			if !within(u.start, t, g.p.window) || !within(u.anchor, t, st.window) || first >= 0 && !within(l.ts[first], t, g.p.tolerance) {
				break
			}
			if slices.Contains(u.used, e) {
				continue
			}
			id := g.add(node{first: int32(s), step: int32(s), at: e, pred: pred, start: u.start, anchor: u.anchor, latest: max(u.latest, t)})
			g.use(&g.nodes[id], u.used)
			g.offer(id)
			g.here = append(g.here, id)
			if !g.asked(int(e)) {
				break
			}
			if first < 0 {
				first = e
			}
		}
	}
}

// trace writes the chain that ends in a node into an outcome.
func (g *noisy) trace(id int32, o *outcome) {
	o.clear()
	o.level = g.levels[g.nodes[id].step]
	for ; id >= 0; id = g.nodes[id].pred {
		n := &g.nodes[id]
		o.times[n.step], o.rows[n.step] = g.l.ts[n.at], g.l.row[n.at]
	}
}

// idHeap is a binary heap of node numbers.
type idHeap struct {
	ids    []int32
	before func(a, b int32) bool
}

func (h *idHeap) push(id int32) {
	h.ids = append(h.ids, id)
	for i := len(h.ids) - 1; i > 0 && h.before(h.ids[i], h.ids[(i-1)/2]); i = (i - 1) / 2 {
		h.ids[i], h.ids[(i-1)/2] = h.ids[(i-1)/2], h.ids[i]
	}
}

func (h *idHeap) pop() int32 {
	top, n := h.ids[0], len(h.ids)-1
	h.ids[0] = h.ids[n]
	h.ids = h.ids[:n]
	for i := 0; ; {
		c := 2*i + 1
		if c+1 < n && h.before(h.ids[c+1], h.ids[c]) {
			c++
		}
		if c >= n || !h.before(h.ids[c], h.ids[i]) {
			return top
		}
		h.ids[i], h.ids[c] = h.ids[c], h.ids[i]
		i = c
	}
}
