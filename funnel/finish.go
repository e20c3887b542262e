package funnel

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"vouch/referral"
)

// finish turns the counts of a project into its result.
func finish(q *query, t *tally, cat *catalogue, def Definition, scope referral.Scope) (Result, error) {
	level := confidence(scope)
	res := Result{
		Name: def.Name, Window: windowText(def), Currency: scope.Currency, By: byName(def), Unit: def.unit().name, Options: def.options(),
		Steps: stepResults(q, t.steps, level), Groups: groupResults(q, t, level), TimeToConvert: t.convertTimes(1e6),
		Trend: t.trendResults(q, scope, level), Velocity: noVelocity(), Histogram: []Bin{}, Flow: []FlowRow{},
	}
	cal := calendar(scope)
	res.Persons = t.entered
	if t.entered > 0 {
		res.From = localDay(cal, t.first)
		res.To = localDay(cal, t.last)
	}
	res.CompleteTo = completeTo(q.plan, cal, scope)
	if q.censor {
		c, velocity, err := t.censoring(q.plan, level)
		if err != nil {
			return Result{}, fmt.Errorf("funnel %s: %w", def.Name, err)
		}
		res.Censoring, res.Velocity = c, velocity
	}
	res.Late, res.WithoutUnit = q.late, q.withoutUnit
	res.Findings = referral.SortFindings(slices.Concat(t.findings(q), cat.missing(def), q.outside.findings(def)))
	return res, nil
}

func localDay(cal referral.Calendar, micros int64) string {
	return time.UnixMicro(micros).In(cal.Zone).Format("2006-01-02")
}

// completeTo is the last local day whose entrants all have a closed window: the next midnight plus the
// window is not after the as-of time. "" without a window.
func completeTo(p *plan, cal referral.Calendar, scope referral.Scope) string {
	if p.window == noLimit || scope.AsOf.IsZero() {
		return ""
	}
	asOf := scope.AsOf.UnixMicro()
	if p.window > math.MaxInt32*1_000_000 { // 68 years: no day of the data can be complete
		return ""
	}
	last := time.UnixMicro(asOf - int64(p.window))
	return cal.Next(cal.Start(last, referral.Day), referral.Day, -1).Format("2006-01-02")
}

// stepResults divides the counts: by the first step and by the previous required one.
func stepResults(q *query, steps []stepTally, level float64) []StepResult {
	out := make([]StepResult, len(steps))
	prev := 0
	for i, s := range steps {
		out[i] = StepResult{Name: q.rules.stepName(i), Optional: q.plan.steps[i].optional, Persons: s.persons}
		if !q.bare {
			out[i].AmountMinor = &s.amount
		}
		if i > 0 {
			first, before := rate(s.persons, steps[0].persons, level), rate(s.persons, steps[prev].persons, level)
			out[i].FromFirst, out[i].FromPrevious = &first, &before
		}
		if !q.plan.steps[i].optional {
			prev = i
		}
	}
	return out
}

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

// convertTimes describes the durations per step number and in total; unit is the number of ticks in
// what is reported.
func (t *tally) convertTimes(unit float64) map[string]Times {
	out := map[string]Times{}
	for s, d := range t.durations {
		if len(d) > 0 {
			out[strconv.Itoa(s+1)] = summary(d, unit)
		}
	}
	if len(t.total) > 0 {
		out["total"] = summary(t.total, unit)
	}
	return out
}

// trendResults lists the entry periods in order. A period is complete once it is over and the window
// of its last possible entrant is closed; without a window that never happens.
func (t *tally) trendResults(q *query, scope referral.Scope, level float64) []Bucket {
	out := []Bucket{}
	labels := slices.SortedFunc(maps.Keys(t.trend), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.trend[a].start, t.trend[b].start), cmp.Compare(a, b))
	})
	asOf := scope.AsOf.UnixMicro()
	for _, label := range labels {
		b := t.trend[label]
		complete := q.plan.window != noLimit && b.next <= asOf && uint64(asOf)-uint64(b.next) >= q.plan.window
		out = append(out, Bucket{Start: label, Entered: b.entered, Converted: b.converted, Rate: rate(b.converted, b.entered, level), Complete: complete})
	}
	return out
}

// windowText is the funnel's window as text, "" without one.
func windowText(d Definition) string {
	if d.Window == 0 {
		return ""
	}
	return d.Window.String()
}

func byName(d Definition) string {
	if b := d.breakdown(); b != nil {
		return b.Property
	}
	return ""
}
