package incentive

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// apportion tries every way to give each weight its floor or one unit more and keeps, among those
// that add up, the one that gives the extra units to the largest fractions; of equal ones the first
// in index order. It knows nothing of sorting by remainders.
func apportion(amount int64, weights []int64) []int64 {
	total := int64(0)
	for _, w := range weights {
		total += w
	}
	var best []int64
	bestGain := int64(-1)
	for set := range 1 << len(weights) {
		parts, left, gain := make([]int64, len(weights)), amount, int64(0)
		for i, w := range weights {
			parts[i] = amount * w / total
			if set&(1<<i) != 0 {
				parts[i]++
				gain += amount * w % total
			}
			left -= parts[i]
		}
		if left != 0 {
			continue
		}
		if gain > bestGain || gain == bestGain && slices.Compare(parts, best) > 0 {
			best, bestGain = parts, gain
		}
	}
	return best
}

func TestAllocate_againstAllWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 10_000).Draw(t, "amount")
		whole := rapid.SliceOfN(rapid.Int64Range(0, 9), 1, 8).Draw(t, "weights")
		if slices.Max(whole) == 0 {
			t.Skip("no weight")
		}
		weights, tenths := make([]Decimal, len(whole)), make([]Decimal, len(whole))
		for i, w := range whole {
			weights[i] = DecimalOf(w)
			tenths[i] = Decimal{big.NewRat(w, 10)}
		}
		got, err := Allocate(amount, weights)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(apportion(amount, whole), got); d != "" {
			t.Fatal(d)
		}
		// The scale of the weights means nothing, and a negative amount is the mirror image.
		scaled, err := Allocate(amount, tenths)
		if err != nil || !slices.Equal(got, scaled) {
			t.Fatalf("weights in tenths: %v, %v, want %v", scaled, err, got)
		}
		mirror, err := Allocate(-amount, weights)
		if err != nil {
			t.Fatal(err)
		}
		for i := range mirror {
			if mirror[i] != -got[i] {
				t.Fatalf("%v is not the mirror image of %v", mirror, got)
			}
		}
	})
}

func TestAllocate_addsUpAtAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64().Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Decimal {
			return Decimal{big.NewRat(rapid.Int64Range(1, 1<<40).Draw(t, "w"), 1_000_000)}
		}), 1, 20).Draw(t, "weights")
		parts, err := Allocate(amount, weights)
		if err != nil {
			t.Fatal(err)
		}
		total := new(big.Int)
		for _, p := range parts {
			total.Add(total, big.NewInt(p))
		}
		if total.Cmp(big.NewInt(amount)) != 0 {
			t.Fatalf("%v add up to %s, not %d", parts, total, amount)
		}
	})
}

func TestAllocate_hand(t *testing.T) {
	for name, c := range map[string]struct {
		amount  int64
		weights []Decimal
		want    []int64
	}{
		"a tie goes to the lower index":     {100, decs(t, "1", "1", "1"), []int64{34, 33, 33}},
		"decimals, not binary fractions":    {5, decs(t, "0.1", "0.1", "0.3"), []int64{1, 1, 3}},
		"a weight of zero gets nothing":     {7, decs(t, "0", "1", "0"), []int64{0, 7, 0}},
		"nothing is split into nothing":     {0, decs(t, "1", "2"), []int64{0, 0}},
		"the least 64-bit number":           {-1 << 63, decs(t, "1", "1"), []int64{-1 << 62, -1 << 62}},
		"odd and beyond exact floats":       {1<<53 - 1, decs(t, "1", "1"), []int64{1 << 52, 1<<52 - 1}},
		"one unit for the largest fraction": {1, decs(t, "0.3", "0.4", "0.3"), []int64{0, 1, 0}},
	} {
		got, err := Allocate(c.amount, c.weights)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
	for _, bad := range [][]Decimal{nil, decs(t, "0", "0"), decs(t, "2", "-1")} {
		if got, err := Allocate(10, bad); !errors.Is(err, ErrWeights) {
			t.Errorf("%v: %v, %v", bad, got, err)
		}
	}
}

func TestConvert(t *testing.T) {
	rates := []ExchangeRate{
		{"USD", "EUR", dec(t, "0.9")},
		{"USD", "JPY", dec(t, "149.5")},
		{"KWD", "USD", dec(t, "3.25")},
		{"USD", "KWD", dec(t, "0.3077")},
		{"ABC", "EUR", dec(t, "2")},
	}
	for _, c := range []struct {
		from referral.Money
		to   string
		want int64
	}{
		{referral.Money{Minor: 1001, Currency: "USD"}, "EUR", 901},   // 10.01 · 0.9 = 9.009
		{referral.Money{Minor: -1005, Currency: "USD"}, "EUR", -905}, // 9.045 ties away from zero
		{referral.Money{Minor: 1000, Currency: "USD"}, "JPY", 1495},  // no decimals
		{referral.Money{Minor: 1, Currency: "USD"}, "JPY", 1},        // 1.495
		{referral.Money{Minor: 12345, Currency: "KWD"}, "USD", 4012}, // 12.345 · 3.25 = 40.12125
		{referral.Money{Minor: 1000, Currency: "USD"}, "KWD", 3077},  // 10 · 0.3077 = 3.077
		{referral.Money{Minor: 150, Currency: "ABC"}, "EUR", 300},    // a code of no list has two decimals
		{referral.Money{Minor: 77, Currency: "EUR"}, "EUR", 77},      // needs no rate
		{referral.Money{Minor: -1 << 63, Currency: "CHF"}, "CHF", -1 << 63},
	} {
		got, err := Convert(c.from, c.to, rates, HalfAway)
		if want := (referral.Money{Minor: c.want, Currency: c.to}); err != nil || got != want {
			t.Errorf("%s to %s: %v, %v, want %v", c.from, c.to, got, err, want)
		}
	}
	// Neither the inverse nor a chain of two rates is a price.
	for _, c := range [][2]string{{"EUR", "USD"}, {"KWD", "EUR"}, {"USD", "CHF"}} {
		if got, err := Convert(referral.Money{Minor: 1, Currency: c[0]}, c[1], rates, HalfAway); !errors.Is(err, ErrNoRate) {
			t.Errorf("%v: %v, %v", c, got, err)
		}
	}
	if _, err := Convert(referral.Money{Minor: 1 << 62, Currency: "USD"}, "JPY", []ExchangeRate{{"USD", "JPY", dec(t, "1000")}}, ""); !errors.Is(err, referral.ErrRange) {
		t.Errorf("overflow: %v", err)
	}
}

func TestSum(t *testing.T) {
	usd := func(n int64) referral.Money { return referral.Money{Minor: n, Currency: "USD"} }
	rates := []ExchangeRate{{"USD", "EUR", dec(t, "0.5")}}
	// Each entry is rounded: 0.5 + 0.5 + 0.5 are 1 + 1 + 1 minor units, not round(1.5).
	total, converted, err := Sum([]referral.Money{usd(1), usd(1), usd(1)}, "EUR", rates, HalfAway)
	if err != nil || total.Minor != 3 || total.Currency != "EUR" || !slices.Equal(converted, []int64{1, 1, 1}) {
		t.Errorf("%v, %v, %v", total, converted, err)
	}
	total, _, err = Sum([]referral.Money{usd(100), usd(-30)}, "", nil, "")
	if err != nil || total != usd(70) {
		t.Errorf("%v, %v", total, err)
	}
	if _, _, err := Sum([]referral.Money{usd(1), {Minor: 1, Currency: "EUR"}}, "", rates, ""); !errors.Is(err, ErrNoRate) {
		t.Errorf("two currencies: %v", err)
	}
	if _, _, err := Sum(nil, "EUR", nil, ""); err == nil {
		t.Error("no amounts have a sum")
	}
	if _, _, err := Sum([]referral.Money{usd(1 << 62), usd(1 << 62)}, "", nil, ""); !errors.Is(err, referral.ErrRange) {
		t.Errorf("overflow: %v", err)
	}
}
