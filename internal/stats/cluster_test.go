package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

var (
	clustersC = Clusters{Sums: []float64{3, 0, 5, 1}, Sizes: []float64{5, 4, 6, 5}}
	clustersT = Clusters{Sums: []float64{6, 2, 7}, Sizes: []float64{7, 5, 9}}
)

// Reference: statsmodels 0.15.0, OLS of the 41 rows on the arm, fit(cov_type="cluster"): coefficient
// 0.264285…, standard error 0.205361….
func TestCompareCR1(t *testing.T) {
	got, err := CompareCR1(clustersC, clustersT, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "estimate", value(t, "estimate", got.Estimate), 0.26428571428571423, 1e-12)
	checkNear(t, "se", value(t, "se", got.SE), 0.20536195791886205, 1e-12)
	checkNear(t, "df", value(t, "df", got.DF), 5, 0)
}

// Reference: numpy 2, the two formulas written out over the arrays.
func TestCompareJackknifeAndPermuted(t *testing.T) {
	j, err := CompareJackknife(clustersC, clustersT, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "se", value(t, "se", j.SE), 0.21909210125505899, 1e-12)
	p, err := ComparePermuted(clustersC, clustersT)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "statistic", value(t, "statistic", p.Statistic), 1.200951943850979, 1e-12)
	if *p.Permutations != 35 || *p.Extreme != 9 || *p.PValue != 9.0/35 {
		t.Errorf("%d of %d, p %v", *p.Extreme, *p.Permutations, *p.PValue)
	}
	d, err := CompareClusters(clustersC, clustersT, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "statistic of the delta method", value(t, "statistic", d.Statistic), *p.Statistic, 1e-12)
}

// With clusters of one member each, the cluster methods are the methods for independent units: the delta
// method is Welch's test and the jackknife agrees with it.
func TestClusters_ofOne(t *testing.T) {
	r := random(5, 1)
	draw := func(n int) Clusters {
		var c Clusters
		for range n {
			c.Sums, c.Sizes = append(c.Sums, r.NormFloat64()), append(c.Sizes, 1)
		}
		return c
	}
	c, tr := draw(12), draw(17)
	want, err := Welch(MomentsOf(c.Sums), MomentsOf(tr.Sums), 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	delta, err := CompareClusters(c, tr, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	jack, err := CompareJackknife(c, tr, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []Comparison{delta, jack} {
		checkNear(t, "p", value(t, "p", got.PValue), *want.PValue, 1e-10)
		checkNear(t, "df", value(t, "df", got.DF), *want.DF, 1e-10)
	}
}

func TestClusters_edges(t *testing.T) {
	one := Clusters{Sums: []float64{3}, Sizes: []float64{2}}
	if p, err := ComparePermuted(one, clustersT); err != nil || p.PValue != nil || p.Reason != referral.ReasonNoData {
		t.Errorf("one cluster: %+v, %v", p, err)
	}
	// A difference without any variance is as extreme as can be, and so is its mirror image.
	flat := Clusters{Sums: []float64{1, 2, 3}, Sizes: []float64{1, 2, 3}}
	steep := Clusters{Sums: []float64{2, 4, 6}, Sizes: []float64{1, 2, 3}}
	if p, err := ComparePermuted(flat, steep); err != nil || *p.Permutations != 20 || *p.Extreme != 2 {
		t.Errorf("without variance: %+v, %v", p, err)
	}
	if p, err := ComparePermuted(flat, flat); err != nil || p.PValue != nil || p.Reason != referral.ReasonZeroVariance {
		t.Errorf("nothing differs: %+v, %v", p, err)
	}
	empty := Clusters{Sums: []float64{0, 0}, Sizes: []float64{0, 0}}
	if c, err := CompareClusters(empty, clustersT, 0.95, TwoSided); err != nil || c.Estimate != nil || c.Reason != ReasonZeroDenominator {
		t.Errorf("no members: %+v, %v", c, err)
	}
	for _, bad := range []Clusters{{Sums: []float64{1}}, {Sums: []float64{1}, Sizes: []float64{-1}}, {Sums: []float64{math.NaN()}, Sizes: []float64{1}}} {
		if _, err := CompareCR1(bad, clustersT, 0.95, TwoSided); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	big := Clusters{Sums: make([]float64, 40), Sizes: make([]float64, 40)}
	for i := range big.Sizes {
		big.Sizes[i], big.Sums[i] = 1, float64(i)
	}
	if _, err := ComparePermuted(big, big); !errors.Is(err, ErrInput) {
		t.Errorf("80 clusters: %v", err)
	}
}
