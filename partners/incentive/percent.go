package incentive

import (
	"errors"
	"fmt"
)

// ErrRate says that a commission rate is negative.
var ErrRate = errors.New("a commission rate is not negative")

// Percent pays each amount at its rate, rounding each line once. rates holds one rate for all
// amounts, or one per amount. Amounts may be negative: a refund takes commission back. The rate is a
// fraction: 0.105 is 10.5 %.
func Percent(amounts []int64, rates []Decimal, mode Rounding) (commissions []int64, total int64, err error) {
	if len(rates) != 1 && len(rates) != len(amounts) {
		return nil, 0, fmt.Errorf("%d rates for %d amounts", len(rates), len(amounts))
	}
	for i, r := range rates {
		if r.Sign() < 0 {
			return nil, 0, fmt.Errorf("rate %d is %s: %w", i+1, r, ErrRate)
		}
	}
	commissions = make([]int64, len(amounts))
	for i, a := range amounts {
		rate := rates[0]
		if len(rates) > 1 {
			rate = rates[i]
		}
		if commissions[i], err = mode.product(a, rate); err != nil {
			return nil, 0, err
		}
	}
	total, err = sum(commissions)
	return commissions, total, err
}
