package ingest

import (
	"bytes"
	"compress/gzip"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// project is a folder with files, a plan and a database, for one test.
type project struct {
	t    testing.TB
	plan Plan
	db   *duckdb.DB
}

// newProject writes the files and opens a database in memory.
func newProject(t testing.TB, files map[string]string, sources ...Source) *project {
	t.Helper()
	p := &project{t: t, plan: Plan{
		Root: t.TempDir(), Sources: sources,
		Scope: referral.Scope{Calendar: referral.Calendar{Zone: time.UTC}, Currency: "EUR", Acquisition: "purchase"},
	}}
	p.write(files)
	p.db = memory(t, p.plan.Root)
	return p
}

func (p *project) write(files map[string]string) {
	p.t.Helper()
	for name, text := range files {
		path := filepath.Join(p.plan.Root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *project) remove(name string) {
	p.t.Helper()
	if err := os.Remove(filepath.Join(p.plan.Root, name)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) load() (Report, error) { return Load(p.t.Context(), p.db, p.plan) }

// mustLoad loads and returns the report.
func (p *project) mustLoad() Report {
	p.t.Helper()
	r, err := p.load()
	if err != nil {
		p.t.Fatalf("load: %v", err)
	}
	return r
}

// refusal loads, expects a refusal and returns it.
func (p *project) refusal() *Refused {
	p.t.Helper()
	_, err := p.load()
	var r *Refused
	if !errors.As(err, &r) {
		p.t.Fatalf("not refused: %v", err)
	}
	if len(r.Problems) == 0 || r.Total < int64(len(r.Problems)) {
		p.t.Fatalf("a refusal of %d with %d problems", r.Total, len(r.Problems))
	}
	return r
}

// rows runs a query and writes each row as its values, separated by |, NULL as ∅.
func (p *project) rows(query string, args ...any) []string {
	p.t.Helper()
	return rowsOf(p.t, p.db, query, args...)
}

func rowsOf(t testing.TB, db engine.Querier, query string, args ...any) []string {
	t.Helper()
	out, err := engine.Collect(t.Context(), db, sqltext.Raw("test", query, args...), func(r *sql.Rows) (string, error) {
		cols, err := r.Columns()
		if err != nil {
			return "", err
		}
		vals, dest := make([]any, len(cols)), make([]any, len(cols))
		for i := range vals {
			dest[i] = &vals[i]
		}
		if err := r.Scan(dest...); err != nil {
			return "", err
		}
		texts := make([]string, len(vals))
		for i, v := range vals {
			switch v := v.(type) {
			case nil:
				texts[i] = "∅"
			case time.Time:
				texts[i] = v.UTC().Format("2006-01-02T15:04:05.999999")
			case map[string]any:
				b, err := json.Marshal(v)
				if err != nil {
					return "", err
				}
				texts[i] = string(b)
			default:
				texts[i] = fmt.Sprint(v)
			}
		}
		return strings.Join(texts, "|"), nil
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

// expect compares the rows of a query with the wanted ones.
func (p *project) expect(query string, want ...string) {
	p.t.Helper()
	if diff := cmp.Diff(want, p.rows(query), cmpopts.EquateEmpty()); diff != "" {
		p.t.Errorf("%s (-want +got):\n%s", query, diff)
	}
}

// state is the content of every table and view of the database in storage order, by name.
func (p *project) state() map[string]string {
	p.t.Helper()
	out := map[string]string{}
	for _, name := range p.rows("SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' ORDER BY table_name") {
		q := fmt.Sprintf("SELECT concat(count(*), ' ', md5(string_agg(CAST(t AS VARCHAR), chr(10) ORDER BY t.rowid))) FROM %s AS t", ident(name))
		out[name] = p.rows(q)[0]
	}
	for _, line := range p.rows("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY view_name") {
		name, text, _ := strings.Cut(line, "|")
		out["view "+name] = text
	}
	return out
}

// content is state without what tells one load from another: batch numbers and the manifest.
func (p *project) content() map[string]string {
	p.t.Helper()
	out := map[string]string{}
	for _, name := range p.rows("SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_name NOT IN ('load_manifest') ORDER BY table_name") {
		cols := p.rows("SELECT column_name FROM information_schema.columns WHERE table_name = ? AND column_name <> 'batch_id' ORDER BY ordinal_position", name)
		for i := range cols {
			cols[i] = ident(cols[i])
		}
		order := "ORDER BY t.rowid"
		if name == inputPersons || name == "event_excluded" {
			order = "ORDER BY CAST(t AS VARCHAR)" // the raw rows lie as they came
		}
		q := fmt.Sprintf("SELECT concat(count(*), ' ', md5(string_agg(CAST(t AS VARCHAR), chr(10) %s))) FROM (SELECT rowid, %s FROM %s) AS t", order, strings.Join(cols, ", "), ident(name))
		if strings.HasSuffix(order, "VARCHAR)") {
			q = strings.Replace(q, "SELECT rowid, ", "SELECT ", 1)
		} else {
			q = strings.Replace(q, "CAST(t AS VARCHAR)", "CAST(("+strings.Join(cols, ", ")+") AS VARCHAR)", 1)
		}
		out[name] = p.rows(q)[0]
	}
	return out
}

// csvSource is a source with one CSV file under its kind's name.
func csvSource(kind string) Source {
	return Source{Name: kind, Kind: kind, Files: Files{Glob: kind + ".csv"}}
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
