package funnel

// levels answers the bare counts of plain funnels: ordered steps and a window from the first. There the
// latest start of a chain that reached a step is all there is to know, an event changes a number or two,
// and the level of a person is all that is asked. Every other funnel goes through the evaluator, which this
// agrees with (tested).
type levels struct {
	p      *plan
	t      *tally
	step   []int8 // class → the step it serves, −1: none
	masks  []uint64
	person int64

	// Where an event matches at most one step of a few, and equal times may be read in any order:
	single bool
	free   bool // every time may start a chain
	whole  chain
	chains []chain // by value of the breakdown

	// Else, and for values beyond those that have a chain:
	held    holding
	holds   []holding // by place in values
	values  []int32   // of the person at hand
	counts  []int64   // persons by step reached
	byValue []int64   // by value, less those that have a chain, and step
}

// placed is how many values of a breakdown have a chain; it bounds the memory.
const placed = 1 << 14

// countsLevels reports whether the short way answers a plan exactly.
func countsLevels(p *plan) bool {
	return p.fast() && p.words == 1 && !p.hold && !p.firstEver && (p.attribution == "" || p.attribution == "all")
}

func newLevels(p *plan, m *matcherSet, t *tally) *levels {
	return &levels{
		p: p, t: t, single: !p.increasing && !m.overlap() && len(p.steps) <= chainSteps, free: p.starts == always && !p.firstEntry,
		person: -1, held: newHolding(p), counts: make([]int64, len(p.steps)),
	}
}

// add takes a batch.
func (l *levels) add(persons []int64, c *journey, classes []class) error {
	for len(l.step) < len(classes) {
		l.masks = append(l.masks, classes[len(l.step)].steps[0])
		l.step = append(l.step, stepOf(&classes[len(l.step)]))
	}
	ts, class, value, window := c.ts[:len(persons)], c.class[:len(persons)], c.value, l.p.window
	for i, id := range persons {
		if id < l.person {
			return outOfOrder(id, l.person)
		}
		if (!l.single || len(l.values) > 0) && id != l.person {
			l.end()
		}
		l.person = id
		s, t := int32(l.step[class[i]]), ts[i]
		if s < 0 {
			continue
		}
		if !l.single {
			l.held.hold(l.p, l.masks[class[i]], t)
		} else if l.free || s > 0 || l.whole.starts(l.p, id, t) {
			l.whole.take(id, s, t, window)
		}
		if len(value) == 0 {
			continue
		}
		if v := int(value[i]); !l.single || v >= placed {
			l.under(value[i]).hold(l.p, l.masks[class[i]], t)
		} else {
			if v >= len(l.chains) {
				l.chains = append(l.chains, make([]chain, v+1-len(l.chains))...)
			}
			if l.free || s > 0 || l.chains[v].starts(l.p, id, t) {
				l.chains[v].take(id, s, t, window)
			}
		}
	}
	return nil
}

// under finds what is held of the person at hand under a value.
func (l *levels) under(value int32) *holding {
	for i, v := range l.values {
		if v == value {
			return &l.holds[i]
		}
	}
	n := len(l.values)
	if l.values = append(l.values, value); n == len(l.holds) {
		l.holds = append(l.holds, newHolding(l.p))
	}
	return &l.holds[n]
}

// end counts what is held of the person at hand.
func (l *levels) end() {
	l.held.end(l.p, l.counts)
	n := len(l.counts)
	for i, v := range l.values {
		at := (int(v) - l.chained()) * n
		if more := at + n - len(l.byValue); more > 0 {
			l.byValue = append(l.byValue, make([]int64, more)...)
		}
		l.holds[i].end(l.p, l.byValue[at:at+n])
	}
	l.values = l.values[:0]
}

// chained is the first value that has no chain.
func (l *levels) chained() int {
	if l.single {
		return placed
	}
	return 0
}

// rest ends the last person. Any other may come next.
func (l *levels) rest() {
	l.end()
	l.person = -1
}

// close writes the counts into the tally.
func (l *levels) close(text func(int32) string) {
	addSteps(l.t.steps, l.counts)
	if l.single {
		addSteps(l.t.steps, l.whole.counts[:])
	}
	under := func(v int, counts []int64) {
		if counts[0] > 0 {
			addSteps(l.t.group(text(int32(v))).steps, counts)
		}
	}
	for v := range l.chains {
		under(v, l.chains[v].counts[:])
	}
	for n, v := len(l.counts), 0; (v+1)*n <= len(l.byValue); v++ {
		under(l.chained()+v, l.byValue[v*n:(v+1)*n])
	}
}

// addSteps adds the persons who reached each step.
func addSteps(steps []stepTally, counts []int64) {
	for s := range steps {
		steps[s].persons += counts[s]
	}
}

// holding is how far the chains over some events of a person got, where an event may serve several steps or
// times must increase. Events are held until the next one of another time.
type holding struct {
	tieGroup
	same lane // the events at one time, not applied yet
}

func newHolding(p *plan) holding { return holding{tieGroup: *newTieGroup(p), same: lane{words: 1}} }

// hold adds an event. It is applied with the others of its time.
func (g *holding) hold(p *plan, mask uint64, t int64) {
	if n := len(g.same.ts); n > 0 && t != g.same.ts[0] {
		g.apply(p)
	}
	g.same.ts, g.same.serve = append(g.same.ts, t), append(g.same.serve, mask)
}

// apply takes the events of one time.
func (g *holding) apply(p *plan) {
	n := len(g.same.ts)
	if n > 0 && g.reached < len(g.start) {
		starts := p.starts
		if p.firstEntry && g.reached > 0 {
			starts = span{g.start[0], g.start[0]}
		}
		g.tieGroup.take(&g.same, 0, n, starts)
	}
	g.same.ts, g.same.serve = g.same.ts[:0], g.same.serve[:0]
}

// end counts the person at the steps reached and forgets it.
func (g *holding) end(p *plan, counts []int64) {
	g.apply(p)
	for s := range g.reached {
		counts[s]++
	}
	g.reached = 0
}
