package funnel

// anyOrder evaluates unordered funnels without exclusions. Which events can together serve different
// steps is a matroid (a transversal one), so taking events in order of time, each if it can be added,
// gives the largest set with the earliest times at every position at once.
type anyOrder struct {
	p     *plan
	owner []int // step → index of the item that serves it, -1: none
	seen  []bool
	items []anyItem
	best  outcome
	cur   outcome
}

// anyItem is something that serves one step: an event, or with increasing times a whole time group.
type anyItem struct{ lo, hi int }

func newAnyOrder(p *plan) *anyOrder {
	n := len(p.steps)
	return &anyOrder{p: p, owner: make([]int, n), seen: make([]bool, n), best: newOutcome(p), cur: newOutcome(p)}
}

// run evaluates all starts in the span as one unit.
func (a *anyOrder) run(l *lane, starts span) *outcome {
	a.best.clear()
	for i := 0; i < len(l.ts); i = l.groupEnd(i) {
		if starts.contains(l.ts[i]) && a.begins(l, i) {
			a.from(l, i)
			if better(a.p, &a.cur, &a.best) {
				a.best.copyFrom(&a.cur)
			}
		}
	}
	return &a.best
}

// attempts splits a lane into attempts: complete ones end when they are, others with their window.
func (a *anyOrder) attempts(l *lane, starts span, each func(*outcome)) {
	ended, end := false, int64(0)
	for i := 0; i < len(l.ts); i = l.groupEnd(i) {
		t := l.ts[i]
		if !starts.contains(t) || ended && t <= end || !a.begins(l, i) {
			continue
		}
		a.from(l, i)
		if ended, end = true, later(t, a.p.window); a.cur.level == len(a.p.steps) {
			end = a.cur.last()
		}
		each(&a.cur)
		if a.p.firstEntry {
			return
		}
	}
}

func (a *anyOrder) begins(l *lane, i int) bool {
	for end := l.groupEnd(i); i < end; i++ {
		if !empty(l.mask(i)) {
			return true
		}
	}
	return false
}

// from finds the best set whose earliest event lies at the time of event i.
func (a *anyOrder) from(l *lane, i int) {
	a.cur.clear()
	a.items = a.items[:0]
	for s := range a.owner {
		a.owner[s] = -1
	}
	t0 := l.ts[i]
	for i < len(l.ts) && within(t0, l.ts[i], a.p.window) && a.cur.level < len(a.p.steps) {
		end := l.groupEnd(i)
		switch {
		case a.p.increasing:
			a.add(l, anyItem{i, end})
		case a.p.reuse:
			for s := range a.owner {
				if e := firstWith(l, i, end, s); e >= 0 && a.owner[s] < 0 {
					a.owner[s] = 0
					a.take(l, e)
				}
			}
		default:
			for e := i; e < end; e++ {
				a.add(l, anyItem{e, e + 1})
			}
		}
		i = end
	}
}

// add takes an item if the steps can be shared out so that it serves one.
func (a *anyOrder) add(l *lane, it anyItem) {
	clear(a.seen)
	a.items = append(a.items, it)
	if !a.augment(l, len(a.items)-1) {
		a.items = a.items[:len(a.items)-1]
		return
	}
	e := it.lo
	for empty(l.mask(e)) {
		e++
	}
	a.take(l, e)
}

func (a *anyOrder) augment(l *lane, item int) bool {
	it := a.items[item]
	for s := range a.owner {
		if a.seen[s] || firstWith(l, it.lo, it.hi, s) < 0 {
			continue
		}
		a.seen[s] = true
		if a.owner[s] < 0 || a.augment(l, a.owner[s]) {
			a.owner[s] = item
			return true
		}
	}
	return false
}

func (a *anyOrder) take(l *lane, e int) {
	a.cur.times[a.cur.level], a.cur.rows[a.cur.level] = l.ts[e], l.row[e]
	a.cur.level++
}
