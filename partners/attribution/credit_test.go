package attribution_test

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/partners/attribution"
	"vouch/referral"
)

type event struct {
	id, person, name, partner, channel string
	hour                               int
	cents                              int64
}

var start = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func (e event) at() time.Time { return start.Add(time.Duration(e.hour) * time.Hour) }

// drawEvents has few hours, so that times tie, and ids that are not in order of writing.
var drawEvents = rapid.Custom(func(t *rapid.T) []event {
	n := rapid.IntRange(30, 120).Draw(t, "events")
	ids := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	})).Draw(t, "ids")
	out := make([]event, n)
	for i := range out {
		out[i] = event{
			id: fmt.Sprintf("e%03d", ids[i]), person: fmt.Sprintf("p%d", rapid.IntRange(0, 8).Draw(t, "person")),
			name:    rapid.SampledFrom([]string{"invite_clicked", "demo", "purchase"}).Draw(t, "event"),
			partner: rapid.SampledFrom([]string{"", "acme", "bolt", "zeta"}).Draw(t, "partner"),
			channel: rapid.SampledFrom([]string{"", "mail", "web", "Žižkov"}).Draw(t, "channel"),
			hour:    rapid.IntRange(0, 40).Draw(t, "hour"), cents: rapid.Int64Range(0, 999).Draw(t, "cents"),
		}
	}
	return out
})

func load(t *testing.T, events []event, scope referral.Scope) *duckdb.DB {
	t.Helper()
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,partner_id,channel,amount_minor\n")
	for _, e := range events {
		amount := ""
		if e.name == "purchase" {
			amount = fmt.Sprint(e.cents)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s\n", e.id, e.person, e.name, e.at().Format(time.RFC3339), e.partner, e.channel, amount)
	}
	return ingesttest.Load(t, map[string]string{"events.csv": b.String()}, ingesttest.Scope(scope))
}

func scopeAt(hour int) referral.Scope {
	s := ingesttest.DefaultScope()
	s.AsOf = start.Add(time.Duration(hour) * time.Hour)
	return s
}

// ordered are the events before as-of by person, time and id.
func ordered(events []event, asOf int) []event {
	out := slices.DeleteFunc(slices.Clone(events), func(e event) bool { return e.hour >= asOf })
	slices.SortFunc(out, func(a, b event) int {
		return cmp.Or(strings.Compare(a.person, b.person), cmp.Compare(a.hour, b.hour), strings.Compare(a.id, b.id))
	})
	return out
}

type credited struct {
	person, partner string
	at              time.Time
	weight          int64
}

func acquisitions(t *testing.T, db *duckdb.DB) []credited {
	t.Helper()
	st := sqltext.Raw("acquisitions", `SELECT person_id, coalesce(partner_id, ''), "at", weight FROM acquisitions ORDER BY 1, 2`)
	out, err := engine.Collect(t.Context(), db, st, func(r *sql.Rows) (c credited, err error) {
		return c, r.Scan(&c.person, &c.partner, &c.at, &c.weight)
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The table holds, for every person with a purchase, the partner that reading the person's events one
// by one gives, also for purchases after the as-of of the load: a later reader must find them.
func TestCredit_againstReadingEvents(t *testing.T) {
	for seed := range 6 {
		const asOf, ever = 33, 1 << 30
		events, scope := drawEvents.Example(seed), scopeAt(asOf)
		db := load(t, events, scope)
		for _, rule := range attribution.Rules() {
			found, err := attribution.Credit(t.Context(), db, rule)
			if err != nil {
				t.Fatal(err)
			}
			var want []credited
			organic := 0
			for person, es := range byPerson(ordered(events, ever)) {
				i := slices.IndexFunc(es, func(e event) bool { return e.name == "purchase" })
				if i < 0 {
					continue
				}
				c := credited{person: person, at: es[i].at(), weight: 1_000_000}
				for _, e := range es {
					if e.partner != "" && e.hour <= es[i].hour && (rule == attribution.LastTouch || c.partner == "") {
						c.partner = e.partner
					}
				}
				if c.partner == "" {
					organic++
				}
				want = append(want, c)
			}
			slices.SortFunc(want, func(a, b credited) int { return strings.Compare(a.person, b.person) })
			if diff := gocmp.Diff(want, acquisitions(t, db), gocmp.AllowUnexported(credited{})); diff != "" {
				t.Errorf("seed %d, %s (-events +table):\n%s", seed, rule, diff)
			}
			if (organic > 0) != (len(found) == 1) || organic > 0 && !strings.HasPrefix(found[0].Detail, fmt.Sprintf("%d of %d ", organic, len(want))) {
				t.Errorf("seed %d, %s: %d organic customers, findings %v", seed, rule, organic, found)
			}
		}
	}
}

func byPerson(events []event) map[string][]event {
	out := map[string][]event{}
	for _, e := range events {
		out[e.person] = append(out[e.person], e)
	}
	return out
}

func TestCredit_unknownRuleLeavesTheTable(t *testing.T) {
	scope := scopeAt(100)
	db := load(t, []event{{id: "1", person: "a", name: "purchase", partner: "acme", cents: 1}}, scope)
	if _, err := attribution.Credit(t.Context(), db, attribution.FirstTouch); err != nil {
		t.Fatal(err)
	}
	_, err := attribution.Credit(t.Context(), db, "middle_touch")
	if ps := referral.Problems(nil); !errors.As(err, &ps) || ps[0].Path != "credit" {
		t.Errorf("error %v", err)
	}
	if got := acquisitions(t, db); len(got) != 1 || got[0].partner != "acme" {
		t.Errorf("the table now holds %v", got)
	}
}

// Last credit by channel is what reading the events one by one gives, through the whole path from
// the file to the result; money and conversions add up under every model.
func TestCompute_againstReadingEvents(t *testing.T) {
	for seed := range 6 {
		const asOf, window = 35, 9
		events, scope := drawEvents.Example(seed+100), scopeAt(asOf)
		db := load(t, events, scope)
		def := attribution.Definition{Name: "house", Conversion: "purchase", Touches: []string{"demo", "invite_clicked"}, Window: window * referral.Hour, By: "channel"}
		res, err := attribution.Compute(t.Context(), db, def, scope)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string][2]int64{}
		var conversions, value int64
		for _, es := range byPerson(ordered(events, asOf)) {
			for _, c := range es {
				if c.name != "purchase" {
					continue
				}
				key := attribution.None
				for _, e := range es {
					if e.name != "purchase" && e.channel != "" && e.hour <= c.hour && e.hour >= c.hour-window {
						key = e.channel
					}
				}
				want[key] = [2]int64{want[key][0] + 1_000_000, want[key][1] + c.cents}
				conversions++
				value += c.cents
			}
		}
		if res.Conversions != conversions || res.ValueMinor != value {
			t.Errorf("seed %d: %d conversions worth %d, want %d worth %d", seed, res.Conversions, res.ValueMinor, conversions, value)
		}
		for _, m := range res.Models {
			got := map[string][2]int64{}
			var micro, minor int64
			for _, c := range m.Credits {
				if c.AcquisitionsMicro != 0 || c.ValueMinor != 0 {
					got[c.Key] = [2]int64{c.AcquisitionsMicro, c.ValueMinor}
				}
				micro += c.AcquisitionsMicro
				minor += c.ValueMinor
			}
			if micro != conversions*1_000_000 || minor != value {
				t.Errorf("seed %d: model %s adds up to %d millionths and %d", seed, m.Name, micro, minor)
			}
			if m.Name == attribution.Last {
				if diff := gocmp.Diff(want, got); diff != "" {
					t.Errorf("seed %d (-events +computed):\n%s", seed, diff)
				}
			}
		}
	}
}

func TestCompute_eventsThatDoNotOccur(t *testing.T) {
	scope := scopeAt(100)
	db := load(t, []event{{id: "1", person: "a", name: "purchase", partner: "acme", cents: 5}}, scope)
	for _, c := range []struct {
		conversion, touch string
		want              []string
	}{
		{"purchase", "webinar", []string{"conversions-without-touch purchase", "event-missing webinar"}},
		{"signup", "purchase", []string{"event-missing signup", "no-conversions signup"}},
	} {
		def := attribution.Definition{Conversion: c.conversion, Touches: []string{c.touch}}
		res, err := attribution.Compute(t.Context(), db, def, scope)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range res.Findings {
			got = append(got, f.Code+" "+f.Subject)
		}
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s after %s (-want +got):\n%s", c.conversion, c.touch, diff)
		}
	}
}

func TestValidate_everyMistakeAtOnce(t *testing.T) {
	d := attribution.Definition{Touches: []string{"a", "", "a"}, Window: -1, Model: "lst", By: "partner"}
	var got []string
	for _, p := range d.Validate() {
		got = append(got, p.Path)
	}
	if diff := gocmp.Diff([]string{"conversion", "touches[1]", "touches[2]", "window", "model", "by"}, got); diff != "" {
		t.Error(diff)
	}
	if hint := d.Validate()[4].Hint; hint != `did you mean "last"?` {
		t.Errorf("hint %q", hint)
	}
}
