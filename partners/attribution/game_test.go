package attribution_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/partners/attribution"
)

// The value is the average over every order in which the players may arrive of what each adds.
func TestShapley_averageOverArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "players")
		v := rapid.SliceOfN(rapid.Float64Range(-100, 100), 1<<n, 1<<n).Draw(t, "v")
		v[0] = 0
		want, orders := make([]float64, n), 0.0
		var arrive func(set, depth int, added []float64)
		arrive = func(set, depth int, added []float64) {
			if depth == n {
				orders++
				for i, a := range added {
					want[i] += a
				}
				return
			}
			for i := range n {
				if set>>i&1 == 0 {
					next := append([]float64{}, added...)
					next[i] = v[set|1<<i] - v[set]
					arrive(set|1<<i, depth+1, next)
				}
			}
		}
		arrive(0, 0, make([]float64, n))
		for i := range want {
			want[i] /= orders
		}
		got, err := attribution.Shapley(n, v)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-10)); diff != "" {
			t.Fatalf("(-arrivals +formula):\n%s", diff)
		}
	})
}

func TestShapley_refused(t *testing.T) {
	for name, v := range map[string][]float64{
		"nobody has a worth": {1, 2}, "too few coalitions": {0}, "not a number": {0, math.NaN()},
	} {
		if _, err := attribution.Shapley(1, v); !errors.Is(err, attribution.ErrInput) {
			t.Errorf("%s: error %v, want ErrInput", name, err)
		}
	}
	if _, err := attribution.Shapley(16, make([]float64, 1<<16)); !errors.Is(err, attribution.ErrInput) {
		t.Errorf("16 players: error %v, want ErrInput", err)
	}
}

func TestDropOne(t *testing.T) {
	// Without A the path converts at .02 instead of .06, without B at .05.
	m, s, fallback, err := attribution.DropOne([]string{"A", "B"}, map[string]float64{"A > B": .06, "B": .02, "A": .05})
	if err != nil || fallback {
		t.Fatal(fallback, err)
	}
	if diff := cmp.Diff([][]float64{{.04, .01}, {.8, .2}}, [][]float64{m, s}, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, s, fallback, _ = attribution.DropOne([]string{"A", "B"}, nil); !fallback || s[0] != 0 || s[1] != 1 {
		t.Errorf("without probabilities: shares %v, fallback %v", s, fallback)
	}
	if _, _, _, err := attribution.DropOne([]string{"A"}, map[string]float64{"A": 1.5}); !errors.Is(err, attribution.ErrInput) {
		t.Errorf("a probability above 1: error %v", err)
	}
}
