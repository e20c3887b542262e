package stats

import (
	"errors"
	"math"

	"vouch/referral"
)

// checkRate refuses what is no probability.
func checkRate(name string, p float64) error {
	if !(p >= 0 && p <= 1) {
		return invalid("%s %g is not between 0 and 1", name, p)
	}
	return nil
}

// shareDesign is a planned comparison of two shares.
type shareDesign struct {
	control, treatment float64
	z                  float64 // critical value of the test
}

func newShareDesign(pControl, pTreatment, level float64, alt Alternative) (shareDesign, error) {
	if err := errors.Join(checkRate("p_control", pControl), checkRate("p_treatment", pTreatment), checkLevel(level)); err != nil {
		return shareDesign{}, err
	}
	alt, err := checkAlternative(alt)
	d := shareDesign{control: pControl, treatment: pTreatment, z: criticalZ(level)}
	if alt != TwoSided {
		d.z = -NormalQuantile(1 - level)
	}
	return d, err
}

func (d shareDesign) unpooled() float64 {
	return d.control*(1-d.control) + d.treatment*(1-d.treatment)
}

func (d shareDesign) pooled() float64 {
	m := (d.control + d.treatment) / 2
	return 2 * m * (1 - m)
}

// SharePower returns the power of the pooled normal test of two shares with n units per arm.
//
//	Φ((√n |d| − z √(2 p̄(1−p̄))) / √(p_C q_C + p_T q_T)), p̄ the mean of both
//
// The far tail is not counted, so at d = 0 this is half the level of a two-sided test. nil without any
// variance.
// Source: Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, chapter 4; the form
// of R's power.prop.test.
// Checked against: the example of R's power.prop.test, in power_test.go.
func SharePower(pControl, pTreatment, n, level float64, alt Alternative) (*float64, error) {
	d, err := newShareDesign(pControl, pTreatment, level, alt)
	if err != nil {
		return nil, err
	}
	if !(n > 0) || math.IsInf(n, 0) {
		return nil, invalid("%g units per arm", n)
	}
	if d.unpooled() == 0 {
		return nil, nil
	}
	return num(LowerTail((math.Sqrt(n)*math.Abs(pTreatment-pControl) - d.z*math.Sqrt(d.pooled())) / math.Sqrt(d.unpooled()))), nil
}

// PerArm is a planned number of units per arm.
type PerArm struct {
	N      *float64 `json:"n_per_arm"`
	Ceil   *float64 `json:"n_per_arm_ceil"`
	Reason string   `json:"reason,omitempty"`
}

// ShareSampleSize returns the units per arm for the power, inverting SharePower; with unpooled the
// critical value too is multiplied by the unpooled deviation.
//
//	((z √(2 p̄(1−p̄)) + z_power √(p_C q_C + p_T q_T)) / d)², or (z + z_power)² (p_C q_C + p_T q_T)/d²
//
// Equal shares: unbounded.
// Source: Fleiss, Levin, Paik (2003), Statistical Methods for Rates and Proportions, chapter 4.
// Checked against: the example of R's power.prop.test, in power_test.go, and the cases of
// power.proportion.sample_size, power.proportion.sample_size.unpooled in
// internal/calc/testdata/cases/experiments.jsonl.
func ShareSampleSize(pControl, pTreatment, power, level float64, alt Alternative, unpooled bool) (PerArm, error) {
	d, err := newShareDesign(pControl, pTreatment, level, alt)
	if err != nil {
		return PerArm{}, err
	}
	if !(power > 0 && power < 1) {
		return PerArm{}, invalid("power %g is not between 0 and 1", power)
	}
	if pControl == pTreatment {
		return PerArm{Reason: referral.ReasonUnbounded}, nil
	}
	null := d.pooled()
	if unpooled {
		null = d.unpooled()
	}
	root := (d.z*math.Sqrt(null) + NormalQuantile(power)*math.Sqrt(d.unpooled())) / (pTreatment - pControl)
	n := root * root
	return PerArm{N: num(n), Ceil: num(ceil(n))}, nil
}

// ceil rounds a number of units up, but not for rounding noise just above a whole number.
func ceil(n float64) float64 { return math.Ceil(n - 1e-9*math.Max(1, n)) }

// DesignEffect returns by how much clustering multiplies the variance of a mean over cluster members.
//
//	1 + ((cv² + 1) m − 1) icc
//
// m is the mean cluster size, cv its coefficient of variation, icc the intra-cluster correlation.
// It may be negative, but not so far that the variance would be: that is ErrInput.
// Source: Eldridge, Ashby, Kerry (2006), International Journal of Epidemiology 35, 1292–1300.
// Checked against: hand-worked figures, in power_test.go.
func DesignEffect(m, cv, icc float64) (float64, error) {
	if !(m > 0) || !(cv >= 0) || !(icc >= -1 && icc <= 1) || math.IsInf(m+cv, 0) {
		return 0, invalid("mean cluster size %g, cv %g, icc %g", m, cv, icc)
	}
	d := 1 + ((cv*cv+1)*m-1)*icc
	if !(d > 0) || math.IsInf(d, 0) {
		return 0, invalid("mean cluster size %g, cv %g and icc %g give a design effect of %g", m, cv, icc, d)
	}
	return d, nil
}

// GuardrailPower returns the power each metric needs so that a decision over several success and guardrail
// metrics reaches the power asked for: beta is divided by the guardrails plus one for the successes.
//
//	1 − (1−power)/(g + [s > 0])
//
// Source: Schultzberg, Ankargren, Frånberg (2024), arXiv 2402.11609.
// Checked against: the cases of power.guardrail_correction in
// internal/calc/testdata/cases/experiments.jsonl.
func GuardrailPower(successes, guardrails int64, power float64) (float64, error) {
	if successes < 0 || guardrails < 0 || successes+guardrails == 0 || !(power > 0 && power < 1) {
		return 0, invalid("%d success metrics, %d guardrails, power %g", successes, guardrails, power)
	}
	parts := float64(guardrails)
	if successes > 0 {
		parts++
	}
	return 1 - (1-power)/parts, nil
}

// ExtraSample is the share of further units an experiment under way needs.
type ExtraSample struct {
	Factor *float64 `json:"extra_sample_factor"`
	Reason string   `json:"reason,omitempty"`
}

// MidExperiment returns f such that (1+f) times the units seen reach the power for a target lift.
//
//	delta variance of the lift at the observed arms divided by 1+f; two-sided normal power; 0 when reached
//
// tuning > 0 takes the critical value of the confidence sequence at the larger sample instead.
// Source: as in growthbook's mid-experiment power.
// Checked against: the power at the enlarged sample, in power_test.go, and the cases of
// power.mid_experiment in internal/calc/testdata/cases/experiments.jsonl.
func MidExperiment(c, t Moments, targetLift, power, level, tuning float64) (ExtraSample, error) {
	if _, err := checkArms(c, t, level, TwoSided); err != nil {
		return ExtraSample{}, err
	}
	if !(power > 1-level && power < 1) || math.IsNaN(targetLift) || math.IsInf(targetLift, 0) || !(tuning >= 0) {
		return ExtraSample{}, invalid("power %g, target lift %g, tuning %g", power, targetLift, tuning)
	}
	switch {
	case c.N < 2 || t.N < 2:
		return ExtraSample{Reason: referral.ReasonNoData}, nil
	case c.Mean == 0:
		return ExtraSample{Reason: referral.ReasonZeroControl}, nil
	case targetLift == 0:
		return ExtraSample{Reason: referral.ReasonUnbounded}, nil
	}
	l, err := LiftDelta(c, t, level, TwoSided)
	if err != nil {
		return ExtraSample{}, err
	}
	if l.SE == nil {
		return ExtraSample{Reason: ReasonOutOfRange}, nil
	}
	if *l.SE == 0 {
		return ExtraSample{Reason: referral.ReasonZeroVariance}, nil
	}
	n := float64(c.N + t.N)
	short := func(f float64) float64 {
		q := criticalZ(level)
		if tuning > 0 {
			q = sequenceCritical(n*(1+f), tuning, 1-level)
		}
		d := math.Abs(targetLift) / (*l.SE / math.Sqrt(1+f))
		return power - UpperTail(q-d) - UpperTail(q+d)
	}
	if short(0) <= 0 {
		return ExtraSample{Factor: num(0)}, nil
	}
	f, ok := root(short, 0, bracketUp(short, 1))
	if !ok {
		return ExtraSample{Reason: referral.ReasonUnbounded}, nil
	}
	return ExtraSample{Factor: num(f)}, nil
}
