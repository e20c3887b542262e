package referral

import (
	"fmt"
	"strings"
)

// Problem is a mistake in what the caller asked for, found before anything runs. A domain package
// knows the path of the culprit ("steps[2].event"); configuration adds file, line and column.
type Problem struct {
	Path string `json:"path"`           // "funnels.referral.steps[2].event"
	Msg  string `json:"message"`        // what is wrong
	Hint string `json:"hint,omitempty"` // what to do about it
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // 1-based, 0 if unknown
	Col  int    `json:"column,omitempty"`
}

// String writes "file:line:col: path: message (hint)", leaving out what is not known.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Col)
		}
		b.WriteString(": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Msg)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Problems is the error of a refused question: every problem at once, never only the first.
type Problems []Problem

// Error writes one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems as an error, or nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Under returns the problems with their paths below the given one.
func (ps Problems) Under(path string) Problems {
	out := make(Problems, len(ps))
	for i, p := range ps {
		switch {
		case p.Path == "":
			p.Path = path
		case strings.HasPrefix(p.Path, "["):
			p.Path = path + p.Path
		default:
			p.Path = path + "." + p.Path
		}
		out[i] = p
	}
	return out
}
