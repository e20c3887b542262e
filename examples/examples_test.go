// Package examples runs every project of this folder on its public data and checks the figures that
// are known of the set: published ones and ones counted by other means.
package examples

import (
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"

	"vouch/funnel"
	"vouch/internal/engine"
	"vouch/internal/pipeline"
	"vouch/internal/publicdata"
	"vouch/internal/sqltext"
)

// open copies the project file into a folder of the test, loads the data and returns the project.
func open(t *testing.T, set string) *pipeline.Project {
	t.Helper()
	data := filepath.Dir(publicdata.Dir(t, set))
	text, err := os.ReadFile(filepath.Join(set, "vouch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vouch.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) string { return map[string]string{"VOUCH_DATA": data}[name] }
	p, err := pipeline.Open(context.Background(), pipeline.Options{Dir: dir, Getenv: env, Write: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := p.Load(context.Background(), "", false); err != nil {
		t.Fatal(err)
	}
	if err := p.CheckNames(context.Background()); err != nil {
		t.Errorf("the project names events that never occur: %v", err)
	}
	return p
}

// asOf opens a loaded project with another as-of date.
func asOf(t *testing.T, p *pipeline.Project, date string) *pipeline.Project {
	t.Helper()
	scope, err := p.Cfg.Scope(p.Scope.AsOf, date)
	if err != nil {
		t.Fatal(err)
	}
	q := *p
	q.Scope = scope
	return &q
}

// number runs a statement that returns one integer.
func number(t *testing.T, p *pipeline.Project, text string) int64 {
	t.Helper()
	var n sql.NullInt64
	if err := engine.One(context.Background(), p.DB, sqltext.Raw("check", text), &n); err != nil {
		t.Fatal(err)
	}
	return n.Int64
}

// tally runs a statement of (text, integer) rows.
func tally(t *testing.T, p *pipeline.Project, text string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	_, err := engine.Collect(context.Background(), p.DB, sqltext.Raw("check", text), func(r *sql.Rows) (struct{}, error) {
		var key sql.NullString
		var n int64
		err := r.Scan(&key, &n)
		out[key.String] = n
		return struct{}{}, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rowsOf reads a published CSV file with the standard library: the heading, and the rows below it.
func rowsOf(t *testing.T, set, file string) (head []string, rows [][]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(publicdata.Dir(t, set), file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[0], all[1:]
}

// steps are the persons of each step.
func steps(ss []funnel.StepResult) []int64 {
	var out []int64
	for _, s := range ss {
		out = append(out, s.Persons)
	}
	return out
}

func compute(t *testing.T, p *pipeline.Project, name string) funnel.Result {
	t.Helper()
	r, err := p.Funnel(context.Background(), name, false)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
