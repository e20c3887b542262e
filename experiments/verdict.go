package experiments

import (
	"cmp"
	"math"
	"slices"
	"strings"

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
	// fewestUnits is the number of units per arm below which there is nothing to test with: of five against five the
	// smallest two-sided p-value by permutation is 2/252, and one unit more or less moves everything.
	fewestUnits = 6
)

// judgement holds what the rules look at.
type judgement struct {
	def     Definition
	arms    []arm
	seconds float64 // over which the units arrived
	res     *Result
	gains   map[string]gain // per arm beside the control
}

// srmLimit is the p-value of the split below which the experiment is invalid.
func (d Definition) srmLimit() float64 { return cmp.Or(d.Decide.SRM, srmAlpha) }

// mixedLimit is the share of units in two variants, or of exposures to none of the plan, above which it is invalid.
func (d Definition) mixedLimit() float64 { return cmp.Or(d.Decide.MixedShare, maxMixedShare) }

// ruling is a rule with what follows if it does not pass.
type ruling struct {
	Rule
	then   string // invalid, stop or hold
	reason string // of the verdict, if this rule decides; the detail if empty
}

// because is the sentence that the rule adds to the verdict.
func (a ruling) because() string { return cmp.Or(a.reason, a.Detail) }

// verdict asks the rules of docs/statistics.md, section Verdict, in their order:
//
//  1. those about the experiment: the first that does not pass makes it invalid, or holds it until it is finished;
//  2. those about each arm beside the control: one that harms stops the arm, one that is open holds it, else it ships;
//  3. of the arms that ship, the one of the largest value does; stop if every arm stops; hold otherwise, with what is missing.
func (j judgement) verdict() (Verdict, error) {
	v := Verdict{Rules: []Rule{}, Changes: []string{}}
	for _, r := range j.experimentRules() {
		v.Rules = append(v.Rules, r.Rule)
		if !r.Passed && v.Action == "" {
			v.Action, v.Reason = r.then, r.because()
		}
	}
	if v.Action == ActionInvalid {
		v.ValueMinor = referral.Undefined(referral.ReasonNoData, referral.MethodWelch, j.res.Confidence)
		v.MonthMinor, v.Changes = v.ValueMinor, j.repairs()
		return v, nil
	}
	unfinished := v.Action == ActionHold
	v.Arm = j.leader(j.arms[1:])
	if !unfinished {
		if err := j.judgeArms(&v); err != nil {
			return v, err
		}
	}
	if err := j.appraise(&v); err != nil {
		return v, err
	}
	return v, j.outlook(&v, unfinished)
}

// judgeArms asks the rules of every arm and names what to do with which.
func (j judgement) judgeArms(v *Verdict) error {
	var ships []arm
	sentences := map[string]string{}
	var all []string
	stopped := 0
	for i, a := range j.arms[1:] {
		rules := j.armRules(i, a)
		for _, r := range rules {
			v.Rules = append(v.Rules, r.Rule)
		}
		action := actionOf(rules)
		sentence, err := j.sentence(action, i, a, rules)
		if err != nil {
			return err
		}
		sentences[a.name], all = sentence, append(all, sentence)
		switch action {
		case ActionShip:
			ships = append(ships, a)
		case ActionStop:
			stopped++
		}
	}
	switch {
	case len(ships) > 0:
		v.Arm = j.richest(ships)
		v.Action, v.Reason = ActionShip, sentences[v.Arm]
	case stopped == len(j.arms)-1:
		v.Action, v.Reason = ActionStop, strings.Join(all, " ")
	default:
		v.Action, v.Reason = ActionHold, strings.Join(all, " ")
	}
	return nil
}

// actionOf is what an arm's rules say: any harm stops it, anything open holds it.
func actionOf(rules []ruling) string {
	action := ActionShip
	for _, r := range rules {
		switch {
		case r.Passed:
		case r.then == ActionStop:
			return ActionStop
		default:
			action = ActionHold
		}
	}
	return action
}

// richest is the arm of the largest value per unit; where a value is not known, of the largest effect.
func (j judgement) richest(arms []arm) string {
	for _, a := range arms {
		if j.gains[a.name].Value == nil {
			return j.leader(arms)
		}
	}
	best := arms[0].name
	for _, a := range arms[1:] {
		if *j.gains[a.name].Value > *j.gains[best].Value {
			best = a.name
		}
	}
	return best
}

// leader is the arm with the largest effect on the first primary metric.
func (j judgement) leader(arms []arm) string {
	best := arms[0].name
	for _, a := range arms[1:] {
		if j.primaryGain(a.name) > j.primaryGain(best) {
			best = a.name
		}
	}
	return best
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
func (d Definition) firstPrimary() int {
	return slices.IndexFunc(d.Metrics, func(m Metric) bool { return m.role() == RolePrimary })
}

// primaryGain is the effect on the first primary metric in the good direction; −∞ if unknown.
func (j judgement) primaryGain(name string) float64 {
	p := j.def.firstPrimary()
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

// index of an arm among those beside the control.
func (j judgement) index(name string) int {
	return slices.IndexFunc(j.arms[1:], func(a arm) bool { return a.name == name })
}
