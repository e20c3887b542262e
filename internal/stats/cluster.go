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
