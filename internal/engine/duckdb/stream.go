package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// Stream runs a statement on a connection of its own and hands over its rows in batches of some
// thousand, in the order of the statement. Integers of 8 to 64 bits, dates, timestamps with
// microseconds, and text are streamed; a column of any other type is refused before the first batch
// with an error that names it and the cast that helps. Unsigned integers of 32 bits arrive widened
// in I64. A JSON column must be cast to VARCHAR: Arrow carries it as text anyway, the row path
// refuses it, since the driver parses it.
//
// A batch is valid only until each returns; only its text may be kept.
func (d *DB) Stream(ctx context.Context, s sqltext.Stmt, each func(*engine.Batch) error) error {
	return d.stream(ctx, s, each, streamBatches)
}

// streamer reads the result of a statement on one connection.
type streamer func(context.Context, *sql.Conn, sqltext.Stmt, func(*engine.Batch) error) error

func (d *DB) stream(ctx context.Context, s sqltext.Stmt, each func(*engine.Batch) error, run streamer) (err error) {
	conn, err := d.sql.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	return interrupted(ctx, run(ctx, conn, s, each))
}

// errColumnType says that a column has a type that no kernel reads.
var errColumnType = errors.New("not streamable")

// refuse names the column, its type and what to write instead.
func refuse(column, typ string) error {
	hint := "leave it out or cast it to BIGINT or VARCHAR"
	switch typ {
	case "UBIGINT", "HUGEINT", "UHUGEINT":
		hint = "cast it to BIGINT where it fits, else sum it in SQL"
	case "FLOAT", "DOUBLE", "DECIMAL":
		hint = "count in minor or micro units as BIGINT"
	case "BOOLEAN":
		hint = "cast it to UTINYINT"
	case "JSON":
		hint = "cast it to VARCHAR"
	case "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		hint = "cast it to TIMESTAMP, which has microseconds"
	}
	return fmt.Errorf("column %q has type %s: %w; %s", column, typ, errColumnType, hint)
}
