package funnel_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/internal/engine"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// programme writes events of a small programme with money, partners and referrers; few share a time.
func programme(rng *rand.Rand, persons, most int) map[string]string {
	base := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,received_at,referral_code,channel,plan,seats,partner_id,referrer_id,order_id,amount_minor,currency\n")
	for i := range persons * most {
		at := base.Add(time.Duration(rng.IntN(40)) * time.Minute)
		partner, referrer := choose(rng, "", "acme", "bolt", "cargo"), ""
		if rng.IntN(3) == 0 {
			referrer = fmt.Sprintf("r%d", rng.IntN(4))
		}
		fmt.Fprintf(&b, "e%d,p%d,%s,%s,%s,%s,%s,%s,%d,%s,%s,%s,%d,EUR\n", i, rng.IntN(persons), choose(rng, "a", "a", "b", "b", "purchase", "x"),
			at.Format(time.RFC3339), at.Add(time.Duration(rng.IntN(20))*time.Minute).Format(time.RFC3339), choose(rng, "", "k1", "k1", "k2"),
			choose(rng, "", "mail", "web"), choose(rng, "", "pro", "basic"), rng.IntN(5), partner, referrer, choose(rng, "", "o1", "o2", "o3", "o4"), rng.IntN(5000))
	}
	return map[string]string{
		"events.csv": b.String(), "partners.csv": "partner_id,name,tier\nacme,Acme,gold\nbolt,Bolt,silver\ncargo,Cargo,gold\n",
		"costs.csv": "partner_id,day,kind,amount_minor\nacme,2026-03-01,commission,700\n",
	}
}

// plainQuestion draws a definition that SQL can state, but for an option now and then.
func plainQuestion(rng *rand.Rand) funnel.Definition {
	d := funnel.Definition{
		Name: "f", Ties: choose(rng, "", "", "increasing"), Entry: choose(rng, "", "first"), Reuse: rng.IntN(4) == 0, Window: 5 * maybe(rng, 6),
		Unit: choose(rng, "", "", "", "referrer_id", "partner_id", "order_id", "referral_code"), Late: choose(rng, "", "", "drop"),
	}
	for i := range 1 + rng.IntN(4) {
		s := funnel.Step{Name: fmt.Sprintf("s%d", i), Event: choose(rng, "a", "b", "purchase"), FirstEver: rng.IntN(6) == 0}
		switch rng.IntN(6) {
		case 0:
			s.Where = map[string]json.RawMessage{"channel": json.RawMessage(`"web"`)}
		case 1:
			s.Event = ""
			s.AnyOf = [][]funnel.Condition{{text("event", "b"), {Field: "prop.seats", Op: ">=", Value: json.RawMessage(`"2"`)}}, {{Field: "partner.tier", Op: "=", Value: json.RawMessage(`"gold"`)}, text("event", "a")}}
		}
		d.Steps = append(d.Steps, s)
	}
	if n := len(d.Steps); n > 1 && rng.IntN(6) == 0 {
		d.Steps[n-1].Window = maybe(rng, 20)
	}
	if rng.IntN(3) == 0 {
		d.Hold = [][]string{{"referral_code"}, {"partner_id"}, {"prop.plan"}, {"channel", "prop.plan"}, {"partner.tier"}}[rng.IntN(5)]
	}
	if rng.IntN(3) > 0 {
		d.By = &funnel.Breakdown{
			Property:    choose(rng, "channel", "partner_id", "partner_id", "prop.plan", "referrer_id", "partner.tier", "cohort.week"),
			Attribution: choose(rng, "all", "first_touch", "last_touch", "step"),
		}
		if d.By.Attribution == "step" {
			d.By.Step = 1 + rng.IntN(len(d.Steps))
		}
	}
	if rng.IntN(4) == 0 {
		d.EntryFrom, d.EntryTo = "2026-03-01T00:05:00Z", "2026-03-01T00:25:00Z"
	}
	if rng.IntN(2) == 0 {
		d.Trend = &funnel.Trend{Interval: choose(rng, "hour", "day", "week")}
	}
	return d
}

// TestCompute_twin wants the same result of both engines to the byte, in all views and in bare counts.
func TestCompute_twin(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(17, 4))
	db := ingesttest.Load(t, programme(rng, 120, 5))
	scope := ingesttest.DefaultScope()
	asked, bySQL, byKernel := 0, int64(0), int64(0)
	for asked < 80 {
		scope.AsOf = time.Date(2026, 3, 1, 0, 20+rng.IntN(40), 0, 0, time.UTC)
		def := plainQuestion(rng)
		if def.Validate().Err() != nil {
			continue
		}
		asked++
		question, err := json.Marshal(def)
		if err != nil {
			t.Fatal(err)
		}
		for name, ask := range map[string]func(engine.DB) (funnel.Result, error){
			"all views":   func(db engine.DB) (funnel.Result, error) { return funnel.Compute(t.Context(), db, def, scope) },
			"bare counts": func(db engine.DB) (funnel.Result, error) { return funnel.Counts(t.Context(), db, def, scope) },
		} {
			want, err := ask(db)
			if err != nil {
				t.Fatalf("kernel: %v\n%s", err, question)
			}
			got, err := ask(engine.Portable(db))
			if err != nil {
				t.Fatalf("twin: %v\n%s", err, question)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%s: kernel (-) and twin (+) differ:\n%s\n%s", name, d, question)
			}
		}
		roads, err := funnel.Explain(t.Context(), engine.Portable(db), def, scope)
		if err != nil {
			t.Fatal(err)
		}
		bySQL, byKernel = bySQL+roads.SQL, byKernel+roads.Kernel
	}
	t.Logf("%d definitions; %d units by SQL, %d by the kernel", asked, bySQL, byKernel)
	if bySQL < byKernel/2 {
		t.Error("too few units by SQL")
	}
}

// TestExplain counts the units of each road and says why.
func TestExplain(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{"events.csv": "person_id,event,occurred_at,channel\n" +
		"p1,a,2026-03-01T00:00:00Z,web\np1,b,2026-03-01T00:01:00Z,web\n" + // apart
		"p2,a,2026-03-01T00:00:00Z,web\np2,b,2026-03-01T00:00:00Z,web\n" + // tied
		"p3,a,2026-03-01T00:00:00Z,web\np3,x,2026-03-01T00:00:00Z,web\n" + // tied with what is no step
		"p4,x,2026-03-01T00:00:00Z,web\np4,x,2026-03-01T00:00:00Z,web\n" + // no step
		"p5,a,2026-03-01T00:00:00Z,web\np5,a,2026-03-01T00:00:00Z,mail\n"})
	steps := []funnel.Step{{Name: "a"}, {Name: "b"}}
	on := map[string]json.RawMessage{"channel": json.RawMessage(`"web"`)}
	for name, c := range map[string]struct {
		def  funnel.Definition
		db   engine.DB
		want funnel.Roads
	}{
		"ties": {funnel.Definition{Steps: steps}, engine.Portable(db), funnel.Roads{SQL: 2, Kernel: 2, Reasons: []funnel.Road{{Reason: "equal times", Persons: 2}}}},
		"a condition unties": {
			funnel.Definition{Steps: []funnel.Step{{Name: "a", Where: on}, {Name: "b"}}},
			engine.Portable(db),
			funnel.Roads{SQL: 3, Kernel: 1, Reasons: []funnel.Road{{Reason: "equal times", Persons: 1}}},
		},
		"an option": {
			funnel.Definition{Steps: steps, Counting: "totals", Order: "strict"},
			engine.Portable(db),
			funnel.Roads{Kernel: 4, Reasons: []funnel.Road{{Reason: "order strict", Persons: 4}, {Reason: "counting totals", Persons: 4}}},
		},
		"a condition beyond SQL": {
			funnel.Definition{Steps: []funnel.Step{{Name: "a", AnyOf: [][]funnel.Condition{{text("event", "a"), {Field: "prop.n", Op: "=", Value: json.RawMessage(`9007199254740993`)}}}}}},
			engine.Portable(db),
			funnel.Roads{Kernel: 4, Reasons: []funnel.Road{{Reason: "condition on prop.n", Persons: 4}}},
		},
		"the engine":    {funnel.Definition{Steps: steps}, db, funnel.Roads{Kernel: 4, Reasons: []funnel.Road{{Reason: "engine duckdb", Persons: 4}}}},
		"nobody":        {funnel.Definition{Steps: []funnel.Step{{Name: "never"}}}, engine.Portable(db), funnel.Roads{Reasons: []funnel.Road{}}},
		"nobody at all": {funnel.Definition{Steps: []funnel.Step{{Name: "never"}}}, db, funnel.Roads{Reasons: []funnel.Road{}}},
	} {
		got, err := funnel.Explain(t.Context(), c.db, c.def, ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(&c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	if _, err := funnel.Explain(t.Context(), db, funnel.Definition{}, ingesttest.DefaultScope()); err == nil {
		t.Error("a definition without steps is explained")
	}
}

// TestPortableStatements shows what runs: the rows left to the kernel and the twin itself, also for a
// cluster.
func TestPortableStatements(t *testing.T) {
	def := funnel.Definition{Name: "f", Steps: []funnel.Step{{Name: "a"}, {Name: "b"}}, Window: referral.DayLen}
	for _, d := range []sqltext.Dialect{sqltext.DuckDB{}, sqltext.Trino{}} {
		list, err := funnel.PortableStatements(d, def, ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range list {
			names = append(names, s.Name)
		}
		if n := len(names); n < 2 || names[n-2] != "funnel/twin" || names[n-1] != "funnel/rows" || !strings.Contains(list[n-1].Text, "HAVING count(*) > 1") {
			t.Errorf("statements %v; the rows are those left to the kernel: %s", names, list[len(list)-1].Text)
		}
	}
	for name, d := range map[string]sqltext.Dialect{"twin.duckdb": sqltext.DuckDB{}, "twin.trino": sqltext.Trino{}} {
		list, err := funnel.PortableStatements(d, goldenQuestion(), ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, list[len(list)-2:])
	}
	def.Counting = "totals"
	list, err := funnel.PortableStatements(sqltext.DuckDB{}, def, ingesttest.DefaultScope())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.Name == "funnel/twin" || strings.Contains(s.Text, "HAVING count(*) > 1") {
			t.Errorf("counting totals is shown in SQL: %s", s.Name)
		}
	}
}
