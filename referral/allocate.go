package referral

import (
	"cmp"
	"math/big"
	"math/bits"
	"slices"
)

// Allocate splits a whole amount in proportion to the weights so that the parts add up to it: the
// largest-remainder rule.
//
//	quota_i = |amount| · w_i / Σ w;  part_i = ⌊quota_i⌋, then one more unit for the largest fractions
//
// Equal fractions are served from the lower index. A negative amount is the mirror image of the
// positive one, so a refund takes back exactly what its sale gave. Arithmetic is exact: products
// are held in 128 bits. Units: minor units, or millionths of an acquisition. Weights must not be
// negative and their sum must fit 64 bits. Nil if no weight is positive: there is nothing to split by.
// Checked against: worked examples and AllocateRat in allocate_test.go.
func Allocate(amount int64, weights []int64) []int64 {
	var sum uint64
	for _, w := range weights {
		sum += uint64(w)
	}
	if sum == 0 {
		return nil
	}
	u := magnitude(amount)
	parts, fraction, left := make([]int64, len(weights)), make([]uint64, len(weights)), u
	for i, w := range weights {
		hi, lo := bits.Mul64(u, uint64(w))
		q, r := bits.Div64(hi, lo, sum) // q ≤ u, because w ≤ sum
		parts[i], fraction[i] = int64(q), r
		left -= q
	}
	handOut(parts, left, func(a, b int) int { return cmp.Compare(fraction[b], fraction[a]) })
	return signed(parts, amount)
}

// AllocateRat is Allocate for fractional weights, in exact rational arithmetic.
func AllocateRat(amount int64, weights []*big.Rat) []int64 {
	sum := new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, w)
	}
	if sum.Sign() <= 0 {
		return nil
	}
	u := new(big.Int).SetUint64(magnitude(amount))
	parts, fraction, left := make([]int64, len(weights)), make([]*big.Rat, len(weights)), magnitude(amount)
	for i, w := range weights {
		quota := new(big.Rat).SetInt(u)
		quota.Mul(quota, w).Quo(quota, sum)
		floor := new(big.Int).Quo(quota.Num(), quota.Denom())
		parts[i] = int64(floor.Uint64())
		left -= floor.Uint64()
		fraction[i] = quota.Sub(quota, new(big.Rat).SetInt(floor))
	}
	handOut(parts, left, func(a, b int) int { return fraction[b].Cmp(fraction[a]) })
	return signed(parts, amount)
}

// handOut gives one unit each to the left parts that order puts first.
func handOut(parts []int64, left uint64, order func(a, b int) int) {
	if left == 0 {
		return
	}
	index := make([]int, len(parts))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, order)
	for _, i := range index[:left] {
		parts[i]++
	}
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func signed(parts []int64, amount int64) []int64 {
	if amount < 0 {
		for i := range parts {
			parts[i] = -parts[i]
		}
	}
	return parts
}
