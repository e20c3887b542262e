package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vouch/internal/ingest"
	"vouch/referral"

	"go.yaml.in/yaml/v3"
)

// fromText is implemented by types that have a short form in one word.
type fromText interface{ FromText(string) error }

// decoder writes the values of a YAML tree into Go values by json tags, noting where each stood.
// It never stops at a mistake: a value that does not fit stays at its zero value and becomes a
// problem.
type decoder struct {
	file   string
	order  int
	places places
	broken map[string]bool // paths whose value could not be read
	found  *[]located
}

var (
	rawType    = reflect.TypeFor[json.RawMessage]()
	numberType = reflect.TypeFor[json.Number]()
	filesType  = reflect.TypeFor[ingest.Files]()
)

// fail reports a value that could not be read.
func (d *decoder) fail(path string, n *yaml.Node, hint, format string, args ...any) {
	d.report(path, n, hint, format, args...)
	d.broken[path] = true
}

// report notes a problem at a node.
func (d *decoder) report(path string, n *yaml.Node, hint, format string, args ...any) {
	at := placeOf(d.file, d.order, n)
	p := at.at(referral.Problem{Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
	*d.found = append(*d.found, located{at, p})
}

// value decodes one node. The place of a value is that of its text; of a mapping or list, that of
// its key, which mapping and object set before they call value.
func (d *decoder) value(path string, n *yaml.Node, dst reflect.Value) {
	if _, ok := d.places[path]; !ok {
		d.places[path] = placeOf(d.file, d.order, n)
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	if d.special(path, n, dst) {
		return
	}
	switch dst.Kind() {
	case reflect.Struct:
		d.object(path, n, dst)
	case reflect.Map:
		d.mapping(path, n, dst)
	case reflect.Slice:
		d.list(path, n, dst)
	default:
		d.scalar(path, n, dst)
	}
}

// special decodes types that have a form of their own; false leaves the node to its kind.
func (d *decoder) special(path string, n *yaml.Node, dst reflect.Value) bool {
	self := dst.Addr().Interface()
	switch dst.Type() {
	case rawType:
		if b, ok := d.json(path, n); ok {
			dst.SetBytes(b)
		}
		return true
	case numberType:
		if text, ok := d.number(path, n); ok {
			dst.SetString(text)
		}
		return true
	case filesType:
		switch n.Kind {
		case yaml.MappingNode:
			d.mapping(path, n, dst.FieldByName("Named"))
			return true
		case yaml.SequenceNode:
			d.wrong(path, n, filesType)
			return true
		default: // one file name, read by FromText
		}
	}
	if t, ok := self.(encoding.TextUnmarshaler); ok {
		if text, ok := d.text(path, n, dst.Type()); ok {
			if err := t.UnmarshalText([]byte(text)); err != nil {
				d.fail(path, n, "", "%v", err)
			}
		}
		return true
	}
	if t, ok := self.(fromText); ok && n.Kind == yaml.ScalarNode {
		if text, ok := d.text(path, n, dst.Type()); ok {
			if err := t.FromText(text); err != nil {
				d.fail(path, n, "", "%v", err)
			}
		}
		return true
	}
	if j, ok := self.(json.Unmarshaler); ok {
		if b, ok := d.json(path, n); ok {
			if err := j.UnmarshalJSON(b); err != nil {
				d.fail(path, n, "", "%v", err)
			}
		}
		return true
	}
	return false
}

// keys lists the keys of a struct in order with their field indexes.
func keys(t reflect.Type) (names []string, index map[string]int) {
	index = map[string]int{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || name == "" || !f.IsExported() {
			continue
		}
		names = append(names, name)
		index[name] = i
	}
	return names, index
}

// object decodes a mapping into a struct.
func (d *decoder) object(path string, n *yaml.Node, dst reflect.Value) {
	if n.Kind != yaml.MappingNode {
		d.wrong(path, n, dst.Type())
		return
	}
	names, index := keys(dst.Type())
	d.pairs(path, n, func(key string, k, v *yaml.Node) {
		i, ok := index[key]
		if !ok {
			d.unknown(path, key, k, names)
			return
		}
		d.value(d.enter(path, key, k, v), v, dst.Field(i))
	})
}

// mapping decodes a mapping of names into a Go map, adding to what is there.
func (d *decoder) mapping(path string, n *yaml.Node, dst reflect.Value) {
	if isNull(n) {
		return // a section whose entries are all commented out
	}
	if n.Kind != yaml.MappingNode {
		d.wrong(path, n, dst.Type())
		return
	}
	if dst.IsNil() {
		dst.Set(reflect.MakeMap(dst.Type()))
	}
	d.pairs(path, n, func(key string, k, v *yaml.Node) {
		item := reflect.New(dst.Type().Elem()).Elem()
		d.value(d.enter(path, key, k, v), v, item)
		if item.Kind() == reflect.Struct {
			if f, ok := item.Type().FieldByName("Name"); ok && f.Tag.Get("json") == "-" {
				item.FieldByIndex(f.Index).SetString(key)
			}
		}
		dst.SetMapIndex(reflect.ValueOf(key).Convert(dst.Type().Key()), item)
	})
}

// pairs calls f for every key that is text and was not given before, here or in another file.
func (d *decoder) pairs(path string, n *yaml.Node, f func(key string, k, v *yaml.Node)) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || isNull(k) || k.Value == "" {
			d.report(path, k, "", "a key must be a name, got %s", describe(k))
			continue
		}
		if first, ok := d.places[join(path, k.Value)]; ok {
			d.again(path, k, first)
			continue
		}
		f(k.Value, k, v)
	}
}

// again reports a key that was given before.
func (d *decoder) again(path string, k *yaml.Node, first place) {
	where := fmt.Sprintf("line %d", first.line)
	if first.order != d.order {
		where = fmt.Sprintf("%s:%d:%d", first.file, first.line, first.col)
	}
	d.report(path, k, "first at "+where, "%q is given twice", k.Value)
}

// enter notes the place of an entry and returns its path.
func (d *decoder) enter(path, key string, k, v *yaml.Node) string {
	path = join(path, key)
	at := v
	if v.Kind != yaml.ScalarNode || isNull(v) {
		at = k
	}
	d.places[path] = placeOf(d.file, d.order, at)
	return path
}

// unknown reports a key that the struct does not have.
func (d *decoder) unknown(path, key string, k *yaml.Node, names []string) {
	hint := "known keys: " + strings.Join(slices.Sorted(slices.Values(names)), ", ")
	near := referral.Suggest(key, names)
	if near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	d.report(path, k, hint, "unknown key %q", key)
	if near != "" { // what this key was meant to set is not missing, it is misspelt
		d.broken[join(path, near)] = true
	}
}

// list decodes a sequence into a slice, adding to what is there.
func (d *decoder) list(path string, n *yaml.Node, dst reflect.Value) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		d.wrong(path, n, dst.Type())
		return
	}
	for _, item := range n.Content {
		at := path + "[" + strconv.Itoa(dst.Len()) + "]"
		dst.Set(reflect.Append(dst, reflect.Zero(dst.Type().Elem())))
		d.value(at, item, dst.Index(dst.Len()-1))
	}
}

// join adds a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
