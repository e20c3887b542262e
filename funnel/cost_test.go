package funnel

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// spendEvents: three persons enter on 2 to 4 March, two of them by acme, one without a partner; one of acme's buys.
const spendEvents = `person_id,event,occurred_at,partner_id,campaign
p1,invite,2026-03-02T10:00:00Z,acme,spring
p1,purchase,2026-03-05T10:00:00Z,acme,spring
p2,invite,2026-03-03T10:00:00Z,acme,spring
p3,invite,2026-03-04T10:00:00Z,,fall
p4,invite,2026-03-04T11:00:00Z,bolt,fall
`

// Of the costs those of 1 and 5 March lie outside the days of entry.
const spendCosts = `partner_id,campaign,day,kind,amount_minor,currency
acme,,2026-03-01,commission,900000,EUR
acme,,2026-03-02,commission,1000,EUR
acme,,2026-03-03,bonus,200,EUR
acme,,2026-03-03,reward,30,EUR
acme,spring,2026-03-04,discount,4,EUR
,spring,2026-03-04,co_marketing,50000,EUR
,,2026-03-02,tooling,600000,EUR
acme,,2026-03-05,reward,7000000,EUR
`

func spendDefinition(by string) Definition {
	return Definition{Name: "f", Window: 7 * referral.DayLen, By: &Breakdown{Property: by, Attribution: "all"}, Steps: []Step{{Name: "invite"}, {Name: "purchase"}}}
}

func TestCompute_costs(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": spendEvents, "costs.csv": spendCosts})
	scope := ingesttest.DefaultScope()
	res, err := Compute(t.Context(), db, spendDefinition("partner_id"), scope)
	if err != nil {
		t.Fatal(err)
	}
	n := func(v int64) *int64 { return &v }
	want := &Cost{CostMinor: n(651_234), PayoutMinor: n(1230), From: "2026-03-02", To: "2026-03-04"}
	if d := cmp.Diff(want, res.Cost); d != "" {
		t.Errorf("all costs: %s", d)
	}
	// Four entered and one bought. Garwood's limits are 1.090 and 10.242 of 4, 0.02532 and 5.572 of 1.
	first, last := res.Steps[0].CostPerPerson, res.Steps[1].CostPerPerson
	same(t, "per entrant", first.Value, 651_234./4, 1e-9)
	same(t, "lower limit", first.Lo, 651_234/10.242, 5)
	same(t, "upper limit", first.Hi, 651_234/1.0899, 50)
	same(t, "per buyer", last.Value, 651_234, 1e-9)
	same(t, "lower limit", last.Lo, 651_234/5.5716, 5)
	same(t, "upper limit", last.Hi, 651_234/0.025318, 500)
	same(t, "paid out per entrant", res.Steps[0].PayoutPerPerson.Value, 1230./4, 1e-9)
	same(t, "paid out per buyer", res.Steps[1].PayoutPerPerson.Value, 1230, 1e-9)
	same(t, "its lower limit", res.Steps[1].PayoutPerPerson.Lo, 1230/5.5716, .1)
	byKey := map[string]Group{}
	for _, g := range res.Groups {
		byKey[g.Key] = g
	}
	if d := cmp.Diff(&Cost{CostMinor: n(1234), PayoutMinor: n(1230), From: "2026-03-02", To: "2026-03-04"}, byKey["acme"].Cost); d != "" {
		t.Errorf("costs of acme: %s", d)
	}
	same(t, "per buyer of acme", byKey["acme"].Steps[1].CostPerPerson.Value, 1234, 1e-9)
	// bolt cost nothing, and that is known; nobody bought there, so nothing can be said per buyer but 0 at least.
	bolt := byKey["bolt"]
	if *bolt.Cost.CostMinor != 0 || *bolt.Steps[0].CostPerPerson.Value != 0 {
		t.Errorf("bolt cost %+v, %+v", bolt.Cost, bolt.Steps[0].CostPerPerson)
	}
	if e := bolt.Steps[0].PayoutPerPerson; *e.Value != 0 {
		t.Errorf("bolt was paid %+v an entrant", e)
	}
	if e := bolt.Steps[1].CostPerPerson; e.Value != nil || e.Reason != referral.ReasonNoEntrants || *e.Lo != 0 || e.Hi != nil {
		t.Errorf("per buyer of bolt: %+v", e)
	}
	// The costs of no partner did not bring those without a partner.
	if g := byKey[""]; g.Cost.CostMinor != nil || g.Cost.Reason != "unassigned" || g.Steps[0].CostPerPerson.Reason != "unassigned" || g.Steps[0].PayoutPerPerson.Reason != "unassigned" {
		t.Errorf("without a partner: %+v", g.Cost)
	}
	if res, err = Compute(t.Context(), db, spendDefinition("campaign"), scope); err != nil {
		t.Fatal(err)
	}
	for _, g := range res.Groups {
		if want := map[string]int64{"spring": 50_004, "fall": 0}[g.Key]; *g.Cost.CostMinor != want {
			t.Errorf("%s cost %d, want %d", g.Key, *g.Cost.CostMinor, want)
		}
	}
	if res, err = Compute(t.Context(), db, spendDefinition("source"), scope); err != nil {
		t.Fatal(err)
	}
	if g := res.Groups[0]; g.Cost != nil || g.Steps[0].CostPerPerson != nil || *res.Cost.CostMinor != 651_234 {
		t.Errorf("costs know no source: %+v", g)
	}
}

// What is not known is absent with its reason, never 0.
func TestCompute_costsUnknown(t *testing.T) {
	scope := ingesttest.DefaultScope()
	for name, c := range map[string]struct {
		costs, reason, finding string
		asOf                   time.Time
	}{
		"none loaded":       {"", "no_costs_loaded", "", scope.AsOf},
		"credit notes":      {"day,kind,amount_minor,currency\n2026-03-02,commission,-5,EUR\n", "negative_cost", "", scope.AsOf},
		"without a rate":    {"day,kind,amount_minor,currency\n2026-03-02,commission,5,SEK\n2026-03-02,fixed,1,EUR\n", "", "missing-rate", scope.AsOf},
		"nobody entered":    {spendCosts, "no_entrants", "", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		"known only later":  {"day,kind,amount_minor,currency\n2026-04-01,commission,5,EUR\n", "no_costs_loaded", "", time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)},
		"in a later period": {"day,kind,amount_minor,currency\n2026-04-01,commission,5,EUR\n", "", "", scope.AsOf},
	} {
		files := map[string]string{"events.csv": spendEvents}
		if c.costs != "" {
			files["costs.csv"] = c.costs
		}
		scope.AsOf = c.asOf
		db := ingesttest.Load(t, files, ingesttest.Scope(scope))
		res, err := Compute(t.Context(), db, spendDefinition("partner_id"), scope)
		if err != nil {
			t.Fatal(err)
		}
		e := res.Steps[0].CostPerPerson
		if e.Reason != c.reason || (e.Value == nil) != (c.reason != "") {
			t.Errorf("%s: %+v", name, e)
		}
		if res.Cost == nil || (res.Cost.CostMinor == nil) != (c.reason != "" && c.reason != "negative_cost") {
			t.Errorf("%s: %+v", name, res.Cost)
		}
		found := false
		for _, f := range res.Findings {
			found = found || f.Code == "missing-rate" && strings.Contains(f.Detail, "1 cost lines")
		}
		if found != (c.finding != "") {
			t.Errorf("%s: findings %v", name, res.Findings)
		}
		bare, err := Counts(t.Context(), db, spendDefinition("partner_id"), scope)
		if err != nil || bare.Cost != nil || bare.Steps[0].CostPerPerson != nil || bare.Steps[0].PayoutPerPerson != nil {
			t.Errorf("%s: bare counts know %+v, %v", name, bare.Cost, err)
		}
	}
}

// A local day ends at local midnight: a person who enters at 23:30 UTC on 1 March enters on 2 March in Berlin.
func TestCompute_costsOfLocalDays(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	scope := ingesttest.DefaultScope()
	scope.Calendar.Zone = zone
	db := ingesttest.Load(t, map[string]string{
		"events.csv": "person_id,event,occurred_at\np,invite,2026-03-01T23:30:00Z\n",
		"costs.csv":  "day,kind,amount_minor,currency\n2026-03-01,commission,5,EUR\n2026-03-02,commission,70,EUR\n",
	}, ingesttest.Scope(scope))
	res, err := Compute(t.Context(), db, Definition{Steps: []Step{{Name: "invite"}}}, scope)
	if err != nil {
		t.Fatal(err)
	}
	if res.From != "2026-03-02" || *res.Cost.CostMinor != 70 {
		t.Errorf("entered from %s, cost %+v", res.From, *res.Cost.CostMinor)
	}
}
