package incentive

import (
	"fmt"
	"math/big"
)

// Payout is the fixed payout of an action where several levels name one.
type Payout struct {
	Default int64
	Custom  *int64 // of the partner's group or contract, instead of Default
	User    *int64 // of this partner, instead of everything
	// TierIncrease is a share added to Default or Custom: 0.1 is 10 %.
	TierIncrease Decimal
}

// Sources of a payout.
const (
	SourceDefault = "default"
	SourceCustom  = "custom"
	SourceUser    = "user"
)

// Resolve returns the payout in force and the level it comes from: that of the user as it is, else
// (custom or default) · (1 + tier increase), rounded once.
//
// Checked against Everflow, A Guide To Payout Priority: $2 default, $3 custom, +10 % pays $3.30.
func (p Payout) Resolve(mode Rounding) (payout int64, source string, err error) {
	for _, x := range []*int64{&p.Default, p.Custom, p.User} {
		if x != nil && *x < 0 {
			return 0, "", fmt.Errorf("a payout of %d is negative", *x)
		}
	}
	if p.TierIncrease.Sign() < 0 {
		return 0, "", fmt.Errorf("a tier increase of %s is negative", p.TierIncrease)
	}
	if p.User != nil {
		return *p.User, SourceUser, nil
	}
	base, source := p.Default, SourceDefault
	if p.Custom != nil {
		base, source = *p.Custom, SourceCustom
	}
	factor := p.TierIncrease.Rat()
	payout, err = mode.product(base, Decimal{factor.Add(factor, big.NewRat(1, 1))})
	return payout, source, err
}
