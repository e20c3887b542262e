package ingest

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// The SELECT of sql: may read the files of its source and nothing else, and must give the same rows
// whenever it runs: only then does the manifest tell when a source has changed. The engine parses the
// text; what the tree names is checked here, before anything is bound or read.

// rowSources are the functions that may stand in FROM: they make rows of their arguments.
var rowSources = []string{"generate_series", "json_each", "json_tree", "range", "unnest"}

// moving are functions whose result depends on more than their arguments and that the engine does
// not mark as such. The others it lists itself; see movingFunctions.
var moving = []string{
	"current_localtime", "current_localtimestamp", "current_setting", "current_time", "current_timestamp", "currval", "get_current_time",
	"getenv", "getvariable", "json_serialize_plan", "localtime", "localtimestamp", "reservoir_quantile", "version",
}

// clockWords are the names that mean a function when no column has them.
var clockWords = []string{
	"current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp", "current_user", "localtime", "localtimestamp",
	"session_user", "user",
}

// checkSQL finds what the SELECTs of the sources must not do.
func (p Plan) checkSQL(ctx context.Context, q engine.Querier, sources []Source) (referral.Problems, error) {
	var ps referral.Problems
	var volatile map[string]bool
	for _, s := range sources {
		if s.SQL == "" {
			continue
		}
		if volatile == nil {
			var err error
			if volatile, err = movingFunctions(ctx, q); err != nil {
				return nil, err
			}
		}
		tree, problem, err := parseSQL(ctx, q, s.SQL)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		found := referral.Problems{}
		if problem != nil {
			found = append(found, *problem)
		} else {
			g := gate{aliases: s.aliases(), volatile: volatile}
			g.visit(tree, visible(g.aliases))
			found = append(found, g.problems...)
		}
		ps = append(ps, found.Under(p.place(s)+".sql")...)
	}
	return ps, nil
}

// aliases are the tables a source's SELECT may name.
func (s Source) aliases() []string {
	var out []string
	for _, g := range s.globs() {
		out = append(out, g.alias)
	}
	return out
}

// movingFunctions lists the functions that do not depend on their arguments alone: those the engine
// marks so, its macros that look at the clock or at the database, and those named above. error() is
// let through: it stops a load and changes no row.
func movingFunctions(ctx context.Context, q engine.Querier) (map[string]bool, error) {
	st := sqltext.Raw("ingest/moving", `SELECT DISTINCT function_name FROM duckdb_functions()
WHERE function_name <> 'error' AND (stability <> 'CONSISTENT' OR regexp_matches(macro_definition, 'current_timestamp|duckdb_')) ORDER BY function_name`)
	names, err := engine.Collect(ctx, q, st, func(r *sql.Rows) (string, error) {
		var n string
		return n, r.Scan(&n)
	})
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, n := range append(names, moving...) {
		out[strings.ToLower(n)] = true
	}
	return out, nil
}

// selectText is a statement without the semicolon at its end.
func selectText(text string) string { return strings.TrimRight(strings.TrimSpace(text), "; \t\r\n") }

// parseSQL lets the engine parse a text, which must be one SELECT.
func parseSQL(ctx context.Context, q engine.Querier, text string) (any, *referral.Problem, error) {
	var raw string
	st := sqltext.Raw("ingest/parse", "SELECT CAST(json_serialize_sql("+literal(selectText(text))+") AS VARCHAR)")
	if err := engine.One(ctx, q, st, &raw); err != nil {
		if ctx.Err() != nil {
			return nil, nil, err
		}
		return nil, &referral.Problem{Msg: "must be one SELECT: " + firstLine(err), Hint: sqlHint}, nil
	}
	var answer struct {
		Error      bool   `json:"error"`
		Message    string `json:"error_message"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(raw), &answer); err != nil {
		return nil, nil, fmt.Errorf("the engine's syntax tree: %w", err)
	}
	switch {
	case answer.Error:
		return nil, &referral.Problem{Msg: "must be one SELECT: " + answer.Message, Hint: sqlHint}, nil
	case len(answer.Statements) != 1:
		return nil, &referral.Problem{Msg: fmt.Sprintf("must be one SELECT, not %d statements", len(answer.Statements)), Hint: sqlHint}, nil
	}
	return answer.Statements[0], nil, nil
}

const sqlHint = "join and derive with one SELECT over the aliases of files:"

// gate walks the syntax tree of one SELECT.
type gate struct {
	aliases  []string
	volatile map[string]bool
	problems referral.Problems
}

// scope holds the relations that can be named at one place, in small letters.
type scope map[string]bool

func visible(names []string) scope {
	s := scope{}
	for _, n := range names {
		s[strings.ToLower(n)] = true
	}
	return s
}

// with adds one name without changing the scope around it.
func (s scope) with(name string) scope {
	out := maps.Clone(s)
	out[strings.ToLower(name)] = true
	return out
}

func (g *gate) refuse(msg, hint string) {
	p := referral.Problem{Msg: msg, Hint: hint}
	if !slices.Contains(g.problems, p) {
		g.problems = append(g.problems, p)
	}
}

// visit checks a node and what is below it. Keys are visited in order, so that problems have one.
func (g *gate) visit(node any, in scope) {
	switch n := node.(type) {
	case []any:
		for _, x := range n {
			g.visit(x, in)
		}
	case map[string]any:
		in = g.named(n, in)
		g.check(n, in)
		for _, k := range slices.Sorted(maps.Keys(n)) {
			if k != "cte_map" {
				g.visit(n[k], in)
			}
		}
	}
}

// named visits the WITH of a node and returns what the node itself can name. A query of WITH sees
// those before it, and itself only if it is recursive: else a name would open what it hides.
func (g *gate) named(n map[string]any, in scope) scope {
	ctes, ok := n["cte_map"].(map[string]any)
	if !ok {
		return in
	}
	list, _ := ctes["map"].([]any)
	for _, x := range list {
		entry, _ := x.(map[string]any)
		name := text(entry["key"])
		value, _ := entry["value"].(map[string]any)
		query, _ := value["query"].(map[string]any)
		body, _ := query["node"].(map[string]any)
		if text(body["type"]) == "RECURSIVE_CTE_NODE" {
			g.visit(entry["value"], in.with(name))
		} else {
			g.visit(entry["value"], in)
		}
		in = in.with(name)
	}
	return in
}

// check looks at one node.
func (g *gate) check(n map[string]any, in scope) {
	tables := "its tables are " + strings.Join(g.aliases, ", ") + "; name further files under files:"
	switch kind := text(n["type"]); {
	case kind == "BASE_TABLE":
		name := text(n["table_name"])
		for _, prefix := range []string{text(n["schema_name"]), text(n["catalog_name"])} {
			if prefix != "" {
				name = prefix + "." + name
			}
		}
		if strings.Contains(name, ".") || !in[strings.ToLower(name)] {
			g.refuse(fmt.Sprintf("reads %q, which is no alias of files:", name), tables)
		}
	case kind == "TABLE_FUNCTION":
		f, _ := n["function"].(map[string]any)
		if name := text(f["function_name"]); !slices.Contains(rowSources, strings.ToLower(name)) {
			g.refuse(fmt.Sprintf("reads from %s(), which is no alias of files:", name), tables)
		}
	case kind == "SHOW_REF":
		g.refuse("asks the database about itself", tables)
	case kind == "PARAMETER" || kind == "VALUE_PARAMETER":
		g.refuse("has a placeholder, and nothing fills it in", "write the value itself")
	case kind == "COLUMN_REF":
		names, _ := n["column_names"].([]any)
		if len(names) == 1 && slices.Contains(clockWords, strings.ToLower(text(names[0]))) {
			g.refuse(fmt.Sprintf("uses %s, which does not depend on the files alone", text(names[0])), "the same files must always give the same rows; a column of this name is written with its table")
		}
	}
	name := text(n["function_name"])
	arguments, _ := n["children"].([]any)
	sinceToday := strings.EqualFold(name, "age") && len(arguments) == 1
	if g.volatile[strings.ToLower(name)] || sinceToday {
		g.refuse(fmt.Sprintf("uses %s(), which does not depend on the files alone", name), "the same files must always give the same rows")
	}
	if n["sample"] != nil {
		g.refuse("takes a sample, which is another one each time", "select by a column, such as hash(person_id) % 10 = 0")
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// sqlRelation builds the relation of a source's own SELECT over its files.
func sqlRelation(ctx context.Context, q engine.Querier, s Source, parts map[string][]relation) (relation, error) {
	aliases := slices.Sorted(maps.Keys(parts))
	ctes := make([]string, len(aliases))
	for i, a := range aliases {
		union := make([]string, len(parts[a]))
		for j, rel := range parts[a] {
			union[j] = rel.plainSelect()
		}
		ctes[i] = ident(a) + " AS (" + strings.Join(union, " UNION ALL BY NAME ") + ")"
	}
	query := "WITH " + strings.Join(ctes, ", ") + " SELECT * FROM (" + selectText(s.SQL) + "\n) AS ingest_query"
	cols, err := describe(ctx, q, query)
	return relation{"(" + query + ")", cols}, err
}
