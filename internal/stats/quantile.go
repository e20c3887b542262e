package stats

import (
	"math"
	"slices"
)

// Quantile returns the q quantile of values by definition 7 of Hyndman and Fan: linear between the
// order statistics around position (n−1)q. It is what R calls type 7, DuckDB quantile_cont and
// spreadsheets PERCENTILE.INC: the median of 1, 2, 3, 4 is 2.5.
//
// The values are not changed. No values is ErrNoData; q outside [0,1] or a NaN ErrInput.
// Source: Hyndman and Fan (1996), The American Statistician 50, 361–365.
// Checked against: hand-worked positions, in quantile_test.go.
func Quantile(values []float64, q float64) (float64, error) {
	if !(q >= 0 && q <= 1) {
		return 0, invalid("quantile %g is not between 0 and 1", q)
	}
	if len(values) == 0 {
		return 0, ErrNoData
	}
	if slices.ContainsFunc(values, math.IsNaN) {
		return 0, invalid("a value is not a number")
	}
	s := Sorted(values)
	h := float64(len(s)-1) * q
	i := int(math.Floor(h))
	if i+1 >= len(s) {
		return s[len(s)-1], nil
	}
	return s[i] + (h-float64(i))*(s[i+1]-s[i]), nil
}

// Sorted returns the values in ascending order without changing them.
func Sorted(values []float64) []float64 { return slices.Sorted(slices.Values(values)) }
