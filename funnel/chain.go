package funnel

// chain is how far the chains over some events of a person got, where each event serves one step and events
// of one time may be read in any order; and how many persons got how far.
//
// As in tieGroup the latest start of a chain that reached a step is all there is to know. Which step comes
// next, whether it fits, and whether it belongs to the next person is chance, and a branch that the processor
// guesses wrong costs more than all the rest. So an event is a few operations without a branch: a chain
// forgets when it meets another person, and counts a person at a step when it gets there.
type chain struct {
	person  int64
	reached int32
	tied    uint32 // steps of the events at the time of the last one, 0: no event yet
	// start[s+1] is the latest start of a chain that reached step s < reached; start[0] is the time of the
	// last event, where a chain may begin.
	start  [chainSteps + 1]int64
	counts [chainSteps + 1]int64 // persons by step reached; one more than needed, so that an index is a mask
}

// chainSteps is the most steps of a chain.
const chainSteps = 7

// take adds an event of a person that serves step s.
func (c *chain) take(person int64, s int32, t int64, window uint64) {
	same := int32(0)
	if c.person == person {
		same = -1 // all bits
	}
	c.person = person
	reached, tied := c.reached&same, c.tied&uint32(same)
	if t == c.start[0] && tied != 0 {
		c.again(s, window)
		return
	}
	c.start[0], c.tied = t, 1<<(s&chainSteps)
	c.reached = reached + c.step(reached, s, window)
}

// again takes an event at the time of the one before: it may open the way for those that came sooner.
func (c *chain) again(s int32, window uint64) {
	c.tied |= 1 << s
	for ; s < chainSteps; s++ {
		if c.tied>>s&1 != 0 {
			c.reached += c.step(c.reached, s, window)
		}
	}
}

// step keeps the latest start of a chain that reached step s, if one that reached the step before fits. It
// returns 1 if none did so far, else 0.
func (c *chain) step(reached, s int32, window uint64) int32 {
	from, open, next, fits := c.start[s&chainSteps], int32(0), int32(0), int32(0)
	if s <= reached {
		open = 1
	}
	if s == reached {
		next = 1
	}
	if uint64(c.start[0])-uint64(from) <= window {
		fits = 1
	}
	after := &c.start[(s+1)&chainSteps]
	*after ^= (*after ^ from) & -int64(open&fits) // all bits or none
	c.counts[s&chainSteps] += int64(next & fits)
	return next & fits
}

// starts reports whether a chain of a person may begin at a time.
func (c *chain) starts(p *plan, person, t int64) bool {
	return p.starts.contains(t) && (!p.firstEntry || c.person != person || c.reached == 0)
}
