package funnel

import (
	"slices"
	"sync"
)

// sortedLists are the times of a tally in order, sorted once for every view that reads them; those of groups are
// left out.
type sortedLists struct {
	total, events, censored []int64
	durations, waits        [][]int64
}

// sorted puts all times in order, the lists side by side.
func (t *tally) sorted() *sortedLists {
	out := &sortedLists{durations: make([][]int64, len(t.steps)), waits: make([][]int64, len(t.steps))}
	var wg sync.WaitGroup
	sort := func(of *pieces[int64], to *[]int64) { wg.Go(func() { *to = sortedTimes(of) }) }
	for i := range t.steps {
		sort(&t.durations[i], &out.durations[i])
		sort(&t.waits[i], &out.waits[i])
	}
	sort(&t.total, &out.total)
	sort(&t.cens.events, &out.events)
	sort(&t.cens.censored, &out.censored)
	wg.Wait()
	return out
}

// sortedTimes sorts numbers that are not negative, by their digits where there are many: a project has
// millions of durations, and none is longer than its windows.
func sortedTimes(times *pieces[int64]) []int64 {
	const bits, few = 8, 1 << 9
	n := times.len()
	if n < few {
		out := times.list()
		slices.Sort(out)
		return out
	}
	var counts [64 / bits][1 << bits]int32
	all := int64(0)
	for piece := range times.each {
		for _, x := range piece {
			all |= x
			for i := range counts {
				counts[i][uint8(x>>(i*bits))]++
			}
		}
	}
	from, to := []int64(nil), make([]int64, n)
	for digit := range counts {
		shift := digit * bits
		if digit > 0 && all>>shift == 0 {
			break
		}
		at, sum := &counts[digit], int32(0)
		for d, n := range at {
			at[d], sum = sum, sum+n
		}
		if from == nil {
			for piece := range times.each {
				scatter(piece, to, at, shift)
			}
			from = make([]int64, n)
		} else {
			scatter(from, to, at, shift)
		}
		from, to = to, from
	}
	return from
}

// scatter moves numbers to the places of one of their digits.
func scatter(from, to []int64, at *[256]int32, shift int) {
	for _, x := range from {
		d := uint8(uint64(x) >> (shift & 63))
		to[at[d]] = x
		at[d]++
	}
}
