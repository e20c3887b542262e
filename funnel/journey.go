package funnel

// journey is events in the order of persons and times, one slice a column. Serve is the steps that an event
// matches, and empty where they need more than a word. Lane is the tuple of held
// values (−1: one is missing) and empty without hold; value the value of the breakdown (0: none) and
// empty without breakdown; money the worth in minor units and empty where no money is read.
type journey struct {
	ts    []int64
	class []int32
	serve []uint64
	lane  []int32
	value []int32
	money []int64
}

// slice views the events lo ≤ i < hi.
func (c *journey) slice(lo, hi int) journey {
	return journey{
		ts: c.ts[lo:hi], class: c.class[lo:hi], serve: part(c.serve, lo, hi), lane: part(c.lane, lo, hi), value: part(c.value, lo, hi), money: part(c.money, lo, hi),
	}
}

func part[T any](s []T, lo, hi int) []T {
	if len(s) == 0 {
		return nil
	}
	return s[lo:hi]
}

// append adds the events of another.
func (c *journey) append(o journey) {
	c.ts, c.class = append(c.ts, o.ts...), append(c.class, o.class...)
	c.serve = append(c.serve, o.serve...)
	c.lane, c.value = append(c.lane, o.lane...), append(c.value, o.value...)
	c.money = append(c.money, o.money...)
}

// reset forgets the events and keeps the memory.
func (c *journey) reset() {
	c.ts, c.class, c.serve, c.lane, c.value, c.money = c.ts[:0], c.class[:0], c.serve[:0], c.lane[:0], c.value[:0], c.money[:0]
}
