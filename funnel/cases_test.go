package funnel_test

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/internal/ingest/ingesttest"
)

// question is question.json of a case: a definition in its long form, and what of the scope differs.
type question struct {
	Funnel funnel.Definition `json:"funnel"`
	ingesttest.Setting
}

// TestCompute_cases runs every archive of testdata/cases on a real database: events.csv (and other
// inputs) go through a load, question.json is asked, answer.csv holds persons (and money) per group and
// step ("*" is the whole funnel), answer.json any part of the result.
func TestCompute_cases(t *testing.T) { ingesttest.Cases(t, runCase) }

func runCase(t *testing.T, c ingesttest.Case) {
	var q question
	c.Ask(t, &q)
	scope := q.Scope(t)
	db := c.Load(t, scope)
	res, err := funnel.Compute(t.Context(), db, q.Funnel, scope)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := funnel.Counts(t.Context(), db, q.Funnel, scope)
	if err != nil {
		t.Fatal(err)
	}
	if want := c.Rows; want != "" {
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
	c.Check(t, res)
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
