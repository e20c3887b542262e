package experiments

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest"
	"vouch/internal/ingest/ingesttest"
	"vouch/internal/sqltext"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

// counting counts the statements that are run, by name.
type counting struct {
	*duckdb.DB
	ran []string
}

func (c *counting) Query(ctx context.Context, s sqltext.Stmt) (*sql.Rows, error) {
	c.ran = append(c.ran, s.Name)
	return c.DB.Query(ctx, s)
}

// crowd is an experiment of equal arms with one purchase for each unit but every third, the last unit with many.
func crowd(perArm, large int) world {
	w := simple(cohort{"none", perArm, 0, 0, 0}, cohort{"ten", perArm, 0, 0, 0})
	add := func(person, n int) {
		for range n {
			w.events = append(w.events, eventRow{person: person, partner: -1, event: "purchase", at: at(2, len(w.events)), value: minor(100)})
		}
	}
	for p := range 2 * perArm {
		if p%3 > 0 {
			add(p, 1)
		}
	}
	add(2*perArm-1, large)
	return w
}

func ratioDefinition() Definition {
	def := rewardDefinition("none", "ten")
	def.Metrics = append(def.Metrics, Metric{Name: "basket", Kind: KindRatio, Event: "purchase", Per: &Part{Event: "purchase"}})
	return def
}

// Units leave the database one by one only where a method needs them, and distributions only where sums do not do.
func TestReadExposures_spreadOnlyWhereNeeded(t *testing.T) {
	late := testScope()
	late.AsOf = at(20, 0) // before any window of 30 days is closed
	for _, c := range []struct {
		name          string
		perArm, large int
		scope         referral.Scope
		want          []string // metrics with a distribution
	}{
		{"many units, closed windows", 120, 0, testScope(), nil},
		{"few units", 99, 0, testScope(), []string{"basket"}},
		{"one unit has more than a tenth", 120, 20, testScope(), []string{"basket"}},
		{"one unit has less than a tenth", 120, 3, testScope(), nil},
		{"open windows", 120, 0, late, []string{"paid", "refunded", "basket"}},
	} {
		db := &counting{DB: crowd(c.perArm, c.large).open(t)}
		r, err := readExposures(t.Context(), db, ratioDefinition(), c.scope)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i, m := range ratioDefinition().Metrics {
			o := r.arms[0].metrics[i]
			if len(o.times)+len(o.clusters.Sums) > 0 || c.scope.AsOf == late.AsOf && m.Kind == KindRatio && slices.Contains(db.ran, "experiments/spread") {
				got = append(got, m.Name)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		if asked := slices.Contains(db.ran, "experiments/spread"); asked != (c.want != nil) {
			t.Errorf("%s: statements %v", c.name, db.ran)
		}
	}
}

// TestReadExposures_statements wants as many statements for a dozen metrics as for two.
func TestReadExposures_statements(t *testing.T) {
	w := crowd(120, 0).open(t)
	count := func(metrics int) []string {
		def := rewardDefinition("none", "ten")
		for i := range metrics {
			def.Metrics = append(def.Metrics, Metric{Name: fmt.Sprint("m", i), Kind: KindQuantile, Event: "purchase", Quantile: 0.5, Window: referral.Duration(i+1) * referral.DayLen})
		}
		db := &counting{DB: w}
		if _, err := readExposures(t.Context(), db, def, testScope()); err != nil {
			t.Fatal(err)
		}
		return db.ran
	}
	few, many := count(1), count(12)
	if d := cmp.Diff(few, many); d != "" {
		t.Error(d)
	}
	if n := strings.Count(strings.Join(many, " "), "experiments/readout"); n != 1 {
		t.Errorf("%d read-out statements: %v", n, many)
	}
}

// What an arm without units, an event that never happened and an experiment without exposures give: zeros, not errors.
func TestReadExposures_nothingThere(t *testing.T) {
	def := ratioDefinition()
	def.Metrics = append(def.Metrics, Metric{Name: "never", Kind: KindTimeToEvent, Event: "never happened"}, Metric{Name: "trimmed", Kind: KindMean, Event: "never happened", Cap: &Cap{Quantile: 0.9}})
	def.Cuped.Before = referral.DayLen
	for name, w := range map[string]world{
		"no exposures": {persons: []personRow{{id: "p", referrer: -1}}, events: []eventRow{{partner: -1, event: "purchase", at: at(1, 0)}}},
		"one arm":      simple(cohort{"ten", 1, 1, 0, 5}),
	} {
		r, err := readExposures(t.Context(), w.open(t), def, testScope())
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range r.arms {
			for k, o := range a.metrics {
				if o.N != a.n || o.joint.n != a.n {
					t.Errorf("%s: arm %d metric %d has %d and %d of %d units", name, i, k, o.N, o.joint.n, a.n)
				}
				for _, s := range append(o.joint.sum, o.joint.product...) {
					if s == nil || a.n == 0 && s.Sign() != 0 {
						t.Errorf("%s: arm %d metric %d: sum %v", name, i, k, s)
					}
				}
			}
		}
		if name == "one arm" && (r.arms[0].n != 0 || r.arms[1].n != 1 || r.arms[1].metrics[0].joint.sum[0].Cmp(big.NewInt(1)) != 0) {
			t.Errorf("%+v", r.arms)
		}
	}
}

// Exposures whose time is missing are refused at loading; the reading counts them.
func TestReadExposures_withoutTime(t *testing.T) {
	w := simple(cohort{"none", 2, 1, 0, 5}, cohort{"ten", 2, 1, 0, 5})
	w.untimed = 3
	db := w.open(t)
	if err := db.Tx(t.Context(), func(x engine.Tx) error {
		return x.Exec(t.Context(), sqltext.Raw("more", "INSERT INTO exposures VALUES ('reward', 'p1', 'ten', NULL, NULL), ('other', 'p1', 'ten', NULL, NULL)"))
	}); err != nil {
		t.Fatal(err)
	}
	res := compute(t, db, rewardDefinition("none", "ten"), testScope())
	if h := res.Hygiene; h.WithoutTime != 4 || h.Exposures != 4 {
		t.Errorf("%+v", h)
	}
}

// The quarantine names the column as this reading expects it.
func TestReadExposures_quarantined(t *testing.T) {
	db := ingesttest.Load(t, map[string]string{
		"events.csv":    "person_id,event,occurred_at\na,purchase,2026-03-05T10:00:00Z\n",
		"exposures.csv": "experiment,unit_id,variant,exposed_at\nreward,a,none,2026-03-02T00:00:00Z\nreward,b,ten,\nreward,c,ten,soon\nreward,d,,2026-03-02T00:00:00Z\n",
	}, ingesttest.Plan(func(p *ingest.Plan) {
		for i := range p.Sources {
			p.Sources[i].Reject = ingest.Tolerance{Text: "all"}
		}
	}))
	res := compute(t, db, rewardDefinition("none", "ten"), ingesttest.DefaultScope())
	if h := res.Hygiene; h.WithoutTime != 2 || h.Exposures != 1 {
		t.Errorf("%+v", h)
	}
}

func TestOffsets(t *testing.T) {
	if got := offsets(testScope()); got != nil {
		t.Errorf("UTC adds %v", got)
	}
	scope := testScope()
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		scope.Calendar.Zone = zone
		list := offsets(scope)
		if len(list) > oldestOffset+1 || list[len(list)-1].From != 0 {
			t.Errorf("%s: %d offsets, the oldest from %d", name, len(list), list[len(list)-1].From)
		}
		for at := scope.AsOf; at.After(scope.AsOf.AddDate(-9, 0, 0)); at = at.Add(-7 * time.Hour) {
			_, want := at.In(zone).Zone()
			i := slices.IndexFunc(list, func(o offset) bool { return at.UnixMicro() >= o.From })
			if list[i].Micros != int64(want)*1e6 {
				t.Fatalf("%s at %s: %d, want %d s", name, at, list[i].Micros, want)
			}
		}
	}
}

func TestShare(t *testing.T) {
	for q, want := range map[float64][2]int64{0.99: {99, 100}, 0.5: {1, 2}, 0.123456789: {123456789, 1_000_000_000}, 1e-18: {1, 1_000_000_000_000_000_000}} {
		if n, d := share(q); n != want[0] || d != want[1] {
			t.Errorf("%v is %d/%d", q, n, d)
		}
	}
	if n, d := share(1e-30); n != 0 || d != 1 {
		t.Errorf("a share of nearly nothing is %d/%d", n, d)
	}
}

func TestLearn(t *testing.T) {
	a, err := ratioDefinition().ask(testScope())
	if err != nil {
		t.Fatal(err)
	}
	a.learn(map[string]int64{"purchase": 7, "used": 1})
	var codes []int
	for _, s := range a.Selectors {
		codes = append(codes, s.Code)
	}
	if d := cmp.Diff([]int{7, noEvent}, codes); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int64{7}, a.Keys); d != "" {
		t.Error(d)
	}
}

// Money beyond 64 bits of squares keeps its last digit.
func TestReadExposures_largeMoney(t *testing.T) {
	const price = 9_000_000_000_000_007
	w := simple(cohort{"none", 3, 0, 0, 0}, cohort{"ten", 3, 3, 0, price})
	def := rewardDefinition("none", "ten")
	def.Metrics[1] = Metric{Name: "revenue", Kind: KindMean, Event: "purchase"}
	r, err := readExposures(t.Context(), w.open(t), def, testScope())
	if err != nil {
		t.Fatal(err)
	}
	want := new(big.Int)
	for i := range int64(3) {
		x := big.NewInt(price + i)
		want.Add(want, x.Mul(x, x))
	}
	if got := r.arms[1].metrics[1].joint.product[0]; got.Cmp(want) != 0 {
		t.Errorf("%s, want %s", got, want)
	}
}

// A person whose first purchase is told twice, at the same moment, is one customer of a partner.
func TestReadExposures_customerOnce(t *testing.T) {
	w := world{persons: []personRow{{id: "a", referrer: -1}, {id: "b", referrer: -1}}}
	for i, arm := range []string{"none", "ten"} {
		w.exposures = append(w.exposures, exposureRow{"reward", partnerID(i), arm, at(1, 0)})
	}
	for _, person := range []int{0, 0, 1} {
		w.events = append(w.events, eventRow{person: person, partner: 1, event: "purchase", at: at(2, 0), value: minor(5)})
	}
	def := rewardDefinition("none", "ten")
	def.Unit = UnitPartner
	r, err := readExposures(t.Context(), w.open(t), def, testScope())
	if err != nil {
		t.Fatal(err)
	}
	if got := r.arms[1].money.sum[moneyCustomers]; got.Int64() != 2e6 {
		t.Errorf("%s millionths of customers, want two", got)
	}
}
