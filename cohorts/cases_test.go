package cohorts_test

import (
	"testing"

	"vouch/cohorts"
	"vouch/internal/ingest/ingesttest"
	"vouch/partners/attribution"
)

// TestCompute_cases runs every archive of testdata/cases on a real database, after last-touch credit.
func TestCompute_cases(t *testing.T) {
	ingesttest.Cases(t, func(t *testing.T, c ingesttest.Case) {
		var q struct {
			Cohorts cohorts.Definition `json:"cohorts"`
			ingesttest.Setting
		}
		c.Ask(t, &q)
		scope := q.Scope(t)
		db := c.Load(t, scope)
		if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
			t.Fatal(err)
		}
		res, err := cohorts.Compute(t.Context(), db, q.Cohorts, scope)
		if err != nil {
			t.Fatal(err)
		}
		c.Check(t, res)
	})
}
