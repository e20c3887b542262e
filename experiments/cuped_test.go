package experiments

import (
	"math/rand/v2"
	"slices"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

func withCovariate(def Definition) Definition {
	def.Cuped.Before = 28 * referral.DayLen
	return def
}

// Three arms of eight units, one coefficient for all.
// Reference: statsmodels 0.15.0, the slope of OLS on the covariate and the arms; scipy 1.17.1, ttest_ind and
// optimize.brentq on the values adjusted one by one.
func TestCuped_threeArms(t *testing.T) {
	before := [][]int64{{12, 0, 30, 7, 15, 3, 22, 9}, {5, 18, 0, 26, 11, 8, 14, 2}, {10, 4, 31, 6, 0, 19, 13, 25}}
	y := [][]int64{{20, 3, 41, 10, 19, 9, 35, 12}, {16, 33, 9, 44, 21, 20, 27, 8}, {18, 7, 40, 15, 4, 25, 22, 30}}
	r := readOf(outcomeOf(t, y[0], before[0]), outcomeOf(t, y[1], before[1]), outcomeOf(t, y[2], before[2]))
	m, found := compared(t, withCovariate(asked(Metric{Kind: KindMean, Value: ValueCount}, 3)), r)
	for i, ref := range cupedReference {
		c := m.Comparisons[i]
		want(t, "effect", c.Effect.Value, ref.effect, 1e-9)
		want(t, "p", c.PValue, ref.p, 1e-9)
		want(t, "lower", c.Effect.Lo, ref.lo, 1e-9)
		want(t, "upper", c.Effect.Hi, ref.hi, 1e-9)
		want(t, "unadjusted", c.Unadjusted.Value, ref.unadjusted, 1e-9)
		want(t, "unadjusted lower", c.Unadjusted.Lo, ref.unLo, 1e-9)
		want(t, "reduction", c.VarianceReduction, ref.reduction, 1e-9)
		want(t, "lift lower", c.Lift.Lo, ref.liftLo, 1e-8)
		want(t, "lift upper", c.Lift.Hi, ref.liftHi, 1e-8)
	}
	if len(found) != 0 {
		t.Errorf("%+v", found)
	}
}

var cupedReference = []struct{ effect, p, lo, hi, unadjusted, unLo, reduction, liftLo, liftHi float64 }{
	{5.792990884454298, 0.00020076957610262755, 3.3352162895123394, 8.250765479396257, 3.625, -10.013456634964133, 0.9678644944767429, 0.16676697159467802, 0.4918840318231479},
	{-0.04856491746735969, 0.9718434880429673, -2.9500834066583383, 2.852953571723619, 1.5, -11.985180528291835, 0.9537063987668585, -0.15012505673454613, 0.16710286389858098},
}

// A ratio is adjusted by the ratio before, both linearised: with two arms what stats.CompareCupedRatios gives, whose
// oracle are values linearised and adjusted one by one.
func TestCuped_ratio(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	var arms []outcome
	var pairs []stats.CovariedRatio
	for range 2 {
		var v [4][]int64
		for range 150 {
			z, z0 := 1+r.Int64N(20), 1+r.Int64N(20)
			share := r.Float64()
			for i, x := range []int64{int64(share * float64(z)), z, int64(share * float64(z0)), z0} {
				v[i] = append(v[i], x)
			}
		}
		arms = append(arms, outcomeOf(t, v[:]...))
		c, err := stats.CovariedRatioOf(floats(v[0]), floats(v[1]), floats(v[2]), floats(v[3]))
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, c)
	}
	m, _ := compared(t, withCovariate(asked(Metric{Kind: KindRatio}, 2)), readOf(arms...))
	ref, err := stats.CompareCupedRatios(pairs[0], pairs[1], nil, false, 0.95, stats.TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Comparisons[0]
	want(t, "effect", c.Effect.Value, *ref.Estimate, 1e-9)
	want(t, "p", c.PValue, *ref.PValue, 1e-9)
	want(t, "lower", c.Effect.Lo, *ref.Lower, 1e-9)
	want(t, "reduction", c.VarianceReduction, *ref.VarianceReduction, 1e-9)
	if *c.VarianceReduction < 0.3 || c.Unadjusted.Method != referral.MethodDelta {
		t.Errorf("%+v", c)
	}
}

// A covariate that nobody has, or that one arm does not have, changes nothing and says why.
func TestCuped_fallsBack(t *testing.T) {
	y := [][]int64{{1, 4, 2, 8, 5, 7}, {3, 6, 2, 9, 9, 4}}
	zero := []int64{0, 0, 0, 0, 0, 0}
	def := asked(Metric{Kind: KindMean}, 2)
	plain, _ := compared(t, def, readOf(outcomeOf(t, y[0]), outcomeOf(t, y[1])))
	for reason, r := range map[string]read{
		referral.ReasonZeroVariance: readOf(outcomeOf(t, y[0], zero), outcomeOf(t, y[1], zero)),
		referral.ReasonNoData:       readOf(outcomeOf(t, y[0], zero), outcomeOf(t, y[1])),
	} {
		checkFallsBack(t, def, plain, r, reason)
	}
	// A share of hardly any successes keeps Fisher's test, a ratio of few units its permutation.
	ones, more := []int64{0, 1, 0, 1, 0, 0}, []int64{1, 1, 0, 1, 0, 1}
	def = asked(Metric{Kind: KindProportion}, 2)
	plain, _ = compared(t, def, readOf(outcomeOf(t, ones), outcomeOf(t, more)))
	checkFallsBack(t, def, plain, readOf(outcomeOf(t, ones, more), outcomeOf(t, more, ones)), ReasonFewOutcomes)
	var arms, bare []outcome
	for _, v := range [][2][]int64{ratioControl, ratioTreatment} {
		arms = append(arms, clustered(outcomeOf(t, v[0], v[1], v[1], v[0]), v[0], v[1]))
		bare = append(bare, clustered(outcomeOf(t, v[0], v[1]), v[0], v[1]))
	}
	def = asked(Metric{Kind: KindRatio}, 2)
	plain, _ = compared(t, def, readOf(bare...))
	checkFallsBack(t, def, plain, readOf(arms...), ReasonFewUnits)
}

// checkFallsBack wants the read-out to be that without a covariate, with the reason.
func checkFallsBack(t *testing.T, def Definition, plain MetricResult, r read, reason string) {
	t.Helper()
	m, found := compared(t, withCovariate(def), r)
	c := m.Comparisons[0]
	if c.CovariateReason != reason || c.Unadjusted != nil || c.VarianceReduction != nil || *c.PValue != *plain.Comparisons[0].PValue || c.Method != plain.Comparisons[0].Method {
		t.Errorf("%s: %+v", reason, c)
	}
	if got := codes(found); !slices.Equal(got, []string{"no-covariate"}) {
		t.Errorf("%s: %v", reason, got)
	}
}

// Arms that differed before the first exposure are named.
func TestCuped_unevenBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 2))
	y0, b0 := linked(r, 300, 0)
	y1, b1 := linked(r, 300, 0)
	even := readOf(outcomeOf(t, y0, b0), outcomeOf(t, y1, b1))
	if _, found := compared(t, withCovariate(asked(Metric{Kind: KindMean}, 2)), even); len(found) != 0 {
		t.Errorf("%+v", found)
	}
	for i := range b1 {
		b1[i] += 400
	}
	uneven := readOf(outcomeOf(t, y0, b0), outcomeOf(t, y1, b1))
	if _, found := compared(t, withCovariate(asked(Metric{Kind: KindMean}, 2)), uneven); !slices.Equal(codes(found), []string{"uneven-before"}) {
		t.Errorf("%+v", found)
	}
}

// A share with a covariate is compared as a mean: the interval is Welch's, and agrees with p.
func TestCuped_share(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var v [4][]int64
	for range 400 {
		p := r.Float64()
		for k := range 2 {
			y, b := int64(0), int64(0)
			if r.Float64() < p {
				y = 1
			}
			if r.Float64() < p {
				b = 1
			}
			v[k], v[2+k] = append(v[k], y), append(v[2+k], b)
		}
	}
	m, _ := compared(t, withCovariate(asked(Metric{Kind: KindProportion}, 2)), readOf(outcomeOf(t, v[0], v[2]), outcomeOf(t, v[1], v[3])))
	c := m.Comparisons[0]
	if c.Effect.Method != referral.MethodWelch || c.Unadjusted.Method != referral.MethodNewcombe || *c.VarianceReduction < 0.02 {
		t.Errorf("%+v", c)
	}
}
