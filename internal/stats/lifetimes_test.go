package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestProductLimit_sameCurve draws lifetimes, few and many, and requires the last step of KaplanMeier's curve, what it knows
// there, and the time of every share that it passes.
func TestProductLimit_sameCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most, repeats := int64(12), rapid.SampledFrom([]int{1, 1, 700}).Draw(t, "repeats")
		times := rapid.SliceOfN(rapid.Int64Range(0, most), 0, 20)
		if repeats > 1 {
			most = 1 << 20
			times = rapid.SliceOfN(rapid.Int64Range(0, most-1000), 0, 20)
		}
		spread := func(list []int64) (out []int64) {
			for _, at := range list {
				for i := range repeats {
					out = append(out, at+int64(i))
				}
			}
			slices.Sort(out)
			return out
		}
		events := spread(times.Draw(t, "events"))
		l := Lifetimes{Events: [][]int64{events}, Censored: spread(times.Draw(t, "censored")), Lost: rapid.Int64Range(0, 3).Draw(t, "lost"), End: rapid.SampledFrom([]int64{most, most, most / 2, 3, 0}).Draw(t, "end")}
		var lives []Lifetime
		for _, at := range events {
			lives = append(lives, Lifetime{Time: float64(at), Events: 1})
		}
		for _, at := range l.Censored {
			lives = append(lives, Lifetime{Time: float64(at), Censored: 1})
		}
		lives = append(lives, Lifetime{Time: float64(l.End), Censored: l.Lost})
		want, err := KaplanMeier(lives)
		if errors.Is(err, ErrNoData) {
			want = SurvivalCurve{}
		} else if err != nil {
			t.Fatal(err)
		}
		mixed := slices.Clone(events)
		rand.New(rand.NewPCG(1, uint64(len(mixed)))).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		l.Events = [][]int64{mixed[:len(mixed)/3], mixed[len(mixed)/3:]}
		got := l.ProductLimit()
		sameEnd(t, want, got.End())
		if len(want.Steps) == 0 {
			if at, ok := got.Reaching(0.5, 1e-12); ok {
				t.Fatalf("half is reached at %d without an event", at)
			}
			return
		}
		for _, s := range want.Steps[:min(len(want.Steps), 300)] {
			sameTime(t, want, got, 1-s.Survival)
			sameTime(t, want, got, (1-s.Survival)/2)
		}
		for _, q := range []float64{0.01, 0.5, 0.9, 1} {
			sameTime(t, want, got, q)
		}
	})
}

func sameEnd(t *rapid.T, want, got SurvivalCurve) {
	t.Helper()
	if got.N != want.N || got.Last != want.Last || (len(got.Steps) > 0) != (len(want.Steps) > 0) {
		t.Fatalf("%+v, want %+v", got, want)
	}
	if n := len(want.Steps); n > 0 {
		a, b := want.Steps[n-1], got.Steps[0]
		if a.Time != b.Time || !near(b.Survival, a.Survival, 1e-10) || a.Hazard != b.Hazard && !(math.Abs(a.Hazard-b.Hazard) <= 1e-10*a.Hazard) {
			t.Fatalf("the last step is %+v, want %+v", b, a)
		}
	}
}

// sameTime wants the time of a share that KaplanMeier's curve gives.
func sameTime(t *rapid.T, curve SurvivalCurve, c *ProductLimit, q float64) {
	t.Helper()
	const rounding = 1e-9 // beyond the rounding of a product of thousands of factors
	at, ok := c.Reaching(q, rounding)
	if ok {
		at = OrderStatistics(c.l.Events, []int64{at})[0]
	}
	for _, s := range curve.Steps {
		if s.Survival <= 1-q+rounding {
			if !ok || float64(at) != s.Time {
				t.Fatalf("share %v at %d, %v, want %v", q, at, ok, s.Time)
			}
			return
		}
	}
	if ok {
		t.Fatalf("share %v at %d, want none", q, at)
	}
}

func TestOrderStatistics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int64{1, 5, 1 << 12, 1 << 13, 1 << 40, math.MaxInt64}).Draw(t, "most")
		pieces := rapid.SliceOfN(rapid.SliceOf(rapid.Int64Range(0, most)), 1, 4).Draw(t, "pieces")
		sorted := slices.Sorted(slices.Values(slices.Concat(pieces...)))
		if len(sorted) == 0 {
			return
		}
		places := rapid.SliceOf(rapid.Int64Range(0, int64(len(sorted)-1))).Draw(t, "places")
		for i, x := range OrderStatistics(pieces, places) {
			if x != sorted[places[i]] {
				t.Fatalf("at %d of %v is %d", places[i], sorted, x)
			}
		}
	})
}
