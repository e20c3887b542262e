package experiments

import (
	"vouch/internal/stats"
	"vouch/referral"
)

// mean is the mean per mature unit: Student's interval in an arm, Welch's test between arms.
type mean struct{}

func (mean) theory() theory { return byStudent }

func (mean) arm(o outcome, level float64) (sample, error) {
	if o.missing || o.N == 0 {
		return o.empty(referral.ReasonNoData, referral.MethodStudent, level), nil
	}
	e := meanEstimate(o.Moments, level, referral.MethodStudent)
	e.Numerator = o.whole(0)
	return sample{outcome: o, value: e, units: o.Moments}, nil
}

func (mean) contrast(c, t sample, level float64) (contrast, error) {
	return byStudent.contrast(c, t, level, referral.MethodWelch)
}

func (mean) covaried(arms []outcome) ([]stats.Covaried, string, error) {
	return covariedBy(arms, func(o outcome) (stats.Covaried, string, error) {
		if len(o.joint.sum) < 2 {
			return stats.Covaried{}, referral.ReasonNoData, nil
		}
		v, err := o.joint.covaried()
		return v, "", err
	})
}
