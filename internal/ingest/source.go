package ingest

import (
	"encoding/json"

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
	Unit   referral.Unit     `json:"unit"`   // of amount columns: major (default), minor, micros
	Time   string            `json:"time"`   // strftime format of times; default ISO 8601; unix, unix_ms, unix_us
	Zone   string            `json:"zone"`   // of times without one; default UTC
	// Delimiter and Null adjust CSV reading.
	Delimiter string   `json:"delimiter"`
	Null      []string `json:"null"` // texts that mean "no value"; the empty field always does
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

// Mapped says where a contract column comes from.
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
