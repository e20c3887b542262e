package stats

import (
	"math"
	"math/big"
	"slices"

	"vouch/referral"
)

// rankSums is U, the number of pairs in which the treatment is larger, ties counted half, and the sizes of
// the groups of equal values among all.
func rankSums(control, treatment []float64) (u float64, groups []int64) {
	c, t := Sorted(control), Sorted(treatment)
	var twice int64
	for i, j := 0, 0; i < len(c) || j < len(t); {
		v := math.Inf(1)
		if i < len(c) {
			v = c[i]
		}
		if j < len(t) {
			v = math.Min(v, t[j])
		}
		var inC, inT int64
		below := int64(i)
		for ; i < len(c) && c[i] == v; i++ {
			inC++
		}
		for ; j < len(t) && t[j] == v; j++ {
			inT++
		}
		twice += inT * (2*below + inC)
		groups = append(groups, inC+inT)
	}
	return float64(twice) / 2, groups
}

// checkRanked refuses values that have no order, and reports arms without values.
func checkRanked(control, treatment []float64, alt Alternative) (_ Alternative, empty bool, err error) {
	for _, values := range [][]float64{control, treatment} {
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return "", false, invalid("value %g", v)
			}
		}
	}
	alt, err = checkAlternative(alt)
	return alt, len(control) == 0 || len(treatment) == 0, err
}

// MannWhitney tests whether values of the treatment tend to be larger, with the normal approximation.
//
//	U = pairs with treatment > control + ½ ties;  z = (U − nm/2 ∓ ½)/σ, the correction toward the null
//	σ² = nm/12 (N + 1 − Σ(t³ − t)/(N(N−1))), t the sizes of groups of equal values
//
// Assumes independent units; says nothing about means: two arms may differ in U and not in money.
// An arm without values: insufficient_data; all values equal: zero_variance.
// Source: Mann and Whitney (1947), Annals of Mathematical Statistics 18, 50–60; Lehmann (1975), Nonparametrics.
// Checked against: scipy 1.17.1, stats.mannwhitneyu(method="asymptotic"), in mannwhitney_test.go.
func MannWhitney(control, treatment []float64, alt Alternative) (Test, error) {
	alt, empty, err := checkRanked(control, treatment, alt)
	if err != nil {
		return Test{}, err
	}
	if empty {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	u, groups := rankSums(control, treatment)
	if len(groups) == 1 {
		return Test{Statistic: num(u), Reason: referral.ReasonZeroVariance}, nil
	}
	pairs, n := float64(len(control))*float64(len(treatment)), float64(len(control)+len(treatment))
	var ties []float64
	for _, g := range groups {
		t := float64(g)
		ties = append(ties, t*(t*t-1))
	}
	sigma := math.Sqrt(pairs / 12 * (n + 1 - Sum(ties)/(n*(n-1))))
	above := u - pairs/2
	p := 0.0
	switch alt {
	case Greater:
		p = UpperTail((above - 0.5) / sigma)
	case Less:
		p = UpperTail((-above - 0.5) / sigma)
	case TwoSided:
		p = math.Min(1, 2*UpperTail((math.Abs(above)-0.5)/sigma))
	}
	return Test{Statistic: num(u), PValue: num(p)}, nil
}

// maxRankWork bounds the work of an exact test to some seconds.
const maxRankWork = 40_000_000

// MannWhitneyExact is the test of MannWhitney with the exact distribution of U, every order of the values
// being equally likely.
//
//	two_sided: twice the smaller tail, at most 1
//
// Equal values have no such order and are ErrInput, as are arms so large that counting the orders takes
// longer than some seconds (about 400 values each); the normal approximation is as good there.
// Source: Mann and Whitney (1947), Annals of Mathematical Statistics 18, 50–60.
// Checked against: the listing of all orders, and scipy 1.17.1, stats.mannwhitneyu(method="exact"), in
// mannwhitney_test.go.
func MannWhitneyExact(control, treatment []float64, alt Alternative) (Test, error) {
	alt, empty, err := checkRanked(control, treatment, alt)
	if err != nil {
		return Test{}, err
	}
	if empty {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	both, groups := rankSums(control, treatment)
	if slices.Max(groups) > 1 {
		return Test{}, invalid("%d values are equal: the exact test has none", slices.Max(groups))
	}
	n, m, u := int64(len(control)), int64(len(treatment)), int64(both)
	// P(U ≥ u) = P(U ≤ nm − u): only the lower half is ever counted.
	low := min(u, n*m-u)
	if low > maxRankWork/min(n, m) {
		return Test{}, invalid("%d and %d values are too many for the exact test", n, m)
	}
	near, at := rankTail(n, m, low)
	far := 1 - near + at // P(U ≥ low) = P(U ≤ nm − low)
	p := 2 * near
	if alt != TwoSided {
		p = far
		if (alt == Greater) == (u > low) {
			p = near
		}
	}
	return Test{Statistic: num(both), PValue: num(math.Min(1, p))}, nil
}

// rankTail returns P(U ≤ k) and P(U = k) for arms of n and m values, from exact counts.
//
//	Σ_u count(u) q^u = Π_{i=1..n} (1 − q^(m+i))/(1 − q^i)
func rankTail(n, m, k int64) (tail, at float64) {
	if n > m {
		n, m = m, n
	}
	counts := make([]big.Int, k+1)
	counts[0].SetInt64(1)
	for i := int64(1); i <= min(n, k); i++ {
		for j := k; j >= m+i; j-- {
			counts[j].Sub(&counts[j], &counts[j-m-i])
		}
		for j := i; j <= k; j++ {
			counts[j].Add(&counts[j], &counts[j-i])
		}
	}
	sum := new(big.Int)
	for j := range counts {
		sum.Add(sum, &counts[j])
	}
	all := new(big.Int).Binomial(n+m, n)
	tail, _ = new(big.Rat).SetFrac(sum, all).Float64()
	at, _ = new(big.Rat).SetFrac(&counts[k], all).Float64()
	return tail, at
}
