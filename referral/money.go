package referral

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Money is an amount in the smallest unit of its currency: 1234 of EUR is 12.34 euros, 1234 of JPY
// is 1,234 yen. It is never a float, so sums are exact and do not depend on their order.
type Money struct {
	Minor    int64  `json:"amount_minor"`
	Currency string `json:"currency"`
}

// Errors of amounts, for callers that report each of them differently.
var (
	// ErrCurrency says that a currency code is not one of ISO 4217.
	ErrCurrency = errors.New("unknown currency")
	// ErrAmount says that a text is not a decimal number.
	ErrAmount = errors.New("not an amount")
	// ErrPrecision says that an amount has more decimals than its currency.
	ErrPrecision = errors.New("more decimals than the currency has")
	// ErrRange says that an amount does not fit into 64 bits of minor units.
	ErrRange = errors.New("amount out of range")
)

// Unit is the unit in which a source writes amounts.
type Unit string

// The units a source may declare. Major is the unit people speak of (euros), minor the smallest
// coin (cents), micros a millionth of the major unit, as advertising platforms write it.
const (
	UnitMajor  Unit = "major"
	UnitMinor  Unit = "minor"
	UnitMicros Unit = "micros"
)

// Exponent returns the number of decimals of a currency by ISO 4217: 2 for EUR, 0 for JPY, 3 for
// KWD. The error wraps ErrCurrency when the code is unknown.
func Exponent(currency string) (int, error) {
	if e, ok := exponents[currency]; ok {
		return e, nil
	}
	return 0, fmt.Errorf("%q: %w", currency, ErrCurrency)
}

// ParseAmount reads a decimal text in the given unit and returns minor units of the currency.
//
// Accepted: an optional sign, digits, an optional point and further digits. No thousands
// separators, currency signs or exponents: a source that has them maps them away, because guessing
// turns 1.234 into either one euro or twelve hundred. Trailing zeros beyond the currency's decimals
// are harmless and accepted (12.340 EUR); any other further digit is ErrPrecision, since dropping
// it would change the money. Errors wrap ErrAmount, ErrPrecision, ErrRange or ErrCurrency.
func ParseAmount(text string, unit Unit, currency string) (int64, error) {
	exp, err := Exponent(currency)
	if err != nil {
		return 0, err
	}
	t := strings.TrimSpace(text)
	digits, scale, neg, ok := splitDecimal(t)
	if !ok {
		return 0, fmt.Errorf("%q: %w", text, ErrAmount)
	}
	var shift int // power of ten from the written unit to minor units
	switch unit {
	case UnitMajor, "":
		shift = exp
	case UnitMinor:
		shift = 0
	case UnitMicros:
		shift = exp - 6
	default:
		return 0, fmt.Errorf("unit %q: %w", unit, ErrAmount)
	}
	return scaleDigits(text, digits, shift-scale, neg)
}

// splitDecimal takes "-12.340" apart into digits "12340", scale 3 and the sign.
func splitDecimal(t string) (digits string, scale int, neg, ok bool) {
	if t != "" && (t[0] == '-' || t[0] == '+') {
		neg, t = t[0] == '-', t[1:]
	}
	whole, frac, point := strings.Cut(t, ".")
	if whole == "" && frac == "" || point && frac == "" {
		return "", 0, false, false
	}
	digits = whole + frac
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return "", 0, false, false
		}
	}
	return digits, len(frac), neg, true
}

// scaleDigits multiplies the digits by ten to the power of shift, refusing to lose a digit.
func scaleDigits(text, digits string, shift int, neg bool) (int64, error) {
	digits = strings.TrimLeft(digits, "0")
	for shift < 0 && strings.HasSuffix(digits, "0") {
		digits, shift = digits[:len(digits)-1], shift+1
	}
	if digits == "" {
		return 0, nil
	}
	if shift < 0 {
		return 0, fmt.Errorf("%q: %w", text, ErrPrecision)
	}
	if len(digits)+shift > 19 {
		return 0, fmt.Errorf("%q: %w", text, ErrRange)
	}
	n, ok := new(big.Int).SetString(digits+strings.Repeat("0", shift), 10)
	if !ok {
		return 0, fmt.Errorf("%q: %w", text, ErrAmount)
	}
	if neg {
		n.Neg(n)
	}
	if !n.IsInt64() {
		return 0, fmt.Errorf("%q: %w", text, ErrRange)
	}
	return n.Int64(), nil
}

// Decimal writes the amount in major units with exactly the currency's decimals: "-12.34". An
// unknown currency is written with two decimals.
func (m Money) Decimal() string {
	exp, err := Exponent(m.Currency)
	if err != nil {
		exp = 2
	}
	n := new(big.Int).SetInt64(m.Minor)
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	s := n.String()
	if exp == 0 {
		return sign + s
	}
	if len(s) <= exp {
		s = strings.Repeat("0", exp-len(s)+1) + s
	}
	return sign + s[:len(s)-exp] + "." + s[len(s)-exp:]
}

// String writes the currency and the amount: "EUR 12.34".
func (m Money) String() string { return m.Currency + " " + m.Decimal() }
