package funnel_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/internal/engine"
	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// TestCompute_narrowCopy reads funnels with and without the narrow copy of their steps, whichever of them
// it holds all of.
func TestCompute_narrowCopy(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 8))
	csv, _ := randomEvents(rng, 60, 12)
	scope := ingesttest.DefaultScope()
	scope.AsOf = time.Date(2026, 3, 1, 0, 8, 0, 0, time.UTC)
	db := ingesttest.Load(t, map[string]string{"events.csv": csv}, ingesttest.Plan(func(p *ingest.Plan) { p.Steps = []string{"b", "c", "never"} }))
	var copied int64
	if err := engine.One(t.Context(), db, sqltext.Raw("rows", "SELECT count(*) FROM step_facts"), &copied); err != nil || copied == 0 {
		t.Fatalf("%d rows in the copy: %v", copied, err)
	}
	window := 4 * referral.Minute
	step := func(names ...string) (out []funnel.Step) {
		for _, n := range names {
			out = append(out, funnel.Step{Name: n})
		}
		return out
	}
	definitions := map[string]funnel.Definition{
		"all of the copy":  {Steps: step("b", "c"), Window: window},
		"some of the copy": {Steps: step("c"), Window: window},
		"beyond the copy":  {Steps: step("a", "b"), Window: window},
		"by a text":        {Steps: step("b", "c"), By: &funnel.Breakdown{Property: "channel", Attribution: "all"}},
		"by the partner":   {Steps: step("b", "c"), By: &funnel.Breakdown{Property: "partner_id", Attribution: "all"}},
		"with a condition": {Steps: []funnel.Step{{Name: "b", Where: map[string]json.RawMessage{"channel": json.RawMessage(`"web"`)}}, {Name: "c"}}},
		"strict":           {Steps: step("b", "c"), Order: "strict"},
		"late":             {Steps: step("b", "c"), Late: "drop"},
		"held":             {Steps: step("b", "c"), Hold: []string{"referral_code"}},
	}
	read := func() map[string]funnel.Result {
		out := map[string]funnel.Result{}
		for name, def := range definitions {
			full, err := funnel.Compute(t.Context(), db, def, scope)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			bare, err := funnel.Counts(t.Context(), db, def, scope)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name], out[name+", counts"] = full, bare
		}
		return out
	}
	with := read()
	err := db.Tx(t.Context(), func(tx engine.Tx) error {
		return tx.Exec(t.Context(), sqltext.Raw("forget", "DELETE FROM meta WHERE key = 'step_keys'"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(read(), with); d != "" {
		t.Errorf("the facts (-) and their copy (+) differ: %s", d)
	}
	if with["all of the copy"].Persons == 0 {
		t.Error("nobody enters: the test shows nothing")
	}
}
