package cohorts_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/cohorts"
)

// geratools.com, viral coefficient calculator: 100 seeds, 5 invites, 25 % conversion reach 10,000
// users in 13.6 cycles.
func TestKFactor_geratools(t *testing.T) {
	w, err := cohorts.KFactor(100, 5, .25, 10, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	if w.K != 1.25 || w.NewUsers[2] != 156.25 || w.Cumulative[2] != 381.25 || len(w.NewUsers) != 11 {
		t.Errorf("waves %+v", w)
	}
	if w.ToTarget == nil || math.Abs(*w.ToTarget-13.6) > .05 {
		t.Errorf("target after %v cycles", w.ToTarget)
	}
}

func TestKFactor_targets(t *testing.T) {
	for _, c := range []struct {
		seeds, invites, conversion, target float64
		want                               string
	}{
		{10, 4, .25, 100, "9"},            // K = 1: ten a wave
		{10, 1, .5, 100, "never_reached"}, // adds up to 20
		{10, 1, .5, 20, "never_reached"},  // reached in no finite time
		{10, 1, .5, 15, "1"},              // 10 + 5
		{10, 0, .5, 11, "never_reached"},  // nobody invites
		{10, 2, .5, 5, "0"},               // there from the start
		{0, 2, .5, 5, "never_reached"},    // nobody to start with
		{10, 4, .5, 150, fmt.Sprint(3.)},  // 10 + 20 + 40 + 80
	} {
		w, err := cohorts.KFactor(c.seeds, c.invites, c.conversion, 2, c.target)
		if err != nil {
			t.Fatal(err)
		}
		got := w.Reason
		if w.ToTarget != nil {
			got = fmt.Sprintf("%.12g", *w.ToTarget)
		}
		if got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if _, err := cohorts.KFactor(1, 1, 1.5, 1, 0); !errors.Is(err, cohorts.ErrInput) {
		t.Errorf("a conversion above 1: %v", err)
	}
}

// The total is the limit of the waves.
func TestAmplification_isTheLimitOfWaves(t *testing.T) {
	total, factor, cpa, ok, err := cohorts.Amplification(100, .6, 50)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	w, err := cohorts.KFactor(100, .6, 1, 200, 0)
	if err != nil {
		t.Fatal(err)
	}
	if last := w.Cumulative[200]; math.Abs(total-last) > 1e-9 || math.Abs(factor-2.5) > 1e-12 || math.Abs(cpa-20) > 1e-12 {
		t.Errorf("total %v (waves %v), factor %v, cost %v", total, last, factor, cpa)
	}
	if _, _, _, ok, err = cohorts.Amplification(1, 1, 1); ok || err != nil {
		t.Errorf("K = 1 has a total: %v, %v", ok, err)
	}
}

// A forest drawn by giving each user an earlier one as referrer has the shape that following each
// user up to his root gives, in whatever order the edges come.
func TestForestOf_againstClimbing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "users")
		parent := make([]int, n)
		edges := make([]cohorts.Edge, n)
		for i := range n {
			parent[i] = rapid.IntRange(-1, i-1).Draw(t, "referrer")
			edges[i].User = fmt.Sprint("u", i)
			if parent[i] >= 0 {
				r := fmt.Sprint("u", parent[i])
				edges[i].Referrer = &r
			}
		}
		want := cohorts.Forest{Users: n}
		trees := map[int]int{}
		for i := range n {
			depth, u := 0, i
			for parent[u] >= 0 {
				depth, u = depth+1, parent[u]
			}
			if depth == 0 {
				want.Roots++
			}
			for len(want.Generations) <= depth {
				want.Generations = append(want.Generations, 0)
			}
			want.Generations[depth]++
			want.MaxDepth = max(want.MaxDepth, depth)
			trees[u]++
			want.LargestTree = max(want.LargestTree, trees[u])
		}
		want.MeanOffspring = float64(n-want.Roots) / float64(n)
		got, err := cohorts.ForestOf(rapid.Permutation(edges).Draw(t, "order"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-climbing +computed):\n%s", diff)
		}
	})
}

func TestForestOf_refused(t *testing.T) {
	e := func(referrer, user string) cohorts.Edge {
		if referrer == "" {
			return cohorts.Edge{User: user}
		}
		return cohorts.Edge{Referrer: &referrer, User: user}
	}
	for name, edges := range map[string][]cohorts.Edge{
		"cycle": {e("c", "a"), e("a", "b"), e("b", "c")}, "two referrers": {e("", "a"), e("", "b"), e("a", "c"), e("b", "c")},
		"himself": {e("a", "a")}, "unknown": {e("zz", "a")}, "nobody": {},
	} {
		if _, err := cohorts.ForestOf(edges, nil); !errors.Is(err, cohorts.ErrInput) {
			t.Errorf("%s: error %v, want ErrInput", name, err)
		}
	}
	if _, err := cohorts.ForestOf([]cohorts.Edge{e("", "a")}, []string{"b"}); !errors.Is(err, cohorts.ErrInput) {
		t.Errorf("a complete user who is none: %v", err)
	}
}

// Ten users past the window: counts 0,0,0,0,1,1,2,2,4,10 have mean 2, squares about it 86, so the
// variance is 86/9; the youngest is left out. The top tenth is the one with half of the referrals.
func TestOffspringOf_worked(t *testing.T) {
	counts := []int64{0, 0, 0, 0, 1, 1, 2, 2, 4, 10, 99}
	ages := []float64{30, 30, 31, 60, 30, 30, 30, 30, 30, 30, 29.9}
	o, err := cohorts.OffspringOf(counts, ages, 30, .1)
	if err != nil {
		t.Fatal(err)
	}
	if o.Users != 10 || *o.K != 2 || math.Abs(*o.Variance-86./9) > 1e-12 || *o.TopShare != .5 || math.Abs(*o.Dispersion-4/(86./9-2)) > 1e-12 {
		t.Errorf("got %d users, K %v, variance %v, top %v, dispersion %v", o.Users, *o.K, *o.Variance, *o.TopShare, *o.Dispersion)
	}
	if o, err = cohorts.OffspringOf([]int64{3}, []float64{3}, 30, .1); err != nil || o.K != nil || o.Reason != "no_complete_users" {
		t.Errorf("nobody past the window: %+v, %v", o, err)
	}
}
