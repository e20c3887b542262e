package stats

import (
	"errors"
	"math"
	"math/big"
	"testing"
)

// sums adds integers exactly, as the database does.
func sums(xs []int64) (n int64, sum, squares *big.Int) {
	sum, squares = new(big.Int), new(big.Int)
	for _, x := range xs {
		v := big.NewInt(x)
		sum.Add(sum, v)
		squares.Add(squares, new(big.Int).Mul(v, v))
	}
	return int64(len(xs)), sum, squares
}

// The values around 1e9 on which sums of squares in floating point give 0 or 14,510.
func TestMomentsOfSums_largeMean(t *testing.T) {
	for _, c := range []struct {
		xs             []int64
		mean, variance float64
	}{
		{[]int64{1_000_000_001, 1_000_000_002, 1_000_000_003}, 1_000_000_002, 1},
		{[]int64{1 << 61, 1<<61 + 2}, 1<<61 + 1, 2},
		{[]int64{-5}, -5, 0},
		{nil, 0, 0},
		{[]int64{0, 0, 0, 7}, 1.75, 12.25},
	} {
		n, s, q := sums(c.xs)
		m, err := MomentsOfSums(n, s, q)
		if err != nil {
			t.Fatal(err)
		}
		if m != (Moments{N: n, Mean: c.mean, Variance: c.variance}) {
			t.Errorf("%v: %+v", c.xs, m)
		}
	}
}

// The three ways to moments agree on the same values, whatever the split into parts.
func TestMoments_agree(t *testing.T) {
	r := random(7, 1)
	for range 200 {
		xs := make([]int64, 2+r.IntN(40))
		fs := make([]float64, len(xs))
		base := r.Int64N(1 << 30) // beyond, the rounded means of the parts are what limits merging
		for i := range xs {
			xs[i] = base + r.Int64N(1000)
			fs[i] = float64(xs[i])
		}
		n, s, q := sums(xs)
		want, err := MomentsOfSums(n, s, q)
		if err != nil {
			t.Fatal(err)
		}
		cut := r.IntN(len(fs) + 1)
		merged := MergeMoments(MomentsOf(fs[:cut]), Moments{}, MomentsOf(fs[cut:]))
		for _, got := range []Moments{MomentsOf(fs), merged} {
			if got.N != want.N {
				t.Fatalf("%d values, want %d", got.N, want.N)
			}
			checkNear(t, "mean", got.Mean, want.Mean, 1e-15)
			checkNear(t, "variance", got.Variance, want.Variance, 1e-9)
		}
	}
}

func TestMomentsOf_near2to52(t *testing.T) {
	m := MomentsOf([]float64{1<<52 + 1, 1<<52 + 2, 1<<52 + 3, 1<<52 + 6})
	if m.Mean != 1<<52+3 || !near(m.Variance, 14.0/3, 1e-15) {
		t.Errorf("%+v", m)
	}
}

func TestMomentsOfSums_refuses(t *testing.T) {
	if _, err := MomentsOfSums(2, big.NewInt(10), big.NewInt(49)); !errors.Is(err, ErrInput) {
		t.Errorf("impossible sums: %v", err)
	}
	if _, err := MomentsOfSums(-1, big.NewInt(0), big.NewInt(0)); !errors.Is(err, ErrInput) {
		t.Errorf("negative n: %v", err)
	}
}

func TestShare(t *testing.T) {
	if got := Share(3, 12); got != (Moments{N: 12, Mean: 0.25, Variance: 0.1875}) {
		t.Errorf("%+v", got)
	}
	if got := Share(0, 0); got != (Moments{}) {
		t.Errorf("%+v", got)
	}
}

func TestSum_compensated(t *testing.T) {
	if got := Sum([]float64{1, 1e100, 1, -1e100}); got != 2 {
		t.Errorf("Sum = %v", got)
	}
	if math.Signbit(Sum(nil)) || Sum(nil) != 0 {
		t.Error("an empty sum is not 0")
	}
}
