package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// rowBatch is the number of rows of a batch of the row path: DuckDB's vector size, so that both
// paths give batches of like size.
const rowBatch = 2048

// streamRows reads row by row through database/sql. It works without Arrow and is the oracle the
// Arrow path is tested against.
func streamRows(ctx context.Context, conn *sql.Conn, s sqltext.Stmt, each func(*engine.Batch) error) (err error) {
	rows, err := conn.QueryContext(ctx, s.Text, s.Args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	b, err := newRowBuilder(rows)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := rows.Scan(b.dest...); err != nil {
			return err
		}
		if err := b.add(); err != nil {
			return err
		}
		if b.batch.Len == rowBatch {
			if err := each(&b.batch); err != nil {
				return err
			}
			b.reset()
		}
	}
	if err := errors.Join(rows.Err(), ctx.Err()); err != nil {
		return err
	}
	if b.batch.Len > 0 {
		return each(&b.batch)
	}
	return nil
}

// rowBuilder turns scanned rows into a batch whose slices it reuses.
type rowBuilder struct {
	names  []string
	add1   []func(c *engine.Column, v any) bool // appends one value; false if the Go type is not the expected one
	values []any
	dest   []any
	valid  [][]bool
	batch  engine.Batch
}

func newRowBuilder(rows *sql.Rows) (*rowBuilder, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	n := len(types)
	b := &rowBuilder{values: make([]any, n), dest: make([]any, n), valid: make([][]bool, n)}
	b.batch.Columns = make([]engine.Column, n)
	for i, t := range types {
		add, ok := rowAdders[t.DatabaseTypeName()]
		if !ok {
			return nil, refuse(t.Name(), plainType(t.DatabaseTypeName()))
		}
		b.names = append(b.names, t.Name())
		b.add1 = append(b.add1, add)
		b.dest[i] = &b.values[i]
		b.valid[i] = make([]bool, 0, rowBatch)
		add(&b.batch.Columns[i], nil) // the first append makes the slice, so that it is never nil
	}
	b.reset()
	return b, nil
}

// plainType drops the parameters of a type: DECIMAL(18,2) is DECIMAL.
func plainType(t string) string {
	for i := range len(t) {
		if t[i] == '(' {
			return t[:i]
		}
	}
	return t
}

func (b *rowBuilder) add() error {
	for i, v := range b.values {
		c := &b.batch.Columns[i]
		if v == nil && c.Valid == nil {
			c.Valid = b.valid[i][:0]
			for range b.batch.Len {
				c.Valid = append(c.Valid, true)
			}
		}
		if c.Valid != nil {
			c.Valid = append(c.Valid, v != nil)
		}
		if !b.add1[i](c, v) {
			return fmt.Errorf("column %q: unexpected Go type %T", b.names[i], v)
		}
	}
	b.batch.Len++
	return nil
}

func (b *rowBuilder) reset() {
	b.batch.Len = 0
	for i := range b.batch.Columns {
		c := &b.batch.Columns[i]
		if c.Valid != nil {
			b.valid[i] = c.Valid[:0]
		}
		*c = engine.Column{
			I8: c.I8[:0], U8: c.U8[:0], I16: c.I16[:0], U16: c.U16[:0], I32: c.I32[:0], I64: c.I64[:0], Text: c.Text[:0],
		}
	}
}

// rowAdders holds, by DuckDB type, how a scanned value joins the column. NULL takes a slot with the
// zero value.
var rowAdders = map[string]func(*engine.Column, any) bool{
	"TINYINT":     func(c *engine.Column, v any) bool { return push(&c.I8, v) },
	"UTINYINT":    func(c *engine.Column, v any) bool { return push(&c.U8, v) },
	"SMALLINT":    func(c *engine.Column, v any) bool { return push(&c.I16, v) },
	"USMALLINT":   func(c *engine.Column, v any) bool { return push(&c.U16, v) },
	"INTEGER":     func(c *engine.Column, v any) bool { return push(&c.I32, v) },
	"BIGINT":      func(c *engine.Column, v any) bool { return push(&c.I64, v) },
	"VARCHAR":     func(c *engine.Column, v any) bool { return push(&c.Text, v) },
	"ENUM":        func(c *engine.Column, v any) bool { return push(&c.Text, v) },
	"UINTEGER":    pushUint32,
	"DATE":        pushDate,
	"TIMESTAMP":   pushTime,
	"TIMESTAMPTZ": pushTime,
}

func push[T any](dst *[]T, v any) bool {
	x, ok := v.(T)
	*dst = append(*dst, x)
	return ok || v == nil
}

func pushUint32(c *engine.Column, v any) bool {
	x, ok := v.(uint32)
	c.I64 = append(c.I64, int64(x))
	return ok || v == nil
}

func pushTime(c *engine.Column, v any) bool {
	x, ok := v.(time.Time)
	micros := int64(0)
	if ok {
		micros = x.UnixMicro()
	}
	c.I64 = append(c.I64, micros)
	return ok || v == nil
}

// pushDate counts days since 1970; the driver gives midnight UTC, so the division is exact.
func pushDate(c *engine.Column, v any) bool {
	x, ok := v.(time.Time)
	days := int32(0)
	if ok {
		days = int32(x.Unix() / 86_400)
	}
	c.I32 = append(c.I32, days)
	return ok || v == nil
}
