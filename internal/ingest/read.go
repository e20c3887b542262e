package ingest

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// relation is something rows are read from: SQL for a FROM clause and the columns it has.
type relation struct {
	from string
	cols []column
}

// relationOf finds the columns of one file. It returns the file's problem, or nil.
func relationOf(ctx context.Context, q engine.Querier, s Source, f *file) (relation, *Rejection, error) {
	switch f.format {
	case formatParquet:
		return parquetRelation(ctx, q, f)
	case formatNDJSON:
		return ndjsonRelation(ctx, q, f)
	default:
		return csvRelation(ctx, q, s, f)
	}
}

// csvRelation takes the names from the header and every value as text: nothing is guessed.
func csvRelation(ctx context.Context, q engine.Querier, s Source, f *file) (relation, *Rejection, error) {
	if strings.HasSuffix(f.path, ".zst") {
		if p, err := f.scanCompressed(ctx, q); p != nil || err != nil {
			return relation{}, p, err
		}
	}
	delimiter := s.delimiter(f)
	names, problem := headerNames(f.header, delimiter)
	if problem != nil {
		return relation{}, problem, nil
	}
	cols := make([]column, len(names))
	defs := make([]string, len(names))
	for i, n := range names {
		cols[i] = column{n, "VARCHAR"}
		defs[i] = literal(n) + ": 'VARCHAR'"
	}
	from := fmt.Sprintf("read_csv(%s, auto_detect=false, header=true, delim=%s, quote='\"', escape='\"', strict_mode=true, null_padding=false, max_line_size=%d, columns={%s})",
		literal(f.path), literal(delimiter), maxLine, strings.Join(defs, ", "))
	rel := relation{from, cols}
	if !f.rows && !s.Optional {
		return rel, &Rejection{Code: CodeHeaderOnly, Message: "the file has a header and no rows", Hint: "deliver it again, or set optional: true if it may be empty"}, nil
	}
	return rel, nil, nil
}

func (s Source) delimiter(f *file) string {
	if s.Delimiter != "" {
		return s.Delimiter
	}
	if strings.Contains(strings.ToLower(f.path), ".tsv") {
		return "\t"
	}
	return ","
}

// headerNames splits a header. A column without a name is called column<n>, counted from 0.
func headerNames(header, delimiter string) ([]string, *Rejection) {
	if !utf8.ValidString(header) {
		message, hint := csvMessage("Invalid unicode")
		return nil, &Rejection{Line: 1, Code: CodeUnreadable, Message: message, Hint: hint}
	}
	r := csv.NewReader(strings.NewReader(header))
	r.Comma, _ = firstRune(delimiter)
	names, err := r.Read()
	if err != nil {
		return nil, &Rejection{Line: 1, Code: CodeUnreadable, Message: fmt.Sprintf("the header cannot be read: %v", err), Hint: "the first line must name the columns; check delimiter:"}
	}
	seen := map[string]bool{}
	for i, n := range names {
		if n == "" {
			names[i] = "column" + strconv.Itoa(i)
		}
		if key := strings.ToLower(names[i]); seen[key] {
			return nil, &Rejection{Line: 1, Column: names[i], Code: CodeUnreadable, Message: "the header names this column twice (capitals do not count)", Hint: "rename one of them"}
		} else {
			seen[key] = true
		}
	}
	return names, nil
}

func firstRune(s string) (rune, bool) {
	for _, r := range s {
		return r, true
	}
	return ',', false
}

// lineSQL reads a text file as lines.
func lineSQL(path string) string {
	return fmt.Sprintf("read_csv(%s, auto_detect=false, header=false, delim='\x1f', quote='', escape='', comment='', strict_mode=false, max_line_size=%d, columns={'line': 'VARCHAR'})", literal(path), maxLine)
}

// scanCompressed does for a zstd file what probe does for others while it hashes: the header, rows
// and NUL bytes.
func (f *file) scanCompressed(ctx context.Context, q engine.Querier) (*Rejection, error) {
	type line struct {
		text string
		n    int64
	}
	st := sqltext.Raw("ingest/lines", "SELECT line, 1 AS n FROM "+lineSQL(f.path)+" LIMIT 2")
	head, err := engine.Collect(ctx, q, st, func(r *sql.Rows) (line, error) {
		var l line
		var text sql.NullString
		err := r.Scan(&text, &l.n)
		l.text = text.String
		return l, err
	})
	if err != nil {
		return readProblem(err, f)
	}
	if len(head) == 0 {
		return &Rejection{Code: CodeEmptyFile, Message: "the file is empty", Hint: "was it written completely? remove it or deliver it again"}, nil
	}
	f.header, f.rows = strings.TrimPrefix(head[0].text, "\ufeff"), len(head) > 1
	var nul sql.NullInt64
	st = sqltext.Raw("ingest/nul", "SELECT min(n) FROM (SELECT line, row_number() OVER () AS n FROM "+lineSQL(f.path)+") WHERE contains(line, chr(0))")
	if err := engine.One(ctx, q, st, &nul); err != nil {
		return readProblem(err, f)
	}
	if nul.Valid {
		return &Rejection{Line: nul.Int64, Code: CodeUnreadable, Message: "a NUL byte in the text", Hint: "write the file as UTF-8 text; UTF-16 and binary exports hold NUL bytes"}, nil
	}
	return nil, nil
}

// parquetRelation keeps the file's own types.
func parquetRelation(ctx context.Context, q engine.Querier, f *file) (relation, *Rejection, error) {
	from := "read_parquet(" + literal(f.path) + ")"
	cols, err := describe(ctx, q, "FROM "+from)
	if err != nil {
		p, err := readProblem(err, f)
		return relation{}, p, err
	}
	return relation{from, cols}, nil, nil
}

// describe returns names and types of a query's columns.
func describe(ctx context.Context, q engine.Querier, query string) ([]column, error) {
	st := sqltext.Raw("ingest/describe", "SELECT column_name, column_type FROM (DESCRIBE "+query+")")
	return engine.Collect(ctx, q, st, func(r *sql.Rows) (column, error) {
		var c column
		return c, r.Scan(&c.name, &c.typ)
	})
}

// plainSelect lists the columns; JSON values become text, so that a SELECT over NDJSON reads like
// one over CSV.
func (r relation) plainSelect() string {
	exprs := make([]string, len(r.cols))
	for i, c := range r.cols {
		exprs[i] = ident(c.name)
		if c.typ == "JSON" {
			exprs[i] = fmt.Sprintf("%s ->> '$' AS %s", ident(c.name), ident(c.name))
		}
	}
	return "SELECT " + strings.Join(exprs, ", ") + " FROM " + r.from
}

var (
	csvLine  = regexp.MustCompile(`CSV Error on Line: (\d+)`)
	jsonLine = regexp.MustCompile(`in line (\d+)`)
)

// readProblem turns the engine's error about a file into the file's problem, with the line. Errors
// that are not about the file are returned as they are.
func readProblem(err error, f *file) (*Rejection, error) {
	text := err.Error()
	p := Rejection{Code: CodeUnreadable, Message: firstLine(err)}
	switch {
	case csvLine.MatchString(text):
		p.Line, _ = strconv.ParseInt(csvLine.FindStringSubmatch(text)[1], 10, 64)
		p.Message, p.Hint = csvMessage(text)
	case strings.Contains(text, "Malformed JSON"), strings.Contains(text, "JSON transform error"):
		if m := jsonLine.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.ParseInt(m[1], 10, 64)
		}
		p.Message, p.Hint = notJSON+reason(text), "write one JSON object a line, in UTF-8"
	case strings.Contains(text, "maximum_object_size"):
		p.Message, p.Hint = longLine()
	case strings.Contains(strings.ToLower(text), "parquet"), strings.Contains(text, "magic bytes"):
		p.Hint = "deliver the file again; is it Parquet?"
	case strings.HasSuffix(f.path, ".zst") && strings.Contains(text, "IO Error"), strings.Contains(strings.ToLower(text), "zstd"), strings.Contains(text, "GZIP"), strings.Contains(text, "ZSTD"):
		p.Message, p.Hint = "the compressed stream is damaged or cut off: "+p.Message, "deliver the file again"
	case strings.Contains(text, "Permission Error"):
		p.Message = "the engine may not read it: it lies, or a link leads, outside the project and the folders that files: names"
		p.Hint = "name the folder it really lies in under files:"
	default:
		return nil, fmt.Errorf("read %s: %w", f.name, err)
	}
	return &p, nil
}

// csvMessage says in one sentence what is wrong with a CSV line.
func csvMessage(text string) (message, hint string) {
	switch {
	case strings.Contains(text, "Expected Number of Columns"):
		counts := regexp.MustCompile(`Expected Number of Columns: (\d+) Found: (\d+)`).FindStringSubmatch(text)
		if counts != nil {
			return fmt.Sprintf("the line has %s fields, the header %s", counts[2], counts[1]), "quote fields that hold the delimiter or a line break; check delimiter:"
		}
	case strings.Contains(text, "Invalid unicode"):
		return "not valid UTF-8", "write the file as UTF-8; Latin-1 and Windows exports are not"
	case strings.Contains(text, "unterminated quote"):
		return "a quoted field is not closed", "close the quote; double a quote inside a quoted field"
	case strings.Contains(text, "Maximum line size"):
		return longLine()
	}
	lines := strings.Split(text, "\n")
	if len(lines) > 3 {
		return lines[2], "correct the line or deliver the file again"
	}
	return lines[0], "correct the line or deliver the file again"
}

// reason is what the engine says after the place of a JSON error.
func reason(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	if i := strings.LastIndex(line, ": "); i >= 0 {
		return strings.TrimSpace(line[i+2:])
	}
	return line
}

func firstLine(err error) string {
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
