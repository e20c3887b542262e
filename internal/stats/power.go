package stats

import (
	"math"

	"vouch/referral"
)

// MeanDesign is a comparison of two means to be planned. Variances are per unit, sizes per arm.
type MeanDesign struct {
	VarianceControl   float64
	VarianceTreatment float64
	Level             float64 // confidence of the later test
	Alternative       Alternative
	Normal            bool // plan with the normal distribution instead of noncentral t
}

func (d MeanDesign) check() (MeanDesign, error) {
	if err := checkLevel(d.Level); err != nil {
		return d, err
	}
	if !(d.VarianceControl >= 0 && d.VarianceTreatment >= 0) || math.IsInf(d.VarianceControl+d.VarianceTreatment, 0) {
		return d, invalid("variances %g and %g", d.VarianceControl, d.VarianceTreatment)
	}
	alt, err := checkAlternative(d.Alternative)
	d.Alternative = alt
	return d, err
}

// Power returns the probability that Welch's test finds an effect of the given size.
//
//	δ = effect/√(v_C/n_C + v_T/n_T); noncentral t with Welch's degrees of freedom, or normal
//
// Two-sided power counts both tails, so an effect of 0 has power 1 − level. nil when no arm has a
// variance (zero_variance in the callers).
// Source: Cohen (1988), Statistical Power Analysis for the Behavioral Sciences, section 2.
// Checked against: statsmodels 0.15.0, TTestIndPower().power, in power_test.go.
func (d MeanDesign) Power(effect, nControl, nTreatment float64) (*float64, error) {
	d, err := d.check()
	if err != nil {
		return nil, err
	}
	if !(nControl > 0 && nTreatment > 0) || math.IsNaN(effect) || math.IsInf(effect, 0) {
		return nil, invalid("effect %g with %g and %g units", effect, nControl, nTreatment)
	}
	if !d.Normal && (nControl <= 1 || nTreatment <= 1) {
		return nil, nil
	}
	return num(d.power(effect, nControl, nTreatment)), nil
}

func (d MeanDesign) power(effect, nc, nt float64) float64 {
	a, b := d.VarianceControl/nc, d.VarianceTreatment/nt
	if a+b == 0 {
		return math.NaN()
	}
	delta := effect / math.Sqrt(a+b)
	df := math.Inf(1)
	if !d.Normal {
		df = welchDF(a, b, nc-1, nt-1)
	}
	alpha := 1 - d.Level
	switch d.Alternative {
	case Greater:
		_, up := NoncentralTTails(-StudentQuantile(alpha, df), df, delta)
		return up
	case Less:
		low, _ := NoncentralTTails(StudentQuantile(alpha, df), df, delta)
		return low
	case TwoSided:
	}
	q := criticalT(d.Level, df)
	low, _ := NoncentralTTails(-q, df, delta)
	_, up := NoncentralTTails(q, df, delta)
	return math.Min(1, low+up)
}

// wrongSign reports whether the test can never gain power from more units.
func (d MeanDesign) wrongSign(effect float64) bool {
	return effect == 0 || d.Alternative == Greater && effect < 0 || d.Alternative == Less && effect > 0
}

// SampleSizes are real numbers of units per arm; round up to plan.
type SampleSizes struct {
	Control   *float64
	Treatment *float64
	Reason    string
}

// SampleSize returns the units per arm at which the test reaches the power, with allocation units in
// the treatment for each one in the control. It inverts Power exactly: Power at the answer is the
// power asked for. An effect of 0 or against the alternative needs no finite number (unbounded);
// power not above 1 − level is ErrInput.
// Source: the inverse of Power.
// Checked against: statsmodels 0.15.0, TTestIndPower().solve_power, in power_test.go.
func (d MeanDesign) SampleSize(effect, power, allocation float64) (SampleSizes, error) {
	d, err := d.check()
	if err != nil {
		return SampleSizes{}, err
	}
	if !(power < 1 && power > 1-d.Level) || !(allocation > 0) || math.IsInf(allocation, 0) || math.IsNaN(effect) || math.IsInf(effect, 0) {
		return SampleSizes{}, invalid("power %g, allocation %g, effect %g", power, allocation, effect)
	}
	if d.wrongSign(effect) {
		return SampleSizes{Reason: referral.ReasonUnbounded}, nil
	}
	if d.VarianceControl+d.VarianceTreatment == 0 {
		return SampleSizes{Reason: referral.ReasonZeroVariance}, nil
	}
	f := func(u float64) float64 {
		n := math.Exp(u)
		return d.power(effect, n, n*allocation) - power
	}
	lo := -50.0
	if !d.Normal {
		// Below one unit an arm has no degrees of freedom.
		lo = math.Log(math.Max(1, 1/allocation)) + 1e-9
	}
	if f(lo) >= 0 {
		n := math.Exp(lo)
		return SampleSizes{Control: num(n), Treatment: num(n * allocation)}, nil
	}
	hi := lo + 1
	for f(hi) < 0 && hi < 700 {
		hi += 1 + (hi-lo)/2
	}
	u, ok := root(f, lo, hi)
	if !ok {
		return SampleSizes{Reason: referral.ReasonUnbounded}, nil
	}
	n := math.Exp(u)
	return SampleSizes{Control: num(n), Treatment: num(n * allocation)}, nil
}

// MDE returns the smallest effect that the test finds with the given power, negative for the
// alternative Less. nil if no arm has a variance or an arm has no degrees of freedom.
// Source: the inverse of Power.
// Checked against: statsmodels 0.15.0, TTestIndPower().solve_power, in power_test.go.
func (d MeanDesign) MDE(nControl, nTreatment, power float64) (*float64, error) {
	d, err := d.check()
	if err != nil {
		return nil, err
	}
	if !(power < 1 && power > 1-d.Level) || !(nControl > 0 && nTreatment > 0) {
		return nil, invalid("power %g with %g and %g units", power, nControl, nTreatment)
	}
	se := math.Sqrt(d.VarianceControl/nControl + d.VarianceTreatment/nTreatment)
	if se == 0 || !d.Normal && (nControl <= 1 || nTreatment <= 1) {
		return nil, nil
	}
	sign := 1.0
	if d.Alternative == Less {
		sign = -1
	}
	f := func(x float64) float64 { return power - d.power(sign*x*se, nControl, nTreatment) }
	x, ok := root(f, 0, bracketUp(f, 1))
	if !ok {
		return nil, nil
	}
	return num(sign * x * se), nil
}
