package cohorts

import (
	"fmt"
	"slices"
	"strings"

	"vouch/referral"
)

// Groups lists what cohorts can be split by. Partner traits are those of the partner credited with
// the customer; channel and campaign those of the customer's earliest event that has one, up to the
// acquisition, so that what comes later never moves a customer between groups.
func Groups() []string {
	return []string{"partner_id", "archetype", "tier", "industry", "region", "audience", "channel", "campaign"}
}

// NoGroup is the key of customers without a value of the group, such as organic customers.
const NoGroup = "(none)"

const (
	defaultHorizon = 12
	maxHorizon     = 3_660 // ten years of days
)

// Validate reports every mistake of the definition, with paths relative to it.
func (d Definition) Validate() referral.Problems {
	var ps referral.Problems
	grains := []string{string(referral.Day), string(referral.Week), string(referral.Month), string(referral.Quarter)}
	check := func(path, value string, known []string) {
		if value != "" && !slices.Contains(known, value) {
			ps = append(ps, referral.Problem{Path: path, Msg: fmt.Sprintf("%q is not possible", value), Hint: hint(value, known)})
		}
	}
	check("by", string(d.By), grains)
	check("age", string(d.Age), grains)
	check("group", d.Group, Groups())
	if d.Horizon < 0 || d.Horizon > maxHorizon {
		ps = append(ps, referral.Problem{
			Path: "horizon", Msg: fmt.Sprintf("%d is not a last age", d.Horizon),
			Hint: fmt.Sprintf("between 1 and %d; left out: %d", maxHorizon, defaultHorizon),
		})
	}
	for i, a := range d.Activity {
		path := fmt.Sprintf("activity[%d]", i)
		switch {
		case a == "":
			ps = append(ps, referral.Problem{Path: path, Msg: "the event has no name"})
		case slices.Contains(d.Activity[:i], a):
			ps = append(ps, referral.Problem{Path: path, Msg: fmt.Sprintf("%q is listed twice", a), Hint: "remove one"})
		}
	}
	return ps
}

// hint names the value that was probably meant, or all of them.
func hint(word string, known []string) string {
	if s := referral.Suggest(word, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return "one of " + strings.Join(known, ", ")
}

func (d Definition) withDefaults(scope referral.Scope) Definition {
	if d.By == "" {
		d.By = referral.Month
	}
	if d.Age == "" {
		d.Age = d.By
	}
	if d.Horizon == 0 {
		d.Horizon = defaultHorizon
	}
	if len(d.Activity) == 0 {
		d.Activity = []string{scope.Acquisition}
	}
	return d
}
