package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"vouch/referral"
)

// Names of the rules about one arm.
const (
	ruleHarm      = "primary not worse"
	ruleGuardrail = "guardrail "
	ruleBetter    = "primary better"
	ruleBoundary  = "boundary"
	ruleValue     = "value"
	ruleLoss      = "probability of loss"
)

// armRules are the rules about the i-th arm beside the control, in the order they are asked.
func (j judgement) armRules(i int, a arm) []ruling {
	var harm, better []string
	harmed, won := false, false
	var out []ruling
	for _, m := range j.res.Metrics {
		c := m.Comparisons[i]
		switch m.Role {
		case RolePrimary:
			if c.Decision == DecisionWorse {
				harm, harmed = append(harm, m.Name), true
			}
			better = append(better, fmt.Sprintf("%s: %s", m.Name, j.found(c)))
			won = won || c.Decision == DecisionBetter
		case RoleGuardrail:
			out = append(out, j.guardrailRule(m, c))
		}
	}
	first := ruling{Rule: Rule{Name: ruleHarm, Passed: !harmed, Detail: "No primary metric is worse."}, then: ActionStop}
	if harmed {
		first.Detail = "Worse on " + strings.Join(harm, ", ") + "."
	}
	out = slices.Insert(out, 0, first)
	out = append(out, ruling{Rule: Rule{Name: ruleBetter, Passed: won, Detail: strings.Join(better, "; ") + "."}, then: ActionHold})
	if r, ok := j.boundaryRule(i); ok {
		out = append(out, r)
	}
	out = append(out, j.valueRule(a))
	if j.def.Decide.MaxLoss != nil {
		out = append(out, j.lossRule(a))
	}
	for k := range out {
		out[k].Arm = a.name
	}
	return out
}

// found writes what a comparison says: the decision and the p-value of one look.
func (j judgement) found(c Comparison) string {
	s := c.Decision
	if c.AdjustedP != nil {
		s += fmt.Sprintf(", adjusted p = %.2g", *c.AdjustedP)
	}
	if c.Reason != "" {
		s += " (" + c.Reason + ")"
	}
	return s
}

// boundaryRule: under a rule that allows looks before the end, a primary metric is beyond its boundary. It is what makes the metric
// better, told for itself.
func (j judgement) boundaryRule(i int) (ruling, bool) {
	if s := j.res.Stopping; s == nil || s.Rule == RuleFixed {
		return ruling{}, false
	}
	r := ruling{Rule: Rule{Name: ruleBoundary}, then: ActionHold}
	var out []string
	for _, m := range j.res.Metrics {
		q := m.Comparisons[i].Sequential
		if m.Role != RolePrimary || q == nil {
			continue
		}
		r.Passed = r.Passed || q.Crossed
		switch {
		case q.Z == nil || q.Critical == nil:
			out = append(out, fmt.Sprintf("%s has no boundary (%s)", m.Name, q.Reason))
		case q.Crossed:
			out = append(out, fmt.Sprintf("%s: z = %s is beyond the boundary %.2f", m.Name, signed(*q.Z, 2), *q.Critical))
		default:
			out = append(out, fmt.Sprintf("%s: z = %s is within the boundary %.2f", m.Name, signed(*q.Z, 2), *q.Critical))
		}
	}
	r.Detail = strings.Join(out, "; ") + "."
	return r, len(out) > 0
}

// guardrailRule: with a margin the arm must be shown to lose less than that; one that is shown to lose more is harm. Without a
// margin it only must not be worse.
func (j judgement) guardrailRule(m MetricResult, c Comparison) ruling {
	a := ruling{Rule: Rule{Name: ruleGuardrail + m.Name, Passed: true}, then: ActionHold}
	n := c.Noninferiority
	switch {
	case c.Effect.Value == nil:
		a.Passed = false
		a.Detail, a.reason = "Not measured.", m.Name+" is not measured"
	case n != nil && n.Noninferior != nil && *n.Noninferior:
		a.Detail = fmt.Sprintf("At most %s worse, within the margin of %s.", j.amount(m, j.worst(m, c)), j.amount(m, n.Margin))
		if j.worst(m, c) == 0 {
			a.Detail = fmt.Sprintf("Not worse, even at its limit; the margin is %s.", j.amount(m, n.Margin))
		}
	case n != nil && j.beyond(m, c, n.Margin):
		a.Passed, a.then = false, ActionStop
		a.Detail = fmt.Sprintf("Worse by more than its margin of %s.", j.amount(m, n.Margin))
	case n != nil:
		a.Passed = false
		a.Detail = fmt.Sprintf("Not shown to stay within the margin of %s.", j.amount(m, n.Margin))
		a.reason = fmt.Sprintf("%s is not shown to stay within its margin of %s", m.Name, j.amount(m, n.Margin))
	case c.Decision == DecisionWorse:
		a.Passed, a.then, a.Detail = false, ActionStop, "Worse."
	default:
		a.Detail = "Not worse."
	}
	return a
}

// worst is the largest loss that the data leave open on a guardrail, at least 0.
func (j judgement) worst(m MetricResult, c Comparison) float64 {
	limit := c.Noninferiority.Limit
	if limit == nil {
		return 0
	}
	return math.Max(0, loss(m, *limit))
}

// beyond reports whether the whole interval of the effect is worse than the margin: the one that holds under looks, where there is one.
func (j judgement) beyond(m MetricResult, c Comparison, margin float64) bool {
	lo, hi := c.Effect.Lo, c.Effect.Hi
	if s := c.Sequential; s != nil {
		lo, hi = s.Lo, s.Hi
	}
	mildest := hi
	if m.LowerIsBetter {
		mildest = lo
	}
	return mildest != nil && loss(m, *mildest) > margin
}

// loss is how much an effect hurts: its fall, or its rise where lower is better.
func loss(m MetricResult, effect float64) float64 {
	if m.LowerIsBetter {
		return effect
	}
	return -effect
}

// valueRule: what the arm brings after all its costs is above 0. Where no money is seen nothing is known against it.
func (j judgement) valueRule(a arm) ruling {
	g := j.gains[a.name]
	r := ruling{Rule: Rule{Name: ruleValue, Passed: g.Value == nil || *g.Value > 0}, then: ActionHold}
	switch {
	case g.Value == nil:
		r.Detail = "No money is seen."
	case r.Passed:
		r.Detail = fmt.Sprintf("%s %s per %s%s.", j.res.Currency, j.major(*g.Value, "+"), UnitName(j.res.Unit), j.limits(g.Estimate))
	default:
		r.Detail = fmt.Sprintf("It is worth %s.", j.worth(g.Estimate))
		r.reason = "it is worth " + j.worth(g.Estimate)
		if j.costs(a.name) {
			r.reason = "after its cost " + r.reason
		}
	}
	return r
}

// lossRule: the probability that the arm loses money is as small as was asked for.
func (j judgement) lossRule(a arm) ruling {
	limit := *j.def.Decide.MaxLoss
	r := ruling{Rule: Rule{Name: ruleLoss}, then: ActionHold}
	p := j.gains[a.name].probabilityOfLoss()
	switch {
	case p == nil:
		r.Detail, r.reason = "It cannot be reckoned: no money is seen, or too little.", "the probability that it loses money cannot be reckoned"
	case *p <= limit:
		r.Passed, r.Detail = true, fmt.Sprintf("%.2g, at most %g.", *p, limit)
	default:
		r.Detail = fmt.Sprintf("%.2g, above %g.", *p, limit)
		r.reason = fmt.Sprintf("the probability that it loses money is %.2g, above %g", *p, limit)
	}
	return r
}

// sentence is what the verdict says about an arm.
func (j judgement) sentence(action string, i int, a arm, rules []ruling) (string, error) {
	var better []string
	for _, m := range j.res.Metrics {
		if m.Role == RolePrimary && m.Comparisons[i].Decision == DecisionBetter {
			better = append(better, m.Name)
		}
	}
	switch {
	case action == ActionStop:
		return j.stopSentence(i, a, rules), nil
	case action == ActionShip:
		s := fmt.Sprintf("%s: better on %s, %s.", a.name, strings.Join(better, ", "), j.guarded(i))
		if g := j.gains[a.name]; g.Lo != nil && *g.Lo <= 0 {
			s += " The value per unit after rewards is not yet told apart from 0."
		}
		return s, nil
	case len(better) > 0:
		var but []string
		for _, r := range rules {
			if !r.Passed {
				but = append(but, r.because())
			}
		}
		return fmt.Sprintf("%s: better on %s, but %s.", a.name, strings.Join(better, ", "), strings.Join(but, ", and ")), nil
	}
	n, err := j.need(j.def.firstPrimary(), i)
	return fmt.Sprintf("%s: no clear effect on %s. %s", a.name, strings.Join(j.primaries(), ", "), n.text), err
}

// guarded says what the guardrails of an arm that ships have told.
func (j judgement) guarded(i int) string {
	s := "no guardrail was set"
	for _, m := range j.res.Metrics {
		switch {
		case m.Role != RoleGuardrail:
		case m.Comparisons[i].Decision == DecisionWorse:
			return "no guardrail worse than its margin allows"
		default:
			s = "no guardrail worse"
		}
	}
	return s
}

// stopSentence names the metrics that harm.
func (j judgement) stopSentence(i int, a arm, rules []ruling) string {
	var worse []string
	for _, m := range j.res.Metrics {
		if m.Role == RolePrimary && m.Comparisons[i].Decision == DecisionWorse {
			worse = append(worse, m.Name)
		}
	}
	for _, r := range rules {
		if name, ok := strings.CutPrefix(r.Name, ruleGuardrail); ok && !r.Passed && r.then == ActionStop {
			worse = append(worse, name)
		}
	}
	return fmt.Sprintf("%s: worse on %s.", a.name, strings.Join(worse, ", "))
}

// costs reports whether the arm has a cost of its own.
func (j judgement) costs(name string) bool {
	return j.def.Rewards[name] > 0 || j.def.Costs[name] != (Cost{})
}

// worth says what an arm is worth when that is not above zero.
func (j judgement) worth(value referral.Estimate) string {
	sentence := "the value is not clear"
	if value.Hi != nil && *value.Hi < 0 {
		sentence = "each one loses money"
	}
	return fmt.Sprintf("%s %s per %s%s: %s", j.res.Currency, j.major(*value.Value, ""), UnitName(j.res.Unit), j.limits(value), sentence)
}
