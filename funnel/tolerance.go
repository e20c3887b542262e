package funnel

import "slices"

// The evaluator for clock noise: an event may lie up to the tolerance before the latest event already
// in the chain. Only ordered funnels have it, without exclusions. States are left step by step; the
// events that could still be taken again are part of the state.

// buildTolerant fills g.nodes with the chains that begin at the time of group i.
func (g *graph) buildTolerant(i int) {
	g.nodes, g.t0 = g.nodes[:0], g.groups[i].t
	clear(g.index)
	for e := g.groups[i].lo; e < g.groups[i].hi; e++ {
		if hasBit(g.l.mask(e), 0) {
			n := node{step: 0, group: -1, anchor: g.t0, level: 1, pred: -1, event: e, vec: []int64{g.t0}, opt: make([]uint64, g.p.words)}
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
func (g *graph) addTolerant(n *node, latest int64, used []int) {
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

func (g *graph) leaveTolerant(id int32) {
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

func (g *graph) fitsTolerant(from *node, latest int64, s, e int, t int64) bool {
	st := &g.p.steps[s]
	return hasBit(g.l.mask(e), s) && (t >= latest || within(t, latest, g.p.tolerance)) &&
		within(g.t0, t, g.p.window) && within(from.anchor, t, st.window) &&
		(!st.hasGap || atLeast(from.anchor, t, st.gap)) && !slices.Contains(from.set[1:], uint64(e))
}

func (g *graph) placeTolerant(from *node, id int32, latest int64, s, e int, t int64) {
	n := node{step: s, group: -1, anchor: from.anchor, level: from.level, pred: id, event: e}
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
