package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

var (
	armA = MomentsOf([]float64{5.1, 4.9, 6.2, 5.8, 5.5, 7.0})
	armB = MomentsOf([]float64{6.1, 7.2, 5.9, 8.4, 6.6})
)

// Reference: scipy 1.17.1, stats.ttest_ind(b, a, equal_var=False, alternative=…) and its
// confidence_interval(0.95).
func TestWelch(t *testing.T) {
	for _, c := range []struct {
		alt     Alternative
		p       float64
		lo, hi  float64
		hasLo   bool
		hasHigh bool
	}{
		{TwoSided, 0.08517310780451232, -0.1933326597767926, 2.373332659776794, true, true},
		{Greater, 0.04258655390225616, 0.05856388304014981, 0, true, false},
		{Less, 0.9574134460977438, 0, 2.1214361169598517, false, true},
	} {
		got, err := Welch(armA, armB, 0.95, c.alt)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "statistic", value(t, "statistic", got.Statistic), 1.9842247621605875, 1e-12)
		checkNear(t, "df", value(t, "df", got.DF), 7.44679676231636, 1e-12)
		checkNear(t, "p", value(t, "p", got.PValue), c.p, 1e-11)
		if (got.Lower != nil) != c.hasLo || (got.Upper != nil) != c.hasHigh {
			t.Fatalf("%s: limits %v, %v", c.alt, got.Lower, got.Upper)
		}
		if c.hasLo {
			checkNear(t, "lower", *got.Lower, c.lo, 1e-11)
		}
		if c.hasHigh {
			checkNear(t, "upper", *got.Upper, c.hi, 1e-11)
		}
	}
}

// Reference: scipy 1.17.1, stats.ttest_ind(b, a).
func TestPooled(t *testing.T) {
	got, err := Pooled(armA, armB, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "statistic", value(t, "statistic", got.Statistic), 2.0371690087352836, 1e-12)
	checkNear(t, "df", value(t, "df", got.DF), 9, 0)
	checkNear(t, "p", value(t, "p", got.PValue), 0.0720943029877021, 1e-11)
	checkNear(t, "lower", value(t, "lower", got.Lower), -0.12038131685541043, 1e-11)
	checkNear(t, "upper", value(t, "upper", got.Upper), 2.300381316855412, 1e-11)
}

// What cannot be known is absent with a reason; what can be is there.
func TestWelch_edges(t *testing.T) {
	f := referral.Float
	for _, c := range []struct {
		name    string
		c, t    Moments
		want    Comparison
		hasTest bool
	}{
		{name: "empty control", t: armB, want: Comparison{Treatment: f(armB.Mean), Reason: referral.ReasonNoData}},
		{name: "one unit", c: Moments{N: 1, Mean: 3}, t: Moments{N: 9, Mean: 5, Variance: 2}, want: Comparison{Control: f(3), Treatment: f(5), Estimate: f(2), Reason: referral.ReasonNoData}},
		{name: "no variance", c: Moments{N: 8, Mean: 3}, t: Moments{N: 9, Mean: 5}, want: Comparison{Control: f(3), Treatment: f(5), Estimate: f(2), SE: f(0), Reason: referral.ReasonZeroVariance}},
		{name: "one constant arm", c: Moments{N: 8, Mean: 3}, t: Moments{N: 9, Mean: 5, Variance: 4}, hasTest: true},
	} {
		got, err := Welch(c.c, c.t, 0.95, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		if c.hasTest {
			checkNear(t, "df of the other arm", value(t, "df", got.DF), 8, 1e-15)
			continue
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	for _, bad := range []Moments{{N: -1}, {N: 2, Mean: math.NaN()}, {N: 2, Variance: -1}, {N: 2, Mean: math.Inf(1)}} {
		if _, err := Welch(bad, armB, 0.95, TwoSided); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := Welch(armA, armB, 0.95, "larger"); !errors.Is(err, ErrInput) {
		t.Errorf("unknown alternative: %v", err)
	}
}

// Exchanging the arms negates the effect and mirrors the interval; p stays.
func TestWelch_antisymmetric(t *testing.T) {
	r := random(3, 5)
	for range 200 {
		a := Moments{N: 2 + r.Int64N(1000), Mean: r.NormFloat64(), Variance: r.ExpFloat64()}
		b := Moments{N: 2 + r.Int64N(1000), Mean: r.NormFloat64(), Variance: r.ExpFloat64()}
		x, err := Welch(a, b, 0.9, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		y, err := Welch(b, a, 0.9, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		if *x.Estimate != -*y.Estimate || *x.Lower != -*y.Upper || *x.PValue != *y.PValue {
			t.Fatalf("%+v and %+v", x, y)
		}
		if excluded := *x.Lower > 0 || *x.Upper < 0; excluded != (*x.PValue < 0.1) {
			t.Fatalf("interval [%v, %v] and p %v disagree", *x.Lower, *x.Upper, *x.PValue)
		}
	}
}

// A p-value of 1e-300 is not 0.
func TestWelch_farTail(t *testing.T) {
	a := Moments{N: 1_000_000, Mean: 0, Variance: 1}
	b := Moments{N: 1_000_000, Mean: 0.0523, Variance: 1}
	got, err := Welch(a, b, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	if p := value(t, "p", got.PValue); !(p > 1e-301 && p < 1e-295) {
		t.Errorf("p = %g at statistic %g", p, *got.Statistic)
	}
}
