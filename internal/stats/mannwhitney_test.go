package stats

import (
	"errors"
	"math"
	"slices"
	"testing"

	"vouch/referral"
)

// Reference: scipy 1.17.1, stats.mannwhitneyu(treatment, control, alternative=…, method=…).
func TestMannWhitney_references(t *testing.T) {
	counts, further := []float64{3, 3, 4, 5, 8, 9, 0, 0, 0, 1}, []float64{4, 6, 6, 9, 12, 0, 1, 7}
	c, tr := []float64{1.1, 2.7, 3.9, 8.5, 0.2, 6.1, 7.7}, []float64{2.2, 9.1, 5.5, 8.8, 10.3}
	var odd, even []float64
	for i := range 60 {
		odd = append(odd, float64(2*i+1))
	}
	for i := range 50 {
		even = append(even, float64(2*i+14))
	}
	for _, w := range []struct {
		name                    string
		f                       func(c, t []float64, alt Alternative) (Test, error)
		c, t                    []float64
		u, two, greater, lesser float64
	}{
		{"ties", MannWhitney, counts, further, 55, 0.1941334641326854, 0.0970667320663427, 0.9174308751669379},
		{"normal", MannWhitney, c, tr, 27, 0.14385186965485364, 0.07192593482742682, 0.9478116567001219},
		{"exact", MannWhitneyExact, c, tr, 27, 0.148989898989899, 0.0744949494949495, 0.946969696969697},
		{"larger", MannWhitneyExact, odd, even, 1575, 0.6559677304743842, 0.3279838652371921, 0.6741746546644106},
	} {
		for alt, want := range map[Alternative]float64{TwoSided: w.two, Greater: w.greater, Less: w.lesser} {
			got, err := w.f(w.c, w.t, alt)
			if err != nil {
				t.Fatal(err)
			}
			checkNear(t, w.name+" U", *got.Statistic, w.u, 0)
			checkNear(t, w.name+" p "+string(alt), *got.PValue, want, 1e-12)
		}
	}
}

// The exact test is the listing of all orders, and U the count of pairs.
func TestMannWhitneyExact_listed(t *testing.T) {
	for n := 1; n <= 5; n++ {
		for m := 1; m <= 5; m++ {
			pick := make([]int, m)
			for i := range pick {
				pick[i] = i
			}
			var all []float64
			var arms [][2][]float64
			for more := true; more; more = nextChoice(pick, n+m) {
				var c, tr []float64
				for i := range n + m {
					if slices.Contains(pick, i) {
						tr = append(tr, float64(i))
					} else {
						c = append(c, float64(i))
					}
				}
				u := 0.0
				for _, x := range tr {
					for _, y := range c {
						if x > y {
							u++
						}
					}
				}
				all, arms = append(all, u), append(arms, [2][]float64{c, tr})
			}
			for i, a := range arms {
				above, below := 0.0, 0.0
				for _, u := range all {
					if u >= all[i] {
						above++
					}
					if u <= all[i] {
						below++
					}
				}
				k := float64(len(all))
				for alt, want := range map[Alternative]float64{Greater: above / k, Less: below / k, TwoSided: math.Min(1, 2*math.Min(above, below)/k)} {
					got, err := MannWhitneyExact(a[0], a[1], alt)
					if err != nil {
						t.Fatal(err)
					}
					checkNear(t, "U", *got.Statistic, all[i], 0)
					checkNear(t, "p", *got.PValue, want, 1e-13)
				}
			}
		}
	}
}

// Complete separation of 300 and 200 values has probability 1/C(500, 200), far below what a p-value taken as
// one minus the rest could show. Adding ties counts them half.
func TestMannWhitney_tails(t *testing.T) {
	var low, high []float64
	for i := range 300 {
		low = append(low, float64(i))
	}
	for i := range 200 {
		high = append(high, float64(1000+i))
	}
	got, err := MannWhitneyExact(low, high, Greater)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "log p", math.Log(*got.PValue), math.Log(501)+logBeta(201, 301), 1e-12)
	if got, err := MannWhitney([]float64{1, 2, 2}, []float64{2, 2, 3}, TwoSided); err != nil || *got.Statistic != 2*(1+0.5+0.5)+3 {
		t.Errorf("ties: %+v, %v", got, err)
	}
}

// Values counted by hand give the test of the same values one by one.
func TestMannWhitneyTied(t *testing.T) {
	one, err := MannWhitney([]float64{0, 0, 0, 3, 3, 7}, []float64{0, 3, 5, 5, 5, 5, 9}, Greater)
	if err != nil {
		t.Fatal(err)
	}
	counted, err := MannWhitneyTied([]Tied{{0, 3}, {3, 1}, {3, 1}, {7, 1}}, []Tied{{0, 1}, {3, 1}, {5, 4}, {9, 1}}, Greater)
	if err != nil || *counted.PValue != *one.PValue || *counted.Statistic != 1.5+4+4*5+6 {
		t.Errorf("%+v, one by one %+v, %v", counted, one, err)
	}
	for name, bad := range map[string][]Tied{"falling": {{3, 1}, {0, 2}}, "of nobody": {{3, 0}}, "negative": {{1, 2}, {3, -1}}} {
		if _, err := MannWhitneyTied(bad, []Tied{{1, 1}}, TwoSided); !errors.Is(err, ErrInput) {
			t.Errorf("%s: accepted with %v", name, err)
		}
	}
}

func TestMannWhitney_edges(t *testing.T) {
	if got, err := MannWhitney([]float64{2, 2}, []float64{2}, TwoSided); err != nil || got.PValue != nil || *got.Statistic != 1 || got.Reason != referral.ReasonZeroVariance {
		t.Errorf("all equal: %+v, %v", got, err)
	}
	for _, f := range []func(c, t []float64, alt Alternative) (Test, error){MannWhitney, MannWhitneyExact} {
		if got, err := f(nil, []float64{1}, TwoSided); err != nil || got.PValue != nil || got.Reason != referral.ReasonNoData {
			t.Errorf("no values: %+v, %v", got, err)
		}
		_, err := f([]float64{math.NaN()}, []float64{1}, TwoSided)
		_, err2 := f([]float64{1}, []float64{2}, "up")
		if !errors.Is(err, ErrInput) || !errors.Is(err2, ErrInput) {
			t.Errorf("accepted: %v, %v", err, err2)
		}
	}
	_, err := MannWhitneyExact([]float64{1, 2}, []float64{2, 3}, TwoSided)
	big := make([]float64, 2000)
	for i := range big {
		big[i] = float64(2 * i)
	}
	shifted := slices.Clone(big)
	for i := range shifted {
		shifted[i]++
	}
	_, err2 := MannWhitneyExact(big, shifted, TwoSided)
	if !errors.Is(err, ErrInput) || !errors.Is(err2, ErrInput) {
		t.Errorf("ties or size accepted: %v, %v", err, err2)
	}
}
