package funnel

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
)

// drawExpressible draws rules; four in five are brought within what SQL can state.
func drawExpressible(t *rapid.T) *Rules {
	r := drawRules(t)
	if rapid.IntRange(0, 4).Draw(t, "as drawn") == 0 {
		return r
	}
	r.Order, r.Counting, r.Tolerance, r.Exclusions = "", "", 0, nil
	for i := range r.Steps {
		s := &r.Steps[i]
		s.Window, s.MinGap, s.Optional = nil, nil, false
	}
	if r.Trend == nil && r.Window != nil {
		*r.Window *= 2 // times lie further apart than those of drawEvents
	}
	return r
}

// eventSets makes events of n persons, few of them at the same time.
func eventSets(rng *rand.Rand, scale int64, n, most int) []Event {
	var out []Event
	for p := range n {
		for range 1 + rng.IntN(most) {
			e := Event{
				Person: fmt.Sprintf("p%02d", p), TS: scale * (rng.Int64N(24) - 2), Name: []string{"a", "a", "b", "b", "c", "x", "d"}[rng.IntN(7)],
				Props: map[string]json.RawMessage{},
			}
			if c := rng.IntN(4); c > 0 {
				e.Props["code"] = json.RawMessage([]string{"", `"k1"`, `"k1"`, `"k2"`}[c])
			}
			if c := rng.IntN(4); c > 0 {
				e.Props["v"] = json.RawMessage([]string{"", `""`, `"u"`, `"w"`}[c])
			}
			out = append(out, e)
		}
	}
	return out
}

// bothRoads asks both engines.
func bothRoads(t *testing.T, db *duckdb.DB, r *Rules) (kernel, twin *Counted) {
	kernel, err := CountRules(t.Context(), db, r)
	if err != nil {
		t.Fatalf("kernel: %v\n%s", err, describeCase(r, nil))
	}
	if twin, err = CountRules(t.Context(), engine.Portable(db), r); err != nil {
		t.Fatalf("twin: %v\n%s", err, describeCase(r, nil))
	}
	return kernel, twin
}

func inMemory(t *testing.T) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// TestTwin_everyChain asks random rules over tables of many persons: the list of all chains, the kernel
// and the twin must agree on every field.
func TestTwin_everyChain(t *testing.T) {
	const perTable, tables, persons, most = 25, 42, 16, 6
	gen := rapid.Custom(drawExpressible)
	var mu sync.Mutex
	bySQL, byKernel, questions := 0, 0, 0
	for part := range 2 {
		t.Run(fmt.Sprint("half ", part+1), func(t *testing.T) {
			t.Parallel()
			db := inMemory(t)
			for table := part; table < 2*tables; table += 2 {
				rng := rand.New(rand.NewPCG(4, uint64(table)))
				scale := int64(1)
				if table%4 >= 2 {
					scale = 15_000
				}
				events := eventSets(rng, scale, persons, most)
				if err := LoadEvents(t.Context(), db, events, nil); err != nil {
					t.Fatal(err)
				}
				for n := range perTable {
					r := gen.Example(1 + table*perTable + n)
					if scale > 1 && r.Trend == nil {
						scaleRules(r, scale)
					}
					if scale == 1 {
						r.Trend = nil
					}
					sql, left := 0, 0
					if n%8 == 0 { // the rest of what a project does, for some
						sql, left = roadsOf(t, db, r)
						if kernel, err := CountRules(t.Context(), db, r); err != nil {
							t.Fatal(err)
						} else if d := sameCounts(oracleCount(r, events), kernel); d != "" {
							t.Fatalf("all chains (-) and kernel over tables (+) differ:\n%s\n%s", d, describeCase(r, events))
						}
					}
					threeAgree(t, db, r, events)
					mu.Lock()
					bySQL, byKernel, questions = bySQL+sql, byKernel+left, questions+1
					mu.Unlock()
				}
			}
		})
	}
	t.Cleanup(func() {
		t.Logf("%d definitions over %d event sets each; of an eighth, %d persons by SQL, %d by the kernel", questions, persons, bySQL, byKernel)
		if questions < 2000 || bySQL < byKernel {
			t.Errorf("too few questions, or too few persons by SQL")
		}
	})
}

// threeAgree asks the list of all chains, the kernel and the twin.
func threeAgree(t *testing.T, db engine.DB, r *Rules, events []Event) {
	t.Helper()
	want := oracleCount(r, events)
	kernel, err := Count(r, events, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := sameCounts(want, kernel); d != "" {
		t.Fatalf("all chains (-) and kernel (+) differ:\n%s\n%s", d, describeCase(r, events))
	}
	twin, err := CountRules(t.Context(), engine.Portable(db), r)
	if err != nil {
		t.Fatalf("twin: %v\n%s", err, describeCase(r, events))
	}
	if d := sameCounts(want, twin); d != "" {
		t.Fatalf("all chains (-) and twin (+) differ:\n%s\n%s", d, describeCase(r, events))
	}
}

// roadsOf counts the persons of a count by road.
func roadsOf(t *testing.T, db engine.DB, r *Rules) (bySQL, byKernel int) {
	t.Helper()
	cat, err := readCatalogue(t.Context(), db, Definition{}.unit())
	if err != nil {
		t.Fatal(err)
	}
	roads, err := newCount(r, cat.names).explain(t.Context(), engine.Portable(db), Definition{}, cat)
	if err != nil {
		t.Fatal(err)
	}
	return int(roads.SQL), int(roads.Kernel)
}

// TestTwin_manySteps: the text grows with the steps, not with their square, and deep funnels are planned
// and answered.
func TestTwin_manySteps(t *testing.T) {
	db := inMemory(t)
	length := map[int]int{}
	for _, n := range []int{8, 16, 32, 64, 128} {
		r := &Rules{Window: ptr(int64(n))}
		var events []Event
		for i := range n {
			name := fmt.Sprintf("e%d", i)
			r.Steps = append(r.Steps, RuleStep{AnyOf: [][]Condition{{equals("event", name)}}})
			events = append(events, Event{Person: "all", TS: int64(i), Name: name}, Event{Person: "half", TS: int64(i / 2 * 2 * (1 - i%2)), Name: name})
		}
		st, err := twinStmt(db.Dialect(), "twin", newTwin(newCount(r, nil)), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		length[n] = len(st.Text)
		if n > 64 {
			break
		}
		if err := LoadEvents(t.Context(), db, events, nil); err != nil {
			t.Fatal(err)
		}
		kernel, twin := bothRoads(t, db, r)
		if d := sameCounts(kernel, twin); d != "" || twin.PersonLevel["all"] != n {
			t.Errorf("%d steps: kernel (-) and twin (+) differ, or nobody gets through: %s", n, d)
		}
	}
	if grow := (length[128] - length[64]) - 2*(length[64]-length[32]); grow > 1000 || grow < -1000 {
		t.Errorf("the text of 32, 64 and 128 steps has %d, %d and %d characters", length[32], length[64], length[128])
	}
}

func ptr[T any](v T) *T { return &v }

// TestTwin_ends: times whose differences leave 64 bits go to the kernel, whatever the window.
func TestTwin_ends(t *testing.T) {
	db := inMemory(t)
	step := func(name string) RuleStep { return RuleStep{AnyOf: [][]Condition{{equals("event", name)}}} }
	for _, window := range []*int64{nil, ptr(int64(0)), ptr(int64(1) << 62), ptr(int64(1<<63 - 1))} {
		r := &Rules{Steps: []RuleStep{step("a"), step("b")}, Window: window}
		var events []Event
		times := []int64{-1 << 63, -1 << 62, -farthest - 1, -farthest, 0, farthest, farthest + 1, 1 << 62, 1<<63 - 1}
		for i, from := range times {
			for j, to := range times {
				p := fmt.Sprintf("%d %d", i, j)
				events = append(events, Event{Person: p, TS: from, Name: "a"}, Event{Person: p, TS: to, Name: "b"})
			}
		}
		if err := LoadEvents(t.Context(), db, events, nil); err != nil {
			t.Fatal(err)
		}
		kernel, twin := bothRoads(t, db, r)
		if d := sameCounts(kernel, twin); d != "" {
			t.Errorf("kernel (-) and twin (+) differ: %s", d)
		}
		if sql, left := roadsOf(t, db, r); sql != 3*2 || left != 81-3*2 {
			t.Errorf("%d persons by SQL and %d by the kernel; those within the bounds at different times are 6", sql, left)
		}
	}
}

// TestTwin_portable: the text for a cluster has none of the functions that only DuckDB has.
func TestTwin_portable(t *testing.T) {
	r := &Rules{
		Steps: []RuleStep{
			{AnyOf: [][]Condition{{equals("event", "a"), {Field: "prop.n", Op: ">=", Value: json.RawMessage(`3`)}}}, FirstEver: true},
			{AnyOf: [][]Condition{{{Field: "event", Op: "contains", Value: json.RawMessage(`"b"`)}}}},
		},
		HoldConstant: []string{"prop.code"}, Breakdown: &Breakdown{Property: "prop.v", Attribution: "step", Step: 2},
	}
	for _, name := range []string{"twin", "left", "roads", "relevant"} {
		st, err := twinStmt(sqltext.Trino{}, name, newTwin(newCount(r, nil)), 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"epoch_us", "json_type", "json_extract_string", "::", "QUALIFY", "unnest("} {
			if strings.Contains(st.Text, word) {
				t.Errorf("%s has %s:\n%s", name, word, st.Text)
			}
		}
		if got, want := len(st.Args), strings.Count(st.Text, "?"); got != want {
			t.Errorf("%s has %d placeholders and %d arguments", name, want, got)
		}
	}
}
