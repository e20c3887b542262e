package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
	"vouch/internal/stats"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

// plainUnit is an analysed unit as loops over raw rows find it.
type plainUnit struct {
	id      string
	person  int // index; −1 none
	variant string
	first   time.Time
}

// analysed lists the units that count: seen in one variant of the plan, not marked internal or bot.
func (w world) analysed(def Definition, scope referral.Scope) []plainUnit {
	seen := map[string]*plainUnit{}
	mixed := map[string]bool{}
	for _, e := range w.exposures {
		if _, planned := def.Weights[e.variant]; e.experiment != def.Name || !planned || !e.at.Before(scope.AsOf) {
			continue
		}
		id := e.unit
		if p, ok := w.aliases[id]; ok && def.Unit != UnitPartner {
			id = p
		}
		u := seen[id]
		if u == nil {
			u = &plainUnit{id: id, variant: e.variant, first: e.at, person: -1}
			seen[id] = u
		}
		mixed[id] = mixed[id] || u.variant != e.variant
		if e.at.Before(u.first) {
			u.first = e.at
		}
	}
	var out []plainUnit
	for id, u := range seen {
		if def.Unit != UnitPartner {
			u.person = slices.IndexFunc(w.persons, func(p personRow) bool { return p.id == id })
			if f := ""; u.person >= 0 {
				if f = w.persons[u.person].flags; strings.Contains(f, "bot") || strings.Contains(f, "internal") {
					continue
				}
			}
		}
		if !mixed[id] {
			out = append(out, *u)
		}
	}
	slices.SortFunc(out, func(a, b plainUnit) int { return strings.Compare(a.id, b.id) })
	return out
}

// interference counts by plain loops, one person at a time.
func (w world) interference(def Definition, scope referral.Scope) Interference {
	units := w.analysed(def, scope)
	var out Interference
	for p := range w.persons {
		var arms []string
		for _, e := range w.events {
			for _, u := range units {
				named := u.person >= 0 && e.referrer == u.person+1 && u.person != p
				if def.Unit == UnitPartner {
					named = e.partner >= 0 && partnerID(e.partner) == u.id
				}
				late := def.Window > 0 && e.at.After(u.first.Add(def.Window.Std()))
				if e.person == p && named && !e.at.Before(u.first) && e.at.Before(scope.AsOf) && !late {
					arms = append(arms, u.variant)
				}
			}
		}
		if len(arms) == 0 {
			continue
		}
		out.Referees++
		two := slices.ContainsFunc(arms, func(a string) bool { return a != arms[0] })
		own := slices.IndexFunc(units, func(u plainUnit) bool { return u.person == p })
		cross := own >= 0 && slices.ContainsFunc(arms, func(a string) bool { return a != units[own].variant })
		for _, c := range []struct {
			yes bool
			to  *int64
		}{{two, &out.TwoArms}, {own >= 0, &out.Randomised}, {cross, &out.CrossArm}, {two || cross, &out.Affected}} {
			if c.yes {
				*c.to++
			}
		}
	}
	return out
}

// referred gives a third of the events of a world a referrer.
func (w *world) referred(r *rand.Rand) {
	for i := range w.events {
		if r.IntN(3) == 0 {
			w.events[i].referrer = 1 + r.IntN(len(w.persons))
		}
	}
}

// TestInterference_agreesWithBruteForce compares the counts with loops over the same raw rows.
func TestInterference_agreesWithBruteForce(t *testing.T) {
	var sum Interference
	warned := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 26))
		w := randomWorld(r)
		w.referred(r)
		db := w.open(t)
		for _, unit := range []string{UnitPerson, UnitReferrer, UnitPartner} {
			for _, window := range []referral.Duration{0, 20 * referral.DayLen} {
				def := oracleDefinition(unit)
				def.Window = window
				got, err := readInterference(t.Context(), db, def, testScope())
				if err != nil {
					t.Fatal(err)
				}
				want := w.interference(def, testScope())
				if got == nil {
					got = &Interference{}
				}
				if (got.Warning != "") != (20*want.Affected > want.Referees) {
					t.Errorf("%+v: warning %q", want, got.Warning)
				}
				if got.Warning != "" {
					warned++
				}
				got.Warning = ""
				if d := cmp.Diff(want, *got); d != "" {
					t.Fatalf("seed %d, %s, window %s (-want +got)\n%s", seed, unit, window, d)
				}
				sum.TwoArms, sum.CrossArm, sum.Affected, sum.Randomised = sum.TwoArms+got.TwoArms, sum.CrossArm+got.CrossArm, sum.Affected+got.Affected, sum.Randomised+got.Randomised
			}
		}
	}
	if sum.TwoArms == 0 || sum.CrossArm == 0 || sum.Affected <= sum.TwoArms || sum.Randomised <= sum.CrossArm || warned == 0 {
		t.Errorf("the worlds do not cover every count: %+v, %d warnings", sum, warned)
	}
}

// Two referees of twenty touched by both arms are ten percent; one of twenty is not above five.
func TestInterference_warning(t *testing.T) {
	for _, both := range []int{1, 2} {
		w := world{}
		for i, v := range []string{"none", "ten"} {
			w.persons = append(w.persons, personRow{id: fmt.Sprint("r", i), referrer: -1})
			w.exposures = append(w.exposures, exposureRow{"reward", fmt.Sprint("r", i), v, at(1, 0)})
		}
		for i := range 20 {
			w.persons = append(w.persons, personRow{id: fmt.Sprint("f", i), referrer: i % 2})
			w.events = append(w.events, eventRow{person: 2 + i, referrer: 1 + i%2, partner: -1, event: "purchase", at: at(2, i)})
			if i < both {
				w.events = append(w.events, eventRow{person: 2 + i, referrer: 2 - i%2, partner: -1, event: "purchase", at: at(3, i)})
			}
		}
		def := rewardDefinition("none", "ten")
		def.Unit = UnitReferrer
		res := compute(t, w.open(t), def, testScope())
		x := res.Interference
		if x == nil || x.Referees != 20 || x.TwoArms != int64(both) || (x.Warning != "") != (both == 2) || slices.Contains(codes(res.Findings), "interference") != (both == 2) {
			t.Errorf("%d of both: %+v, %v", both, x, codes(res.Findings))
		}
	}
}

// day sums up one day of one unit by plain loops: the value, and the denominator of a ratio.
func (w world) onDay(def Definition, m Metric, u plainUnit, day int, scope referral.Scope) (y, z float64) {
	from := u.first.AddDate(0, 0, day)
	n := 0
	for _, e := range w.events {
		if !w.isOf(e, def.Unit, u.id, u.person) || e.at.Before(from) || !e.at.Before(from.AddDate(0, 0, 1)) || !e.at.Before(scope.AsOf) {
			continue
		}
		if m.Per != nil && e.event == m.Per.Event {
			z++
		}
		if e.event != m.Event || !matches(e, m) {
			continue
		}
		n++
		if e.value != nil {
			y += float64(*e.value)
		}
	}
	switch {
	case m.Kind == KindProportion || m.Kind == KindTimeToEvent:
		return math.Min(1, float64(n)), z
	case m.Value == ValueCount:
		return float64(n), z
	}
	return y, z
}

// TestNovelty_agreesWithBruteForce compares the sums of every arm and day with loops over the same raw rows.
func TestNovelty_agreesWithBruteForce(t *testing.T) {
	metrics := []Metric{
		{Name: "paid", Kind: KindProportion, Event: "purchase", Where: map[string]json.RawMessage{"status": []byte(`"paid"`)}},
		{Name: "revenue", Kind: KindMean, Event: "purchase", Cap: &Cap{At: minor(500)}},
		{Name: "orders", Kind: KindMean, Value: ValueCount, Event: "purchase"},
		{Name: "time", Kind: KindTimeToEvent, Event: "purchase"},
		{Name: "rate", Kind: KindRatio, Value: ValueCount, Event: "purchase", Per: &Part{Event: "signed_up"}},
	}
	events := 0.0
	for seed := range uint64(8) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 27)))
		db := w.open(t)
		for _, unit := range []string{UnitPerson, UnitReferrer, UnitPartner} {
			for i, m := range metrics {
				def := oracleDefinition(unit)
				m.Role = RolePrimary
				def.Metrics, def.Window = []Metric{m}, []referral.Duration{0, 5*referral.DayLen + referral.Second}[i%2]
				days := map[bool]int{true: 5, false: 28}[def.Window > 0]
				cells, err := readNovelty(t.Context(), db, def, testScope())
				if err != nil {
					t.Fatal(err)
				}
				if len(cells) != 3*days {
					t.Fatalf("%d cells", len(cells))
				}
				units := w.analysed(def, testScope())
				for k, c := range cells {
					if c.arm != k/days || c.day != k%days {
						t.Fatalf("cell %d is arm %d, day %d", k, c.arm, c.day)
					}
					var ys, zs []float64
					for _, u := range units {
						if u.variant != def.variants()[c.arm] || u.first.AddDate(0, 0, c.day+1).After(testScope().AsOf) {
							continue
						}
						y, z := w.onDay(def, m, u, c.day, testScope())
						ys, zs = append(ys, y), append(zs, z)
						events += y
					}
					want := stats.MomentsOf(ys)
					got, err := c.moments(0)
					if err != nil || got.N != want.N || math.Abs(got.Mean-want.Mean) > 1e-9*math.Abs(want.Mean) || math.Abs(got.Variance-want.Variance) > 1e-9*want.Variance {
						t.Fatalf("seed %d, %s, %s, arm %d, day %d: %+v, want %+v", seed, unit, m.Name, c.arm, c.day, got, want)
					}
					if m.Per == nil {
						continue
					}
					pair, err := stats.RatioMomentsOf(ys, zs)
					if err != nil {
						t.Fatal(err)
					}
					if r, err := c.ratio(0, 1); err != nil || math.Abs(r.MeanDenominator-pair.MeanDenominator) > 1e-9 || math.Abs(r.Covariance-pair.Covariance) > 1e-9 {
						t.Fatalf("seed %d, %s, day %d: ratio %+v, want %+v", seed, unit, c.day, r, pair)
					}
				}
			}
		}
	}
	if events < 100 {
		t.Errorf("only %v events fall on a day", events)
	}
}

// Days end to the microsecond, and a unit counts on a day only when it was seen for all of it.
func TestNovelty_edges(t *testing.T) {
	w := world{}
	for i, bought := range []time.Time{at(1, 0), at(2, -1), at(2, 0), at(28, 0), at(29, -1), at(29, 0)} {
		w.persons = append(w.persons, personRow{id: fmt.Sprint("p", i), referrer: -1})
		w.exposures = append(w.exposures, exposureRow{"reward", fmt.Sprint("p", i), "ten", at(1, 0)})
		w.events = append(w.events, eventRow{person: i, partner: -1, event: "purchase", at: bought})
	}
	w.persons = append(w.persons, personRow{id: "late", referrer: -1})
	w.exposures = append(w.exposures, exposureRow{"reward", "late", "ten", at(57, 1)}) // two whole days before as-of, less a microsecond
	w.events = append(w.events, eventRow{person: 6, partner: -1, event: "purchase", at: at(58, 2)})
	cells, err := readNovelty(t.Context(), w.open(t), rewardDefinition("none", "ten"), testScope())
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, c := range cells {
		if c.arm == 1 && (c.n != 6 || c.sum[0].Sign() > 0) {
			got[c.day] = fmt.Sprint(c.sum[0], " of ", c.n)
		}
	}
	if d := cmp.Diff(map[int]string{0: "2 of 7", 1: "2 of 7", 27: "2 of 6"}, got); d != "" {
		t.Error(d)
	}
}

// noveltyRead is a reading whose arms have a share of n units on every day, by hand.
func noveltyRead(n int64, control, treatment []int64) (Definition, read) {
	def := rewardDefinition("none", "ten")
	var r read
	for i, counts := range [][]int64{control, treatment} {
		r.arms = append(r.arms, arm{name: []string{"none", "ten"}[i], weight: 1, n: n, metrics: make([]outcome, 2)})
		for day, x := range counts {
			values := make([]int64, n)
			for k := range x {
				values[k] = 1
			}
			r.novelty = append(r.novelty, noveltyCell{i, day, jointOf(values)})
		}
	}
	return def, r
}

// An effect that wears off is told; one that keeps its ratio while both arms' events run out is not, though its difference falls.
func TestNovelty_finding(t *testing.T) {
	for _, c := range []struct {
		name               string
		control, treatment []int64
		want               string // part of the finding; empty: none
	}{
		{"wears off", []int64{200, 100, 100, 50}, []int64{400, 102, 98, 51}, "It is +100.0 % on the first day and +0."},
		{"the same ratio", []int64{400, 100, 40, 20}, []int64{600, 150, 60, 30}, ""},
		{"no effect", []int64{200, 100, 50, 25}, []int64{210, 95, 52, 24}, ""},
		{"comes with time", []int64{300, 200, 200, 200}, []int64{300, 300, 310, 290}, "It is 0.0 % on the first day and +50.0 %"},
		{"too few events", []int64{4, 8, 8, 8}, []int64{80, 8, 8, 8}, ""},
		{"one day", []int64{200}, []int64{400}, ""},
	} {
		def, r := noveltyRead(2000, c.control, c.treatment)
		j := judgement{def: def, arms: r.arms, res: &Result{Confidence: 0.95}}
		fs, err := j.noveltyFindings(r)
		if err != nil {
			t.Fatal(err)
		}
		if (len(fs) > 0) != (c.want != "") || len(fs) > 0 && !strings.Contains(fs[0].Detail, c.want) {
			t.Errorf("%s: %+v", c.name, fs)
		}
		if wears := strings.Contains(fmt.Sprint(fs), "wears off"); wears != (c.name == "wears off") {
			t.Errorf("%s: %+v", c.name, fs)
		}
		days, err := noveltyDays(def, r, 0.95)
		if err != nil || len(days) != len(c.control) {
			t.Fatalf("%s: %d days, %v", c.name, len(days), err)
		}
		for i, d := range days {
			want := float64(c.treatment[i]-c.control[i]) / 2000
			if d.Arm != "ten" || d.Day != i || d.Units != 4000 || !agree(d.Effect.Value, &want) {
				t.Errorf("%s: %+v", c.name, d)
			}
		}
	}
}

// Without any effect the finding comes at most as often as its level says.
func TestNovelty_falseAlarms(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 5))
	const runs, n = 400, 1000
	alarms := 0
	for range runs {
		var counts [2][]int64
		for a := range counts {
			days := make([]int64, 7)
			for range n { // each unit buys on one of the days, or never
				if d := int(r.ExpFloat64() * 4); d < 7 {
					days[d]++
				}
			}
			counts[a] = days
		}
		def, x := noveltyRead(n, counts[0], counts[1])
		fs, err := judgement{def: def, arms: x.arms, res: &Result{Confidence: 0.95}}.noveltyFindings(x)
		if err != nil {
			t.Fatal(err)
		}
		alarms += len(fs)
	}
	// Binomial(400, 0.01) is at most 10 with probability 0.998.
	if alarms > 10 {
		t.Errorf("%d false alarms of %d", alarms, runs)
	}
}

// What is beside the arms is not asked where it has no answer.
func TestBeside_notAsked(t *testing.T) {
	def := rewardDefinition("none", "ten")
	def.Window = referral.DayLen
	if n := def.noveltyDaysOf(); n != 0 {
		t.Errorf("a window of a day has %d days to compare", n)
	}
	def.Unit = "attribute.household"
	if def.interferes() {
		t.Error("households are not named by events")
	}
	db, err := duckdb.Open(t.Context(), duckdb.Options{Memory: "1GB", Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	r := read{}
	if err := r.beyond(t.Context(), db, def, testScope()); err != nil || len(r.findings) > 0 {
		t.Errorf("without exposures: %v, %v", r.findings, err)
	}
	r.hygiene.Exposures = secondPass + 1
	if err := r.beyond(t.Context(), db, def, testScope()); err != nil || len(r.findings) != 1 {
		t.Errorf("with too many exposures: %v, %v", r.findings, err)
	}
}

// Every statement has as many placeholders as values, in both dialects.
func TestStatements_placeholders(t *testing.T) {
	for _, unit := range []string{UnitPerson, UnitReferrer, UnitPartner, "attribute.household"} {
		def := oracleDefinition(unit)
		def.Metrics[0] = Metric{Name: "rate", Kind: KindRatio, Value: ValueCount, Event: "purchase", Where: map[string]json.RawMessage{"partner_id": []byte(`"acme"`)}, Per: &Part{Event: "signed_up"}, Role: RolePrimary}
		for _, d := range []sqltext.Dialect{sqltext.DuckDB{}, sqltext.Trino{}} {
			all, err := Statements(d, def, testScope())
			if err != nil {
				t.Fatal(err)
			}
			names := ""
			for _, s := range all {
				names += s.Name + " "
				if n := strings.Count(s.Text, "?"); n != len(s.Args) {
					t.Errorf("%s, %s, %s: %d placeholders, %d values", unit, d.Name(), s.Name, n, len(s.Args))
				}
			}
			if !strings.Contains(names, "novelty") || strings.Contains(names, "interference") != def.interferes() {
				t.Errorf("%s: %s", unit, names)
			}
		}
	}
}

// The text of what lies beside the arms, for reviewers.
func TestBeside_golden(t *testing.T) {
	for _, d := range []sqltext.Dialect{sqltext.DuckDB{}, sqltext.Trino{}} {
		def := oracleDefinition(UnitReferrer)
		def.Window = 3 * referral.DayLen
		all, err := def.beside(d, testScope())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			path := filepath.Join("testdata", "sql", strings.TrimPrefix(s.Name, "experiments/")+"."+d.Name()+".sql")
			got := fmt.Sprintf("-- %s\n%s\n-- arguments: %v\n", s.Name, strings.TrimSpace(s.Text), s.Args)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got)\n%s", path, diff)
			}
		}
	}
}
