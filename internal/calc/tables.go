package calc

import (
	"context"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
)

// Tables is the database in memory that the methods over events share during a run. It is opened when
// the first of them asks for it.
type Tables struct {
	portable bool
	db       *duckdb.DB
}

// open returns the database to write to, and the engine to ask.
func (t *Tables) open(ctx context.Context) (engine.Writer, engine.DB, error) {
	if t.db == nil {
		// One stream: the events of a question are few, and starting another costs more than it saves.
		db, err := duckdb.Open(ctx, duckdb.Options{Threads: 1})
		if err != nil {
			return nil, nil, fmt.Errorf("database of the calculator: %w", err)
		}
		t.db = db
	}
	if t.portable {
		return t.db, engine.Portable(t.db), nil
	}
	return t.db, t.db, nil
}

// Close closes the database, if it was opened.
func (t *Tables) Close() error {
	if t.db == nil {
		return nil
	}
	return t.db.Close()
}
