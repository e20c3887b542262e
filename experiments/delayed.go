package experiments

import (
	"vouch/internal/stats"
	"vouch/referral"
)

// delayed reads a conversion with its open windows, beside the decision that rests on closed ones; nil where the reading has
// no times.
func (x *reading) delayed(c, t sample) (*Delayed, error) {
	end := x.def.window(x.metric).Std().Seconds()
	if !(end > 0) || c.watched() == 0 || t.watched() == 0 {
		return nil, nil
	}
	out := &Delayed{Naive: referral.Float(t.naive(end) - c.naive(end)), OpenControl: c.open(end), OpenTreatment: t.open(end)}
	var err error
	if out.KaplanMeier, err = converted(c.outcome, t.outcome, end, x.level); err != nil {
		return nil, err
	}
	m, err := stats.CompareRestrictedMeans(c.times, t.times, end, x.level)
	if err != nil {
		return nil, err
	}
	out.RestrictedMean = referral.Estimate{Value: m.Estimate, Lo: m.Lower, Hi: m.Upper, Confidence: x.level, Method: referral.MethodRestrictedMean, Reason: m.Reason}
	l, err := stats.LogRank(c.times, t.times)
	out.LogRank = l.PValue
	if _, share := x.kind.(proportion); share && c.N > 0 && t.N > 0 {
		out.Matured = referral.Float(t.Mean - c.Mean)
	}
	return out, err
}

// converted is the difference of the shares with the event by the end of the window, by Kaplan and Meier.
func converted(c, t outcome, end, level float64) (referral.Estimate, error) {
	var arms [2]stats.Moments
	for i, o := range []outcome{c, t} {
		curve, _, err := o.curve()
		if err != nil {
			return referral.Estimate{}, err
		}
		s, se, ok := curve.At(end)
		if !ok {
			return referral.Undefined(referral.ReasonNotYet, referral.MethodGreenwood, level), nil
		}
		arms[i] = standing(curve.N, 1-s, se)
	}
	w, err := stats.WelchNormal(arms[0], arms[1], level, stats.TwoSided)
	return referral.Estimate{Value: w.Estimate, Lo: w.Lower, Hi: w.Upper, Confidence: level, Method: referral.MethodGreenwood, Reason: w.Reason}, err
}

// naive is the share of all units with the event, open windows taken for failures.
func (o outcome) naive(end float64) float64 {
	n := int64(0)
	for _, l := range o.times {
		if l.Time <= end {
			n += l.Events
		}
	}
	return float64(n) / float64(o.watched())
}

// open are the units that were last seen without the event before the end of their window.
func (o outcome) open(end float64) int64 {
	n := int64(0)
	for _, l := range o.times {
		if l.Time < end {
			n += l.Censored
		}
	}
	return n
}
