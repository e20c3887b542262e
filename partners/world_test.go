package partners_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest/ingesttest"
	"vouch/partners/attribution"
	"vouch/referral"
)

type event struct {
	person, name, partner string
	at                    time.Time
	cents                 int64
}

type cost struct {
	partner string
	day     time.Time
	cents   int64
}

type result struct {
	partner              string
	day                  time.Time
	conversions, revenue int64
}

// world is a small programme drawn by rapid: a few people and partners, so that credit collides.
type world struct {
	events     []event
	costs      []cost
	aggregates []result
}

var (
	berlin = func() *time.Location {
		l, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			panic(err)
		}
		return l
	}()
	names = []string{"", "acme", "bolt", "çedilla"}
)

var drawWorld = rapid.Custom(func(t *rapid.T) world {
	var w world
	from := time.Date(2026, 1, 30, 0, 0, 0, 0, time.UTC)
	day := func(label string) time.Time {
		return from.AddDate(0, 0, rapid.IntRange(0, 120).Draw(t, label))
	}
	for range rapid.IntRange(40, 150).Draw(t, "events") {
		e := event{
			person:  fmt.Sprintf("p%02d", rapid.IntRange(0, 17).Draw(t, "person")),
			name:    rapid.SampledFrom([]string{"invite_clicked", "signed_up", "purchase", "renewal", "refund"}).Draw(t, "event"),
			partner: rapid.SampledFrom(names).Draw(t, "partner"),
			at:      day("day").Add(time.Duration(rapid.IntRange(0, 95).Draw(t, "quarter")) * 15 * time.Minute),
		}
		if e.name == "purchase" || e.name == "renewal" || e.name == "refund" {
			e.cents = rapid.Int64Range(0, 9_999).Draw(t, "cents")
		}
		w.events = append(w.events, e)
	}
	for range rapid.IntRange(1, 25).Draw(t, "costs") {
		w.costs = append(w.costs, cost{
			partner: rapid.SampledFrom(append(names, "unknown")).Draw(t, "partner"), day: day("day"),
			cents: rapid.Int64Range(-500, 9_999).Draw(t, "cents"),
		})
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "aggregates") {
		w.aggregates = append(w.aggregates, result{
			partner: "counted", day: from.AddDate(0, 0, 17*i), conversions: rapid.Int64Range(0, 40).Draw(t, "conversions"),
			revenue: rapid.Int64Range(-100, 99_999).Draw(t, "revenue"),
		})
	}
	return w
})

func (w world) files() map[string]string {
	var events, costs, aggregates strings.Builder
	events.WriteString("event_id,person_id,event,occurred_at,partner_id,amount_minor\n")
	for i, e := range w.events {
		amount := ""
		if e.money() {
			amount = fmt.Sprint(e.cents)
		}
		fmt.Fprintf(&events, "e%04d,%s,%s,%s,%s,%s\n", i, e.person, e.name, e.at.Format(time.RFC3339), e.partner, amount)
	}
	costs.WriteString("partner_id,day,kind,amount_minor\n")
	for _, c := range w.costs {
		fmt.Fprintf(&costs, "%s,%s,fixed,%d\n", c.partner, c.day.Format("2006-01-02"), c.cents)
	}
	aggregates.WriteString("partner_id,day,conversions,revenue_minor\n")
	for _, a := range w.aggregates {
		fmt.Fprintf(&aggregates, "%s,%s,%d,%d\n", a.partner, a.day.Format("2006-01-02"), a.conversions, a.revenue)
	}
	return map[string]string{
		"events.csv": events.String(), "costs.csv": costs.String(), "aggregates.csv": aggregates.String(),
		"partners.csv": "partner_id,name,archetype,tier\nacme,Acme,reseller,gold\nbolt,Bolt,influencer,\nçedilla,Çedilla,ally,\n",
	}
}

func (e event) money() bool { return e.name == "purchase" || e.name == "renewal" || e.name == "refund" }

func (e event) signed() int64 {
	if e.name == "refund" {
		return -e.cents
	}
	return e.cents
}

func (w world) load(t testing.TB, scope referral.Scope) *duckdb.DB {
	t.Helper()
	db := ingesttest.Load(t, w.files(), ingesttest.Scope(scope))
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	return db
}

// seen are the events of each person before as-of, in order of time and writing.
func (w world) seen(asOf time.Time) map[string][]event {
	out := map[string][]event{}
	for _, e := range w.events {
		if e.at.Before(asOf) {
			out[e.person] = append(out[e.person], e)
		}
	}
	for _, es := range out {
		slices.SortStableFunc(es, func(a, b event) int { return a.at.Compare(b.at) })
	}
	return out
}

// customers are the acquired persons with the partner of their last touch.
type customer struct {
	partner  string
	acquired time.Time
	worth    int64 // all their money, before the acquisition too
}

func (w world) customers(asOf time.Time) map[string]customer {
	out := map[string]customer{}
	for person, es := range w.seen(asOf) {
		i := slices.IndexFunc(es, func(e event) bool { return e.name == "purchase" })
		if i < 0 {
			continue
		}
		c := customer{acquired: es[i].at}
		for _, e := range es {
			if e.partner != "" && !e.at.After(c.acquired) {
				c.partner = e.partner
			}
			c.worth += e.signed()
		}
		out[person] = c
	}
	return out
}
