package stats

import (
	"errors"
	"math"
	"testing"
)

// Jennison and Turnbull (2000), Group Sequential Methods, tables 2.1 and 2.3 (constants) and 2.2 and 2.4
// (inflation at power 0.9), two-sided, to the three decimals printed there.
func TestLooks_tables(t *testing.T) {
	for _, c := range []struct {
		looks                int
		alpha                float64 // per side
		pocock, obf          float64
		inflationP, inflateO float64 // 0: not compared
	}{
		{1, 0.025, 1.960, 1.960, 1, 1},
		{2, 0.025, 2.178, 1.977, 1.100, 1.007},
		{3, 0.025, 2.289, 2.004, 1.151, 1.016},
		{4, 0.025, 2.361, 2.024, 1.183, 1.022},
		{5, 0.025, 2.413, 2.040, 1.207, 1.026},
		{6, 0.025, 2.453, 2.053, 0, 0},
		{7, 0.025, 2.485, 2.063, 0, 0},
		{8, 0.025, 2.512, 2.072, 0, 0},
		{9, 0.025, 2.535, 2.080, 0, 0},
		{10, 0.025, 2.555, 2.087, 1.271, 1.037},
		{20, 0.025, 2.672, 2.126, 0, 0},
		{5, 0.005, 2.986, 2.621, 0, 0},
		{10, 0.005, 3.117, 2.660, 0, 0},
		{5, 0.05, 2.122, 1.751, 0, 0},
		{10, 0.05, 2.270, 1.801, 0, 0},
	} {
		p := Looks{c.looks, c.alpha, 2}
		for _, s := range []struct {
			name           string
			shape          BoundaryShape
			want, inflated float64
		}{{"Pocock", Pocock, c.pocock, c.inflationP}, {"O'Brien-Fleming", OBrienFleming, c.obf, c.inflateO}} {
			b, err := p.Boundary(s.shape)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(b.Constant-s.want) > 6e-4 {
				t.Errorf("%s, %+v: %v, want %v", s.name, p, b.Constant, s.want)
			}
			f, err := p.Inflation(s.shape, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			if got := value(t, "inflation", f); s.inflated > 0 && math.Abs(got-s.inflated) > 6e-4 {
				t.Errorf("%s, %+v: inflation %v, want %v", s.name, p, got, s.inflated)
			}
		}
	}
}

// Reference: R's rpact 3.3.4, getDesignGroupSequential(typeOfDesign = "P" or "OF"), two-sided, to its
// ten digits.
func TestLooks_rpact(t *testing.T) {
	for _, c := range []struct {
		looks       int
		alpha       float64
		pocock, obf float64
	}{
		{2, 0.025, 2.178272088731154, 1.9774309592941448},
		{5, 0.025, 2.413176220080744, 2.0400731748193413},
		{10, 0.025, 2.5550127703738936, 2.086502180738727},
		{5, 0.005, 2.9862718318358454, 2.621170568707936},
		{5, 0.05, 2.1216824963419865, 1.750865761036185},
	} {
		for shape, want := range map[string]float64{"P": c.pocock, "OF": c.obf} {
			f := map[string]BoundaryShape{"P": Pocock, "OF": OBrienFleming}[shape]
			b, err := Looks{c.looks, c.alpha, 2}.Boundary(f)
			if err != nil {
				t.Fatal(err)
			}
			checkNear(t, shape, b.Constant, want, 1e-9)
		}
	}
}

// A boundary is crossed as often as planned, on one or both sides, whatever the error rate.
func TestLooks_definition(t *testing.T) {
	for _, p := range []Looks{{3, 0.49, 1}, {3, 0.49, 2}, {7, 0.1, 1}, {4, 1e-12, 2}, {3, 1e-200, 1}, {60, 0.025, 2}} {
		for _, shape := range []BoundaryShape{Pocock, OBrienFleming} {
			b, err := p.Boundary(shape)
			if err != nil {
				t.Fatal(err)
			}
			w := &walk{sides: p.Sides}
			for k, c := range b.Critical {
				w.add(float64(k+1)/float64(p.Looks), c)
			}
			checkNear(t, "crossed", w.upper(0), p.AlphaPerSide, 1e-9)
			if p.Sides == 2 && p.AlphaPerSide > 1e-3 {
				checkNear(t, "not crossed", w.stay(0), 1-2*p.AlphaPerSide, 1e-9)
			}
		}
	}
	// Two sides stop a little more often: the upper boundary is crossed less, so it may be lower.
	one, err := Looks{4, 0.1, 1}.Boundary(Pocock)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Looks{4, 0.1, 2}.Boundary(Pocock)
	if err != nil || !(two.Constant < one.Constant) {
		t.Errorf("two sides %v, one %v, %v", two.Constant, one.Constant, err)
	}
}

// The drift of the inflated sample has the power, on each side of one half and near its ends.
func TestLooks_Inflation(t *testing.T) {
	for _, p := range []Looks{{5, 0.025, 2}, {5, 0.025, 1}, {3, 0.3, 2}} {
		for _, power := range []float64{0.32, 0.4, 0.8, 0.999999, 1 - 1e-12} {
			f, err := p.Inflation(Pocock, power)
			if err != nil {
				t.Fatal(err)
			}
			b, err := p.Boundary(Pocock)
			if err != nil {
				t.Fatal(err)
			}
			theta := math.Sqrt(value(t, "inflation", f)) * (NormalQuantile(power) - NormalQuantile(p.AlphaPerSide))
			w := p.walk(Pocock, b.Constant)
			missed := w.stay(theta)
			if p.Sides == 2 {
				missed += w.upper(-theta)
			}
			checkNear(t, "power", w.upper(theta), power, 1e-10)
			checkNear(t, "power missed", missed, 1-power, 1e-9)
		}
	}
}

func TestLooks_refusals(t *testing.T) {
	good := Looks{3, 0.025, 2}
	for _, p := range []Looks{{0, 0.025, 2}, {-1, 0.025, 2}, {maxLooks + 1, 0.025, 2}, {3, 0, 2}, {3, 0.5, 2}, {3, math.NaN(), 1}, {3, 0.025, 0}, {3, 0.025, 3}} {
		if _, err := p.Boundary(Pocock); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", p, err)
		}
		if _, err := p.Inflation(Pocock, 0.8); !errors.Is(err, ErrInput) {
			t.Errorf("inflation of %+v: %v", p, err)
		}
	}
	for _, power := range []float64{0, 0.025, 1, math.NaN()} {
		if _, err := good.Inflation(OBrienFleming, power); !errors.Is(err, ErrInput) {
			t.Errorf("power %v: %v", power, err)
		}
	}
}
