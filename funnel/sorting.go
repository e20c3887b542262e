package funnel

import (
	"math/bits"
	"slices"
	"sync"
)

// Times are sorted by the highest bits of the longest, a digit at a time; beyond them few are equal.
const (
	digitBits = 10
	digits    = 3
	fewTimes  = 1 << 9 // for which counting digits does not pay
)

// scratch are lists that sorting has no more use for.
var scratch = sync.Pool{New: func() any { return new([]int64) }}

// sortedTimes sorts numbers that are not negative, by their digits where there are many: a project has
// millions of durations, and none is longer than its windows.
func sortedTimes(times *pieces[int64]) []int64 {
	n := times.len()
	if n < fewTimes {
		out := slices.Concat(times.list()...)
		slices.Sort(out)
		return out
	}
	all := int64(0)
	for piece := range times.each {
		for _, x := range piece {
			all |= x
		}
	}
	low := max(0, bits.Len64(uint64(all))-digits*digitBits)
	var counts [digits][1 << digitBits]int32
	for piece := range times.each {
		for _, x := range piece {
			u := uint64(x) >> (low & 63)
			counts[0][u%(1<<digitBits)]++
			counts[1][u>>digitBits%(1<<digitBits)]++
			counts[2][u>>(2*digitBits)%(1<<digitBits)]++
		}
	}
	spare := scratch.Get().(*[]int64)
	defer scratch.Put(spare)
	*spare = slices.Grow((*spare)[:0], n)
	out, other := make([]int64, n), (*spare)[:n]
	starts(&counts[0])
	for piece := range times.each {
		scatter(piece, out, &counts[0], low)
	}
	starts(&counts[1])
	scatter(out, other, &counts[1], low+digitBits)
	starts(&counts[2])
	scatter(other, out, &counts[2], low+2*digitBits)
	if low > 0 {
		tidy(out, low)
	}
	return out
}

// starts turns the counts of a digit into the places where its numbers begin.
func starts(at *[1 << digitBits]int32) {
	sum := int32(0)
	for d, n := range at {
		at[d], sum = sum, sum+n
	}
}

// scatter moves numbers to the places of one of their digits.
func scatter(from, to []int64, at *[1 << digitBits]int32, shift int) {
	for _, x := range from {
		d := uint64(x) >> (shift & 63) % (1 << digitBits)
		to[at[d]] = x
		at[d]++
	}
}

// tidy puts in order what the bits from low on have put beside each other.
func tidy(v []int64, low int) {
	const few = 12
	for i := 1; i < len(v); i++ {
		x := v[i]
		if x >= v[i-1] {
			continue
		}
		at := i
		for at > 0 && v[at-1] > x && i-at < few {
			v[at] = v[at-1]
			at--
		}
		v[at] = x
		if at == 0 || v[at-1] <= x {
			continue
		}
		from, to := at, i+1 // many are equal but for these bits
		for from > 0 && v[from-1]>>low == x>>low {
			from--
		}
		for to < len(v) && v[to]>>low == x>>low {
			to++
		}
		slices.Sort(v[from:to])
		i = to - 1
	}
}
