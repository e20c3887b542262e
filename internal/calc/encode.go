package calc

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Extended is a number that may be infinite: it is written "inf" or "-inf" where the definition of a
// method says so. A plain float64 that is not finite is written null.
type Extended float64

// MarshalJSON writes a number, "inf", "-inf" or null for NaN.
func (x Extended) MarshalJSON() ([]byte, error) {
	switch f := float64(x); {
	case math.IsInf(f, 1):
		return []byte(`"inf"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-inf"`), nil
	case math.IsNaN(f):
		return []byte("null"), nil
	default:
		return json.Marshal(f)
	}
}

// encode writes a result as JSON. Unlike encoding/json it writes null for a float that is NaN or
// infinite instead of failing; map keys are sorted and struct fields keep their order.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	if err := write(&b, reflect.ValueOf(v)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func write(b *bytes.Buffer, v reflect.Value) error {
	if !v.IsValid() {
		b.WriteString("null")
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		if v.IsNil() && v.Type() != rawType {
			b.WriteString("null")
			return nil
		}
	default:
	}
	switch v.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler, json.Number:
		return plain(b, v)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return write(b, v.Elem())
	case reflect.Float32, reflect.Float64:
		if f := v.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			b.WriteString("null")
			return nil
		}
		return plain(b, v)
	case reflect.Struct:
		b.WriteByte('{')
		err := writeStruct(b, v, true)
		b.WriteByte('}')
		return err
	case reflect.Map:
		return writeMap(b, v)
	case reflect.Slice, reflect.Array:
		return writeList(b, v)
	default:
		return plain(b, v)
	}
}

// plain leaves a value to encoding/json.
func plain(b *bytes.Buffer, v reflect.Value) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v.Interface()); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the encoder's line feed
	return nil
}

// writeStruct writes the fields of a struct without the braces, those of embedded structs in place.
func writeStruct(b *bytes.Buffer, v reflect.Value, first bool) error {
	start := b.Len()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && key == "" && f.Type.Kind() == reflect.Struct {
			if err := writeStruct(b, v.Field(i), first && b.Len() == start); err != nil {
				return err
			}
			continue
		}
		if key == "-" || !f.IsExported() || (option == "omitempty" && empty(v.Field(i))) {
			continue
		}
		if key == "" {
			key = f.Name
		}
		if !first || b.Len() > start {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:", key)
		if err := write(b, v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// empty is encoding/json's meaning of omitempty.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

func writeMap(b *bytes.Buffer, v reflect.Value) error {
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("a map of %s cannot be a JSON object", v.Type().Key())
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := plain(b, reflect.ValueOf(k.String())); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := write(b, v.MapIndex(k)); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

func writeList(b *bytes.Buffer, v reflect.Value) error {
	b.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := write(b, v.Index(i)); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}
