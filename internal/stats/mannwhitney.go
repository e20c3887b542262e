package stats

import (
	"math"
	"math/big"
	"slices"

	"vouch/referral"
)

// Tied is a value and the number of units that have it.
type Tied struct {
	Value float64
	N     int64
}

// tied counts equal values; in rising order.
func tied(values []float64) []Tied {
	var out []Tied
	for _, v := range Sorted(values) {
		if n := len(out); n > 0 && out[n-1].Value == v {
			out[n-1].N++
			continue
		}
		out = append(out, Tied{v, 1})
	}
	return out
}

// rankSums is U, the number of pairs in which the treatment is larger, ties counted half, and the sizes of
// the groups of equal values among all.
func rankSums(control, treatment []Tied) (u float64, groups []int64) {
	var twice, below int64
	for i, j := 0, 0; i < len(control) || j < len(treatment); {
		v := math.Inf(1)
		if i < len(control) {
			v = control[i].Value
		}
		if j < len(treatment) {
			v = math.Min(v, treatment[j].Value)
		}
		var inC, inT int64
		for ; i < len(control) && control[i].Value == v; i++ {
			inC += control[i].N
		}
		for ; j < len(treatment) && treatment[j].Value == v; j++ {
			inT += treatment[j].N
		}
		twice += inT * (2*below + inC)
		below += inC
		groups = append(groups, inC+inT)
	}
	return float64(twice) / 2, groups
}

// checkRanked refuses values that fall or of which there is none, and counts those of each arm.
func checkRanked(control, treatment []Tied, alt Alternative) (_ Alternative, sizes [2]int64, err error) {
	for i, values := range [][]Tied{control, treatment} {
		for k, v := range values {
			switch {
			case math.IsNaN(v.Value) || math.IsInf(v.Value, 0):
				return "", sizes, invalid("value %g", v.Value)
			case v.N < 1:
				return "", sizes, invalid("%d units with value %g", v.N, v.Value)
			case k > 0 && v.Value < values[k-1].Value:
				return "", sizes, invalid("value %g after %g", v.Value, values[k-1].Value)
			}
			sizes[i] += v.N
		}
	}
	alt, err = checkAlternative(alt)
	return alt, sizes, err
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
	return MannWhitneyTied(tied(control), tied(treatment), alt)
}

// MannWhitneyTied is the test of MannWhitney on sorted values, each with the number of units that have it: what a
// count by value gives. U over the number of pairs is the probability that a unit of the treatment has the larger value, ties half.
// Values out of order or that no unit has are ErrInput.
// Checked against: MannWhitney of the same values one by one, in mannwhitney_test.go.
func MannWhitneyTied(control, treatment []Tied, alt Alternative) (Test, error) {
	alt, sizes, err := checkRanked(control, treatment, alt)
	if err != nil {
		return Test{}, err
	}
	if sizes[0] == 0 || sizes[1] == 0 {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	u, groups := rankSums(control, treatment)
	if len(groups) == 1 {
		return Test{Statistic: num(u), Reason: referral.ReasonZeroVariance}, nil
	}
	pairs, n := float64(sizes[0])*float64(sizes[1]), float64(sizes[0]+sizes[1])
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
	cs, ts := tied(control), tied(treatment)
	alt, sizes, err := checkRanked(cs, ts, alt)
	if err != nil {
		return Test{}, err
	}
	if sizes[0] == 0 || sizes[1] == 0 {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	both, groups := rankSums(cs, ts)
	if slices.Max(groups) > 1 {
		return Test{}, invalid("%d values are equal: the exact test has none", slices.Max(groups))
	}
	n, m, u := sizes[0], sizes[1], int64(both)
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
