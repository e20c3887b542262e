package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// sparseCell is the expected number of successes or failures in an arm below which a share is far from normal.
const sparseCell = 5

// ReasonFewOutcomes says that too few units have the outcome, or lack it.
const ReasonFewOutcomes = "few_outcomes"

// proportion is the share of mature units with the outcome: Wilson's interval in an arm, Newcombe's between arms.
//
// The p-value is Welch's as for means: one question, one answer, with which Fieller's interval of the lift always
// agrees. Only where a cell of the table is expected to hold fewer than sparseCell units it is Fisher's. With a covariate a
// share is a mean.
type proportion struct{ mean }

func (proportion) arm(o outcome, level float64) (sample, error) {
	if o.missing || o.N == 0 {
		return o.empty(referral.ReasonNoData, referral.MethodWilson, level), nil
	}
	lo, hi, err := stats.WilsonInterval(o.successes().Successes, o.N, level)
	return sample{outcome: o, units: o.Moments, value: referral.Estimate{
		Value: referral.Float(o.Mean), Lo: referral.Float(lo), Hi: referral.Float(hi), Confidence: level, Method: referral.MethodWilson,
		Numerator: o.whole(0), Denominator: referral.Whole(o.N),
	}}, err
}

func (proportion) contrast(c, t sample, level float64) (contrast, error) {
	out, err := byStudent.contrast(c, t, level, referral.MethodWelch)
	if err != nil || c.observed != nil || t.observed != nil {
		return out, err
	}
	out.effect.Method = referral.MethodNewcombe
	if out.bars {
		return out, nil
	}
	d, err := stats.Newcombe(c.successes(), t.successes(), level)
	if err != nil {
		return out, err
	}
	out.effect.Value, out.effect.Lo, out.effect.Hi, out.effect.Reason = d.Estimate, d.Lower, d.Upper, d.Reason
	if out.p == nil || !sparse(c.successes(), t.successes()) {
		return out, nil
	}
	f, err := stats.Fisher(c.successes(), t.successes(), stats.TwoSided)
	out.p, out.method = f.PValue, referral.MethodFisher
	return out, err
}

// covaried is that of means; a share of which so few units have the outcome that its test is Fisher's stays as it is.
func (proportion) covaried(arms []outcome) ([]stats.Covaried, string, error) {
	for i, o := range arms {
		if i > 0 && sparse(arms[0].successes(), o.successes()) {
			return nil, ReasonFewOutcomes, nil
		}
	}
	return mean{}.covaried(arms)
}

// sparse reports whether fewer than sparseCell successes or failures are expected in an arm if both shares are one.
func sparse(c, t stats.Counts) bool {
	rarer := min(c.Successes+t.Successes, c.Trials+t.Trials-c.Successes-t.Successes)
	return float64(rarer)*float64(min(c.Trials, t.Trials)) < sparseCell*math.Max(1, float64(c.Trials+t.Trials))
}
