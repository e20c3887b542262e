package funnel

import (
	"encoding/binary"
	"math"
	"slices"
	"sort"
)

// slowGraph is the general evaluator: it builds, for one start time, every state that a chain beginning
// then can be in, and merges chains that are in the same state. A state is left only towards later
// times: a block places one or more consecutive steps on the events of one time.
//
// What is kept of a chain in a state is the earliest vector of times of its required steps and the
// optional steps of all chains that lead there, so nothing the result asks for is lost by merging.
type slowGraph struct {
	p        *plan
	l        *lane
	m        matcher
	groups   []slowGroup
	t0       int64 // time of the start
	nodes    []slowNode
	index    map[string]int32
	key      []byte
	byGroup  [][]int32
	blk      slowBlock
	searched slowSearch
}

// slowGroup is the run of events of one time.
type slowGroup struct {
	t      int64
	lo, hi int
	serve  []uint64 // steps that some event may serve
	all    []uint64 // steps of which every visible event is a repeat
}

// slowNode is a state of a chain with the best way into it.
type slowNode struct {
	step   int   // last step placed; in unordered funnels its position
	group  int   // time group of the last block
	anchor int64 // time of the last required step
	level  int
	drop   bool     // a drop_user exclusion crossed the chain
	stuck  bool     // an event tied with the last one blocks every later step
	open   []int    // per exclusion in force: index of its first event after step from; -1: not in force
	set    []uint64 // unordered: the steps served
	pred   int32
	placed []int   // steps of the block that led here, on the best way
	event  int     // tolerance: the event placed
	vec    []int64 // times of the required steps, or of the positions
	opt    []uint64
}

func newSlowGraph(p *plan) *slowGraph {
	return &slowGraph{p: p, index: map[string]int32{}, searched: newSlowSearch(p)}
}

// run evaluates all starts of a lane in the span as one unit.
func (g *slowGraph) run(l *lane, starts span) *slowSearch {
	g.load(l)
	s := &g.searched
	s.clear()
	for i := range g.groups {
		t := g.groups[i].t
		if !starts.contains(t) || !g.canStart(i) {
			continue
		}
		if s.settledSlow(t) {
			break
		}
		g.from(i)
	}
	return s
}

// load groups the events of a lane by time.
func (g *slowGraph) load(l *lane) {
	g.l, g.groups = l, g.groups[:0]
	for i := 0; i < len(l.ts); {
		end := l.groupEnd(i)
		tg := slowGroup{t: l.ts[i], lo: i, hi: end, serve: make([]uint64, g.p.words)}
		for e := i; e < end; e++ {
			union(tg.serve, l.mask(e))
		}
		if g.isStrict() {
			tg.all = make([]uint64, g.p.words)
			for w := range tg.all {
				tg.all[w] = math.MaxUint64
			}
			for e := i; e < end; e++ {
				if l.visible[e] {
					intersect(tg.all, l.repeats(e))
				}
			}
		}
		g.groups = append(g.groups, tg)
		i = end
	}
	for len(g.byGroup) < len(g.groups) {
		g.byGroup = append(g.byGroup, nil)
	}
}

func (g *slowGraph) isStrict() bool { return g.p.order == strict || g.p.order == strictAmong }

func (g *slowGraph) canStart(i int) bool {
	if g.p.order == unordered {
		return !empty(g.groups[i].serve)
	}
	return hasBit(g.groups[i].serve, 0)
}

// from builds the states of all chains that begin at group i and offers them to the slowSearch.
func (g *slowGraph) from(i int) {
	if g.p.tolerance > 0 {
		g.buildTolerant(i)
	} else {
		g.build(i)
	}
	for n := range g.nodes {
		g.searched.offer(g, int32(n))
	}
}

// build fills g.nodes for one start. Groups are handled in order of time, so all ways into a state
// are known before it is left.
func (g *slowGraph) build(i int) {
	g.nodes, g.t0 = g.nodes[:0], g.groups[i].t
	clear(g.index)
	for j := range g.groups {
		g.byGroup[j] = g.byGroup[j][:0]
	}
	g.blk.begin(g, nil, -1, i)
	deadline := later(g.t0, g.p.window)
	for j := i; j < len(g.groups); j++ {
		for x := 0; x < len(g.byGroup[j]); x++ {
			g.leave(g.byGroup[j][x], deadline)
		}
	}
}

// leave follows a state to all later groups it can reach.
func (g *slowGraph) leave(id int32, deadline int64) {
	if g.nodes[id].stuck {
		return
	}
	from := g.nodes[id] // a copy: the slice grows below
	if !g.p.optional && g.p.order != unordered {
		deadline = g.deadline(&from) // an optional step may still follow the next required one's window
	}
	for j := from.group + 1; j < len(g.groups) && g.groups[j].t <= deadline; j++ {
		g.blk.begin(g, &from, id, j)
		if g.isStrict() && !hasBit(g.groups[j].all, from.step) {
			return
		}
	}
}

// add merges a chain into its state. The node's slices are borrowed; they are copied if kept.
func (g *slowGraph) add(n *slowNode) {
	g.key = g.key[:0]
	for _, v := range []int{n.step, n.group, n.level, slowInt(n.drop), slowInt(n.stuck)} {
		g.key = binary.AppendVarint(g.key, int64(v))
	}
	g.key = binary.AppendVarint(g.key, n.anchor)
	for _, v := range n.open {
		g.key = binary.AppendVarint(g.key, int64(v))
	}
	for _, v := range n.set {
		g.key = binary.AppendUvarint(g.key, v)
	}
	if id, ok := g.index[string(g.key)]; ok {
		old := &g.nodes[id]
		if slices.Compare(n.vec, old.vec) < 0 {
			copy(old.vec, n.vec)
			old.pred, old.event = n.pred, n.event
			old.placed = append(old.placed[:0], n.placed...)
		}
		union(old.opt, n.opt)
		return
	}
	kept := *n
	kept.open, kept.set, kept.placed = slices.Clone(n.open), slices.Clone(n.set), slices.Clone(n.placed)
	kept.vec, kept.opt = slices.Clone(n.vec), slices.Clone(n.opt)
	id := int32(len(g.nodes))
	g.nodes = append(g.nodes, kept)
	g.index[string(g.key)] = id
	if n.group >= 0 {
		g.byGroup[n.group] = append(g.byGroup[n.group], id)
	}
}

func slowInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// slowFirstAfter returns the index of the first time later than t in a sorted list.
func slowFirstAfter(times []int64, t int64) int {
	return sort.Search(len(times), func(i int) bool { return times[i] > t })
}

// deadline is the last time at which a chain in this state may go on.
func (g *slowGraph) deadline(n *slowNode) int64 {
	d := later(g.t0, g.p.window)
	if g.p.order == unordered || n.level == 0 {
		return d
	}
	if next := g.p.steps[n.level-1].next; next >= 0 {
		d = min(d, later(n.anchor, g.p.steps[next].window))
	}
	return d
}

// taint reports whether an exclusion of the given policy lies in a range the chain has entered and
// not left, up to the deadline.
func (g *slowGraph) taint(n *slowNode, pol policyKind) bool {
	for x, i := range n.open {
		if g.p.exclusions[x].policy != pol || i < 0 || i >= len(g.l.excluded[x]) {
			continue
		}
		if g.l.excluded[x][i] <= g.deadline(n) {
			return true
		}
	}
	return false
}

// block enumerates the ways to place consecutive steps of a chain on the events of one time group.
type slowBlock struct {
	g      *slowGraph
	group  int
	first  bool // the chain begins here
	before int  // last step before the block, -1 at the start
	cur    slowNode
}

// begin emits every state that a chain in state from (nil: none yet) reaches by events of the group.
func (b *slowBlock) begin(g *slowGraph, from *slowNode, id int32, group int) {
	b.g, b.group, b.first, b.before = g, group, from == nil, -1
	c := &b.cur
	c.placed, c.open, c.set, c.vec, c.opt = c.placed[:0], c.open[:0], c.set[:0], c.vec[:0], c.opt[:0]
	if from == nil {
		c.step, c.level, c.anchor, c.drop = -1, 0, 0, false
		for range g.p.exclusions {
			c.open = append(c.open, -1)
		}
		for range g.p.words {
			c.opt = append(c.opt, 0)
			c.set = append(c.set, 0)
		}
		if g.p.order != unordered {
			c.set = c.set[:0]
		}
	} else {
		b.before = from.step
		c.step, c.level, c.anchor, c.drop = from.step, from.level, from.anchor, from.drop
		c.open, c.set = append(c.open, from.open...), append(c.set, from.set...)
		c.vec, c.opt = append(c.vec, from.vec...), append(c.opt, from.opt...)
	}
	c.pred, c.group = id, group
	tg := &g.groups[group]
	g.m.reset(g.l, tg.lo, tg.hi)
	if g.p.order == unordered {
		b.placeAny(0)
	} else {
		b.place()
	}
}

// place tries each step that may come next, and goes on from it.
func (b *slowBlock) place() {
	p, start := b.g.p, b.cur.step+1
	for s := start; s < len(p.steps); s++ {
		if b.inTime(s) {
			b.try(s, s, func() { b.place() })
		}
		if !p.steps[s].optional {
			return
		}
	}
}

// placeAny does the same for unordered funnels, where the steps of one time are a set: they are taken
// in ascending order, so that each set is met once.
func (b *slowBlock) placeAny(lowest int) {
	for s := lowest; s < len(b.g.p.steps); s++ {
		if !hasBit(b.cur.set, s) {
			b.try(s, b.cur.step+1, func() { b.placeAny(s + 1) })
		}
	}
}

// inTime checks the window and the gap of a step at the time of the group.
func (b *slowBlock) inTime(s int) bool {
	t, st := b.g.groups[b.group].t, &b.g.p.steps[s]
	if s == 0 {
		return true
	}
	return within(b.cur.anchor, t, st.window) && (!st.hasGap || atLeast(b.cur.anchor, t, st.gap))
}

// try places step s at the given position if an event is free and no exclusion forbids it, emits the
// state and continues; afterwards everything is as before.
func (b *slowBlock) try(s, position int, next func()) {
	g, tg := b.g, &b.g.groups[b.group]
	if !hasBit(tg.serve, s) {
		return
	}
	matched := !g.p.reuse && !g.p.increasing
	if matched {
		mark := g.m.save()
		defer g.m.restore(mark)
		if !g.m.assign(s) {
			return
		}
	}
	saved, open := b.cur, append([]int(nil), b.cur.open...)
	defer func() {
		copy(saved.open, open)
		b.cur = saved
		if g.p.order == unordered {
			clearBit(b.cur.set, s)
		} else {
			clearBit(b.cur.opt, s) // steps only grow, so no earlier block has it
		}
	}()
	if !b.cross(position, tg.t) {
		return
	}
	b.put(s, position, tg.t)
	b.emit()
	if !g.p.increasing {
		next()
	}
}

// cross moves the chain past the exclusions up to the position; false if a policy removes it.
func (b *slowBlock) cross(position int, t int64) bool {
	c := &b.cur
	for x := range b.g.p.exclusions {
		e, times := &b.g.p.exclusions[x], b.g.l.excluded[x]
		if i := c.open[x]; i >= 0 && position <= e.to {
			late := e.policy == reset && i < len(times) && times[i] > b.g.deadline(c) // no longer in range
			if i < len(times) && times[i] < t && !late {
				if e.policy != dropUser {
					return false
				}
				c.drop = true
			}
			if position == e.to {
				c.open[x] = -1
			}
		}
		if position == e.from {
			c.open[x] = slowFirstAfter(times, t)
		}
	}
	return true
}

// put records the step in the state.
func (b *slowBlock) put(s, position int, t int64) {
	c, p := &b.cur, b.g.p
	c.step = position
	c.placed = append(c.placed, s)
	if p.order == unordered {
		setBit(c.set, s)
	}
	if p.steps[s].optional {
		setBit(c.opt, s)
		return
	}
	c.anchor, c.level = t, position+1
	c.vec = append(c.vec, t)
}

// emit adds the state the chain is in now.
func (b *slowBlock) emit() {
	b.cur.stuck = b.g.isStrict() && !b.first && b.blocked()
	b.g.add(&b.cur)
}

// blocked reports whether an event tied with the block stands between it and every later step: one
// that repeats neither the step before the block nor a step inside it.
func (b *slowBlock) blocked() bool {
	tg, l := &b.g.groups[b.group], b.g.l
events:
	for e := tg.lo; e < tg.hi; e++ {
		if !l.visible[e] || hasBit(l.repeats(e), b.before) {
			continue
		}
		for _, s := range b.cur.placed {
			if hasBit(l.repeats(e), s) {
				continue events
			}
		}
		return true
	}
	return false
}
