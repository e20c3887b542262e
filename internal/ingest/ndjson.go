package ingest

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// suspectSQL finds, cheaply, objects o that may not be JSON as the standard has it although the engine
// takes them, or that hold what no text column may: whether they do is looked at line by line.
func suspectSQL() string {
	pattern := `\\u0000|[:,\[]\s*-?([nN][aA][nN]|[iI][nN][fF]([iI][nN][iI][tT][yY])?)\s*[,}\]]|,\s*[}\]]`
	return fmt.Sprintf("(strlen(o) > %d OR regexp_matches(o, %s))", maxLine, literal(pattern))
}

// ndjsonRelation discovers the keys of all rows, then reads the columns as JSON: what a row means by
// a number, a text or an object is kept until the column's type is known.
func ndjsonRelation(ctx context.Context, q engine.Querier, f *file) (relation, *Rejection, error) {
	keys, strange, err := jsonKeys(ctx, q, f)
	if err != nil {
		p, err := readProblem(err, f)
		if p != nil && p.Code == CodeUnreadable && strings.HasPrefix(p.Message, notJSON) {
			p.Line, err = badJSONLine(ctx, q, f)
		}
		return relation{}, p, err
	}
	if strange {
		if p, err := strangeLine(ctx, q, f); p != nil || err != nil {
			return relation{}, p, err
		}
	}
	if len(keys) == 0 {
		return relation{}, &Rejection{Code: CodeEmptyFile, Message: "the file has no JSON object with a key", Hint: "write one JSON object a line"}, nil
	}
	seen := map[string]string{}
	cols := make([]column, len(keys))
	defs := make([]string, len(keys))
	for i, k := range keys {
		if other, twice := seen[strings.ToLower(k)]; twice {
			return relation{}, &Rejection{Column: k, Code: CodeUnreadable, Message: fmt.Sprintf("the keys %q and %q differ in capitals only", other, k), Hint: "rename one of them"}, nil
		}
		seen[strings.ToLower(k)] = k
		cols[i] = column{k, "JSON"}
		defs[i] = literal(k) + ": 'JSON'"
	}
	return relation{fmt.Sprintf("read_json(%s, format='newline_delimited', records='true', maximum_object_size=%d, columns={%s})",
		literal(f.path), maxLine, strings.Join(defs, ", ")), cols}, nil, nil
}

// jsonKeys lists the keys of all objects, in order, and whether any object is suspect. Objects of the
// same keys are put together first: keys unnested of each object would cost more than reading it.
func jsonKeys(ctx context.Context, q engine.Querier, f *file) (keys []string, strange bool, err error) {
	st := sqltext.Raw("ingest/keys", fmt.Sprintf(
		`SELECT k, bool_or(strange) FROM (SELECT unnest(names) AS k, strange FROM (
  SELECT names, bool_or(strange) AS strange FROM (SELECT json_keys(o) AS names, %s AS strange
  FROM (SELECT CAST(json AS VARCHAR) AS o FROM read_ndjson_objects(%s, maximum_object_size=%d))) GROUP BY names)) GROUP BY k ORDER BY k`, suspectSQL(), literal(f.path), maxLine))
	keys, err = engine.Collect(ctx, q, st, func(r *sql.Rows) (string, error) {
		var k string
		var s bool
		err := r.Scan(&k, &s)
		strange = strange || s
		return k, err
	})
	return keys, strange, err
}

// strangeLine finds the first line that the engine takes for JSON and that is none, or that holds a
// NUL character. Texts are emptied before the form is judged, since anything may stand in them.
func strangeLine(ctx context.Context, q engine.Querier, f *file) (*Rejection, error) {
	var n sql.NullInt64
	var kind sql.NullString
	st := sqltext.Raw("ingest/strange", fmt.Sprintf(`SELECT min(n), arg_min(kind, n) FROM (
  SELECT n, CASE WHEN strlen(line) > %d THEN 'long'
                 WHEN regexp_matches(bare, '(?i)nan|inf') THEN 'number'
                 WHEN regexp_matches(bare, ',\s*[}\]]') THEN 'comma'
                 WHEN regexp_matches(line, '(^|[^\\])(\\\\)*\\u0000') THEN 'nul' END AS kind
  FROM (SELECT line, n, regexp_replace(line, '"([^"\\]|\\.)*"', '""', 'g') AS bare
        FROM (SELECT line AS o, line, row_number() OVER () AS n FROM %s) WHERE %s)) WHERE kind IS NOT NULL`, maxLine, lineSQL(f.path), suspectSQL()))
	if err := engine.One(ctx, q, st, &n, &kind); err != nil {
		return readProblem(err, f)
	}
	r := Rejection{Line: n.Int64, Code: CodeUnreadable}
	switch kind.String {
	case "long":
		r.Message, r.Hint = longLine()
	case "number":
		r.Message, r.Hint = notJSON+"NaN and Infinity are no numbers", "write null, or leave the key out"
	case "comma":
		r.Message, r.Hint = notJSON+"a comma before a closing bracket", "write one JSON object a line, in UTF-8"
	case "nul":
		r.Message, r.Hint = `a NUL character (\u0000) in a text`, "leave it out; it ends texts in other programs"
	default:
		return nil, nil
	}
	return &r, nil
}

// notJSON begins the message about a line that is no JSON object.
const notJSON = "not JSON, one object a line: "

// badJSONLine finds the first line that is no JSON object. The engine's own count is not used: it
// names the line after the one at fault.
func badJSONLine(ctx context.Context, q engine.Querier, f *file) (int64, error) {
	var line sql.NullInt64
	st := sqltext.Raw("ingest/bad_line", "SELECT min(n) FROM (SELECT line, row_number() OVER () AS n FROM "+lineSQL(f.path)+") WHERE trim(line) <> '' AND TRY(json_type(line)) IS DISTINCT FROM 'OBJECT'")
	err := engine.One(ctx, q, st, &line)
	if err == nil {
		return line.Int64, nil
	}
	if m := csvLine.FindStringSubmatch(err.Error()); m != nil { // not UTF-8
		n, _ := strconv.ParseInt(m[1], 10, 64)
		return n, nil
	}
	return 0, err
}
