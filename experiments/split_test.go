package experiments

import (
	"strings"
	"testing"

	"vouch/referral"
)

// splitRead has arms of so many units, all mature.
func splitRead(weights []float64, units ...int64) read {
	var r read
	for i, n := range units {
		r.arms = append(r.arms, arm{name: variantName(i), weight: weights[i], n: n, mature: n})
	}
	return r
}

// Reference: scipy 1.17.1, stats.binomtest and stats.chisquare.
func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []float64
		units   []int64
		p       float64
		method  string
		reason  string
	}{
		{"two arms of few units, exact", []float64{1, 1}, []int64{38, 22}, 0.051893895928921435, referral.MethodExactBinomial, ""},
		{"many units", []float64{1, 1}, []int64{420, 380}, 0.15729920705028105, referral.MethodChiSquare, ""},
		{"three arms", []float64{1, 1, 1}, []int64{30, 50, 40}, 0.0820849986238988, referral.MethodChiSquare, ""},
		{"three arms of hardly any units", []float64{1, 1, 1}, []int64{3, 5, 4}, -1, referral.MethodChiSquare, ReasonFewUnits},
		{"nobody", []float64{1, 1}, []int64{0, 0}, -1, referral.MethodChiSquare, referral.ReasonNoData},
		{"shares that no units follow", []float64{1e-30, 1e30}, []int64{1000, 1000}, leastP, referral.MethodExactBinomial, ""},
		{"a unit where none was planned", []float64{1, 1, 0}, []int64{3, 5, 1}, 0, referral.MethodChiSquare, "zero_weight_observed"},
	} {
		got, err := srm(splitRead(c.weights, c.units...).arms)
		if err != nil {
			t.Fatal(err)
		}
		if c.p >= 0 {
			if got.PValue == nil || (c.p == 0) != (*got.PValue == 0) {
				t.Errorf("%s: %+v", c.name, got)
			} else if c.p > 0 {
				want(t, c.name, got.PValue, c.p, 1e-9)
			}
		}
		if (got.PValue == nil) != (c.p < 0) || got.Method != c.method || got.Reason != c.reason {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// A fault on one day is lost in the whole and found on the day; strata are asked only where the definition has them.
func TestSplitBy(t *testing.T) {
	r := splitRead([]float64{1, 1}, 2100, 2000)
	for d, n := range [][2]int64{{400, 410}, {250, 120}, {480, 495}, {470, 475}, {500, 500}} {
		for a := range 2 {
			r.cells = append(r.cells, cell{arm: a, day: "2026-03-0" + string(rune('1'+d)), stratum: []string{"north", "south"}[d%2], n: n[a]})
		}
	}
	whole, err := srm(r.arms)
	if err != nil || *whole.PValue < srmAlpha {
		t.Fatalf("%+v, %v", whole, err)
	}
	def := asked(Metric{Kind: KindMean}, 2)
	days, err := splitBy(def, r)
	if err != nil || len(days) != 5 {
		t.Fatalf("%+v, %v", days, err)
	}
	for i, p := range days {
		if p.By != ByDay || (*p.AdjustedP < srmAlpha) != (i == 1) || *p.AdjustedP < *p.PValue {
			t.Errorf("%+v", p)
		}
	}
	j := judgement{def: def, arms: r.arms, res: &Result{SplitBy: days}}
	if f := j.splitFindings(); len(f) != 1 || f[0].Code != "srm-day" || f[0].Subject != "2026-03-02" || !strings.Contains(f[0].Detail, "none 250, ten 120 units") {
		t.Errorf("%+v", f)
	}
	want(t, "Bonferroni", days[1].AdjustedP, 5**days[1].PValue, 1e-12)
	def.Strata = StrataExposure
	parts, err := splitBy(def, r)
	if err != nil || len(parts) != 7 || parts[0].By != ByStratum || parts[0].Units[0] != 400+480+500 {
		t.Errorf("%+v, %v", parts, err)
	}
}
