package calc

import (
	"encoding"
	"encoding/json"
	"iter"
	"reflect"
	"strings"

	"vouch/partners/incentive"
)

// fields describes the keys of T for the list of methods.
func fields[T any]() []Field {
	var out []Field
	for f := range structFields(reflect.TypeFor[T]()) {
		out = append(out, f)
	}
	return out
}

// structFields yields the keys of a struct in order with their index, those of embedded structs in
// place.
func structFields(t reflect.Type) iter.Seq2[Field, []int] {
	return func(yield func(Field, []int) bool) { walkFields(t, nil, yield) }
}

func walkFields(t reflect.Type, at []int, yield func(Field, []int) bool) bool {
	if t.Kind() != reflect.Struct {
		return true
	}
	for i := range t.NumField() {
		f := t.Field(i)
		index := append(append([]int(nil), at...), i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case key == "-":
			continue
		case f.Anonymous && key == "":
			if !walkFields(f.Type, index, yield) {
				return false
			}
			continue
		case !f.IsExported() || key == "":
			continue
		}
		field := Field{
			Name: key, Type: strings.TrimPrefix(strings.TrimPrefix(typeName(f.Type), "a "), "an "),
			Optional: f.Tag.Get("calc") == "optional",
		}
		if !yield(field, index) {
			return false
		}
	}
	return true
}

// described is implemented by input types that say in words what they accept: "a number or a list
// of numbers".
type described interface{ describe() string }

// typeName says in words what a type accepts, with its article.
func typeName(t reflect.Type) string {
	if d, ok := reflect.New(t).Interface().(described); ok {
		return d.describe()
	}
	switch t {
	case rawType:
		return "any value"
	case numberType:
		return "a number"
	case reflect.TypeFor[incentive.Decimal]():
		return "a decimal number"
	}
	switch reflect.New(t).Interface().(type) {
	case json.Unmarshaler:
		return "a value"
	case encoding.TextUnmarshaler:
		return "a text"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list of " + plural(typeName(t.Elem()))
	case reflect.Map, reflect.Struct:
		return "an object"
	default:
		return "any value"
	}
}

// plural turns "a whole number" into "whole numbers".
func plural(s string) string {
	if rest, ok := strings.CutPrefix(s, "a list of "); ok {
		return "lists of " + rest
	}
	if s == "any value" {
		return "values"
	}
	if s == "true or false" {
		return "true and false"
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "a "), "an ")
	return s + "s"
}
