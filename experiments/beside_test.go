package experiments

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
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
	for seed := range worlds(t, 6) {
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
