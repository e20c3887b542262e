package ingest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/referral"
)

var aliasName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Validate checks a source without looking at its files. Paths are relative to the source.
func (s Source) Validate() referral.Problems {
	var ps referral.Problems
	add := func(path, msg, hint string) { ps = append(ps, referral.Problem{Path: path, Msg: msg, Hint: hint}) }
	if s.Name == "" {
		add("name", "is missing", "give the source a name; messages and the manifest use it")
	}
	table, known := schema.Input(s.Kind)
	if !known {
		kinds := kinds()
		hint := "one of " + strings.Join(kinds, ", ")
		if near := referral.Suggest(s.Kind, kinds); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		add("kind", fmt.Sprintf("%q is not a kind of source", s.Kind), hint)
	}
	ps = append(ps, s.validateFiles()...)
	if s.Format != "" && !slices.Contains([]string{formatCSV, formatNDJSON, formatParquet}, s.Format) {
		add("format", fmt.Sprintf("%q is not a format", s.Format), "csv, ndjson or parquet")
	}
	if len([]rune(s.Delimiter)) > 1 || s.Delimiter == `"` || s.Delimiter == "\n" || s.Delimiter == "\r" {
		add("delimiter", fmt.Sprintf("%q is not one character that can separate fields", s.Delimiter), `such as "," or ";" or "\t"`)
	}
	if _, ok := s.Reject.share(); !ok {
		add("reject", fmt.Sprintf("%q is not a share of rows", s.Reject.Text), "a number from 0 to 1 such as 0.01, or all")
	}
	ps = append(ps, validateReading("", s.Unit, s.Time, s.Zone)...)
	if known {
		ps = append(ps, s.validateMap(table)...)
	}
	return ps
}

// kinds lists the source kinds.
func kinds() []string {
	var out []string
	for _, t := range schema.Inputs() {
		out = append(out, t.Name)
	}
	return out
}

func (s Source) validateFiles() referral.Problems {
	var ps referral.Problems
	switch {
	case s.Files.Glob == "" && len(s.Files.Named) == 0:
		ps = append(ps, referral.Problem{Path: "files", Msg: "is missing", Hint: "a path, a pattern such as data/*.csv, or {alias: path} for sql:"})
	case len(s.Files.Named) > 0 && s.SQL == "":
		ps = append(ps, referral.Problem{Path: "sql", Msg: "is missing: files have aliases, and nothing says how they join", Hint: "write a SELECT over the aliases"})
	}
	for _, g := range s.globs() {
		if !aliasName.MatchString(g.alias) {
			ps = append(ps, referral.Problem{Path: "files." + g.alias, Msg: "is not a table name", Hint: "letters, digits and _, beginning with a letter"})
		}
	}
	return ps
}

func (s Source) validateMap(table schema.Table) referral.Problems {
	var ps referral.Problems
	var columns []string
	for _, c := range table.Columns {
		columns = append(columns, c.Name)
	}
	names := make([]string, 0, len(s.Map))
	for n := range s.Map {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		m := s.Map[n]
		path := "map." + n
		if _, ok := table.Column(n); !ok {
			hint := "it has " + strings.Join(columns, ", ")
			if near := referral.Suggest(n, columns); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			ps = append(ps, referral.Problem{Path: path, Msg: fmt.Sprintf("%s has no column %q", table.Name, n), Hint: hint})
		}
		if m.Column != "" && m.Const != nil {
			ps = append(ps, referral.Problem{Path: path, Msg: "has both a column and a const", Hint: "remove one"})
		}
		if col, ok := table.Column(n); ok && col.Required && m.Const != nil && strings.TrimSpace(*m.Const) == "" {
			ps = append(ps, referral.Problem{Path: path, Msg: "is required and its const is empty", Hint: "write a text"})
		}
		if m.Const != nil && len(m.Values) > 0 {
			ps = append(ps, referral.Problem{Path: path, Msg: "maps values of a const", Hint: "write the value itself"})
		}
		ps = append(ps, validateReading(path+".", m.Unit, m.Time, m.Zone)...)
	}
	return ps
}

// validateReading checks how texts are read.
func validateReading(prefix string, unit referral.Unit, format, zone string) referral.Problems {
	var ps referral.Problems
	switch unit {
	case "", referral.UnitMajor, referral.UnitMinor, referral.UnitMicros:
	default:
		ps = append(ps, referral.Problem{Path: prefix + "unit", Msg: fmt.Sprintf("%q is not a unit", unit), Hint: "major, minor or micros"})
	}
	switch {
	case format == "", format == "unix", format == "unix_ms", format == "unix_us":
	case strings.Contains(format, "%"):
		if bad := unknownSpecifier(format); bad != "" {
			ps = append(ps, referral.Problem{
				Path: prefix + "time", Msg: fmt.Sprintf("%q is not a time format: strptime does not know %s", format, bad),
				Hint: `such as "%d.%m.%Y %H:%M:%S"; a percent sign itself is %%`,
			})
		}
	default:
		ps = append(ps, referral.Problem{Path: prefix + "time", Msg: fmt.Sprintf("%q is not a time format", format), Hint: `unix, unix_ms, unix_us or strftime such as "%d.%m.%Y %H:%M"`})
	}
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		ps = append(ps, referral.Problem{Path: prefix + "zone", Msg: fmt.Sprintf("%q is not a time zone", zone), Hint: "an IANA name such as Europe/Berlin"})
	}
	return ps
}

// The letters after % and after %- that the engine's strptime knows; %- is a number without a zero
// before it. Checked against the engine in times_test.go.
const (
	specifiers    = "%aAbBcdfgGhHIjmMnpSTuUVwWxXyYzZ"
	withoutZeroes = "dHIjmMSy"
)

// unknownSpecifier returns the first specifier of a format that strptime does not know.
func unknownSpecifier(format string) string {
	for {
		_, rest, found := strings.Cut(format, "%")
		if !found {
			return ""
		}
		known, sign := specifiers, "%"
		if strings.HasPrefix(rest, "-") {
			known, sign, rest = withoutZeroes, "%-", rest[1:]
		}
		letter, ok := firstRune(rest)
		switch {
		case !ok:
			return sign + " at its end"
		case !strings.ContainsRune(known, letter):
			return sign + string(letter)
		}
		format = rest[len(string(letter)):]
	}
}

// tableOf returns the contract table of a source.
func tableOf(s Source) (schema.Table, error) {
	t, ok := schema.Input(s.Kind)
	if !ok {
		return schema.Table{}, fmt.Errorf("source %s: %w", s.Name, s.Validate())
	}
	return t, nil
}

// validate checks all sources of a plan together.
func (p Plan) validate() error {
	var ps referral.Problems
	seen := map[string]bool{}
	for i, s := range p.Sources {
		path := fmt.Sprintf("sources[%d]", i)
		ps = append(ps, s.Validate().Under(path)...)
		if seen[s.Name] {
			ps = append(ps, referral.Problem{Path: path + ".name", Msg: fmt.Sprintf("%q is the name of two sources", s.Name), Hint: "names tell sources apart; change one"})
		}
		seen[s.Name] = true
	}
	if _, err := referral.Exponent(p.Scope.Currency); err != nil {
		ps = append(ps, referral.Problem{Path: "currency", Msg: err.Error(), Hint: "an ISO 4217 code such as EUR"})
	}
	if p.zone() == "Local" {
		ps = append(ps, referral.Problem{Path: "timezone", Msg: "the machine's zone is not a reporting zone", Hint: "an IANA name such as Europe/Berlin"})
	}
	return ps.Err()
}

// check finds what is wrong with the plan and can only be told with the environment and the engine.
func (p Plan) check(ctx context.Context, q engine.Querier, sources []Source) error {
	found, err := p.checkSQL(ctx, q, sources)
	if err != nil {
		return err
	}
	return append(p.checkVariables(sources), found...).Err()
}
