package referral

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	for _, c := range []struct {
		text     string
		unit     Unit
		currency string
		want     int64
		err      error
	}{
		{"12.34", UnitMajor, "EUR", 1234, nil},
		{"12.34", "", "EUR", 1234, nil}, // major is the default
		{"12", UnitMajor, "EUR", 1200, nil},
		{"-0.05", UnitMajor, "EUR", -5, nil},
		{"+7", UnitMajor, "EUR", 700, nil},
		{".5", UnitMajor, "EUR", 50, nil},
		{" 12.34 ", UnitMajor, "EUR", 1234, nil},
		{"0012.340", UnitMajor, "EUR", 1234, nil},
		{"0.00000", UnitMajor, "EUR", 0, nil},
		{"-0", UnitMajor, "EUR", 0, nil},
		{"12.345", UnitMajor, "EUR", 0, ErrPrecision},
		{"12.345", UnitMajor, "KWD", 12345, nil},
		{"12.3456", UnitMajor, "KWD", 0, ErrPrecision},
		{"1000", UnitMajor, "JPY", 1000, nil},
		{"1000.0", UnitMajor, "JPY", 1000, nil},
		{"1000.5", UnitMajor, "JPY", 0, ErrPrecision},
		{"1.2345", UnitMajor, "CLF", 12345, nil},
		{"1234", UnitMinor, "EUR", 1234, nil},
		{"1234.00", UnitMinor, "EUR", 1234, nil},
		{"1234.5", UnitMinor, "EUR", 0, ErrPrecision},
		{"12340000", UnitMicros, "EUR", 1234, nil},
		{"12345678", UnitMicros, "EUR", 0, ErrPrecision},
		{"5000000", UnitMicros, "JPY", 5, nil},
		{"500", UnitMicros, "JPY", 0, ErrPrecision},
		{"1", UnitMicros, "EUR", 0, ErrPrecision},
		{"92233720368547758.07", UnitMajor, "EUR", math.MaxInt64, nil},
		{"92233720368547758.08", UnitMajor, "EUR", 0, ErrRange},
		{"-92233720368547758.08", UnitMajor, "EUR", math.MinInt64, nil},
		{"1" + strings.Repeat("0", 40), UnitMajor, "EUR", 0, ErrRange},
		{"1" + strings.Repeat("0", 24), UnitMicros, "EUR", 0, ErrRange},
		{"1,234.50", UnitMajor, "EUR", 0, ErrAmount},
		{"12,34", UnitMajor, "EUR", 0, ErrAmount},
		{"€12", UnitMajor, "EUR", 0, ErrAmount},
		{"1e3", UnitMajor, "EUR", 0, ErrAmount},
		{"NaN", UnitMajor, "EUR", 0, ErrAmount},
		{"0x10", UnitMajor, "EUR", 0, ErrAmount},
		{"1_000", UnitMajor, "EUR", 0, ErrAmount},
		{"", UnitMajor, "EUR", 0, ErrAmount},
		{"-", UnitMajor, "EUR", 0, ErrAmount},
		{".", UnitMajor, "EUR", 0, ErrAmount},
		{"5.", UnitMajor, "EUR", 0, ErrAmount},
		{"--5", UnitMajor, "EUR", 0, ErrAmount},
		{"1.2.3", UnitMajor, "EUR", 0, ErrAmount},
		{"12 34", UnitMajor, "EUR", 0, ErrAmount},
		{"٣", UnitMajor, "EUR", 0, ErrAmount}, // digits of other scripts
		{"5", "cents", "EUR", 0, ErrAmount},
		{"5", UnitMajor, "EURO", 0, ErrCurrency},
		{"5", UnitMajor, "eur", 0, ErrCurrency},
		{"5", UnitMajor, "", 0, ErrCurrency},
	} {
		got, err := ParseAmount(c.text, c.unit, c.currency)
		if got != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%q %s %s: %d, %v; want %d, %v", c.text, c.unit, c.currency, got, err, c.want, c.err)
		}
	}
}

func currencies() *rapid.Generator[string] {
	codes := []string{}
	for c := range Currencies() {
		codes = append(codes, c)
	}
	return rapid.SampledFrom(codes)
}

func TestParseAmount_readsWhatDecimalWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Money{rapid.Int64().Draw(t, "minor"), currencies().Draw(t, "currency")}
		got, err := ParseAmount(m.Decimal(), UnitMajor, m.Currency)
		if err != nil || got != m.Minor {
			t.Fatalf("%s is read as %d, %v", m, got, err)
		}
	})
	for c := range Currencies() {
		for _, n := range []int64{math.MinInt64, -1, 0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10000, math.MaxInt64} {
			m := Money{n, c}
			if got, err := ParseAmount(m.Decimal(), UnitMajor, c); err != nil || got != n {
				t.Errorf("%s is read as %d, %v", m, got, err)
			}
		}
	}
}

// TestParseAmount_isExactRationalArithmetic compares with big.Rat: text × 10^shift when that is a
// whole 64-bit number, refused otherwise.
func TestParseAmount_isExactRationalArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+-]?[0-9]{1,22}(\.[0-9]{1,9})?`).Draw(t, "text")
		unit := rapid.SampledFrom([]Unit{UnitMajor, UnitMinor, UnitMicros}).Draw(t, "unit")
		currency := currencies().Draw(t, "currency")
		exp, err := Exponent(currency)
		if err != nil {
			t.Fatal(err)
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		shift := map[Unit]int{UnitMajor: exp, UnitMinor: 0, UnitMicros: exp - 6}[unit]
		ten := new(big.Rat).SetInt64(10)
		for range max(shift, -shift) {
			if shift > 0 {
				want.Mul(want, ten)
			} else {
				want.Quo(want, ten)
			}
		}
		got, err := ParseAmount(text, unit, currency)
		switch {
		case !want.IsInt():
			if !errors.Is(err, ErrPrecision) && !errors.Is(err, ErrRange) {
				t.Fatalf("%q %s %s is not whole, got %d, %v", text, unit, currency, got, err)
			}
		case !want.Num().IsInt64():
			if !errors.Is(err, ErrRange) {
				t.Fatalf("%q %s %s is too large, got %d, %v", text, unit, currency, got, err)
			}
		case err != nil || got != want.Num().Int64():
			t.Fatalf("%q %s %s is %s, got %d, %v", text, unit, currency, want, got, err)
		}
	})
}

func TestMoney_text(t *testing.T) {
	for m, want := range map[Money]string{
		{1234, "EUR"}: "EUR 12.34", {-5, "EUR"}: "EUR -0.05", {0, "EUR"}: "EUR 0.00", {1234, "JPY"}: "JPY 1234", {-7, "KWD"}: "KWD -0.007",
		{math.MinInt64, "EUR"}: "EUR -92233720368547758.08", {5, "CLF"}: "CLF 0.0005", {1234, "???"}: "??? 12.34",
	} {
		if got := m.String(); got != want {
			t.Errorf("%d %s is written %q, want %q", m.Minor, m.Currency, got, want)
		}
	}
}

func TestExponent(t *testing.T) {
	// ISO 4217, table A.1.
	for code, want := range map[string]int{"EUR": 2, "USD": 2, "JPY": 0, "KRW": 0, "ISK": 0, "KWD": 3, "TND": 3, "CLF": 4, "CHF": 2, "XOF": 0, "UGX": 0, "MGA": 2} {
		if got, err := Exponent(code); err != nil || got != want {
			t.Errorf("%s: %d, %v", code, got, err)
		}
	}
	for _, code := range []string{"", "EU", "eur", "XXX", "BTC"} {
		if _, err := Exponent(code); !errors.Is(err, ErrCurrency) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestCurrencies_isACopy(t *testing.T) {
	Currencies()["EUR"] = 9
	if e, err := Exponent("EUR"); err != nil || e != 2 {
		t.Errorf("a caller changed the table: %d, %v", e, err)
	}
	for c, e := range Currencies() {
		if len(c) != 3 || strings.ToUpper(c) != c || e < 0 || e > 4 {
			t.Errorf("%q with %d decimals", c, e)
		}
	}
}
