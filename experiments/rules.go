package experiments

import (
	"fmt"
	"strings"

	"vouch/referral"
)

// experimentRules are the rules about the assignment and the plan, in the order they are asked.
func (j judgement) experimentRules() []ruling {
	out := []ruling{j.splitRule()}
	if r, ok := j.strataRule(); ok {
		out = append(out, r)
	}
	counted := j.def.Source == SourceSummary // elsewhere: which units saw two variants nobody can tell
	if !counted {
		out = append(out, j.mixedRule())
	}
	if !counted || j.res.Hygiene.UnknownVariants > 0 {
		out = append(out, j.unknownRule())
	}
	out = append(out, j.unitsRule())
	if r, ok := j.planRule(); ok {
		out = append(out, r)
	}
	return out
}

// splitRule: the units of the arms arrived in the planned shares.
func (j judgement) splitRule() ruling {
	r, limit := j.res, j.def.srmLimit()
	counts := j.split(func(i int) string { return referral.Thousands(j.arms[i].n) })
	a := ruling{Rule: Rule{Name: "split", Passed: true}, then: ActionInvalid}
	switch {
	case r.SRM.PValue == nil:
		a.Detail = "There are no units whose split could be tested."
	case *r.SRM.PValue >= limit:
		a.Detail = fmt.Sprintf("%s units; the probability of a split at least this uneven is %.2g.", counts, *r.SRM.PValue)
	default:
		a.Passed = false
		a.Detail = fmt.Sprintf("The split differs from the plan: %s units, planned %s; the probability of a split at least this uneven is %.2g, below %g. Find the cause before reading any effect.",
			counts, j.split(func(i int) string { return fmt.Sprintf("%.4g %%", 100*r.Arms[i].Share) }), *r.SRM.PValue, limit)
	}
	return a
}

// strataRule: the same within each stratum. A stratum split unevenly makes arms of different people even where the
// whole is even. Days are told in the findings and decide nothing: a day is a small part of the units, and its loss
// is seen in the whole when it matters.
func (j judgement) strataRule() (ruling, bool) {
	a := ruling{Rule: Rule{Name: "split by stratum", Passed: true}, then: ActionInvalid}
	n := 0
	for _, p := range j.res.SplitBy {
		if p.By != "stratum" {
			continue
		}
		n++
		if p.AdjustedP != nil && *p.AdjustedP < j.def.srmLimit() && a.Passed {
			a.Passed = false
			a.Detail = fmt.Sprintf("The split differs from the plan in stratum %s: %s units; the probability of a split at least this uneven in any stratum is at most %.2g, below %g.",
				p.Key, j.split(func(i int) string { return referral.Thousands(p.Units[i]) }), *p.AdjustedP, j.def.srmLimit())
		}
	}
	if a.Passed {
		a.Detail = fmt.Sprintf("No stratum of %d is split otherwise than planned.", n)
	}
	return a, n > 0
}

// mixedRule: few units saw two variants.
func (j judgement) mixedRule() ruling {
	units, h := j.res.Hygiene.TwoVariants, j.res.Hygiene.TwoVariants
	for _, a := range j.res.Arms {
		units += a.N
	}
	return atMost("two variants", h, units, j.def.mixedLimit(), "%s of %s units saw two variants", "What is left may not be a random sample.")
}

// unknownRule: few exposures name a variant that the plan does not have.
func (j judgement) unknownRule() ruling {
	h := j.res.Hygiene
	return atMost("unknown variants", h.UnknownVariants, h.Exposures, j.def.mixedLimit(), "%s of %s exposures name a variant that the plan does not have", "")
}

// atMost is a rule about a share.
func atMost(name string, part, whole int64, limit float64, what, then string) ruling {
	a := ruling{Rule: Rule{Name: name, Passed: part == 0 || float64(part) <= limit*float64(whole)}, then: ActionInvalid}
	a.Detail = fmt.Sprintf(what, referral.Thousands(part), referral.Thousands(whole)) + "."
	if !a.Passed {
		a.Detail = strings.TrimSpace(fmt.Sprintf(what+", more than %g %%. %s", referral.Thousands(part), referral.Thousands(whole), 100*limit, then))
	}
	return a
}

// unitsRule: every arm has the fewest units that a test needs. Before anyone is exposed there is nothing to refuse.
func (j judgement) unitsRule() ruling {
	a := ruling{Rule: Rule{Name: "enough units", Passed: true}, then: ActionInvalid}
	total, smallest := int64(0), arm{n: -1}
	for _, x := range j.arms {
		total += x.n
		if x.weight > 0 && (smallest.n < 0 || x.n < smallest.n) {
			smallest = x
		}
	}
	a.Detail = fmt.Sprintf("The smallest arm, %s, has %s units.", smallest.name, referral.Thousands(smallest.n))
	if total > 0 && smallest.n < fewestUnits {
		a.Passed = false
		a.Detail = fmt.Sprintf("%s has %d units: below %d in an arm nothing can be tested.", smallest.name, smallest.n, fewestUnits)
	}
	return a
}

// planRule: under a stopping rule the moment to decide has come.
func (j judgement) planRule() (ruling, bool) {
	s := j.res.Stopping
	if s == nil || s.Units <= 0 {
		return ruling{}, false
	}
	a := ruling{Rule: Rule{Passed: true}, then: ActionHold}
	seen := fmt.Sprintf("%s of %s planned units have a closed window", referral.Thousands(s.Mature), referral.Thousands(s.Units))
	switch s.Rule {
	case RuleGroupSequential:
		a.Name, a.Passed = "look", s.Look > 0
		a.Detail = fmt.Sprintf("Look %d of %d is due: %s.", s.Look, s.Looks, seen)
		if !a.Passed {
			a.Detail = fmt.Sprintf("The first of %d looks is not due: %s. Nothing is decided before.", s.Looks, seen)
			if s.NextUnits != nil {
				a.Detail = fmt.Sprintf("The first of %d looks is due at %s units: %s. Nothing is decided before.", s.Looks, referral.Thousands(*s.NextUnits), seen)
			}
		}
	case RuleAlwaysValid, RuleMSPRT:
		a.Name = "look"
		a.Detail = fmt.Sprintf("Any look may decide: %s.", seen)
	default:
		a.Name, a.Passed = "finished", s.Final
		a.Detail = seen + "."
		if !a.Passed {
			a.Detail = fmt.Sprintf("The experiment is not finished: %s. Nothing is decided before.", seen)
		}
	}
	return a, true
}

func (j judgement) split(part func(i int) string) string {
	var out []string
	for i, a := range j.arms {
		out = append(out, a.name+" "+part(i))
	}
	return strings.Join(out, ", ")
}

// repairs says what would make an invalid experiment readable.
func (j judgement) repairs() []string {
	out := []string{}
	for _, r := range j.experimentRules() {
		if r.Passed || r.then != ActionInvalid {
			continue
		}
		switch r.Name {
		case "enough units":
			out = append(out, fmt.Sprintf("At least %d units in every arm.", fewestUnits))
		case "two variants":
			out = append(out, fmt.Sprintf("An assignment that shows at most %g %% of units two variants.", 100*j.def.mixedLimit()))
		case "unknown variants":
			out = append(out, "The variants named by the exposures in the weights of the plan, or exposures to them removed at their source.")
		default:
			out = append(out, "New exposures after the cause of the uneven split is found and removed; those lost cannot be weighted back.")
		}
	}
	return out
}
