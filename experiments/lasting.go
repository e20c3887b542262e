package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// ReasonCrossing says that a test and an effect point in opposite directions: the curves cross.
const ReasonCrossing = "crossing_curves"

// lasting is the time until an event, read with open windows. The value is the mean time without it up to a horizon
// (the restricted mean), the p-value the log-rank test's, which asks about the whole curve.
type lasting struct {
	horizon float64 // seconds: the window, or as long as both arms were watched if that is less
}

// newLasting finds the horizon: no curve is known beyond the last time at which it was watched.
func newLasting(window float64, arms []outcome) (lasting, error) {
	k := lasting{horizon: window}
	for _, o := range arms {
		curve, known, err := o.curve()
		if err != nil {
			return k, err
		}
		if !known || len(curve.Steps) > 0 && curve.Steps[len(curve.Steps)-1].Survival == 0 {
			continue
		}
		k.horizon = min(k.horizon, curve.Last)
	}
	return k, nil
}

// curve is the share of units still without the event.
func (o outcome) curve() (c stats.SurvivalCurve, known bool, err error) {
	if o.missing || o.watched() == 0 {
		return c, false, nil
	}
	c, err = stats.KaplanMeier(o.times)
	return c, err == nil, err
}

// watched is the number of units behind the curve, open windows too.
func (o outcome) watched() int64 {
	n := int64(0)
	for _, l := range o.times {
		n += l.Events + l.Censored
	}
	return n
}

func (lasting) theory() theory { return byNormal }

func (k lasting) arm(o outcome, level float64) (sample, error) {
	curve, known, err := o.curve()
	if err != nil || !known || !(k.horizon > 0) {
		return o.empty(referral.ReasonNoData, referral.MethodRestrictedMean, level), err
	}
	m, variance, known := curve.RestrictedMean(k.horizon)
	if !known {
		return o.empty(referral.ReasonNotYet, referral.MethodRestrictedMean, level), nil
	}
	units := standing(curve.N, m, math.Sqrt(variance))
	e := referral.Estimate{Value: referral.Float(m), Confidence: level, Method: referral.MethodRestrictedMean, Denominator: referral.Whole(curve.N)}
	if variance == 0 {
		e.Reason = referral.ReasonZeroVariance
	} else {
		h := -stats.NormalQuantile((1-level)/2) * math.Sqrt(variance)
		e.Lo, e.Hi = referral.Float(m-h), referral.Float(m+h)
	}
	return sample{outcome: o, value: e, units: units}, nil
}

func (k lasting) contrast(c, t sample, level float64) (contrast, error) {
	out, err := byNormal.contrast(c, t, level, referral.MethodRestrictedMean)
	out.method = referral.MethodLogRank
	if err != nil || out.bars || out.p == nil {
		return out, err
	}
	l, err := stats.LogRank(c.times, t.times)
	if err != nil || l.PValue == nil {
		out.p, out.reason = nil, l.Reason
		return out, err
	}
	out.p = l.PValue
	// More events than expected should mean less time without one.
	if out.crossing = (*l.Observed-*l.Expected)**out.effect.Value > 0; out.crossing {
		out.reason = ReasonCrossing
	}
	return out, nil
}

func (lasting) covaried([]outcome) ([]stats.Covaried, string, error) {
	return nil, referral.ReasonNoData, nil
}
