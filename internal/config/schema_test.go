package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestSchema_committedCopy keeps docs/vouch.schema.json, which editors load, equal to the types.
func TestSchema_committedCopy(t *testing.T) {
	golden(t, filepath.Join("..", "..", "docs", "vouch.schema.json"), string(Schema()))
	if !bytes.Equal(Schema(), Schema()) {
		t.Error("two calls differ")
	}
}

// TestNotes_complete: every key of the file has a description, and no description is of a key that
// no longer exists.
func TestNotes_complete(t *testing.T) {
	left := maps.Clone(notes)
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(typ.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[typ] {
			return
		}
		seen[typ] = true
		names, index := keys(typ)
		for _, name := range names {
			key := typeKey(typ) + "." + name
			n, ok := notes[key]
			if !ok || !strings.HasSuffix(n.doc, ".") {
				t.Errorf("%s has no sentence in notes", key)
			}
			delete(left, key)
			walk(typ.Field(index[name]).Type)
		}
	}
	walk(reflect.TypeFor[Config]())
	for _, key := range slices.Sorted(maps.Keys(left)) {
		t.Errorf("note of %s, which does not exist", key)
	}
}

// TestSchema_allowedValuesLoad writes each allowed value of the top-level keys and of sources into
// a file: what the schema offers must load.
func TestSchema_allowedValuesLoad(t *testing.T) {
	var doc struct {
		Properties map[string]struct{ Enum []string }
		Defs       map[string]struct {
			Properties map[string]struct{ Enum []string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	tried := 0
	try := func(text string) {
		tried++
		if _, err := Load(write(t, "-- vouch.yaml --\nversion: 1\n"+text), os.Getenv); err != nil {
			t.Errorf("%s%v", text, err)
		}
	}
	for key, p := range doc.Properties {
		for _, v := range p.Enum {
			try(key + ": " + v + "\n")
		}
	}
	for _, v := range doc.Defs["ingest.Source"].Properties["kind"].Enum {
		try("sources: [{name: s, kind: " + v + ", files: a.csv}]\n")
	}
	for key, p := range doc.Defs["attribution.Definition"].Properties {
		for _, v := range p.Enum {
			try("attribution: {a: {conversion: x, touches: [y], " + key + ": " + v + "}}\n")
		}
	}
	for key, p := range doc.Defs["cohorts.Definition"].Properties {
		for _, v := range p.Enum {
			if key == "age" {
				try("cohorts: {a: {by: " + v + ", age: " + v + "}}\n")
			}
		}
	}
	for _, v := range doc.Defs["config.Mail"].Properties["tls"].Enum {
		try("mail: {tls: " + v + "}\n")
	}
	if tried < 190 {
		t.Errorf("only %d values were tried", tried)
	}
}
