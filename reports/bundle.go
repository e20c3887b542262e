package reports

import (
	"time"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
)

// Bundle is everything a renderer may see: the results of one run with what they were computed
// from. HTML, JSON, CSV and e-mail are written from it and cannot query.
type Bundle struct {
	Run          Run                  `json:"run"`
	Project      Project              `json:"project"`
	Data         Data                 `json:"data"`
	Funnels      []funnel.Result      `json:"funnels"`
	Cohorts      []cohorts.Result     `json:"cohorts"`
	Experiments  []experiments.Result `json:"experiments"`
	Attributions []attribution.Result `json:"attributions"`
	Partners     *partners.Result     `json:"partners"`
	Weekly       *Weekly              `json:"weekly"`
	// Nodes are the steps of the run with their outcome, for run_results.json.
	Nodes []Node `json:"nodes,omitempty"`
	// SQL is the text behind each result by "funnel/NAME", "cohorts/NAME", …, for the method sections.
	SQL map[string]string `json:"sql"`
	// Findings are those of the run as a whole: data problems, late data.
	Findings []referral.Finding `json:"findings"`
}

// Run identifies a run. Its id is a hash of as-of, data, configuration and version, so that equal
// inputs give the same id.
type Run struct {
	ID           string    `json:"id"`
	AsOf         time.Time `json:"as_of"` // exclusive end of what is seen, UTC
	Engine       string    `json:"engine"`
	Currency     string    `json:"currency"`
	ConfigSHA256 string    `json:"config_sha256"`
	DataSHA256   string    `json:"data_sha256"`
	Vouch        string    `json:"vouch"`
	DuckDB       string    `json:"duckdb"`
}

// Project is what headers show.
type Project struct {
	Name      string `json:"name"`
	Timezone  string `json:"timezone"`
	WeekStart string `json:"week_start"`
	Currency  string `json:"currency"`
	Margin    string `json:"margin"`
}

// Data says what was loaded.
type Data struct {
	Events     int64             `json:"events"`
	Persons    int64             `json:"persons"`
	Partners   int64             `json:"partners"`
	CompleteTo string            `json:"complete_to"` // local date
	Sources    []Source          `json:"sources"`
	Excluded   map[string]int64  `json:"excluded"`   // rows by reason
	Quarantine []QuarantineCount `json:"quarantine"` // by source and code
}

// Source counts the rows of one source.
type Source struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Files      int64  `json:"files"`
	Rows       int64  `json:"rows"`
	Accepted   int64  `json:"accepted"`
	Duplicates int64  `json:"duplicates"`
	Rejected   int64  `json:"rejected"`
}

// QuarantineCount counts refused rows.
type QuarantineCount struct {
	Source string `json:"source"`
	Code   string `json:"code"`
	Rows   int64  `json:"rows"`
}

// Weekly is the last complete week against the one before.
type Weekly = partners.Weekly

// WeeklyFigure is one key figure with its change and its last 13 weeks.
type WeeklyFigure = partners.WeeklyFigure

// Mover is one contribution to a change.
type Mover = partners.Mover

// Micro is a count in millionths shown as a decimal.
type Micro = partners.Micro
