package calc

import (
	"context"
	"encoding/json"
	"errors"

	"vouch/funnel"
)

// funnelMethods are the funnel over given events, which go into tables and are read as those of a project are.
func funnelMethods() []Method {
	return []Method{{
		Name:  "funnel.count",
		Doc:   "Counts how many persons, or attempts, go through steps in order, with times, groups and open windows.",
		Input: fields[funnelQuestion](),
		Output: []string{
			"step_counts", "optional_counts", "person_level", "time_to_convert", "breakdown", "trend",
			"naive", "matured", "kaplan_meier", "open_persons",
		},
		Run: countFunnel,
	}}
}

// funnelAnswer is the result of funnel.count. Fields that do not apply are left out.
type funnelAnswer struct {
	StepCounts     []int64                     `json:"step_counts"`
	OptionalCounts map[string]int64            `json:"optional_counts,omitempty"`
	PersonLevel    map[string]int              `json:"person_level"`
	TimeToConvert  map[string]funnelTimes      `json:"time_to_convert"`
	Breakdown      map[string][]int64          `json:"breakdown,omitempty"`
	Trend          map[string]funnelTrendCount `json:"trend,omitempty"`
	Naive          *funnelRate                 `json:"naive,omitempty"`
	Matured        *funnelRate                 `json:"matured,omitempty"`
	KaplanMeier    *funnelSurvival             `json:"kaplan_meier,omitempty"`
	OpenPersons    *[]string                   `json:"open_persons,omitempty"`
}

type funnelTimes struct {
	N      int64   `json:"n"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	Values []int64 `json:"values"`
}

type funnelTrendCount struct {
	Entered   int64 `json:"entered"`
	Converted int64 `json:"converted"`
}

type funnelRate struct {
	Entered   int64    `json:"entered"`
	Converted int64    `json:"converted"`
	Rate      *float64 `json:"rate"`
}

type funnelSurvival struct {
	Rate   *float64 `json:"rate"`
	SE     *float64 `json:"se"`
	CILow  *float64 `json:"ci_low"`
	CIHigh *float64 `json:"ci_high"`
}

func countFunnel(ctx context.Context, t *Tables, raw json.RawMessage) (any, error) {
	q, err := decodeStrict[funnelQuestion](raw)
	if err != nil {
		return nil, err
	}
	rules, err := q.Funnel.rules()
	if err != nil {
		return answer(nil, err)
	}
	events := make([]funnel.Event, len(q.Events))
	for i, e := range q.Events {
		events[i] = funnel.Event(e)
	}
	c, err := countEvents(ctx, t, rules, events, q.Identity)
	if err != nil {
		return nil, err
	}
	out := &funnelAnswer{
		StepCounts: c.StepCounts, OptionalCounts: c.Optional, PersonLevel: c.PersonLevel, Breakdown: c.Breakdown,
		TimeToConvert: map[string]funnelTimes{},
	}
	for k, d := range c.TimeToConvert {
		out.TimeToConvert[k] = funnelTimes{d.N, d.Mean, d.Median, d.Values}
	}
	if c.Trend != nil {
		out.Trend = map[string]funnelTrendCount{}
		for k, b := range c.Trend {
			out.Trend[k] = funnelTrendCount(b)
		}
	}
	if s := c.Censoring; s != nil {
		out.Naive, out.Matured = shareOf(s.Naive), shareOf(s.Matured)
		out.KaplanMeier = &funnelSurvival{s.Survival.Rate, s.Survival.SE, s.Survival.CILow, s.Survival.CIHigh}
		open := append([]string{}, s.OpenPersons...)
		out.OpenPersons = &open
	}
	return out, nil
}

// countEvents puts the events into tables and asks as a project would. Only bad rules, circles of
// aliases and rules that would take too much memory are the fault of the question.
func countEvents(ctx context.Context, t *Tables, rules *funnel.Rules, events []funnel.Event, identity map[string]string) (*funnel.Counted, error) {
	if err := rules.Validate().Err(); err != nil {
		return nil, Invalid("%v", err)
	}
	w, db, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	err = funnel.LoadEvents(ctx, w, events, identity)
	if errors.Is(err, funnel.ErrIdentityCycle) {
		return nil, Invalid("%v", err)
	}
	if err != nil {
		return nil, err
	}
	c, err := funnel.CountRules(ctx, db, rules)
	if errors.Is(err, funnel.ErrSets) {
		return nil, Invalid("%v", err)
	}
	return c, err
}

func shareOf(c funnel.TrendCounts) *funnelRate {
	r := &funnelRate{Entered: c.Entered, Converted: c.Converted}
	if c.Entered > 0 {
		v := float64(c.Converted) / float64(c.Entered)
		r.Rate = &v
	}
	return r
}
