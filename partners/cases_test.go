package partners_test

import (
	"testing"

	"vouch/internal/ingest/ingesttest"
	"vouch/partners"
	"vouch/partners/attribution"
)

// TestCompute_cases runs every archive of testdata/cases on a real database, after the credit that the
// question names.
func TestCompute_cases(t *testing.T) {
	ingesttest.Cases(t, func(t *testing.T, c ingesttest.Case) {
		var q struct {
			Credit string `json:"credit"`
			ingesttest.Setting
		}
		c.Ask(t, &q)
		scope := q.Scope(t)
		db := c.Load(t, scope)
		if _, err := attribution.Credit(t.Context(), db, q.Credit); err != nil {
			t.Fatal(err)
		}
		res, err := partners.Compute(t.Context(), db, scope, q.Credit)
		if err != nil {
			t.Fatal(err)
		}
		c.Check(t, res)
	})
}
