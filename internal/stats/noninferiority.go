package stats

import (
	"math"

	"vouch/referral"
)

// Equivalence is the result of two one-sided tests.
type Equivalence struct {
	Estimate   *float64 `json:"estimate"`
	SE         *float64 `json:"se"`
	DF         *float64 `json:"df"`
	PLower     *float64 `json:"p_lower"` // of the hypothesis: effect ≤ −margin
	PUpper     *float64 `json:"p_upper"` // of the hypothesis: effect ≥ margin
	PValue     *float64 `json:"p_value"` // the larger of both
	Lower      *float64 `json:"lower"`
	Upper      *float64 `json:"upper"`
	Equivalent *bool    `json:"equivalent"`
	Reason     string   `json:"reason,omitempty"`
}

// checkMargin refuses margins that are not positive: a margin is a tolerated loss.
func checkMargin(margin float64) error {
	if !(margin > 0) || math.IsInf(margin, 0) {
		return invalid("margin %g is not positive", margin)
	}
	return nil
}

// TOST tests whether two means differ by less than the margin, by two one-sided Welch tests.
//
// The interval is at 2·level − 1 (90 % for a level of 0.95): it lies within the margin exactly when both
// tests reject. A level of one half or less is ErrInput.
// Source: Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15, 657–680.
// Checked against: statsmodels 0.15.0, ttost_ind, in noninferiority_test.go.
func TOST(c, t Moments, margin, level float64) (Equivalence, error) {
	if err := checkMargin(margin); err != nil {
		return Equivalence{}, err
	}
	if level <= 0.5 {
		return Equivalence{}, invalid("confidence %g has no interval at twice it less one", level)
	}
	w, err := Welch(c, t, level, TwoSided)
	out := Equivalence{Estimate: w.Estimate, SE: w.SE, DF: w.DF, Reason: w.Reason}
	if err != nil || w.Reason != "" {
		return out, err
	}
	d, se, df := *w.Estimate, *w.SE, *w.DF
	low, high := StudentUpperTail((d+margin)/se, df), StudentUpperTail((margin-d)/se, df)
	p := math.Max(low, high)
	out.PLower, out.PUpper, out.PValue = num(low), num(high), num(p)
	q := -StudentQuantile(1-level, df)
	out.Lower, out.Upper = num(d-q*se), num(d+q*se)
	equivalent := p < 1-level
	out.Equivalent = &equivalent
	return out, nil
}

// Noninferiority is a one-sided test against a tolerated loss.
type Noninferiority struct {
	Estimate    *float64 `json:"estimate,omitempty"`
	SE          *float64 `json:"se,omitempty"`
	DF          *float64 `json:"df,omitempty"`
	Statistic   *float64 `json:"statistic"`
	PValue      *float64 `json:"p_value"`
	Lower       *float64 `json:"lower"`
	Upper       *float64 `json:"upper"`
	Noninferior *bool    `json:"noninferior"`
	Reason      string   `json:"reason,omitempty"`
}

// NoninferiorMean tests whether a mean is worse by less than the margin.
//
//	higher is better: (d + margin)/se, upper tail, limit d − q(level) se
//	lower is better:  (d − margin)/se, lower tail, limit d + q(level) se
//
// with Welch's se and df; non-inferior when p < 1 − level, exactly when the limit is inside the margin.
// Source: the definition, with Welch (1947), Biometrika 34, 28–35.
// Checked against: the limit it must agree with, in noninferiority_test.go, and the cases of
// noninferiority.mean.welch in internal/calc/testdata/cases/experiments.jsonl.
func NoninferiorMean(c, t Moments, margin float64, higherIsBetter bool, level float64) (Noninferiority, error) {
	if err := checkMargin(margin); err != nil {
		return Noninferiority{}, err
	}
	w, err := Welch(c, t, level, TwoSided)
	out := Noninferiority{Estimate: w.Estimate, SE: w.SE, DF: w.DF, Reason: w.Reason}
	if err != nil || w.Reason != "" {
		return out, err
	}
	d, se, df := *w.Estimate, *w.SE, *w.DF
	var stat, p float64
	if higherIsBetter {
		stat = (d + margin) / se
		p = StudentUpperTail(stat, df)
		out.Lower, _ = studentLimits(d, se, df, level, Greater)
	} else {
		stat = (d - margin) / se
		p = StudentUpperTail(-stat, df)
		_, out.Upper = studentLimits(d, se, df, level, Less)
	}
	out.decide(stat, p, level)
	return out, nil
}

func (out *Noninferiority) decide(stat, p, level float64) {
	out.Statistic, out.PValue = num(stat), num(p)
	ok := p < 1-level
	out.Noninferior = &ok
}

// NoninferiorShare tests whether a share is worse by less than the margin.
//
//	(d + margin)/√variance, upper tail; lower is better: the same on failures
//
// The variance is that of the maximum likelihood estimates at a difference of −margin (score), or the
// unpooled one at the estimates (Wald). margin in (0,1).
// Source: Farrington and Manning (1990), Statistics in Medicine 9, 1447–1454.
// Checked against: Wald's form by hand, in noninferiority_test.go, and the cases of
// noninferiority.proportion.farrington_manning in internal/calc/testdata/cases/experiments.jsonl.
func NoninferiorShare(c, t Counts, margin float64, higherIsBetter, score bool, level float64) (Noninferiority, error) {
	if err := checkMargin(margin); err != nil || margin >= 1 {
		return Noninferiority{}, invalid("margin %g is not between 0 and 1", margin)
	}
	if _, empty, err := checkShares(c, t, TwoSided); err != nil || empty {
		return Noninferiority{Reason: referral.ReasonNoData}, err
	}
	if err := checkLevel(level); err != nil {
		return Noninferiority{}, err
	}
	if !higherIsBetter {
		c.Successes, t.Successes = c.Trials-c.Successes, t.Trials-t.Successes
	}
	pc, pt := c.rate(), t.rate()
	v := pc*(1-pc)/float64(c.Trials) + pt*(1-pt)/float64(t.Trials)
	if score {
		v = scoreVariance(c, t, -margin)
	}
	if v == 0 {
		return Noninferiority{Reason: referral.ReasonZeroVariance}, nil
	}
	var out Noninferiority
	stat := (pt - pc + margin) / math.Sqrt(v)
	out.decide(stat, UpperTail(stat), level)
	return out, nil
}
