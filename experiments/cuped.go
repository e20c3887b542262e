package experiments

import (
	"vouch/internal/stats"
	"vouch/referral"
)

// unevenBefore is the p-value of a difference between arms before the first exposure below which the arms were not alike
// to begin with; as small as that of the split and for the same reason.
const unevenBefore = 0.001

// adjustment is what a covariate from before the exposure does to a metric.
type adjustment struct {
	theta  *float64 // nil where nothing is adjusted
	reason string   // why nothing is adjusted; empty where it is, and where no covariate is asked for
	// before are the covariate's moments per arm.
	before []stats.Moments
}

// adjust takes out of all arms what the metric before the exposure explains, with one coefficient: one for each pair of
// arms would move the control from comparison to comparison. The coefficient is that of these arms if theta is nil.
func adjust(k kind, arms []sample, theta *float64) (adjustment, error) {
	var with []outcome
	var at []int
	for i, s := range arms {
		if s.reason == "" {
			with, at = append(with, s.outcome), append(at, i)
		}
	}
	pairs, reason, err := k.covaried(with)
	if err != nil || reason != "" {
		return adjustment{reason: reason}, err
	}
	a := adjustment{before: make([]stats.Moments, len(arms))}
	varies := false
	for i, v := range pairs {
		a.before[at[i]] = stats.Moments{N: v.N, Mean: v.MeanPre, Variance: v.VarPre}
		varies = varies || v.VarPre > 0
	}
	adjusted, used, err := stats.AdjustCuped(theta, pairs...)
	if err != nil {
		return adjustment{}, err
	}
	if !varies || referral.Float(used) == nil {
		a.reason = referral.ReasonZeroVariance
		return a, nil
	}
	a.theta = &used
	for i, m := range adjusted {
		arms[at[i]].observed, arms[at[i]].units = &pairs[i].Moments, m
	}
	return a, nil
}

// uneven is the p-value of the difference of the covariate; nil without a test.
func (a adjustment) uneven(i int) (*float64, error) {
	if len(a.before) == 0 {
		return nil, nil
	}
	w, err := stats.Welch(a.before[0], a.before[i], 0.95, stats.TwoSided)
	return w.PValue, err
}

// cupedFindings names arms that were not alike before, and covariates that say nothing.
func (x *reading) cupedFindings(arms []arm, found *collector) error {
	if x.cuped.reason != "" {
		found.add("no-covariate", x.metric.Name, "%s is not adjusted by its value before the first exposure: %s.", x.metric.Name, map[string]string{
			referral.ReasonZeroVariance: "it is the same for all units", referral.ReasonNoData: "it is not known of every arm",
			ReasonFewUnits: "the units are too few", ReasonFewOutcomes: "too few units have the outcome, or lack it",
			stats.ReasonZeroDenominator: "in some arm its denominator was 0",
		}[x.cuped.reason])
	}
	for i := range arms[1:] {
		p, err := x.cuped.uneven(i + 1)
		if err != nil {
			return err
		}
		if p != nil && *p < unevenBefore {
			found.add("uneven-before", x.metric.Name, "%s differed between %s and %s before the first exposure: p = %.2g, below %g. The arms were not alike to begin with; find the cause before reading any effect.",
				x.metric.Name, arms[i+1].name, arms[0].name, *p, unevenBefore)
		}
	}
	return nil
}
