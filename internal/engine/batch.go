package engine

import "slices"

// Batch is a run of rows as plain slices, one per column of the statement.
type Batch struct {
	Len     int
	Columns []Column
}

// Column is one column of a batch. Exactly one of the slices is set; integers keep the width the
// engine stored them in, so that narrow keys cost narrow reads. Timestamps are microseconds since
// 1970 in I64, dates are days since 1970 in I32.
type Column struct {
	I8   []int8
	U8   []uint8
	I16  []int16
	U16  []uint16
	I32  []int32
	I64  []int64
	Text []string
	// Valid is nil when no value is NULL; else Valid[i] tells whether row i has one. The slot of a
	// NULL is unspecified.
	Valid []bool
}

// IsNull reports whether row i is NULL.
func (c *Column) IsNull(i int) bool { return c.Valid != nil && !c.Valid[i] }

// Int returns the integer at row i, whatever its width.
func (c *Column) Int(i int) int64 {
	switch {
	case c.I64 != nil:
		return c.I64[i]
	case c.I32 != nil:
		return int64(c.I32[i])
	case c.U8 != nil:
		return int64(c.U8[i])
	case c.I16 != nil:
		return int64(c.I16[i])
	case c.U16 != nil:
		return int64(c.U16[i])
	case c.I8 != nil:
		return int64(c.I8[i])
	}
	panic("engine: not an integer column")
}

// AppendInts appends the column as 64-bit integers to dst: one tight loop per width, for kernels
// that read a column more than once.
func (c *Column) AppendInts(dst []int64) []int64 {
	switch {
	case c.I64 != nil:
		return append(dst, c.I64...)
	case c.I32 != nil:
		return widen(dst, c.I32)
	case c.U8 != nil:
		return widen(dst, c.U8)
	case c.I16 != nil:
		return widen(dst, c.I16)
	case c.U16 != nil:
		return widen(dst, c.U16)
	case c.I8 != nil:
		return widen(dst, c.I8)
	}
	panic("engine: not an integer column")
}

func widen[T int8 | uint8 | int16 | uint16 | int32](dst []int64, src []T) []int64 {
	n := len(dst)
	dst = slices.Grow(dst, len(src))[:n+len(src)]
	for i, v := range src {
		dst[n+i] = int64(v)
	}
	return dst
}
