package cohorts

import (
	"fmt"
	"maps"
	"slices"
)

// Returns is one user's days: the start, and the days on which he came back.
type Returns struct {
	Start   int64
	Returns []int64
}

// ReturnTable is day-based retention: one row per start day, one column per k.
type ReturnTable struct {
	Cohorts  []int64
	Sizes    []int64
	Cells    [][]int64 // retained, by cohort and column
	Complete [][]bool
	// Retained and Eligible pool the complete cells of a column.
	Retained, Eligible []int64
}

// ReturnsOf counts who came back k days after his start: on that day (bounded) or on that day or
// later (unbounded). A cell is complete when day start + k has passed by asOf (exclusive); only
// complete cells are pooled. Unbounded retention of a young cohort is low even when complete, because
// later returns are still to come. A return before its start, or any day at or after asOf, wraps
// ErrInput, as does k < 1.
func ReturnsOf(users []Returns, asOf int64, ks []int64, unbounded bool) (ReturnTable, error) {
	rows := map[int64][]int64{}
	sizes := map[int64]int64{}
	for _, k := range ks {
		if k < 1 {
			return ReturnTable{}, fmt.Errorf("%w: k = %d; the first is 1", ErrInput, k)
		}
	}
	for i, u := range users {
		if u.Start >= asOf {
			return ReturnTable{}, fmt.Errorf("%w: user %d starts on day %d, which has not passed", ErrInput, i, u.Start)
		}
		if rows[u.Start] == nil {
			rows[u.Start] = make([]int64, len(ks))
		}
		sizes[u.Start]++
		for _, r := range u.Returns {
			if r < u.Start || r >= asOf {
				return ReturnTable{}, fmt.Errorf("%w: user %d returns on day %d, outside [%d,%d)", ErrInput, i, r, u.Start, asOf)
			}
		}
		for j, k := range ks {
			if slices.ContainsFunc(u.Returns, func(r int64) bool { return r == u.Start+k || unbounded && r > u.Start+k }) {
				rows[u.Start][j]++
			}
		}
	}
	out := ReturnTable{Retained: make([]int64, len(ks)), Eligible: make([]int64, len(ks))}
	for _, start := range slices.Sorted(maps.Keys(rows)) {
		complete := make([]bool, len(ks))
		for j, k := range ks {
			if complete[j] = start+k+1 <= asOf; complete[j] {
				out.Retained[j] += rows[start][j]
				out.Eligible[j] += sizes[start]
			}
		}
		out.Cohorts, out.Sizes = append(out.Cohorts, start), append(out.Sizes, sizes[start])
		out.Cells, out.Complete = append(out.Cells, rows[start]), append(out.Complete, complete)
	}
	return out, nil
}
