package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite expected files")

// project writes a case to a temporary folder and goes there, so that messages name files as a user
// standing in the project would see them. A .yaml file is the vouch.yaml, a .txtar file a project.
func project(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	parts := []txtar.File{{Name: FileName, Data: text}}
	if filepath.Ext(path) == ".txtar" {
		parts = txtar.Parse(text).Files
	}
	for _, f := range parts {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// cases lists the cases of a folder of testdata.
func cases(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	for _, ext := range []string{"yaml", "txtar"} {
		found, err := filepath.Glob(filepath.Join("testdata", folder, "*."+ext))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			abs, err := filepath.Abs(f)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, abs)
		}
	}
	return out
}

// golden compares got with the file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("want -, got +\n%s", d)
	}
}

// TestLoad_bad is the specification of refusal: each file of testdata/bad is refused with exactly
// the text beside it. Its first line says what the JSON Schema makes of the main file; what the
// schema lets through, only Load can know.
func TestLoad_bad(t *testing.T) {
	schema := compiled(t)
	all := cases(t, "bad")
	if len(all) < 40 {
		t.Fatalf("only %d cases", len(all))
	}
	for _, path := range all {
		name := strings.TrimSuffix(path, filepath.Ext(path))
		t.Run(filepath.Base(name), func(t *testing.T) {
			dir := project(t, path)
			t.Chdir(dir)
			cfg, err := Load(".", os.Getenv)
			if err == nil {
				t.Fatalf("accepted: %+v", cfg)
			}
			var ps referral.Problems
			if !errors.As(err, &ps) {
				t.Fatalf("%T, want referral.Problems", err)
			}
			golden(t, name+".txt", "schema: "+verdict(t, schema)+"\n"+err.Error()+"\n")
		})
	}
}

// TestLoad_good loads each project of testdata/good and compares the whole configuration, defaults
// included, with the JSON beside it. The schema must accept it as well.
func TestLoad_good(t *testing.T) {
	schema := compiled(t)
	for _, path := range cases(t, "good") {
		name := strings.TrimSuffix(path, filepath.Ext(path))
		t.Run(filepath.Base(name), func(t *testing.T) {
			dir := project(t, path)
			t.Chdir(dir)
			cfg, err := Load(".", os.Getenv)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".json", written(t, cfg))
			if v := verdict(t, schema); v != "accepts" {
				t.Errorf("the schema %s what Load accepts", v)
			}
		})
	}
}

// written is the configuration as JSON without what is empty, so that a new option with its default
// changes no expected file.
func written(t *testing.T, cfg *Config) string {
	t.Helper()
	b, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	b, err = json.MarshalIndent(pruned(tree), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + "\n"
}

// pruned removes the keys of objects whose value is zero.
func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			switch item {
			case nil, "", false, json.Number("0"), "0s":
				delete(v, k)
			default:
				v[k] = pruned(item)
			}
		}
	case []any:
		for i := range v {
			v[i] = pruned(v[i])
		}
	}
	return v
}

// compiled returns the schema as a validator.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("vouch.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("vouch.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verdict says what the schema makes of the vouch.yaml in the working folder.
func verdict(t *testing.T, s *jsonschema.Schema) string {
	t.Helper()
	text, err := os.ReadFile(FileName)
	if err != nil {
		return "no file"
	}
	root, bad := parse(text)
	if bad != nil {
		return "not read"
	}
	d := &decoder{places: places{}, broken: map[string]bool{}, found: new([]located)}
	b, ok := d.json("", root)
	if !ok || len(*d.found) > 0 {
		return "not JSON"
	}
	inst, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(inst); err != nil {
		return "rejects"
	}
	return "accepts"
}
