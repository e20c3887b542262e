// Package ingesttest loads small tables into a database in memory, through the same path as a
// project, for the tests of the packages that read them.
package ingesttest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest"
	"vouch/referral"
)

// Option changes the plan of a load.
type Option func(*ingest.Plan)

// Scope replaces the whole scope.
func Scope(s referral.Scope) Option { return func(p *ingest.Plan) { p.Scope = s } }

// Plan changes anything else of the plan.
func Plan(f func(*ingest.Plan)) Option { return f }

// DefaultScope is that of a load without options: UTC, EUR, first purchase, as of the end of 2026.
func DefaultScope() referral.Scope {
	return referral.Scope{
		AsOf:     time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Calendar: referral.Calendar{Zone: time.UTC, WeekStart: time.Monday},
		Currency: "EUR", MarginMicros: referral.MicroScale, Acquisition: "purchase", Confidence: 0.95,
	}
}

// Load writes the files (name = kind and format, such as "events.csv" or "costs.ndjson", with the
// contract's column names), loads them into a database in memory, and closes it with the test. It
// ends the test if the load is refused.
func Load(t testing.TB, files map[string]string, opts ...Option) *duckdb.DB {
	t.Helper()
	dir := t.TempDir()
	p := ingest.Plan{Root: dir, Scope: DefaultScope()}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(files[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(name, ".")
		p.Sources = append(p.Sources, ingest.Source{Name: kind, Kind: kind, Files: ingest.Files{Glob: name}, Optional: true})
	}
	for _, o := range opts {
		o(&p)
	}
	dirs, err := ingest.Dirs(p)
	if err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.Open(t.Context(), duckdb.Options{AllowedDirs: dirs, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := ingest.Load(t.Context(), db, p); err != nil {
		t.Fatalf("load: %v", err)
	}
	return db
}
