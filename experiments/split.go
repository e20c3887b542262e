package experiments

import (
	"maps"
	"slices"

	"vouch/internal/stats"
	"vouch/referral"
)

// Parts of the units whose split is tested.
const (
	ByStratum = "stratum"
	ByDay     = "day"
)

// srm tests the counts of all analysed units, mature or not, against the planned shares.
func srm(arms []arm) (SRM, error) {
	units := make([]int64, len(arms))
	for i, a := range arms {
		units[i] = a.n
	}
	return splitTest(arms, units)
}

// splitTest is the chi-square test of a split; of two arms with fewer than fewUnits expected in one the exact one. More arms with
// fewer than sparseCell expected in one are not tested: there the chi-square distribution is too far off.
func splitTest(arms []arm, units []int64) (SRM, error) {
	weights := make([]float64, len(arms))
	total, all, planned := int64(0), 0.0, 0
	for i, a := range arms {
		weights[i] = a.weight
		total, all = total+units[i], all+a.weight
		if a.weight > 0 {
			planned++
		}
	}
	fewest := float64(total)
	for _, w := range weights {
		if w > 0 {
			fewest = min(fewest, float64(total)*w/all)
		}
	}
	switch {
	case len(arms) == 2 && planned == 2 && total > 0 && fewest < fewUnits:
		t, err := stats.SRMExact([2]int64{units[0], units[1]}, [2]float64{weights[0], weights[1]})
		return SRM{PValue: notZero(t.PValue), Method: referral.MethodExactBinomial, Reason: t.Reason}, err
	case total > 0 && fewest < sparseCell && !unplanned(weights, units):
		return SRM{Method: referral.MethodChiSquare, Reason: ReasonFewUnits}, nil
	}
	t, err := stats.SRM(units, weights)
	if t.Reason == "" { // 0 is what a unit of an arm without a planned share makes it
		t.PValue = notZero(t.PValue)
	}
	return SRM{PValue: t.PValue, Statistic: t.Statistic, Method: referral.MethodChiSquare, Reason: t.Reason}, err
}

// unplanned reports whether an arm without a planned share has units, which fails the test whatever the numbers.
func unplanned(weights []float64, units []int64) bool {
	for i, w := range weights {
		if w == 0 && units[i] > 0 {
			return true
		}
	}
	return false
}

// splitBy tests the split within each stratum and on each day of first exposure, adjusted by Bonferroni over the parts of its
// kind. A fault on one day or in one stratum is lost in the whole.
func splitBy(def Definition, r read) ([]SplitPart, error) {
	out := []SplitPart{}
	if def.Strata != "" {
		strata, err := splitParts(ByStratum, func(c cell) string { return c.stratum }, r)
		if err != nil {
			return nil, err
		}
		out = append(out, strata...)
	}
	days, err := splitParts(ByDay, func(c cell) string { return c.day }, r)
	return append(out, days...), err
}

func splitParts(by string, key func(cell) string, r read) ([]SplitPart, error) {
	units := map[string][]int64{}
	for _, c := range r.cells {
		k := key(c)
		if units[k] == nil {
			units[k] = make([]int64, len(r.arms))
		}
		units[k][c.arm] += c.n
	}
	if len(units) < 2 {
		return nil, nil
	}
	var out []SplitPart
	var ps []float64
	var at []int
	for _, k := range slices.Sorted(maps.Keys(units)) {
		t, err := splitTest(r.arms, units[k])
		if err != nil {
			return nil, err
		}
		if t.PValue != nil {
			ps, at = append(ps, *t.PValue), append(at, len(out))
		}
		out = append(out, SplitPart{By: by, Key: k, Units: units[k], PValue: t.PValue, Reason: t.Reason})
	}
	if len(ps) == 0 {
		return out, nil
	}
	adjusted, err := stats.Bonferroni(ps)
	for i, k := range at {
		out[k].AdjustedP = referral.Float(adjusted[i])
	}
	return out, err
}
