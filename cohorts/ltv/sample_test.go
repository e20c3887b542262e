package ltv

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNewSample(t *testing.T) {
	s, err := NewSample([]Pattern{
		{History{2, 5, 9}, 1}, {History{0, 0, 9}, 3}, {History{2, 4, 9}, 1}, {History{1, 3, 3}, 0}, {History{2, 5, 9}, 2},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Pattern{{History{0, 0, 9}, 3}, {History{2, 4, 9}, 1}, {History{2, 5, 9}, 3}}
	if diff := cmp.Diff(want, s.Patterns()); diff != "" {
		t.Error(diff)
	}
	if s.Customers() != 7 || s.Repeaters() != 4 {
		t.Errorf("%d customers, %d of them repeated", s.Customers(), s.Repeaters())
	}
	for _, bad := range [][]Pattern{
		nil,
		{{History{0, 0, 9}, 0}},
		{{History{-1, 0, 9}, 1}},
		{{History{1, 0, 9}, 1}},
		{{History{0, 2, 9}, 1}},
		{{History{1, 10, 9}, 1}},
		{{History{1, -2, 9}, 1}},
		{{History{1, 2, math.Inf(1)}, 1}},
		{{History{1, math.NaN(), 9}, 1}},
		{{History{0, 0, 9}, -1}},
		{{History{0, 0, 9}, math.MaxInt64}, {History{0, 0, 8}, 1}},
	} {
		if _, err := NewSample(bad); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// One row a customer, or one a pattern, in any order: the same to the last digit.
func TestSample_orderAndCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := aSample(t)
		var each []Pattern
		for _, p := range s.Patterns() {
			for range p.Count {
				each = append(each, Pattern{p.History, 1})
			}
		}
		shuffled, err := NewSample(rapid.Permutation(each).Draw(t, "order"))
		if err != nil {
			t.Fatal(err)
		}
		p := [4]float64{0.4, 6, 0.8, 2}
		for _, m := range []Repeat{BGNBD(fields(p)), MBGNBD(fields(p)), ParetoNBD{p[0], p[1], p[2], p[3]}, NBD{p[0], p[1]}} {
			if a, b := m.LogLikelihood(s), m.LogLikelihood(shuffled); a != b {
				t.Errorf("%T: %v and %v", m, a, b)
			}
		}
	})
}

// Time has no natural unit: weeks in place of days multiply α and β and leave all else as it is.
func TestFit_unitOfTime(t *testing.T) {
	weeks := []Pattern{
		{History{0, 0, 30}, 60},
		{History{1, 12, 30}, 12},
		{History{1, 3, 20}, 9},
		{History{2, 25, 30}, 7},
		{History{4, 12, 26}, 5},
		{History{6, 28, 30}, 4},
		{History{11, 19, 20}, 2},
		{History{3, 9, 30}, 6},
	}
	days := make([]Pattern, len(weeks))
	for i, p := range weeks {
		days[i] = Pattern{History{p.Repeats, p.Recency * 7, p.Age * 7}, p.Count}
	}
	a, err := NewSample(weeks)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewSample(days)
	if err != nil {
		t.Fatal(err)
	}
	f, g := FitBGNBD(a), FitBGNBD(b)
	if !f.Usable() || !g.Usable() {
		t.Fatalf("%+v and %+v", f, g)
	}
	for i, factor := range []float64{1, 7, 1, 1} {
		near(t, f.Parameters[i].Name, g.Parameters[i].Value, factor*f.Parameters[i].Value, 1e-5, 0)
	}
	h := History{2, 20, 30}
	near(t, "expected", g.Model.Expected(History{2, 140, 210}, 70), f.Model.Expected(h, 10), 1e-5, 0)
}

func TestHorizon_refuses(t *testing.T) {
	m := NBD{0.4, 6}
	good := Horizon{Periods: 3, Length: 1, Unit: Month, Model: Week, Discount: 0.01}
	if v, err := good.Purchases(m, History{}); err != nil || v <= 0 {
		t.Fatalf("%v, %v", v, err)
	}
	for _, change := range []func(z *Horizon){
		func(z *Horizon) { z.Periods = 0 }, func(z *Horizon) { z.Length = 0 }, func(z *Horizon) { z.Length = math.NaN() },
		func(z *Horizon) { z.Discount = -1 }, func(z *Horizon) { z.Unit = "fortnight" }, func(z *Horizon) { z.Model = "" },
	} {
		bad := good
		change(&bad)
		if _, err := bad.Purchases(m, History{}); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := good.Purchases(m, History{Repeats: 1}); !errors.Is(err, ErrInput) {
		t.Errorf("a repeat at no time: %v", err)
	}
	// Without a discount the periods add up to the whole.
	free := Horizon{Periods: 12, Length: 1, Unit: Month, Model: Day}
	v, err := free.Purchases(m, History{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "a year", v, m.ExpectedNew(365.25), 1e-12, 0)
}
