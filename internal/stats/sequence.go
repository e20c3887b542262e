package stats

import (
	"math"

	"vouch/referral"
)

// Sequence is a confidence sequence at one moment: an interval that holds at all moments together, so that
// looking at any time, as often as one likes, keeps the level.
type Sequence struct {
	Estimate *float64 `json:"estimate"`
	SE       *float64 `json:"se"`
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
	PValue   *float64 `json:"p_value"`
	LnPValue *float64 `json:"ln_p_value"` // finite where the p-value underflows
	Reason   string   `json:"reason,omitempty"`
}

// sequenceRho is ρ², the variance of the mixture per unit, which makes a sequence of error rate a nearly as
// tight as possible at tuning units.
//
//	ρ² = (−2 ln a + ln(1 − 2 ln a))/tuning
func sequenceRho(tuning, a float64) float64 {
	return (-2*math.Log(a) + math.Log1p(-2*math.Log(a))) / tuning
}

// sequenceCritical is the critical value, in standard errors, of the asymptotic confidence sequence with n
// units in all, tuned to be tightest at tuning units.
//
//	√(2(k+1)/k ln(√(k+1)/a)), k = n ρ²
//
// Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2021), arXiv 2103.06476.
func sequenceCritical(n, tuning, a float64) float64 {
	k := n * sequenceRho(tuning, a)
	return math.Sqrt(2 * (1 + 1/k) * (math.Log1p(k)/2 - math.Log(a)))
}

// sequenceCriticalOneSided is sequenceCritical for one limit, with ρ² of 2a.
//
//	√(2(k+1)/k ln(1 + √(k+1)/(2a)))
func sequenceCriticalOneSided(n, tuning, a float64) float64 {
	k := n * sequenceRho(tuning, 2*a)
	return math.Sqrt(2 * (1 + 1/k) * logAdd(0, math.Log1p(k)/2-math.Log(2*a)))
}

// logAdd is ln(e^x + e^y).
func logAdd(x, y float64) float64 {
	return math.Max(x, y) + math.Log1p(math.Exp(-math.Abs(x-y)))
}

// checkTuning refuses a tuning that is not positive, and a one-sided level at which no tuning exists.
func checkTuning(tuning, level float64, alt Alternative) error {
	if !(tuning > 0) || math.IsInf(tuning, 1) {
		return invalid("tuning %g is not positive", tuning)
	}
	if alt != TwoSided && level <= 0.5 {
		return invalid("confidence %g: a one-sided sequence needs more than one half", level)
	}
	return nil
}

// AsymptoticSequence returns the always-valid interval and p-value of a difference of means, or of the lift
// when relative.
//
//	n = n_C + n_T, a = 1 − level, ρ² = (−2 ln a + ln(1 − 2 ln a))/tuning, k = n ρ²
//	estimate ∓ se √(2(k+1)/k ln(√(k+1)/a)), se that of Welch or of LiftDelta
//	ln p = min(0, ln(k+1)/2 − (estimate/se)² k/(2(k+1)))
//	one-sided: ρ² of 2a, √(2(k+1)/k ln(1 + √(k+1)/(2a))), and p = √(k+1)/(2 (e^((estimate/se)² k/(2(k+1))) − 1))
//	on the side asked about, 1 on the other
//
// So p is at most a exactly when the interval leaves out 0. tuning is the number of units at which
// the interval should be tightest, chosen before the data: the planned total serves.
//
// Assumes independent units and enough of them at the first look for the mean to be near normal. Units: that
// of the values, or a share of the control mean.
// Edges: as Welch and LiftDelta. A one-sided level of at most one half is ErrInput: its ρ² would not be
// positive.
// Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2021), arXiv 2103.06476; one-sided as in growthbook.
// Checked against: the formulas in mpmath 1.4.1 and rejections under constant looking, in sequence_test.go.
func AsymptoticSequence(c, t Moments, level, tuning float64, relative bool, alt Alternative) (Sequence, error) {
	alt, err := checkAlternative(alt)
	if err != nil {
		return Sequence{}, err
	}
	if err := checkTuning(tuning, level, alt); err != nil {
		return Sequence{}, err
	}
	var out Sequence
	if relative {
		l, err := LiftDelta(c, t, level, TwoSided)
		if err != nil {
			return Sequence{}, err
		}
		out.Estimate, out.SE, out.Reason = l.Estimate, l.SE, l.Reason
	} else {
		w, err := Welch(c, t, level, TwoSided)
		if err != nil {
			return Sequence{}, err
		}
		out.Estimate, out.SE, out.Reason = w.Estimate, w.SE, w.Reason
	}
	if out.Reason == "" && (out.Estimate == nil || out.SE == nil) {
		out.Reason = ReasonOutOfRange
	}
	if out.Reason == "" {
		out.finish(float64(c.N)+float64(t.N), 1-level, tuning, alt)
	}
	return out, nil
}

// finish adds the limits and the p-value to an estimate with a standard error above 0.
func (out *Sequence) finish(n, a, tuning float64, alt Alternative) {
	est, se := *out.Estimate, *out.SE
	z := est / se
	h, k := se, n*sequenceRho(tuning, a)
	if alt == TwoSided {
		h *= sequenceCritical(n, tuning, a)
		out.Lower, out.Upper = num(est-h), num(est+h)
	} else {
		k = n * sequenceRho(tuning, 2*a)
		h *= sequenceCriticalOneSided(n, tuning, a)
	}
	power := z * z / 2 / (1 + 1/k)
	ln := math.Log1p(k)/2 - power
	switch alt {
	case Greater:
		out.Lower = num(est - h)
		ln = oneSidedLogP(z, k, power)
	case Less:
		out.Upper = num(est + h)
		ln = oneSidedLogP(-z, k, power)
	case TwoSided:
	}
	if out.LnPValue = num(math.Min(0, ln)); out.LnPValue != nil {
		out.PValue = num(math.Exp(*out.LnPValue))
	}
	if out.LnPValue == nil || out.Lower == nil && alt != Less || out.Upper == nil && alt != Greater {
		out.Lower, out.Upper, out.Reason = nil, nil, ReasonOutOfRange
	}
}

// oneSidedLogP is ln(√(k+1)/(2(e^power − 1))) where z is on the side asked about.
func oneSidedLogP(z, k, power float64) float64 {
	if !(z > 0) {
		return 0
	}
	return math.Log1p(k)/2 - math.Ln2 - power - math.Log(-math.Expm1(-power))
}

// WidthRatio is the price of looking at any time.
type WidthRatio struct {
	Rho    *float64 `json:"rho"`
	Ratio  *float64 `json:"ratio"`
	Reason string   `json:"reason,omitempty"`
}

// SequenceWidthRatio returns by how much the interval of AsymptoticSequence is wider than that for one look
// with n units in all, and its ρ. No units: insufficient_data.
// Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2021), arXiv 2103.06476.
// Checked against: the formulas in mpmath 1.4.1, in sequence_test.go.
func SequenceWidthRatio(n int64, tuning, level float64) (WidthRatio, error) {
	if err := checkLevel(level); err != nil {
		return WidthRatio{}, err
	}
	if err := checkTuning(tuning, level, TwoSided); err != nil {
		return WidthRatio{}, err
	}
	if n < 0 {
		return WidthRatio{}, invalid("%d units", n)
	}
	out := WidthRatio{Rho: num(math.Sqrt(sequenceRho(tuning, 1-level)))}
	if n == 0 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	out.Ratio = num(sequenceCritical(float64(n), tuning, 1-level) / criticalZ(level))
	if out.Ratio == nil || out.Rho == nil {
		out.Reason = ReasonOutOfRange
	}
	return out, nil
}
