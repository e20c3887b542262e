package ingest

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vouch/referral"
)

// configured loads, expects a refusal of the configuration and returns its problems.
func (p *project) configured() referral.Problems {
	p.t.Helper()
	_, err := p.load()
	var ps referral.Problems
	if !errors.As(err, &ps) || len(ps) == 0 {
		p.t.Fatalf("not refused as configuration: %v", err)
	}
	return ps
}

// joined is a source of two files whose rows a SELECT makes.
func joined(text string) Source {
	return Source{Name: "events", Kind: "events", Files: Files{Named: map[string]string{"e": "data/e.csv", "f": "data/f.csv"}}, SQL: text}
}

var joinedFiles = map[string]string{
	"data/e.csv":     events("e1,ann,purchase,2026-01-01T00:00:00Z,100,EUR", "e2,bob,purchase,2026-01-02T00:00:00Z,200,EUR"),
	"data/f.csv":     "event_id,partner\ne1,acme\n",
	"data/other.csv": events("x1,eve,purchase,2026-01-01T00:00:00Z,100,EUR"),
	"vouch.yaml":     "version: 1\n",
}

const selectE = "SELECT event_id, person_id, event, occurred_at FROM e"

// A SELECT reads the aliases of its source, whatever else lies in the folders the engine may read.
func TestSQL_readsItsFilesOnly(t *testing.T) {
	p := firstLoad(t)
	p.write(joinedFiles)
	state, good := p.state(), p.plan.Sources
	for _, c := range []struct{ sql, want string }{
		{selectE + " UNION ALL SELECT event_id, person_id, event, occurred_at FROM 'ROOT/data/other.csv'", `reads "ROOT/data/other.csv", which is no alias`},
		{"SELECT * FROM read_csv('ROOT/data/other.csv')", "reads from read_csv()"},
		{"SELECT * FROM READ_CSV_AUTO('ROOT/data/other.csv')", "reads from read_csv_auto()"},
		{"SELECT content FROM read_text('ROOT/vouch.yaml')", "reads from read_text()"},
		{"SELECT content FROM read_blob('ROOT/vouch.yaml')", "reads from read_blob()"},
		{"SELECT * FROM read_parquet('ROOT/x.parquet')", "reads from read_parquet()"},
		{"SELECT * FROM parquet_scan('ROOT/x.parquet')", "reads from parquet_scan()"},
		{"SELECT * FROM read_duckdb('ROOT/x.db', table_name='t')", "reads from read_duckdb()"},
		{"SELECT * FROM read_json('ROOT/x.json')", "reads from read_json()"},
		{"SELECT * FROM sniff_csv('ROOT/data/other.csv')", "reads from sniff_csv()"},
		{"SELECT * FROM glob('ROOT/**')", "reads from glob()"},
		{"SELECT * FROM query('SELECT 1 AS a')", "reads from query()"},
		{"SELECT * FROM query_table('meta')", "reads from query_table()"},
		{"SELECT * FROM duckdb_settings()", "reads from duckdb_settings()"},
		{"SELECT * FROM pragma_table_info('meta')", "reads from pragma_table_info()"},
		{"SELECT * FROM information_schema.tables", `reads "information_schema.tables"`},
		{"SELECT * FROM main.e", `reads "main.e"`},
		{"SELECT * FROM meta", `reads "meta"`},
		{"SELECT *, (SELECT max(value) FROM meta) AS m FROM e", `reads "meta"`},
		{"SELECT * FROM e WHERE event_id IN (SELECT key FROM meta)", `reads "meta"`},
		{"SELECT * FROM e WHERE EXISTS (SELECT 1 FROM meta)", `reads "meta"`},
		{"SELECT * FROM e ORDER BY (SELECT max(key) FROM meta)", `reads "meta"`},
		{"SELECT * FROM e LIMIT (SELECT count(*) FROM meta)", `reads "meta"`},
		{"SELECT * FROM e JOIN meta ON (e.event_id = meta.key)", `reads "meta"`},
		{"SELECT * FROM e, LATERAL (SELECT * FROM meta WHERE key = e.event_id)", `reads "meta"`},
		{"SELECT [(SELECT max(key) FROM meta) FOR x IN [1]] AS a FROM e", `reads "meta"`},
		{"SELECT count(*) FILTER (WHERE event_id IN (SELECT key FROM meta)) OVER () AS a FROM e", `reads "meta"`},
		{"WITH meta AS (SELECT * FROM meta) SELECT * FROM meta", `reads "meta"`},
		{"WITH a AS (SELECT * FROM b), b AS (SELECT * FROM e) SELECT * FROM a", `reads "b"`},
		{"SELECT * FROM (WITH meta AS (SELECT * FROM e) SELECT * FROM meta), meta", `reads "meta"`},
		{`WITH "ROOT/data/other.csv" AS (SELECT * FROM 'ROOT/data/other.csv') SELECT * FROM 'ROOT/data/other.csv'`, `reads "ROOT/data/other.csv"`},
		{"FROM (DESCRIBE e)", "asks the database about itself"},
		{"FROM (SUMMARIZE e)", "asks the database about itself"},
		{"SHOW TABLES", "asks the database about itself"},
		{"DROP TABLE meta", "must be one SELECT"},
		{"SELECT 1; DELETE FROM meta", "must be one SELECT"},
		{selectE + "; " + selectE, "must be one SELECT, not 2 statements"},
		{"SELEC 1", "must be one SELECT"},
		{"SELECT 1) AS x, (SELECT 2", "must be one SELECT"},
		{"", "must be one SELECT"},
		{"SELECT nope FROM e", "nope"},
		{"SELECT event_id + FROM e", "must be one SELECT"},
	} {
		sql := strings.ReplaceAll(c.sql, "ROOT", p.plan.Root)
		if sql == "" {
			sql = " ; "
		}
		p.plan.Sources = append(slices.Clone(good), joined(sql))
		got := p.configured()[0]
		if got.Path != "sources[2].sql" || got.Hint == "" || !strings.Contains(got.Msg, strings.ReplaceAll(c.want, "ROOT", p.plan.Root)) {
			t.Errorf("%s: %v", c.sql, got)
		}
		if !maps.Equal(state, p.state()) {
			t.Errorf("%s: the database changed", c.sql)
		}
	}
}

// A SELECT gives the same rows of the same files.
func TestSQL_dependsOnItsFilesOnly(t *testing.T) {
	p := newProject(t, joinedFiles)
	for expr, want := range map[string]string{
		"random()": "random()", "uuid()": "uuid()", "gen_random_uuid()": "gen_random_uuid()", "uuidv7()": "uuidv7()",
		"now()": "now()", "today()": "today()", "current_timestamp": "current_timestamp", "CURRENT_DATE": "CURRENT_DATE", "current_time": "current_time",
		"localtimestamp": "localtimestamp", "get_current_timestamp()": "get_current_timestamp()", "transaction_timestamp()": "transaction_timestamp()",
		"txid_current()": "txid_current()", "current_localtime()": "current_localtime()", "nextval('s')": "nextval()", "setseed(0.5)": "setseed()",
		"current_setting('threads')": "current_setting()", "getvariable('x')": "getvariable()", "getenv('HOME')": "getenv()", "version()": "version()",
		"list_transform([1], lambda x: x + random())": "random()", "max(random()) OVER ()": "random()", "CASE WHEN true THEN now() END": "now()", "$1": "placeholder",
		"ago(INTERVAL 1 DAY)": "ago()", "age(TIMESTAMP '2020-01-01')": "age()", "pg_get_viewdef(1)": "pg_get_viewdef()", "pg_postmaster_start_time()": "pg_postmaster_start_time()",
		"reservoir_quantile(1, 0.5) OVER ()": "reservoir_quantile()", "main.random()": "random()", "event_id.now()": "now()",
		"user": "user", "json_serialize_plan('SELECT 1')": "json_serialize_plan()", "current_query()": "current_query()",
	} {
		p.plan.Sources = []Source{joined("SELECT *, " + expr + " AS x FROM e")}
		if got := p.configured()[0]; got.Path != "sources[0].sql" || !strings.Contains(got.Msg, want) || got.Hint == "" {
			t.Errorf("%s: %v", expr, got)
		}
	}
	for _, from := range []string{"e TABLESAMPLE 50%", "e USING SAMPLE 1", "(SELECT * FROM e USING SAMPLE 1)"} {
		p.plan.Sources = []Source{joined("SELECT * FROM " + from)}
		if got := p.configured()[0]; !strings.Contains(got.Msg, "sample") {
			t.Errorf("%s: %v", from, got)
		}
	}
}

// Every name that the engine takes for a function although it is written like a column is known.
func TestSQL_namesThatAreFunctions(t *testing.T) {
	db := memory(t)
	found := 0
	for _, name := range rowsOf(t, db, "SELECT DISTINCT function_name FROM duckdb_functions() WHERE regexp_full_match(function_name, '[a-z_][a-z0-9_]*') ORDER BY function_name") {
		if _, err := describe(t.Context(), db, "SELECT "+name+" AS x"); err != nil {
			continue
		}
		if found++; !slices.Contains(clockWords, name) {
			t.Errorf("%s is let through", name)
		}
	}
	if found == 0 {
		t.Error("no function can be written like a column: the test shows nothing")
	}
}

// What a project needs is let through: joins, WITH, subqueries, windows, unnest, lists of numbers.
func TestSQL_whatIsAllowed(t *testing.T) {
	for _, sql := range []string{
		selectE, selectE + ";", "FROM e", "TABLE E", `SELECT * FROM "E" AS x`,
		"SELECT e.*, f.partner AS partner_id FROM e LEFT JOIN f USING (event_id)",
		"WITH a AS (SELECT * FROM e), b AS (SELECT * FROM a) SELECT * FROM b",
		"WITH meta AS (SELECT * FROM e) SELECT * FROM meta",
		"WITH a AS (WITH b AS (SELECT * FROM e) SELECT * FROM b) SELECT * FROM A",
		"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY event_id ORDER BY occurred_at) AS n FROM e) WHERE n = 1",
		"SELECT * FROM e QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY occurred_at) = 1",
		"SELECT * FROM e WHERE event_id IN (SELECT event_id FROM e) AND EXISTS (SELECT 1 FROM f WHERE f.event_id <> e.person_id)",
		"SELECT e.* FROM e, unnest([1]) AS u(n)", "SELECT e.* FROM e, range(1)", "SELECT e.* FROM e, generate_series(1, 1)", "SELECT e.* FROM e, (VALUES (1)) AS v(n)",
		`SELECT e.* FROM e, json_each('{"a": 1}')`,
		"WITH RECURSIVE r AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 0) SELECT e.* FROM e, r",
		"SELECT * EXCLUDE (occurred_at), date_trunc('day', CAST(occurred_at AS TIMESTAMP)) AS occurred_at FROM e -- a remark",
		selectE + " UNION ALL " + selectE + " EXCEPT ALL " + selectE,
		"SELECT *, age(TIMESTAMP '2026-01-02', CAST(occurred_at AS TIMESTAMP)) AS a FROM e",
		"SELECT *, hash(person_id) AS h, md5(person_id) AS m, e.event_id AS n FROM e",
		"SELECT CASE WHEN event_id IS NULL THEN error('no id') ELSE event_id END AS event_id, person_id, event, occurred_at FROM e",
	} {
		p := newProject(t, joinedFiles, joined(sql))
		if _, err := p.load(); err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		p.expect("SELECT event_id FROM events ORDER BY event_id", "e1", "e2")
	}
}

// Every problem of every source is told at once, and the sources that are not asked for say nothing.
func TestSQL_problemsOfAllSources(t *testing.T) {
	one, two := joined("SELECT *, random() AS r, now() AS n FROM meta"), joined("SELEC")
	two.Name = "more"
	p := newProject(t, joinedFiles, one, two)
	var paths []string
	for _, x := range p.configured() {
		paths = append(paths, x.Path)
	}
	if got := strings.Join(paths, " "); got != "sources[0].sql sources[0].sql sources[0].sql sources[1].sql" {
		t.Errorf("paths %s", got)
	}
	p.plan.Only = "more"
	if ps := p.configured(); len(ps) != 1 || ps[0].Path != "sources[1].sql" {
		t.Errorf("problems %v", ps)
	}
}

// The name of an alias without a file is not a table of the database.
func TestSQL_aliasWithoutAFile(t *testing.T) {
	src := Source{Name: "joined", Kind: "events", Optional: true, Files: Files{Named: map[string]string{"e": "e.csv", "meta": "meta.csv"}}, SQL: "SELECT e.* FROM e, meta"}
	p := firstLoad(t)
	p.write(map[string]string{"e.csv": events("e1,ann,purchase,2026-01-01,100,EUR")})
	p.plan.Sources = append(p.plan.Sources, src)
	checkRejection(t, p.refusal().Problems[0], Rejection{Source: "joined", Code: CodeMissingFile, Message: `needs a file for "meta"`, Hint: "together"})
	p.remove("e.csv")
	if r := p.mustLoad(); r.Sources[2].Rows != 0 {
		t.Errorf("report %+v", r)
	}
}

// A column that the SELECT does not return is not the fault of a file.
func TestSQL_columnsItDoesNotReturn(t *testing.T) {
	p := newProject(t, joinedFiles, joined("SELECT event_id, person_id AS persn_id, occurred_at FROM e"))
	p.plan.Sources[0].Map = map[string]Mapped{"event": {Column: "evnt"}}
	r := p.refusal()
	checkRejection(t, r.Problems[0], Rejection{Source: "events", Column: "person_id", Code: CodeMissingColumn, Message: "the SELECT of sql: has no such column; it has event_id, persn_id", Hint: `"persn_id"`})
	checkRejection(t, r.Problems[1], Rejection{Source: "events", Column: "event", Code: CodeMissingColumn, Message: `"evnt", which the SELECT of sql: lacks`, Hint: "or the SELECT"})
	for _, x := range r.Problems {
		if x.File != "" || !strings.HasPrefix(x.String(), "source events: column ") {
			t.Errorf("%q blames %q", x.String(), x.File)
		}
	}
}

// A file that is at fault is named as such, not the SELECT that reads it.
func TestSQL_faultOfAFile(t *testing.T) {
	p := newProject(t, joinedFiles, joined(selectE+" WHERE event_id IN (SELECT event_id FROM f)"))
	outside := filepath.Join(t.TempDir(), "f.csv")
	if err := os.WriteFile(outside, []byte("event_id\ne1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.remove("data/f.csv")
	if err := os.Symlink(outside, filepath.Join(p.plan.Root, "data/f.csv")); err != nil {
		t.Skip("no links here")
	}
	checkRejection(t, p.refusal().Problems[0], Rejection{Source: "events", File: "data/f.csv", Code: CodeUnreadable, Hint: "name the folder"})
}

func TestVariables_areNamedByTheirPlace(t *testing.T) {
	src := joined(selectE)
	src.Files.Named["f"] = "${VOUCH_NOWHERE}/f.csv"
	p := newProject(t, joinedFiles, src, Source{Name: "more", Kind: "events", Files: Files{Glob: "${VOUCH_ELSEWHERE}/*.csv"}})
	want := []string{"sources[0].files.f", "sources[1].files"}
	_, err := Dirs(p.plan)
	var fromDirs referral.Problems
	if !errors.As(err, &fromDirs) {
		t.Fatalf("not refused as configuration: %v", err)
	}
	for _, ps := range []referral.Problems{fromDirs, p.configured()} {
		if len(ps) != 2 || ps[0].Path != want[0] || ps[1].Path != want[1] || !strings.Contains(ps[0].Msg, "VOUCH_NOWHERE is not set") || ps[0].Hint == "" {
			t.Errorf("problems %v", ps)
		}
	}
}
