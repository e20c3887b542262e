package cohorts

import "vouch/referral"

// Definition says how customers are grouped into acquisition cohorts and how their age is counted.
type Definition struct {
	Name     string         `json:"-"`
	By       referral.Grain `json:"by"`       // day, week, month (default), quarter of acquisition
	Age      referral.Grain `json:"age"`      // day, week, month (default: that of by)
	Horizon  int            `json:"horizon"`  // last age shown; default 12
	Group    string         `json:"group"`    // partner_id, archetype, tier, channel or empty
	Activity []string       `json:"activity"` // events that count as being retained; default: the acquisition event
}

// Result is a retention and lifetime-value triangle.
type Result struct {
	Name     string             `json:"name"`
	By       referral.Grain     `json:"by"`
	Age      referral.Grain     `json:"age"`
	Group    string             `json:"group,omitempty"`
	Currency string             `json:"currency"`
	Margin   string             `json:"margin"` // decimal text
	Cohorts  []Cohort           `json:"cohorts"`
	LTV      []LTV              `json:"ltv"`
	Findings []referral.Finding `json:"findings"`
}

// Cohort is the customers acquired in one period (and group).
type Cohort struct {
	Cohort string `json:"cohort"` // 2026-01, 2026-W05, …
	Key    string `json:"key,omitempty"`
	Size   int64  `json:"size"`
	Cells  []Cell `json:"cells"`
}

// Cell is one cohort at one age. A cell is complete when every customer of the cohort has lived
// through the whole age; partial cells are shown and never averaged.
type Cell struct {
	Age             int   `json:"age"`
	Retained        int64 `json:"retained"`
	Eligible        int64 `json:"eligible"` // customers whose age is fully observed
	Events          int64 `json:"events"`   // activity events at this age
	Complete        bool  `json:"complete"`
	CumulativeMinor int64 `json:"cumulative_minor"` // revenue − refunds since acquisition, project currency
}

// LTV is the observed cumulative contribution (net revenue × margin) per customer at one age,
// pooled over the cohorts whose cell is complete, so that the same customers are compared at the
// same age.
type LTV struct {
	Key       string            `json:"key,omitempty"` // value of the group; empty for all customers
	Age       int               `json:"age"`
	Customers int64             `json:"customers"`
	Value     referral.Estimate `json:"value"` // minor units per customer
	Retention referral.Estimate `json:"retention"`
}
