package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"vouch/referral"
)

// drawClusters are clusters of unequal size whose members resemble each other.
func drawClusters(r *rand.Rand, k int, shift float64) Clusters {
	var c Clusters
	for range k {
		size := math.Ceil(r.ExpFloat64() * 20)
		c.Sizes = append(c.Sizes, size)
		c.Sums = append(c.Sums, size*(0.3+shift+0.1*r.NormFloat64()))
	}
	return c
}

// Draws estimate the share that all assignments give: within four standard errors of it.
func TestComparePermutedDraws_agreesWithAll(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shift := range []float64{0, 0.05, 0.1, 0.4} {
		c, x := drawClusters(r, 8, 0), drawClusters(r, 7, shift)
		all, err := ComparePermuted(c, x)
		if err != nil {
			t.Fatal(err)
		}
		const draws = 20_000
		some, err := ComparePermutedDraws(c, x, draws, 5)
		if err != nil {
			t.Fatal(err)
		}
		if *all.Permutations != 6435 || *some.Permutations != draws+1 || *all.Statistic != *some.Statistic {
			t.Errorf("%d of all, %d drawn, statistics %v and %v", *all.Permutations, *some.Permutations, *all.Statistic, *some.Statistic)
		}
		se := math.Sqrt(*all.PValue * (1 - *all.PValue) / draws)
		if math.Abs(*some.PValue-*all.PValue) > 4*se+1.0/draws {
			t.Errorf("shift %v: p %v of all, %v of draws", shift, *all.PValue, *some.PValue)
		}
		again, err := ComparePermutedDraws(c, x, draws, 5)
		if err != nil || *again.PValue != *some.PValue {
			t.Errorf("the same seed gives %v and %v: %v", *some.PValue, *again.PValue, err)
		}
	}
}

func TestComparePermutedDraws_edges(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c := drawClusters(r, 200, 0)
	// An effect beyond every draw is never impossible: one of all that were looked at.
	if p, err := ComparePermutedDraws(c, drawClusters(r, 200, 5), 999, 1); err != nil || *p.Extreme != 1 || *p.PValue != 1e-3 {
		t.Errorf("%+v, %v", p, err)
	}
	one, flat := Clusters{Sums: []float64{1}, Sizes: []float64{2}}, Clusters{Sums: []float64{1, 1}, Sizes: []float64{2, 2}}
	if p, err := ComparePermutedDraws(one, c, 10, 1); err != nil || p.PValue != nil || p.Reason != referral.ReasonNoData {
		t.Errorf("one cluster: %+v, %v", p, err)
	}
	if p, err := ComparePermutedDraws(flat, flat, 10, 1); err != nil || p.PValue != nil || p.Reason != referral.ReasonZeroVariance {
		t.Errorf("no variance: %+v, %v", p, err)
	}
	if _, err := ComparePermutedDraws(c, c, 0, 1); !errors.Is(err, ErrInput) {
		t.Errorf("no draws: %v", err)
	}
}

// BenchmarkComparePermutedDraws is the largest test of clusters that a read-out asks for: 500 clusters, 10,000 draws.
func BenchmarkComparePermutedDraws(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	c, x := drawClusters(r, 250, 0), drawClusters(r, 250, 0.05)
	for b.Loop() {
		if _, err := ComparePermutedDraws(c, x, 10_000, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDunnett compares eleven arms with one control, of the planned size each and of eleven sizes.
func BenchmarkDunnett(b *testing.B) {
	control := Moments{N: 9_000, Mean: 10, Variance: 30}
	for _, x := range []struct {
		name string
		more int64
	}{{"equal", 0}, {"unequal", 700}} {
		var arms []Moments
		for i := range 11 {
			arms = append(arms, Moments{N: 10_000 + x.more*int64(i), Mean: 10 + float64(i)/40, Variance: 30})
		}
		b.Run(x.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Dunnett(control, arms, 0.95, TwoSided); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
