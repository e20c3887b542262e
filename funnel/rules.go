package funnel

import "encoding/json"

// Rules is a funnel in plain terms: durations and times are integers of one unit, every option is
// explicit or absent. It is what a Definition is turned into, and what the calculator reads.
type Rules struct {
	Steps          []RuleStep      `json:"steps"`
	Order          string          `json:"order"`
	Ties           string          `json:"ties"`
	Reuse          bool            `json:"reuse"`
	Entry          string          `json:"entry"`
	Window         *int64          `json:"window"`
	Tolerance      int64           `json:"tolerance"`
	EntryFrom      *int64          `json:"entry_from"`      // inclusive
	EntryTo        *int64          `json:"entry_to"`        // exclusive
	ObservationEnd *int64          `json:"observation_end"` // inclusive
	HoldConstant   []string        `json:"hold_constant"`
	Exclusions     []RuleExclusion `json:"exclusions"`
	Counting       string          `json:"counting"`
	Breakdown      *Breakdown      `json:"breakdown"`
	Trend          *Trend          `json:"trend"`
}

// RuleStep is one step. Name is absent for the default stepN.
type RuleStep struct {
	Name      *string       `json:"name"`
	AnyOf     [][]Condition `json:"any_of"`
	Window    *int64        `json:"window"`
	MinGap    *int64        `json:"min_gap"`
	Optional  bool          `json:"optional"`
	FirstEver bool          `json:"first_ever"`
}

// RuleExclusion is one exclusion between two zero-based steps.
type RuleExclusion struct {
	AnyOf  [][]Condition `json:"any_of"`
	From   int           `json:"from"`
	To     int           `json:"to"`
	Policy string        `json:"policy"`
}

// The names of the options; the first of each list is the default.
var (
	orders       = []string{"ordered", "strict", "strict_among_steps", "unordered"}
	tieReadings  = []string{"any_order", "increasing"}
	entries      = []string{"any", "first"}
	countings    = []string{"uniques", "totals"}
	lates        = []string{"keep", "drop"}
	policies     = []string{"end_attempt", "reset", "drop_user"}
	attributions = []string{"all", "first_touch", "last_touch", "step"}
	intervals    = []string{"week", "hour", "day", "month"}
	operators    = []string{"=", "!=", "<=", ">=", "contains", "is_null", "not_null"}
)

// orDefault returns the option, or the first of the list if it was not given.
func orDefault(value string, list []string) string {
	if value == "" {
		return list[0]
	}
	return value
}

// isText reports whether a JSON value is a string and returns it.
func isText(raw json.RawMessage) (string, bool) {
	var s string
	if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return "", false
	}
	return s, true
}
