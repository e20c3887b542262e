//go:build duckdb_arrow

package duckdb

import (
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
)

// reinterpret views a slice of a named integer type as that integer type. Both have the same layout,
// which the constraint guarantees.
func reinterpret[To, From ~int32 | ~int64](s []From) []To {
	if len(s) == 0 {
		return []To{}
	}
	var from From
	var to To
	if unsafe.Sizeof(from) != unsafe.Sizeof(to) {
		panic("duckdb: reinterpret between widths")
	}
	return unsafe.Slice((*To)(unsafe.Pointer(&s[0])), len(s))
}

// streamable reports whether a kernel can read the column.
func streamable(f arrow.Field) bool {
	switch t := f.Type.(type) {
	case *arrow.Int8Type, *arrow.Uint8Type, *arrow.Int16Type, *arrow.Uint16Type, *arrow.Int32Type, *arrow.Uint32Type, *arrow.Int64Type,
		*arrow.Date32Type, *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		return true
	case *arrow.TimestampType:
		return t.Unit == arrow.Microsecond
	case *arrow.DictionaryType:
		switch t.ValueType.(type) {
		case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
			return true
		}
	}
	return false
}

// duckType names the DuckDB type behind a refused Arrow column, for the message.
func duckType(f arrow.Field) string {
	switch t := f.Type.(type) {
	case *arrow.Uint64Type:
		return "UBIGINT"
	case *arrow.Float32Type:
		return "FLOAT"
	case *arrow.Float64Type:
		return "DOUBLE"
	case *arrow.BooleanType:
		return "BOOLEAN"
	case *arrow.Decimal128Type:
		if t.Scale == 0 && t.Precision == 38 {
			return "HUGEINT" // Arrow has no integer of that width
		}
		return "DECIMAL"
	case *arrow.TimestampType:
		switch t.Unit {
		case arrow.Second:
			return "TIMESTAMP_S"
		case arrow.Millisecond:
			return "TIMESTAMP_MS"
		case arrow.Nanosecond, arrow.Microsecond:
		}
		return "TIMESTAMP_NS"
	}
	return f.Type.String()
}
