package funnel

// node is a way into a state: the block of steps a chain placed last, and the node before it. Of all
// chains that are in the same state only those are kept that another does not beat in everything that
// matters later on.
type node struct {
	// first and step are the first and the last step of the block, which lies on events of one time.
	// In unordered funnels they are positions.
	first, step int32
	at          int32 // first event of that time; with clock noise, the event itself
	pred        int32 // -1: the chain begins here
	start       int64
	anchor      int64 // time of the last required step
	set         int32 // unordered: the steps served
	// spoiled says that an exclusion removes the chain from the answer, though it may go on.
	spoiled bool
	// With clock noise: the latest time in the chain, and the events that may not be taken again.
	latest int64
	used   []int32
}

// ask is the question of one pass over a lane.
type ask struct {
	must   int  // optional step that the chains have to contain, -1: none
	level  int  // the level that they have to reach, 0: as high as they can
	clean  bool // chains that a drop_user exclusion hits do not count
	closes bool // the closing time of an attempt is asked for, unless a chain is complete
}

// paths are the nodes of one pass and the best of them.
type paths struct {
	p      *plan
	l      *lane
	m      matcher
	levels []int // per step: level of a chain that placed it last
	nodes  []node
	best   int32 // end of the best chain so far, -1: none
	ask    ask
	// beyond says that a pass was given up: it would have taken too much memory. It stays, as what was found is
	// not the answer.
	beyond bool
}

func newPaths(p *plan) paths {
	g := paths{p: p, levels: make([]int, len(p.steps)), best: -1}
	level := 0
	for s := range p.steps {
		if p.order == unordered || !p.steps[s].optional {
			level = s + 1
		}
		g.levels[s] = level
	}
	return g
}

func (g *paths) reset(l *lane, q ask) {
	g.l, g.ask, g.nodes, g.best = l, q, g.nodes[:0], -1
}

// closes reports whether the pass has to find the closing time of an attempt.
func (g *paths) closes() bool {
	return g.ask.closes && (g.best < 0 || g.levels[g.nodes[g.best].step] < g.p.full())
}

func (g *paths) required(s int32) bool { return g.p.order == unordered || !g.p.steps[s].optional }

// add keeps a node and returns its number.
func (g *paths) add(n node) int32 {
	g.nodes = append(g.nodes, n)
	return int32(len(g.nodes) - 1)
}

// offer considers the chain that ends in a node as the best of the pass.
func (g *paths) offer(id int32) {
	n := &g.nodes[id]
	level := g.levels[n.step]
	switch {
	case n.spoiled, g.ask.level > 0 && level != g.ask.level, int(n.step) < g.ask.must:
	case g.best < 0 || g.beats(id, g.best):
		g.best = id
	}
}

// beats is the order of reference chains: higher level, earliest time of the last step reached, latest
// start, earliest step 2, 3, ….
func (g *paths) beats(a, b int32) bool {
	x, y := &g.nodes[a], &g.nodes[b]
	if lx, ly := g.levels[x.step], g.levels[y.step]; lx != ly {
		return lx > ly
	}
	if x.anchor != y.anchor {
		return x.anchor < y.anchor
	}
	return g.preferred(a, b)
}

// preferred compares ways into the same state: latest start, then earliest step 2, 3, ….
func (g *paths) preferred(a, b int32) bool {
	if x, y := g.nodes[a].start, g.nodes[b].start; x != y {
		return x > y
	}
	return g.earlier(a, b)
}

// earlier compares the times of the required steps of two chains of one start and one last required
// step, from the front. The chains are followed from their ends to where they meet.
func (g *paths) earlier(a, b int32) bool {
	x, y := &g.nodes[a], &g.nodes[b]
	less := false
	for s := min(x.step, y.step); s > 0; s-- {
		for x.first > s {
			a = x.pred
			x = &g.nodes[a]
		}
		for y.first > s {
			b = y.pred
			y = &g.nodes[b]
		}
		if a == b {
			break
		}
		if tx, ty := g.l.ts[x.at], g.l.ts[y.at]; tx != ty && g.required(s) {
			less = tx < ty
		}
	}
	return less
}

// trace writes the chain that ends in a node into an outcome.
func (g *paths) trace(id int32, o *outcome) {
	o.clear()
	o.level = g.levels[g.nodes[id].step]
	for id >= 0 {
		n := &g.nodes[id]
		lo := int(n.at)
		hi := g.l.groupEnd(lo)
		g.m.reset(g.l, lo, hi)
		for s := n.first; s <= n.step; s++ {
			if s != n.first && s != n.step && !g.required(s) && int(s) != g.ask.must {
				continue
			}
			o.times[s] = g.l.ts[lo]
			if g.p.reuse || g.p.increasing {
				o.rows[s] = g.l.row[firstWith(g.l, lo, hi, int(s))]
			} else {
				g.m.assign(int(s))
			}
		}
		for e, s := range g.m.owner {
			if s >= 0 {
				o.rows[s] = g.l.row[lo+e]
			}
		}
		id = n.pred
	}
}
