package ingest

import "strings"

// literal quotes a text as an SQL string. The statements that read and convert a source are made
// from its mapping, where the same value appears in several layers and table functions take no
// placeholders; in DuckDB's plain strings only the quote itself needs care.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ident quotes a name.
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// inList writes ('a', 'b').
func inList(ss []string) string {
	q := make([]string, len(ss))
	for i, s := range ss {
		q[i] = literal(s)
	}
	return "(" + strings.Join(q, ", ") + ")"
}
