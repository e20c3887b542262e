package incentive

import (
	"errors"
	"fmt"
	"math/big"

	"vouch/referral"
)

// ErrNoRate says that amounts of different currencies meet and no rate was given for them.
var ErrNoRate = errors.New("no exchange rate")

// ExchangeRate is the price of one major unit of From in major units of To.
type ExchangeRate struct {
	From, To string
	Rate     Decimal
}

// Convert returns the amount in another currency at a rate, rounded once:
//
//	minor_to = round(minor_from / 10^e_from · rate · 10^e_to)
//
// with e the decimals of the currency (2 for a code that ISO 4217 does not list). Only a rate for
// exactly this pair is used: neither inverses nor cross rates, which would invent a price nobody
// quoted. The error wraps ErrNoRate when there is none.
func Convert(m referral.Money, to string, rates []ExchangeRate, mode Rounding) (referral.Money, error) {
	if m.Currency == to {
		return m, nil
	}
	for _, r := range rates {
		if r.From != m.Currency || r.To != to {
			continue
		}
		x := r.Rate.Rat()
		x.Mul(x, new(big.Rat).SetInt64(m.Minor))
		x.Mul(x, scale(decimals(to)-decimals(m.Currency)))
		minor, err := mode.Round(x)
		return referral.Money{Minor: minor, Currency: to}, err
	}
	return referral.Money{}, fmt.Errorf("%s to %s: %w", m.Currency, to, ErrNoRate)
}

// decimals returns the decimals of a currency, 2 if the code is not listed.
func decimals(currency string) int {
	e, err := referral.Exponent(currency)
	if err != nil {
		return 2
	}
	return e
}

// scale returns ten to the power of n.
func scale(n int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}

// Sum converts each amount to one currency, rounding each, and adds up the rounded amounts. With an
// empty to, all amounts must share one currency. It returns the converted amounts beside the total.
func Sum(amounts []referral.Money, to string, rates []ExchangeRate, mode Rounding) (total referral.Money, converted []int64, err error) {
	if len(amounts) == 0 {
		return total, nil, errors.New("no amounts")
	}
	if to == "" {
		to = amounts[0].Currency
		for _, m := range amounts {
			if m.Currency != to {
				return total, nil, fmt.Errorf("%s and %s without a currency to convert to: %w", to, m.Currency, ErrNoRate)
			}
		}
	}
	converted = make([]int64, len(amounts))
	for i, m := range amounts {
		c, err := Convert(m, to, rates, mode)
		if err != nil {
			return total, nil, err
		}
		converted[i] = c.Minor
	}
	minor, err := sum(converted)
	return referral.Money{Minor: minor, Currency: to}, converted, err
}
