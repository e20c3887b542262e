package cohorts_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/cohorts"
	"vouch/internal/stats"
)

func curveOf(t *testing.T, durations []float64, events []int64) stats.SurvivalCurve {
	t.Helper()
	lives := make([]stats.Lifetime, len(durations))
	for i := range durations {
		lives[i] = stats.Lifetime{Time: durations[i], Events: events[i], Censored: 1 - events[i]}
	}
	c, err := stats.KaplanMeier(lives)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Weeks in remission of the 6-MP group, Freireich and others (1963), MASS::gehan.
var (
	weeks   = []float64{6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35}
	relapse = []int64{1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}
)

func TestSurvivalAt_scales(t *testing.T) {
	c := curveOf(t, weeks, relapse)
	at := func(week float64, scale string) []float64 {
		s, err := cohorts.SurvivalAt(c, week, scale, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		return []float64{*s.Survival, *s.SE, *s.Lower, *s.Upper}
	}
	for _, c := range []struct {
		scale string
		week  float64
		want  []float64
	}{
		// R survival::survfit(Surv(time, cens) ~ 1, conf.type = "log-log")
		{cohorts.LogLog, 6, []float64{0.857142857, 0.0763603548, 0.619717955, 0.951551748}},
		{cohorts.LogLog, 23, []float64{0.448179272, 0.134591457, 0.188052006, 0.680142628}},
		// By hand from S and its error: S·exp(∓1.959964·se/S) and S ∓ 1.959964·se, cut to [0,1].
		{cohorts.Log, 6, []float64{0.857142857, 0.0763603548, 0.857142857 * math.Exp(-1.959963985*0.0763603548/0.857142857), 1}},
		{cohorts.Plain, 23, []float64{0.448179272, 0.134591457, 0.448179272 - 1.959963985*0.134591457, 0.448179272 + 1.959963985*0.134591457}},
		{cohorts.Plain, 5, []float64{1, 0, 1, 1}},
	} {
		if diff := cmp.Diff(c.want, at(c.week, c.scale), cmpopts.EquateApprox(1e-8, 0)); diff != "" {
			t.Errorf("week %v, %s (-want +got):\n%s", c.week, c.scale, diff)
		}
	}
	if s, err := cohorts.SurvivalAt(c, 36, cohorts.LogLog, .95); err != nil || s.Survival != nil {
		t.Errorf("nobody was seen for 36 weeks: %+v, %v", s, err)
	}
	if _, err := cohorts.SurvivalAt(c, 6, "sqrt", .95); !errors.Is(err, cohorts.ErrInput) {
		t.Errorf("an unknown scale: %v", err)
	}
	zero := curveOf(t, []float64{1, 2, 2, 3}, []int64{1, 1, 1, 1})
	if s, err := cohorts.SurvivalAt(zero, 3, cohorts.LogLog, .95); err != nil || *s.Survival != 0 || s.SE != nil || s.Lower != nil {
		t.Errorf("at 0 the error is unknown: %+v, %v", s, err)
	}
}

func TestRMST_remission(t *testing.T) {
	c := curveOf(t, weeks, relapse)
	value, se, ok := cohorts.RMST(c, 35)
	// R print(survfit(...), rmean = 35): 23.29, se 2.83.
	if !ok || math.Abs(value-23.287395) > 5e-7 || math.Abs(se-2.83) > .005 {
		t.Errorf("mean of %v (%v), %v", value, se, ok)
	}
	if _, _, ok := cohorts.RMST(c, 40); ok {
		t.Error("a mean over 40 weeks, though nobody was seen so long")
	}
}

// Without censoring the mean is that of the lifetimes cut at tau, with the error of a mean of n
// values (divisor n).
func TestRMST_withoutCensoring(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lives := rapid.SliceOfN(rapid.Float64Range(1, 50), 2, 20).Draw(t, "lives")
		tau := rapid.Float64Range(1, 60).Draw(t, "tau")
		events := make([]stats.Lifetime, len(lives))
		cut, n := make([]float64, len(lives)), float64(len(lives))
		mean := 0.0
		for i, x := range lives {
			events[i] = stats.Lifetime{Time: x, Events: 1}
			cut[i] = min(x, tau)
			mean += cut[i] / n
		}
		ss := 0.0
		for _, x := range cut {
			ss += (x - mean) * (x - mean)
		}
		c, err := stats.KaplanMeier(events)
		if err != nil {
			t.Fatal(err)
		}
		value, se, ok := cohorts.RMST(c, tau)
		if !ok || math.Abs(value-mean) > 1e-9*mean || math.Abs(se-math.Sqrt(ss)/n) > 1e-9*(1+se) {
			t.Fatalf("%v (%v), want %v (%v)", value, se, mean, math.Sqrt(ss)/n)
		}
	})
}

// The table of returns is what asking each user about each day gives.
func TestReturnsOf_againstAsking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const asOf = 12
		unbounded := rapid.Bool().Draw(t, "unbounded")
		ks := []int64{1, 2, 5}
		var users []cohorts.Returns
		for range rapid.IntRange(1, 12).Draw(t, "users") {
			u := cohorts.Returns{Start: rapid.Int64Range(0, asOf-1).Draw(t, "start")}
			u.Returns = rapid.SliceOfN(rapid.Int64Range(u.Start, asOf-1), 0, 4).Draw(t, "returns")
			users = append(users, u)
		}
		got, err := cohorts.ReturnsOf(users, asOf, ks, unbounded)
		if err != nil {
			t.Fatal(err)
		}
		for j, k := range ks {
			var retained, eligible int64
			for _, u := range users {
				back := false
				for _, r := range u.Returns {
					back = back || r == u.Start+k || unbounded && r >= u.Start+k
				}
				if u.Start+k < asOf {
					eligible++
					if back {
						retained++
					}
				}
			}
			if got.Retained[j] != retained || got.Eligible[j] != eligible {
				t.Fatalf("day %d: %d of %d, want %d of %d", k, got.Retained[j], got.Eligible[j], retained, eligible)
			}
		}
		seen := map[string]bool{}
		for i, start := range got.Cohorts {
			for j, k := range ks {
				if want := start+k+1 <= asOf; got.Complete[i][j] != want {
					t.Fatalf("day %d of start %d complete: %v", k, start, got.Complete[i][j])
				}
			}
			seen[fmt.Sprint(start)] = true
		}
		for _, u := range users {
			if !seen[fmt.Sprint(u.Start)] {
				t.Fatalf("start %d has no row", u.Start)
			}
		}
	})
	for name, u := range map[string]cohorts.Returns{"back before the start": {Start: 3, Returns: []int64{2}}, "back in the future": {Start: 3, Returns: []int64{9}}, "not started": {Start: 9}} {
		if _, err := cohorts.ReturnsOf([]cohorts.Returns{u}, 9, []int64{1}, false); !errors.Is(err, cohorts.ErrInput) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
