package attribution

import (
	"encoding/json"

	"vouch/referral"
)

// Definition says what is credited to whom.
type Definition struct {
	Name       string            `json:"-"`
	Conversion string            `json:"conversion"` // event, e.g. purchase
	Touches    []string          `json:"touches"`    // events that earn credit
	Window     referral.Duration `json:"window"`     // look-back, inclusive; 0: without limit
	Model      string            `json:"model"`      // last, first, linear, …; empty: all available
	By         string            `json:"by"`         // partner_id (default), channel, campaign
}

// Result is the credit of each key under each model.
type Result struct {
	Name     string `json:"name"`
	By       string `json:"by"`
	Currency string `json:"currency"`
	// Conversions is the number of conversion events before as-of and ValueMinor their money: what
	// the credits of every model add up to.
	Conversions int64 `json:"conversions"`
	ValueMinor  int64 `json:"value_minor"`
	// Touched is the number of conversions with at least one touch.
	Touched  int64              `json:"touched"`
	Models   []Model            `json:"models"`
	Findings []referral.Finding `json:"findings"`
}

// Model is one way of giving credit.
type Model struct {
	Name    string      `json:"name"`
	Credits []KeyCredit `json:"credits"` // by key, the same keys in every model, None last
}

// None is the key of conversions without a touch.
const None = "(none)"

// KeyCredit is what one key earned. Acquisitions is an exact decimal fraction; the credits of
// a model add up to the conversions.
type KeyCredit struct {
	Key               string      `json:"key"`
	AcquisitionsMicro int64       `json:"-"`
	Acquisitions      json.Number `json:"acquisitions"`
	ValueMinor        int64       `json:"value_minor"`
}
