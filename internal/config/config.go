// Package config reads a project's vouch.yaml with its includes into Config: strictly, with every
// problem at once and each with file, line and column.
//
// It is the only package that knows YAML. The shape of the file is that of the Go types: a key is a
// json tag, here and in the definitions of the domain packages, and a definition's own Validate
// decides what it means. The JSON Schema for editors is generated from the same types.
package config

import (
	"encoding/json"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/ingest"
	"vouch/partners/attribution"
)

// Config is a project: vouch.yaml with its includes, after defaults. Field names in the file are the
// json tags, here and in the definitions of the domain packages.
type Config struct {
	// Root is the absolute project folder; relative paths of the file start there.
	Root string `json:"-"`

	hash   string
	places places

	Version   int         `json:"version"`
	Project   string      `json:"project"`
	Timezone  string      `json:"timezone"`   // IANA name, default UTC
	Currency  string      `json:"currency"`   // ISO 4217, default EUR
	WeekStart string      `json:"week_start"` // monday (default) … sunday
	AsOf      string      `json:"as_of"`      // date (its end in the zone) or time
	Margin    json.Number `json:"margin"`     // contribution per unit of revenue, default 1
	Database  string      `json:"database"`   // default .vouch/vouch.duckdb
	Out       string      `json:"out"`        // default out
	Memory    string      `json:"memory"`     // DuckDB memory limit, e.g. 4GB; default 60 % of the machine
	Threads   int         `json:"threads"`    // default: the machine's cores

	Acquisition Acquisition `json:"acquisition"`
	Signup      Signup      `json:"signup"`
	Revenue     Revenue     `json:"revenue"`
	Credit      string      `json:"credit"` // last_touch (default), first_touch

	Sources     []ingest.Source                   `json:"sources"`
	Funnels     map[string]funnel.Definition      `json:"funnels"`
	Cohorts     map[string]cohorts.Definition     `json:"cohorts"`
	Attribution map[string]attribution.Definition `json:"attribution"`
	Experiments map[string]experiments.Definition `json:"experiments"`
	Guards      map[string]json.Number            `json:"guards"`
	Mail        Mail                              `json:"mail"`
	Include     []string                          `json:"include"`
}

// Acquisition says which event makes a customer.
type Acquisition struct {
	Event string `json:"event"` // default purchase
}

// Signup says which event opens an account.
type Signup struct {
	Event string `json:"event"` // default signed_up
}

// Revenue says which events carry money of the programme.
type Revenue struct {
	// Events that earn; default: every event with an amount that is not a refund.
	Events []string `json:"events"`
	// Refunds take back; default refund, reversal, chargeback.
	Refunds []string `json:"refunds"`
}

// Mail says who gets which report. Secrets are not written here: the password comes from
// VOUCH_SMTP_PASSWORD or the file named by VOUCH_SMTP_PASSWORD_FILE.
type Mail struct {
	From       string              `json:"from"`
	Host       string              `json:"host"`
	Port       int                 `json:"port"` // default 587
	User       string              `json:"user"`
	TLS        string              `json:"tls"`        // starttls (default), tls, none (loopback only)
	Recipients map[string][]string `json:"recipients"` // report name to addresses
}
