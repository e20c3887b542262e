package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// noninferiority tests a guardrail against the loss that it tolerates, one-sided at half of 1 − level; nil without a margin.
//
// An absolute margin m: T − C against −m, of a share by the score test. A margin relative to the control, δ: T − (1 − δ)C against 0,
// so that the error of the control's mean is in the test; for a control below 0 the factor is 1 + δ. Where a fall is the
// improvement the signs of m and δ turn. The metric is non-inferior exactly when the limit of the effect is inside of the margin.
func (x *reading) noninferiority(c, t sample, e contrast) (*Noninferiority, error) {
	m := x.metric.Margin
	if m == nil {
		return nil, nil
	}
	out := &Noninferiority{Margin: m.Absolute, Method: referral.MethodWelch}
	if m.Relative > 0 && !e.bars {
		out.Margin = m.Relative * math.Abs(c.units.Mean)
	}
	switch {
	case e.bars:
		out.Reason = e.reason
		return out, nil
	case out.Margin == 0:
		out.Reason = referral.ReasonZeroControl
		return out, nil
	}
	if _, share := x.kind.(proportion); share && c.observed == nil && m.Relative == 0 && m.Absolute < 1 {
		return out, out.byScore(c, t, !x.metric.LowerIsBetter, x.level)
	}
	return out, out.byMoments(c, t, m.Relative, x)
}

// byScore tests a share with the variance that it would have at the margin; the limit inverts the same test.
func (n *Noninferiority) byScore(c, t sample, higher bool, level float64) error {
	n.Method = referral.MethodScore
	s, err := stats.NoninferiorShare(c.successes(), t.successes(), n.Margin, higher, true, (1+level)/2)
	if err != nil {
		return err
	}
	n.PValue, n.Noninferior, n.Reason = notZero(s.PValue), s.Noninferior, s.Reason
	d, err := stats.Mee(c.successes(), t.successes(), level)
	n.Limit = d.Lower
	if !higher {
		n.Limit = d.Upper
	}
	return err
}

// byMoments tests T against the control moved by the margin.
func (n *Noninferiority) byMoments(c, t sample, relative float64, x *reading) error {
	side, alt := -1.0, stats.Greater
	if x.metric.LowerIsBetter {
		side, alt = 1, stats.Less
	}
	moved := c.units
	if relative > 0 {
		factor := 1 + side*math.Copysign(relative, moved.Mean)
		moved.Mean *= factor
		moved.Variance *= factor * factor
	} else {
		moved.Mean += side * n.Margin
	}
	w, err := x.kind.theory().compare(moved, t.units, (1+x.level)/2, alt)
	if err != nil || w.PValue == nil {
		n.Reason = w.Reason
		return err
	}
	inside := *w.PValue < (1-x.level)/2
	n.PValue, n.Noninferior = notZero(w.PValue), &inside
	limit := w.Lower
	if x.metric.LowerIsBetter {
		limit = w.Upper
	}
	if limit != nil {
		n.Limit = referral.Float(*limit + side*n.Margin)
	}
	return nil
}
