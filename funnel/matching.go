package funnel

// matcher assigns steps to different events of one time, one step after the other, by augmenting
// paths (bipartite matching). It never allocates once its slices have grown.
type matcher struct {
	l        *lane
	lo, hi   int     // events of the group
	owner    []int32 // step that event lo+i serves, -1: none
	seen     []int64 // stamp of the last search that visited event lo+i
	stamp    int64
	snapshot []int32
}

// reset prepares for the events lo ≤ i < hi of a lane.
func (m *matcher) reset(l *lane, lo, hi int) {
	m.l, m.lo, m.hi = l, lo, hi
	n := hi - lo
	if cap(m.owner) < n {
		m.owner = make([]int32, n)
	}
	m.owner = m.owner[:n]
	for i := range m.owner {
		m.owner[i] = -1
	}
	if len(m.seen) < n {
		m.seen = append(m.seen, make([]int64, n-len(m.seen))...)
	}
}

// assign gives the step an event of its own, moving earlier steps to other events if it must; it
// reports false and changes nothing if the steps so far and this one cannot all be served.
func (m *matcher) assign(step int) bool {
	m.stamp++
	return m.augment(step)
}

func (m *matcher) augment(step int) bool {
	for i := range m.owner {
		if m.seen[i] == m.stamp || !hasBit(m.l.mask(m.lo+i), step) {
			continue
		}
		m.seen[i] = m.stamp
		if m.owner[i] < 0 || m.augment(int(m.owner[i])) {
			m.owner[i] = int32(step)
			return true
		}
	}
	return false
}

// save and restore let a search take assignments back: save pushes the state and returns its mark.
func (m *matcher) save() int {
	mark := len(m.snapshot)
	m.snapshot = append(m.snapshot, m.owner...)
	return mark
}

func (m *matcher) restore(mark int) {
	copy(m.owner, m.snapshot[mark:])
	m.snapshot = m.snapshot[:mark]
}
