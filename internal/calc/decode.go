package calc

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode reads an input object into T. It is stricter than encoding/json where leniency would turn
// a mistake into a number:
//
//   - a key is matched exactly, not by folding case;
//   - a key without the tag calc:"optional" must be present, at every depth;
//   - null is accepted only by pointers, any and json.RawMessage, never read as 0;
//   - a whole number may be written 3, 3.0 or 3e0, but not 3.5;
//   - numbers must be finite.
//
// Unknown keys are ignored, so that a caller may send notes along. Types that implement
// json.Unmarshaler or encoding.TextUnmarshaler read themselves.
func decode[T any](raw json.RawMessage) (T, error) { return decodeWith[T](raw, false) }

// decodeStrict is decode that refuses unknown keys at every depth.
func decodeStrict[T any](raw json.RawMessage) (T, error) { return decodeWith[T](raw, true) }

func decodeWith[T any](raw json.RawMessage, strict bool) (T, error) {
	var out T
	if len(bytes.TrimSpace(raw)) == 0 {
		return out, Invalid("input is missing")
	}
	tree, err := parse(raw)
	if err != nil {
		return out, Invalid("input: %v", err)
	}
	d := decoder{strict: strict}
	if err := d.value("", tree, reflect.ValueOf(&out).Elem()); err != nil {
		return out, answerError(err)
	}
	return out, nil
}

// answerError keeps an *Error and turns any other error into invalid_input.
func answerError(err error) error {
	_, err = answer(nil, err)
	return err
}

// parse reads one JSON value with numbers as json.Number.
func parse(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return tree, nil
}

type decoder struct{ strict bool }

var (
	rawType    = reflect.TypeFor[json.RawMessage]()
	numberType = reflect.TypeFor[json.Number]()
)

// value assigns a JSON value to dst; path names it in errors.
func (d decoder) value(path string, v any, dst reflect.Value) error {
	if done, err := d.own(path, v, dst); done {
		return err
	}
	if v == nil {
		switch dst.Kind() {
		case reflect.Pointer, reflect.Interface:
			dst.SetZero()
			return nil
		default:
			return wrong(path, dst.Type(), v)
		}
	}
	switch dst.Kind() {
	case reflect.Pointer:
		p := reflect.New(dst.Type().Elem())
		dst.Set(p)
		return d.value(path, v, p.Elem())
	case reflect.Interface:
		dst.Set(reflect.ValueOf(v))
		return nil
	case reflect.Struct:
		return d.object(path, v, dst)
	case reflect.Map:
		return d.mapping(path, v, dst)
	case reflect.Slice, reflect.Array:
		return d.list(path, v, dst)
	default:
		return scalar(path, v, dst)
	}
}

// own lets a type read itself; done says that it has.
func (d decoder) own(path string, v any, dst reflect.Value) (done bool, err error) {
	switch dst.Type() {
	case rawType:
		b, err := json.Marshal(v)
		dst.SetBytes(b)
		return true, err
	case numberType:
		n, ok := v.(json.Number)
		if !ok {
			return true, wrong(path, dst.Type(), v)
		}
		dst.SetString(string(n))
		return true, nil
	}
	if !dst.CanAddr() {
		return false, nil
	}
	switch self := dst.Addr().Interface().(type) {
	case json.Unmarshaler:
		b, err := json.Marshal(v)
		if err != nil {
			return true, err
		}
		return true, located(path, self.UnmarshalJSON(b))
	case encoding.TextUnmarshaler:
		s, ok := v.(string)
		if !ok {
			return true, wrong(path, reflect.TypeFor[string](), v)
		}
		return true, located(path, self.UnmarshalText([]byte(s)))
	}
	return false, nil
}

// located puts the path before an error's text.
func located(path string, err error) error {
	if err == nil || path == "" {
		return err
	}
	return Invalid("%s: %v", path, err)
}

func (d decoder) object(path string, v any, dst reflect.Value) error {
	m, ok := v.(map[string]any)
	if !ok {
		return wrong(path, dst.Type(), v)
	}
	known := map[string]bool{}
	for f, at := range structFields(dst.Type()) {
		known[f.Name] = true
		item, present := m[f.Name]
		if !present {
			if !f.Optional {
				return Invalid("%s is missing", join(path, f.Name))
			}
			continue
		}
		if err := d.value(join(path, f.Name), item, dst.FieldByIndex(at)); err != nil {
			return err
		}
	}
	if d.strict {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !known[k] {
				return Invalid("unknown key %q", join(path, k))
			}
		}
	}
	return nil
}

func (d decoder) mapping(path string, v any, dst reflect.Value) error {
	m, ok := v.(map[string]any)
	if !ok {
		return wrong(path, dst.Type(), v)
	}
	out := reflect.MakeMapWithSize(dst.Type(), len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		item := reflect.New(dst.Type().Elem()).Elem()
		if err := d.value(join(path, k), m[k], item); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(k).Convert(dst.Type().Key()), item)
	}
	dst.Set(out)
	return nil
}

func (d decoder) list(path string, v any, dst reflect.Value) error {
	items, ok := v.([]any)
	if !ok {
		return wrong(path, dst.Type(), v)
	}
	if dst.Kind() == reflect.Array {
		if len(items) != dst.Len() {
			return Invalid("%s: want a list of %d, got %d", name(path), dst.Len(), len(items))
		}
	} else {
		dst.Set(reflect.MakeSlice(dst.Type(), len(items), len(items)))
	}
	for i, item := range items {
		if err := d.value(path+"["+strconv.Itoa(i)+"]", item, dst.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func scalar(path string, v any, dst reflect.Value) error {
	switch x := v.(type) {
	case string:
		if dst.Kind() == reflect.String {
			dst.SetString(x)
			return nil
		}
	case bool:
		if dst.Kind() == reflect.Bool {
			dst.SetBool(x)
			return nil
		}
	case json.Number:
		switch dst.Kind() {
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			n, err := whole(string(x))
			if err != nil || dst.OverflowInt(n) {
				return wrong(path, dst.Type(), v)
			}
			dst.SetInt(n)
			return nil
		case reflect.Float32, reflect.Float64:
			f, err := strconv.ParseFloat(string(x), 64)
			if err != nil || math.IsInf(f, 0) {
				return wrong(path, dst.Type(), v)
			}
			dst.SetFloat(f)
			return nil
		default:
		}
	}
	return wrong(path, dst.Type(), v)
}

// whole reads an integer however JSON spells it.
func whole(s string) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) >= 1<<63 {
		return 0, fmt.Errorf("%s is out of range", s)
	}
	if f == 0 && strings.Trim(s, "-0.eE+") == "" {
		return 0, nil
	}
	// The text is near 2^63 at most, but its fraction may be long and its exponent very negative;
	// anything that has a fraction is refused, so the length bound loses nothing.
	if len(s) > 64 || math.Abs(f) < 0.5 {
		return 0, fmt.Errorf("%s is not whole", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, fmt.Errorf("%s is not whole", s)
	}
	return r.Num().Int64(), nil
}

// wrong says what belongs at a path and what was found there.
func wrong(path string, want reflect.Type, got any) error {
	return Invalid("%s: want %s, got %s", name(path), typeName(want), describe(got))
}

// describe writes a JSON value for an error message, cut to a readable length.
func describe(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("%T", v)
	}
	if s := []rune(string(b)); len(s) > 60 {
		return string(s[:57]) + "…"
	}
	return string(b)
}

func name(path string) string {
	if path == "" {
		return "input"
	}
	return path
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// oneOrMany is an input that is one value for all rows, or a list with one per row.
type oneOrMany[T any] struct {
	list   []T
	single bool
}

// UnmarshalJSON reads a value or a list of values.
func (o *oneOrMany[T]) UnmarshalJSON(b []byte) (err error) {
	if o.single = len(b) == 0 || b[0] != '['; !o.single {
		o.list, err = decode[[]T](b)
		return err
	}
	one, err := decode[T](b)
	o.list = []T{one}
	return err
}

// describe names the forms for messages and the list of methods.
func (o *oneOrMany[T]) describe() string {
	one := typeName(reflect.TypeFor[T]())
	return one + " or a list of " + plural(one)
}
