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

// Bonferroni returns m p: the probability of any false rejection in the family is at most alpha.
// Source: Dunn (1961), JASA 56, 52–64.
// Checked against: the cases of multiplicity.bonferroni in
// internal/calc/testdata/cases/experiments.jsonl.
func Bonferroni(p []float64) ([]float64, error) {
	return stepDown(p, func(m, _ int, pk float64) float64 { return float64(m) * pk })
}

// Sidak returns 1 − (1−p)^m, taken as −expm1(m log1p(−p)) so that p of 1e-300 is not lost. Assumes
// independent tests.
// Source: Šidák (1967), JASA 62, 626–633.
// Checked against: statsmodels 0.15.0, multipletests(p, method="sidak"), in multiplicity_test.go.
func Sidak(p []float64) ([]float64, error) {
	return stepDown(p, func(m, _ int, pk float64) float64 { return -math.Expm1(float64(m) * math.Log1p(-pk)) })
}

// HolmSidak is Holm's step-down procedure with Šidák's bound in each step.
// Source: Holm (1979), Scandinavian Journal of Statistics 6, 65–70, with the bound of Šidák (1967), JASA
// 62, 626–633.
// Checked against: statsmodels 0.15.0, multipletests(p, method="holm-sidak"), in multiplicity_test.go.
func HolmSidak(p []float64) ([]float64, error) {
	return stepDown(p, func(m, k int, pk float64) float64 { return -math.Expm1(float64(m-k+1) * math.Log1p(-pk)) })
}

// Hochberg returns the running minimum from the largest of (m−k+1) p(k). Assumes independent or
// positively dependent tests.
// Source: Hochberg (1988), Biometrika 75, 800–802.
// Checked against: statsmodels 0.15.0, multipletests(p, method="simes-hochberg"), in
// multiplicity_test.go.
func Hochberg(p []float64) ([]float64, error) {
	return stepUp(p, func(m, k int, pk float64) float64 { return float64(m-k+1) * pk })
}

// BenjaminiYekutieli is BenjaminiHochberg times Σ 1/j over the family: valid under any dependence.
// Source: Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165–1188.
// Checked against: statsmodels 0.15.0, multipletests(p, method="fdr_by"), in multiplicity_test.go.
func BenjaminiYekutieli(p []float64) ([]float64, error) {
	harmonic := 0.0
	for j := range p {
		harmonic += 1 / float64(j+1)
	}
	return stepUp(p, func(m, k int, pk float64) float64 { return float64(m) * pk / float64(k) * harmonic })
}

// Hommel returns the closed test with Simes' bound: the largest over the subsets S that contain i of the
// minimum over j of |S| p(j in S)/j, in O(m²).
//
// For a subset size s the worst subset holds the s−1 largest p-values beside one; Wright's recursion
// walks the sizes downwards.
// Source: Hommel (1988), Biometrika 75, 383–386; Wright (1992), Biometrics 48, 1005–1013.
// Checked against: the closed test over all subsets, in multiplicity_test.go.
func Hommel(p []float64) ([]float64, error) {
	if err := checkPValues(p); err != nil {
		return nil, err
	}
	m := len(p)
	order := ascending(p)
	adjusted := make([]float64, m) // by rank
	for k, i := range order {
		adjusted[k] = p[i]
	}
	for s := m; s > 1; s-- {
		// Simes' bound over the s−1 largest p-values in subsets of size s.
		c := math.Inf(1)
		for j := 2; j <= s; j++ {
			c = math.Min(c, float64(s)*p[order[m-s+j-1]]/float64(j))
		}
		for k := m - s + 1; k < m; k++ {
			adjusted[k] = math.Max(adjusted[k], c)
		}
		for k := range m - s + 1 {
			adjusted[k] = math.Max(adjusted[k], math.Min(c, float64(s)*p[order[k]]))
		}
	}
	out := make([]float64, m)
	for k, i := range order {
		out[i] = math.Min(1, adjusted[k])
	}
	return out, nil
}

// Rejections counts adjusted p-values at or below alpha; equality rejects.
func Rejections(adjusted []float64, alpha float64) int {
	n := 0
	for _, v := range adjusted {
		if v <= alpha+1e-12 {
			n++
		}
	}
	return n
}
