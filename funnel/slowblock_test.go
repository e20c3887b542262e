package funnel

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
