package funnel

import (
	"encoding/json"

	"vouch/referral"
)

// Definition says which steps a funnel has and how an event may serve them. The zero value of each
// option is its default. Keys and meanings are those of docs/semantics.md.
type Definition struct {
	Name   string            `json:"-"`
	Steps  []Step            `json:"steps"`
	Order  string            `json:"order"`  // ordered (default), strict, strict_among_steps, unordered
	Ties   string            `json:"ties"`   // any_order (default), increasing
	Reuse  bool              `json:"reuse"`  // one event may serve several steps
	Entry  string            `json:"entry"`  // any (default), first
	Window referral.Duration `json:"window"` // from the first matched step, inclusive; 0: none
	// Windows is short for the windows of the steps after the first, one each.
	Windows   []referral.Duration `json:"windows"`
	Tolerance referral.Duration   `json:"tolerance"` // clock noise
	// Unit is what is counted: person (default), or a column of events over which the stream is sorted
	// anew: referrer_id, partner_id, order_id, referral_code. All else then speaks of that unit.
	Unit string `json:"unit"`
	// Late says what becomes of events received at or after the as-of time: keep (default) counts them,
	// drop leaves them out, as a report made at that time had to.
	Late string `json:"late"`
	// Top is the number of groups shown before the others are put together; nil means DefaultTop.
	Top          *int        `json:"top"`
	EntryFrom    string      `json:"entry_from"`
	EntryTo      string      `json:"entry_to"`
	HoldConstant []string    `json:"hold_constant"`
	Hold         []string    `json:"hold"` // short for hold_constant
	Exclusions   []Exclusion `json:"exclusions"`
	Counting     string      `json:"counting"` // uniques (default), totals
	Breakdown    *Breakdown  `json:"breakdown"`
	By           *Breakdown  `json:"by"` // short for breakdown; a plain name means attribution all
	Trend        *Trend      `json:"trend"`
}

// Step is one stage of a funnel. A plain text is a step of that name matching the event of that
// name.
type Step struct {
	Name      string                     `json:"name"`
	Event     string                     `json:"event"` // defaults to the name
	Where     map[string]json.RawMessage `json:"where"` // column or prop.NAME to the value it must equal
	AnyOf     [][]Condition              `json:"any_of"`
	Window    referral.Duration          `json:"window"` // from the previous required step, inclusive
	MinGap    referral.Duration          `json:"min_gap"`
	Optional  bool                       `json:"optional"`
	FirstEver bool                       `json:"first_ever"`
}

// FromText reads the short form of a step.
func (s *Step) FromText(text string) error {
	s.Name, s.Event = text, text
	return nil
}

// Condition is one comparison of an event's field.
type Condition struct {
	Field string          `json:"field"` // event, a column, prop.NAME, or what else field.go knows
	Op    string          `json:"op"`
	Value json.RawMessage `json:"value"`
}

// Exclusion ends or spoils attempts in which a matching event lies between two steps.
type Exclusion struct {
	Event  string        `json:"event"`
	AnyOf  [][]Condition `json:"any_of"`
	From   int           `json:"from"`   // zero-based step
	To     int           `json:"to"`     // zero-based step
	Policy string        `json:"policy"` // end_attempt (default), reset, drop_user
}

// Breakdown splits the funnel by a property.
type Breakdown struct {
	Property    string `json:"property"`    // partner_id, channel, prop.NAME, partner.tier, cohort.month, …
	Attribution string `json:"attribution"` // first_touch, last_touch, all, step
	Step        int    `json:"step"`        // 1-based, for step
}

// FromText reads the short form: every value a person carried.
func (b *Breakdown) FromText(text string) error {
	b.Property, b.Attribution = text, "all"
	return nil
}

// Trend groups entries by a calendar interval.
type Trend struct {
	Interval string `json:"interval"` // hour, day, week, month
	Timezone string `json:"timezone"` // default: that of the project
}

// FromText reads the short form: the interval.
func (t *Trend) FromText(text string) error {
	t.Interval = text
	return nil
}

// DefaultTop is the number of groups shown unless a definition sets its own.
const DefaultTop = 10

// Shown is the number of groups shown before the others are put together.
func (d Definition) Shown() int {
	if d.Top == nil {
		return DefaultTop
	}
	return *d.Top
}
