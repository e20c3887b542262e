package ingest

import (
	"context"
	"fmt"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
)

// Names of the tables only ingest reads.
const (
	// inputEvents and inputPersons hold every good row as it was read, so that the derived tables can
	// be rebuilt when an identity, a rate or the zone changes. Their kinds' names belong to what is
	// derived from them.
	inputEvents  = "input_events"
	inputPersons = "input_persons"
	stage        = "ingest_stage"
)

// target is the table that keeps the rows of a kind.
func target(kind string) string {
	switch kind {
	case "events":
		return inputEvents
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
		more := []string{"source VARCHAR", "batch_id INTEGER"}
		if t.Name == "events" {
			more = append(more, "bad BOOLEAN")
		}
		if dated(t.Name) != "" {
			more = append(more, "value_minor BIGINT")
		}
		text := fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)", ident(target(t.Name)), columnDefs(t, more...))
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
