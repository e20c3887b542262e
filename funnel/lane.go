package funnel

// lane is what one evaluation sees: the events of one person (of one tuple of held values, of one
// value of the breakdown), sorted by time.
type lane struct {
	words int
	ts    []int64
	row   []int32  // index into the person's events
	serve []uint64 // words an event: the steps it may serve
	// repeat and visible serve the strict orders: the steps of which the event is a repeat, and
	// whether it can block at all.
	repeat  []uint64
	visible []bool
	// excluded holds, for each exclusion, the sorted times of its events.
	excluded [][]int64
}

func (l *lane) reset(p *plan) {
	l.words = p.words
	l.ts, l.row, l.serve = l.ts[:0], l.row[:0], l.serve[:0]
	l.repeat, l.visible = l.repeat[:0], l.visible[:0]
	for len(l.excluded) < len(p.exclusions) {
		l.excluded = append(l.excluded, nil)
	}
	for i := range l.excluded {
		l.excluded[i] = l.excluded[i][:0]
	}
}

// mask returns the steps event i may serve.
func (l *lane) mask(i int) []uint64 { return l.serve[i*l.words : (i+1)*l.words] }

// repeats returns the steps of which event i is a repeat.
func (l *lane) repeats(i int) []uint64 { return l.repeat[i*l.words : (i+1)*l.words] }

// groupEnd returns the end of the run of events that share the time of event i.
func (l *lane) groupEnd(i int) int {
	t := l.ts[i]
	for i++; i < len(l.ts) && l.ts[i] == t; i++ {
	}
	return i
}

// starts reports whether event i can be the first of a chain.
func (l *lane) starts(p *plan, i int) bool {
	if p.order == unordered {
		return !empty(l.mask(i))
	}
	return hasBit(l.mask(i), 0)
}

// eligible narrows the eligible start times to those of the lane: with entry first, the earliest.
// ok is false if no event can start a chain.
func (l *lane) eligible(p *plan) (s span, ok bool) {
	for i, t := range l.ts {
		if p.starts.contains(t) && l.starts(p, i) {
			if p.firstEntry {
				return span{t, t}, true
			}
			return span{t, p.starts.hi}, true
		}
	}
	return span{}, false
}
