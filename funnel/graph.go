package funnel

import (
	"math"
	"slices"
)

// graph evaluates ordered and strict funnels: one pass over the events of a lane, for all starts at once.
//
// A chain that placed its steps so far is worth the time of its last required step (windows and gaps of
// steps count from there) and its start (the funnel's window counts from there). Of two chains that placed
// the same step last at one time, the one that began later is as good for whatever follows, so a step
// keeps one chain for each time of its last required step, and the best of those inside a window is found
// by halving. That the later ones also began later is what makes halving right; the rare chains for which
// it does not hold are noticed, and then all of a shelf are looked at.
//
// Cost: n events × the steps an event serves × log n. Groups of tied events add a matching for each step
// from which they can be entered.
type graph struct {
	paths
	cross   crossings
	strict  bool
	layouts []*layout // by optional step asked for, plus one
	lay     *layout
	starts  span
	shelves []shelf
	alive   int   // chains on shelves
	reach   int64 // latest time at which one of them may go on
	// fed tells the time of the last event that could serve an optional step, since chains may wait there.
	fed   []int64
	isFed []bool

	blk     block
	union   []uint64 // steps that events of the time at hand may serve
	all     []uint64 // steps of which every visible event of that time is a repeat
	best1   []int32  // per step: the chain to keep that placed it at that time, -1: none
	born    []int32  // steps that have one
	carried []int32  // chains that took an optional step at that time
	closing int64    // latest closing time of a chain that no exclusion crosses
}

func newGraph(p *plan) *graph {
	n := len(p.steps)
	g := &graph{
		paths: newPaths(p), cross: newCrossings(p), strict: p.order == strict || p.order == strictAmong,
		layouts: make([]*layout, n+1), shelves: make([]shelf, n), fed: make([]int64, n), isFed: make([]bool, n),
		union: make([]uint64, p.words), all: make([]uint64, p.words), best1: make([]int32, n),
	}
	g.blk.g = g
	for s := range g.best1 {
		g.best1[s] = -1
	}
	return g
}

// pass answers a question for the chains that begin in a span and end at the given time at the latest.
func (g *graph) pass(l *lane, starts span, q ask, until int64) {
	g.begin(l, starts, q)
	for i := l.from(starts.lo); i < len(l.ts); {
		t := l.ts[i]
		if t > until || t > starts.hi && (g.alive == 0 || t > g.reach) {
			break
		}
		g.exclude(t, false)
		end := l.groupEnd(i)
		g.take(i, end)
		i = end
		if g.answered() {
			return
		}
	}
	if g.closes() {
		g.exclude(0, true)
		for s := range g.shelves {
			g.strip(s, math.MaxInt64)
		}
	}
}

func (g *graph) begin(l *lane, starts span, q ask) {
	g.starts, g.alive, g.reach, g.closing = starts, 0, math.MinInt64, math.MinInt64
	g.reset(l, q)
	g.cross.reset(l, starts.lo, q.clean)
	if g.layouts[q.must+1] == nil {
		g.layouts[q.must+1] = newLayout(g.p, q.must)
	}
	g.lay = g.layouts[q.must+1]
	for s := range g.shelves {
		g.shelves[s].ids, g.shelves[s].mixed, g.isFed[s] = g.shelves[s].ids[:0], false, false
	}
}

// answered reports whether nothing later can change the answer.
func (g *graph) answered() bool {
	if g.best < 0 {
		return false
	}
	step := int(g.nodes[g.best].step)
	switch {
	case g.ask.clean:
		return !g.closes()
	case g.ask.must >= 0:
		return step > g.ask.must && !g.p.steps[step].optional
	}
	return step == g.p.full()-1
}

// take places the events of one time.
func (g *graph) take(lo, hi int) {
	l, t := g.l, g.l.ts[lo]
	mask := l.mask(lo)
	if hi-lo > 1 {
		mask = l.unionOf(g.union, lo, hi)
	}
	if g.strict && g.alive > 0 {
		l.repeatsOf(g.all, lo, hi)
	}
	g.blk.begin(lo, hi, mask)
	for s := highest(mask, len(g.shelves)-1); s >= 0; s = highest(mask, s-1) {
		y := &g.lay.steps[s]
		if s == 0 && g.starts.contains(t) {
			g.blk.enter(-1, 0)
		}
		if !y.in {
			continue
		}
		for _, before := range y.before {
			if len(g.shelves[before].ids) > 0 {
				g.blk.enter(before, int32(s))
			}
		}
	}
	g.end(lo, hi, mask)
}

// end ends the time at hand: chains that cannot go on leave the shelves, new ones are put there.
func (g *graph) end(lo, hi int, mask []uint64) {
	t := g.l.ts[lo]
	if g.strict && g.alive > 0 {
		for s := range g.shelves {
			if len(g.shelves[s].ids) > 0 && !hasBit(g.all, s) {
				g.strip(s, t-1)
			}
		}
	}
	for x := range g.cross.next {
		if g.cross.at(x, t) {
			g.endRange(x, t)
			g.cross.skip(x, t)
		}
	}
	for _, id := range g.carried {
		g.put(id)
	}
	for _, s := range g.born {
		g.put(g.best1[s])
		g.best1[s] = -1
	}
	g.carried, g.born = g.carried[:0], g.born[:0]
	if g.p.optional && (g.strict || g.ask.must >= 0) {
		for s := range g.fed {
			if g.p.steps[s].optional && hasBit(mask, s) {
				g.fed[s], g.isFed[s] = t, true
			}
		}
	}
}

// exclude ends the chains that the exclusion events before t hit; through: all that are left.
func (g *graph) exclude(t int64, through bool) {
	for len(g.cross.next) > 0 && !(through && g.alive == 0) {
		x, at := g.cross.pass(t, through)
		if x < 0 {
			return
		}
		g.endRange(x, at)
	}
}

// endRange ends the chains inside the range of an exclusion at one of its events.
func (g *graph) endRange(x int, t int64) {
	e := &g.p.exclusions[x]
	for s := e.from; s < e.to; s++ {
		if !g.sparesLate(x, s) {
			g.strip(s, t)
			continue
		}
		sh := &g.shelves[s]
		g.alive -= len(sh.ids)
		sh.ids = slices.DeleteFunc(sh.ids, func(id int32) bool { return !g.late(s, g.nodes[id].anchor, t) })
		g.alive += len(sh.ids)
	}
}

// sparesLate reports whether an exclusion spares chains that placed a step last and are too late for the
// next required one: a reset does not look beyond their deadline, and they may still take an optional step.
func (g *graph) sparesLate(x, step int) bool {
	m := g.ask.must
	return m >= 0 && g.p.exclusions[x].policy == reset && g.levels[step] == g.levels[m]
}

// late reports whether the window of the next required step is over at time t.
func (g *graph) late(step int, anchor, t int64) bool {
	return !within(anchor, t, g.p.nextWindow(g.levels[step]))
}

// hit reports whether an exclusion event at time t ends a chain that took an optional step then.
func (g *graph) hit(step int, anchor, t int64) bool {
	for x := range g.cross.next {
		if g.p.exclusions[x].inside(step) && g.cross.at(x, t) && !(g.sparesLate(x, step) && g.late(step, anchor, t)) {
			return true
		}
	}
	return false
}

// strip takes all chains off the shelf of a step; nothing can follow them after time t.
func (g *graph) strip(step int, t int64) {
	sh := &g.shelves[step]
	if len(sh.ids) > 0 && g.closes() {
		for _, id := range sh.ids {
			g.close(&g.nodes[id], t)
		}
	}
	g.alive -= len(sh.ids)
	sh.ids, sh.mixed, g.isFed[step] = sh.ids[:0], false, false
}

// close notes the closing time of a chain after which nothing follows from time t on.
func (g *graph) close(n *node, t int64) { g.closing = max(g.closing, min(g.deadline(n), t)) }

// deadline is the last time at which a chain may take its next required step.
func (g *graph) deadline(n *node) int64 {
	return min(later(n.start, g.p.window), later(n.anchor, g.p.nextWindow(g.levels[n.step])))
}

// candidate is a chain whose last block holds a required step, on the events of the time at hand.
func (g *graph) candidate(n node, blocked bool) {
	n.anchor = g.l.ts[n.at]
	n.spoiled = len(g.cross.next) > 0 && g.cross.spoilt(int(n.first), int(n.step), n.anchor, g.deadline(&n))
	id, kept := g.add(n), false
	if g.offer(id); g.best == id {
		kept = true
	}
	switch lives := !blocked && g.cross.lives(int(n.first), int(n.step), n.anchor); {
	case lives && g.best1[n.step] < 0:
		g.best1[n.step], kept = id, true
		g.born = append(g.born, n.step)
	case lives && g.preferred(id, g.best1[n.step]):
		g.best1[n.step], kept = id, true
	case !lives && g.closes():
		g.close(&n, n.anchor)
	}
	if !kept {
		g.nodes = g.nodes[:id]
	}
}

// nextWindow is the window of the required step after a level.
func (p *plan) nextWindow(level int) uint64 {
	if next := p.steps[level-1].next; next >= 0 {
		return p.steps[next].window
	}
	return noLimit
}

func (g *graph) chains() *paths { return &g.paths }
func (g *graph) closed() int64  { return g.closing }
