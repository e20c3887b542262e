package funnel

import "vouch/referral"

// Result is a funnel read out for a project: what the command prints and the pages draw. It counts
// units: persons, what Unit names, or attempts of either where the counting is totals.
type Result struct {
	Name     string `json:"name"`
	Window   string `json:"window"` // "30d", "" without one
	Currency string `json:"currency"`
	By       string `json:"by,omitempty"`
	// Unit is what is counted: "person", or the column by which the stream is sorted again
	// (referrer_id, partner_id, order_id, referral_code).
	Unit string `json:"unit"`
	// From and To bound the days with entrants that were looked at, as local dates (To inclusive).
	From       string            `json:"from"`
	To         string            `json:"to"`
	CompleteTo string            `json:"complete_to"` // last local entry day whose windows are all closed
	Persons    int64             `json:"persons"`     // persons who entered
	Options    map[string]string `json:"options"`     // the readings in force, named
	Steps      []StepResult      `json:"steps"`
	Groups     []Group           `json:"groups"` // ranked by entrants, then key
	// Other is everybody under the values beyond the groups that stand alone, recomputed from units; null if
	// there are no such values, and where a funnel of more than 64 steps has optional ones.
	Other *Other `json:"other"`
	// TimeToConvert is by step number and "total"; null in the form of bare counts.
	TimeToConvert map[string]Times `json:"time_to_convert"`
	// Histogram sorts complete units by their time from the first step to the last, bins without units
	// at either end left out. Empty in the form of bare counts.
	Histogram []Bin `json:"histogram"`
	// Velocity and VelocityConverting are quantiles off the Kaplan–Meier curve from the first entry to
	// the conversion; null in the form of bare counts.
	Velocity           Quantiles `json:"velocity"`
	VelocityConverting Quantiles `json:"velocity_converting"`
	Trend              []Bucket  `json:"trend"`
	// Censoring is null where the options leave it no meaning, and in the form of bare counts.
	Censoring *Censoring `json:"censoring"`
	// Cost is the money spent in the entry period; null in the form of bare counts.
	Cost *Cost `json:"cost"`
	// Flow says what became of units after their last step. It needs all events of the units, so it is
	// read only where asked for; else empty.
	Flow []FlowRow `json:"flow"`
	// ToleranceDependent counts conversions that exist only thanks to the tolerance for clock noise;
	// null without tolerance and in the form of bare counts.
	ToleranceDependent *int64 `json:"tolerance_dependent"`
	// TieDependent counts conversions that exist only because events of equal time may be read in any
	// order; null where times must increase, under a tolerance, and in the form of bare counts.
	TieDependent *int64 `json:"tie_dependent"`
	// Late counts events of the funnel that arrived at the as-of time or later, whether the definition
	// keeps or drops them; null in the form of bare counts that keep them. WithoutUnit counts events
	// without a value of the unit, which are never counted; null where persons are counted. WithoutHeld
	// counts events of the steps that lack a held value, which serve no step; null where nothing is held
	// and in the form of bare counts.
	Late        *int64 `json:"late"`
	WithoutUnit *int64 `json:"without_unit"`
	WithoutHeld *int64 `json:"without_held"`
	// Roads says how persons were evaluated; null unless asked for.
	Roads    *Roads             `json:"roads"`
	Findings []referral.Finding `json:"findings"`
}

// StepResult is one step. FromFirst and FromPrevious are rates of units with a Wilson interval; both
// are absent for the first step.
type StepResult struct {
	Name         string             `json:"name"`
	Optional     bool               `json:"optional,omitempty"`
	Persons      int64              `json:"persons"`
	FromFirst    *referral.Estimate `json:"from_first"`
	FromPrevious *referral.Estimate `json:"from_previous"`
	// AmountMinor is the money of the events that served this step on the reference chains, in the
	// project's currency. Absent in the form of bare counts, which reads no money.
	AmountMinor *int64 `json:"amount_minor"`
	// CostPerPerson is the cost of the entry period divided by the units that reached the step, in minor
	// units, PayoutPerPerson the part of it that was paid out. Null in the form of bare counts, and in groups
	// that costs do not name.
	CostPerPerson   *referral.Estimate `json:"cost_per_person"`
	PayoutPerPerson *referral.Estimate `json:"payout_per_person"`
	// Velocity and VelocityConverting are quantiles of the time from the previous required step. Null for
	// the first step, for optional steps and in the form of bare counts.
	Velocity           Quantiles `json:"velocity"`
	VelocityConverting Quantiles `json:"velocity_converting"`
}

// Group is the funnel of one value of the breakdown.
type Group struct {
	Key   string       `json:"key"`
	Steps []StepResult `json:"steps"`
	// Shrunk is the conversion rate pulled towards that of all groups by as much as the group is small;
	// VersusRest compares the group with everybody who entered, but not under its value. Both are null in
	// the form of bare counts.
	Shrunk     *referral.Estimate `json:"shrunk"`
	VersusRest *Comparison        `json:"versus_rest"`
	// Velocity and VelocityConverting are those of the whole way, from the first entry to the conversion.
	Velocity           Quantiles `json:"velocity"`
	VelocityConverting Quantiles `json:"velocity_converting"`
	// Cost is the money spent on the value in the entry period; null unless the breakdown is by partner_id
	// or campaign, which costs name, and in the form of bare counts.
	Cost *Cost `json:"cost"`
}

// Quantiles are times in seconds under the keys "0.5" and "0.9", absent where the Kaplan–Meier curve
// does not get that far.
//
// As velocity: the time within which that share of all who started has arrived. As converting velocity:
// the time within which that share of those who arrive within the window has.
type Quantiles = map[string]*float64

// Other is the funnel of the units under the values beyond the largest groups.
type Other struct {
	Values int64        `json:"values"` // how many values there are beyond the groups that stand alone
	Steps  []StepResult `json:"steps"`
}

// Comparison sets those who entered under a value against the rest: everybody else who entered.
//
// Converted and RestConverted count complete units over all values, so that both sides are judged by the
// same rule; where a unit may carry several values, Converted may exceed the last step of the group.
type Comparison struct {
	Entered       int64 `json:"entered"`
	Converted     int64 `json:"converted"`
	RestEntered   int64 `json:"rest_entered"`
	RestConverted int64 `json:"rest_converted"`
	// Difference is the rate of the value minus that of the rest, with Newcombe's interval.
	Difference referral.Estimate `json:"difference"`
	// PValue is two-sided; AdjustedP is it by Benjamini and Hochberg over all groups. Null without a rest.
	PValue    *float64 `json:"p_value"`
	AdjustedP *float64 `json:"adjusted_p"`
	Test      string   `json:"test"`     // fisher, z_pooled
	Decision  string   `json:"decision"` // above, below, unclear
}

// Times summarises durations between steps of those who converted, in seconds.
//
// The single durations are not listed: of a project there may be millions.
type Times struct {
	N      int64   `json:"n"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
}

// Bin counts units whose time to convert lies in from ≤ time < to.
type Bin struct {
	FromSeconds int64  `json:"from_seconds"`
	ToSeconds   *int64 `json:"to_seconds"` // null: no end
	Persons     int64  `json:"persons"`
}

// Bucket is one entry period of the trend.
type Bucket struct {
	Start     string            `json:"start"` // local date of the period's first day
	Entered   int64             `json:"entered"`
	Converted int64             `json:"converted"`
	Rate      referral.Estimate `json:"rate"`
	Complete  bool              `json:"complete"` // all windows of its entrants are closed
	// Reason says why a period is not complete: not_yet_observed, or no_window where no period ever is.
	Reason string `json:"reason,omitempty"`
}

// Censoring tells apart who did not convert and who could not have yet.
type Censoring struct {
	Naive       referral.Estimate `json:"naive"`
	Matured     referral.Estimate `json:"matured"`
	KaplanMeier referral.Estimate `json:"kaplan_meier"`
	OpenPersons int64             `json:"open_persons"`
}

// Cost is the money spent on local days From to To, both inclusive, in the project's currency.
//
// CostMinor is all of it; PayoutMinor the part paid out to people: commission, bonus, reward. Both are
// absent, with the reason, where they are not known.
type Cost struct {
	CostMinor   *int64 `json:"cost_minor"`
	PayoutMinor *int64 `json:"payout_minor"`
	From        string `json:"from"`
	To          string `json:"to"`
	Reason      string `json:"reason,omitempty"`
}

// FlowRow counts units by the last step they reached and by what came next.
type FlowRow struct {
	Step int    `json:"step"` // 1-based number of the last required step reached
	Name string `json:"name"` // its name
	// Next is converted; event, for another event within the window; nothing, for none within the window;
	// open, for none so far while the window is not over.
	Next    string `json:"next"`
	Event   string `json:"event"` // name of the event; "" for the events beyond the eight most common of the step
	Persons int64  `json:"persons"`
}

// Roads counts persons by how they were evaluated.
type Roads struct {
	SQL     int64  `json:"sql"`
	Kernel  int64  `json:"kernel"`
	Reasons []Road `json:"reasons"` // why persons took the kernel
}

// Road is one reason for the kernel.
type Road struct {
	Reason  string `json:"reason"`
	Persons int64  `json:"persons"`
}
