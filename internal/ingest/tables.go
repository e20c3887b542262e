package ingest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
)

// Names of the tables only ingest reads.
const (
	// stagedEvents is the temporary table of all events during a load: those kept from earlier loads,
	// under the ids their sources used, and those just read. The facts hold the same rows coded, so
	// they are not stored twice.
	stagedEvents = "ingest_events"
	// inputPersons holds the rows of persons as they were read; the name of the kind belongs to the
	// dictionary made from them.
	inputPersons = "input_persons"
	// stage holds the rows of one file of another kind until they are checked.
	stage = "ingest_stage"
)

// target is the table that keeps the rows of a kind.
func target(kind string) string {
	switch kind {
	case "events":
		return stagedEvents
	case "persons":
		return inputPersons
	}
	return kind
}

// dated is the expression of the day whose rate converts a kind's amounts, empty where the kind has
// no amount with a day.
func dated(kind string) string {
	switch kind {
	case "costs", "payouts", "aggregates":
		return "day"
	}
	return ""
}

// columnDefs writes the columns of a table for a kind.
func columnDefs(t schema.Table, more ...string) string {
	defs := make([]string, 0, len(t.Columns)+len(more))
	for _, c := range t.Columns {
		defs = append(defs, ident(c.Name)+" "+string(c.Type))
	}
	return strings.Join(append(defs, more...), ", ")
}

// createTables makes what is not there yet. Every input table exists from the first load on, so that
// an analysis need not know which sources a project has.
func createTables(ctx context.Context, tx engine.Tx) error {
	for _, t := range schema.Inputs() {
		more, create := []string{"source VARCHAR", "batch_id INTEGER"}, "CREATE TABLE IF NOT EXISTS"
		if t.Name == "events" {
			more, create = append(more, "bad BOOLEAN"), "CREATE OR REPLACE TEMP TABLE"
		}
		if dated(t.Name) != "" {
			more = append(more, "value_minor BIGINT")
		}
		text := fmt.Sprintf("%s %s (%s)", create, ident(target(t.Name)), columnDefs(t, more...))
		if err := tx.Exec(ctx, sqltext.Raw("ingest/create", text)); err != nil {
			return err
		}
	}
	for _, text := range []string{
		"CREATE TABLE IF NOT EXISTS quarantine (source VARCHAR, file VARCHAR, row BIGINT, column_name VARCHAR, code VARCHAR, message VARCHAR, raw VARCHAR, batch_id INTEGER)",
		"CREATE TABLE IF NOT EXISTS load_manifest (source VARCHAR, kind VARCHAR, file VARCHAR, sha256 VARCHAR, bytes BIGINT, rows BIGINT, accepted BIGINT, duplicates BIGINT, rejected BIGINT, batch_id INTEGER, mapping_sha256 VARCHAR, columns VARCHAR)",
		"CREATE TABLE IF NOT EXISTS meta (key VARCHAR, value VARCHAR)",
	} {
		if err := tx.Exec(ctx, sqltext.Raw("ingest/create", text)); err != nil {
			return err
		}
	}
	return nil
}

// restage brings the events of earlier loads back under the ids their sources used, except those of
// dropped batches. Superseded rows come first: where a tie between equally late rows was decided by
// the order of loading, the winner must stay the last.
func restage(ctx context.Context, tx engine.Tx, drop []int64) error {
	gone := "false"
	if len(drop) > 0 {
		gone = "f.batch_id IN (" + numbers(drop) + ")"
	}
	for _, table := range []string{schema.EventsExcluded, schema.EventFacts} {
		if err := run(ctx, tx, "restage", map[string]any{"Table": table, "Gone": gone}); err != nil {
			return err
		}
	}
	return nil
}

func numbers(list []int64) string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = fmt.Sprint(n)
	}
	return strings.Join(out, ", ")
}

// dropAll removes what a load of another version of the tables left; its files are read anew.
func dropAll(ctx context.Context, tx engine.Tx) error {
	names := []string{
		schema.EventFacts, schema.StepFacts, schema.EventsExcluded, schema.EventNames, schema.PartnerKeys, schema.Persons, schema.AcquisitionFacts,
		schema.Quarantine, schema.Manifest, schema.Meta, "person_aliases",
	}
	for _, t := range schema.Inputs() {
		if t.Name != "events" && t.Name != "persons" {
			names = append(names, t.Name)
		}
	}
	names = append(names, inputPersons)
	if err := dropAcquisitions(ctx, tx); err != nil {
		return err
	}
	for _, view := range []string{schema.Events, schema.EventsAll} {
		if err := tx.Exec(ctx, sqltext.Raw("ingest/drop", "DROP VIEW IF EXISTS "+ident(view))); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := tx.Exec(ctx, sqltext.Raw("ingest/drop", "DROP TABLE IF EXISTS "+ident(name))); err != nil {
			return err
		}
	}
	return nil
}

// dropAcquisitions removes the view of that name, or the table that older versions kept under it: the
// engine refuses to drop one as the other.
func dropAcquisitions(ctx context.Context, tx engine.Tx) error {
	st := sqltext.Raw("ingest/acquisitions", "SELECT table_type FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?", schema.Acquisitions)
	kinds, err := engine.Collect(ctx, tx, st, func(r *sql.Rows) (string, error) {
		var kind string
		return kind, r.Scan(&kind)
	})
	if err != nil || len(kinds) == 0 {
		return err
	}
	what := "TABLE "
	if kinds[0] == "VIEW" {
		what = "VIEW "
	}
	return tx.Exec(ctx, sqltext.Raw("ingest/drop", "DROP "+what+ident(schema.Acquisitions)))
}

// dropTemporary removes the working tables, which would else live and take memory as long as the
// connection.
func dropTemporary(ctx context.Context, tx engine.Tx) error {
	st := sqltext.Raw("ingest/temporary", "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'ingest_') ORDER BY table_name")
	names, err := engine.Collect(ctx, tx, st, func(r *sql.Rows) (string, error) {
		var n string
		return n, r.Scan(&n)
	})
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := tx.Exec(ctx, sqltext.Raw("ingest/temporary", "DROP TABLE "+ident(n))); err != nil {
			return err
		}
	}
	return nil
}
