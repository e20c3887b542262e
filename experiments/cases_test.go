package experiments

import (
	"testing"

	"vouch/internal/ingest/ingesttest"
)

// TestCompute_cases runs every archive of testdata/cases on a real database.
func TestCompute_cases(t *testing.T) {
	ingesttest.Cases(t, func(t *testing.T, c ingesttest.Case) {
		var q struct {
			Experiment Definition `json:"experiment"`
			ingesttest.Setting
		}
		c.Ask(t, &q)
		scope := q.Scope(t)
		q.Experiment.Name = "reward"
		res, err := Compute(t.Context(), c.Load(t, scope), q.Experiment, scope)
		if err != nil {
			t.Fatal(err)
		}
		c.Check(t, res)
	})
}
