package funnel

import (
	"encoding/binary"
	"errors"
	"math"
)

// Bounds of one pass: 18 steps that all occur within the window, in any order; 1.6 gigabytes of chains.
const (
	maxSets     = 1 << 18
	maxSetNodes = 1 << 25
	// keptSets are the sets kept from pass to pass, so that many persons do not add up to what one may take.
	keptSets = 1 << 16
)

// ErrSets says that an unordered funnel with exclusions has a person with too many sets of steps.
var ErrSets = errors.New("order unordered with exclusions: the events of one person serve too many different sets of steps to be compared; " +
	"list fewer steps, shorten the window, or leave out one of the two options")

// sets evaluates unordered funnels with exclusions: one pass over the events of a lane, for all starts at
// once. A chain that may go on is worth the set of steps it served and its start, so each set keeps the
// chain that began last.
//
// Cost: n events × the sets of steps that chains reach. That is exponential in the steps at worst, but a
// set is met only if the person has events for all of its steps within the window: n × 2^k for a person
// with events of k steps. Without exclusions a matching answers the question (see anyOrder); with them
// it matters which steps are left for later. A pass that meets more than maxSets sets or keeps more than
// maxSetNodes chains is given up (see ErrSets), before the memory is.
type sets struct {
	paths
	cross   crossings
	starts  span
	index   map[string]int32 // set → number, kept from person to person
	list    []stepSet
	live    []int32 // sets with a chain that may go on
	born    []int32 // sets with a chain that reached them at the time at hand
	reach   int64
	closing int64
	union   []uint64
	key     []byte
	// bounds of a pass
	maxSets, maxNodes int

	// the block being placed
	lo, hi  int
	t       int64
	matched bool
	pred    int32
	start   int64
	first   int // position of its first step
	size    int
	cur     []uint64
}

// stepSet is a set of steps and the chains that serve it; -1: none.
type stepSet struct {
	steps []uint64
	size  int
	kept  int32 // the chain that may go on
	next  int32 // the chain of the time at hand
}

func newSets(p *plan) *sets {
	return &sets{paths: newPaths(p), cross: newCrossings(p), index: map[string]int32{}, union: make([]uint64, p.words), cur: make([]uint64, p.words), maxSets: maxSets, maxNodes: maxSetNodes}
}

func (g *sets) chains() *paths { return &g.paths }
func (g *sets) closed() int64  { return g.closing }

// pass answers a question for the chains that begin in a span and end at the given time at the latest.
func (g *sets) pass(l *lane, starts span, q ask, until int64) {
	g.reset(l, q)
	g.cross.reset(l, starts.lo, q.clean)
	g.starts, g.reach, g.closing = starts, math.MinInt64, math.MinInt64
	for _, id := range g.live {
		g.list[id].kept = -1
	}
	g.live = g.live[:0]
	if len(g.list) > keptSets {
		g.list = nil
		clear(g.index)
	}
	for i := l.from(starts.lo); i < len(l.ts) && !g.beyond; {
		t := l.ts[i]
		if t > until || t > starts.hi && (len(g.live) == 0 || t > g.reach) {
			break
		}
		g.exclude(t, false)
		end := l.groupEnd(i)
		g.take(i, end)
		i = end
		if g.best >= 0 && (q.clean || int(g.nodes[g.best].step) == len(g.p.steps)-1) && !g.closes() {
			return
		}
	}
	if g.closes() {
		g.exclude(0, true)
		g.strip(0, len(g.p.steps), math.MaxInt64)
	}
}

// take places the events of one time.
func (g *sets) take(lo, hi int) {
	g.lo, g.hi, g.t = lo, hi, g.l.ts[lo]
	g.l.unionOf(g.union, lo, hi)
	g.matched = !g.p.increasing && !g.p.reuse && hi-lo > 1
	kept := g.live[:0]
	for _, id := range g.live {
		if s := &g.list[id]; s.kept >= 0 && within(g.nodes[s.kept].start, g.t, g.p.window) {
			kept = append(kept, id)
		} else {
			g.drop(id, math.MaxInt64)
		}
	}
	g.live = kept
	for _, id := range g.live {
		s := &g.list[id]
		g.enter(s.kept, g.nodes[s.kept].start, s.steps, s.size)
	}
	if g.starts.contains(g.t) {
		clear(g.cur)
		g.enter(-1, g.t, g.cur, 0)
	}
	g.end()
}

// enter places every choice of further steps after a chain.
func (g *sets) enter(pred int32, start int64, steps []uint64, size int) {
	g.pred, g.start, g.first, g.size = pred, start, size, size
	copy(g.cur, steps)
	if g.matched {
		g.m.reset(g.l, g.lo, g.hi)
	}
	g.place(0)
}

// place tries the steps in ascending order, so that each set is met once.
func (g *sets) place(lowest int) {
	for s := lowest; s < len(g.p.steps) && !g.beyond; s++ {
		if !hasBit(g.union, s) || hasBit(g.cur, s) {
			continue
		}
		mark := 0
		if g.matched {
			mark = g.m.save()
		}
		if !g.matched || g.m.assign(s) {
			setBit(g.cur, s)
			g.size++
			g.emit()
			if !g.p.increasing && (g.hi-g.lo > 1 || g.p.reuse) {
				g.place(s + 1)
			}
			g.size--
			clearBit(g.cur, s)
		}
		if g.matched {
			g.m.restore(mark)
		}
	}
}

// emit considers the chain placed so far.
func (g *sets) emit() {
	if g.beyond = len(g.list) >= g.maxSets || len(g.nodes) >= g.maxNodes; g.beyond {
		return
	}
	n := node{first: int32(g.first), step: int32(g.size - 1), at: int32(g.lo), pred: g.pred, start: g.start, anchor: g.t, set: g.number()}
	n.spoiled = g.cross.spoilt(g.first, g.size-1, g.t, later(g.start, g.p.window))
	id := g.add(n)
	g.offer(id)
	s := &g.list[n.set]
	switch {
	case !g.cross.lives(g.first, g.size-1, g.t):
		if g.closes() {
			g.close(id, g.t)
		}
	case s.next < 0:
		s.next = id
		g.born = append(g.born, n.set)
	case g.preferred(id, s.next):
		s.next = id
	}
}

// number finds the number of the set at hand.
func (g *sets) number() int32 {
	g.key = g.key[:0]
	for _, w := range g.cur {
		g.key = binary.LittleEndian.AppendUint64(g.key, w)
	}
	id, ok := g.index[string(g.key)]
	if !ok {
		id = int32(len(g.list))
		g.index[string(g.key)] = id
		g.list = append(g.list, stepSet{steps: append([]uint64(nil), g.cur...), size: g.size, kept: -1, next: -1})
	}
	return id
}

// end ends the time at hand.
func (g *sets) end() {
	for x := range g.cross.next {
		if g.cross.at(x, g.t) {
			e := &g.p.exclusions[x]
			g.strip(e.from, e.to, g.t)
			g.cross.skip(x, g.t)
		}
	}
	for _, id := range g.born {
		s := &g.list[id]
		if s.kept < 0 {
			g.live = append(g.live, id)
			s.kept = s.next
		} else if g.preferred(s.next, s.kept) {
			s.kept = s.next
		}
		g.reach = max(g.reach, later(g.nodes[s.kept].start, g.p.window))
		s.next = -1
	}
	g.born = g.born[:0]
}

// exclude ends the chains that the exclusion events before t hit; through: all that are left.
func (g *sets) exclude(t int64, through bool) {
	for !(through && len(g.live) == 0) {
		x, at := g.cross.pass(t, through)
		if x < 0 {
			return
		}
		g.strip(g.p.exclusions[x].from, g.p.exclusions[x].to, at)
	}
}

// strip ends the chains whose last position lies in from ≤ position < to; nothing can follow after t.
func (g *sets) strip(from, to int, t int64) {
	kept := g.live[:0]
	for _, id := range g.live {
		if s := &g.list[id]; from < s.size && s.size <= to {
			g.drop(id, t)
		} else {
			kept = append(kept, id)
		}
	}
	g.live = kept
}

func (g *sets) drop(id int32, t int64) {
	s := &g.list[id]
	if g.closes() {
		g.close(s.kept, t)
	}
	s.kept = -1
}

func (g *sets) close(id int32, t int64) {
	g.closing = max(g.closing, min(later(g.nodes[id].start, g.p.window), t))
}

// trace writes the chain that ends in a node into an outcome.
func (g *sets) trace(id int32, o *outcome) {
	o.clear()
	o.level = int(g.nodes[id].step) + 1
	for id >= 0 {
		n := &g.nodes[id]
		lo := int(n.at)
		g.m.reset(g.l, lo, g.l.groupEnd(lo))
		copy(g.cur, g.list[n.set].steps)
		if n.pred >= 0 {
			for w, b := range g.list[g.nodes[n.pred].set].steps {
				g.cur[w] &^= b
			}
		}
		at := int(n.first)
		for s := highest(g.cur, len(g.p.steps)-1); s >= 0; s = highest(g.cur, s-1) {
			o.times[at] = g.l.ts[lo]
			if g.p.reuse || g.p.increasing {
				o.rows[at] = g.l.row[firstWith(g.l, lo, g.l.groupEnd(lo), s)]
			} else {
				g.m.assign(s)
			}
			at++
		}
		at = int(n.first)
		for e, s := range g.m.owner {
			if s >= 0 {
				o.rows[at] = g.l.row[lo+e]
				at++
			}
		}
		id = n.pred
	}
}
