package funnel

// outcome is the answer for one unit (a person, or one attempt): its level and its reference chain,
// which is the best chain with the earliest time of the last step reached, then the latest start, then
// the earliest step 2, 3, ….
type outcome struct {
	level int
	// times and rows are those of the reference chain, one a step; rows is -1 where a step is not in
	// the chain. In unordered funnels they stand for positions in time.
	times []int64
	rows  []int32
	// optional holds the optional steps that some best chain contains. Their times and rows are those of the
	// best chain that contains them, each by itself.
	optional []uint64
}

func newOutcome(p *plan) outcome {
	return outcome{times: make([]int64, len(p.steps)), rows: make([]int32, len(p.steps)), optional: make([]uint64, p.words)}
}

func (o *outcome) clear() {
	o.level = 0
	for i := range o.rows {
		o.rows[i] = -1
	}
	for i := range o.optional {
		o.optional[i] = 0
	}
}

func (o *outcome) copyFrom(s *outcome) {
	o.level = s.level
	copy(o.times, s.times)
	copy(o.rows, s.rows)
	copy(o.optional, s.optional)
}

// join adds the optional steps that only the best chains of another outcome contain.
func (o *outcome) join(p *plan, s *outcome) {
	for i := range p.steps {
		if p.steps[i].optional && hasBit(s.optional, i) && !hasBit(o.optional, i) {
			setBit(o.optional, i)
			o.times[i], o.rows[i] = s.times[i], s.rows[i]
		}
	}
}

// start and last are the times of the first and of the last required step of the chain.
func (o *outcome) start() int64 { return o.times[0] }
func (o *outcome) last() int64  { return o.times[o.level-1] }

// better reports whether a is the better outcome of two lanes: higher level, then the order of
// reference chains.
func better(p *plan, a, b *outcome) bool {
	if a.level != b.level || a.level == 0 {
		return a.level > b.level
	}
	if a.last() != b.last() {
		return a.last() < b.last()
	}
	if a.start() != b.start() {
		return a.start() > b.start()
	}
	for s := 1; s < a.level; s++ {
		if !p.steps[s].optional && a.times[s] != b.times[s] {
			return a.times[s] < b.times[s]
		}
	}
	return false
}

// has reports whether the unit counts at a step: required steps up to its level, optional steps that
// a best chain contains.
func (o *outcome) has(p *plan, step int) bool {
	if p.steps[step].optional {
		return o.level > 0 && hasBit(o.optional, step)
	}
	return o.level > step
}
