//go:build duckdb_arrow

package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	duckdriver "github.com/duckdb/duckdb-go/v2"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// streamBatches is the path that Stream takes: Arrow.
var streamBatches streamer = streamArrow

// Arrow tells whether streams hand over Arrow buffers.
const Arrow = true

// streamArrow hands the Arrow buffers of each batch to the caller as typed slices without copying,
// except text and unsigned 32-bit integers.
func streamArrow(ctx context.Context, conn *sql.Conn, s sqltext.Stmt, each func(*engine.Batch) error) error {
	args, err := driverArgs(s.Args)
	if err != nil {
		return err
	}
	return conn.Raw(func(dc any) error {
		c, ok := dc.(driver.Conn)
		if !ok {
			return fmt.Errorf("unexpected connection of type %T", dc)
		}
		a, err := duckdriver.NewArrowFromConn(c)
		if err != nil {
			return err
		}
		reader, err := a.QueryContext(ctx, s.Text, args...)
		if err != nil {
			return err
		}
		defer reader.Release()
		return readArrow(ctx, reader, each)
	})
}

func readArrow(ctx context.Context, reader array.RecordReader, each func(*engine.Batch) error) error {
	fields := reader.Schema().Fields()
	cols := make([]arrowColumn, len(fields))
	batch := engine.Batch{Columns: make([]engine.Column, len(fields))}
	for _, f := range fields {
		if !streamable(f) {
			return refuse(f.Name, duckType(f))
		}
	}
	for reader.Next() {
		rec := reader.RecordBatch()
		batch.Len = int(rec.NumRows())
		if batch.Len == 0 {
			continue
		}
		for i := range cols {
			c, err := cols[i].take(rec.Column(i))
			if err != nil {
				return fmt.Errorf("column %q: %w", fields[i].Name, err)
			}
			batch.Columns[i] = c
		}
		if err := each(&batch); err != nil {
			return err
		}
	}
	return errors.Join(reader.Err(), ctx.Err())
}

// arrowColumn holds the slices that a column needs besides the Arrow buffers, reused from batch to
// batch.
type arrowColumn struct {
	valid []bool
	text  []string
	wide  []int64
}

// take views one Arrow array as a column. The typed values of an array already start at its offset.
func (k *arrowColumn) take(a arrow.Array) (engine.Column, error) {
	c := engine.Column{Valid: k.validity(a)}
	switch a := a.(type) {
	case *array.Int8:
		c.I8 = a.Int8Values()
	case *array.Uint8:
		c.U8 = a.Uint8Values()
	case *array.Int16:
		c.I16 = a.Int16Values()
	case *array.Uint16:
		c.U16 = a.Uint16Values()
	case *array.Int32:
		c.I32 = a.Int32Values()
	case *array.Int64:
		c.I64 = a.Int64Values()
	case *array.Uint32:
		k.wide = k.wide[:0]
		for _, v := range a.Uint32Values() {
			k.wide = append(k.wide, int64(v))
		}
		c.I64 = k.wide
	case *array.Date32:
		c.I32 = reinterpret[int32](a.Date32Values())
	case *array.Timestamp:
		c.I64 = reinterpret[int64](a.TimestampValues())
	case *array.String:
		c.Text = k.texts(a)
	case *array.LargeString:
		c.Text = k.texts(a)
	case *array.StringView:
		c.Text = k.texts(a)
	case *array.Dictionary:
		words, ok := a.Dictionary().(texter)
		if !ok {
			return c, fmt.Errorf("dictionary of %s: %w", a.Dictionary().DataType(), errColumnType)
		}
		c.Text = k.words(a, words)
	default:
		return c, fmt.Errorf("%s: %w", a.DataType(), errColumnType)
	}
	return c, nil
}

// validity spreads the bitmap of an array that has NULLs.
func (k *arrowColumn) validity(a arrow.Array) []bool {
	if a.NullN() == 0 {
		return nil
	}
	k.valid = k.valid[:0]
	for i := range a.Len() {
		k.valid = append(k.valid, a.IsValid(i))
	}
	return k.valid
}

// texter is an array of text, however it is laid out.
type texter interface {
	arrow.Array
	Value(i int) string
}

// texts copies the bytes of a batch at once, so that a text a kernel keeps does not point into a
// buffer that DuckDB frees.
func (k *arrowColumn) texts(a texter) []string {
	var all strings.Builder
	k.wide = k.wide[:0] // ends of the values
	for i := range a.Len() {
		if a.IsValid(i) {
			all.WriteString(a.Value(i))
		}
		k.wide = append(k.wide, int64(all.Len()))
	}
	joined, from := all.String(), int64(0)
	k.text = k.text[:0]
	for _, to := range k.wide {
		k.text = append(k.text, joined[from:to])
		from = to
	}
	return k.text
}

// words spells out a dictionary column; each word is copied once a batch.
func (k *arrowColumn) words(a *array.Dictionary, dict texter) []string {
	words := make([]string, dict.Len())
	for i := range words {
		if dict.IsValid(i) {
			words[i] = strings.Clone(dict.Value(i))
		}
	}
	k.text = k.text[:0]
	for i := range a.Len() {
		w := ""
		if a.IsValid(i) {
			w = words[a.GetValueIndex(i)]
		}
		k.text = append(k.text, w)
	}
	return k.text
}

// driverArgs does for a direct call of the driver what database/sql does on the way: named types
// become their base types, values that know how to convert themselves do. Lists and big integers
// pass as they are.
func driverArgs(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, v := range args {
		switch v.(type) {
		case time.Time, *big.Int, nil:
			out[i] = v
			continue
		}
		if k := reflect.ValueOf(v).Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.Array {
			out[i] = v
			continue
		}
		c, err := driver.DefaultParameterConverter.ConvertValue(v)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		out[i] = c
	}
	return out, nil
}
