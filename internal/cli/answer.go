package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"vouch/referral"
	"vouch/reports"
)

// answer is what a command found, in every form it can be printed in.
type answer struct {
	schema   string // vouch.funnel/1
	run      *reports.Run
	findings []referral.Finding
	result   any
	tables   []table
	text     func(w io.Writer) // the form for people; nil prints the tables
	timings  map[string]int64
}

// envelope is the JSON form.
type envelope struct {
	Schema   string             `json:"schema"`
	Run      *reports.Run       `json:"run"`
	Findings []referral.Finding `json:"findings"`
	Result   any                `json:"result"`
	Timings  map[string]int64   `json:"timings_ms,omitempty"`
}

// print writes the answer to stdout in the format asked for, and its findings to stderr when stdout
// carries something else than the JSON that holds them.
func (a *app) print(ans answer) error {
	ans.findings = referral.SortFindings(ans.findings)
	w := a.env.Stdout
	var err error
	switch a.flags.format {
	case "json":
		e := envelope{Schema: ans.schema, Run: ans.run, Findings: ans.findings, Result: ans.result}
		if e.Findings == nil {
			e.Findings = []referral.Finding{}
		}
		if a.flags.timings {
			e.Timings = ans.timings
		}
		if !a.env.Terminal {
			err = writeJSON(w, e)
			break
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ") // for eyes
		err = enc.Encode(e)
	case "csv":
		err = writeCSV(w, ans.tables)
	case "markdown":
		err = writeMarkdown(w, ans.tables)
	default:
		if ans.text != nil {
			ans.text(w)
		} else {
			writeTables(w, ans.tables)
		}
	}
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if a.flags.format != "json" && !a.flags.quiet {
		for _, f := range ans.findings {
			fmt.Fprintln(a.env.Stderr, findingLine(f))
		}
	}
	return nil
}

// findingLine writes a finding for people: "! small-sample: ten: needs 212 more referrers".
func findingLine(f referral.Finding) string {
	s := "! " + f.Code
	if f.Subject != "" {
		s += ": " + f.Subject
	}
	return s + ": " + f.Detail
}
