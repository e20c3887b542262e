package funnel

import "slices"

// levels answers the bare counts of plain funnels: ordered steps and a window from the first. There the
// latest start of a chain that reached a step is all there is to know, an event changes a number or two,
// and the level of a person is all that is asked. Every other funnel goes through the evaluator, which this
// agrees with (tested).
type levels struct {
	p      *plan
	t      *tally
	step   []int8 // class → the step it serves, −1: none
	masks  []uint64
	single bool // an event matches at most one step, and equal times may be read in any order
	person int64

	whole   progress
	parts   []progress // by value of the breakdown, once the person at hand has several
	values  []int32    // of the person at hand
	counts  []int64    // by level, over all persons
	byValue []int64    // by value and level
}

// progress is how far the chains over some events of a person got.
type progress struct {
	tieGroup
	last int64  // time of the last event
	tied uint64 // steps of the events at that time, 0: no event yet
	same lane   // where an event may match several steps, the events at that time, not applied yet
}

// countsLevels reports whether the short way answers a plan exactly.
func countsLevels(p *plan) bool {
	return p.fast() && p.words == 1 && !p.hold && !p.firstEver && (p.attribution == "" || p.attribution == "all")
}

func newLevels(p *plan, m *matcherSet, t *tally) *levels {
	return &levels{p: p, t: t, single: !p.increasing && !m.overlap(), person: -1, whole: newProgress(p), counts: make([]int64, len(p.steps)+1)}
}

func newProgress(p *plan) progress { return progress{tieGroup: *newTieGroup(p), same: lane{words: 1}} }

// add takes a batch.
func (l *levels) add(persons []int64, c *journey, classes []class) error {
	for len(l.step) < len(classes) {
		l.masks = append(l.masks, classes[len(l.step)].steps[0])
		l.step = append(l.step, stepOf(&classes[len(l.step)]))
	}
	for i, id := range persons {
		if id != l.person {
			if id < l.person {
				return outOfOrder(id, l.person)
			}
			l.end()
			l.person = id
		}
		s := l.step[c.class[i]]
		if s < 0 {
			continue
		}
		var part *progress
		if len(c.value) > 0 {
			part = l.part(c.value[i])
		}
		if l.single {
			l.whole.take(l.p, int(s), c.ts[i])
			if part != nil {
				part.take(l.p, int(s), c.ts[i])
			}
			continue
		}
		mask := l.masks[c.class[i]]
		l.whole.hold(l.p, mask, c.ts[i])
		if part != nil {
			part.hold(l.p, mask, c.ts[i])
		}
	}
	return nil
}

// part finds the progress over the events with a value; nil while that is the only one of the person, whose
// progress is that of the whole.
func (l *levels) part(value int32) *progress {
	n := len(l.values)
	if n == 1 && l.values[0] == value {
		return nil
	}
	if n > 1 {
		for i, v := range l.values {
			if v == value {
				return &l.parts[i]
			}
		}
	}
	l.values = append(l.values, value)
	if n == 0 {
		return nil
	}
	for n >= len(l.parts) {
		l.parts = append(l.parts, newProgress(l.p))
	}
	if n == 1 {
		l.parts[0].copyFrom(&l.whole)
	}
	return &l.parts[n]
}

// take adds an event that serves step s. Events of one time may be read in any order, so a later one of
// them can open the way for the earlier ones.
func (g *progress) take(p *plan, s int, t int64) {
	if g.reached == len(g.start) {
		return
	}
	if t != g.last || g.tied == 0 {
		g.last, g.tied = t, 1<<s
		g.serves(p, s, t)
		return
	}
	g.tied |= 1 << s
	for ; s < 64 && g.tied>>s != 0; s++ {
		if g.tied>>s&1 != 0 {
			g.serves(p, s, t)
		}
	}
}

// serves keeps the latest start of a chain that reached step s.
func (g *progress) serves(p *plan, s int, t int64) {
	if s == 0 {
		if p.starts.contains(t) && (!p.firstEntry || g.reached == 0 || g.start[0] == t) {
			g.start[0] = t
			g.reached = max(g.reached, 1)
		}
		return
	}
	if s <= g.reached && within(g.start[s-1], t, p.window) {
		g.start[s] = g.start[s-1]
		if s == g.reached {
			g.reached++
		}
	}
}

// hold adds an event that may serve several steps. It is applied with the others of its time.
func (g *progress) hold(p *plan, mask uint64, t int64) {
	if n := len(g.same.ts); n > 0 && t != g.same.ts[0] {
		g.apply(p)
	}
	g.same.ts, g.same.serve = append(g.same.ts, t), append(g.same.serve, mask)
}

// apply takes the events of one time.
func (g *progress) apply(p *plan) {
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

func (g *progress) clear() { g.reached, g.tied = 0, 0 }

func (g *progress) copyFrom(o *progress) {
	g.reached, g.last, g.tied = o.reached, o.last, o.tied
	copy(g.start, o.start[:o.reached])
	g.same.ts, g.same.serve = append(g.same.ts[:0], o.same.ts...), append(g.same.serve[:0], o.same.serve...)
}

// end counts the person at hand.
func (l *levels) end() {
	if !l.single {
		l.whole.apply(l.p)
	}
	l.counts[l.whole.reached]++
	if len(l.values) == 1 {
		l.count(l.values[0], l.whole.reached)
	} else {
		for i, v := range l.values {
			if !l.single {
				l.parts[i].apply(l.p)
			}
			l.count(v, l.parts[i].reached)
			l.parts[i].clear()
		}
	}
	l.whole.clear()
	l.values = l.values[:0]
}

// count counts a person under a value.
func (l *levels) count(value int32, level int) {
	n := len(l.counts)
	if more := (int(value)+1)*n - len(l.byValue); more > 0 {
		l.byValue = append(l.byValue, make([]int64, more)...)
	}
	l.byValue[int(value)*n+level]++
}

// close ends the last person and writes the counts into the tally.
func (l *levels) close(text func(int32) string) {
	l.end()
	addLevels(l.t.steps, l.counts)
	for v := 0; (v+1)*len(l.counts) <= len(l.byValue); v++ {
		counts := l.byValue[v*len(l.counts) : (v+1)*len(l.counts)]
		if slices.Max(counts[1:]) > 0 {
			addLevels(l.t.group(text(int32(v))).steps, counts)
		}
	}
}

// addLevels adds persons by level to the steps they reached.
func addLevels(steps []stepTally, counts []int64) {
	var n int64
	for s := len(steps) - 1; s >= 0; s-- {
		n += counts[s+1]
		steps[s].persons += n
	}
}
