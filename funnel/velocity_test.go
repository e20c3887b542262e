package funnel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/internal/stats"
	"vouch/referral"
)

// Six units, worked by hand: arrivals after 10, 20 and 20 s, watching ended after 15, 20 and 60 s without one. The
// curve is 5/6 at 10, and 5/6·2/4 = 5/12 at 20 (who was watched until 20 still counts there), then flat.
func TestVelocity_worked(t *testing.T) {
	events := [][]int64{{20e6, 10e6}, {20e6}}
	curve := stats.Lifetimes{Events: events, Censored: []int64{15e6, 20e6}, Lost: 1, End: 60e6}.ProductLimit()
	read := readTimes(events, curve, true, 1e6)
	if d := cmp.Diff(Times{N: 3, Mean: 50e6 / 3., Median: 20e6}, readTimes(events, curve, true, 1).Times); d != "" {
		t.Errorf("of the three: %s", d)
	}
	all, converting := read.all, read.converting
	// Half of all have arrived at 20 s (7/12); nine in ten never. Of 7/12 half is 7/24 > 1/6: at 20 s as well.
	want := Quantiles{"0.5": referral.Float(20), "0.9": nil}
	if d := cmp.Diff(want, all); d != "" {
		t.Errorf("of all: %s", d)
	}
	if d := cmp.Diff(Quantiles{"0.5": referral.Float(20), "0.9": referral.Float(20)}, converting); d != "" {
		t.Errorf("of those who arrive: %s", d)
	}
	if converting = readTimes(events, curve, false, 1e6).converting; converting["0.5"] != nil {
		t.Errorf("nobody was watched to the end, and still half of those who arrive have by %v", *converting["0.5"])
	}
}

func TestSortedTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	for _, n := range []int{0, 1, 511, 512, 5000} {
		for _, most := range []int64{1, 2047, 2048, 30 * 86_400_000_000, 1<<63 - 1} {
			v := make([]int64, n)
			for i := range v {
				v[i] = rng.Int64N(most)
			}
			var all, half pieces[int64]
			for i, x := range v {
				if i < n/2 {
					half.add(x)
				} else {
					all.add(x)
				}
			}
			all.join(&half)
			if want := slices.Sorted(slices.Values(v)); !slices.Equal(sortedTimes(&all), want) {
				t.Errorf("%d numbers below %d are not in order", n, most)
			}
		}
	}
}

// Every duration lies in one bin, from its lower edge on and below its upper one.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOf(rapid.OneOf(rapid.Int64Range(0, 20_000_000), rapid.Int64Range(0, 400*day*1_000_000),
			rapid.SampledFrom([]int64{0, 999_999, 1_000_000, day*1_000_000 - 1, day * 1_000_000, 1<<63 - 1}))).Draw(t, "durations")
		bins := histogram([][]int64{d})
		if bins == nil {
			t.Fatal("a list is never null")
		}
		sum := int64(0)
		for i, b := range bins {
			n := int64(0)
			for _, x := range d {
				if x/1_000_000 >= b.FromSeconds && (b.ToSeconds == nil || x/1_000_000 < *b.ToSeconds) {
					n++
				}
			}
			if n != b.Persons || i > 0 && *bins[i-1].ToSeconds != b.FromSeconds {
				t.Fatalf("bin %+v holds %d of %v", b, n, d)
			}
			sum += n
		}
		if n := len(bins); sum != int64(len(d)) || n > 0 && (bins[0].Persons == 0 || bins[n-1].Persons == 0) {
			t.Fatalf("%d of %d durations, %+v", sum, len(d), bins)
		}
	})
}

// The longest way is that of the total window, or of the steps if each required one has a window.
func TestHorizon(t *testing.T) {
	step := func(w uint64) stepPlan { return stepPlan{window: w} }
	for _, c := range []struct {
		p    plan
		want uint64
	}{
		{plan{window: 7, steps: []stepPlan{step(noLimit), step(noLimit)}}, 7},
		{plan{window: noLimit, steps: []stepPlan{step(noLimit), step(noLimit)}}, noLimit},
		{plan{window: noLimit, steps: []stepPlan{step(noLimit), step(3), step(4)}}, 7},
		{plan{window: 5, steps: []stepPlan{step(noLimit), step(3), step(4)}}, 5},
		{plan{window: noLimit, steps: []stepPlan{step(noLimit), step(3), step(noLimit)}}, noLimit},
		{plan{window: noLimit, steps: []stepPlan{step(noLimit), step(3), {window: noLimit, optional: true}}}, 3},
		{plan{window: 9, order: unordered, steps: []stepPlan{step(noLimit), step(noLimit)}}, 9},
		{plan{window: noLimit, steps: []stepPlan{step(noLimit)}}, 0},
	} {
		if got := c.p.horizon(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.p, got, c.want)
		}
	}
}
