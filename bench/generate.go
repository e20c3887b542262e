package main

import (
	"context"
	_ "embed"
	"fmt"
	"path/filepath"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

var (
	//go:embed sql/journeys.sql
	journeysSQL string
	//go:embed sql/steps.sql
	stepsSQL string
	//go:embed sql/noise.sql
	noiseSQL string
)

// size says how much data a project of the benchmark holds. The same size gives the same rows
// everywhere.
type size struct {
	Events, Persons, Partners, Days int64
}

// dir names the cached project of a size.
func (s size) dir(root string) string {
	return filepath.Join(root, fmt.Sprintf("ev-%d-%d-%d-%d", s.Events, s.Persons, s.Partners, s.Days))
}

const (
	dayMicros = 86_400_000_000
	// firstInstant is 2026-01-01T00:00:00Z in microseconds.
	firstInstant = 1_767_225_600_000_000
	partRows     = 2_500_000
)

// steps are the events of the funnel.
var steps = []string{"invite_sent", "invite_clicked", "signed_up", "purchase"}

// project is the configuration the measured commands read: funnels of the same four events, one of them
// with 64 steps, cohorts and partners, over the generated events only.
func project() []byte {
	var long []string
	for i := range 64 {
		long = append(long, fmt.Sprintf("{name: step%d, event: %s}", i+1, steps[i%len(steps)]))
	}
	return []byte(strings.ReplaceAll(template, "LONG", strings.Join(long, ", ")))
}

const template = `version: 1
project: bench
timezone: UTC
currency: EUR
as_of: 2026-04-01
margin: 0.8
acquisition: {event: purchase}
credit: last_touch
sources:
  - {name: events, kind: events, files: data/events-*.parquet}
funnels:
  referral:
    steps: [invite_sent, invite_clicked, signed_up, purchase]
    window: 7d
  by_partner:
    steps: [invite_sent, invite_clicked, signed_up, purchase]
    window: 7d
    by: partner_id
  long:
    window: 7d
    steps: [LONG]
cohorts:
  monthly: {by: month, age: month, horizon: 3}
attribution:
  house: {conversion: purchase, touches: [invite_clicked], window: 30d, model: last, by: partner_id}
`

// generate writes the project of a size unless a finished one is there: the configuration is written
// last, so an interrupted run is not taken for a whole one.
func generate(ctx context.Context, s size, dir string) error {
	config := filepath.Join(dir, "vouch.yaml")
	if files.Exists(config) {
		return files.WriteAtomic(config, project())
	}
	data := filepath.Join(dir, "data")
	if err := files.RemoveAll(data); err != nil {
		return err
	}
	if err := files.MkdirAll(data); err != nil {
		return err
	}
	scratch := filepath.Join(dir, "generate.duckdb")
	if err := files.Remove(scratch); err != nil {
		return err
	}
	db, err := duckdb.Open(ctx, duckdb.Options{Path: scratch, AllowedDirs: []string{data}})
	if err != nil {
		return err
	}
	err = writeEvents(ctx, db, s, data)
	if err := firstError(err, db.Close(), files.Remove(scratch)); err != nil {
		return err
	}
	return files.WriteAtomic(config, project())
}

func writeEvents(ctx context.Context, db *duckdb.DB, s size, data string) error {
	span := s.Days * dayMicros
	funnel := s.Events * 22 / 100
	// A journey has 1 + 0.55 + 0.275 + 0.11 events; those after the end of the period are missing.
	// Drawing more journeys than needed and cutting gives the exact number.
	attempts := funnel * 3 / 4
	statements := []sqltext.Stmt{
		sqltext.Raw("journeys", journeysSQL, attempts, s.Persons, s.Persons, s.Partners, s.Partners, s.Partners, span),
		sqltext.Raw("steps", stepsSQL, span, span, span, span, funnel),
		sqltext.Raw("noise", noiseSQL, s.Persons, s.Partners, span, s.Events-funnel),
		// Events arrive in the order of time, whoever they belong to.
		sqltext.Raw("events", `CREATE TABLE events AS
SELECT row_number() OVER (ORDER BY us, person, event, partner) AS n, person, partner, us, event, amount FROM raw`),
	}
	for _, st := range statements {
		if err := db.Exec(ctx, st); err != nil {
			return err
		}
	}
	var rows, steps int64
	count := sqltext.Raw("count", "SELECT count(*), count(*) FILTER (event IN ('invite_sent', 'invite_clicked', 'signed_up', 'purchase')) FROM events")
	if err := engine.One(ctx, db, count, &rows, &steps); err != nil {
		return err
	}
	if rows != s.Events || steps != funnel {
		return fmt.Errorf("generated %d events, %d of the funnel, instead of %d and %d", rows, steps, s.Events, funnel)
	}
	for part, from := 0, int64(0); from < s.Events; part, from = part+1, from+partRows {
		path := filepath.Join(data, fmt.Sprintf("events-%03d.parquet", part))
		// COPY takes no placeholders; the numbers are ours.
		text := fmt.Sprintf(`COPY (SELECT 'e' || lpad(CAST(n AS VARCHAR), 9, '0') AS event_id, 'p' || lpad(CAST(person AS VARCHAR), 7, '0') AS person_id, event,
  make_timestamp(%d + us) AS occurred_at, 'partner_' || lpad(CAST(partner AS VARCHAR), 4, '0') AS partner_id, amount AS amount_minor
FROM events WHERE n > %d AND n <= %d ORDER BY n) TO '%s' (FORMAT parquet, COMPRESSION zstd)`, int64(firstInstant), from, from+partRows, path)
		if err := db.Exec(ctx, sqltext.Raw("write "+path, text)); err != nil {
			return err
		}
	}
	return nil
}
