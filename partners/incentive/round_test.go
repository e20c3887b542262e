package incentive

import (
	"errors"
	"math/big"
	"testing"

	"vouch/referral"
)

// nearest is rounding by its definition: of all whole numbers around, the one at the least distance;
// of two at the same distance, the one that prefer chooses.
func nearest(x *big.Rat, prefer func(low, high int64) int64) int64 {
	var best []int64
	var least *big.Rat
	for n := int64(-60); n <= 60; n++ {
		d := new(big.Rat).Sub(x, new(big.Rat).SetInt64(n))
		d.Abs(d)
		switch {
		case least == nil || d.Cmp(least) < 0:
			least, best = d, []int64{n}
		case d.Cmp(least) == 0:
			best = append(best, n)
		}
	}
	if len(best) == 1 {
		return best[0]
	}
	return prefer(best[0], best[1])
}

func TestRounding_byDefinition(t *testing.T) {
	modes := map[Rounding]func(low, high int64) int64{
		"": func(low, high int64) int64 {
			if low < 0 {
				return low
			}
			return high
		},
		HalfEven: func(low, high int64) int64 {
			if low%2 == 0 {
				return low
			}
			return high
		},
		HalfUp: func(_, high int64) int64 { return high },
	}
	modes[HalfAway] = modes[""]
	for mode, prefer := range modes {
		for den := int64(1); den <= 12; den++ {
			for num := int64(-50); num <= 50; num++ {
				x := big.NewRat(num, den)
				got, err := mode.Round(x)
				if want := nearest(x, prefer); err != nil || got != want {
					t.Fatalf("%s of %s: %d, %v, want %d", mode, x, got, err, want)
				}
			}
		}
	}
}

func TestRounding_edges(t *testing.T) {
	const big63 = "9223372036854775807"
	if got, err := HalfAway.Round(dec(t, big63+".49999999999999999999").Rat()); err != nil || got != 1<<63-1 {
		t.Errorf("%d, %v", got, err)
	}
	for _, text := range []string{big63 + ".5", "-9223372036854775808.5", "1e300"} {
		if got, err := HalfAway.Round(dec(t, text).Rat()); !errors.Is(err, referral.ErrRange) {
			t.Errorf("%s: %d, %v", text, got, err)
		}
	}
	if got, err := HalfUp.Round(dec(t, "-9223372036854775808.5").Rat()); err != nil || got != -1<<63 {
		t.Errorf("%d, %v", got, err)
	}
	if _, err := Rounding("down").Round(new(big.Rat)); err == nil {
		t.Error("an unknown mode was accepted")
	}
	x := dec(t, "1.5").Rat()
	if _, err := HalfAway.Round(x); err != nil || x.RatString() != "3/2" {
		t.Errorf("the argument became %s", x.RatString())
	}
}
