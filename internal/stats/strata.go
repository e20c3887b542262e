package stats

import (
	"math"

	"vouch/referral"
)

// CMHTest is the Cochran–Mantel–Haenszel test.
type CMHTest struct {
	Statistic   *float64 `json:"statistic"`
	PValue      *float64 `json:"p_value"`
	StatisticCC *float64 `json:"statistic_cc"` // with continuity correction
	PValueCC    *float64 `json:"p_value_cc"`
	DF          *float64 `json:"df"`
	OddsRatio   *float64 `json:"odds_ratio"`
	Reason      string   `json:"reason,omitempty"`
}

// CMH tests two arms of shares over strata, and returns the Mantel–Haenszel odds ratio.
//
//	(Σ(x_T − E))² / ΣV with hypergeometric V; the correction takes ½ from the absolute sum, not below 0
//
// Strata with an empty arm are skipped. Assumes one odds ratio in all strata.
// Source: Mantel and Haenszel (1959), Journal of the National Cancer Institute 22, 719–748.
// Checked against: statsmodels 0.15.0, StratifiedTable, in strata_test.go.
func CMH(control, treatment []Counts) (CMHTest, error) {
	if len(control) != len(treatment) {
		return CMHTest{}, invalid("%d controls and %d treatments", len(control), len(treatment))
	}
	var diff, variance, up, down float64
	for i := range control {
		c, t := control[i], treatment[i]
		if _, _, err := checkShares(c, t, TwoSided); err != nil {
			return CMHTest{}, err
		}
		if c.Trials == 0 || t.Trials == 0 {
			continue
		}
		nc, nt, n := float64(c.Trials), float64(t.Trials), float64(c.Trials+t.Trials)
		x := float64(c.Successes + t.Successes)
		diff += float64(t.Successes) - nt*x/n
		variance += nt / n * nc / n * x / (n - 1) * (n - x)
		up += float64(t.Successes) * float64(c.Trials-c.Successes) / n
		down += float64(c.Successes) * float64(t.Trials-t.Successes) / n
	}
	out := CMHTest{}
	if down > 0 {
		out.OddsRatio = num(up / down)
	}
	if variance == 0 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	corrected := math.Max(0, math.Abs(diff)-0.5)
	stat, cc := diff*diff/variance, corrected*corrected/variance
	out.Statistic, out.PValue, out.DF = num(stat), num(ChiSquareTail(stat, 1)), num(1)
	out.StatisticCC, out.PValueCC = num(cc), num(ChiSquareTail(cc, 1))
	return out, nil
}

// HeterogeneityTest is a common effect with the test of whether there is one.
type HeterogeneityTest struct {
	Estimate  *float64 `json:"estimate"`
	SE        *float64 `json:"se"`
	Statistic *float64 `json:"statistic"` // Cochran's Q
	DF        *float64 `json:"df"`
	PValue    *float64 `json:"p_value"`
	ISquared  *float64 `json:"i_squared"`
	Reason    string   `json:"reason,omitempty"`
}

// Heterogeneity returns the inverse-variance mean of effects, Cochran's Q and I² = max(0, (Q−df)/Q). One
// segment has no Q.
// Source: Cochran (1954), Biometrics 10, 101–129; Higgins and Thompson (2002), Statistics in Medicine 21,
// 1539–1558.
// Checked against: two effects by hand, in strata_test.go.
func Heterogeneity(estimates, standardErrors []float64) (HeterogeneityTest, error) {
	if len(estimates) != len(standardErrors) {
		return HeterogeneityTest{}, invalid("%d estimates and %d standard errors", len(estimates), len(standardErrors))
	}
	if len(estimates) == 0 {
		return HeterogeneityTest{Reason: referral.ReasonNoData}, nil
	}
	var weights, weighted []float64
	for i, se := range standardErrors {
		if !(se > 0) || math.IsInf(se, 0) || math.IsNaN(estimates[i]) || math.IsInf(estimates[i], 0) {
			return HeterogeneityTest{}, invalid("estimate %g with standard error %g", estimates[i], se)
		}
		weights = append(weights, 1/(se*se))
		weighted = append(weighted, estimates[i]/(se*se))
	}
	w := Sum(weights)
	mean := Sum(weighted) / w
	out := HeterogeneityTest{Estimate: num(mean), SE: num(1 / math.Sqrt(w))}
	if out.Estimate == nil || out.SE == nil {
		out.Reason = ReasonOutOfRange
		return out, nil
	}
	if len(estimates) < 2 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	var terms []float64
	for i := range estimates {
		terms = append(terms, weights[i]*(estimates[i]-mean)*(estimates[i]-mean))
	}
	q, df := Sum(terms), float64(len(estimates)-1)
	out.Statistic, out.DF, out.PValue, out.ISquared = num(q), num(df), num(ChiSquareTail(q, df)), num(0)
	if q > df {
		out.ISquared = num((q - df) / q)
	}
	return out, nil
}

// PostStratified is an effect weighted over strata.
type PostStratified struct {
	Estimate   *float64 `json:"estimate"`
	SE         *float64 `json:"se"`
	Unadjusted *float64 `json:"unadjusted"`
	Lower      *float64 `json:"lower"`
	Upper      *float64 `json:"upper"`
	Reason     string   `json:"reason,omitempty"`
}

// PostStratify returns Σ w (T − C) over strata with variance Σ w² (v_C/n_C + v_T/n_T) and a normal
// interval, weights taken as fixed.
//
// Without weights each stratum has its share of all units. Given weights must be non-negative and add up
// to 1. An arm with fewer than 2 units: insufficient_data.
// Source: Miratrix, Sekhon, Yu (2013), JRSS B 75, 369–396.
// Checked against: two strata by hand, in strata_test.go, and the cases of strata.post_stratification in
// internal/calc/testdata/cases/experiments.jsonl.
func PostStratify(control, treatment []Moments, weights []float64, level float64) (PostStratified, error) {
	if len(control) != len(treatment) || weights != nil && len(weights) != len(control) {
		return PostStratified{}, invalid("%d controls, %d treatments, %d weights", len(control), len(treatment), len(weights))
	}
	total := int64(0)
	for i := range control {
		if _, err := checkArms(control[i], treatment[i], level, TwoSided); err != nil {
			return PostStratified{}, err
		}
		total += control[i].N + treatment[i].N
	}
	if weights != nil {
		for _, w := range weights {
			if !(w >= 0) {
				return PostStratified{}, invalid("weight %g", w)
			}
		}
		if s := Sum(weights); math.Abs(s-1) > 1e-9 {
			return PostStratified{}, invalid("weights add up to %g", s)
		}
	}
	var out PostStratified
	c, t := MergeMoments(control...), MergeMoments(treatment...)
	if c.N > 0 && t.N > 0 {
		out.Unadjusted = num(t.Mean - c.Mean)
	}
	var effects, variances []float64
	for i := range control {
		if control[i].N < 2 || treatment[i].N < 2 {
			out.Reason = referral.ReasonNoData
			return out, nil
		}
		w := float64(control[i].N+treatment[i].N) / float64(total)
		if weights != nil {
			w = weights[i]
		}
		effects = append(effects, w*(treatment[i].Mean-control[i].Mean))
		variances = append(variances, w*w*(control[i].Variance/float64(control[i].N)+treatment[i].Variance/float64(treatment[i].N)))
	}
	if len(control) == 0 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	est, se := Sum(effects), math.Sqrt(Sum(variances))
	if out.Estimate, out.SE = num(est), num(se); out.Estimate == nil || out.SE == nil {
		out.Reason = ReasonOutOfRange
		return out, nil
	}
	if se == 0 {
		out.Reason = referral.ReasonZeroVariance
		return out, nil
	}
	out.Lower, out.Upper = studentLimits(est, se, math.Inf(1), level, TwoSided)
	return out, nil
}
