package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// Query runs a statement that returns rows, on a connection that is free again once the rows are
// closed.
func (d *DB) Query(ctx context.Context, s sqltext.Stmt) (*sql.Rows, error) {
	rows, err := d.sql.QueryContext(ctx, s.Text, s.Args...)
	return rows, interrupted(ctx, err)
}

// interrupted names the end of the context as the cause of an error: DuckDB itself only says that
// it was interrupted.
func interrupted(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}

// Exec runs a statement outside a transaction, for the few that do not belong in one: CHECKPOINT,
// COPY TO a file.
func (d *DB) Exec(ctx context.Context, s sqltext.Stmt) error {
	if _, err := d.sql.ExecContext(ctx, s.Text, s.Args...); err != nil {
		return fmt.Errorf("%s: %w", s.Name, interrupted(ctx, err))
	}
	return nil
}

// Tx runs f in one transaction on one connection: committed if f returns nil, rolled back if it
// returns an error or panics, or if the context ends.
func (d *DB) Tx(ctx context.Context, f func(engine.Tx) error) (err error) {
	t, err := d.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	finished := false
	defer func() {
		if finished {
			return
		}
		// A context that ended has rolled back already.
		if back := t.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			err = errors.Join(err, fmt.Errorf("rollback: %w", back))
		}
	}()
	if err := f(tx{t}); err != nil {
		return err
	}
	finished = true
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// tx is one open transaction.
type tx struct{ t *sql.Tx }

// Dialect says how SQL is written for DuckDB.
func (tx) Dialect() sqltext.Dialect { return sqltext.DuckDB{} }

// Exec runs a statement that returns no rows.
func (x tx) Exec(ctx context.Context, s sqltext.Stmt) error {
	if _, err := x.t.ExecContext(ctx, s.Text, s.Args...); err != nil {
		return fmt.Errorf("%s: %w", s.Name, interrupted(ctx, err))
	}
	return nil
}

// Query runs a statement that returns rows and sees what the transaction has done so far.
func (x tx) Query(ctx context.Context, s sqltext.Stmt) (*sql.Rows, error) {
	rows, err := x.t.QueryContext(ctx, s.Text, s.Args...)
	return rows, interrupted(ctx, err)
}
