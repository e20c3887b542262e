package funnel

import "vouch/referral"

// Result is a funnel read out for a project: what the command prints and the pages draw.
type Result struct {
	Name     string `json:"name"`
	Window   string `json:"window"` // "30d", "" without one
	Currency string `json:"currency"`
	By       string `json:"by,omitempty"`
	// From and To bound the days with entrants that were looked at, as local dates (To inclusive).
	From       string            `json:"from"`
	To         string            `json:"to"`
	CompleteTo string            `json:"complete_to"` // last local entry day whose windows are all closed
	Persons    int64             `json:"persons"`     // persons who entered
	Options    map[string]string `json:"options"`     // the readings in force, named
	Steps      []StepResult      `json:"steps"`
	Groups     []Group           `json:"groups"` // ranked by entrants, then key
	// TimeToConvert is by step number and "total"; null in the form of bare counts.
	TimeToConvert map[string]Times `json:"time_to_convert"`
	// Velocity has the keys "0.5" and "0.9": seconds, off the Kaplan–Meier curve, absent where the
	// curve does not get that far. Null in the form of bare counts.
	Velocity map[string]*float64 `json:"velocity"`
	Trend    []Bucket            `json:"trend"`
	// Censoring is null where the options leave it no meaning, and in the form of bare counts.
	Censoring *Censoring         `json:"censoring"`
	Findings  []referral.Finding `json:"findings"`
}

// StepResult is one step. FromFirst and FromPrevious are rates of persons with a Wilson interval;
// both are absent for the first step.
type StepResult struct {
	Name         string             `json:"name"`
	Optional     bool               `json:"optional,omitempty"`
	Persons      int64              `json:"persons"`
	FromFirst    *referral.Estimate `json:"from_first"`
	FromPrevious *referral.Estimate `json:"from_previous"`
	// AmountMinor is the money of the events that served this step on the reference chains, in the
	// project's currency. Absent in the form of bare counts, which reads no money.
	AmountMinor *int64 `json:"amount_minor"`
}

// Group is the funnel of one value of the breakdown.
type Group struct {
	Key   string       `json:"key"`
	Steps []StepResult `json:"steps"`
}

// Times summarises durations between steps of those who converted, in seconds.
//
// The single durations are not listed: of a project there may be millions.
type Times struct {
	N      int64   `json:"n"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
}

// Bucket is one entry period of the trend.
type Bucket struct {
	Start     string            `json:"start"` // local date of the period's first day
	Entered   int64             `json:"entered"`
	Converted int64             `json:"converted"`
	Rate      referral.Estimate `json:"rate"`
	Complete  bool              `json:"complete"` // all windows of its entrants are closed
}

// Censoring tells apart who did not convert and who could not have yet.
type Censoring struct {
	Naive       referral.Estimate `json:"naive"`
	Matured     referral.Estimate `json:"matured"`
	KaplanMeier referral.Estimate `json:"kaplan_meier"`
	OpenPersons int64             `json:"open_persons"`
}
