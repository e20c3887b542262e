package experiments

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"vouch/referral"
)

// With fewer than five successes expected in an arm the p-value is Fisher's; the interval stays Newcombe's.
// Reference: scipy 1.17.1, stats.fisher_exact([[8, 142], [1, 149]]).
func TestProportion_sparse(t *testing.T) {
	m, _ := compared(t, asked(Metric{Kind: KindProportion}, 2), readOf(shareOf(t, 1, 150), shareOf(t, 8, 150)))
	c := m.Comparisons[0]
	want(t, "p", c.PValue, 0.0362742213089672, 1e-9)
	if c.Method != referral.MethodFisher || c.Effect.Method != referral.MethodNewcombe || c.Decision != DecisionBetter {
		t.Errorf("%+v", c)
	}
	m, _ = compared(t, asked(Metric{Kind: KindProportion}, 2), readOf(shareOf(t, 2, 150), shareOf(t, 8, 150)))
	if got := m.Comparisons[0].Method; got != referral.MethodWelch { // five expected are enough
		t.Error(got)
	}
}

// Reference: numpy 2.4.6 quantile (type 7) and unique, ranks by scipy 1.17.1 stats.binom.ppf, normal tail of estimate ÷ standard error.
func TestQuantile(t *testing.T) {
	c := valued([2]int64{120, 7}, [2]int64{150, 9}, [2]int64{180, 4}, [2]int64{210, 6}, [2]int64{240, 5}, [2]int64{300, 9})
	x := valued([2]int64{110, 3}, [2]int64{150, 6}, [2]int64{190, 8}, [2]int64{230, 7}, [2]int64{270, 6}, [2]int64{330, 8}, [2]int64{500, 4})
	for _, ref := range []struct{ q, control, cLo, cHi, effect, lo, hi, p float64 }{
		{0.5, 195, 150, 240, 35, -58.70832406995656, 128.70832406995657, 0.46414091068318863},
		{0.75, 240, 210, 300, 90, -16.595028026639213, 196.59502802663923, 0.09795878042915973},
	} {
		m, _ := compared(t, asked(Metric{Kind: KindQuantile, Quantile: ref.q}, 2), readOf(c, x))
		a, got := m.Arms[0].Value, m.Comparisons[0]
		want(t, "control", a.Value, ref.control, 1e-12)
		want(t, "control lower", a.Lo, ref.cLo, 1e-12)
		want(t, "control upper", a.Hi, ref.cHi, 1e-12)
		want(t, "effect", got.Effect.Value, ref.effect, 1e-12)
		want(t, "lower", got.Effect.Lo, ref.lo, 1e-9)
		want(t, "upper", got.Effect.Hi, ref.hi, 1e-9)
		want(t, "p", got.PValue, ref.p, 1e-9)
		want(t, "lift", got.Lift.Value, ref.effect/ref.control, 1e-12)
		if (got.Decision == DecisionBetter) != (ref.p < 0.05) {
			t.Errorf("%+v", got)
		}
	}
}

// Beside a quantile stands the order of all values.
// Reference: scipy 1.17.1, stats.mannwhitneyu(treatment, control, method="asymptotic"): U is 55 of 80 pairs.
func TestRanks(t *testing.T) {
	c := valued([2]int64{0, 3}, [2]int64{1, 1}, [2]int64{3, 2}, [2]int64{4, 1}, [2]int64{5, 1}, [2]int64{8, 1}, [2]int64{9, 1})
	x := valued([2]int64{0, 1}, [2]int64{1, 1}, [2]int64{4, 1}, [2]int64{6, 2}, [2]int64{7, 1}, [2]int64{9, 1}, [2]int64{12, 1})
	m, _ := compared(t, asked(Metric{Kind: KindQuantile, Quantile: 0.5}, 2), readOf(c, x))
	r := m.Comparisons[0].Ranks
	want(t, "larger", r.Larger, 55.0/80, 1e-12)
	want(t, "p", r.PValue, 0.1941334641326854, 1e-12)
	same := valued([2]int64{4, 9})
	m, _ = compared(t, asked(Metric{Kind: KindQuantile, Quantile: 0.5}, 2), readOf(same, same))
	if r := m.Comparisons[0].Ranks; r.PValue != nil || *r.Larger != 0.5 || r.Reason != referral.ReasonZeroVariance {
		t.Errorf("all alike: %+v", r)
	}
	m, _ = compared(t, asked(Metric{Kind: KindMean}, 2), readOf(outcomeOf(t, []int64{1, 2}), outcomeOf(t, []int64{3, 5})))
	if r := m.Comparisons[0].Ranks; r != nil {
		t.Errorf("of a mean, whose values are not read: %+v", r)
	}
}

// Medians of small counts without an effect: nearly all units share a handful of values, and the test must not take the step between two of them for
// an effect. 300 tests at 5 %: Binomial(300, 0.05) is at most 26 with probability 0.999; without the half steps it is 103.
func TestQuantile_ties(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 3))
	rejected := 0
	for range 300 {
		var arms []outcome
		for range 2 {
			units := map[float64]int64{}
			for range 3000 {
				units[math.Floor(r.ExpFloat64()*15.8)]++
			}
			var o outcome
			for _, v := range slices.Sorted(maps.Keys(units)) {
				o.spread = append(o.spread, count{v, units[v]})
			}
			arms = append(arms, o)
		}
		m, _ := compared(t, asked(Metric{Kind: KindQuantile, Quantile: 0.5}, 2), readOf(arms...))
		if p := m.Comparisons[0].PValue; p != nil && *p <= 0.05 {
			rejected++
		}
	}
	if rejected > 26 {
		t.Errorf("%d of 300 tests without an effect reject", rejected)
	}
}

var (
	timesControl = timed([]int{2, 5, 5, 9, 12, 14, 20, 20, 23, 30, 30, 30, 11, 17, 26, 30}, []int{1, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0})
	timesTen     = timed([]int{1, 2, 4, 4, 6, 8, 10, 13, 15, 21, 30, 30, 7, 16, 30, 25}, []int{1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0})
)

// Reference: statsmodels 0.15.0, survdiff; the area under SurvfuncRight and its variance in numpy 2.4.6.
func TestTimeToEvent(t *testing.T) {
	const day = 86400
	def := asked(Metric{Kind: KindTimeToEvent, LowerIsBetter: true}, 2)
	def.Window = 30 * referral.DayLen
	m, _ := compared(t, def, readOf(timesControl, timesTen))
	c := m.Comparisons[0]
	want(t, "control", m.Arms[0].Value.Value, 20.275*day, 1e-9)
	want(t, "effect", c.Effect.Value, -4.488541666666666*day, 1e-9)
	want(t, "lower", c.Effect.Lo, -12.09179782919086*day, 1e-9)
	want(t, "upper", c.Effect.Hi, 3.1147144958575277*day, 1e-9)
	want(t, "p", c.PValue, 0.3205360991146926, 1e-9)
	if c.Method != referral.MethodLogRank {
		t.Errorf("%+v", c)
	}
	// A window that nobody has been watched to the end of: the mean is that up to the end of what was seen.
	def.Window = 60 * referral.DayLen
	m, _ = compared(t, def, readOf(timesControl, timesTen))
	c = m.Comparisons[0]
	want(t, "effect", c.Effect.Value, -4.488541666666666*day, 1e-9)
	if c.Delayed.KaplanMeier.Reason != referral.ReasonNotYet || c.Delayed.KaplanMeier.Value != nil {
		t.Errorf("%+v", c.Delayed)
	}
}

// Curves that cross: many early events in the treatment and then none, so that the mean time falls while over the whole the control
// has more events. Nothing is decided where test and effect disagree.
func TestTimeToEvent_crossing(t *testing.T) {
	var c, x outcome
	for d := range 30 {
		at := float64(d+1) * 86400
		if d < 10 {
			x.times = append(x.times, lifetime(at, 4))
		}
		if d >= 14 {
			c.times = append(c.times, lifetime(at, 8))
		}
	}
	c.times, x.times = append(c.times, lifetime(30*86400, -10)), append(x.times, lifetime(30*86400, -98))
	def := asked(Metric{Kind: KindTimeToEvent, LowerIsBetter: true}, 2)
	def.Window = 30 * referral.DayLen
	m, _ := compared(t, def, readOf(c, x))
	got := m.Comparisons[0]
	if got.PValue == nil || *got.PValue > 0.01 || *got.Effect.Value > 0 || got.Decision != DecisionUnclear || got.Reason != ReasonCrossing {
		t.Errorf("p %s, effect %s: %+v", show(got.PValue), show(got.Effect.Value), got)
	}
}

// A share with open windows: decided on closed ones, read with open ones beside.
// Reference: statsmodels 0.15.0, SurvfuncRight with Greenwood's errors; survdiff.
func TestDelayed(t *testing.T) {
	c, x := shareOf(t, 7, 12), shareOf(t, 9, 13) // units whose window is closed
	c.times, x.times = timesControl.times, timesTen.times
	def := asked(Metric{Kind: KindProportion}, 2)
	def.Window = 30 * referral.DayLen
	m, _ := compared(t, def, readOf(c, x))
	d := m.Comparisons[0].Delayed
	want(t, "Kaplan–Meier", d.KaplanMeier.Value, 0.1166666666666667, 1e-9)
	want(t, "lower", d.KaplanMeier.Lo, -0.24729880186913517, 1e-6)
	want(t, "upper", d.KaplanMeier.Hi, 0.48063213520246856, 1e-6)
	want(t, "restricted mean", d.RestrictedMean.Value, -4.488541666666666*86400, 1e-9)
	want(t, "log-rank", d.LogRank, 0.3205360991146926, 1e-9)
	want(t, "naive", d.Naive, 0.125, 1e-12)
	want(t, "matured", d.Matured, 9.0/13-7.0/12, 1e-12)
	if d.OpenControl != 4 || d.OpenTreatment != 3 {
		t.Errorf("%+v", d)
	}
}

// The effect is that with the cap, the one without it stands beside.
func TestCapped(t *testing.T) {
	limit := int64(50)
	def := asked(Metric{Kind: KindMean, Value: ValueCount, Cap: &Cap{At: &limit}}, 2)
	raw := [][]int64{{3, 70, 12, 9, 80, 4}, {20, 500, 31, 14, 8, 60}}
	var arms []outcome
	for _, values := range raw {
		var cut []int64
		above := int64(0)
		for _, v := range values {
			if v > limit {
				above++
			}
			cut = append(cut, min(v, limit))
		}
		o := outcomeOf(t, cut)
		o.uncapped, o.capAt, o.capped = jointOf(values), float64(limit), above
		arms = append(arms, o)
	}
	m, _ := compared(t, def, readOf(arms...))
	c := m.Comparisons[0]
	want(t, "effect", c.Effect.Value, (20.0+50+31+14+8+50)/6-(3.0+50+12+9+50+4)/6, 1e-12)
	want(t, "uncapped", c.Capped.Uncapped.Value, momentsOf(raw[1]).Mean-momentsOf(raw[0]).Mean, 1e-12)
	if c.Capped.At != 50 || c.Capped.Units != 4 || c.Capped.Uncapped.Lo == nil {
		t.Errorf("%+v", c.Capped)
	}
}
