// Package engine is how analyses reach data: a small database interface, and person-ordered streams
// that hand plain slices to Go kernels. The engines themselves live below: engine/duckdb (cgo) and
// engine/trino.
package engine

import (
	"context"
	"database/sql"
	"fmt"

	"vouch/internal/sqltext"
)

// DB is an engine holding the contract tables. Implementations are safe for concurrent use.
type DB interface {
	// Dialect says how to write SQL for it.
	Dialect() sqltext.Dialect
	// Query runs a statement that returns rows. The caller closes them; Collect does both.
	Query(ctx context.Context, s sqltext.Stmt) (*sql.Rows, error)
	// Stream runs a statement on a connection of its own and hands over its rows in batches, in the
	// order of the statement. Columns must be integers, dates, timestamps or text. A batch and its
	// slices are valid only until each returns.
	Stream(ctx context.Context, s sqltext.Stmt, each func(*Batch) error) error
	// Threads is the number of streams worth running side by side.
	Threads() int
}

// Writer is an engine that the load stage and the stages deriving tables may change.
type Writer interface {
	DB
	// Tx runs f in one transaction: committed if f returns nil, rolled back otherwise, so that a
	// refused load leaves the database as it was.
	Tx(ctx context.Context, f func(Tx) error) error
}

// Tx is one open transaction.
type Tx interface {
	Dialect() sqltext.Dialect
	Exec(ctx context.Context, s sqltext.Stmt) error
	Query(ctx context.Context, s sqltext.Stmt) (*sql.Rows, error)
}

// Querier is what both a DB and a Tx can do.
type Querier interface {
	Query(ctx context.Context, s sqltext.Stmt) (*sql.Rows, error)
}

// Portable returns the same engine with its ordered analyses answered by portable SQL wherever that can
// state the question, and by the Go kernels elsewhere.
func Portable(db DB) DB { return portable{db} }

type portable struct{ DB }

// IsPortable reports whether ordered analyses take portable SQL: on a cluster always, on the embedded
// engine where Portable asks for it.
func IsPortable(db DB) bool {
	_, ok := db.(portable)
	return ok || db.Dialect().Name() != (sqltext.DuckDB{}).Name()
}

// Collect runs a statement and scans each row, closing the rows and reporting their error.
func Collect[T any](ctx context.Context, q Querier, s sqltext.Stmt, scan func(*sql.Rows) (T, error)) ([]T, error) {
	rows, err := q.Query(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	defer func() { _ = rows.Close() }() // the error of a closed read is that of rows.Err below
	out := []T{}                        // never nil: what is printed as JSON is a list
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return out, nil
}

// One runs a statement that returns exactly one row and scans it into dest.
func One(ctx context.Context, q Querier, s sqltext.Stmt, dest ...any) error {
	n, err := Collect(ctx, q, s, func(r *sql.Rows) (struct{}, error) { return struct{}{}, r.Scan(dest...) })
	if err == nil && len(n) != 1 {
		return fmt.Errorf("%s: %d rows instead of one", s.Name, len(n))
	}
	return err
}
