package funnel

import (
	"math"

	"vouch/internal/engine"
)

// judgement is a condition on a property that SQL cannot state exactly: SQL hands over the property's
// JSON, and Go decides.
type judgement struct {
	Field field
	op    string
	want  value
	bit   int // its place in the columns of conditions
}

// judged reports whether a condition is beyond SQL: equality of lists and objects, and numbers that a
// double does not hold.
func judged(c Condition) bool {
	if !isProp(c.Field) || c.Op == "is_null" || c.Op == "not_null" || c.Op == "contains" {
		return false
	}
	v := parseValue(c.Value)
	if v.kind == treeValue {
		return c.Op == "=" || c.Op == "!="
	}
	return !v.isDouble()
}

// isDouble reports whether a number compares as a double as it does exactly; no other value has a
// difference to lose. Whole numbers up to 2⁵³ do, however large the other number is.
func (v value) isDouble() bool {
	const exact = 1 << 53
	return v.kind != numberValue || !math.IsInf(v.num, 0) && (!v.isInt || -exact <= v.whole && v.whole <= exact)
}

// judge sets the bits of the conditions that hold for a row.
func judge(list []judgement, columns []engine.Column, row int, masks []int64) {
	for i := range list {
		var v value
		if !columns[i].IsNull(row) {
			v = parseValue([]byte(columns[i].Text[row]))
		}
		if j := &list[i]; holds(j.op, v, j.want) {
			masks[j.bit/maskBits] |= 1 << (j.bit % maskBits)
		}
	}
}
