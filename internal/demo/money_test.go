package demo

import (
	"math/big"
	"testing"
	"time"

	"vouch/referral"
)

func TestRates_euros(t *testing.T) {
	c := testCalendar(t)
	r := rateTable{cal: c, byDay: map[string][]int64{}}
	for currency, rate := range map[string]int64{"USD": 925_000, "JPY": 6_135, "KWD": 3_021_500, "GBP": 1_170_001} {
		r.byDay[currency] = []int64{rate, 0, 0, 0, 0, 0, 0}
	}
	at := c.day(1)
	for _, x := range []struct {
		minor    int64
		currency string
		want     int64
	}{
		{1234, "EUR", 1234},
		{1000, "USD", 925},    // 10.00 × 0.925 = 9.25
		{20, "USD", 19},       // 0.185 rounds away from zero
		{-20, "USD", -19},     // in both directions
		{4500, "JPY", 2761},   // 4,500 × 0.006135 = 27.6075
		{9500, "KWD", 2870},   // 9.500 × 3.0215 = 28.70425
		{-9500, "KWD", -2870}, // and back
		{5, "KWD", 2},         // 0.0151075
		{0, "GBP", 0},
	} {
		if got := r.euros(x.minor, x.currency, at); got != x.want {
			t.Errorf("%d minor %s are %d cents, want %d", x.minor, x.currency, got, x.want)
		}
	}
}

// Against exact rational arithmetic, for every currency and many amounts.
func TestRates_eurosExact(t *testing.T) {
	w, err := newWorld(5, minPartners)
	if err != nil {
		t.Fatal(err)
	}
	s := newStream(1, "amounts", 0)
	for range 5000 {
		tf := tariffs[1+s.IntN(len(tariffs)-1)]
		minor, day := int64(s.IntN(3_000_000))-1_500_000, s.IntN(w.cal.days)
		rate, ok := new(big.Rat).SetString(decimals(w.rates.at(tf.currency, day)))
		if !ok {
			t.Fatal("rate is no number")
		}
		exact := new(big.Rat).Mul(rate, big.NewRat(minor, pow10(exponent(tf.currency))))
		exact.Mul(exact, big.NewRat(100, 1))
		got := w.rates.euros(minor, tf.currency, w.cal.day(day).Add(9*time.Hour))
		off := new(big.Rat).Sub(exact, big.NewRat(got, 1))
		switch off.Abs(off).Cmp(big.NewRat(1, 2)) {
		case 1:
			t.Fatalf("%d %s: %d cents, exactly %s", minor, tf.currency, got, exact.FloatString(6))
		case 0: // a half goes away from zero
			if e, _ := exact.Float64(); (e > 0) != (float64(got) > e) {
				t.Fatalf("half %s rounded to %d", exact.FloatString(1), got)
			}
		}
	}
}

func TestRates_weekendTakesFriday(t *testing.T) {
	c := testCalendar(t)
	r := newRates(1, c)
	friday := c.dayIndex(c.date("2026-02-13"))
	for currency := range r.byDay {
		want := r.at(currency, friday)
		if want == 0 || r.at(currency, friday+1) != want || r.at(currency, friday+2) != want {
			t.Errorf("%s: Friday %d, Saturday %d, Sunday %d", currency, want, r.at(currency, friday+1), r.at(currency, friday+2))
		}
		if r.byDay[currency][friday+1+rateLead] != 0 {
			t.Errorf("%s has a rate on a Saturday", currency)
		}
		if r.at(currency, 0) == 0 {
			t.Errorf("%s has no rate on the first day", currency)
		}
	}
}

func TestDecimals(t *testing.T) {
	for rate, want := range map[int64]string{925_000: "0.925000", 6_135: "0.006135", 3_000_001: "3.000001", 0: "0.000000"} {
		if got := decimals(rate); got != want {
			t.Errorf("%d millionths written as %s, want %s", rate, got, want)
		}
	}
}

func TestTariffs_areCurrencies(t *testing.T) {
	for _, tf := range tariffs {
		e, err := referral.Exponent(tf.currency)
		if err != nil {
			t.Error(err)
		}
		if e != exponent(tf.currency) || tariffOf(tf.currency).base != tf.base {
			t.Errorf("%s looked up wrongly", tf.currency)
		}
	}
	for _, r := range regions {
		tariffOf(r.currency) // panics if there is none
	}
}
