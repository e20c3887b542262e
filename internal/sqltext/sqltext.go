// Package sqltext turns embedded SQL files into statements: text with placeholders, and the values
// beside it. It knows dialects but no driver, so it builds without cgo.
//
// A file is a text/template of the portable SQL subset with a header comment (what, grain, reads,
// params, nulls, money). Values enter through arg, which writes a placeholder and records the value;
// they are never formatted into the text. Names enter through ident. Where an engine truly differs,
// name.trino.sql beside name.sql wins for that dialect, as a _linux.go file does.
package sqltext

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"
	"time"

	"vouch/referral"
)

// ErrUnsupported says that a dialect cannot express what was asked; the wrapping error names the
// feature and the remedy.
var ErrUnsupported = errors.New("not supported by this engine")

// Stmt is one SQL statement with the values of its placeholders in order of writing. Name is that
// of the file, for logs and for `vouch sql`.
type Stmt struct {
	Name string
	Text string
	Args []any
}

// Raw returns a statement from text written in Go, for the few that are generated (DDL from the
// schema, settings). Values still go through args.
func Raw(name, text string, args ...any) Stmt { return Stmt{Name: name, Text: text, Args: args} }

// Set holds the SQL files of one package, parsed once.
type Set struct {
	pkg   string
	files map[string]*template.Template // "steps" or "steps.trino"
}

// MustLoad parses every sql/*.sql file of an embedded file system. It panics on a broken template:
// the files are part of the program, so a mistake is found by the first test that imports them.
func MustLoad(pkg string, files fs.FS) *Set {
	s := &Set{pkg: pkg, files: map[string]*template.Template{}}
	names, err := fs.Glob(files, "sql/*.sql")
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("sqltext: no sql/*.sql in package %s", pkg))
	}
	for _, n := range names {
		text, err := fs.ReadFile(files, n)
		if err != nil {
			panic(fmt.Sprintf("sqltext: %s: %v", n, err))
		}
		key := strings.TrimSuffix(path.Base(n), ".sql")
		if _, infix, ok := strings.Cut(key, "."); ok && infix != (DuckDB{}).Name() && infix != (Trino{}).Name() {
			panic(fmt.Sprintf("sqltext: %s: no dialect is called %q, so the file would never be used", n, infix))
		}
		s.files[key] = template.Must(template.New(key).Option("missingkey=error").Funcs(s.funcs(nil, nil)).Parse(string(text)))
	}
	return s
}

// Names lists the statements of the set by name, for `vouch sql` and for tests that render each of
// them.
func (s *Set) Names() []string {
	var out []string
	for k := range s.files {
		if !strings.Contains(k, ".") {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// Render writes the named statement for a dialect with the template data.
func (s *Set) Render(d Dialect, name string, data any) (Stmt, error) {
	st := Stmt{Name: s.pkg + "/" + name}
	text, err := s.write(d, name, data, &st.Args)
	if err != nil {
		return Stmt{}, err
	}
	st.Text = text
	return st, nil
}

// write renders the named statement, adding its values to args.
func (s *Set) write(d Dialect, name string, data any, args *[]any) (string, error) {
	t, ok := s.files[name+"."+d.Name()]
	if !ok {
		t, ok = s.files[name]
	}
	if !ok {
		return "", fmt.Errorf("sqltext: %s has no statement %q", s.pkg, name)
	}
	t, err := t.Clone()
	if err != nil {
		return "", fmt.Errorf("render %s/%s: %w", s.pkg, name, err)
	}
	var b strings.Builder
	if err := t.Funcs(s.funcs(d, args)).Execute(&b, data); err != nil {
		return "", fmt.Errorf("render %s/%s: %w", s.pkg, name, err)
	}
	return b.String(), nil
}

// interval writes elapsed time as seconds, never as days or months, whose length depends on the
// calendar. Trino's intervals end at milliseconds.
func interval(d Dialect, v referral.Duration) (string, error) {
	if v < 0 {
		return "", fmt.Errorf("negative interval %d", v)
	}
	micros := v % referral.Second
	if micros == 0 {
		return fmt.Sprintf("INTERVAL '%d' SECOND", v/referral.Second), nil
	}
	if d.Name() == (Trino{}).Name() && micros%1000 != 0 {
		return "", fmt.Errorf("an interval of %s: %w: it counts milliseconds; round the window up", v, ErrUnsupported)
	}
	fraction := strings.TrimRight(fmt.Sprintf("%06d", micros), "0")
	return fmt.Sprintf("INTERVAL '%d.%s' SECOND", v/referral.Second, fraction), nil
}

// funcs are the functions a template may call. With a nil dialect they only serve parsing.
func (s *Set) funcs(d Dialect, args *[]any) template.FuncMap {
	return template.FuncMap{
		// include writes another statement of the set, with data of its own and without its header, to be
		// read from as a table.
		"include": func(name string, data any) (string, error) {
			text, err := s.write(d, name, data, args)
			for strings.HasPrefix(text, "--") {
				_, text, _ = strings.Cut(text, "\n")
			}
			return strings.TrimSuffix(text, "\n"), err
		},
		// arg writes a placeholder and records its value. Times are bound as UTC microseconds text
		// through the dialect, so that no engine applies a zone of its own.
		"arg": func(v any) string {
			if t, ok := v.(time.Time); ok {
				*args = append(*args, t.UTC().Format("2006-01-02 15:04:05.000000"))
				return d.TimestampArg()
			}
			if p, ok := v.(*int64); ok { // a value that need not be there, where it is
				v = *p
			}
			*args = append(*args, v)
			return "?"
		},
		"ident":    func(name string) string { return d.Ident(name) },
		"table":    func(name string) string { return d.Ident(name) },
		"interval": func(v referral.Duration) (string, error) { return interval(d, v) },
		// micros writes the microseconds since 1970 of a TIMESTAMP expression.
		"micros": func(expr string) string { return d.Micros(expr) },
		// trunc writes the first day of the calendar period that holds a DATE expression, as DATE.
		"trunc": func(g referral.Grain, expr string) string { return d.TruncDate(g, expr) },
		// days writes the whole number of days from one DATE expression to another.
		"days": func(from, to string) string { return d.DaysBetween(from, to) },
		// keyin writes whether a dictionary key is one of a list. Keys are numbers of the load, not values of
		// a user, so they stand in the text.
		"keyin": func(expr string, keys []int64) string { return d.KeyIn(expr, keys) },
		// exact widens an integer expression so that its sum cannot overflow.
		"exact": func(expr string) string { return "CAST(" + expr + " AS DECIMAL(38,0))" },
		// wide writes an integer expression in a type whose products are exact.
		"wide": func(expr string) string { return d.Wide(expr) },
		// prop writes the text of a JSON property: NULL if it is absent or null.
		"prop": func(column, name string) string {
			*args = append(*args, name)
			return d.JSONText(column)
		},
		// json writes a JSON property as JSON: NULL if it is absent, null if it is null.
		"json": func(column, name string) string {
			*args = append(*args, name)
			return d.JSON(column)
		},
	}
}
