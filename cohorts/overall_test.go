package cohorts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/cohorts"
	"vouch/referral"
)

// The cells of all customers are the same whether the analysis was grouped or not.
func TestResult_Overall_groupedIsUngrouped(t *testing.T) {
	for seed := range 6 {
		w := drawWorld.Example(seed)
		scope := referral.Scope{
			AsOf:     time.Date(2026, 8, 3, 0, 0, 0, 0, berlin).Add(time.Duration(seed%2) * 13 * time.Hour).UTC(),
			Calendar: referral.Calendar{Zone: berlin, WeekStart: time.Monday},
			Currency: "EUR", MarginMicros: 800_000, Acquisition: "purchase", Confidence: 0.9,
		}
		db := w.load(t, scope)
		for _, by := range []referral.Grain{"quarter", "month"} {
			for _, group := range []string{"partner_id", "tier"} {
				t.Run(fmt.Sprintf("%d/%s/%s", seed, by, group), func(t *testing.T) {
					compute := func(group string, age referral.Grain) cohorts.Result {
						t.Helper()
						r, err := cohorts.Compute(t.Context(), db, cohorts.Definition{Name: "all", By: by, Age: age, Horizon: 240, Group: group}, scope)
						if err != nil {
							t.Fatal(err)
						}
						return r
					}
					// By days the groups of a cohort begin on different ones, and end at different ages.
					const age = referral.Day
					all, grouped := compute("", age), compute(group, age)
					if diff := cmp.Diff(all.Cohorts, grouped.Overall()); diff != "" {
						t.Errorf("(-ungrouped +sum of groups):\n%s", diff)
					}
					if diff := cmp.Diff(all.Cohorts, all.Overall()); diff != "" {
						t.Errorf("an ungrouped result is its own sum:\n%s", diff)
					}
				})
			}
		}
	}
}

// A group that has not begun an age keeps the money of its last one.
func TestResult_Overall_carriesMoneyForward(t *testing.T) {
	r := cohorts.Result{Group: "partner_id", Cohorts: []cohorts.Cohort{
		{Cohort: "2026-Q1", Key: "acme", Size: 2, Cells: []cohorts.Cell{
			{Age: 0, Retained: 2, Eligible: 2, Events: 3, Complete: true, CumulativeMinor: 100},
			{Age: 1, Retained: 1, Eligible: 1, Events: 1, CumulativeMinor: 150},
		}},
		{Cohort: "2026-Q1", Key: "bolt", Size: 1, Cells: []cohorts.Cell{{Age: 0, Retained: 1, Eligible: 1, Events: 1, Complete: true, CumulativeMinor: 40}}},
		{Cohort: "2026-Q2", Key: "bolt", Size: 4, Cells: []cohorts.Cell{}},
	}}
	want := []cohorts.Cohort{
		{Cohort: "2026-Q1", Size: 3, Cells: []cohorts.Cell{
			{Age: 0, Retained: 3, Eligible: 3, Events: 4, Complete: true, CumulativeMinor: 140},
			{Age: 1, Retained: 1, Eligible: 1, Events: 1, CumulativeMinor: 190},
		}},
		{Cohort: "2026-Q2", Size: 4, Cells: []cohorts.Cell{}},
	}
	if diff := cmp.Diff(want, r.Overall()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
