package stats

import (
	"math"

	"vouch/referral"
)

// Belief is what a normal posterior of a difference says about shipping the treatment.
type Belief struct {
	ChanceToWin   *float64 `json:"chance_to_win"`           // the treatment is better
	LossControl   *float64 `json:"expected_loss_control"`   // lost on average by keeping the control
	LossTreatment *float64 `json:"expected_loss_treatment"` // lost on average by shipping the treatment
}

// normalLoss is E max(−Z−z, 0) = φ(z) − z P(Z > z), what a standard normal variable with mean z falls short
// of 0 on average. From z = 10 on the difference is taken out of the continued fraction of LogUpperTail:
// φ(z)(f − z)/f with f = z + 1/(z + 2/(z + …)).
func normalLoss(z float64) float64 {
	if z < 10 {
		return NormalDensity(z) - z*UpperTail(z)
	}
	f := z
	for k := 80; k >= 2; k-- {
		f = z + float64(k)/f
	}
	return NormalDensity(z) / (f * (z + 1/f))
}

// NormalBelief returns the chance that a difference with a normal posterior is positive and the expected
// losses.
//
//	Φ(m/s),  E max(d,0) = s φ(m/s) + m Φ(m/s),  E max(−d,0) = s φ(m/s) − m Φ(−m/s)
//
// The losses keep their digits in the far tail. sd must not be negative; of a difference known without error
// nothing is said (ok false).
// Source: the integrals of the normal density, closed form.
// Checked against: mpmath 1.4.1, quad of the definition at 50 digits, in bayes_test.go.
func NormalBelief(mean, sd float64) (b Belief, ok bool, err error) {
	switch {
	case math.IsNaN(mean) || math.IsInf(mean, 0) || !(sd >= 0) || math.IsInf(sd, 0):
		return b, false, invalid("mean %g, standard deviation %g", mean, sd)
	case sd == 0:
		return b, false, nil
	}
	z := mean / sd
	loss := func(z, mean float64) *float64 {
		if math.IsInf(z, -1) {
			return num(mean)
		}
		return num(sd * normalLoss(z))
	}
	return Belief{ChanceToWin: num(LowerTail(z)), LossControl: loss(-z, mean), LossTreatment: loss(z, -mean)}, true, nil
}

// NormalPrior is a normal prior for an effect. A nil *NormalPrior is flat.
type NormalPrior struct{ Mean, Variance float64 }

// NormalEffect is the posterior of an effect.
type NormalEffect struct {
	Estimate *float64 `json:"estimate"`
	SD       *float64 `json:"sd"`
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
	Belief
	Reason string `json:"reason,omitempty"`
}

// BayesEffect returns the posterior of the difference of two means, or of the lift if relative is true.
//
//	likelihood normal around d with variance v_C/n_C + v_T/n_T; relative: the lift with LiftDelta's variance
//	posterior precision 1/s0² + 1/se², mean weighted by precision; interval mean ∓ z sd
//
// The prior is on the scale asked for. Assumes enough units for the mean to be near normal; relative also
// a control mean many standard errors from 0. Edges as Welch and LiftDelta.
// Source: Gelman et al. (2013), Bayesian Data Analysis, 3rd edition, section 2.5.
// Checked against: mpmath 1.4.1, the product of both densities integrated, in bayes_test.go.
func BayesEffect(c, t Moments, prior *NormalPrior, relative bool, level float64) (NormalEffect, error) {
	if prior != nil && (!(prior.Variance > 0) || math.IsInf(prior.Variance, 0) || math.IsNaN(prior.Mean) || math.IsInf(prior.Mean, 0)) {
		return NormalEffect{}, invalid("prior with mean %g and variance %g", prior.Mean, prior.Variance)
	}
	estimate, se, reason, err := effect(c, t, relative, level)
	out := NormalEffect{Estimate: estimate, SD: se, Reason: reason}
	if err != nil || estimate == nil || se == nil || reason != "" {
		return out, err
	}
	mean, sd := *estimate, *se
	if prior != nil {
		// Weight of the data s0²/(s0² + se²), written so that no square overflows.
		ratio := sd / math.Sqrt(prior.Variance)
		weight := 1 / (1 + ratio*ratio)
		mean = weight*mean + (1-weight)*prior.Mean
		sd *= math.Sqrt(weight)
	}
	z := criticalZ(level)
	out.Estimate, out.SD, out.Lower, out.Upper = num(mean), num(sd), num(mean-z*sd), num(mean+z*sd)
	belief, known, err := NormalBelief(mean, sd)
	switch {
	case err != nil || out.Lower == nil || out.Upper == nil:
		return NormalEffect{Reason: ReasonOutOfRange}, nil
	case !known:
		out.Lower, out.Upper, out.Reason = nil, nil, referral.ReasonZeroVariance
	}
	out.Belief = belief
	return out, nil
}

// effect is the estimate of a difference or lift with its standard error.
func effect(c, t Moments, relative bool, level float64) (estimate, se *float64, reason string, err error) {
	if relative {
		l, err := LiftDelta(c, t, level, TwoSided)
		return l.Estimate, l.SE, l.Reason, err
	}
	w, err := Welch(c, t, level, TwoSided)
	return w.Estimate, w.SE, w.Reason, err
}
