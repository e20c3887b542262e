package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vouch/internal/stats"
	"vouch/referral"
)

// Actions of a verdict.
const (
	ActionShip    = "ship"
	ActionHold    = "hold"
	ActionStop    = "stop"
	ActionInvalid = "invalid"
)

// The thresholds of the verdict, with why they were chosen.
const (
	// srmAlpha is small because the test is repeated at every read-out and a false alarm stops an
	// experiment; a real assignment bug lies far below.
	srmAlpha = 0.001
	// maxMixedShare is the share of units in two variants beyond which what is left may no longer be
	// a random sample of the units.
	maxMixedShare = 0.05
	// plannedPower is the power for which missing units are reckoned.
	plannedPower = 0.8
	// fewUnits is the number of mature units per arm below which a mean of skewed outcomes is not yet
	// near normal.
	fewUnits = 100
)

// judgement holds what the rules look at.
type judgement struct {
	def     Definition
	arms    []arm
	seconds float64 // over which the units arrived
	res     *Result
	gains   map[string]gain // per arm beside the control
}

// verdict applies the rules of docs/statistics.md, section Verdict, in their order:
//
//  1. invalid: a sample-ratio mismatch, or assignment so dirty that arms cannot be compared;
//  2. per arm: stop if a primary metric or a guardrail is worse; ship if a primary metric is better,
//     every guardrail is measured and the value per unit, where it is known, is above zero; hold otherwise;
//  3. ship the shipping arm with the largest effect on the first primary metric; stop if every arm
//     stops; hold otherwise, with what is missing.
func (j judgement) verdict() (Verdict, error) {
	level := j.res.Confidence
	v := Verdict{ValueMinor: referral.Undefined(referral.ReasonNoData, referral.MethodWelch, level)}
	if why := j.brokenHygiene(); why != "" {
		v.Action, v.Reason = ActionInvalid, why
		return v, nil
	}
	best, stopped := "", 0
	var reasons []string
	for i, a := range j.arms[1:] {
		action, reason, err := j.armAction(i, a)
		if err != nil {
			return v, err
		}
		reasons = append(reasons, reason)
		switch action {
		case ActionShip:
			if best == "" || j.primaryGain(a.name) > j.primaryGain(best) {
				best, v.Action, v.Reason = a.name, ActionShip, reason
			}
		case ActionStop:
			stopped++
		}
	}
	switch {
	case best != "":
	case stopped == len(j.arms)-1:
		v.Action, v.Reason = ActionStop, strings.Join(reasons, " ")
	default:
		v.Action, v.Reason = ActionHold, strings.Join(reasons, " ")
	}
	if best == "" {
		best = j.leader()
	}
	v.Arm, v.ValueMinor = best, j.gains[best].Estimate
	return v, nil
}

// brokenHygiene says why the arms cannot be compared, or nothing.
func (j judgement) brokenHygiene() string {
	r := j.res
	if r.SRM.PValue != nil && *r.SRM.PValue < srmAlpha {
		return fmt.Sprintf("The split differs from the plan: %s units, planned %s; the probability of a split at least this uneven is %.2g, below %g. Find the cause before reading any effect.",
			j.split(func(i int) string { return fmt.Sprint(j.arms[i].n) }), j.split(func(i int) string { return fmt.Sprintf("%.4g %%", 100*r.Arms[i].Share) }), *r.SRM.PValue, srmAlpha)
	}
	units := r.Hygiene.TwoVariants
	for _, a := range r.Arms {
		units += a.N
	}
	if h := r.Hygiene.TwoVariants; h > 0 && float64(h) > maxMixedShare*float64(units) {
		return fmt.Sprintf("%d of %d units saw two variants, more than %g %%. What is left may not be a random sample.", h, units, 100*maxMixedShare)
	}
	if h := r.Hygiene.UnknownVariants; h > 0 && float64(h) > maxMixedShare*float64(r.Hygiene.Exposures) {
		return fmt.Sprintf("%d of %d exposures name a variant that the plan does not have, more than %g %%.", h, r.Hygiene.Exposures, 100*maxMixedShare)
	}
	return ""
}

func (j judgement) split(part func(i int) string) string {
	var out []string
	for i, a := range j.arms {
		out = append(out, a.name+" "+part(i))
	}
	return strings.Join(out, ", ")
}

// armAction decides about the i-th arm beside the control.
func (j judgement) armAction(i int, a arm) (action, reason string, err error) {
	var better, worse, unmeasured []string
	for _, m := range j.res.Metrics {
		c := m.Comparisons[i]
		switch {
		case m.Role == RoleSecondary:
		case m.Role == RoleGuardrail && c.Effect.Value == nil:
			unmeasured = append(unmeasured, m.Name)
		case c.Decision == DecisionWorse:
			worse = append(worse, m.Name)
		case c.Decision == DecisionBetter && m.Role == RolePrimary:
			better = append(better, m.Name)
		}
	}
	value := j.gains[a.name]
	switch {
	case len(worse) > 0:
		return ActionStop, fmt.Sprintf("%s: worse on %s.", a.name, strings.Join(worse, ", ")), nil
	case len(better) > 0 && value.Value != nil && *value.Value <= 0:
		return ActionHold, fmt.Sprintf("%s: better on %s, but %s.", a.name, strings.Join(better, ", "), j.loss(a.name, value.Estimate)), nil
	case len(better) > 0 && len(unmeasured) > 0:
		return ActionHold, fmt.Sprintf("%s: better on %s, but %s is not measured.", a.name, strings.Join(better, ", "), strings.Join(unmeasured, ", ")), nil
	case len(better) > 0:
		reason = fmt.Sprintf("%s: better on %s, no guardrail worse.", a.name, strings.Join(better, ", "))
		if value.Lo != nil && *value.Lo <= 0 {
			reason += " The value per unit after rewards is not yet told apart from 0."
		}
		return ActionShip, reason, nil
	}
	missing, err := j.missing(i, a)
	return ActionHold, fmt.Sprintf("%s: no clear effect on %s. %s", a.name, strings.Join(j.primaries(), ", "), missing), err
}

// loss says what an arm that is better is worth when that is not above zero.
func (j judgement) loss(name string, value referral.Estimate) string {
	after, sentence := "", "the value is not clear"
	if j.def.Rewards[name] > 0 {
		after = "after its cost "
	}
	if value.Hi != nil && *value.Hi < 0 {
		sentence = "each one loses money"
	}
	return fmt.Sprintf("%sit is worth %s %s per %s%s: %s", after, j.res.Currency, j.major(*value.Value, ""), j.res.Unit, j.limits(value), sentence)
}

// limits writes the interval of a value in brackets, or nothing without one.
func (j judgement) limits(value referral.Estimate) string {
	if value.Lo == nil || value.Hi == nil {
		return ""
	}
	return fmt.Sprintf(" (%s to %s)", j.major(*value.Lo, "+"), j.major(*value.Hi, "+"))
}

// major writes minor units as decimal text with a typographic minus; plus goes before what is above zero.
func (j judgement) major(minor float64, plus string) string {
	n := referral.Money{Minor: int64(math.Round(minor)), Currency: j.res.Currency}
	s := n.Decimal()
	if n.Minor > 0 {
		return plus + s
	}
	return strings.Replace(s, "-", "−", 1)
}

func (j judgement) primaries() []string {
	var out []string
	for _, m := range j.def.Metrics {
		if m.role() == RolePrimary {
			out = append(out, m.Name)
		}
	}
	return out
}

// family is the number of questions whose answers may ship: arms × primary metrics.
func (j judgement) family() int { return len(j.primaries()) * (len(j.arms) - 1) }

// firstPrimary is the index of the metric whose effect ranks the arms.
func (j judgement) firstPrimary() int {
	return slices.IndexFunc(j.def.Metrics, func(m Metric) bool { return m.role() == RolePrimary })
}

// primaryGain is the effect on the first primary metric in the good direction; −∞ if unknown.
func (j judgement) primaryGain(name string) float64 {
	p := j.firstPrimary()
	for _, c := range j.res.Metrics[p].Comparisons {
		if c.Arm != name || c.Effect.Value == nil {
			continue
		}
		if j.def.Metrics[p].LowerIsBetter {
			return -*c.Effect.Value
		}
		return *c.Effect.Value
	}
	return math.Inf(-1)
}

// leader is the arm with the largest effect on the first primary metric.
func (j judgement) leader() string {
	best := j.arms[1].name
	for _, a := range j.arms[2:] {
		if j.primaryGain(a.name) > j.primaryGain(best) {
			best = a.name
		}
	}
	return best
}

// missing says what a clear answer on the first primary metric would take: the units for 80 % power
// if the true effect were the one seen.
func (j judgement) missing(i int, a arm) (string, error) {
	p := j.firstPrimary()
	c, t := j.arms[0].metrics[p], a.metrics[p]
	if c.missing || t.missing || c.N < 2 || t.N < 2 {
		return "It needs at least two mature units in each arm.", nil
	}
	need, err := missingUnits(c.Moments, t.Moments, j.res.Confidence, j.family())
	if err != nil || need == "" {
		return fmt.Sprintf("At the %d mature units seen no number of units can be named.", c.N+t.N), err
	}
	return need, nil
}

// missingUnits is the sentence about further units; empty if no number can be named. The level is
// Bonferroni's for the family, the cautious side of Holm.
func missingUnits(c, t stats.Moments, level float64, family int) (string, error) {
	d := stats.MeanDesign{VarianceControl: c.Variance, VarianceTreatment: t.Variance, Level: 1 - (1-level)/float64(family), Normal: true}
	n, err := d.SampleSize(t.Mean-c.Mean, plannedPower, float64(t.N)/float64(c.N))
	if err != nil || n.Control == nil || n.Treatment == nil {
		return "", err
	}
	more := math.Max(0, math.Ceil(*n.Control)-float64(c.N)) + math.Max(0, math.Ceil(*n.Treatment)-float64(t.N))
	switch {
	case more > 1e12:
		return "", nil
	case more == 0:
		return fmt.Sprintf("The %d mature units seen had at least %.0f %% power for an effect of this size.", c.N+t.N, 100*plannedPower), nil
	}
	return fmt.Sprintf("It needs about %.0f more mature units for %.0f %% power if the true effect is the one seen.", more, 100*plannedPower), nil
}
