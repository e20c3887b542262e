package funnel_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/funnel"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// paidRow is one row of a source with money.
type paidRow struct {
	id, person, event string
	at                time.Time
	code, channel     string
	amount            int
}

// paidRows draws the rows of a small programme.
func paidRows(rng *rand.Rand, persons, most int) []paidRow {
	base := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	var out []paidRow
	for p := range persons {
		for range 1 + rng.IntN(most) {
			out = append(out, paidRow{
				fmt.Sprintf("e%06d", len(out)), fmt.Sprint("p", p), choose(rng, "a", "a", "b", "b", "c", "x", "d"),
				base.Add(time.Duration(rng.IntN(9)) * time.Minute), choose(rng, "", "k1", "k1", "k2"), choose(rng, "", "mail", "web"), rng.IntN(1000),
			})
		}
	}
	return out
}

func loadPaid(t *testing.T, rows []paidRow) *duckdb.DB {
	t.Helper()
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,referral_code,channel,plan,amount_minor,currency\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,pro,%d,EUR\n", r.id, r.person, r.event, r.at.Format(time.RFC3339), r.code, r.channel, r.amount)
	}
	return ingesttest.Load(t, map[string]string{"events.csv": b.String()})
}

// bill is what a result says of steps: persons and money, over all and by group, and entries by period.
type bill struct {
	Steps, Trend []int64
	Groups       map[string][]int64
}

func billOf(r funnel.Result) bill {
	out := bill{Steps: stepBill(r.Steps), Groups: map[string][]int64{}}
	for _, g := range r.Groups {
		out.Groups[g.Key] = stepBill(g.Steps)
	}
	for _, p := range r.Trend {
		out.Trend = append(out.Trend, p.Entered, p.Converted)
	}
	return out
}

func stepBill(steps []funnel.StepResult) []int64 {
	var out []int64
	for _, s := range steps {
		out = append(out, s.Persons, *s.AmountMinor)
	}
	return out
}

func (b bill) plus(o bill) bill {
	add := func(x, y []int64) []int64 {
		if len(x) == 0 {
			return y
		}
		out := slices.Clone(x)
		for i := range y {
			out[i] += y[i]
		}
		return out
	}
	out := bill{Steps: add(b.Steps, o.Steps), Trend: add(b.Trend, o.Trend), Groups: map[string][]int64{}}
	for _, half := range []bill{b, o} {
		for k, g := range half.Groups {
			out.Groups[k] = add(out.Groups[k], g)
		}
	}
	return out
}

// TestCompute_relations asks random questions of a programme and of changed copies of it. Money and
// periods change as stated beside each.
func TestCompute_relations(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	rows := paidRows(rng, 200, 8)
	shuffled := slices.Clone(rows)
	rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	moved, twice := slices.Clone(rows), slices.Clone(rows)
	var halves [2][]paidRow
	for i, r := range rows {
		moved[i].at = r.at.AddDate(0, 0, 28)
		r.id += "+"
		twice = append(twice, r)
		half := 0
		if strings.HasSuffix(r.person, "3") || strings.HasSuffix(r.person, "8") {
			half = 1
		}
		halves[half] = append(halves[half], rows[i])
	}
	others := paidRows(rng, 60, 8)
	for i := range others {
		others[i].id, others[i].person, others[i].channel = "z"+others[i].id, "z"+others[i].person, "partner zeta"
	}
	dbs := map[string]*duckdb.DB{}
	for name, rs := range map[string][]paidRow{
		"all": rows, "shuffled": shuffled, "moved": moved, "twice": twice, "first half": halves[0], "second half": halves[1],
		"others": others, "with others": append(slices.Clone(rows), others...),
	} {
		dbs[name] = loadPaid(t, rs)
	}
	for n := range 60 {
		scope := ingesttest.DefaultScope()
		scope.AsOf = time.Date(2026, 3, 2, 0, 4+rng.IntN(8), 0, 0, time.UTC)
		def, _ := randomDefinition(rng, scope.AsOf)
		ask := func(name string, def funnel.Definition, scope referral.Scope) funnel.Result {
			r, err := funnel.Compute(t.Context(), dbs[name], def, scope)
			if err != nil {
				t.Fatalf("question %d of %s: %v", n, name, err)
			}
			return r
		}
		same := func(what string, want, got any) {
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("question %d: %s:\n%s\n%+v", n, what, d, def)
			}
		}
		all := ask("all", def, scope)
		same("shuffled rows (+) change the result", all, ask("shuffled", def, scope))
		want := billOf(all)
		same("two halves (-) are not the whole (+)", billOf(ask("first half", def, scope)).plus(billOf(ask("second half", def, scope))), want)
		later := scope
		later.AsOf = scope.AsOf.AddDate(0, 0, 28)
		shift := ask("moved", def, later)
		same("four weeks later (+) all is the same", want, billOf(shift))
		for i, p := range all.Trend {
			same("but the periods", p.Start, shiftDay(t, shift.Trend[i].Start, -28))
		}
		more := billOf(ask("with others", def, scope))
		same("an unrelated partner (+) adds only its own", want.plus(billOf(ask("others", def, scope))), more)
		for key, g := range want.Groups {
			if key != "" { // a person without a value has none in either
				same("and changes no other group", g, more.Groups[key])
			}
		}
		renamed := def
		renamed.Steps = slices.Clone(def.Steps)
		for i, s := range def.Steps {
			if s.AnyOf == nil {
				renamed.Steps[i].Event = s.Event
			}
			renamed.Steps[i].Name = fmt.Sprint("other ", i)
		}
		same("names of steps are labels", want, billOf(ask("all", renamed, scope)))
		if apart(def) {
			same("rows twice (+) change nothing where steps share no event", want, billOf(ask("twice", def, scope)))
		}
	}
}

// apart reports whether no event can serve two steps.
func apart(def funnel.Definition) bool {
	seen := map[string]bool{}
	for _, s := range def.Steps {
		if s.AnyOf != nil || seen[s.Event] {
			return false
		}
		seen[s.Event] = true
	}
	return true
}

func shiftDay(t *testing.T, day string, days int) string {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}
