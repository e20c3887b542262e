package funnel

import (
	"fmt"
	"maps"
	"slices"

	"vouch/referral"
)

// smallSample is the number of entrants below which a rate says little: the score interval of a half
// is then wider than ±18 percentage points. Chosen by judgement.
const smallSample = 30

// findings says what a reader must know of the counts.
func (t *tally) findings(q *query) []referral.Finding {
	out := []referral.Finding{}
	add := func(code, subject, format string, args ...any) {
		out = append(out, referral.Finding{Code: code, Subject: subject, Detail: fmt.Sprintf(format, args...)})
	}
	first := q.rules.label(0)
	switch n := t.steps[0].persons; {
	case n == 0:
		add("nobody-entered", first, "nobody entered the funnel: no event of the data starts it")
	case n < smallSample:
		add("small-sample", first, "only %d entered; rates of fewer than %d say little", n, smallSample)
	}
	small := 0
	for _, g := range t.groups {
		if n := g.steps[0].persons; n > 0 && n < smallSample {
			small++
		}
	}
	if small > 0 {
		add("small-groups", q.rules.Breakdown.Property, "values with fewer than %[2]d entrants: %[1]d; read their rates with their intervals", small, smallSample)
	}
	conversions := t.steps[q.plan.full()-1].persons
	if t.tied > 0 {
		add("order-of-ties", first, "%d of %d conversions (%.1f %%) depend on reading events of equal time in the order of the steps",
			t.tied, conversions, 100*float64(t.tied)/float64(conversions))
	}
	if t.tolerated > 0 {
		add("clock-noise", first, "%d of %d conversions (%.1f %%) depend on the tolerance of %s for clocks that disagree",
			t.tolerated, conversions, 100*float64(t.tolerated)/float64(conversions), referral.Duration(q.plan.tolerance))
	}
	if n := t.steps[0].persons; q.plan.totals && t.entered > 0 && n > t.entered {
		add("attempts-repeat", first, "%d attempts of %d who tried: intervals take attempts as independent, and are too narrow where the same try again", n, t.entered)
	}
	return out
}

// missing finds events of the definition that never occur in the data.
func (c *catalogue) missing(def Definition) []referral.Finding {
	var out []referral.Finding
	for _, event := range def.Events() {
		if c.rows[event] > 0 {
			continue
		}
		detail := fmt.Sprintf("event %q never occurs in the data", event)
		if s := referral.Suggest(event, slices.Sorted(maps.Keys(c.rows))); s != "" {
			detail += fmt.Sprintf("; did you mean %q?", s)
		}
		out = append(out, referral.Finding{Code: "event-never-occurs", Subject: event, Detail: detail})
	}
	return out
}
