package funnel

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// checks runs a property on n random cases, whatever the command line says for other tests, unless it
// asks for more.
func checks(t *testing.T, n int, prop func(*rapid.T)) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	old := f.Value.String()
	if v := f.Value.(flag.Getter).Get().(int); v < n {
		if err := f.Value.Set(fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Value.Set(old) })
	}
	rapid.Check(t, prop)
}

func drawOptional(t *rapid.T, label string, gen *rapid.Generator[int64]) *int64 {
	if !rapid.Bool().Draw(t, label+" given") {
		return nil
	}
	v := gen.Draw(t, label)
	return &v
}

func drawAlternatives(t *rapid.T, label string) [][]Condition {
	var out [][]Condition
	for range rapid.IntRange(1, 2).Draw(t, label+" alternatives") {
		out = append(out, []Condition{equals("event", rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, label))})
	}
	return out
}

func pick(t *rapid.T, label string, list ...string) string {
	return rapid.SampledFrom(list).Draw(t, label)
}

// drawRules draws valid rules over every option.
func drawRules(t *rapid.T) *Rules {
	r := &Rules{
		Order: pick(t, "order", "", "ordered", "ordered", "strict", "strict_among_steps", "unordered"),
		Ties:  pick(t, "ties", "", "any_order", "increasing"), Entry: pick(t, "entry", "", "any", "first"),
		Reuse: rapid.Bool().Draw(t, "reuse"), Counting: pick(t, "counting", "", "uniques", "totals"),
		Window: drawOptional(t, "window", rapid.Int64Range(0, 8)),
	}
	n := rapid.IntRange(1, 4).Draw(t, "steps")
	// Half of the definitions are plain sequences a, b, c with few bounds, so that chains get long.
	plain := rapid.Bool().Draw(t, "plain")
	if plain {
		n = 3
	}
	perStep := r.Order != "unordered" && rapid.Bool().Draw(t, "per-step options")
	for i := range n {
		s := RuleStep{AnyOf: [][]Condition{{equals("event", string(rune('a'+i)))}}}
		if !plain {
			s = RuleStep{AnyOf: drawAlternatives(t, "step"), FirstEver: rapid.IntRange(0, 5).Draw(t, "first ever") == 0}
		}
		if perStep && i > 0 {
			s.Window = drawOptional(t, "step window", rapid.Int64Range(0, 5))
			if gap := drawOptional(t, "gap", rapid.Int64Range(0, 3)); gap != nil && (s.Window == nil || *gap <= *s.Window) {
				s.MinGap = gap
			}
			s.Optional = rapid.IntRange(0, 3).Draw(t, "optional") == 0
		}
		r.Steps = append(r.Steps, s)
	}
	if !plain && rapid.IntRange(0, 2).Draw(t, "entry range") == 0 {
		from := rapid.Int64Range(0, 4).Draw(t, "from")
		to := from + rapid.Int64Range(1, 6).Draw(t, "to")
		r.EntryFrom, r.EntryTo = &from, &to
	}
	r.ObservationEnd = drawOptional(t, "end", rapid.Int64Range(2, 9))
	if !plain && rapid.IntRange(0, 2).Draw(t, "hold") == 0 {
		r.HoldConstant = []string{"prop.code"}
	}
	drawExclusions(t, r)
	if r.Order == "" || r.Order == "ordered" {
		if r.Ties != "increasing" && r.Counting != "totals" && len(r.Exclusions) == 0 && rapid.IntRange(0, 2).Draw(t, "noise") == 0 {
			r.Tolerance = rapid.Int64Range(0, 3).Draw(t, "tolerance")
		}
	}
	drawViews(t, r)
	return r
}

func drawExclusions(t *rapid.T, r *Rules) {
	var required []int
	for i, s := range r.Steps {
		if !s.Optional {
			required = append(required, i)
		}
	}
	if len(required) < 2 || rapid.Bool().Draw(t, "no exclusions") {
		return
	}
	for range rapid.IntRange(1, 2).Draw(t, "exclusions") {
		from := rapid.IntRange(0, len(required)-2).Draw(t, "x from")
		to := rapid.IntRange(from+1, len(required)-1).Draw(t, "x to")
		r.Exclusions = append(r.Exclusions, RuleExclusion{
			AnyOf: [][]Condition{{equals("event", pick(t, "x", "x", "x", "a", "b"))}},
			From:  required[from], To: required[to], Policy: pick(t, "policy", "", "end_attempt", "reset", "drop_user"),
		})
	}
}

func drawViews(t *rapid.T, r *Rules) {
	if rapid.Bool().Draw(t, "breakdown") {
		b := &Breakdown{Property: "prop.v", Attribution: pick(t, "attribution", "all", "first_touch", "last_touch", "step")}
		if b.Attribution == "step" {
			i := rapid.IntRange(0, len(r.Steps)-1).Draw(t, "by step")
			for ; r.Steps[i].Optional; i-- {
			}
			b.Step = i + 1
		}
		if b.Attribution != "step" || r.Order != "unordered" {
			r.Breakdown = b
		}
	}
	if r.Counting != "totals" && rapid.IntRange(0, 2).Draw(t, "trend") == 0 {
		r.Trend = &Trend{Interval: pick(t, "interval", "hour", "day")}
		scaleRules(r, 15_000) // a few hours a tick
	}
}

// scaleRules multiplies every time and duration.
func scaleRules(r *Rules, by int64) {
	for _, v := range []*int64{r.Window, r.EntryFrom, r.EntryTo, r.ObservationEnd, &r.Tolerance} {
		if v != nil {
			*v *= by
		}
	}
	for i := range r.Steps {
		for _, v := range []*int64{r.Steps[i].Window, r.Steps[i].MinGap} {
			if v != nil {
				*v *= by
			}
		}
	}
}

func drawEvents(t *rapid.T, r *Rules, most int) []Event {
	scale := int64(1)
	if r.Trend != nil {
		scale = 15_000
	}
	var out []Event
	for range rapid.IntRange(0, most).Draw(t, "events") {
		e := Event{
			Person: pick(t, "person", "p", "p", "p", "q"), TS: scale * rapid.Int64Range(0, 8).Draw(t, "ts"),
			Name: pick(t, "event", "a", "a", "b", "b", "c", "x", "d"), Props: map[string]json.RawMessage{},
		}
		if c := pick(t, "code", "", "k1", "k1", "k2"); c != "" {
			e.Props["code"] = json.RawMessage(`"` + c + `"`)
		}
		if v := pick(t, "v", "", "u", "w"); v != "" {
			e.Props["v"] = json.RawMessage(`"` + v + `"`)
		}
		out = append(out, e)
	}
	return out
}

// sameCounts compares answers; the curve is compared by its rate, to the last digits of a product taken
// in another order.
func sameCounts(want, got *Counted) string {
	if quickSame(want, got) {
		return "" // the comparison in words takes longer than the count
	}
	return gocmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Survival{}, "SE", "CILow", "CIHigh"))
}

// quickSame reports whether answers are equal in all that is whole; it may miss equal ones.
func quickSame(want, got *Counted) bool {
	return slices.Equal(want.StepCounts, got.StepCounts) && maps.Equal(want.Optional, got.Optional) && maps.Equal(want.PersonLevel, got.PersonLevel) &&
		maps.EqualFunc(want.Breakdown, got.Breakdown, slices.Equal) && maps.Equal(want.Trend, got.Trend) &&
		maps.EqualFunc(want.TimeToConvert, got.TimeToConvert, func(a, b Durations) bool { return a.Times == b.Times && slices.Equal(a.Values, b.Values) }) &&
		sameCensoring(want.Censoring, got.Censoring)
}

func sameCensoring(a, b *CensoringCounts) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Survival.Rate == nil || b.Survival.Rate == nil {
		return false // let the words tell
	}
	d := *a.Survival.Rate - *b.Survival.Rate
	return a.Naive == b.Naive && a.Matured == b.Matured && slices.Equal(a.OpenPersons, b.OpenPersons) && max(d, -d) < 1e-12
}

// TestCount_everyChain compares the kernel with the list of all chains, over random definitions with
// every option and random events of two persons with ties, repeated steps and overlapping alternatives.
func TestCount_everyChain(t *testing.T) {
	checks(t, 20_000, func(t *rapid.T) {
		r := drawRules(t)
		if ps := r.Validate(); len(ps) > 0 {
			t.Fatalf("drew rules that are refused: %v", ps)
		}
		events := drawEvents(t, r, 9)
		got, err := Count(r, events, nil)
		if err != nil {
			t.Fatal(err)
		}
		if d := sameCounts(oracleCount(r, events), got); d != "" {
			t.Fatalf("all chains (-) and kernel (+) differ:\n%s\n%s", d, describeCase(r, events))
		}
	})
}

func describeCase(r *Rules, events []Event) string {
	rules, err := json.Marshal(r)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", rules)
	for _, e := range events {
		fmt.Fprintf(&b, "%s %d %s %s\n", e.Person, e.TS, e.Name, e.Props)
	}
	return b.String()
}

// drawLonger gives rules wider bounds, for persons of many events.
func drawLonger(t *rapid.T, r *Rules) {
	r.Trend, r.Breakdown, r.ObservationEnd, r.EntryFrom, r.EntryTo = nil, nil, nil, nil, nil
	if r.Window != nil {
		*r.Window = rapid.Int64Range(0, 30).Draw(t, "longer window")
	}
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Window != nil {
			*s.Window = rapid.Int64Range(0, 15).Draw(t, "longer step window")
		}
		if s.MinGap != nil {
			*s.MinGap = rapid.Int64Range(0, 6).Draw(t, "longer gap")
			if s.Window != nil {
				*s.MinGap = min(*s.MinGap, *s.Window)
			}
		}
	}
}

// drawRich draws rules of more steps in which several options meet: more optional steps, windows and gaps
// of steps beside the funnel's, exclusions inside, first-ever steps beside held values.
func drawRich(t *rapid.T) *Rules {
	r := &Rules{
		Order: pick(t, "order", "ordered", "ordered", "strict", "strict_among_steps", "unordered"), Ties: pick(t, "ties", "any_order", "any_order", "increasing"),
		Counting: pick(t, "counting", "uniques", "totals"), Reuse: rapid.IntRange(0, 4).Draw(t, "reuse") == 0,
		Entry: pick(t, "entry", "any", "any", "any", "first"), Window: drawOptional(t, "window", rapid.Int64Range(2, 40)),
	}
	overlap := rapid.Bool().Draw(t, "overlap")
	for i := range rapid.IntRange(3, 6).Draw(t, "steps") {
		s := RuleStep{AnyOf: [][]Condition{{equals("event", string(rune('a'+i%4)))}}}
		if overlap {
			s.AnyOf = drawAlternatives(t, "step")
		}
		s.FirstEver = rapid.IntRange(0, 7).Draw(t, "first ever") == 0
		if i > 0 && r.Order != "unordered" {
			s.Optional = rapid.Bool().Draw(t, "optional")
			s.Window = drawOptional(t, "step window", rapid.Int64Range(0, 15))
			if rapid.IntRange(0, 2).Draw(t, "gap") == 0 {
				gap := rapid.Int64Range(0, 6).Draw(t, "least gap")
				if s.Window != nil {
					gap = min(gap, *s.Window)
				}
				s.MinGap = &gap
			}
		}
		r.Steps = append(r.Steps, s)
	}
	if rapid.IntRange(0, 3).Draw(t, "hold") == 0 {
		r.HoldConstant = []string{"prop.code"}
	}
	if r.Order == "ordered" && r.Ties == "any_order" && r.Counting == "uniques" && rapid.Bool().Draw(t, "noise") {
		r.Tolerance = rapid.Int64Range(1, 5).Draw(t, "tolerance")
	} else {
		drawExclusions(t, r)
	}
	return r
}

// drawLongJourney draws many events of one person, in order of time.
func drawLongJourney(t *rapid.T) []Event {
	span := rapid.SampledFrom([]int64{12, 40, 90}).Draw(t, "span")
	var out []Event
	for range rapid.IntRange(10, 45).Draw(t, "events") {
		e := Event{
			Person: "p", TS: rapid.Int64Range(0, span).Draw(t, "ts"), Props: map[string]json.RawMessage{},
			Name: pick(t, "event", "a", "a", "b", "b", "c", "c", "x", "d"),
		}
		if c := pick(t, "code", "", "k1", "k1", "k1", "k2"); c != "" {
			e.Props["code"] = json.RawMessage(`"` + c + `"`)
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Event) int { return cmp.Compare(a.TS, b.TS) })
	return out
}

// heldLanes numbers the values of the code; -1 is a missing one.
func heldLanes(events []Event) []int32 {
	var out []int32
	for _, e := range events {
		out = append(out, int32(slices.Index([]string{`"k1"`, `"k2"`}, string(e.Props["code"]))))
	}
	return out
}
