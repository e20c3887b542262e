package funnel_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

func lines(ps referral.Problems) []string {
	var out []string
	for _, p := range ps {
		out = append(out, p.String())
	}
	return out
}

// TestDefinition_CheckEvents wants a near miss refused at its place, and the only event of a step too; of an
// exclusion or of several alternatives one may still be to come.
func TestDefinition_CheckEvents(t *testing.T) {
	catalogue := []string{"invite_sent", "signed_up", "purchase", "refund"}
	d := funnel.Definition{
		Steps: []funnel.Step{
			{Name: "invite_sent"},
			{Name: "invite_seen"}, // near to invite_sent alone, which the funnel uses
			{Name: "signd_up"},
			{Name: "paid", Event: "purchse"},
			{Name: "again", AnyOf: [][]funnel.Condition{
				{text("event", "purchases")}, {text("event", "upgrade")}, {text("channel", "refunf")}, {{Field: "event", Op: "!=", Value: json.RawMessage(`"refunt"`)}},
			}},
		},
		Exclusions: []funnel.Exclusion{{Event: "refnd", To: 1}, {AnyOf: [][]funnel.Condition{{text("event", "Refund")}}, To: 1}},
	}
	want := []string{
		`steps[1].name: "invite_seen" is not in the event catalogue (the data have no such event)`,
		`steps[2].name: "signd_up" is not in the event catalogue (did you mean "signed_up"?)`,
		`steps[3].event: "purchse" is not in the event catalogue (did you mean "purchase"?)`,
		`steps[4].any_of[0][0].value: "purchases" is not in the event catalogue (did you mean "purchase"?)`,
		`exclusions[0].event: "refnd" is not in the event catalogue (did you mean "refund"?)`,
		`exclusions[1].any_of[0][0].value: "Refund" is not in the event catalogue (did you mean "refund"?)`,
	}
	if diff := cmp.Diff(want, lines(d.CheckEvents(catalogue))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Refund", "invite_seen", "purchases", "purchse", "refnd", "signd_up", "upgrade"}, d.Unseen(catalogue)); diff != "" {
		t.Error(diff)
	}
}

// TestDefinition_CheckProperties wants a property that nothing carries refused where the funnel means
// nothing without it, and a misspelt one everywhere.
func TestDefinition_CheckProperties(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv":  "person_id,event,occurred_at,platform,device\np,a,2026-03-01T00:00:00Z,web,\n",
		"persons.csv": "person_id,plan\np,pro\n",
	})
	is := func(field string) []funnel.Condition { return []funnel.Condition{text(field, "x")} }
	d := funnel.Definition{
		Steps: []funnel.Step{
			{Name: "a", Where: map[string]json.RawMessage{"prop.platfrom": json.RawMessage(`"web"`), "channel": json.RawMessage(`"x"`), "prop.colour": json.RawMessage(`"x"`)}},
			{Name: "b", AnyOf: [][]funnel.Condition{is("prop.platform"), is("person.plam"), {{Field: "prop.platforms", Op: "is_null"}}}},
		},
		By: &funnel.Breakdown{Property: "person.country", Attribution: "all"}, Hold: []string{"prop.platform", "prop.plattform"},
	}
	want := []string{
		`by.property: no person carries "person.country"`,
		`hold[1]: no event carries "prop.plattform" (did you mean "prop.platform"?)`,
		`steps[0].where.prop.platfrom: no event carries "prop.platfrom" (did you mean "prop.platform"?)`,
		`steps[1].any_of[1][0].field: no person carries "person.plam" (did you mean "person.plan"?)`,
	}
	ps, err := d.CheckProperties(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, lines(ps)); diff != "" {
		t.Error(diff)
	}
	empty := ingesttest.Load(t, map[string]string{"events.csv": "person_id,event,occurred_at\n"})
	if ps, err := d.CheckProperties(t.Context(), empty); err != nil || len(ps) > 0 {
		t.Errorf("without data: %v, %v", ps, err)
	}
}

// TestCompute_optionFindings wants what a reader must know of late events, of events without a unit, and of
// names that the data do not have.
func TestCompute_optionFindings(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": "person_id,event,occurred_at,received_at,order_id\n" +
		"p,a,2026-03-01T00:00:00Z,2027-02-01T00:00:00Z,o\np,a,2026-03-01T00:00:00Z,,\nq,a,2026-03-01T00:00:00Z,,\n"})
	base := funnel.Definition{Name: "f", Steps: []funnel.Step{{Name: "a"}, {Name: "later"}}, Unit: "order_id"}
	for _, c := range []struct {
		late string
		want map[string]string
	}{
		{"keep", map[string]string{
			"late-events":        "events of this funnel that arrived at the as-of time or later: 1, counted; a report made then did not know them, and “late: drop” leaves them out",
			"without-unit":       "events of this funnel that carry no order_id: 2; they belong to none of the orders counted",
			"event-never-occurs": `event "later" never occurs in the data`,
		}},
		{"drop", map[string]string{
			"late-events":        "events of this funnel that arrived at the as-of time or later: 1, left out",
			"without-unit":       "events of this funnel that carry no order_id: 2; they belong to none of the orders counted",
			"event-never-occurs": `event "later" never occurs in the data`,
		}},
	} {
		d := base
		d.Late = c.late
		res, err := funnel.Compute(t.Context(), db, d, ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, f := range res.Findings {
			if _, asked := c.want[f.Code]; asked {
				got[f.Code] = f.Detail
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("late %s: %s", c.late, diff)
		}
	}
}
