package incentive

import (
	"fmt"
	"math/big"

	"vouch/referral"
)

// Rounding says where an amount between two minor units goes. All modes go to the nearest unit; they
// differ on ties only. The empty Rounding is HalfAway.
type Rounding string

// The rounding modes.
const (
	// HalfAway takes ties away from zero: 0.5 → 1, −0.5 → −1. A refund is the mirror image of its sale.
	HalfAway Rounding = "half_away"
	// HalfEven takes ties to the even neighbour: 0.5 → 0, 1.5 → 2.
	HalfEven Rounding = "half_even"
	// HalfUp takes ties upward: 0.5 → 1, −0.5 → 0, as JavaScript's Math.round does. A refund may then
	// differ from its sale by one unit.
	HalfUp Rounding = "half_up"
)

// Valid returns an error for a mode that does not exist.
func (m Rounding) Valid() error {
	switch m {
	case "", HalfAway, HalfEven, HalfUp:
		return nil
	}
	return fmt.Errorf("rounding %q is not one of half_away, half_even, half_up", string(m))
}

// Round returns the whole number nearest to x, ties by the mode, exactly. An unknown mode is an
// error, as is a result beyond 64 bits (it wraps referral.ErrRange).
func (m Rounding) Round(x *big.Rat) (int64, error) {
	if err := m.Valid(); err != nil {
		return 0, err
	}
	// floor and the doubled remainder against the denominator: x = floor + rest/den, 0 ≤ rest < den.
	floor, rest := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int))
	up := false
	switch rest.Lsh(rest, 1).Cmp(x.Denom()) {
	case 1:
		up = true
	case 0:
		switch m {
		case HalfEven:
			up = floor.Bit(0) == 1
		case HalfUp:
			up = true
		default: // HalfAway: the upper neighbour is farther from zero for positive x only
			up = x.Sign() > 0
		}
	}
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	return whole(floor)
}

// whole returns n as minor units.
func whole(n *big.Int) (int64, error) {
	if !n.IsInt64() {
		return 0, fmt.Errorf("%s minor units: %w", n, referral.ErrRange)
	}
	return n.Int64(), nil
}

// product rounds amount × rate.
func (m Rounding) product(amount int64, rate Decimal) (int64, error) {
	r := rate.Rat()
	return m.Round(r.Mul(r, new(big.Rat).SetInt64(amount)))
}

// sum adds whole amounts, refusing to overflow.
func sum(amounts []int64) (int64, error) {
	total := new(big.Int)
	for _, a := range amounts {
		total.Add(total, big.NewInt(a))
	}
	return whole(total)
}
