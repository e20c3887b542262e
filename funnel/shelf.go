package funnel

import (
	"slices"
	"sort"
)

// layout says which steps may follow which in one pass. Optional steps that a pass does not ask for are
// out of play unless the order is strict: a chain gets as far without them.
type layout struct {
	steps []stepLayout
}

// stepLayout is one step's place among the others.
type stepLayout struct {
	in      bool
	skipped bool    // chains may leave it out
	before  []int32 // steps that may come right before it
	after   []int32 // steps that may come right after it
	// older: of two chains that reached the step at different times, the older may be worth keeping
	// though it began earlier, because its gap is over first or because its exclusions are.
	older bool
	// bounded: a later step has to come within a window, so an older chain may be out of time first.
	bounded bool
	reach   uint64 // longest window of the steps that may come next
}

func newLayout(p *plan, must int) *layout {
	strictOrder := p.order == strict || p.order == strictAmong
	y := &layout{steps: make([]stepLayout, len(p.steps))}
	for s := range p.steps {
		t := &y.steps[s]
		t.in = strictOrder || !p.steps[s].optional || s == must
		t.skipped = p.steps[s].optional && s != must
		if !t.in {
			continue
		}
		for b := s - 1; b >= 0; b-- {
			if u := &y.steps[b]; u.in {
				t.before = append(t.before, int32(b))
				u.after = append(u.after, int32(s))
				u.older = u.older || p.steps[s].hasGap && p.steps[s].gap > 0
				u.bounded = u.bounded || p.steps[s].window != noLimit
				u.reach = max(u.reach, p.steps[s].window)
				if !u.skipped {
					break
				}
			}
		}
	}
	// Optional steps leave the time of the last required one as it is, so what follows them counts too.
	for s := len(y.steps) - 1; s >= 0; s-- {
		t := &y.steps[s]
		for _, a := range t.after {
			if u := &y.steps[a]; p.steps[a].optional {
				t.older, t.bounded, t.reach = t.older || u.older, t.bounded || u.bounded, max(t.reach, u.reach)
			}
		}
	}
	// A chain that is too late for the next required step is out of reach of a reset, and may still
	// take an optional one.
	if must >= 0 && slices.ContainsFunc(p.exclusions, func(x exclusionPlan) bool { return x.policy == reset }) {
		for s := range must {
			y.steps[s].older = true
		}
	}
	return y
}

// shelf holds the chains that reached a step and may go on, by the time of their last required step.
type shelf struct {
	ids []int32
	// mixed says that a chain with a later last required step is not as good as one before it, so that
	// the best one has to be looked for among all. Skipped optional steps of strict orders can do that.
	mixed bool
}

// put adds a chain to the shelf of its step unless one that is there is as good for all that may
// follow, and takes off those that it makes useless.
func (g *graph) put(id int32) {
	n := g.nodes[id]
	y, sh := &g.lay.steps[n.step], &g.shelves[n.step]
	if len(y.after) == 0 {
		return
	}
	for len(sh.ids) > 0 {
		last := sh.ids[len(sh.ids)-1]
		u := &g.nodes[last]
		if u.anchor > n.anchor {
			sh.mixed = true
			break
		}
		if u.start < n.start {
			if y.older {
				break
			}
			sh.ids = sh.ids[:len(sh.ids)-1]
			g.alive--
			continue
		}
		better := g.preferred(id, last)
		if !better && !y.bounded {
			return
		}
		sh.mixed = sh.mixed || better || u.start > n.start
		break
	}
	sh.ids = append(sh.ids, id)
	g.alive++
	g.reach = max(g.reach, min(later(n.start, g.p.window), later(n.anchor, y.reach)))
}

// pick returns the best chain on the shelf of a step that may go on at time t, if its last required
// step lies at least gap and at most window before; -1: none.
func (g *graph) pick(step int32, t int64, window uint64, gap int64) int32 {
	sh := &g.shelves[step]
	if sh.mixed {
		return g.pickMixed(sh, t, window, gap)
	}
	i := len(sh.ids) - 1
	if i >= 0 && !atLeast(g.nodes[sh.ids[i]].anchor, t, gap) {
		i = sort.Search(len(sh.ids), func(k int) bool { return !atLeast(g.nodes[sh.ids[k]].anchor, t, gap) }) - 1
	}
	if i < 0 {
		return -1
	}
	n := &g.nodes[sh.ids[i]]
	if !within(n.anchor, t, window) || !within(n.start, t, g.p.window) {
		return -1
	}
	fits := func(k int) bool {
		o := &g.nodes[sh.ids[k]]
		return o.start == n.start && within(o.anchor, t, window)
	}
	if i > 0 && fits(i-1) {
		i = sort.Search(i, fits)
	}
	return sh.ids[i]
}

func (g *graph) pickMixed(sh *shelf, t int64, window uint64, gap int64) int32 {
	best := int32(-1)
	for _, id := range sh.ids {
		n := &g.nodes[id]
		if atLeast(n.anchor, t, gap) && within(n.anchor, t, window) && within(n.start, t, g.p.window) &&
			(best < 0 || g.preferred(id, best)) {
			best = id
		}
	}
	return best
}
