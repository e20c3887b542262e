package config

import (
	"bytes"
	"encoding"
	"encoding/json"
	"path"
	"reflect"

	"vouch/referral"
)

// object is a JSON object; encoding/json writes its keys sorted, so that the schema is stable.
type object map[string]any

// Schema returns the JSON Schema (draft 2020-12) of vouch.yaml, for editors that check and complete
// while typing. It is generated from the types that Load decodes into, with the notes of notes.go
// for descriptions and allowed values. It is as strict as the types are; what depends on several
// values at once, on the calendar or on the data only Load can tell.
func Schema() []byte {
	s := schemaBuilder{defs: object{}}
	root := s.object(reflect.TypeFor[Config]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "vouch.yaml"
	root["description"] = "The configuration of a Vouch project, or a file it includes."
	root["$defs"] = s.defs
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil { // maps, lists and texts always encode
		panic(err)
	}
	return b.Bytes()
}

type schemaBuilder struct{ defs object }

// typeKey names a type in the notes and definitions: "funnel.Step".
func typeKey(t reflect.Type) string { return path.Base(t.PkgPath()) + "." + t.Name() }

// object describes a struct in place.
func (s schemaBuilder) object(t reflect.Type) object {
	properties, required := object{}, []string{}
	names, index := keys(t)
	for _, name := range names {
		note := notes[typeKey(t)+"."+name]
		properties[name] = s.property(t.Field(index[name]).Type, note)
		if note.required {
			required = append(required, name)
		}
	}
	o := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		o["required"] = required
	}
	return o
}

// property describes a field with its note.
func (s schemaBuilder) property(t reflect.Type, n note) object {
	o := s.value(t, n)
	if n.doc != "" {
		o["description"] = n.doc
	}
	if n.with != nil {
		n.with(o)
	}
	return o
}

// value describes what a type accepts; allowed values of a list or mapping are those of its items.
func (s schemaBuilder) value(t reflect.Type, n note) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case rawType:
		return object{}
	case numberType:
		return object{"type": "number"}
	case filesType:
		return object{"anyOf": []object{{"type": "string", "minLength": 1}, {"type": "object", "additionalProperties": object{"type": "string", "minLength": 1}, "minProperties": 1}}}
	case reflect.TypeFor[referral.Duration]():
		return object{"type": "string", "pattern": "^([0-9]+(w|d|h|m|s|us))+$"}
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return object{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Struct:
		return s.structure(t)
	case reflect.Map:
		return object{"type": []string{"object", "null"}, "additionalProperties": s.value(t.Elem(), n)}
	case reflect.Slice:
		list := object{"type": []string{"array", "null"}, "items": s.value(t.Elem(), n)}
		if reflect.PointerTo(t).Implements(reflect.TypeFor[fromText]()) { // a list with a short form
			return object{"anyOf": []object{{"type": scalars}, list}}
		}
		return list
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	default:
	}
	switch {
	case n.enum != nil:
		return object{"enum": n.enum}
	case n.pattern != "":
		return object{"type": "string", "pattern": n.pattern}
	}
	return object{"type": scalars}
}

// scalars are the types a text may be written in: any scalar is read as its text.
var scalars = []string{"string", "number", "boolean"}

// structure refers to the definition of a struct; one with a short form may be text as well.
func (s schemaBuilder) structure(t reflect.Type) object {
	key := typeKey(t)
	short := reflect.PointerTo(t).Implements(reflect.TypeFor[fromText]())
	if names, _ := keys(t); len(names) == 0 && short {
		return object{"type": scalars}
	}
	if _, ok := s.defs[key]; !ok {
		s.defs[key] = nil // ends a recursion
		s.defs[key] = s.object(t)
	}
	ref := object{"$ref": "#/$defs/" + key}
	if short {
		return object{"anyOf": []object{{"type": scalars}, ref}}
	}
	return ref
}
