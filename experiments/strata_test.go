package experiments

import (
	"math"
	"math/rand/v2"
	"testing"

	"vouch/referral"
)

// stratumNames of three strata of shares: successes and units of control and treatment.
var (
	stratumNames  = []string{"north", "south", "west"}
	stratumShares = [][4]int64{{12, 100, 22, 110}, {40, 150, 45, 140}, {5, 60, 11, 70}}
)

// stratifiedRead is a reading of shares with its cells.
func stratifiedRead(t *testing.T) read {
	var whole [2]joint
	var cells []cell
	for i, s := range stratumShares {
		for a := range 2 {
			j := shareOf(t, s[2*a], s[2*a+1]).joint
			whole[a].add(j)
			cells = append(cells, cell{arm: a, stratum: stratumNames[i], day: "2026-03-0" + string(rune('1'+i)), n: s[2*a+1], mature: s[2*a+1], metrics: []joint{j}})
		}
	}
	var arms []outcome
	for a := range 2 {
		o := outcome{joint: whole[a]}
		var err error
		if o.Moments, err = o.joint.moments(0); err != nil {
			t.Fatal(err)
		}
		arms = append(arms, o)
	}
	r := readOf(arms...)
	r.cells = cells
	return r
}

func stratifiedDefinition() Definition {
	def := asked(Metric{Kind: KindProportion}, 2)
	def.Strata = StrataExposure
	return def
}

// Reference: statsmodels 0.15.0, StratifiedTable.test_null_odds and combine_effects; scipy 1.17.1, ttest_ind; the weighted sum in
// numpy 2.4.6.
func TestStrata_shares(t *testing.T) {
	m, _ := compared(t, stratifiedDefinition(), stratifiedRead(t))
	s := m.Comparisons[0].Strata
	want(t, "post-stratified", s.PostStratified.Value, 0.06710506424792141, 1e-9)
	want(t, "lower", s.PostStratified.Lo, 0.004231109184636539, 1e-7)
	want(t, "upper", s.PostStratified.Hi, 0.12997901931120628, 1e-9)
	want(t, "CMH", s.CMH, 0.03763947725413819, 1e-9)
	want(t, "Q", s.Q, 0.12452600150362265, 1e-9)
	want(t, "heterogeneity", s.PValue, 0.9396357293879644, 1e-9)
	if *s.ISquared != 0 || s.Reason != "" {
		t.Errorf("%+v", s)
	}
	for i, p := range []float64{0.11358524226238752, 0.3085297501216441, 0.19532739617538528} {
		want(t, "p of "+stratumNames[i], s.Parts[i].PValue, p, 1e-9)
	}
	want(t, "Holm", s.Parts[0].AdjustedP, 3*0.11358524226238752, 1e-9)
	if p := s.Parts[2]; p.Stratum != "west" || p.Control != 60 || p.Treatment != 70 || p.Effect.Method != referral.MethodNewcombe {
		t.Errorf("%+v", p)
	}
}

// The cells add up to the whole: merged into one stratum they give the effect of the arms.
func TestStrata_addUp(t *testing.T) {
	r := stratifiedRead(t)
	for i := range r.cells {
		r.cells[i].stratum = []string{"a", "b"}[i/2%2]
	}
	sum := [2]joint{}
	for _, c := range r.cells {
		sum[c.arm].add(c.metrics[0])
	}
	for a, j := range sum {
		m, err := j.moments(0)
		if err != nil || m != r.arms[a].metrics[0].Moments {
			t.Errorf("%+v, want %+v, %v", m, r.arms[a].metrics[0].Moments, err)
		}
	}
}

// A stratum with units in one arm only is listed without an effect, and is in no sum.
func TestStrata_oneArm(t *testing.T) {
	r := stratifiedRead(t)
	lone := shareOf(t, 3, 9).joint
	r.cells = append(r.cells, cell{arm: 1, stratum: "east", n: 9, mature: 9, metrics: []joint{lone}})
	m, _ := compared(t, stratifiedDefinition(), r)
	s := m.Comparisons[0].Strata
	want(t, "post-stratified", s.PostStratified.Value, 0.06710506424792141, 1e-9)
	if east := s.Parts[0]; s.Reason != ReasonStrataLeftOut || east.Stratum != "east" || east.Effect.Value != nil || east.Effect.Reason != referral.ReasonNoData || east.PValue != nil {
		t.Errorf("%+v", s)
	}
}

// With a covariate the effects per stratum are adjusted by the coefficient of the whole: over strata of one composition the
// weighted effect is close to that of the whole, and narrower than without the covariate.
func TestStrata_adjusted(t *testing.T) {
	r, _ := linkedCells(t, 240)
	def := asked(Metric{Kind: KindMean}, 2)
	def.Strata = StrataExposure
	plain, _ := compared(t, def, r)
	adjusted, _ := compared(t, withCovariate(def), r)
	width := func(c Comparison) float64 { return *c.Strata.PostStratified.Hi - *c.Strata.PostStratified.Lo }
	p, a := plain.Comparisons[0], adjusted.Comparisons[0]
	if width(a) > 0.7*width(p) {
		t.Errorf("width %g with the covariate, %g without", width(a), width(p))
	}
	if d := math.Abs(*a.Strata.PostStratified.Value - *a.Effect.Value); d > 0.1*width(a) {
		t.Errorf("%g over strata, %g over all", *a.Strata.PostStratified.Value, *a.Effect.Value)
	}
}

// A ratio is weighted by denominators: where both arms have the same denominators in each stratum the sum over strata is the
// ratio of the whole.
func TestStrata_ratioWeights(t *testing.T) {
	z := [][]int64{{4, 8, 2, 6, 5, 7, 9, 3}, {20, 35, 41, 12, 30, 22, 18, 27}}
	y := [][][]int64{{{1, 2, 1, 1, 0, 3, 2, 1}, {9, 20, 17, 5, 21, 9, 8, 16}}, {{2, 2, 2, 1, 3, 3, 4, 1}, {14, 20, 30, 9, 21, 9, 11, 20}}}
	var arms []outcome
	var cells []cell
	for a := range 2 {
		arms = append(arms, outcomeOf(t, append(append([]int64{}, y[a][0]...), y[a][1]...), append(append([]int64{}, z[0]...), z[1]...)))
		for h := range 2 {
			cells = append(cells, cell{arm: a, stratum: stratumNames[h], n: 8, mature: 8, metrics: []joint{jointOf(y[a][h], z[h])}})
		}
	}
	r := readOf(arms...)
	r.cells = cells
	def := asked(Metric{Kind: KindRatio}, 2)
	def.Strata = StrataExposure
	m, _ := compared(t, def, r)
	c := m.Comparisons[0]
	want(t, "post-stratified", c.Strata.PostStratified.Value, *c.Effect.Value, 1e-12)
}

// Strata of a handful of units have a weighted sum, but do not tell whether effects differ.
func TestStrata_small(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, c := range []struct {
		each int64
		q    bool
	}{{4, false}, {10, true}} {
		var cells []cell
		var whole [2]joint
		for h := range 4 {
			for a := range 2 {
				var v []int64
				for range c.each {
					v = append(v, r.Int64N(100))
				}
				j := jointOf(v)
				whole[a].add(j)
				cells = append(cells, cell{arm: a, stratum: string(rune('a' + h)), n: c.each, mature: c.each, metrics: []joint{j}})
			}
		}
		var arms []outcome
		for _, j := range whole {
			m, err := j.moments(0)
			if err != nil {
				t.Fatal(err)
			}
			arms = append(arms, outcome{Moments: m, joint: j})
		}
		at := readOf(arms...)
		at.cells = cells
		def := asked(Metric{Kind: KindMean}, 2)
		def.Strata = StrataExposure
		m, _ := compared(t, def, at)
		s := m.Comparisons[0].Strata
		if s.PostStratified.Lo == nil || (s.Q != nil) != c.q || (s.Reason == ReasonFewUnits) == c.q {
			t.Errorf("%d units: %+v", c.each, s)
		}
	}
}
