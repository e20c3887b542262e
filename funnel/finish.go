package funnel

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"vouch/referral"
)

// finish turns the counts of a project into its result.
func finish(q *query, t *tally, cat *catalogue, def Definition, scope referral.Scope) (Result, error) {
	level := confidence(scope)
	res := counted(q, t, def, scope)
	var judged []referral.Finding
	var err error
	var wg sync.WaitGroup
	wg.Go(func() { res.Other = t.otherResult(q, res.Groups, def.Shown(), level) })
	wg.Go(func() { judged, err = t.judge(q, res.Groups, level) })
	t.timeViews(q, &res, level)
	wg.Wait()
	if err != nil {
		return Result{}, fmt.Errorf("funnel %s: %w", def.Name, err)
	}
	res.Trend = t.trendResults(q, scope, level)
	cal := calendar(scope)
	if t.entered > 0 {
		res.From = localDay(cal, t.first)
		res.To = localDay(cal, t.last)
	}
	res.CompleteTo = completeTo(q.plan, cal, scope)
	if tieReading(q.plan) != nil {
		res.TieDependent = &t.tied
	}
	if noiseReading(q.plan) != nil {
		res.ToleranceDependent = &t.tolerated
	}
	res.Findings = slices.Concat(t.findings(q), judged, cat.missing(def), q.outside.findings(def))
	return res, nil
}

// timeViews fills what is read off durations.
func (t *tally) timeViews(q *query, res *Result, level float64) {
	res.Velocity, res.VelocityConverting = noVelocity(), noVelocity()
	var wg sync.WaitGroup
	wg.Go(func() { t.readSteps(q, res) })
	if q.censor {
		res.Censoring, res.Velocity, res.VelocityConverting = t.cens.censoring(q.plan, level)
	}
	res.Histogram = histogram(t.total.list())
	wg.Wait()
}

// counted is what bare counts know.
func counted(q *query, t *tally, def Definition, scope referral.Scope) Result {
	level := confidence(scope)
	return Result{
		Name: def.Name, Window: windowText(def), Currency: scope.Currency, By: byName(def), Unit: def.unit().name, Options: def.options(),
		Persons: t.steps[0].persons, Steps: stepResults(q, t.steps, level), Groups: groupResults(q, t, level),
		Trend: []Bucket{}, Histogram: []Bin{}, Flow: []FlowRow{}, Late: q.late, WithoutUnit: q.withoutUnit, WithoutHeld: q.withoutHeld,
	}
}

func localDay(cal referral.Calendar, micros int64) string {
	return time.UnixMicro(micros).In(cal.Zone).Format("2006-01-02")
}

// completeTo is the last local day whose entrants all have a closed window: the next midnight plus the
// window is not after the as-of time. "" without a window.
func completeTo(p *plan, cal referral.Calendar, scope referral.Scope) string {
	horizon := p.horizon()
	if scope.AsOf.IsZero() || horizon > math.MaxInt32*1_000_000 { // 68 years: no day of the data can be complete
		return ""
	}
	last := time.UnixMicro(scope.AsOf.UnixMicro() - int64(horizon))
	return cal.Next(cal.Start(last, referral.Day), referral.Day, -1).Format("2006-01-02")
}

// stepResults divides the counts: by the first step and by the previous required one.
func stepResults(q *query, steps []stepTally, level float64) []StepResult {
	out := make([]StepResult, len(steps))
	prev := 0
	for i, s := range steps {
		out[i] = StepResult{Name: q.rules.label(i), Optional: q.plan.steps[i].optional, Persons: s.persons}
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

// ReasonNoWindow says that entrants may always still convert.
const ReasonNoWindow = "no_window"

// trendResults lists the entry periods in order. A period is complete once it is over and the window
// of its last possible entrant is closed; without a window that never happens, and the reason says so.
func (t *tally) trendResults(q *query, scope referral.Scope, level float64) []Bucket {
	out := []Bucket{}
	labels := slices.SortedFunc(maps.Keys(t.trend), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.trend[a].start, t.trend[b].start), cmp.Compare(a, b))
	})
	asOf, horizon := scope.AsOf.UnixMicro(), q.plan.horizon()
	for _, label := range labels {
		b := t.trend[label]
		r := Bucket{Start: label, Entered: b.entered, Converted: b.converted, Rate: rate(b.converted, b.entered, level)}
		switch {
		case horizon == noLimit:
			r.Reason = ReasonNoWindow
		case b.next > asOf || uint64(asOf)-uint64(b.next) < horizon:
			r.Reason = referral.ReasonNotYet
		default:
			r.Complete = true
		}
		out = append(out, r)
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
