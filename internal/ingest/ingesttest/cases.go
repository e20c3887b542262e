package ingesttest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"vouch/internal/engine/duckdb"
	"vouch/referral"
)

// Case is one archive of testdata/cases: a small world with a question and the answer worked out by
// hand. Its parts are question.json, answer.json (any part of the result), answer.csv if the package
// has a use for it, and the inputs, such as events.csv.
type Case struct {
	Inputs                 map[string]string
	Question, Answer, Rows string
}

// Setting is what a question may say of the scope; embed it in the question of a package.
type Setting struct {
	AsOf   *time.Time `json:"as_of"`
	Zone   string     `json:"zone"`
	Margin int64      `json:"margin_micros"`
}

// Scope is DefaultScope with what the setting changes.
func (s Setting) Scope(t testing.TB) referral.Scope {
	t.Helper()
	scope := DefaultScope()
	if s.AsOf != nil {
		scope.AsOf = *s.AsOf
	}
	if s.Margin != 0 {
		scope.MarginMicros = s.Margin
	}
	if s.Zone != "" {
		zone, err := time.LoadLocation(s.Zone)
		if err != nil {
			t.Fatal(err)
		}
		scope.Calendar.Zone = zone
	}
	return scope
}

// Cases runs every archive of testdata/cases in a test of its own. A case that expects nothing is
// refused, and so is a folder without cases.
func Cases(t *testing.T, run func(t *testing.T, c Case)) {
	t.Helper()
	paths, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := Parse(data)
			if c.Answer == "" && c.Rows == "" {
				t.Fatal("the case expects nothing")
			}
			run(t, c)
		})
	}
}

// Parse splits an archive into its parts.
func Parse(archive []byte) Case {
	c := Case{Inputs: map[string]string{}}
	for _, f := range txtar.Parse(archive).Files {
		switch f.Name {
		case "question.json":
			c.Question = string(f.Data)
		case "answer.json":
			c.Answer = string(f.Data)
		case "answer.csv":
			c.Rows = string(f.Data)
		default:
			c.Inputs[f.Name] = string(f.Data)
		}
	}
	return c
}

// Ask reads the question into q; a key that q does not know ends the test.
func (c Case) Ask(t testing.TB, q any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(c.Question))
	dec.DisallowUnknownFields()
	if err := dec.Decode(q); err != nil {
		t.Fatalf("question.json: %v", err)
	}
}

// Load loads the inputs under a scope.
func (c Case) Load(t testing.TB, scope referral.Scope) *duckdb.DB {
	t.Helper()
	return Load(t, c.Inputs, Scope(scope))
}

// Check reports every part of answer.json that is not in the JSON of result.
func (c Case) Check(t testing.TB, result any) {
	t.Helper()
	if c.Answer == "" {
		return
	}
	for _, d := range Differences(t, c.Answer, result) {
		t.Error(d)
	}
}

// Differences lists where want, as JSON text, is not part of the JSON of got: objects are compared by
// the keys of want, lists element by element, numbers to one part in 10⁹.
func Differences(t testing.TB, want string, got any) []string {
	t.Helper()
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var w, g any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatalf("answer.json: %v", err)
	}
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return parts("", w, g)
}

func parts(path string, want, got any) []string {
	differ := []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)}
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return differ
		}
		var out []string
		for _, k := range slices.Sorted(maps.Keys(w)) {
			v, has := g[k]
			if !has {
				out = append(out, fmt.Sprintf("%s.%s: want %v, which is not there", path, k, w[k]))
				continue
			}
			out = append(out, parts(path+"."+k, w[k], v)...)
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return differ
		}
		var out []string
		for i := range w {
			out = append(out, parts(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])...)
		}
		return out
	case float64:
		if g, ok := got.(float64); ok && near(w, g) {
			return nil
		}
		return differ
	}
	if want == got {
		return nil
	}
	return differ
}

// near allows for the last digits of a figure worked out by hand.
func near(a, b float64) bool {
	d, size := a-b, max(1, a, -a)
	return d <= 1e-9*size && -d <= 1e-9*size
}
