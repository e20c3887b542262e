package funnel

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// Six channels, top 2: p1 reaches b by c3 and only a by c4, so it is one unit at a and one at b; p2 is at a by two
// small channels and counts once; p3 is at a by c5 and at b by none.
func TestCompute_others(t *testing.T) {
	var b strings.Builder
	b.WriteString("person_id,event,occurred_at,channel,amount_minor,currency\n")
	for i := range 6 {
		fmt.Fprintf(&b, "q%d,a,2026-03-01T00:00:00Z,c%d,,\n", i, 1+i%2)
	}
	b.WriteString("p1,a,2026-03-01T00:00:00Z,c3,,\np1,b,2026-03-02T00:00:00Z,c3,500,EUR\np1,a,2026-03-01T00:00:00Z,c4,,\n" +
		"p2,a,2026-03-01T00:00:00Z,c4,,\np2,a,2026-03-01T01:00:00Z,c5,,\np3,a,2026-03-01T00:00:00Z,c5,,\np3,b,2026-03-02T00:00:00Z,c1,90,EUR\n")
	db := ingesttest.Load(t, map[string]string{"events.csv": b.String()})
	two := 2
	d := Definition{Name: "f", Window: 7 * referral.DayLen, Top: &two, By: &Breakdown{Property: "channel", Attribution: "all"}, Steps: []Step{{Name: "a"}, {Name: "b"}}}
	res, err := Compute(t.Context(), db, d, ingesttest.DefaultScope())
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Groups) != 5 || res.Other == nil || res.Other.Values != 3 {
		t.Fatalf("%d groups, others %+v", len(res.Groups), res.Other)
	}
	s := res.Other.Steps
	if s[0].Persons != 3 || s[1].Persons != 1 || *s[1].AmountMinor != 500 || *s[1].FromFirst.Value != 1./3 {
		t.Errorf("others: %d, %d, %d", s[0].Persons, s[1].Persons, *s[1].AmountMinor)
	}
	five := 5
	d.Top = &five
	if res, err = Compute(t.Context(), db, d, ingesttest.DefaultScope()); err != nil || res.Other != nil {
		t.Errorf("five of five shown, others %+v, %v", res.Other, err)
	}
	if bare, err := Counts(t.Context(), db, d, ingesttest.DefaultScope()); err != nil || bare.Other != nil {
		t.Errorf("bare counts know others: %+v, %v", bare.Other, err)
	}
}

// TestCompute_othersBruteForce counts by exhaustive search how far every unit got under any of the values that are not
// shown.
func TestCompute_othersBruteForce(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 5))
	var b strings.Builder
	b.WriteString("event_id,person_id,event,occurred_at,channel\n")
	byPerson, id := map[string][]Event{}, 0
	for p := range 150 {
		for range 1 + rng.IntN(7) {
			e := Event{Person: fmt.Sprintf("p%d", p), Name: []string{"a", "a", "b", "b", "c", "x"}[rng.IntN(6)], Props: map[string]json.RawMessage{}}
			at := time.Date(2026, 3, 1, 0, rng.IntN(9), 0, 0, time.UTC)
			e.TS = at.UnixMicro()
			channel := []string{"", "c1", "c2", "c3", "c4"}[rng.IntN(5)]
			if channel != "" {
				e.Props["channel"] = json.RawMessage(`"` + channel + `"`)
			}
			id++
			fmt.Fprintf(&b, "e%d,%s,%s,%s,%s\n", id, e.Person, e.Name, at.Format(time.RFC3339), channel)
			byPerson[e.Person] = append(byPerson[e.Person], e)
		}
	}
	db := ingesttest.Load(t, map[string]string{"events.csv": b.String()})
	joined := 0
	for n := range 80 {
		d := drawDefinition(rng)
		d.By = &Breakdown{Property: "channel", Attribution: []string{"all", "all", "last_touch", "step"}[rng.IntN(4)]}
		if d.By.Attribution == "step" {
			if d.Order == "unordered" {
				continue
			}
			d.By.Step = []int{1, 3}[rng.IntN(2)]
		}
		top := 1 + rng.IntN(3)
		d.Top = &top
		r, err := d.rules(ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		got, err := Compute(t.Context(), db, d, ingesttest.DefaultScope())
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Groups) <= top {
			if got.Other != nil {
				t.Fatalf("all groups are shown, and still there are others: %+v", got.Other)
			}
			continue
		}
		small := map[string]bool{}
		for _, g := range got.Groups[top:] {
			small[g.Key] = true
		}
		want, twice := othersOf(r, small, byPerson)
		joined += twice
		var steps []int64
		for _, s := range got.Other.Steps {
			steps = append(steps, s.Persons)
		}
		if diff := cmp.Diff(want, steps); diff != "" || got.Other.Values != int64(len(small)) {
			t.Fatalf("question %d, %+v by %+v, others than %d: search (-) and product (+) differ:\n%s", n, d, *d.By, top, diff)
		}
	}
	if joined < 500 {
		t.Errorf("only %d units count under several of the others: the questions are too easy", joined)
	}
}

// othersOf adds up, over persons, the steps reached under any of the values; attempts each count where they are.
func othersOf(r *Rules, values map[string]bool, byPerson map[string][]Event) (want []int64, twice int) {
	want = make([]int64, len(r.Steps))
	for _, es := range byPerson {
		o := &oracle{r: r}
		events := oracleEvents(r, es)
		under := map[string][]int64{}
		o.breakdown(events, o.person(events), under)
		most, found := make([]int64, len(r.Steps)), 0
		// The deepest of the values; optional steps are judged on the best ones only.
		deepest := 0
		for v, steps := range under {
			if values[v] {
				found++
				deepest = max(deepest, required(r, steps))
			}
		}
		for v, steps := range under {
			if !values[v] {
				continue
			}
			for i, n := range steps {
				switch {
				case r.Counting == "totals":
					most[i] += n
				case !r.Steps[i].Optional || required(r, steps) == deepest:
					most[i] = max(most[i], n)
				}
			}
		}
		if found > 1 {
			twice++
		}
		for i := range want {
			want[i] += most[i]
		}
	}
	return want, twice
}

// required counts the required steps that were reached.
func required(r *Rules, steps []int64) int {
	n := 0
	for i, c := range steps {
		if c > 0 && !r.Steps[i].Optional {
			n++
		}
	}
	return n
}
