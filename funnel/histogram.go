package funnel

import (
	"sort"
	"strconv"
)

// histogramEdges are the lower edges of the bins in seconds: times that people name. The last bin has no end.
var histogramEdges = []int64{
	0, 1, 10, minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, 12 * hour,
	day, 2 * day, 3 * day, 5 * day, 7 * day, 10 * day, 14 * day, 21 * day, 30 * day,
	60 * day, 90 * day, 180 * day, 365 * day,
}

// Seconds.
const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// histogram sorts durations, in microseconds and not negative, into the bins. Bins without units before the
// first and after the last that has some are left out; those between are kept, so that a gap is seen.
func histogram(durations [][]int64) []Bin {
	counts := make([]int64, len(histogramEdges))
	for _, list := range durations {
		for _, d := range list {
			counts[sort.Search(len(histogramEdges), func(i int) bool { return histogramEdges[i]*1_000_000 > d })-1]++
		}
	}
	first, last := 0, len(counts)-1
	for first < len(counts) && counts[first] == 0 {
		first++
	}
	for last >= 0 && counts[last] == 0 {
		last--
	}
	out := []Bin{}
	for i := first; i <= last; i++ {
		b := Bin{FromSeconds: histogramEdges[i], Persons: counts[i]}
		if i+1 < len(histogramEdges) {
			to := histogramEdges[i+1]
			b.ToSeconds = &to
		}
		out = append(out, b)
	}
	return out
}

// String names a class of times: "1–6 h", "30 min–1 h", "under 1 min", "30 d and more".
func (b Bin) String() string {
	switch from, unit := roundTime(b.FromSeconds); {
	case b.ToSeconds == nil:
		return from + " " + unit + " and more"
	case b.FromSeconds == 0:
		to, unit := roundTime(*b.ToSeconds)
		return "under " + to + " " + unit
	default:
		to, end := roundTime(*b.ToSeconds)
		if end == unit {
			return from + "–" + to + " " + unit
		}
		return from + " " + unit + "–" + to + " " + end
	}
}

// roundTime writes seconds in the largest unit that divides them.
func roundTime(s int64) (count, unit string) {
	for _, u := range []struct {
		size int64
		name string
	}{{day, "d"}, {hour, "h"}, {minute, "min"}} {
		if s > 0 && s%u.size == 0 {
			return strconv.FormatInt(s/u.size, 10), u.name
		}
	}
	return strconv.FormatInt(s, 10), "s"
}
