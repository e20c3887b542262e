package partners_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
)

func scopeAt(asOf time.Time) referral.Scope {
	return referral.Scope{
		AsOf: asOf.UTC(), Calendar: referral.Calendar{Zone: berlin, WeekStart: time.Monday},
		Currency: "EUR", MarginMicros: 800_000, Acquisition: "purchase", Confidence: 0.95,
	}
}

// sums are the numbers of a row that add up, and the persons.
type sums struct{ persons, micro, cost, revenue int64 }

// oracle adds the sources up partner by partner.
func oracle(w world, scope referral.Scope) (map[string]sums, sums) {
	rows, total := map[string]sums{}, sums{}
	add := func(id string, s sums) {
		r := rows[id]
		rows[id] = sums{r.persons + s.persons, r.micro + s.micro, r.cost + s.cost, r.revenue + s.revenue}
		total = sums{total.persons, total.micro + s.micro, total.cost + s.cost, total.revenue + s.revenue}
	}
	customers := w.customers(scope.AsOf)
	for person, es := range w.seen(scope.AsOf) {
		total.persons++
		met := map[string]bool{}
		money := int64(0)
		for _, e := range es {
			if e.partner != "" {
				met[e.partner] = true
			}
			money += e.signed()
		}
		for id := range met {
			add(id, sums{persons: 1})
		}
		if len(met) == 0 {
			add("", sums{persons: 1})
		}
		if c, ok := customers[person]; ok {
			add(c.partner, sums{micro: 1_000_000, revenue: c.worth})
		} else {
			add("", sums{revenue: money})
		}
	}
	today := scope.Calendar.Start(scope.AsOf, referral.Day).Format("2006-01-02")
	for _, c := range w.costs {
		add(c.partner, sums{}) // a partner with a cost of tomorrow is a partner all the same
		if c.day.Format("2006-01-02") < today {
			add(c.partner, sums{cost: c.cents})
		}
	}
	for _, a := range w.aggregates {
		add(a.partner, sums{})
		if a.day.Format("2006-01-02") < today {
			add(a.partner, sums{micro: a.conversions * 1_000_000, revenue: a.revenue})
		}
	}
	return rows, total
}

func sumsOf(r partners.Row) sums {
	return sums{r.Persons, int64(r.Acquisitions), r.CostMinor, r.RevenueMinor}
}

func TestCompute_againstTheSources(t *testing.T) {
	for seed := range 8 {
		w := drawWorld.Example(seed)
		scope := scopeAt(time.Date(2026, 5, 1, 0, 0, 0, 0, berlin).Add(time.Duration(seed%2) * 11 * time.Hour))
		db := w.load(t, scope)
		res, err := partners.Compute(t.Context(), db, scope, "last_touch")
		if err != nil {
			t.Fatal(err)
		}
		want, total := oracle(w, scope)
		for _, id := range names[1:] {
			if _, ok := want[id]; !ok {
				want[id] = sums{} // listed in the partners table
			}
		}
		got, added := map[string]sums{}, sums{}
		for _, r := range res.Partners {
			s := sumsOf(r)
			got[r.PartnerID] = s
			added = sums{total.persons, added.micro + s.micro, added.cost + s.cost, added.revenue + s.revenue}
		}
		if _, ok := got[""]; !ok && want[""] == (sums{}) {
			delete(want, "")
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(sums{})); diff != "" {
			t.Errorf("seed %d (-sources +rows):\n%s", seed, diff)
		}
		for what, s := range map[string]sums{"totals": sumsOf(res.Totals), "rows together": added} {
			if s != total {
				t.Errorf("seed %d: %s are %+v, sources %+v", seed, what, s, total)
			}
		}
		var series sums
		for _, p := range res.Series {
			series = sums{total.persons, series.micro + int64(p.Acquisitions), series.cost + p.CostMinor, series.revenue + p.RevenueMinor}
		}
		if series != total {
			t.Errorf("seed %d: weeks add up to %+v, sources %+v", seed, series, total)
		}
		checkEstimates(t, w, scope, res)
	}
}

// checkEstimates recomputes the estimates of partners whose customers are all credited whole.
func checkEstimates(t *testing.T, w world, scope referral.Scope, res partners.Result) {
	t.Helper()
	for _, r := range res.Partners {
		if r.PartnerID == "" || r.PartnerID == "counted" {
			continue
		}
		n, squares := 0.0, 0.0
		for _, c := range w.customers(scope.AsOf) {
			if c.partner == r.PartnerID {
				n++
				squares += float64(c.worth) * float64(c.worth)
			}
		}
		same := func(what string, e referral.Estimate, value, lo, hi float64) {
			t.Helper()
			near := func(p *float64, x float64) bool {
				if math.IsNaN(x) {
					return p == nil
				}
				return p != nil && math.Abs(*p-x) <= 1e-9*(1+math.Abs(x))
			}
			if !near(e.Value, value) || !near(e.Lo, lo) || !near(e.Hi, hi) {
				t.Errorf("%s of %s is %s, want %v [%v, %v]", what, r.PartnerID, show(e), value, lo, hi)
			}
		}
		none, cost, z := math.NaN(), float64(r.CostMinor), 1.959963984540054
		contribution, half := .8*float64(r.RevenueMinor), .8*z*math.Sqrt(squares)
		switch {
		case cost <= 0:
			same("ROI", r.ROI, none, none, none)
		case n == 0:
			same("ROI", r.ROI, -1, -1, none)
			same("LTV", r.LTV, none, none, none)
		default:
			same("ROI", r.ROI, contribution/cost-1, (contribution-half)/cost-1, (contribution+half)/cost-1)
			same("LTV to CAC", r.LTVToCAC, contribution/cost, (contribution-half)/cost, (contribution+half)/cost)
			if r.CPA.Value == nil || math.Abs(*r.CPA.Value-cost/n) > 1e-9 {
				t.Errorf("CPA of %s is %s, want %v", r.PartnerID, show(r.CPA), cost/n)
			}
		}
		if n > 0 && (r.LTV.Value == nil || math.Abs(*r.LTV.Value-contribution/n) > 1e-9*(1+math.Abs(contribution))) {
			t.Errorf("LTV of %s is %s, want %v", r.PartnerID, show(r.LTV), contribution/n)
		}
	}
}

func show(e referral.Estimate) string {
	text := func(p *float64) string {
		if p == nil {
			return "-"
		}
		return fmt.Sprint(*p)
	}
	return fmt.Sprintf("%s [%s, %s] %s", text(e.Value), text(e.Lo), text(e.Hi), e.Reason)
}

func exec(t *testing.T, db *duckdb.DB, text string) {
	t.Helper()
	if err := db.Tx(t.Context(), func(tx engine.Tx) error { return tx.Exec(t.Context(), sqltext.Raw("test", text)) }); err != nil {
		t.Fatal(err)
	}
}

const twoCustomers = `event_id,person_id,event,occurred_at,partner_id,amount_minor
1,a,invite_clicked,2026-01-01,acme,
2,a,purchase,2026-01-02,,101
3,a,refund,2026-02-02,,1
4,b,purchase,2026-01-03,bolt,50
`

// A customer credited to two partners is split to the cent, and the rows still add up.
func TestCompute_sharedCredit(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, map[string]string{"events.csv": twoCustomers}, ingesttest.Scope(scope))
	exec(t, db, `INSERT INTO acquisition_facts SELECT person_key, partner_key, NULL, acquired_at, acquired_day,
		CASE WHEN person_id = 'b' THEN CASE partner_id WHEN 'acme' THEN 0 ELSE 1000000 END WHEN partner_id = 'acme' THEN 333333 ELSE 666667 END
		FROM persons, partner_keys WHERE NOT (person_id = 'b' AND partner_id = 'acme')`)
	res, err := partners.Compute(t.Context(), db, scope, "by hand")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]sums{}
	for _, r := range res.Partners {
		got[r.PartnerID] = sumsOf(r)
	}
	// 100 by 0.333333 : 0.666667 is 33.3333 and 66.6667: the rest goes to the larger fraction.
	want := map[string]sums{"acme": {1, 333_333, 0, 33}, "bolt": {1, 1_666_667, 0, 50 + 67}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(sums{})); diff != "" {
		t.Error(diff)
	}
	if sumsOf(res.Totals) != (sums{2, 2_000_000, 0, 150}) {
		t.Errorf("totals %+v", sumsOf(res.Totals))
	}
}

// Credit of an earlier load does not pass for the truth of this one.
func TestCompute_staleCreditIsRefused(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, map[string]string{"events.csv": twoCustomers}, ingesttest.Scope(scope))
	if _, err := partners.Compute(t.Context(), db, scope, "none"); err == nil || !strings.Contains(err.Error(), "do not add up: customers") {
		t.Errorf("error %v", err)
	}
}

// Without a single cost line nobody was free: the cost per customer is unknown, not zero.
func TestCompute_noCostsLoaded(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv": "event_id,person_id,event,occurred_at,partner_id,amount_minor\n1,ann,purchase,2026-01-05T10:00:00Z,acme,5000\n",
	})
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	r, err := partners.Compute(t.Context(), db, ingesttest.DefaultScope(), attribution.LastTouch)
	if err != nil {
		t.Fatal(err)
	}
	w, err := partners.Week(t.Context(), db, ingesttest.DefaultScope())
	if err != nil {
		t.Fatal(err)
	}
	unknown := []referral.Estimate{}
	for _, row := range []partners.Row{r.Totals, r.Partners[0]} {
		unknown = append(unknown, row.CPA, row.ROI, row.LTVToCAC, row.PaybackMonths)
		if row.CostMinor != 0 {
			t.Errorf("cost %d", row.CostMinor)
		}
	}
	for _, f := range w.Figures {
		if f.Name == "cost" || f.Name == "cpa" {
			unknown = append(unknown, f.Value, f.Previous, f.Change)
		}
	}
	for i, e := range unknown {
		if e.Value != nil || e.Lo != nil || e.Reason != "no_costs_loaded" {
			t.Errorf("estimate %d: got %s", i, show(e))
		}
	}
	if len(unknown) != 14 || r.Totals.LTV.Value == nil || *r.Totals.LTV.Value != 5000 {
		t.Errorf("%d estimates, LTV %s", len(unknown), show(r.Totals.LTV))
	}
	if !slices.ContainsFunc(r.Findings, func(f referral.Finding) bool { return f.Code == "no-costs-loaded" }) {
		t.Errorf("findings %v", r.Findings)
	}
}

// A customer worth more than a thousand million minor units is rare in euros and common in rupiah: the
// square of the value needs more than 18 digits.
func TestCompute_largeAmounts(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv": "event_id,person_id,event,occurred_at,partner_id,amount_minor\n" +
			"1,ann,purchase,2026-01-05T10:00:00Z,acme,900000000000000\n2,ben,purchase,2026-01-06T10:00:00Z,acme,100000000000000\n",
	})
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	r, err := partners.Compute(t.Context(), db, ingesttest.DefaultScope(), attribution.LastTouch)
	if err != nil {
		t.Fatal(err)
	}
	if r.Totals.RevenueMinor != 1_000_000_000_000_000 || r.Totals.LTV.Value == nil {
		t.Errorf("got %d, %+v", r.Totals.RevenueMinor, r.Totals.LTV)
	}
	if _, err := partners.Week(t.Context(), db, ingesttest.DefaultScope()); err != nil {
		t.Error(err)
	}
}

// The event that opens an account has the name the project gives it.
func TestWeek_signupByAnotherName(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv": "event_id,person_id,event,occurred_at\n1,ann,joined,2026-12-23T10:00:00Z\n2,ben,joined,2026-12-24T10:00:00Z\n3,cy,signed_up,2026-12-24T11:00:00Z\n",
	})
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"": 1, "signed_up": 1, "joined": 2} {
		scope := ingesttest.DefaultScope()
		scope.Signup = name
		scope.AsOf = time.Date(2026, 12, 28, 0, 0, 0, 0, time.UTC) // a Monday: the week before is complete
		w, err := partners.Week(t.Context(), db, scope)
		if err != nil {
			t.Fatal(err)
		}
		if v := w.Figures[0].Value.Value; w.Figures[0].Name != "signups" || v == nil || *v != want {
			t.Errorf("%q: %s %v, want %v", name, w.Figures[0].Name, v, want)
		}
	}
}

// The programme is judged on the customers of partners against every cost; customers whom nobody
// referred are in the totals only. A partner who has left is neither grown nor ended.
func TestCompute_programmeAndLeavers(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv": "event_id,person_id,event,occurred_at,partner_id,amount_minor\n" +
			"1,ann,purchase,2026-01-05T10:00:00Z,acme,5000\n2,ben,purchase,2026-01-06T10:00:00Z,,7000\n3,cy,purchase,2026-01-07T10:00:00Z,birch,1000\n",
		"partners.csv": "partner_id,name,left_at\nacme,Acme,\nbirch,Birch,2026-02-01T10:00:00Z\ncedar,Cedar,2027-06-01T10:00:00Z\n",
		"costs.csv":    "partner_id,day,kind,amount_minor\nacme,2026-01-31,commission,1000\nbirch,2026-01-31,commission,500\n,2026-01-31,tooling,1500\n",
	})
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	r, err := partners.Compute(t.Context(), db, ingesttest.DefaultScope(), attribution.LastTouch)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Programme
	// Two referred customers, 60.00 of revenue, 30.00 of cost: 15.00 each. Over all three it would be 10.00.
	if p.Acquisitions != 2_000_000 || p.RevenueMinor != 6000 || p.CostMinor != 3000 || *p.CPA.Value != 1500 {
		t.Errorf("programme: %+v, CPA %v", p, *p.CPA.Value)
	}
	if r.Totals.Acquisitions != 3_000_000 || r.Totals.RevenueMinor != 13000 || *r.Totals.CPA.Value != 1000 {
		t.Errorf("totals: %+v", r.Totals)
	}
	for _, row := range r.Partners {
		left := row.PartnerID == "birch"
		if (row.LeftAt == "2026-02-01") != left || (row.Action == partners.Left) != left {
			t.Errorf("%s: left %q, action %q", row.PartnerID, row.LeftAt, row.Action)
		}
	}
	scope := ingesttest.DefaultScope()
	scope.AsOf = time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	if r, err = partners.Compute(t.Context(), db, scope, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	for _, row := range r.Partners {
		if row.LeftAt != "" {
			t.Errorf("%s left on %s, after as-of", row.PartnerID, row.LeftAt)
		}
	}
}
