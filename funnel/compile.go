package funnel

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"vouch/referral"
)

// rules turns a definition into plain integers: microseconds since 1970 and durations in
// microseconds. The definition must be valid.
func (d Definition) rules(scope referral.Scope) (*Rules, error) {
	r := &Rules{
		Order: d.Order, Ties: d.Ties, Reuse: d.Reuse, Entry: d.Entry, Counting: d.Counting, Tolerance: d.Tolerance.Micros(),
		Window: optionalMicros(d.Window), HoldConstant: d.held(), Breakdown: d.breakdown(), Trend: d.Trend,
	}
	for i, s := range d.Steps {
		name := s.name()
		if i > 0 && i <= len(d.Windows) {
			s.Window = d.Windows[i-1]
		}
		rs := RuleStep{Window: optionalMicros(s.Window), MinGap: optionalMicros(s.MinGap), Optional: s.Optional, FirstEver: s.FirstEver}
		if name != "" {
			rs.Name = &name
		}
		rs.AnyOf = s.alternatives()
		r.Steps = append(r.Steps, rs)
	}
	for _, x := range d.Exclusions {
		r.Exclusions = append(r.Exclusions, RuleExclusion{AnyOf: x.alternatives(), From: x.From, To: x.To, Policy: x.Policy})
	}
	var err error
	if r.EntryFrom, err = instant(d.EntryFrom, scope.Calendar.Zone); err != nil {
		return nil, fmt.Errorf("entry_from: %w", err)
	}
	if r.EntryTo, err = instant(d.EntryTo, scope.Calendar.Zone); err != nil {
		return nil, fmt.Errorf("entry_to: %w", err)
	}
	if !scope.AsOf.IsZero() {
		end := scope.AsOf.UnixMicro() - 1 // as_of is exclusive, the observation end is not
		r.ObservationEnd = &end
	}
	return r, nil
}

func optionalMicros(d referral.Duration) *int64 {
	if d == 0 {
		return nil
	}
	v := d.Micros()
	return &v
}

// instant reads a date (its local midnight) or a time (local unless it carries a zone).
func instant(text string, zone *time.Location) (*int64, error) {
	if text == "" {
		return nil, nil
	}
	if zone == nil {
		zone = time.UTC
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			v := t.UnixMicro()
			return &v, nil
		}
	}
	return nil, fmt.Errorf("%q is neither a date nor a time", text)
}

// name is the step's name: as given, else its event; the rules default an empty one to stepN.
func (s Step) name() string {
	if s.Name == "" {
		return s.Event
	}
	return s.Name
}

// event is the event of the short form: as given, else the step's name.
func (s Step) event() string {
	if s.Event == "" {
		return s.Name
	}
	return s.Event
}

// alternatives spells the short form out as conditions.
func (s Step) alternatives() [][]Condition {
	if s.AnyOf != nil {
		return s.AnyOf
	}
	all := []Condition{equals("event", s.event())}
	for _, k := range slices.Sorted(maps.Keys(s.Where)) {
		all = append(all, Condition{Field: k, Op: "=", Value: s.Where[k]})
	}
	return [][]Condition{all}
}

func (x Exclusion) alternatives() [][]Condition {
	if x.AnyOf != nil {
		return x.AnyOf
	}
	return [][]Condition{{equals("event", x.Event)}}
}

func equals(field, text string) Condition {
	b, err := json.Marshal(text)
	if err != nil {
		panic("funnel: a string is always JSON")
	}
	return Condition{Field: field, Op: "=", Value: b}
}

// held joins the long and the short form; validation refuses both at once.
func (d Definition) held() []string {
	if len(d.HoldConstant) > 0 {
		return d.HoldConstant
	}
	return d.Hold
}

func (d Definition) breakdown() *Breakdown {
	b := d.Breakdown
	if b == nil {
		b = d.By
	}
	if b == nil {
		return nil
	}
	out := *b
	out.Attribution = orDefault(b.Attribution, attributions)
	return &out
}
