package funnel

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"vouch/internal/stats"
	"vouch/referral"
)

// groupResults ranks values by entrants, then by key. Ranking by conversions would hide a value with
// many entrants and none converted. Values with nobody at step 1 are left out.
func groupResults(q *query, t *tally, level float64) []Group {
	out := []Group{}
	for _, key := range slices.Sorted(maps.Keys(t.groups)) {
		if g := t.groups[key]; g.steps[0].persons > 0 {
			out = append(out, Group{Key: key, Steps: stepResults(q, g.steps, level)})
		}
	}
	slices.SortStableFunc(out, func(a, b Group) int { return cmp.Compare(b.Steps[0].Persons, a.Steps[0].Persons) })
	return out
}

// judge compares the groups with their rest, shrinks their rates and reads their times.
func (t *tally) judge(q *query, groups []Group, level float64) ([]referral.Finding, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	last := q.plan.full() - 1
	counts := make([]groupCounts, len(groups))
	for i, g := range groups {
		of := t.groups[g.Key]
		counts[i] = groupCounts{entered: of.steps[0].persons, converted: of.steps[last].persons, through: of.through}
	}
	shrunk, alike, err := shrunkRates(counts, level)
	if err != nil {
		return nil, err
	}
	rest, err := t.compared(q, counts, level)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		g := &groups[i]
		g.Shrunk, g.VersusRest = shrunk[i], rest[i]
		if g.Velocity, g.VelocityConverting = noVelocity(), noVelocity(); !q.censor {
			continue
		}
		of := t.groups[g.Key]
		_, g.Velocity, g.VelocityConverting = of.cens.censoring(q.plan, level)
	}
	var out []referral.Finding
	if alike == stats.ReasonNoOverdispersion && len(groups) > 1 {
		out = append(out, referral.Finding{Code: "groups-alike", Subject: q.rules.Breakdown.Property, Detail: alikeWords(rest)})
	}
	return out, nil
}

// alikeWords says that no spread was found between the values. The fit of all values together may find none where a few
// units under one value stand far out, so it does not speak against a decision about that value.
func alikeWords(rest []*Comparison) string {
	apart := 0
	for _, c := range rest {
		if c.Decision == "above" || c.Decision == "below" {
			apart++
		}
	}
	if apart == 0 {
		return "the values differ no more than chance makes them: the expected rate of each is that of all of them together"
	}
	return fmt.Sprintf("most values are too alike to tell a spread between them: the expected rate of each is that of all of them together, "+
		"also where a value stands apart from the rest (%d)", apart)
}

// compared sets every group against those who entered without its value. The value may be read at a later step: then all
// got there, and the rest are the others who did.
func (t *tally) compared(q *query, counts []groupCounts, level float64) ([]*Comparison, error) {
	if !q.plan.nested() {
		out := make([]*Comparison, len(counts))
		for i, c := range counts {
			out[i] = notCompared(c, level)
		}
		return out, nil
	}
	at := 0
	if q.plan.attribution == "step" {
		at = q.plan.attrStep
	}
	all := stats.Counts{Successes: t.steps[q.plan.full()-1].persons, Trials: t.steps[at].persons}
	return versusRest(all, counts, level)
}
