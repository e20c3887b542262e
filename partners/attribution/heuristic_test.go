package attribution_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/partners/attribution"
)

// normalised divides weights by their sum.
func normalised(w []*big.Rat) []float64 {
	sum := new(big.Rat)
	for _, x := range w {
		sum.Add(sum, x)
	}
	out := make([]float64, len(w))
	for i, x := range w {
		out[i], _ = new(big.Rat).Quo(x, sum).Float64()
	}
	return out
}

func TestHeuristic_weights(t *testing.T) {
	for _, c := range []struct {
		name  string
		rule  attribution.Heuristic
		names []string
		ages  []float64
		n     int
		want  []float64
	}{
		{name: "first", rule: attribution.Heuristic{Model: "first"}, n: 3, want: []float64{1, 0, 0}},
		{name: "last", rule: attribution.Heuristic{Model: "last"}, n: 3, want: []float64{0, 0, 1}},
		{name: "linear", rule: attribution.Heuristic{Model: "linear"}, n: 4, want: []float64{.25, .25, .25, .25}},
		// PostHog, snowplow's attribution package and DP6's library agree on 40/20/40.
		{name: "position of one", rule: attribution.Heuristic{Model: "position"}, n: 1, want: []float64{1}},
		{name: "position of two", rule: attribution.Heuristic{Model: "position"}, n: 2, want: []float64{.5, .5}},
		{name: "position of three", rule: attribution.Heuristic{Model: "position"}, n: 3, want: []float64{.4, .2, .4}},
		{name: "position of four", rule: attribution.Heuristic{Model: "position"}, n: 4, want: []float64{.4, .1, .1, .4}},
		// Two touches renormalise the ends: 30/70 stays 30/70, as eeghor/mta has it.
		{
			name: "unequal ends", n: 2, want: []float64{.3, .7},
			rule: attribution.Heuristic{Model: "position", FirstShare: big.NewRat(3, 10), LastShare: big.NewRat(7, 10)},
		},
		{
			name: "ends without a share", n: 2, want: []float64{.5, .5},
			rule: attribution.Heuristic{Model: "position", FirstShare: new(big.Rat), LastShare: new(big.Rat)},
		},
		// Google Ads, table of the time-decay model: half for each seven days.
		{name: "decay by weeks", rule: attribution.Heuristic{Model: "time_decay", HalfLife: 7}, ages: []float64{14, 7, 0}, n: 3, want: []float64{1. / 7, 2. / 7, 4. / 7}},
		{name: "decay of old touches", rule: attribution.Heuristic{Model: "time_decay", HalfLife: 1}, ages: []float64{5000, 4999}, n: 2, want: []float64{1. / 3, 2. / 3}},
		{name: "decay by whole half-lives", rule: attribution.Heuristic{Model: "time_decay", HalfLife: 7, Floor: true}, ages: []float64{13, 7, 6}, n: 3, want: []float64{.25, .25, .5}},
		{name: "last that is not direct", rule: attribution.Heuristic{Model: "last_non_direct"}, names: []string{"mail", "Direct"}, n: 2, want: []float64{1, 0}},
		{name: "all direct", rule: attribution.Heuristic{Model: "last_non_direct"}, names: []string{"Direct", "Direct"}, n: 2, want: []float64{0, 1}},
		{name: "direct by another name", rule: attribution.Heuristic{Model: "last_non_direct", Direct: "none"}, names: []string{"Direct", "none"}, n: 2, want: []float64{1, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := c.rule.Weights(c.n, c.names, c.ages)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, normalised(w)); diff != "" {
				t.Errorf("weights (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHeuristic_refused(t *testing.T) {
	for name, f := range map[string]func() error{
		"no touch":      func() error { _, err := attribution.Heuristic{Model: "last"}.Weights(0, nil, nil); return err },
		"unknown model": func() error { _, err := attribution.Heuristic{Model: "magic"}.Weights(1, nil, nil); return err },
		"no half-life": func() error {
			_, err := attribution.Heuristic{Model: "time_decay"}.Weights(1, nil, []float64{0})
			return err
		},
		"after": func() error {
			_, err := attribution.Heuristic{Model: "time_decay", HalfLife: 1}.Weights(1, nil, []float64{-1})
			return err
		},
		"ages missing": func() error {
			_, err := attribution.Heuristic{Model: "time_decay", HalfLife: 1}.Weights(2, nil, []float64{1})
			return err
		},
		"ends exceed one": func() error {
			return attribution.Heuristic{Model: "position", FirstShare: big.NewRat(7, 10), LastShare: big.NewRat(1, 2)}.Check()
		},
		"negative end": func() error { return attribution.Heuristic{Model: "position", FirstShare: big.NewRat(-1, 10)}.Check() },
	} {
		if err := f(); !errors.Is(err, attribution.ErrInput) {
			t.Errorf("%s: error %v, want ErrInput", name, err)
		}
	}
}

// The set share is the Shapley value: averaged over every order of arrival, a key adds what the
// journey is worth when it completes the set.
func TestSetShares_isShapley(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.SliceOfN(rapid.IntRange(0, 3), 1, 6).Draw(t, "path")
		members := map[int]bool{}
		for _, k := range path {
			members[k] = true
		}
		orders, completes := 0, map[int]int{}
		var arrive func(left, seen []int)
		arrive = func(left, seen []int) {
			if len(left) == 0 {
				orders++
				missing := len(members)
				for _, k := range seen {
					if members[k] {
						if missing--; missing == 0 {
							completes[k]++
						}
					}
				}
				return
			}
			for i, k := range left {
				rest := append(append([]int{}, left[:i]...), left[i+1:]...)
				arrive(rest, append(append([]int{}, seen...), k))
			}
		}
		arrive([]int{0, 1, 2, 3}, nil)
		sum := new(big.Rat)
		shares := attribution.SetShares(path)
		for _, s := range shares {
			sum.Add(sum, s.Weight)
		}
		for _, s := range shares {
			got := new(big.Rat).Quo(s.Weight, sum)
			if want := big.NewRat(int64(completes[s.Key]), int64(orders)); got.Cmp(want) != 0 {
				t.Fatalf("path %v: key %d has %s, by arrival %s", path, s.Key, got, want)
			}
		}
		if len(shares) != len(members) {
			t.Fatalf("path %v: %d shares for %d keys", path, len(shares), len(members))
		}
	})
}
