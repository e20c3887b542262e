package funnel

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vouch/internal/ingest/ingesttest"
	"vouch/internal/stats"
	"vouch/referral"
)

// same compares floats within what a published table prints.
func same(t *testing.T, what string, got *float64, want, tolerance float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > tolerance {
		t.Errorf("%s is %v, want %v", what, deref(got), want)
	}
}

func deref(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// Newcombe (1998), Statistics in Medicine 17, 873–890, table II, example (a), method 10: 56 of 70 against 48 of 80
// is 0.2 from 0.0524 to 0.3339. Fisher (1935), The Design of Experiments, chapter 2: three of four cups against one
// of four has 34 of 70 arrangements at least as extreme on both sides.
func TestVersusRest_published(t *testing.T) {
	got, err := versusRest(stats.Counts{Successes: 104, Trials: 150}, []groupCounts{{70, 50, 56}}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	c := got[0]
	same(t, "difference", c.Difference.Value, 0.2, 1e-12)
	same(t, "lower limit", c.Difference.Lo, 0.0524, 5e-5)
	same(t, "upper limit", c.Difference.Hi, 0.3339, 5e-5)
	// z = 0.2/√(104·46/150²·(1/70 + 1/80)) = 2.6502, 2(1 − Φ(z)) = 0.008045
	same(t, "p-value", c.PValue, 0.008045, 5e-7)
	if c.Entered != 70 || c.Converted != 56 || c.RestEntered != 80 || c.RestConverted != 48 || c.Test != "z_pooled" || c.Decision != "above" {
		t.Errorf("%+v", c)
	}
	if got, err = versusRest(stats.Counts{Successes: 4, Trials: 8}, []groupCounts{{4, 3, 3}, {4, 1, 1}}, 0.95); err != nil {
		t.Fatal(err)
	}
	for i, c := range got {
		same(t, fmt.Sprintf("exact p-value %d", i), c.PValue, 34./70, 1e-12)
		if c.Test != "fisher" || c.Decision != "unclear" || *c.AdjustedP != *c.PValue {
			t.Errorf("%+v", c)
		}
	}
}

// The family is all groups that have a rest, and a group decides by its adjusted p-value alone.
func TestVersusRest_family(t *testing.T) {
	// 1,000 of 10,000 convert. Groups overlap, as those of persons with several values may.
	all := stats.Counts{Successes: 1000, Trials: 10_000}
	groups := []groupCounts{{500, 80, 80}, {500, 30, 30}, {500, 62, 62}, {500, 50, 50}, {3, 3, 3}, {10_000, 1000, 1000}}
	got, err := versusRest(all, groups, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	var p, adjusted []float64
	var decisions []string
	for _, c := range got {
		decisions = append(decisions, c.Decision)
		if c.PValue != nil {
			p, adjusted = append(p, *c.PValue), append(adjusted, *c.AdjustedP)
		}
	}
	if d := cmp.Diff([]string{"above", "below", "unclear", "unclear", "above", "unclear"}, decisions); d != "" {
		t.Errorf("decisions: %s\np %v, adjusted %v", d, p, adjusted)
	}
	if len(p) != 5 || got[5].Difference.Reason != referral.ReasonNoData || got[5].AdjustedP != nil {
		t.Errorf("a group of everybody has no rest: %+v", got[5])
	}
	// m·p(k)/k from the largest down, for m = 5.
	for i := range p {
		want := 1.0
		for _, other := range p {
			if other < p[i] {
				continue
			}
			rank := 0
			for _, x := range p {
				if x <= other {
					rank++
				}
			}
			want = min(want, 5*other/float64(rank))
		}
		same(t, fmt.Sprint("adjusted ", i), &adjusted[i], want, 1e-12)
	}
	// Beside a rest that converts at 10 %, three of three has p = 0.001 and is above; one of one has p = 0.1.
	if got, err = versusRest(all, []groupCounts{{1, 1, 1}, {500, 50, 50}}, 0.95); err != nil || got[0].Decision != "unclear" {
		t.Errorf("one of one: %+v, %v", got[0], err)
	}
}

// rejects adds up the probabilities of the counts at which a test rejects, for a group of n from the rate of the rest.
func rejects(n int64, p float64, rejects func(s int64) bool) float64 {
	size, weight := 0.0, math.Pow(1-p, float64(n))
	for s := range n + 1 {
		if rejects(s) {
			size += weight
		}
		weight *= float64(n-s) / float64(s+1) * p / (1 - p)
	}
	return size
}

// A group no different from a large rest is called different about as often as the level says, whatever its size.
// Welch's test, which takes the spread of the group as it happens to be, does so far too often where few convert.
func TestVersusRest_size(t *testing.T) {
	const rest, level = 1_000_000, 0.95
	worst := 0.0
	for _, p := range []float64{0.01, 0.05, 0.1, 0.5} {
		for _, n := range []int64{3, 10, 30, 60, 100, 300, 1000} {
			decides := func(s int64) bool {
				c, err := compare(stats.Counts{Successes: int64(p*rest) + s, Trials: rest + n}, groupCounts{n, s, s}, level)
				if err != nil {
					t.Fatal(err)
				}
				return *c.PValue <= 1-level
			}
			if size := rejects(n, p, decides); size > 0.075 {
				t.Errorf("%d of a group at rate %v: wrong in %.3f of all cases", n, p, size)
			}
			welch := func(s int64) bool {
				w, err := stats.Welch(stats.Share(int64(p*rest), rest), stats.Share(s, n), level, stats.TwoSided)
				return err == nil && w.PValue != nil && *w.PValue <= 1-level
			}
			worst = max(worst, rejects(n, p, welch))
		}
	}
	if worst < 0.2 {
		t.Errorf("Welch's test is wrong in at most %.3f of all cases: then it would be the simpler choice", worst)
	}
}

// Where units under a value are not among all units there is no rest, and no made-up one.
func TestNested(t *testing.T) {
	exclude := func(p policyKind) []exclusionPlan { return []exclusionPlan{{0, 1, p}} }
	for _, c := range []struct {
		p    plan
		want bool
	}{
		{plan{attribution: "first_touch", totals: true, exclusions: exclude(dropUser)}, true},
		{plan{attribution: "all"}, true},
		{plan{attribution: "all", exclusions: exclude(endAttempt)}, true},
		{plan{attribution: "all", exclusions: exclude(dropUser)}, false},
		{plan{attribution: "all", totals: true}, false},
		{plan{attribution: "step", exclusions: exclude(reset)}, false},
		{plan{attribution: "step", totals: true, exclusions: exclude(reset)}, true},
	} {
		if got := c.p.nested(); got != c.want {
			t.Errorf("%+v: %v", c.p, got)
		}
	}
}

// TestCompute_versusRest counts by exhaustive search who entered under a value and who completed over all, for random
// events and options, and wants the same tables.
func TestCompute_versusRest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 14))
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,channel\n")
	byPerson, id := map[string][]Event{}, 0
	for p := range 200 {
		for range 1 + rng.IntN(6) {
			e := Event{Person: fmt.Sprintf("p%d", p), Name: []string{"a", "a", "b", "c", "x"}[rng.IntN(5)], Props: map[string]json.RawMessage{}}
			at := time.Date(2026, 3, 1, 0, rng.IntN(9), 0, 0, time.UTC)
			e.TS = at.UnixMicro()
			channel := []string{"", "mail", "web", "web"}[rng.IntN(4)]
			if channel != "" {
				e.Props["channel"] = json.RawMessage(`"` + channel + `"`)
			}
			id++
			fmt.Fprintf(&b, "e%d,%s,%s,%s,%s\n", id, e.Person, e.Name, at.Format(time.RFC3339), channel)
			byPerson[e.Person] = append(byPerson[e.Person], e)
		}
	}
	db := ingesttest.Load(t, map[string]string{"events.csv": b.String()})
	scope := ingesttest.DefaultScope()
	for n := range 60 {
		d := drawDefinition(rng)
		d.By = &Breakdown{Property: "channel", Attribution: []string{"all", "first_touch", "step"}[rng.IntN(3)]}
		if d.By.Attribution == "step" {
			if d.Order == "unordered" {
				continue
			}
			d.By.Step = []int{1, 3}[rng.IntN(2)]
		}
		r, err := d.rules(scope)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Compute(t.Context(), db, d, scope)
		if err != nil {
			t.Fatal(err)
		}
		if !newPlan(r).nested() {
			for _, g := range got.Groups {
				if g.VersusRest.Difference.Reason != reasonUnitsDiffer || g.VersusRest.PValue != nil {
					t.Fatalf("question %d: %+v", n, g.VersusRest)
				}
			}
			continue
		}
		want, tables := restOf(r, d.By, byPerson), map[string][4]int64{}
		for _, g := range got.Groups {
			c := g.VersusRest
			tables[g.Key] = [4]int64{c.Entered, c.Converted, c.RestEntered, c.RestConverted}
		}
		if diff := cmp.Diff(want, tables, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("question %d, %+v by %+v: search (-) and product (+) differ:\n%s", n, d, *d.By, diff)
		}
	}
}

// restOf is the table of every value: entered and converted under it, and the others who could have.
func restOf(r *Rules, by *Breakdown, byPerson map[string][]Event) map[string][4]int64 {
	out := map[string][4]int64{}
	var entered, converted int64
	add := func(value string, complete bool) {
		c := out[value]
		c[0]++
		if complete {
			c[1]++
		}
		out[value] = c
	}
	for _, es := range byPerson {
		o := &oracle{r: r}
		events := oracleEvents(r, es)
		units := o.person(events)
		for _, u := range units {
			if u.level == 0 || by.Attribution == "step" && u.level < by.Step {
				continue
			}
			entered++
			if u.level == o.full() {
				converted++
			}
			switch {
			case by.Attribution == "first_touch":
				add(o.touch(events, false), u.level == o.full())
			case r.Counting == "totals": // by step: nothing else is nested
				add(o.valueAt(u, by.Step-1), u.level == o.full())
			}
		}
		if by.Attribution == "first_touch" || r.Counting == "totals" {
			continue
		}
		under := map[string][]int64{}
		o.breakdown(events, units, under)
		for value, steps := range under {
			if steps[0] > 0 {
				add(value, units[0].level == o.full())
			}
		}
	}
	for value, c := range out {
		out[value] = [4]int64{c[0], c[1], entered - c[0], converted - c[1]}
	}
	return out
}

// Three of three do not top the list: the prior fitted to all groups weighs as much as some ten entrants, and the
// group is judged mostly by it. Groups of hundreds keep their own rates nearly.
func TestShrunkRates_smallGroup(t *testing.T) {
	groups := []groupCounts{{3, 3, 3}, {200, 64, 64}, {300, 20, 20}, {400, 120, 120}, {500, 50, 50}, {1000, 150, 150}, {4, 0, 0}}
	got, reason, err := shrunkRates(groups, 0.95)
	if err != nil || reason != "" {
		t.Fatal(reason, err)
	}
	counts := make([]stats.Counts, len(groups))
	for i, g := range groups {
		counts[i] = stats.Counts{Successes: g.converted, Trials: g.entered}
	}
	prior, err := stats.FitBetaBinomial(counts)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range groups {
		e := got[i]
		same(t, fmt.Sprint("rate of group ", i), e.Value, (*prior.Alpha+float64(g.converted))/(*prior.Alpha+*prior.Beta+float64(g.entered)), 1e-12)
		if !(*e.Lo < *e.Value && *e.Value < *e.Hi) || e.Method != referral.MethodBetaBinomial || e.Numerator.String() != fmt.Sprint(g.converted) {
			t.Errorf("group %d: %+v", i, e)
		}
		if own := float64(g.converted) / float64(g.entered); g.entered >= 200 && math.Abs(*e.Value-own) > 0.01 {
			t.Errorf("%d of %d became %v", g.converted, g.entered, *e.Value)
		}
	}
	if lucky := *got[0].Value; lucky > 0.45 || *got[6].Value == 0 || *got[0].Hi-*got[0].Lo < 0.3 {
		t.Errorf("three of three became %v (%v to %v), none of four %v", lucky, *got[0].Lo, *got[0].Hi, *got[6].Value)
	}
}

// Groups that differ no more than chance makes them have one rate; of two groups nothing is said.
func TestShrunkRates_nothingToLearn(t *testing.T) {
	got, reason, err := shrunkRates([]groupCounts{{100, 10, 10}, {200, 20, 20}, {50, 5, 5}}, 0.95)
	if err != nil || reason != stats.ReasonNoOverdispersion {
		t.Fatal(reason, err)
	}
	pool := rate(35, 350, 0.95)
	for _, e := range got {
		if d := cmp.Diff(&pool, e); d != "" {
			t.Errorf("not the rate of all: %s", d)
		}
	}
	got, _, err = shrunkRates([]groupCounts{{100, 10, 10}, {200, 90, 90}}, 0.95)
	if err != nil || got[0].Value != nil || got[0].Reason != stats.ReasonTooFewGroups {
		t.Errorf("two groups: %+v, %v", got[0], err)
	}
}

// That no spread was found between the values never stands beside a decision it denies.
func TestAlikeWords(t *testing.T) {
	unclear, above := &Comparison{Decision: "unclear"}, &Comparison{Decision: "above"}
	if got := alikeWords([]*Comparison{unclear, unclear}); !strings.Contains(got, "no more than chance") {
		t.Error(got)
	}
	got := alikeWords([]*Comparison{unclear, above, unclear})
	if strings.Contains(got, "chance") || !strings.Contains(got, "stands apart from the rest (1)") {
		t.Error(got)
	}
}
