package incentive

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// ErrWeights says that weights cannot split an amount.
var ErrWeights = errors.New("weights cannot split an amount")

// Allocate splits an amount in proportion to weights without losing or inventing a unit, by the
// method of largest remainders:
//
//	quota_i = |amount| · w_i / Σw,   part_i = ⌊quota_i⌋
//
// and the units left over go one each to the largest fractional parts, ties to the lower index. The
// parts add up to the amount; the parts of a negative amount are those of its mirror image. All
// arithmetic is on exact fractions. Weights must not be negative, and not all of them zero.
//
// Source: Hare–Niemeyer apportionment; Balinski & Young (1982), Fair Representation, ch. 3.
func Allocate(amount int64, weights []Decimal) ([]int64, error) {
	total := new(big.Rat)
	for i, w := range weights {
		if w.Sign() < 0 {
			return nil, fmt.Errorf("weight %d is negative: %w", i+1, ErrWeights)
		}
		total.Add(total, w.Rat())
	}
	if total.Sign() == 0 {
		return nil, fmt.Errorf("no weight is above 0: %w", ErrWeights)
	}
	abs := new(big.Int).Abs(big.NewInt(amount))
	type share struct {
		index int
		rest  *big.Rat
	}
	parts, shares, left := make([]*big.Int, len(weights)), make([]share, len(weights)), new(big.Int).Set(abs)
	for i, w := range weights {
		quota := w.Rat()
		quota.Mul(quota, new(big.Rat).SetInt(abs)).Quo(quota, total)
		parts[i] = new(big.Int).Quo(quota.Num(), quota.Denom())
		left.Sub(left, parts[i])
		shares[i] = share{i, quota.Sub(quota, new(big.Rat).SetInt(parts[i]))}
	}
	slices.SortStableFunc(shares, func(a, b share) int { return cmp.Or(b.rest.Cmp(a.rest), cmp.Compare(a.index, b.index)) })
	// The remainders are below 1 each, so fewer units are left than there are weights.
	for _, s := range shares[:left.Int64()] {
		parts[s.index].Add(parts[s.index], big.NewInt(1))
	}
	out := make([]int64, len(parts))
	for i, p := range parts {
		if amount < 0 {
			p.Neg(p)
		}
		out[i] = p.Int64() // |part| ≤ |amount|
	}
	return out, nil
}
