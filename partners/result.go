package partners

import "vouch/referral"

// Result is what every partner cost and earned over a period.
type Result struct {
	From     string `json:"from"` // local dates, To inclusive
	To       string `json:"to"`
	Currency string `json:"currency"`
	Margin   string `json:"margin"`
	Credit   string `json:"credit"` // the rule that filled the acquisitions
	Partners []Row  `json:"partners"`
	Totals   Row    `json:"totals"`
	// Programme is what the partners brought and what they cost: the customers credited to partners
	// against all costs, those of no single partner included. Totals also hold the customers whom
	// nobody referred; a cost per customer over them would flatter the programme. Absent without partners.
	Programme *Row               `json:"programme"`
	Series    []Point            `json:"series"` // the programme by week, oldest first
	Findings  []referral.Finding `json:"findings"`
}

// Headline is the row that speaks for the whole: the programme, or the totals of a project without
// partners.
func (r Result) Headline() Row {
	if r.Programme != nil {
		return *r.Programme
	}
	return r.Totals
}

// CostsLoaded reports whether any cost is known: without a cost line nothing was free, the costs are
// missing.
func (r Result) CostsLoaded() bool { return r.Totals.CPA.Reason != reasonNoCosts }

// Row is one partner, or the whole programme. Costs without a partner appear in Totals and in the
// row with an empty PartnerID, so that rows add up to the total.
type Row struct {
	PartnerID string `json:"partner_id"`
	Name      string `json:"name"`
	Archetype string `json:"archetype"`
	Tier      string `json:"tier"`
	Region    string `json:"region"`
	Industry  string `json:"industry"`
	// LeftAt is the local date on which the partner left, if that is before as-of.
	LeftAt string `json:"left_at,omitempty"`
	// Persons counts everyone with an analysed event credited to the partner.
	Persons int64 `json:"persons"`
	// Acquisitions is the credited customers in millionths; JSON shows the decimal number.
	Acquisitions Micro             `json:"acquisitions"`
	CostMinor    int64             `json:"cost_minor"`
	RevenueMinor int64             `json:"revenue_minor"` // net of refunds, of customers credited to the partner
	CPA          referral.Estimate `json:"cpa"`           // minor units per acquisition, Garwood interval
	ROI          referral.Estimate `json:"roi"`           // contribution ÷ cost − 1
	LTV          referral.Estimate `json:"ltv"`           // observed contribution per customer to date, minor units
	LTVToCAC     referral.Estimate `json:"ltv_to_cac"`
	// PaybackMonths is the number of calendar months, the one of the acquisition included, until
	// cumulative contribution per customer reaches the CPA; absent with never_within_horizon.
	PaybackMonths referral.Estimate `json:"payback_months"`
	// Action is grow, fix, watch or end, or left for a partner who has, with the reason in words.
	Action string `json:"action"`
	Reason string `json:"reason"`
}

// Point is one week of the programme.
type Point struct {
	Start        string `json:"start"`
	Complete     bool   `json:"complete"`
	Acquisitions Micro  `json:"acquisitions"`
	CostMinor    int64  `json:"cost_minor"`
	RevenueMinor int64  `json:"revenue_minor"`
}

// Micro is a count in millionths that JSON shows as an exact decimal number.
type Micro int64

// MarshalJSON writes the decimal number.
func (m Micro) MarshalJSON() ([]byte, error) { return []byte(*referral.Micros(int64(m))), nil }
