package attribution

import (
	"cmp"
	"math/big"
	"slices"

	"vouch/referral"
)

// Share is the part of one journey that belongs to one key.
type Share struct {
	Key    int // index in key order
	Weight *big.Rat
}

// ByKey adds the weights of touches with equal keys and returns one share per distinct key, in
// ascending key order: the order in which ties of a split are served. Shares without weight are
// left out.
func ByKey(path []int, weights []*big.Rat) []Share {
	sums := map[int]*big.Rat{}
	for i, k := range path {
		if weights[i].Sign() == 0 {
			continue
		}
		if sums[k] == nil {
			sums[k] = new(big.Rat)
		}
		sums[k].Add(sums[k], weights[i])
	}
	return inOrder(sums)
}

// SetShares gives every distinct key of a journey the same weight. It is the Shapley value of the
// game in which a set of keys is worth the conversions of the journeys whose keys all lie in it:
// such a game is a sum of unanimity games, and each of those is shared equally by its members.
// Source: Shapley (1953), A value for n-person games, in Contributions to the Theory of Games II.
func SetShares(path []int) []Share {
	sums := map[int]*big.Rat{}
	for _, k := range path {
		sums[k] = big.NewRat(1, 1)
	}
	return inOrder(sums)
}

// Split divides a whole amount over shares by largest remainder, so that the parts add up to it.
func Split(amount int64, shares []Share) []int64 {
	weights := make([]*big.Rat, len(shares))
	for i, s := range shares {
		weights[i] = s.Weight
	}
	return referral.AllocateRat(amount, weights)
}

func inOrder(sums map[int]*big.Rat) []Share {
	out := make([]Share, 0, len(sums))
	for k, w := range sums {
		out = append(out, Share{k, w})
	}
	slices.SortFunc(out, func(a, b Share) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
