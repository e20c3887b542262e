package ingest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vouch/internal/schema"
	"vouch/referral"
)

// column is one column of a source as the engine sees it.
type column struct{ name, typ string }

// binding says where one contract column comes from in one file.
type binding struct {
	col  schema.Column
	src  *column // nil if the source has none
	path string  // below a JSON column: "properties.revenue"
	m    Mapped
	null []string // texts that mean no value
}

// mapping is a source bound to the columns of one file.
type mapping struct {
	bindings []binding
	extra    []column // columns nothing takes
}

// given reports whether the source says anything about the column.
func (b binding) given() bool { return b.src != nil || b.m.Const != nil }

// class is how the raw expression converts. A value map works on text.
func (b binding) class() class {
	if b.src == nil || b.path != "" || len(b.m.Values) > 0 {
		return classText
	}
	if c := classOf(b.src.typ); c != classJSON && c != classOther && b.col.Type != schema.Text {
		return c
	}
	return classText
}

// text is the expression over the source's columns that the conversion starts from: the column
// itself where its type converts natively, else its text. Texts that become something else than text
// lose the spaces around them; the cheap test first, since hardly any value has them.
func (b binding) text() string {
	if b.src == nil {
		if b.m.Const == nil {
			return "NULL"
		}
		return literal(*b.m.Const)
	}
	name := ident(b.src.name)
	if b.class() != classText {
		return name
	}
	switch {
	case b.path != "":
		name = fmt.Sprintf("json_extract_string(%s, %s)", name, literal(jsonPath(b.path)))
	case classOf(b.src.typ) == classJSON:
		name += " ->> '$'"
	case classOf(b.src.typ) != classText:
		name = "CAST(" + name + " AS VARCHAR)"
	}
	if b.col.Type != schema.Text || b.col.Role == schema.Enum || b.col.Role == schema.CurrencyCode {
		return fmt.Sprintf("CASE WHEN regexp_matches(%s, '^[^!-~]|[^!-~]$') THEN trim(%s, %s) ELSE %s END", name, name, literal(spaces), name)
	}
	return name
}

// raw is the expression over the text layer, where t names the column's text: NULL for texts that
// mean "no value", and the value map applied. A text of spaces alone means no value, too.
func (b binding) raw(t string) string {
	if b.src == nil || b.class() != classText {
		return t
	}
	none := fmt.Sprintf("%s IN %s", t, inList(append([]string{""}, b.null...)))
	if b.col.Type == schema.Text {
		// Texts that begin with a visible ASCII character, nearly all, are told by one comparison.
		none += fmt.Sprintf(" OR (CASE WHEN %s >= '!' AND %s < chr(127) THEN false ELSE trim(%s, %s) = '' END)", t, t, t, literal(spaces))
	}
	if len(b.m.Values) == 0 {
		return fmt.Sprintf("CASE WHEN NOT (%s) THEN %s END", none, t)
	}
	keys := make([]string, 0, len(b.m.Values))
	for k := range b.m.Values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var w strings.Builder
	fmt.Fprintf(&w, "nullif(CASE WHEN %s THEN NULL", none)
	for _, k := range keys {
		fmt.Fprintf(&w, " WHEN %s = %s THEN %s", t, literal(k), literal(b.m.Values[k]))
	}
	w.WriteString(" ELSE " + t + " END, '')")
	return w.String()
}

// jsonPath writes $."a"."b" for a.b.
func jsonPath(path string) string {
	parts := strings.Split(path, ".")
	for i, p := range parts {
		parts[i] = `"` + strings.ReplaceAll(p, `"`, `\"`) + `"`
	}
	return "$." + strings.Join(parts, ".")
}

// unit is that of the amount column; see Mapped.
func (b binding) unit() referral.Unit {
	if b.m.Unit != "" {
		return b.m.Unit
	}
	if b.src != nil && strings.HasSuffix(b.src.name, "_minor") {
		return referral.UnitMinor
	}
	return referral.UnitMajor
}

// bind matches a source's mapping to the columns of one file. A mapped column that is not there and
// a required column nothing provides are problems; each names the columns that exist.
func bind(s Source, table schema.Table, cols []column) (mapping, []Rejection) {
	byName := map[string]*column{}
	names := make([]string, len(cols))
	for i := range cols {
		byName[cols[i].name], names[i] = &cols[i], cols[i].name
	}
	var out mapping
	var problems []Rejection
	taken := map[string]bool{}
	for _, col := range table.Columns {
		b := binding{col: col, m: s.Map[col.Name], null: s.Null}
		if b.m.Unit == "" {
			b.m.Unit = s.Unit
		}
		if b.m.Time == "" {
			b.m.Time = s.Time
		}
		if b.m.Zone == "" {
			b.m.Zone = s.Zone
		}
		switch {
		case b.m.Const != nil:
		case b.m.Column != "":
			b.src, b.path = lookup(b.m.Column, byName)
			if b.src == nil {
				problems = append(problems, missingColumn(s, col.Name, b.m.Column, names))
			}
		default:
			b.src = byName[col.Name]
		}
		if b.src != nil && b.path == "" {
			taken[b.src.name] = true
		}
		if col.Required && !b.given() && b.m.Column == "" {
			problems = append(problems, missingRequired(s, col.Name, names))
		}
		out.bindings = append(out.bindings, b)
	}
	for _, c := range cols {
		if !taken[c.name] {
			out.extra = append(out.extra, c)
		}
	}
	slices.SortFunc(out.extra, func(a, b column) int { return strings.Compare(a.name, b.name) })
	return out, problems
}

// lookup finds a source column, or the JSON column a dotted path begins with.
func lookup(name string, byName map[string]*column) (*column, string) {
	if c := byName[name]; c != nil {
		return c, ""
	}
	root, path, dotted := strings.Cut(name, ".")
	if c := byName[root]; dotted && c != nil && (classOf(c.typ) == classText || classOf(c.typ) == classJSON) {
		return c, path
	}
	return nil, ""
}

// provider is what gives a source its columns, and what to correct if it lacks one.
func (s Source) provider() (what, correct string) {
	if s.SQL != "" {
		return "the SELECT of sql:", "the SELECT"
	}
	return "the file", "the file"
}

func missingColumn(s Source, target, name string, have []string) Rejection {
	what, correct := s.provider()
	return Rejection{
		Source: s.Name, Column: target, Code: CodeMissingColumn,
		Message: fmt.Sprintf("map takes it from the column %q, which %s lacks; it has %s", name, what, list(have)),
		Hint:    suggestion(name, have, "correct map."+target+" or "+correct),
	}
}

func missingRequired(s Source, target string, have []string) Rejection {
	what, _ := s.provider()
	return Rejection{
		Source: s.Name, Column: target, Code: CodeMissingColumn,
		Message: fmt.Sprintf("is required and %s has no such column; it has %s", what, list(have)),
		Hint:    suggestion(target, have, "name its column in map."+target),
	}
}

func suggestion(word string, have []string, otherwise string) string {
	if near := referral.Suggest(word, have); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}

// list names columns, in the order of the file, not all of a very wide one.
func list(names []string) string {
	const most = 30
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// extraSQL is the JSON object of the columns nothing takes: keys sorted, absent values left out,
// NULL if nothing is left.
func (m mapping) extraSQL() string {
	if len(m.extra) == 0 {
		return "CAST(NULL AS VARCHAR)"
	}
	parts := make([]string, len(m.extra))
	for i, c := range m.extra {
		present, value := ident(c.name)+" IS NOT NULL", "CAST(to_json("+ident(c.name)+") AS VARCHAR)"
		switch base, _, _ := strings.Cut(c.typ, "("); base {
		case "FLOAT", "DOUBLE":
			present = "isfinite(" + ident(c.name) + ")" // NaN is no JSON, and unknown
		case "JSON":
			value = "CAST(" + ident(c.name) + " AS VARCHAR)"
		case "BLOB":
			value = "CAST(to_json(hex(" + ident(c.name) + ")) AS VARCHAR)"
		}
		parts[i] = fmt.Sprintf("CASE WHEN %s THEN %s || %s END", present, literal(jsonText(c.name)+":"), value)
	}
	return "nullif('{' || concat_ws(',', " + strings.Join(parts, ", ") + ") || '}', '{}')"
}

// jsonText writes a text as JSON.
func jsonText(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// signature names the contract columns that a file provides and how, to notice when a later file of
// the same source provides fewer or other ones.
func (m mapping) signature() string {
	var parts []string
	for _, b := range m.bindings {
		if b.src != nil {
			parts = append(parts, fmt.Sprintf("%s:%d", b.col.Name, b.class()))
		}
	}
	return strings.Join(parts, ",")
}
