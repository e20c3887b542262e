package cohorts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/cohorts"
	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

func codes(fs []referral.Finding) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, f.Code+" "+f.Subject)
	}
	return out
}

func monthly(t *testing.T, events, rates string, asOf time.Time) cohorts.Result {
	t.Helper()
	files := map[string]string{"events.csv": events}
	if rates != "" {
		files["rates.csv"] = rates
	}
	scope := ingesttest.DefaultScope()
	scope.AsOf = asOf
	db := ingesttest.Load(t, files, ingesttest.Scope(scope))
	res, err := cohorts.Compute(t.Context(), db, cohorts.Definition{Name: "m"}, scope)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func at(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

func TestCompute_asOfBeforeTheFirstEvent(t *testing.T) {
	res := monthly(t, "event_id,person_id,event,occurred_at,amount_minor\n1,a,purchase,2026-05-03,100\n", "", at(5, 1))
	if diff := cmp.Diff([]string{"no-customers purchase"}, codes(res.Findings)); diff != "" {
		t.Error(diff)
	}
	if len(res.Cohorts)+len(res.LTV) != 0 {
		t.Errorf("%d cohorts and %d values before anything happened", len(res.Cohorts), len(res.LTV))
	}
}

// A cohort still being acquired has no complete cell, so nothing is averaged, and its customers are
// not eligible although they were all active.
func TestCompute_openCohortIsPartial(t *testing.T) {
	res := monthly(t, "event_id,person_id,event,occurred_at,amount_minor\n1,a,purchase,2026-05-03,100\n", "", at(5, 31))
	want := []cohorts.Cohort{{Cohort: "2026-05", Size: 1, Cells: []cohorts.Cell{{Retained: 1, Events: 1, CumulativeMinor: 100}}}}
	if diff := cmp.Diff(want, res.Cohorts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"no-complete-cells m"}, codes(res.Findings)); diff != "" {
		t.Error(diff)
	}
	// One day later the month has passed and the same cell is complete.
	res = monthly(t, "event_id,person_id,event,occurred_at,amount_minor\n1,a,purchase,2026-05-03,100\n", "", at(6, 1))
	if c := res.Cohorts[0].Cells[0]; !c.Complete || c.Eligible != 1 || len(res.Cohorts[0].Cells) != 1 {
		t.Errorf("at the end of the month: %+v, %d cells", c, len(res.Cohorts[0].Cells))
	}
}

// Money before the acquisition, and money without a rate, is named and counted nowhere.
func TestCompute_moneyThatNoCellHolds(t *testing.T) {
	events := `event_id,person_id,event,occurred_at,amount_minor,currency
1,a,expansion,2026-01-01,700,EUR
2,a,purchase,2026-01-03,100,EUR
3,a,renewal,2026-01-04,100,USD
4,a,renewal,2026-01-05,100,GBP
`
	rates := "day,from_currency,to_currency,rate\n2026-01-04,USD,EUR,0.5\n"
	res := monthly(t, events, rates, at(3, 1))
	if got := res.Cohorts[0].Cells[0].CumulativeMinor; got != 150 {
		t.Errorf("January is worth %d, want 100 and half of 100 dollars", got)
	}
	if diff := cmp.Diff([]string{"missing-rate EUR", "value-before-acquisition m"}, codes(res.Findings)); diff != "" {
		t.Error(diff)
	}
}

// Everything refunded is a value of 0 with an interval, not an unknown.
func TestCompute_allRefunded(t *testing.T) {
	events := `event_id,person_id,event,occurred_at,amount_minor
1,a,purchase,2026-01-03,100
2,a,refund,2026-02-03,100
3,b,purchase,2026-01-04,50
4,b,refund,2026-02-04,-50
`
	res := monthly(t, events, "", at(3, 1))
	last := res.LTV[len(res.LTV)-1]
	if last.Age != 1 || last.Value.Value == nil || *last.Value.Value != 0 {
		t.Errorf("after the refunds: %+v", last)
	}
	if last.Value.Reason != referral.ReasonZeroVariance || last.Value.Lo != nil {
		t.Errorf("two customers of equal value have no spread to judge by: %+v", last.Value)
	}
}

func TestValidate_everyMistakeAtOnce(t *testing.T) {
	d := cohorts.Definition{By: "mont", Age: "year", Horizon: -1, Group: "partner", Activity: []string{"purchase", "", "purchase"}}
	var paths []string
	for _, p := range d.Validate() {
		paths = append(paths, p.Path)
	}
	if diff := cmp.Diff([]string{"by", "age", "group", "horizon", "activity[1]", "activity[2]"}, paths); diff != "" {
		t.Error(diff)
	}
	if hint := d.Validate()[0].Hint; hint != `did you mean "month"?` {
		t.Errorf("hint %q", hint)
	}
	_, err := cohorts.Compute(t.Context(), nil, d, referral.Scope{})
	if ps := referral.Problems(nil); !errors.As(err, &ps) || len(ps) != 6 {
		t.Errorf("error %v", err)
	}
}
