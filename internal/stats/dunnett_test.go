package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Dunnett (1955), JASA 50, table 1 (one-sided), and (1964), Biometrics 20, table II (two-sided), 95 %, to
// the two decimals printed there.
func TestDunnettCritical_tables(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		k    int
		df   float64
		alt  Alternative
		want float64
	}{
		{1, 20, Greater, 1.72},
		{2, 20, Greater, 2.03},
		{3, 20, Greater, 2.19},
		{3, inf, Greater, 2.06},
		{9, inf, Greater, 2.42},
		{2, 16, TwoSided, 2.42},
		{2, 20, TwoSided, 2.38},
		{4, 20, TwoSided, 2.65},
		{2, inf, TwoSided, 2.21},
		{9, inf, TwoSided, 2.69},
	} {
		got, err := DunnettCritical(c.k, c.df, 0.95, c.alt)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(*got-c.want) > 0.006 {
			t.Errorf("k %d, df %g, %s: %v, want %v", c.k, c.df, c.alt, *got, c.want)
		}
	}
}

// One treatment is Student's test, whatever the correlation with the control.
func TestDunnettTail_oneTreatment(t *testing.T) {
	for _, df := range []float64{2, 5, 30, 1000, 1e6, math.Inf(1)} {
		for _, c := range []float64{0.3, 2, 6} {
			for _, b := range []float64{0.2, math.Sqrt(0.5), 0.95} {
				checkNear(t, "two-sided", dunnettTail(c, []float64{b}, df, true), 2*StudentUpperTail(c, df), 1e-7)
				checkNear(t, "one-sided", dunnettTail(c, []float64{b}, df, false), StudentUpperTail(c, df), 1e-7)
			}
		}
	}
}

// The family's tail lies between one treatment's and Bonferroni's.
func TestDunnettTail_bounds(t *testing.T) {
	b := []float64{0.6, 0.7, 0.8, 0.5}
	for _, c := range []float64{1, 2, 3, 5} {
		one, all := 2*StudentUpperTail(c, 25), dunnettTail(c, b, 25, true)
		if !(all > one && all < 4*one) {
			t.Errorf("at %v: %v, one %v", c, all, one)
		}
	}
}

// Reference: scipy 1.17.1, stats.dunnett, whose randomised integration is good to three digits.
func TestDunnett(t *testing.T) {
	control := MomentsOf([]float64{7.4, 8.5, 7.2, 8.24, 9.84, 8.32})
	treatments := []Moments{MomentsOf([]float64{9.76, 8.8, 7.68, 9.36}), MomentsOf([]float64{12.8, 9.68, 12.16, 9.2, 10.55})}
	got, err := Dunnett(control, treatments, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range []struct{ stat, p float64 }{{0.85703213, 0.62011239}, {3.69375231, 0.00589832}} {
		checkNear(t, "statistic", got.Statistic[i], w.stat, 1e-8)
		checkNear(t, "p", got.PValue[i], w.p, 2e-2)
		if excludes := *got.Lower[i] > 0 || *got.Upper[i] < 0; excludes != (got.PValue[i] < 0.05) {
			t.Errorf("interval [%v, %v] and p %v disagree", *got.Lower[i], *got.Upper[i], got.PValue[i])
		}
	}
	// One-sided: the side that is not asked about has no limit, and the directions mirror each other.
	up, err := Dunnett(control, treatments, 0.95, Greater)
	if err != nil {
		t.Fatal(err)
	}
	negated := func(m Moments) Moments { return Moments{m.N, -m.Mean, m.Variance} }
	down, err := Dunnett(negated(control), []Moments{negated(treatments[0]), negated(treatments[1])}, 0.95, Less)
	if err != nil {
		t.Fatal(err)
	}
	if up.Upper[0] != nil || down.Lower[0] != nil || math.Abs(*up.Lower[1]+*down.Upper[1]) > 1e-9 || up.PValue[1] != down.PValue[1] {
		t.Errorf("%+v and %+v", up, down)
	}
}

func TestDunnett_edges(t *testing.T) {
	some := Moments{5, 1, 1}
	if got, err := Dunnett(Moments{1, 1, 0}, []Moments{some}, 0.95, TwoSided); err != nil || got.Reason != referral.ReasonNoData {
		t.Errorf("one unit: %+v, %v", got, err)
	}
	if got, err := Dunnett(Moments{5, 1, 0}, []Moments{{5, 2, 0}}, 0.95, TwoSided); err != nil || got.Reason != referral.ReasonZeroVariance || got.PValue != nil {
		t.Errorf("no variance: %+v, %v", got, err)
	}
	_, err := Dunnett(some, nil, 0.95, TwoSided)
	_, err2 := DunnettCritical(0, 5, 0.95, TwoSided)
	_, err3 := DunnettCritical(2, 0, 0.95, TwoSided)
	_, err4 := DunnettCritical(2, 5, 1, TwoSided)
	for _, err := range []error{err, err2, err3, err4} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}
