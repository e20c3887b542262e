package stats

import (
	"math"

	"vouch/referral"
)

// Clusters are the sums and sizes of one arm's randomised clusters, such as the conversions and invites
// of each referrer. The metric is the ratio of the totals.
type Clusters struct {
	Sums, Sizes []float64
}

// check refuses lists of unequal length and sizes that are negative or not finite.
func (a Clusters) check() error {
	if len(a.Sums) != len(a.Sizes) {
		return invalid("%d sums and %d sizes", len(a.Sums), len(a.Sizes))
	}
	for i, m := range a.Sizes {
		if !(m >= 0) || math.IsInf(m, 0) || math.IsNaN(a.Sums[i]) || math.IsInf(a.Sums[i], 0) {
			return invalid("cluster of size %g and sum %g", m, a.Sums[i])
		}
	}
	return nil
}

func (a Clusters) ratio() float64 { return Sum(a.Sums) / Sum(a.Sizes) }

// startClusters checks two arms and reports whether both can be compared.
func startClusters(c, t Clusters, level float64, alt Alternative) (Comparison, Alternative, error) {
	for _, a := range []Clusters{c, t} {
		if err := a.check(); err != nil {
			return Comparison{}, alt, err
		}
	}
	alt, err := checkArms(Moments{}, Moments{}, level, alt)
	if err != nil {
		return Comparison{}, alt, err
	}
	var out Comparison
	if Sum(c.Sizes) > 0 {
		out.Control = num(c.ratio())
	}
	if Sum(t.Sizes) > 0 {
		out.Treatment = num(t.ratio())
	}
	switch {
	case len(c.Sums) < 2 || len(t.Sums) < 2:
		out.Reason = referral.ReasonNoData
	case out.Control == nil || out.Treatment == nil:
		out.Reason = ReasonZeroDenominator
	}
	if out.Control != nil && out.Treatment != nil {
		out.Estimate = num(*out.Treatment - *out.Control)
	}
	return out, alt, nil
}

// ClusterRobust is a comparison with the uncorrected standard error beside the corrected one.
type ClusterRobust struct {
	Comparison
	SECR0 *float64 `json:"se_cr0"`
}

// CompareCR1 compares two arms of clusters with the cluster-robust variance and its small-sample factor.
//
//	v0 = Σ arms Σ clusters (s − R m)² / (Σ m)²,  se² = v0 G/(G−1) (N−1)/(N−2), df G − 2
//
// G clusters and N rows in all. With few or unequal clusters it rejects too often: see ComparePermuted.
// Source: Liang and Zeger (1986), Biometrika 73, 13–22.
// Checked against: statsmodels 0.15.0, OLS with cov_type="cluster", in cluster_test.go.
func CompareCR1(c, t Clusters, level float64, alt Alternative) (ClusterRobust, error) {
	start, alt, err := startClusters(c, t, level, alt)
	out := ClusterRobust{Comparison: start}
	if err != nil || out.Reason != "" {
		return out, err
	}
	v0, g, n := 0.0, float64(len(c.Sums)+len(t.Sums)), Sum(c.Sizes)+Sum(t.Sizes)
	for _, a := range []Clusters{c, t} {
		r, total := a.ratio(), Sum(a.Sizes)
		var squares []float64
		for i := range a.Sums {
			e := (a.Sums[i] - r*a.Sizes[i]) / total
			squares = append(squares, e*e)
		}
		v0 += Sum(squares)
	}
	out.SECR0 = num(math.Sqrt(v0))
	if !(n > 2) || !(g > 2) {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	out.finish(math.Sqrt(v0*g/(g-1)*(n-1)/(n-2)), g-2, level, alt)
	return out, nil
}

// CompareClusters compares two arms of clusters by the delta method: a ratio metric with one unit per
// cluster. Clusters of size 0 are allowed.
// Source: Deng, Knoblich, Lu (2018), KDD.
// Checked against: Welch's test for clusters of one member, in cluster_test.go.
func CompareClusters(c, t Clusters, level float64, alt Alternative) (Comparison, error) {
	out, _, err := startClusters(c, t, level, alt)
	if err != nil || out.Reason != "" {
		return out, err
	}
	rc, err := RatioMomentsOf(c.Sums, c.Sizes)
	if err != nil {
		return out, err
	}
	rt, err := RatioMomentsOf(t.Sums, t.Sizes)
	if err != nil {
		return out, err
	}
	return CompareRatios(rc, rt, level, alt, Welch)
}

// CompareJackknife compares two arms of clusters with the delete-one jackknife.
//
//	per arm v = (k−1)/k Σ (R_(−i) − mean)²; se² = v_C + v_T; df (v_C+v_T)²/(v_C²/(k_C−1) + v_T²/(k_T−1))
//
// Needs two clusters of positive size per arm.
// Source: Efron and Stein (1981), Annals of Statistics 9, 586–596.
// Checked against: the formula written out in numpy 2, in cluster_test.go.
func CompareJackknife(c, t Clusters, level float64, alt Alternative) (Comparison, error) {
	out, alt, err := startClusters(c, t, level, alt)
	if err != nil || out.Reason != "" {
		return out, err
	}
	vc, okC := c.jackknife()
	vt, okT := t.jackknife()
	if !okC || !okT {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	out.finish(math.Sqrt(vc+vt), welchDF(vc, vt, float64(len(c.Sums)-1), float64(len(t.Sums)-1)), level, alt)
	return out, nil
}

// jackknife is the variance of the ratio; ok is false if leaving one cluster out can leave no members.
func (a Clusters) jackknife() (v float64, ok bool) {
	positive := 0
	for _, m := range a.Sizes {
		if m > 0 {
			positive++
		}
	}
	if positive < 2 {
		return 0, false
	}
	sums, sizes, k := Sum(a.Sums), Sum(a.Sizes), float64(len(a.Sums))
	left := make([]float64, len(a.Sums))
	for i := range left {
		left[i] = (sums - a.Sums[i]) / (sizes - a.Sizes[i])
	}
	m := MomentsOf(left)
	return (k - 1) / k * m.Variance * (k - 1), true
}

// Permutation is an exact permutation test.
type Permutation struct {
	Statistic    *float64 `json:"statistic"`
	Permutations *int64   `json:"permutations"`
	Extreme      *int64   `json:"extreme"`
	PValue       *float64 `json:"p_value"`
	Reason       string   `json:"reason,omitempty"`
}

// maxPermutations bounds the work of an exact test to some seconds.
const maxPermutations = 20_000_000

// ComparePermuted tests two arms of clusters by all assignments of the same arm sizes.
//
//	statistic estimate/se of CompareClusters; extreme: |stat| ≥ |observed| − 1e-9 max(1, |observed|)
//	p = extreme / assignments, the observed one included
//
// Studentised, so it holds its level for differences in means even when variances differ. A difference
// without a standard error counts as infinite. Arms with fewer than two clusters: insufficient_data.
// Source: Chung and Romano (2013), Annals of Statistics 41, 484–507.
// Checked against: the formula written out in numpy 2, in cluster_test.go.
func ComparePermuted(c, t Clusters) (Permutation, error) {
	out, _, err := startClusters(c, t, 0.95, TwoSided)
	if err != nil {
		return Permutation{}, err
	}
	if out.Reason != "" {
		return Permutation{Reason: out.Reason}, nil
	}
	k, n := len(t.Sums), len(c.Sums)+len(t.Sums)
	if choices(n, k) > maxPermutations {
		return Permutation{}, invalid("%d clusters have more than %d assignments", n, maxPermutations)
	}
	sums := append(append([]float64{}, t.Sums...), c.Sums...)
	sizes := append(append([]float64{}, t.Sizes...), c.Sizes...)
	pick := make([]int, k)
	for i := range pick {
		pick[i] = i
	}
	observed := studentised(sums, sizes, pick)
	if math.IsNaN(observed) {
		return Permutation{Reason: referral.ReasonZeroVariance}, nil
	}
	limit := math.Abs(observed) - 1e-9*math.Max(1, math.Abs(observed))
	if math.IsInf(observed, 0) {
		limit = math.Inf(1)
	}
	var total, extreme int64
	for more := true; more; more = nextChoice(pick, n) {
		total++
		if math.Abs(studentised(sums, sizes, pick)) >= limit {
			extreme++
		}
	}
	return Permutation{Statistic: num(observed), Permutations: &total, Extreme: &extreme, PValue: num(float64(extreme) / float64(total))}, nil
}

// choices is the number of ways to choose k of n, at most a little beyond maxPermutations.
func choices(n, k int) int64 {
	out := int64(1)
	for i := 1; i <= min(k, n-k); i++ {
		out = out * int64(n-i+1) / int64(i)
		if out > maxPermutations {
			return out
		}
	}
	return out
}

// nextChoice advances to the next combination in lexicographic order.
func nextChoice(pick []int, n int) bool {
	for i := len(pick) - 1; i >= 0; i-- {
		if pick[i] < n-len(pick)+i {
			pick[i]++
			for j := i + 1; j < len(pick); j++ {
				pick[j] = pick[j-1] + 1
			}
			return true
		}
	}
	return false
}

// studentised is the delta-method statistic of the assignment; ±∞ for a difference without a standard
// error, NaN when there is neither or an arm has no members.
func studentised(sums, sizes []float64, pick []int) float64 {
	chosen := make([]bool, len(sums))
	for _, i := range pick {
		chosen[i] = true
	}
	var arms [2]struct{ k, s, m float64 }
	for i := range sums {
		a := 0
		if chosen[i] {
			a = 1
		}
		arms[a].k++
		arms[a].s += sums[i]
		arms[a].m += sizes[i]
	}
	var squares [2]float64
	for i := range sums {
		a := 0
		if chosen[i] {
			a = 1
		}
		e := sums[i] - arms[a].s/arms[a].m*sizes[i]
		squares[a] += e * e
	}
	variance := 0.0
	for a, x := range arms {
		variance += squares[a] / (x.k - 1) / x.k / (x.m / x.k) / (x.m / x.k)
	}
	d := arms[1].s/arms[1].m - arms[0].s/arms[0].m
	return d / math.Sqrt(variance)
}
