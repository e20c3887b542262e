package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"

	"vouch/referral"

	"go.yaml.in/yaml/v3"
)

// decimal is how a number must be written: as in JSON. YAML's other spellings (0x1F, 1_000, 010,
// .5, .inf) are refused, because readers disagree on what some of them mean.
var decimal = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?$`)

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// scalar decodes texts, booleans and numbers.
func (d *decoder) scalar(path string, n *yaml.Node, dst reflect.Value) {
	switch dst.Kind() {
	case reflect.String:
		if text, ok := d.text(path, n, dst.Type()); ok {
			dst.SetString(text)
		}
	case reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Value != "true" && n.Value != "false" {
			d.wrong(path, n, dst.Type())
			return
		}
		dst.SetBool(n.Value == "true")
	case reflect.Int, reflect.Int64:
		text, ok := d.number(path, n)
		if !ok {
			return
		}
		i, err := strconv.ParseInt(text, 10, dst.Type().Bits())
		if err != nil {
			d.wrong(path, n, dst.Type())
			return
		}
		dst.SetInt(i)
	case reflect.Float64:
		text, ok := d.number(path, n)
		if !ok {
			return
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			d.fail(path, n, "", "%s is out of range", text)
			return
		}
		dst.SetFloat(f)
	default:
		d.fail(path, n, "", "a %s cannot be configured", dst.Type())
	}
}

// text reads any scalar as it is written: dates, numbers and words such as "on" are text where text
// is wanted. Nothing at all is a mistake, the empty text "" is not.
func (d *decoder) text(path string, n *yaml.Node, want reflect.Type) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.wrong(path, n, want)
		return "", false
	}
	if isNull(n) {
		d.fail(path, n, "write a value or leave the key out", "has no value")
		return "", false
	}
	return n.Value, true
}

// number reads a decimal number and returns it as written.
func (d *decoder) number(path string, n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float") {
		if decimal.MatchString(n.Value) {
			return n.Value, true
		}
		d.fail(path, n, "write it in decimal digits, like 1000 or 0.5", "%s is not a plain number", n.Value)
		return "", false
	}
	d.wrong(path, n, numberType)
	return "", false
}

// json writes any value as JSON: a date is text, a number stays as written.
func (d *decoder) json(path string, n *yaml.Node) ([]byte, bool) {
	var b bytes.Buffer
	ok := d.writeJSON(&b, path, n)
	return b.Bytes(), ok
}

func (d *decoder) writeJSON(b *bytes.Buffer, path string, n *yaml.Node) bool {
	switch n.Kind {
	case yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			if !d.writeJSON(b, path+"["+strconv.Itoa(i)+"]", item) {
				return false
			}
		}
		b.WriteByte(']')
		return true
	case yaml.MappingNode:
		ok := true
		b.WriteByte('{')
		d.pairs(path, n, func(key string, k, v *yaml.Node) {
			if b.Bytes()[b.Len()-1] != '{' {
				b.WriteByte(',')
			}
			writeText(b, key)
			b.WriteByte(':')
			ok = d.writeJSON(b, d.enter(path, key, k, v), v) && ok
		})
		b.WriteByte('}')
		return ok
	default:
	}
	switch n.Tag {
	case "!!int", "!!float":
		text, ok := d.number(path, n)
		b.WriteString(text)
		return ok
	case "!!bool":
		if n.Value != "true" && n.Value != "false" {
			d.wrong(path, n, reflect.TypeFor[bool]())
			return false
		}
		b.WriteString(n.Value)
	case "!!null":
		b.WriteString("null")
	default:
		writeText(b, n.Value)
	}
	return true
}

func writeText(b *bytes.Buffer, s string) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil { // a string always encodes
		panic(err)
	}
	b.Truncate(b.Len() - 1)
}

// wrong reports a value of the wrong type.
func (d *decoder) wrong(path string, n *yaml.Node, want reflect.Type) {
	w, hint := wanted(want)
	if want == numberType && n.Kind == yaml.ScalarNode && decimal.MatchString(n.Value) {
		hint = "remove the quotes"
	}
	d.fail(path, n, hint, "want %s, got %s", w, describe(n))
}

// wanted says what a type accepts and how to write it.
func wanted(t reflect.Type) (what, hint string) {
	if t == reflect.TypeFor[referral.Duration]() {
		return "a duration", "write it like 30d, 36h or 90m"
	}
	if t == numberType {
		return "a number", ""
	}
	if t == filesType {
		return "a file name or a mapping", "a glob names several files: data/*.csv"
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[fromText]()) {
		return "a text or a mapping", ""
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "a mapping", "write {key: value} or one key: value a line"
	case reflect.Slice:
		return "a list", "write [a, b] or one item a line after a dash"
	case reflect.Bool:
		return "true or false", ""
	case reflect.Int, reflect.Int64:
		return "a whole number", ""
	case reflect.Float64:
		return "a number", ""
	default:
		return "a text", ""
	}
}

// describe says in words what stands at a node.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	default:
	}
	text := n.Value
	if r := []rune(text); len(r) > 60 {
		text = string(r[:57]) + "…"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!int", "!!float", "!!bool":
		return text
	default:
		return fmt.Sprintf("the text %q", text)
	}
}
