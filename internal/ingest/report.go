package ingest

import (
	"fmt"
	"strings"

	"vouch/referral"
)

// Report says what one Load did.
type Report struct {
	Sources []SourceReport `json:"sources"`
	// Changed is false when every file was loaded before and no setting differs: the load was a no-op.
	Changed  bool               `json:"changed"`
	DryRun   bool               `json:"dry_run"`
	Events   int64              `json:"events"`   // analysed events after the load
	Excluded map[string]int64   `json:"excluded"` // rows kept out of analyses, by reason
	Persons  int64              `json:"persons"`
	Findings []referral.Finding `json:"findings"`
}

// SourceReport says what became of the files of one source in this load.
type SourceReport struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Files   int    `json:"files"`   // files read
	Skipped int    `json:"skipped"` // files loaded before, unchanged
	Rows    int64  `json:"rows"`    // rows of the files read
	// Accepted, Duplicates and Rejected add up to Rows, except that a new file may also supersede
	// rows of an earlier one; those are counted here as well.
	Accepted   int64 `json:"accepted"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`
	// Unknown lists the source columns that no contract column takes; of events and persons they are
	// kept as properties, elsewhere they are dropped.
	Unknown  []string           `json:"unknown_columns"`
	Findings []referral.Finding `json:"findings"`
	// Columns and Sample are the first mapped rows as text, of a dry run only.
	Columns []string    `json:"columns,omitempty"`
	Sample  [][]*string `json:"sample,omitempty"`
	// Rejects are the first rejected cells.
	Rejects []Rejection `json:"rejects,omitempty"`
}

// Rejection is one thing wrong with the input, with its place and its remedy.
type Rejection struct {
	Source  string `json:"source"`
	File    string `json:"file,omitempty"`
	Line    int64  `json:"line,omitempty"`   // 1-based line of the file, for what is wrong with its form
	Row     int64  `json:"row,omitempty"`    // 1-based data row, for what is wrong with a value
	Column  string `json:"column,omitempty"` // contract column, or the source's where there is none
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Raw     string `json:"raw,omitempty"`
}

// Codes of rejections. The first group refuses a file, the second rejects a row.
const (
	CodeMissingFile   = "missing_file"
	CodeEmptyFile     = "empty_file"
	CodeHeaderOnly    = "header_only"
	CodeUnreadable    = "unreadable"
	CodeMissingColumn = "missing_column"
	CodeColumnChanged = "column_changed"
	CodeSQL           = "sql"
	CodeFileGone      = "file_gone"
	CodeCycle         = "identity_cycle"

	CodeRequired  = "required"
	CodeTime      = "time"
	CodeTimeRange = "time_range"
	CodeNumber    = "number"
	CodeAmount    = "amount"
	CodePrecision = "precision"
	CodeRange     = "out_of_range"
	CodeCurrency  = "currency"
	CodeEnum      = "enum"
	CodeJSON      = "json"
	CodeTooLong   = "too_long"
	CodeNested    = "nested"
	CodeDuplicate = "duplicate_key"
)

// String writes "file:line: …" or "file: row n, column c: …" with the remedy in brackets.
func (r Rejection) String() string {
	var b strings.Builder
	if r.File != "" {
		b.WriteString(r.File)
		if r.Line > 0 {
			fmt.Fprintf(&b, ":%d", r.Line)
		}
		b.WriteString(": ")
	} else if r.Source != "" {
		b.WriteString("source " + r.Source + ": ")
	}
	var place []string
	if r.Row > 0 {
		place = append(place, fmt.Sprintf("row %d", r.Row))
	}
	if r.Column != "" {
		place = append(place, "column "+r.Column)
	}
	if len(place) > 0 {
		b.WriteString(strings.Join(place, ", ") + ": ")
	}
	b.WriteString(r.Message)
	if r.Hint != "" {
		b.WriteString(" (" + r.Hint + ")")
	}
	return b.String()
}

// Refused is the error of a load whose input was refused; the database is as it was. The command
// line exits with code 3.
type Refused struct {
	Problems []Rejection // the first problems, in order of source, file and row
	Total    int64       // how many there are
}

// Error lists the problems, one a line.
func (r *Refused) Error() string {
	lines := make([]string, 0, len(r.Problems)+1)
	for _, p := range r.Problems {
		lines = append(lines, p.String())
	}
	if more := r.Total - int64(len(r.Problems)); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// refuse returns the error of the problems, or nil if there are none.
func refuse(ps []Rejection) error {
	if len(ps) == 0 {
		return nil
	}
	return &Refused{Problems: ps[:min(len(ps), maxListed)], Total: int64(len(ps))}
}

// maxListed is how many problems a message lists: more than fit on a screen help nobody.
const maxListed = 20
