package stats

import (
	"math"
	"slices"
)

// Holm returns p-values adjusted by Holm's step-down procedure, in the order given.
//
//	running maximum of (m−k+1) p(k) over the sorted p-values, at most 1
//
// Controls the probability of any false rejection in the family, under any dependence. A hypothesis
// is rejected at alpha when its adjusted value is at most alpha.
// Source: Holm (1979), Scandinavian Journal of Statistics 6, 65–70.
// Checked against: statsmodels 0.15.0, multipletests(p, method="holm"), in multiplicity_test.go.
func Holm(p []float64) ([]float64, error) {
	return stepDown(p, func(m, k int, pk float64) float64 { return float64(m-k+1) * pk })
}

// BenjaminiHochberg returns p-values adjusted for the expected share of false rejections among all
// rejections, in the order given.
//
//	running minimum from the largest of m p(k)/k
//
// Assumes independent or positively dependent tests.
// Source: Benjamini and Hochberg (1995), JRSS B 57, 289–300.
// Checked against: statsmodels 0.15.0, multipletests(p, method="fdr_bh"), in multiplicity_test.go.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	return stepUp(p, func(m, k int, pk float64) float64 { return float64(m) * pk / float64(k) })
}

// checkPValues refuses an empty family and values outside [0,1].
func checkPValues(p []float64) error {
	if len(p) == 0 {
		return invalid("no p-values")
	}
	for _, v := range p {
		if !(v >= 0 && v <= 1) {
			return invalid("p-value %g is not between 0 and 1", v)
		}
	}
	return nil
}

// ascending lists the indices of p from the smallest value to the largest.
func ascending(p []float64) []int {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	return order
}

// stepDown takes the running maximum of the step values from the smallest p-value (k = 1) on.
func stepDown(p []float64, step func(m, k int, pk float64) float64) ([]float64, error) {
	if err := checkPValues(p); err != nil {
		return nil, err
	}
	out, high := make([]float64, len(p)), 0.0
	for k, i := range ascending(p) {
		high = math.Max(high, math.Min(1, step(len(p), k+1, p[i])))
		out[i] = high
	}
	return out, nil
}

// stepUp takes the running minimum of the step values from the largest p-value (k = m) down.
func stepUp(p []float64, step func(m, k int, pk float64) float64) ([]float64, error) {
	if err := checkPValues(p); err != nil {
		return nil, err
	}
	out, low := make([]float64, len(p)), 1.0
	order := ascending(p)
	for k := len(order); k >= 1; k-- {
		i := order[k-1]
		low = math.Min(low, step(len(p), k, p[i]))
		out[i] = low
	}
	return out, nil
}
