package incentive

import (
	"fmt"
	"math/big"
)

// Clawback returns the entries that refunds of a sale add to the ledger, and the commission that
// remains. After each refund the total taken back is
//
//	round(commission · refunded so far / original amount)
//
// and the entry is the negative step to it. Rounding the running total, not each part, makes the
// parts add up: refunding the whole sale in any number of parts takes back exactly the commission.
// The sale must be positive, refunds not negative and together no more than the sale.
func Clawback(amount, commission int64, refunds []int64, mode Rounding) (entries []int64, remaining int64, err error) {
	if amount <= 0 {
		return nil, 0, fmt.Errorf("a sale of %d cannot be refunded", amount)
	}
	if commission < 0 {
		return nil, 0, fmt.Errorf("a commission of %d cannot be taken back", commission)
	}
	entries = make([]int64, len(refunds))
	refunded, taken := int64(0), int64(0)
	for i, r := range refunds {
		if r < 0 {
			return nil, 0, fmt.Errorf("refund %d is %d, less than nothing", i+1, r)
		}
		if r > amount-refunded {
			return nil, 0, fmt.Errorf("refund %d of %d exceeds what is left of the sale, %d", i+1, r, amount-refunded)
		}
		refunded += r
		due := new(big.Rat).SetFrac(big.NewInt(refunded), big.NewInt(amount))
		target, err := mode.Round(due.Mul(due, new(big.Rat).SetInt64(commission)))
		if err != nil {
			return nil, 0, err
		}
		entries[i] = taken - target
		taken = target
	}
	return entries, commission - taken, nil
}
