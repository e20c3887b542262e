package funnel

import (
	"slices"

	"vouch/internal/engine"
)

// lookUp looks the keys of a column up in a table, into dst from its beginning: 0 for a key beyond the table.
// What it finds for NULL is unspecified.
func lookUp(dst []int32, keys *engine.Column, table []int32) []int32 {
	switch {
	case keys.U8 != nil:
		return found(dst, keys.U8, table)
	case keys.I8 != nil:
		return found(dst, keys.I8, table)
	case keys.U16 != nil:
		return found(dst, keys.U16, table)
	case keys.I16 != nil:
		return found(dst, keys.I16, table)
	case keys.I32 != nil:
		return found(dst, keys.I32, table)
	}
	return found(dst, keys.I64, table)
}

func found[K uint8 | int8 | uint16 | int16 | int32 | int64](dst []int32, keys []K, table []int32) []int32 {
	dst = slices.Grow(dst[:0], len(keys))[:len(keys)]
	for i, key := range keys {
		n := int32(0)
		if uint64(key) < uint64(len(table)) { // a negative key is beyond it as well
			n = table[key]
		}
		dst[i] = n
	}
	return dst
}
