package ingest

import (
	"encoding/json"
	"math/big"
	"regexp"

	"vouch/referral"
)

// Source is one entry of `sources:`: files of one kind and how their columns map to the contract.
type Source struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // an input table of internal/schema
	// Files is a glob, or several files by alias for SQL. Relative paths are below the project;
	// ${VAR} is expanded.
	Files Files `json:"files"`
	// SQL joins and derives columns from the aliases of Files (or from `input` for one glob).
	SQL    string            `json:"sql"`
	Format string            `json:"format"` // csv, ndjson, parquet; default by file name
	Map    map[string]Mapped `json:"map"`    // contract column to source column
	Unit   referral.Unit     `json:"unit"`   // of amount columns: major, minor, micros; see Mapped
	Time   string            `json:"time"`   // strftime format of times; default ISO 8601; unix, unix_ms, unix_us
	Zone   string            `json:"zone"`   // of times without one; default UTC
	// Delimiter and Null adjust CSV reading.
	Delimiter string   `json:"delimiter"`
	Null      []string `json:"null"` // texts that mean "no value"; the empty field always does
	// Reject is the share of a file's rows that may be rejected while the others load. Default 0: one
	// bad row refuses the load.
	Reject Tolerance `json:"reject"`
	// Optional allows that no file matches and that a file holds a header and no rows.
	Optional bool `json:"optional"`
}

// Files is a glob or a set of named files.
type Files struct {
	Glob  string            // "data/events/*.parquet"
	Named map[string]string // alias to path or glob
}

// FromText reads the short form: one glob.
func (f *Files) FromText(text string) error {
	f.Glob = text
	return nil
}

// UnmarshalJSON reads the long form: alias to path.
func (f *Files) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &f.Glob)
	}
	return json.Unmarshal(b, &f.Named)
}

// MarshalJSON writes the form that was read, so that a mapping has one fingerprint.
func (f Files) MarshalJSON() ([]byte, error) {
	if f.Named != nil {
		return json.Marshal(f.Named)
	}
	return json.Marshal(f.Glob)
}

// Mapped says where a contract column comes from.
//
// An amount is read in the unit declared here, else in that of the source, else in minor units if
// the source column's name ends in _minor, as the contract's names do, and in major units otherwise.
type Mapped struct {
	Column string            `json:"column"` // source column
	Const  *string           `json:"const"`  // the same text in every row
	Values map[string]string `json:"values"` // value map; a value not listed is kept
	Unit   referral.Unit     `json:"unit"`
	Time   string            `json:"time"`
	Zone   string            `json:"zone"`
}

// FromText reads the short form: the source column.
func (m *Mapped) FromText(text string) error {
	m.Column = text
	return nil
}

// Tolerance is a share of rows from 0 to 1 as decimal text, "all" for any number, or empty for none.
type Tolerance struct{ Text string }

// FromText reads "0.01" or "all".
func (t *Tolerance) FromText(text string) error {
	t.Text = text
	return nil
}

// UnmarshalJSON reads a number or a text.
func (t *Tolerance) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &t.Text)
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	t.Text = n.String()
	return nil
}

// MarshalJSON writes the text.
func (t Tolerance) MarshalJSON() ([]byte, error) { return json.Marshal(t.Text) }

// share returns the tolerated share in [0,1] as an exact fraction.
func (t Tolerance) share() (*big.Rat, bool) {
	switch t.Text {
	case "":
		return new(big.Rat), true
	case "all":
		return big.NewRat(1, 1), true
	}
	if !plainDecimal.MatchString(t.Text) {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(t.Text)
	if !ok || r.Sign() < 0 || r.Cmp(big.NewRat(1, 1)) > 0 {
		return nil, false
	}
	return r, true
}

var plainDecimal = regexp.MustCompile(`^[0-9]*\.?[0-9]+$`)

// allows reports whether that many rejected rows of so many are within the tolerance.
func (t Tolerance) allows(rejected, rows int64) bool {
	share, ok := t.share()
	if !ok {
		return rejected == 0
	}
	limit := new(big.Rat).Mul(share, new(big.Rat).SetInt64(rows))
	return new(big.Rat).SetInt64(rejected).Cmp(limit) <= 0
}
