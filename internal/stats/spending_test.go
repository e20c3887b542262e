package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

func quarters() []float64 { return []float64{0.25, 0.5, 0.75, 1} }

func hwang(t *testing.T, alpha, gamma float64) Spending {
	t.Helper()
	s, err := HwangShihDeCani(alpha, gamma)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func kim(t *testing.T, alpha, rho float64) Spending {
	t.Helper()
	s, err := KimDeMets(alpha, rho)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Reference: R's rpact 3.3.4, getDesignGroupSequential with typeOfDesign asOF, asP, asKD (gammaA = 2) and
// asHSD (gammaA = −4), alpha = 0.025 one-sided, or 0.05 two-sided for the last; to its six digits.
func TestSpending_rpact(t *testing.T) {
	for _, c := range []struct {
		name        string
		s           Spending
		information []float64
		sides       int
		want        []float64
	}{
		{"asOF", LanDeMetsOBrienFleming(0.025), []float64{0.5, 1}, 1, []float64{2.9625880427275666, 1.9685956406371212}},
		{"asOF", LanDeMetsOBrienFleming(0.025), []float64{0.1, 0.35, 0.7, 1}, 1, []float64{6.991351707077417, 3.612788737382411, 2.440575692659856, 2.0001864219989165}},
		{"asP", LanDeMetsPocock(0.025), []float64{0.2, 0.4, 0.6, 0.8, 1}, 1, []float64{2.4379766880500116, 2.4268138584449472, 2.41019414251791, 2.396649265416059, 2.3859996498735385}},
		{"asKD", kim(t, 0.025, 2), quarters(), 1, []float64{2.9551668474978383, 2.5593501561269796, 2.300855311824281, 2.0919668574808172}},
		{"asHSD", hwang(t, 0.025, -4), quarters(), 1, []float64{3.1553730326596154, 2.8183471543897145, 2.43913179868629, 2.013647324110362}},
		{"asOF, two-sided", LanDeMetsOBrienFleming(0.025), quarters(), 2, []float64{4.332633646051611, 2.9631315976782546, 2.3590442853077636, 2.0140901440547347}},
	} {
		got, err := c.s.Boundary(c.information, c.sides)
		if err != nil {
			t.Fatal(err)
		}
		for k, want := range c.want {
			checkNear(t, c.name, value(t, c.name, got.Critical[k]), want, 2e-6)
		}
	}
}

// Spending the error rate of both sides through the function is a mistake: 3.920 instead of 4.333.
func TestSpending_perSide(t *testing.T) {
	b, err := LanDeMetsOBrienFleming(0.05).Boundary(quarters(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if c := *b.Critical[0]; math.Abs(c-3.750) > 6e-4 {
		t.Errorf("0.05 per side starts at %v", c)
	}
	mistaken := -NormalQuantile(LanDeMetsOBrienFleming(0.05).Spent(0.25) / 2)
	if math.Abs(mistaken-3.920) > 6e-4 {
		t.Errorf("half of what 0.05 spends gives %v", mistaken)
	}
}

// Every function starts at 0, ends at alpha, grows, and adds up over any cut.
func TestSpending_functions(t *testing.T) {
	const alpha = 0.03
	for name, s := range map[string]Spending{
		"OBF": LanDeMetsOBrienFleming(alpha), "Pocock": LanDeMetsPocock(alpha),
		"KD 1": kim(t, alpha, 1), "KD 0.3": kim(t, alpha, 0.3), "KD 7": kim(t, alpha, 7),
		"HSD 0": hwang(t, alpha, 0), "HSD 1e-18": hwang(t, alpha, 1e-18), "HSD -4": hwang(t, alpha, -4), "HSD 3": hwang(t, alpha, 3),
		"HSD 1e-9": hwang(t, alpha, 1e-9), "HSD -900": hwang(t, alpha, -900), "HSD 900": hwang(t, alpha, 900),
	} {
		checkNear(t, name+" at the end", s.Spent(1), alpha, 1e-13)
		before := 0.0
		for _, at := range []float64{0.1, 0.11, 0.5, 0.9, 1} {
			got := s.Spent(at)
			if !(got >= before && got <= alpha) {
				t.Errorf("%s spends %v by %v, before %v", name, got, at, before)
			}
			checkNear(t, name, s.between(0, 0.05)+s.between(0.05, at), s.between(0, at), 1e-12)
			before = got
		}
	}
	checkNear(t, "KD 1 at 0.4", kim(t, alpha, 1).Spent(0.4), 0.4*alpha, 1e-14)
	checkNear(t, "HSD 0 at 0.4", hwang(t, alpha, 0).Spent(0.4), 0.4*alpha, 1e-14)
	checkNear(t, "HSD −4 at 0.5", hwang(t, alpha, -4).Spent(0.5), alpha*math.Expm1(2)/math.Expm1(4), 1e-14)
	checkNear(t, "Pocock at 0.5", LanDeMetsPocock(alpha).Spent(0.5), alpha*math.Log(1+(math.E-1)/2), 1e-14)
}

// Each look stops with what it may spend, and boundaries of earlier looks do not depend on later ones.
func TestSpending_definition(t *testing.T) {
	r := random(31, 3)
	for range 40 {
		alpha := []float64{0.4, 0.025, 1e-4, 1e-100}[r.IntN(4)]
		s := []Spending{LanDeMetsOBrienFleming(alpha), LanDeMetsPocock(alpha), kim(t, alpha, 0.5+3*r.Float64()), hwang(t, alpha, 12*(r.Float64()-0.5))}[r.IntN(4)]
		var information []float64
		at := 0.0
		for k := range 6 {
			at += (1 - at) * math.Pow(10, -4*r.Float64()) * 0.9
			if k == 5 {
				at = 1
			}
			information = append(information, at)
		}
		sides := 1 + r.IntN(2)
		b, err := s.Boundary(information, sides)
		if err != nil {
			t.Fatal(err)
		}
		early, err := s.Boundary(information[:3], sides)
		if err != nil {
			t.Fatal(err)
		}
		w, before := &walk{sides: sides}, 0.0
		for k, at := range information {
			spend, c := s.between(before, at), math.Inf(1)
			if b.Critical[k] != nil {
				c = *b.Critical[k]
				checkNear(t, "spent", w.exit(at, c, 0), spend, 1e-9)
			} else if spend > 1e-307 {
				t.Errorf("no critical value for %v", spend)
			}
			if k < 3 && b.Critical[k] != nil && *early.Critical[k] != c {
				t.Errorf("look %d: %v, with later looks %v", k, *early.Critical[k], c)
			}
			w.add(at, c)
			before = at
		}
	}
}

// One look at the end is the fixed test, for both numbers of sides; one look before it has its share.
func TestSpending_oneLook(t *testing.T) {
	for sides := 1; sides <= 2; sides++ {
		b, err := LanDeMetsOBrienFleming(0.025).Boundary([]float64{1}, sides)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "critical", *b.Critical[0], 1.9599639845400545, 1e-14)
		checkNear(t, "spent", b.CumulativeAlpha[0], 0.025, 1e-14)
	}
	b, err := kim(t, 0.025, 1).Boundary([]float64{0.5}, 1)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "half way", *b.Critical[0], -NormalQuantile(0.0125), 1e-14)
}

// A look so early that it may spend nothing has no critical value, and later ones are as without it.
func TestSpending_nothingToSpend(t *testing.T) {
	with, err := LanDeMetsOBrienFleming(0.025).Boundary([]float64{1e-4, 0.5, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	without, err := LanDeMetsOBrienFleming(0.025).Boundary([]float64{0.5, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if with.Critical[0] != nil || with.CumulativeAlpha[0] != 0 || with.Reason != referral.ReasonUnbounded || without.Reason != "" {
		t.Errorf("%+v and %+v", with, without)
	}
	checkNear(t, "look 2", *with.Critical[1], *without.Critical[0], 1e-12)
	checkNear(t, "look 3", *with.Critical[2], *without.Critical[1], 1e-12)
}

func TestSpending_refusals(t *testing.T) {
	good := LanDeMetsPocock(0.025)
	for _, information := range [][]float64{nil, {0}, {-0.5, 1}, {0.5, 0.5}, {0.5, 0.4, 1}, {0.5, 1.1}, {math.NaN()}, {0.5, math.NaN()}, {math.Inf(1)}, make([]float64, maxLooks+1)} {
		if _, err := good.Boundary(information, 1); !errors.Is(err, ErrInput) {
			t.Errorf("%.3v: %v", information, err)
		}
	}
	for _, alpha := range []float64{0, -1, 0.5, 2, math.NaN()} {
		if _, err := LanDeMetsOBrienFleming(alpha).Boundary(quarters(), 1); !errors.Is(err, ErrInput) {
			t.Errorf("alpha %v: %v", alpha, err)
		}
	}
	_, err := good.Boundary(quarters(), 3)
	_, err2 := KimDeMets(0.025, 0)
	_, err3 := KimDeMets(0.025, math.Inf(1))
	_, err4 := HwangShihDeCani(0.025, math.NaN())
	for _, err := range []error{err, err2, err3, err4} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}
