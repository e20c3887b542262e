package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// The first three rows are of Newcombe (1998), Statistics in Medicine 17, 873, table II, method 10;
// all by statsmodels 0.15.0, confint_proportions_2indep(method="newcomb", compare="diff").
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		t, c   Counts
		lo, hi float64
	}{
		{Counts{56, 70}, Counts{48, 80}, 0.05243147240236498, 0.33387265403690614},
		{Counts{9, 10}, Counts{3, 10}, 0.1705227239345029, 0.809017973535488},
		{Counts{5, 56}, Counts{0, 29}, -0.038137147903536936, 0.19256001385511165},
		{Counts{0, 10}, Counts{0, 20}, -0.1611251580528194, 0.27753279986288926},
		{Counts{10, 10}, Counts{0, 20}, 0.6790860371419145, 1},
	} {
		got, err := Newcombe(c.c, c.t, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "lower", value(t, "lower", got.Lower), c.lo, 1e-11)
		checkNear(t, "upper", value(t, "upper", got.Upper), c.hi, 1e-11)
		checkNear(t, "estimate", value(t, "estimate", got.Estimate), c.t.rate()-c.c.rate(), 0)
	}
}

func TestNewcombe_edges(t *testing.T) {
	got, err := Newcombe(Counts{}, Counts{1, 2}, 0.95)
	if err != nil || got.Estimate != nil || got.Lower != nil || got.Reason != referral.ReasonNoData || *got.Treatment != 0.5 {
		t.Errorf("no trials: %+v, %v", got, err)
	}
	for _, bad := range []Counts{{3, 2}, {-1, 2}, {0, -2}} {
		if _, err := Newcombe(bad, Counts{1, 2}, 0.95); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := Newcombe(Counts{1, 2}, Counts{1, 2}, math.NaN()); !errors.Is(err, ErrInput) {
		t.Errorf("level: %v", err)
	}
}
