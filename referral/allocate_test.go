package referral_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/referral"
)

func TestAllocate_worked(t *testing.T) {
	for _, c := range []struct {
		name    string
		amount  int64
		weights []int64
		want    []int64
	}{
		{"thirds of a euro", 100, []int64{1, 1, 1}, []int64{34, 33, 33}},
		{"the largest fraction first", 10, []int64{1, 3, 3}, []int64{2, 4, 4}}, // quotas 1.43 4.29 4.29: all to the first
		{"a refund mirrors its sale", -100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{"a zero weight earns nothing", 5, []int64{0, 2, 0}, []int64{0, 5, 0}},
		{"nothing to split", 0, []int64{1, 2}, []int64{0, 0}},
		{"no weight at all", 7, []int64{0, 0}, nil},
		{"the whole range", math.MinInt64, []int64{1, 1}, []int64{math.MinInt64 / 2, math.MinInt64 / 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, referral.Allocate(c.amount, c.weights)); diff != "" {
				t.Errorf("Allocate(%d, %v) (-want +got):\n%s", c.amount, c.weights, diff)
			}
		})
	}
}

// The parts add up, none is more than one unit from its quota, and whole weights give what the same
// weights as fractions give.
func TestAllocate_properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64().Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 9).Draw(t, "weights")
		weights[0]++
		var sum, total int64
		rats := make([]*big.Rat, len(weights))
		for i, w := range weights {
			sum += w
			rats[i] = big.NewRat(w, 7)
		}
		parts := referral.Allocate(amount, weights)
		for i, p := range parts {
			total += p
			off := new(big.Rat).SetInt64(p)
			off.Sub(off, new(big.Rat).Mul(new(big.Rat).SetInt64(amount), big.NewRat(weights[i], sum)))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("part %d is %d, %s from its quota", i, p, off.FloatString(3))
			}
		}
		if total != amount {
			t.Fatalf("parts add up to %d, not %d", total, amount)
		}
		if diff := cmp.Diff(parts, referral.AllocateRat(amount, rats)); diff != "" {
			t.Fatalf("fractions differ from whole weights:\n%s", diff)
		}
	})
}
