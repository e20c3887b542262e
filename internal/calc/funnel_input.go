package calc

import (
	"encoding/json"
	"fmt"

	"vouch/funnel"
)

// funnelQuestion is the input of funnel.count.
type funnelQuestion struct {
	Funnel   funnelRules       `json:"funnel"`
	Events   []funnelEvent     `json:"events"`
	Identity map[string]string `json:"identity" calc:"optional"`
}

type funnelRules struct {
	Steps          []funnelStep      `json:"steps"`
	Order          *string           `json:"order" calc:"optional"`
	Ties           *string           `json:"ties" calc:"optional"`
	Reuse          bool              `json:"reuse" calc:"optional"`
	Entry          *string           `json:"entry" calc:"optional"`
	Window         *int64            `json:"window" calc:"optional"`
	Tolerance      *int64            `json:"tolerance" calc:"optional"`
	EntryFrom      *int64            `json:"entry_from" calc:"optional"`
	EntryTo        *int64            `json:"entry_to" calc:"optional"`
	ObservationEnd *int64            `json:"observation_end" calc:"optional"`
	HoldConstant   []string          `json:"hold_constant" calc:"optional"`
	Exclusions     []funnelExclusion `json:"exclusions" calc:"optional"`
	Counting       *string           `json:"counting" calc:"optional"`
	Breakdown      *funnelBreakdown  `json:"breakdown" calc:"optional"`
	Trend          *funnelTrend      `json:"trend" calc:"optional"`
}

type funnelStep struct {
	Name      *string             `json:"name" calc:"optional"`
	AnyOf     [][]funnelCondition `json:"any_of"`
	Window    *int64              `json:"window" calc:"optional"`
	MinGap    *int64              `json:"min_gap" calc:"optional"`
	Optional  bool                `json:"optional" calc:"optional"`
	FirstEver bool                `json:"first_ever" calc:"optional"`
}

type funnelCondition struct {
	Field string          `json:"field"`
	Op    string          `json:"op"`
	Value json.RawMessage `json:"value" calc:"optional"`
}

type funnelExclusion struct {
	AnyOf  [][]funnelCondition `json:"any_of"`
	From   int                 `json:"from"`
	To     int                 `json:"to"`
	Policy *string             `json:"policy" calc:"optional"`
}

type funnelBreakdown struct {
	Property    string `json:"property"`
	Attribution string `json:"attribution"`
	Step        *int   `json:"step" calc:"optional"`
}

type funnelTrend struct {
	Interval string  `json:"interval"`
	Timezone *string `json:"timezone" calc:"optional"`
}

// funnelEvent is one row [person, ts, event, {props}].
type funnelEvent funnel.Event

func (funnelEvent) describe() string { return "a row [person, ts, event, {props}]" }

// UnmarshalJSON reads a row, refusing anything that is not exactly of its shape.
func (e *funnelEvent) UnmarshalJSON(b []byte) error {
	tree, err := parse(b)
	if err != nil {
		return err
	}
	row, ok := tree.([]any)
	if !ok || len(row) != 4 {
		return fmt.Errorf("want a row [person, ts, event, {props}], got %s", describe(tree))
	}
	person, okPerson := row[0].(string)
	ts, okTS := row[1].(json.Number)
	name, okName := row[2].(string)
	props, okProps := row[3].(map[string]any)
	if !okPerson || person == "" || !okTS || !okName || !okProps {
		return fmt.Errorf("want a row [person, ts, event, {props}], got %s", describe(tree))
	}
	at, err := whole(string(ts))
	if err != nil {
		return fmt.Errorf("ts: %w", err)
	}
	*e = funnelEvent{Person: person, TS: at, Name: name, Props: make(map[string]json.RawMessage, len(props))}
	for k, v := range props {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		e.Props[k] = raw
	}
	return nil
}

// rules turns the input into the rules of package funnel. An option given as "" is not the default:
// it is refused as unknown.
func (f *funnelRules) rules() (*funnel.Rules, error) {
	r := &funnel.Rules{
		Reuse: f.Reuse, Window: f.Window, EntryFrom: f.EntryFrom, EntryTo: f.EntryTo, ObservationEnd: f.ObservationEnd,
		HoldConstant: f.HoldConstant,
	}
	if f.Tolerance != nil {
		r.Tolerance = *f.Tolerance
	}
	for _, o := range []struct {
		key string
		in  *string
		out *string
	}{{"order", f.Order, &r.Order}, {"ties", f.Ties, &r.Ties}, {"entry", f.Entry, &r.Entry}, {"counting", f.Counting, &r.Counting}} {
		if err := option(o.key, o.in, o.out); err != nil {
			return nil, err
		}
	}
	for _, s := range f.Steps {
		r.Steps = append(r.Steps, funnel.RuleStep{
			Name: s.Name, AnyOf: conditions(s.AnyOf), Window: s.Window, MinGap: s.MinGap, Optional: s.Optional, FirstEver: s.FirstEver,
		})
	}
	for i, x := range f.Exclusions {
		rx := funnel.RuleExclusion{AnyOf: conditions(x.AnyOf), From: x.From, To: x.To}
		if err := option(fmt.Sprintf("exclusions[%d].policy", i), x.Policy, &rx.Policy); err != nil {
			return nil, err
		}
		r.Exclusions = append(r.Exclusions, rx)
	}
	if b := f.Breakdown; b != nil {
		r.Breakdown = &funnel.Breakdown{Property: b.Property, Attribution: b.Attribution}
		if b.Step != nil {
			if r.Breakdown.Step = *b.Step; *b.Step < 1 {
				return nil, Invalid("breakdown.step: want a step from 1 on, got %d", *b.Step)
			}
		}
	}
	if t := f.Trend; t != nil {
		r.Trend = &funnel.Trend{Interval: t.Interval}
		return r, option("trend.timezone", t.Timezone, &r.Trend.Timezone)
	}
	return r, nil
}

// option copies an option that was given.
func option(key string, in, out *string) error {
	if in == nil {
		return nil
	}
	if *in == "" {
		return Invalid("%s is empty", key)
	}
	*out = *in
	return nil
}

func conditions(in [][]funnelCondition) [][]funnel.Condition {
	var out [][]funnel.Condition
	for _, all := range in {
		list := []funnel.Condition{}
		for _, c := range all {
			list = append(list, funnel.Condition(c))
		}
		out = append(out, list)
	}
	return out
}
