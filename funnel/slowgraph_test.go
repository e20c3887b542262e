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
