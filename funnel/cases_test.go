package funnel_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"vouch/funnel"
	"vouch/internal/ingest/ingesttest"
)

// question is question.json of a case: a definition in its long form, and what of the scope differs.
type question struct {
	Funnel funnel.Definition `json:"funnel"`
	AsOf   *time.Time        `json:"as_of"`
	Zone   string            `json:"zone"`
}

// TestCompute_cases runs every archive of testdata/cases on a real database: events.csv (and other
// inputs) go through a load, question.json is asked, answer.csv holds persons (and money) per group and
// step ("*" is the whole funnel), answer.json any part of the result.
func TestCompute_cases(t *testing.T) {
	paths, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { runCase(t, path) })
	}
}

func runCase(t *testing.T, path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	inputs, parts := map[string]string{}, map[string]string{}
	for _, f := range txtar.Parse(data).Files {
		switch f.Name {
		case "question.json", "answer.csv", "answer.json":
			parts[f.Name] = string(f.Data)
		default:
			inputs[f.Name] = string(f.Data)
		}
	}
	var q question
	dec := json.NewDecoder(strings.NewReader(parts["question.json"]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&q); err != nil {
		t.Fatal(err)
	}
	scope := ingesttest.DefaultScope()
	if q.AsOf != nil {
		scope.AsOf = *q.AsOf
	}
	if q.Zone != "" {
		if scope.Calendar.Zone, err = time.LoadLocation(q.Zone); err != nil {
			t.Fatal(err)
		}
	}
	db := ingesttest.Load(t, inputs, ingesttest.Scope(scope))
	res, err := funnel.Compute(t.Context(), db, q.Funnel, scope)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := funnel.Counts(t.Context(), db, q.Funnel, scope)
	if err != nil {
		t.Fatal(err)
	}
	if parts["answer.csv"] == "" && parts["answer.json"] == "" {
		t.Fatal("the case expects nothing")
	}
	if want := parts["answer.csv"]; want != "" {
		money := strings.Contains(strings.SplitN(want, "\n", 2)[0], "amount_minor")
		if d := cmp.Diff(rows(t, want), answer(res, money)); d != "" {
			t.Errorf("answer.csv (-) and result (+) differ:\n%s", d)
		}
		for _, s := range bare.Steps {
			if s.AmountMinor != nil {
				t.Errorf("bare counts know an amount of %d at %s, without reading money", *s.AmountMinor, s.Name)
			}
		}
		if d := cmp.Diff(answer(res, false), answer(bare, false)); d != "" {
			t.Errorf("result (-) and bare counts (+) differ:\n%s", d)
		}
	}
	if want := parts["answer.json"]; want != "" {
		compareJSON(t, want, res)
	}
}

func rows(t *testing.T, text string) [][]string {
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all[1:]
}

// answer flattens a result to the rows of answer.csv.
func answer(res funnel.Result, money bool) [][]string {
	var out [][]string
	add := func(key string, steps []funnel.StepResult) {
		for _, s := range steps {
			row := []string{key, s.Name, strconv.FormatInt(s.Persons, 10)}
			if money {
				row = append(row, strconv.FormatInt(*s.AmountMinor, 10))
			}
			out = append(out, row)
		}
	}
	add("*", res.Steps)
	for _, g := range res.Groups {
		add(g.Key, g.Steps)
	}
	return out
}

// compareJSON checks that every part of want is in the result.
func compareJSON(t *testing.T, want string, res funnel.Result) {
	t.Helper()
	b, err := json.Marshal(res)
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
	for _, d := range parts("", w, g) {
		t.Error(d)
	}
}

// parts lists where want is not part of got: objects by key, lists element by element, numbers to 1e-9.
func parts(path string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: want an object, got %v", path, got)}
		}
		var out []string
		for k, v := range w {
			out = append(out, parts(path+"."+k, v, g[k])...)
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)}
		}
		var out []string
		for i := range w {
			out = append(out, parts(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])...)
		}
		return out
	case float64:
		if g, ok := got.(float64); ok && g-w < 1e-9 && w-g < 1e-9 {
			return nil
		}
	}
	if want == got {
		return nil
	}
	return []string{fmt.Sprintf("%s: want %v, got %v", path, want, got)}
}
