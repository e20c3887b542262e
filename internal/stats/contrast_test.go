package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"vouch/referral"
)

// The arms of a two by two design: neither side, one, the other, both.
func factorialArms() []Moments {
	return []Moments{
		MomentsOf([]float64{3, 1, 4, 1, 5, 9}), MomentsOf([]float64{2, 6, 5, 3, 5}),
		MomentsOf([]float64{8, 9, 7, 9, 3, 2, 3}), MomentsOf([]float64{8, 4, 6, 2, 6, 4, 3, 38}),
	}
}

// Estimate and standard error by statsmodels 0.15.0, OLS on four dummies, fit(cov_type="HC2").t_test(weights), whose
// variance in a saturated design is that of the cell means; degrees of freedom by the formula in numpy 2.4.6, p and limits by scipy
// 1.17.1, stats.t.
func TestContrast_factorial(t *testing.T) {
	for _, c := range []struct {
		weights                     []float64
		estimate, se, df, p, lo, hi float64
	}{
		{[]float64{-0.5, -0.5, 0.5, 0.5}, 3.3494047619047604, 2.2996636135010635, 9.746294901215556, 0.17670876738359317, -1.7927024462585237, 8.491511970068045},
		{[]float64{-0.5, 0.5, -0.5, 0.5}, 1.6922619047619039, 2.2996636135010635, 9.746294901215556, 0.47914302947078224, -3.4498453034013803, 6.834369112925188},
		{[]float64{1, -1, -1, 1}, 2.651190476190477, 4.599327227002127, 9.746294901215556, 0.5773930316189055, -7.633023940136091, 12.935404892517045},
	} {
		got, err := Contrast(c.weights, factorialArms(), 0.95, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		for name, pair := range map[string][2]float64{
			"estimate": {*got.Estimate, c.estimate}, "se": {*got.SE, c.se}, "df": {*got.DF, c.df}, "p": {*got.PValue, c.p}, "lower": {*got.Lower, c.lo}, "upper": {*got.Upper, c.hi},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-10*math.Abs(pair[1]) {
				t.Errorf("%v: %s %v, want %v", c.weights, name, pair[0], pair[1])
			}
		}
	}
}

// With weights −1 and 1 it is Welch's comparison; of more arms it does not depend on their order or on the scale of money.
func TestContrast_properties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 26))
	for range 200 {
		var arms []Moments
		for range 2 + r.IntN(4) {
			arms = append(arms, Moments{N: 2 + r.Int64N(500), Mean: r.NormFloat64() * 1e6, Variance: r.ExpFloat64() * 1e12})
		}
		w, err := Welch(arms[0], arms[1], 0.9, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		weights := make([]float64, len(arms))
		weights[0], weights[1] = -1, 1
		c, err := Contrast(weights, arms, 0.9, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(*c.PValue / *w.PValue - 1) > 1e-9 || math.Abs(*c.DF / *w.DF - 1) > 1e-9 || math.Abs(*c.Lower-*w.Lower) > 1e-9*math.Abs(*w.Lower) {
			t.Fatalf("%+v: %v, Welch %v", arms[:2], *c.PValue, *w.PValue)
		}
		for i := range weights {
			weights[i] = r.NormFloat64()
		}
		a, err := Contrast(weights, arms, 0.9, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		var back []float64
		var scaled []Moments
		for i := range arms {
			m := arms[len(arms)-1-i]
			scaled = append(scaled, Moments{N: m.N, Mean: m.Mean * 100, Variance: m.Variance * 1e4})
			back = append(back, weights[len(arms)-1-i])
		}
		b, err := Contrast(back, scaled, 0.9, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(*a.PValue-*b.PValue) > 1e-9 || math.Abs(*b.Estimate-100**a.Estimate) > 1e-6*math.Abs(*b.Estimate) {
			t.Fatalf("%+v, reversed and scaled %+v", a, b)
		}
	}
}

func TestContrast_edges(t *testing.T) {
	one, flat := Moments{N: 1, Mean: 2}, Moments{N: 9, Mean: 2}
	spread := Moments{N: 9, Mean: 3, Variance: 4}
	for name, c := range map[string]struct {
		weights []float64
		arms    []Moments
		reason  string
		value   float64 // NaN: absent
	}{
		"an arm of one unit":          {[]float64{-1, 1}, []Moments{one, spread}, referral.ReasonNoData, 1},
		"an arm of one unit left out": {[]float64{-1, 1, 0}, []Moments{flat, spread, one}, "", 1},
		"an arm without units":        {[]float64{-1, 1}, []Moments{{}, spread}, referral.ReasonNoData, math.NaN()},
		"no variance anywhere":        {[]float64{-1, 1}, []Moments{flat, flat}, referral.ReasonZeroVariance, 0},
		"all weights zero":            {[]float64{0, 0}, []Moments{flat, spread}, referral.ReasonNoData, math.NaN()},
		"no arms":                     {nil, nil, referral.ReasonNoData, math.NaN()},
	} {
		got, err := Contrast(c.weights, c.arms, 0.95, TwoSided)
		if err != nil || got.Reason != c.reason || (got.Estimate == nil) != math.IsNaN(c.value) || got.Estimate != nil && *got.Estimate != c.value || (got.PValue == nil) != (c.reason != "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	// One constant arm is fine: the degrees of freedom are those of the other.
	if got, err := Contrast([]float64{-1, 1}, []Moments{flat, spread}, 0.95, TwoSided); err != nil || *got.DF != 8 {
		t.Errorf("%+v, %v", got, err)
	}
	for name, f := range map[string]func() error{
		"lists of unequal length": func() error { _, err := Contrast([]float64{1}, nil, 0.95, TwoSided); return err },
		"a weight that is none":   func() error { _, err := Contrast([]float64{math.NaN()}, []Moments{flat}, 0.95, TwoSided); return err },
		"a level of one":          func() error { _, err := Contrast(nil, nil, 1, TwoSided); return err },
		"a negative variance": func() error {
			_, err := Contrast([]float64{1}, []Moments{{N: 3, Variance: -1}}, 0.95, TwoSided)
			return err
		},
	} {
		if err := f(); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
