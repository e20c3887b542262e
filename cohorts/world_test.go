package cohorts_test

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

// event is one raw row, and world a small programme drawn by rapid: a handful of people, so that
// cohorts have several members and cells collide.
type event struct {
	id, person, name, partner, channel string
	at                                 time.Time
	cents                              int64
}

type world []event

var berlin = func() *time.Location {
	l, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return l
}()

// drawWorld covers both clock changes of the year and the turn of the year, with times on the
// quarter of an hour so that some fall on local midnight.
var drawWorld = rapid.Custom(func(t *rapid.T) world {
	n := rapid.IntRange(40, 160).Draw(t, "events")
	from := time.Date(2025, 12, 20, 0, 0, 0, 0, time.UTC)
	out := make(world, n)
	for i := range out {
		e := event{
			id:      fmt.Sprintf("e%04d", i),
			person:  fmt.Sprintf("p%02d", rapid.IntRange(0, 14).Draw(t, "person")),
			name:    rapid.SampledFrom([]string{"signed_up", "purchase", "purchase", "renewal", "refund"}).Draw(t, "event"),
			partner: rapid.SampledFrom([]string{"", "", "acme", "bolt"}).Draw(t, "partner"),
			channel: rapid.SampledFrom([]string{"", "mail", "web"}).Draw(t, "channel"),
			at:      from.Add(time.Duration(rapid.IntRange(0, 330*96).Draw(t, "quarter")) * 15 * time.Minute),
		}
		if e.name != "signed_up" {
			e.cents = rapid.Int64Range(0, 9_999).Draw(t, "cents")
		}
		out[i] = e
	}
	return out
})

func (w world) csv() string {
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,partner_id,channel,amount_minor\n")
	for _, e := range w {
		amount := ""
		if e.name != "signed_up" {
			amount = fmt.Sprint(e.cents)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s\n", e.id, e.person, e.name, e.at.Format(time.RFC3339), e.partner, e.channel, amount)
	}
	return b.String()
}

const partnersCSV = `partner_id,name,archetype,tier
acme,Acme,reseller,gold
bolt,Bolt,influencer,
`

// load puts the world into a database and credits its customers.
func (w world) load(t testing.TB, scope referral.Scope) *duckdb.DB {
	t.Helper()
	db := ingesttest.Load(t, map[string]string{"events.csv": w.csv(), "partners.csv": partnersCSV}, ingesttest.Scope(scope))
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	return db
}

// seen are the events of a person before as-of, in order of time and id.
func (w world) seen(asOf time.Time) map[string][]event {
	out := map[string][]event{}
	for _, e := range w {
		if e.at.Before(asOf) {
			out[e.person] = append(out[e.person], e)
		}
	}
	for _, es := range out {
		slices.SortStableFunc(es, func(a, b event) int { return a.at.Compare(b.at) }) // ids are in order of writing
	}
	return out
}

// signed is the money of an event: refunds take away.
func (e event) signed() int64 {
	if e.name == "refund" {
		return -e.cents
	}
	return e.cents
}
