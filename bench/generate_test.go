package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

func TestGenerate_exactAndRepeatable(t *testing.T) {
	ctx, s := context.Background(), size{Events: 20_000, Persons: 2_000, Partners: 50, Days: 90}
	hashes := map[string]string{}
	for _, dir := range []string{t.TempDir(), t.TempDir()} {
		if err := generate(ctx, s, dir); err != nil {
			t.Fatal(err)
		}
		sha, _, err := files.Hash(filepath.Join(dir, "data", "events-000.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		hashes[sha] = dir
	}
	if len(hashes) != 1 {
		t.Error("two runs gave different files")
	}
	for _, dir := range hashes {
		checkEvents(t, dir, s)
	}
}

func checkEvents(t *testing.T, dir string, s size) {
	t.Helper()
	db, err := duckdb.Open(context.Background(), duckdb.Options{AllowedDirs: []string{dir}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	from := " FROM read_parquet('" + filepath.Join(dir, "data", "*.parquet") + "')"
	for what, want := range map[string]int64{
		"count(*)":                 s.Events,
		"count(DISTINCT event_id)": s.Events,
		"count(*) FILTER (event IN ('invite_sent', 'invite_clicked', 'signed_up', 'purchase'))":                          s.Events * 22 / 100,
		"count(*) FILTER (occurred_at < TIMESTAMP '2026-01-01' OR occurred_at >= TIMESTAMP '2026-04-01')":                0,
		"count(*) FILTER ((amount_minor IS NULL) = (event = 'purchase'))":                                                0,
		"count(*) FILTER (event_id IS NULL OR person_id IS NULL OR event IS NULL OR partner_id IS NULL)":                 0,
		"CAST(count(DISTINCT person_id) > 1500 AND count(DISTINCT partner_id) BETWEEN 40 AND 50 AS INTEGER)":             1,
		"CAST(count(*) FILTER (event = 'purchase') BETWEEN 150 AND 350 AND count(DISTINCT event) = 10 AS INTEGER)":       1, // about 0.11 of 2,300 journeys
		"CAST(count(*) FILTER (event = 'invite_sent') > 2 * count(*) FILTER (event = 'signed_up') AS INTEGER)":           1,
		"CAST(count(*) FILTER (person_id < 'p0001000') > count(*) FILTER (person_id >= 'p0001000') AS INTEGER)":          1,
		"count(DISTINCT amount_minor) FILTER (amount_minor < 500 OR amount_minor > 20499)":                               0,
		"CAST(max(occurred_at) > TIMESTAMP '2026-03-31' AND min(occurred_at) < TIMESTAMP '2026-01-01 01:00' AS INTEGER)": 1,
	} {
		var got int64
		if err := engine.One(context.Background(), db, sqltext.Raw("check", "SELECT "+what+from), &got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %d, want %d", what, got, want)
		}
	}
}

// TestGenerate_startsAgainAfterAnInterruption: without the configuration, which is written last, what
// is there counts for nothing.
func TestGenerate_startsAgainAfterAnInterruption(t *testing.T) {
	ctx, s, dir := context.Background(), size{Events: 1000, Persons: 100, Partners: 5, Days: 10}, t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data/events-000.parquet", "data/events-001.parquet"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second call finds a finished project
		if err := generate(ctx, s, dir); err != nil {
			t.Fatal(err)
		}
		got, err := files.Glob(filepath.Join(dir, "**", "*.*"))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{filepath.Join(dir, "data/events-000.parquet"), filepath.Join(dir, "vouch.yaml")}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}

func TestSample(t *testing.T) {
	for _, c := range []struct {
		seconds     []float64
		min, median float64
	}{{[]float64{3, 1, 2}, 1, 2}, {[]float64{4, 1, 3, 2}, 1, 2}, {[]float64{5}, 5, 5}} {
		s := sample{seconds: c.seconds}
		if s.min() != c.min || s.median() != c.median {
			t.Errorf("%v: %v and %v", c.seconds, s.min(), s.median())
		}
	}
}
