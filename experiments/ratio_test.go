package experiments

import (
	"math"
	"math/rand/v2"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

var (
	ratioControl   = [2][]int64{{3, 0, 5, 2, 7, 1, 4, 0, 2, 6}, {10, 4, 12, 9, 15, 6, 11, 3, 8, 14}}
	ratioTreatment = [2][]int64{{6, 2, 9, 4, 8, 5, 3, 7, 1, 10}, {11, 5, 13, 8, 14, 9, 7, 12, 4, 15}}
)

// Ten units per arm by their sums alone: the delta method.
// Reference: scipy 1.17.1, stats.ttest_ind(equal_var=False) of values linearised one by one in numpy 2.4.6.
func TestRatio_delta(t *testing.T) {
	m, _ := compared(t, asked(Metric{Kind: KindRatio}, 2), readOf(outcomeOf(t, ratioControl[:]...), outcomeOf(t, ratioTreatment[:]...)))
	c := m.Comparisons[0]
	want(t, "effect", c.Effect.Value, 0.2351375332741792, 1e-12)
	want(t, "lower", c.Effect.Lo, 0.12562390909863153, 1e-9)
	want(t, "upper", c.Effect.Hi, 0.3446511574497271, 1e-9)
	want(t, "p", c.PValue, 0.00029595164160805594, 1e-9)
	if c.Method != referral.MethodDelta || c.Effect.Method != referral.MethodDelta || c.Decision != DecisionBetter {
		t.Errorf("%+v", c)
	}
	if v := m.Arms[0].Value; string(*v.Numerator) != "30" || string(*v.Denominator) != "92" {
		t.Errorf("%s of %s", *v.Numerator, *v.Denominator)
	}
}

// The same units one by one: jackknife, and a permutation over all 184,756 assignments.
// Reference: the formulas in numpy 2.4.6, itertools.combinations, scipy 1.17.1 optimize.brentq for Fieller's roots.
func TestRatio_fewUnits(t *testing.T) {
	c := clustered(outcomeOf(t, ratioControl[:]...), ratioControl[0], ratioControl[1])
	x := clustered(outcomeOf(t, ratioTreatment[:]...), ratioTreatment[0], ratioTreatment[1])
	m, _ := compared(t, asked(Metric{Kind: KindRatio}, 2), readOf(c, x))
	got := m.Comparisons[0]
	want(t, "lower", got.Effect.Lo, 0.12341012737416787, 1e-9)
	want(t, "upper", got.Effect.Hi, 0.3468649391741905, 1e-9)
	want(t, "lift lower", got.Lift.Lo, 0.30898865208607207, 1e-9)
	want(t, "lift upper", got.Lift.Hi, 1.4062125856577454, 1e-9)
	want(t, "p", got.PValue, 56.0/184756, 1e-12)
	if got.Method != referral.MethodPermutation || got.Effect.Method != referral.MethodJackknife {
		t.Errorf("%+v", got)
	}
}

// Beyond 22 units the assignments are drawn, the same ones at every reading of an experiment.
func TestRatio_drawnPermutation(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	make := func() outcome {
		var sums, sizes []int64
		for range 20 {
			m := 1 + r.Int64N(30)
			sums, sizes = append(sums, r.Int64N(m+1)), append(sizes, m)
		}
		return clustered(outcomeOf(t, sums, sizes), sums, sizes)
	}
	a, b := make(), make()
	first, _ := compared(t, asked(Metric{Kind: KindRatio}, 2), readOf(a, b))
	again, _ := compared(t, asked(Metric{Kind: KindRatio}, 2), readOf(a, b))
	p := first.Comparisons[0].PValue
	if p == nil || *p != *again.Comparisons[0].PValue {
		t.Fatalf("%s and %s", show(p), show(again.Comparisons[0].PValue))
	}
	// Whatever is drawn, the p-value is near that of the jackknife for units as even as these.
	j, err := stats.CompareJackknife(a.clusters, b.clusters, 0.95, stats.TwoSided)
	if err != nil || math.Abs(*p-*j.PValue) > 0.05 {
		t.Errorf("drawn %g, jackknife %g, %v", *p, *j.PValue, err)
	}
}

// Fewer than six units in an arm have a ratio, but no test and no interval.
func TestRatio_leastUnits(t *testing.T) {
	c := clustered(outcomeOf(t, ratioControl[:]...), ratioControl[0], ratioControl[1])
	sums, sizes := ratioTreatment[0][:5], ratioTreatment[1][:5]
	for _, x := range []outcome{clustered(outcomeOf(t, sums, sizes), sums, sizes), outcomeOf(t, sums, sizes)} {
		m, _ := compared(t, asked(Metric{Kind: KindRatio}, 2), readOf(c, x))
		got := m.Comparisons[0]
		if got.PValue != nil || got.Effect.Value == nil || got.Effect.Lo != nil || got.Reason != ReasonFewUnits || got.Decision != DecisionUnclear {
			t.Errorf("%+v", got)
		}
	}
}

// A unit that holds much of an arm is named.
func TestRatio_largeUnit(t *testing.T) {
	c, x := outcomeOf(t, ratioControl[:]...), outcomeOf(t, ratioTreatment[:]...)
	c.largest, x.largest = 9, 20 // of 92 and 98
	_, found := compared(t, asked(Metric{Kind: KindRatio}, 2), readOf(c, x))
	if len(found) != 1 || found[0].Code != "large-unit" || found[0].Detail != "One unit of ten holds 20 % of the denominator of metric." {
		t.Errorf("%+v", found)
	}
}
