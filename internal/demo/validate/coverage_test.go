package validate

import (
	"math"
	"testing"
)

func ptr(x float64) *float64 { return &x }

func TestInterval_Covers(t *testing.T) {
	for _, x := range []struct {
		lo, hi *float64
		want   bool
	}{
		{ptr(1), ptr(3), true},
		{ptr(2), ptr(3), true},
		{ptr(1), ptr(2), true},
		{ptr(2.1), ptr(3), false},
		{ptr(1), ptr(1.9), false},
		{nil, ptr(3), true},
		{nil, ptr(1), false},
		{ptr(1), nil, true},
		{ptr(3), nil, false},
	} {
		if got := (Interval{Truth: 2, Lo: x.lo, Hi: x.hi}).Covers(); got != x.want {
			t.Errorf("2 in %s: %v", Interval{Lo: x.lo, Hi: x.hi}, got)
		}
	}
}

func TestBounds(t *testing.T) {
	// By hand for five: P(0 hold) = 3e-7, P(≤ 1) = 3e-5, P(≤ 2) = 0.0012; all five hold with 0.77.
	if lo, hi := bounds(5, 1); lo != 2 || hi != 5 {
		t.Errorf("of 5 independent intervals %d to %d, want 2 to 5", lo, hi)
	}
	// Fifteen that count as five: the same shares.
	if lo, hi := bounds(15, 3); lo != 6 || hi != 15 {
		t.Errorf("of 15 intervals in threes %d to %d, want 6 to 15", lo, hi)
	}
	// A thousand: 950 ± 3.7 standard deviations of 6.9, and not symmetric.
	lo, hi := bounds(1000, 1)
	if lo < 919 || lo > 926 || hi < 970 || hi > 976 {
		t.Errorf("of 1,000 independent intervals %d to %d", lo, hi)
	}
	sum := 0.0
	for k := range 41 {
		sum += binomial(40, k, Level)
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("probabilities add up to %v", sum)
	}
}

// A family whose intervals are too narrow is found out.
func TestCover_findsWrongFamilies(t *testing.T) {
	family := func(name string, held, n int) []Interval {
		var out []Interval
		for i := range n {
			hi := 3.0
			if i >= held {
				hi = 1
			}
			out = append(out, Interval{Family: name, Truth: 2, Lo: ptr(0), Hi: &hi})
		}
		return out
	}
	for _, x := range []struct {
		family  string
		held, n int
		ok      bool
	}{
		{FamilyMatured, 38, 40, true},
		{FamilyMatured, 27, 40, false},     // 68 %: intervals of one standard error
		{FamilyPartner, 1800, 2000, false}, // 90 %
		{FamilyPartner, 1900, 2000, true},  // 95 %
		{FamilyPartner, 1990, 2000, false}, // 99.5 %: wider than they say
		{FamilyEffect, 2000, 2000, true},   // allowed to be
		{FamilyEffect, 1700, 2000, false},  // but not narrower
	} {
		cs := Cover(family(x.family, x.held, x.n))
		if len(cs) != 1 || cs[0].Held != x.held || cs[0].N != x.n {
			t.Fatalf("counted %+v", cs)
		}
		if cs[0].OK() != x.ok {
			t.Errorf("%s, %d of %d: ok is %v", x.family, x.held, x.n, cs[0].OK())
		}
	}
}
