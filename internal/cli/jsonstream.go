package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
)

// writeJSON writes what encoding/json would, but the fields of the two outer structs one by one and the elements
// of their lists one by one: an answer of some megabytes then needs no buffer of its size, and whoever reads it
// reads along.
func writeJSON(w io.Writer, v any) error {
	s := &jsonStream{w: bufio.NewWriterSize(w, 1<<16)}
	s.enc = json.NewEncoder(&s.buf)
	s.enc.SetEscapeHTML(false)
	if err := s.value(reflect.ValueOf(v), 2); err != nil {
		return err
	}
	s.text("\n")
	return s.w.Flush()
}

// jsonStream writes the parts of an answer. The writer keeps its first error and returns it when flushed.
type jsonStream struct {
	w   *bufio.Writer
	buf bytes.Buffer
	enc *json.Encoder
}

// value writes a value, its fields apart if it lies less than levels deep.
func (s *jsonStream) value(v reflect.Value, levels int) error {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if levels == 0 || v.Kind() != reflect.Struct || !apart(v.Type()) {
		return s.whole(v)
	}
	s.text("{")
	first := true
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		field := v.Field(i)
		if option == "omitempty" && empty(field) {
			continue
		}
		if !first {
			s.text(",")
		}
		first = false
		s.text(`"` + name + `":`)
		if err := s.field(field, levels-1); err != nil {
			return err
		}
	}
	s.text("}")
	return nil
}

// field writes a field, a list by its elements.
func (s *jsonStream) field(v reflect.Value, levels int) error {
	if v.Kind() != reflect.Slice || v.Len() == 0 || v.Type().Elem().Kind() != reflect.Struct || v.Type().Implements(marshaler) {
		return s.value(v, levels)
	}
	for i := range v.Len() {
		s.text(string("[,"[min(i, 1)]))
		if err := s.whole(v.Index(i)); err != nil {
			return err
		}
	}
	s.text("]")
	return nil
}

// whole writes a value at once.
func (s *jsonStream) whole(v reflect.Value) error {
	s.buf.Reset()
	var of any
	if v.IsValid() {
		of = v.Interface()
	}
	if err := s.enc.Encode(of); err != nil {
		return err
	}
	_, err := s.w.Write(s.buf.Bytes()[:s.buf.Len()-1]) // less the line break
	return err
}

// text writes punctuation.
func (s *jsonStream) text(t string) { _, _ = s.w.WriteString(t) }

var marshaler = reflect.TypeFor[json.Marshaler]()

// apart reports whether a struct is written field by field: all of them exported and named, with no option
// but omitempty.
func apart(t reflect.Type) bool {
	if t.Implements(marshaler) || reflect.PointerTo(t).Implements(marshaler) {
		return false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "" || name == "-" || option != "" && option != "omitempty" {
			return false
		}
	}
	return true
}

// empty is what omitempty leaves out.
func empty(v reflect.Value) bool {
	if k := v.Kind(); k == reflect.Slice || k == reflect.Map || k == reflect.String || k == reflect.Array {
		return v.Len() == 0
	}
	return v.Kind() != reflect.Struct && v.IsZero()
}
