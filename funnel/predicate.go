package funnel

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// value is a JSON value of an event's field; the zero value is "missing" (absent or null).
type value struct {
	kind  valueKind
	text  string // string, or the JSON text of anything else
	whole int64
	isInt bool
	num   float64
	tree  any // list or object
}

type valueKind int

const (
	missing valueKind = iota
	textValue
	numberValue
	boolValue
	treeValue
)

// parseValue reads valid JSON.
func parseValue(raw json.RawMessage) value {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return value{}
	}
	v := value{text: string(raw)}
	switch raw[0] {
	case '"':
		v.kind = textValue
		v.text, _ = isText(raw)
	case 't', 'f':
		v.kind = boolValue
	case '{', '[':
		v.kind = treeValue
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if d.Decode(&v.tree) != nil {
			return value{}
		}
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			v.text = b.String()
		}
	default:
		v.kind = numberValue
		n, err := strconv.ParseInt(v.text, 10, 64)
		v.whole, v.isInt = n, err == nil
		v.num, _ = strconv.ParseFloat(v.text, 64) // beyond the range it is infinite, which still compares
	}
	return v
}

func text(s string) value { return value{kind: textValue, text: s} }

// equal compares type and value: number 1 is neither string "1" nor true.
func (v value) equal(o value) bool {
	if v.kind != o.kind || v.kind == missing {
		return false
	}
	switch v.kind {
	case numberValue:
		return v.compareNumber(o) == 0
	case treeValue:
		return equalTrees(v.tree, o.tree)
	default:
		return v.text == o.text
	}
}

// equalTrees compares decoded JSON by value: 1.0 is 1, and the order of an object's keys means nothing.
func equalTrees(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		n, ok := b.(json.Number)
		return ok && parseValue([]byte(a)).compareNumber(parseValue([]byte(n))) == 0
	case []any:
		list, ok := b.([]any)
		return ok && slices.EqualFunc(a, list, equalTrees)
	case map[string]any:
		object, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, object, equalTrees)
	}
	return a == b
}

func (v value) compareNumber(o value) int {
	if v.isInt && o.isInt {
		return cmpOrdered(v.whole, o.whole)
	}
	return cmpOrdered(v.num, o.num)
}

func cmpOrdered[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// holds reports whether the comparison of a field's value is true. Every operator but is_null is
// false for a missing value, != too.
func holds(op string, v, want value) bool {
	if op == "is_null" {
		return v.kind == missing
	}
	if v.kind == missing {
		return false
	}
	switch op {
	case "not_null":
		return true
	case "=":
		return v.equal(want)
	case "!=":
		return !v.equal(want)
	case "contains":
		return v.kind == textValue && want.kind == textValue && strings.Contains(v.text, want.text)
	case "<=", ">=":
		return ordersAs(op, v, want)
	}
	return false
}

// ordersAs compares two numbers, or two strings by byte order; anything else is false.
func ordersAs(op string, v, want value) bool {
	var c int
	switch {
	case v.kind == numberValue && want.kind == numberValue:
		c = v.compareNumber(want)
	case v.kind == textValue && want.kind == textValue:
		c = strings.Compare(v.text, want.text)
	default:
		return false
	}
	return op == "<=" && c <= 0 || op == ">=" && c >= 0
}
