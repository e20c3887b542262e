package funnel

import "math"

// closing is the time at which an incomplete chain can no longer go on: its deadline, the first
// exclusion in a range it entered and did not leave, or, in strict orders, the moment before the event
// that breaks it (which may start the next attempt).
func (g *graph) closing(n *node) int64 {
	c := g.deadline(n)
	for x, i := range n.open {
		if i >= 0 && i < len(g.l.excluded[x]) {
			c = min(c, g.l.excluded[x][i])
		}
	}
	if !g.isStrict() {
		return c
	}
	if n.stuck {
		return min(c, g.groups[n.group].t)
	}
	for j := n.group + 1; j < len(g.groups); j++ {
		if !hasBit(g.groups[j].all, n.step) {
			return min(c, g.groups[j].t-1)
		}
	}
	return c
}

// attempts splits a lane into disjoint attempts, greedy in time, and calls each for every attempt of
// level 1 or more.
func (g *graph) attempts(l *lane, starts span, each func(*outcome)) {
	g.load(l)
	s := &g.searched
	ended, end := false, int64(math.MinInt64)
	for i := range g.groups {
		t := g.groups[i].t
		if !starts.contains(t) || !g.canStart(i) || ended && t <= end {
			continue
		}
		s.clear()
		g.from(i)
		ended = true
		if end = s.complete; !s.finished {
			end = s.closing
		}
		if o := s.result(); o.level > 0 {
			each(o)
		}
		if g.p.firstEntry {
			return
		}
	}
}
