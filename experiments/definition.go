package experiments

import (
	"encoding/json"

	"vouch/referral"
)

// Definition says what an experiment randomised and which metrics judge it.
type Definition struct {
	Name    string `json:"-"`
	Unit    string `json:"unit"`    // person (default), referrer, partner
	Control string `json:"control"` // variant every other is compared with
	// Weights are the planned shares of the variants; relative numbers.
	Weights map[string]json.Number `json:"weights"`
	Window  referral.Duration      `json:"window"` // outcomes count for this long after exposure
	Metrics []Metric               `json:"metrics"`
	// Confidence is the level of intervals, default 0.95.
	Confidence float64 `json:"confidence"`
	// Rewards is the cost of one reward per variant in minor units of the project's currency.
	Rewards map[string]int64 `json:"rewards"`
	// Source is where the arms come from. Rows whose assignment contradicts itself are the business of
	// the source's SQL; a unit seen in two variants is always put aside and counted.
	Source string `json:"source"` // exposures (default) or summary (experiment_summary)
}

// Metric is one outcome per randomised unit.
type Metric struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // proportion, mean
	// Event and Where select the outcome events of the unit (for unit referrer: of the persons it
	// referred).
	Event string                     `json:"event"`
	Where map[string]json.RawMessage `json:"where"`
	// Value is what a mean adds up: amount (money, default) or count (events).
	Value string `json:"value"`
	Role  string `json:"role"` // primary, secondary (default), guardrail
	// LowerIsBetter says that a fall is the improvement, as with refunds.
	LowerIsBetter bool `json:"lower_is_better"`
}

// Result is the read-out of one experiment.
type Result struct {
	Name       string             `json:"name"`
	Unit       string             `json:"unit"`
	Control    string             `json:"control"`
	Currency   string             `json:"currency"`
	From       string             `json:"from"` // local date of the first exposure
	To         string             `json:"to"`
	Confidence float64            `json:"confidence"`
	Arms       []Arm              `json:"arms"`
	SRM        SRM                `json:"srm"`
	Hygiene    Hygiene            `json:"hygiene"`
	Metrics    []MetricResult     `json:"metrics"`
	Verdict    Verdict            `json:"verdict"`
	Findings   []referral.Finding `json:"findings"`
}

// Arm is one variant after the hygiene rules.
type Arm struct {
	Variant string  `json:"variant"`
	N       int64   `json:"n"`
	Mature  int64   `json:"mature"` // units whose outcome window is closed
	Share   float64 `json:"planned_share"`
}

// SRM is the test for a sample-ratio mismatch.
type SRM struct {
	PValue    *float64 `json:"p_value"`
	Statistic *float64 `json:"statistic"`
	Method    string   `json:"method"`
	Reason    string   `json:"reason,omitempty"`
}

// Hygiene counts what was put aside before counting.
type Hygiene struct {
	Exposures       int64 `json:"exposures"`
	TwoVariants     int64 `json:"two_variant_units"`
	Immature        int64 `json:"immature_units"`
	UnknownVariants int64 `json:"unknown_variant_exposures"`
	ExcludedUnits   int64 `json:"excluded_units"` // bots, internal persons
}

// MetricResult is one metric in every arm and against the control.
type MetricResult struct {
	Name        string       `json:"name"`
	Kind        string       `json:"kind"`
	Value       string       `json:"value,omitempty"` // of a mean: amount or count, as defined
	Role        string       `json:"role"`
	Arms        []ArmValue   `json:"arms"`
	Comparisons []Comparison `json:"comparisons"`
}

// ArmValue is the metric in one arm: the mean per mature unit with its interval.
type ArmValue struct {
	Variant string            `json:"variant"`
	Value   referral.Estimate `json:"value"`
}

// Comparison is one arm against the control. PValue is the probability of a difference at least as
// large as the one seen if there were none.
type Comparison struct {
	Arm       string            `json:"arm"`
	Control   string            `json:"control"`
	Effect    referral.Estimate `json:"effect"`
	Lift      referral.Estimate `json:"lift"`
	PValue    *float64          `json:"p_value"`
	AdjustedP *float64          `json:"adjusted_p"`
	Decision  string            `json:"decision"` // better, worse, unclear, invalid
	// Method names the test behind the p-value; Reason says why there is none.
	Method string `json:"method"`
	Reason string `json:"reason,omitempty"`
}

// Verdict says what to do, by the rules of docs/statistics.md.
type Verdict struct {
	Action string `json:"action"` // ship, hold, stop, invalid
	Arm    string `json:"arm,omitempty"`
	Reason string `json:"reason"`
	// ValueMinor is the value per randomised unit in minor units of the project's currency, where a
	// money metric and the rewards allow it.
	ValueMinor referral.Estimate `json:"value_minor"`
}
