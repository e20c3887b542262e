package partners

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/ingest/ingesttest"
	"vouch/internal/stats"
	"vouch/partners/attribution"
	"vouch/referral"
)

// Joining Wilson's limits by hand is Newcombe's interval, which has a source of its own.
func TestMovedBy_isNewcombeForShares(t *testing.T) {
	share := func(hits, n int64) referral.Estimate {
		lo, hi, err := stats.WilsonInterval(hits, n, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		p := float64(hits) / float64(n)
		return referral.Estimate{Value: &p, Lo: &lo, Hi: &hi}
	}
	// Newcombe (1998), Statistics in Medicine 17, 873–890, table II, example (a), method 10:
	// 56/70 − 48/80 = 0.2, interval 0.0524 to 0.3339.
	got := movedBy(share(56, 70), share(48, 80), 0.95)
	for _, c := range []struct {
		got  *float64
		want float64
	}{{got.Value, 0.2}, {got.Lo, 0.0524}, {got.Hi, 0.3339}} {
		if c.got == nil || math.Abs(*c.got-c.want) > 5e-5 {
			t.Errorf("got %+v", got)
		}
	}
}

func TestMovedBy_absentLimits(t *testing.T) {
	one, two, three := 1.0, 2.0, 3.0
	e := movedBy(referral.Estimate{Value: &two, Lo: &one}, referral.Estimate{Value: &one, Lo: &one, Hi: &three}, 0.95)
	// 2 − 1 = 1 with √((2−1)² + (3−1)²) below; nothing bounds it above.
	if e.Hi != nil || e.Lo == nil || math.Abs(*e.Lo-(1-math.Sqrt(5))) > 1e-12 {
		t.Errorf("got %+v", e)
	}
}

// weekly loads a programme of two full weeks before Monday 2026-03-16 and one customer in the open
// week: 4 and 1 customers by acme, 1 and 1 by the others, organic ones too.
func weekly(t *testing.T, asOf time.Time) Weekly {
	t.Helper()
	events := "event_id,person_id,event,occurred_at,partner_id,amount_minor\n"
	n := 0
	add := func(person, name, at, partner, amount string) {
		n++
		events += fmt.Sprintf("%d,%s,%s,%s,%s,%s\n", n, person, name, at, partner, amount)
	}
	for i := range 4 {
		p := fmt.Sprintf("a%d", i)
		add(p, "signed_up", "2026-03-10T10:00:00Z", "acme", "")
		add(p, "purchase", "2026-03-11T10:00:00Z", "", "1000")
	}
	add("b", "signed_up", "2026-03-03T10:00:00Z", "acme", "")
	add("b", "purchase", "2026-03-08T23:30:00Z", "", "500") // Monday in Berlin: the next week
	for i := range 6 {
		p := fmt.Sprintf("s%d", i)
		add(p, "signed_up", "2026-03-04T10:00:00Z", fmt.Sprintf("p%d", i), "")
	}
	add("s0", "purchase", "2026-03-05T10:00:00Z", "", "200")
	add("s1", "purchase", "2026-03-06T10:00:00Z", "", "300")
	add("o", "purchase", "2026-03-12T10:00:00Z", "", "700")
	add("late", "purchase", "2026-03-16T10:00:00Z", "", "9000")
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	scope := ingesttest.DefaultScope()
	scope.AsOf, scope.Calendar.Zone = asOf, berlin
	db := ingesttest.Load(t, map[string]string{
		"events.csv":   events,
		"costs.csv":    "partner_id,day,kind,amount_minor\nacme,2026-03-09,commission,600\nacme,2026-03-08,fixed,100\n",
		"partners.csv": "partner_id,name\nacme,Acme\n",
	}, ingesttest.Scope(scope))
	if _, err := attribution.Credit(t.Context(), db, attribution.LastTouch); err != nil {
		t.Fatal(err)
	}
	w, err := Week(t.Context(), db, scope)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWeek_figures(t *testing.T) {
	w := weekly(t, time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC))
	if got := []string{w.Week, w.From, w.To}; !cmp.Equal(got, []string{"2026-W11", "2026-03-09", "2026-03-15"}) {
		t.Errorf("week %v", got)
	}
	var got []string
	for _, f := range w.Figures {
		text := func(p *float64) string {
			if p == nil {
				return "-"
			}
			return fmt.Sprintf("%.4g", *p)
		}
		got = append(got, fmt.Sprintf("%s %s, before %s, change %s %v", f.Name, text(f.Value.Value), text(f.Previous.Value), text(f.Change.Value), f.Clear))
		if len(f.Series) != 13 || text(f.Series[12]) != text(f.Value.Value) || text(f.Series[11]) != text(f.Previous.Value) || f.Series[10] != nil {
			t.Errorf("%s: series of %d ends %s, %s, %s; weeks before the first data are unknown", f.Name, len(f.Series), text(f.Series[10]), text(f.Series[11]), text(f.Series[12]))
		}
	}
	want := []string{
		"signups 4, before 7, change -3 false",
		"customers 6, before 2, change 4 false",
		"revenue 5200, before 500, change 4700 true", // 4·1000 + 500 + 700, spread √(4·10⁶+…) ≈ 2170
		"cost 600, before 100, change 500 true",
		"cpa 100, before 50, change 50 false",
		"conversion 1, before 0.2857, change 0.7143 true", // 4 of 4, 2 of 7: b became one in the next week
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The named movers and all others together are the change of the programme.
func TestWeek_moversAddUp(t *testing.T) {
	w := weekly(t, time.Date(2026, 3, 17, 9, 0, 0, 0, time.UTC))
	want := []Mover{
		{Key: "acme", Name: "Acme", Current: 5_000_000},
		{Key: "", Name: "No partner", Current: 1_000_000},
		{Key: "p0", Name: "p0", Previous: 1_000_000},
		{Key: "p1", Name: "p1", Previous: 1_000_000},
	}
	if diff := cmp.Diff(want, w.Movers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The rest of the partners is one line, so that the changes still add up.
func TestMovers_others(t *testing.T) {
	scope := ingesttest.DefaultScope()
	rows := "partner_id,day,conversions\n"
	for i := range 9 {
		rows += fmt.Sprintf("p%d,2026-03-10,%d\np%d,2026-03-03,%d\n", i, i, i, 2*i)
	}
	scope.AsOf = time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)
	db := ingesttest.Load(t, map[string]string{"aggregates.csv": rows}, ingesttest.Scope(scope))
	w, err := Week(t.Context(), db, scope)
	if err != nil {
		t.Fatal(err)
	}
	last := w.Movers[len(w.Movers)-1]
	if want := (Mover{Key: "(others)", Name: "all others", Previous: 12_000_000, Current: 6_000_000}); len(w.Movers) != 6 || last != want {
		t.Errorf("%d movers, the last %+v, want %+v", len(w.Movers), last, want)
	}
	var change Micro
	for _, m := range w.Movers {
		change += m.Current - m.Previous
	}
	if change != -36_000_000 {
		t.Errorf("the changes add up to %d millionths, want -36 customers", change)
	}
}

// Without any data everything is unknown; nothing is zero.
func TestWeek_noData(t *testing.T) {
	scope := ingesttest.DefaultScope()
	db := ingesttest.Load(t, nil, ingesttest.Scope(scope))
	w, err := Week(t.Context(), db, scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range w.Figures {
		if f.Value.Known() || f.Change.Known() || f.Clear || f.Value.Reason != referral.ReasonNoData {
			t.Errorf("%s: %+v", f.Name, f)
		}
	}
}
