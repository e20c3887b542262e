package funnel

import "slices"

// block places consecutive steps of a chain on the events of one time.
type block struct {
	g       *graph
	lo, hi  int
	t       int64
	mask    []uint64 // steps that some of the events may serve
	several bool     // several steps may share the time
	matched bool     // each on an event of its own

	before, first int32 // last step before the block (-1: the chain begins), and its first step
	// Until the block holds a required step, the chains before it are all those whose last required step
	// lies at most window and at least gap before. Then it is the best of them.
	fixed  bool
	window uint64
	gap    int64
	pred   int32
	start  int64
	placed []int32
}

func (b *block) begin(lo, hi int, mask []uint64) {
	b.lo, b.hi, b.t, b.mask = lo, hi, b.g.l.ts[lo], mask
	b.several = !b.g.p.increasing && (hi-lo > 1 || b.g.p.reuse)
	b.matched = b.several && !b.g.p.reuse
}

// enter emits every state that a chain reaches by blocks that begin with a step; before is the last step
// of the chains so far.
func (b *block) enter(before, s int32) {
	b.before, b.first, b.fixed, b.window, b.gap, b.pred = before, s, s == 0, noLimit, 0, -1
	b.start, b.placed = b.t, b.placed[:0]
	if b.several {
		if b.matched {
			b.g.m.reset(b.g.l, b.lo, b.hi)
		}
		b.place(s)
		return
	}
	b.window, b.gap = b.g.p.steps[s].window, b.g.p.steps[s].gap
	if b.placed = append(b.placed, s); b.fix(s) {
		b.emit(s)
	}
}

// place places a step, emits the state and goes on with the steps that may come next; afterwards
// everything is as before. It reports whether the step could be placed.
func (b *block) place(s int32) bool {
	g, st := b.g, &b.g.p.steps[s]
	saved := *b
	if st.hasGap && b.fixed && st.gap > 0 {
		return false
	}
	if !b.fixed {
		b.window, b.gap = min(b.window, st.window), max(b.gap, st.gap)
	}
	mark := -1
	if b.matched {
		mark = g.m.save()
	}
	placed := (!b.matched || g.m.assign(int(s))) && b.fix(s)
	if placed {
		b.placed = append(b.placed, s)
		b.emit(s)
		b.goOn(s)
	}
	if mark >= 0 {
		g.m.restore(mark)
	}
	saved.placed = b.placed[:len(saved.placed)]
	*b = saved
	return placed
}

// fix chooses the chain before the block once the block holds a required step.
func (b *block) fix(s int32) bool {
	if b.fixed || !b.g.required(s) {
		return true
	}
	b.pred = b.g.pick(b.before, b.t, b.window, b.gap)
	if b.pred < 0 {
		return false
	}
	b.fixed, b.start = true, b.g.nodes[b.pred].start
	return true
}

// goOn places the steps after s that share its time.
func (b *block) goOn(s int32) {
	for n := s + 1; int(n) < len(b.g.lay.steps); n++ {
		y := &b.g.lay.steps[n]
		if y.in && hasBit(b.mask, int(n)) && b.place(n) && y.skipped && b.spare(n) {
			return
		}
		if y.in && !y.skipped {
			return
		}
	}
}

// spare reports whether placing an optional step costs a chain nothing: an event serves it that could
// serve no other step. In strict orders it is then never better to leave the step out. Where events are
// in demand both ways are followed, which doubles the work with each such step among tied events.
func (b *block) spare(s int32) bool {
	if !b.fixed {
		return false
	}
	if b.g.p.reuse {
		return true
	}
	for e := b.lo; e < b.hi; e++ {
		if m := b.g.l.mask(e); hasBit(m, int(s)) && countBits(m) == 1 {
			return true
		}
	}
	return false
}

// emit gives the graph the state the chain is in now.
func (b *block) emit(s int32) {
	blocked := b.blocked(b.placed)
	if b.fixed {
		b.g.candidate(node{first: b.first, step: s, at: int32(b.lo), pred: b.pred, start: b.start}, blocked)
		return
	}
	if len(b.placed) > 1 && !b.blocked(b.placed[len(b.placed)-1:]) && slices.Contains(b.g.lay.steps[s].before, b.before) {
		return // the same chains take the step without the others
	}
	b.carry(s, blocked)
}

// blocked reports whether an event tied with the block stands between it and every later step: one
// that repeats neither the step before the block nor a step inside it. What is tied with the first step
// of a chain never does.
func (b *block) blocked(placed []int32) bool {
	l := b.g.l
	if !b.g.strict || b.before < 0 || b.hi-b.lo == 1 {
		return false
	}
events:
	for e := b.lo; e < b.hi; e++ {
		if !l.visible[e] || hasBit(l.repeats(e), int(b.before)) {
			continue
		}
		for _, s := range placed {
			if hasBit(l.repeats(e), int(s)) {
				continue events
			}
		}
		return true
	}
	return false
}

// carry adds an optional step to the chains that can take it and have not taken it before. Their last
// required step stays the one that windows count from, so each of them goes on by itself.
func (b *block) carry(s int32, blocked bool) {
	g, from := b.g, len(b.g.carried)
	stay := !blocked && !(g.strict && !hasBit(g.all, int(s))) // those that took it before are still there later
	inOrder := g.required(b.before)                           // then whatever lies below one that is too old or fed is so, too
	ids := g.shelves[b.before].ids
	for i := len(ids) - 1; i >= 0; i-- {
		u := g.nodes[ids[i]]
		if !atLeast(u.anchor, b.t, b.gap) || !within(u.start, b.t, g.p.window) {
			continue
		}
		if !within(u.anchor, b.t, b.window) || stay && g.hasTaken(s, &u) {
			if inOrder {
				break
			}
			continue
		}
		id := g.add(node{first: b.first, step: s, at: int32(b.lo), pred: ids[i], start: u.start, anchor: u.anchor, spoiled: u.spoiled})
		g.offer(id)
		switch {
		case !blocked && !g.hit(int(s), u.anchor, b.t):
			g.carried = append(g.carried, id)
		case g.closes():
			g.close(&g.nodes[id], b.t)
		}
	}
	slices.Reverse(g.carried[from:])
}

// hasTaken reports whether a chain was there and old enough when the last event came that could serve
// the optional step.
func (g *graph) hasTaken(s int32, n *node) bool {
	return g.isFed[s] && atLeast(n.anchor, g.fed[s], g.p.steps[s].gap) && g.l.ts[n.at] < g.fed[s]
}
