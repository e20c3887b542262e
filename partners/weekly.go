package partners

import "vouch/referral"

// Weekly is the last complete week against the one before.
type Weekly struct {
	Week    string         `json:"week"` // 2026-W46
	From    string         `json:"from"` // local dates, To inclusive
	To      string         `json:"to"`
	Figures []WeeklyFigure `json:"figures"`
	// Movers are the partners that changed the week's acquisitions most; the changes add up to the
	// total with "all others".
	Movers []Mover `json:"movers"`
}

// WeeklyFigure is one key figure with its change and its last 13 weeks.
type WeeklyFigure struct {
	Name     string            `json:"name"` // signups, customers, revenue, cost, cpa, conversion
	Unit     string            `json:"unit"` // count, money, rate
	Value    referral.Estimate `json:"value"`
	Previous referral.Estimate `json:"previous"`
	Change   referral.Estimate `json:"change"` // value − previous, with an interval
	Clear    bool              `json:"clear"`  // the interval of the change excludes zero
	Series   []*float64        `json:"series"` // 13 weeks, oldest first, null where unknown
}

// Mover is one contribution to a change.
type Mover struct {
	Key      string `json:"key"`
	Name     string `json:"name"`
	Previous Micro  `json:"previous"`
	Current  Micro  `json:"current"`
}
