package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vouch/experiments"
	"vouch/internal/config"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest"
	"vouch/internal/sqltext"
	"vouch/partners/attribution"
	"vouch/partners/quality"
)

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The read-out and the statement by hand say the same of every variant; without that their times could not be compared.
func TestExperiments_sameSums(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	if err := (trials{Units: 3000}).generate(ctx, dir); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(dir, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	scope, err := cfg.Scope(time.Time{}, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ".vouch", "vouch.duckdb")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := duckdb.Open(ctx, duckdb.Options{Path: path, AllowedDirs: []string{filepath.Join(dir, "data")}})
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	defer func() {
		if !closed {
			_ = db.Close()
		}
	}()
	plan := ingest.Plan{Root: cfg.Root, Sources: cfg.Sources, Getenv: os.Getenv, Scope: scope, RevenueEvents: cfg.Revenue.Events, Refunds: cfg.Revenue.Refunds}
	if _, err := ingest.Load(ctx, db, plan); err != nil {
		t.Fatal(err)
	}
	if _, err := quality.Flag(ctx, db, scope); err != nil {
		t.Fatal(err)
	}
	if _, err := attribution.Credit(ctx, db, cfg.Credit); err != nil {
		t.Fatal(err)
	}
	r, err := experiments.Compute(ctx, db, cfg.Experiments["offer"], scope)
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Arms[0].N + r.Arms[1].N + r.Arms[2].N; n != 3000 {
		t.Errorf("%d units of 3000", n)
	}
	for _, m := range r.Metrics {
		for _, c := range m.Comparisons {
			if c.Effect.Value == nil || m.Name != "refunded" && c.Unadjusted == nil {
				t.Errorf("%s of %s: %+v", m.Name, c.Arm, c)
			}
		}
	}
	answer := map[string]any{"result": r}
	if err := db.Exec(ctx, sqltext.Raw("checkpoint", "CHECKPOINT")); err != nil {
		t.Fatal(err)
	}
	closed = true
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	engine, hand := &sample{name: "engine", result: text(t, answer)}, &sample{name: "hand"}
	if err := engine.sums(); err != nil {
		t.Fatal(err)
	}
	if err := (bench{dir: dir}).byHand(ctx, hand); err != nil {
		t.Fatal(err)
	}
	if engine.result != hand.result || hand.result == "" {
		t.Errorf("read-out %q\nby hand  %q", engine.result, hand.result)
	}
}

func TestTrials_names(t *testing.T) {
	if got := (trials{Many: 3}).names(); len(got) != 3 || got[2] != "offer2" {
		t.Errorf("%v", got)
	}
	s := &sample{name: "x"}
	if err := s.analysis(&sample{name: "x", result: `{"timings_ms": {"experiment": 1500, "more": 500}}`}); err != nil || s.seconds[0] != 2 {
		t.Errorf("%v, %v", s.seconds, err)
	}
	if err := s.analysis(&sample{name: "x", result: `{}`}); err == nil {
		t.Error("no timings are no error")
	}
}
