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
// double does not hold. Whole numbers below 2⁵³ compare as doubles as they do exactly, however large the
// other number is.
func judged(c Condition) bool {
	if !isProp(c.Field) || c.Op == "is_null" || c.Op == "not_null" || c.Op == "contains" {
		return false
	}
	v := parseValue(c.Value)
	if v.kind == treeValue {
		return c.Op == "=" || c.Op == "!="
	}
	const exact = 1 << 53
	return v.kind == numberValue && (v.isInt && (v.whole > exact || v.whole < -exact) || math.IsInf(v.num, 0))
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
