package experiments

import (
	"vouch/internal/stats"
	"vouch/referral"
)

// belief is what the data say with a flat prior: a share by beta posteriors, which hold up when nobody converts; any other
// metric, and a share with a covariate, by the normal distribution. Where a fall is the improvement the arms trade places.
func (x *reading) belief(c, t sample, e contrast) (*Belief, error) {
	if e.bars {
		return &Belief{Reason: e.reason}, nil
	}
	if x.metric.LowerIsBetter {
		c, t = t, c
	}
	var b stats.Belief
	var reason string
	if _, share := x.kind.(proportion); share && c.observed == nil {
		s, err := stats.BayesShares(c.successes(), t.successes(), stats.BetaParams{Alpha: 1, Beta: 1})
		if err != nil {
			return nil, err
		}
		b = s.Belief
	} else {
		n, err := stats.BayesEffect(c.units, t.units, nil, false, x.level)
		if err != nil {
			return nil, err
		}
		b, reason = n.Belief, n.Reason
	}
	if b.ChanceToWin == nil && reason == "" {
		reason = referral.ReasonNoData
	}
	return &Belief{Better: b.ChanceToWin, LossShip: b.LossTreatment, LossKeep: b.LossControl, Reason: reason}, nil
}
