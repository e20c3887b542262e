package funnel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// families are the options the general evaluator answers, each as a change of the plain funnel
// a → b → c → d with a window of an hour over events half a minute apart.
var families = []struct {
	name  string
	force func(*Rules)
}{
	{"default", func(*Rules) {}},
	{"step windows", func(r *Rules) { stepWindows(r, 600) }},
	{"step windows only", func(r *Rules) { r.Window = nil; stepWindows(r, 600) }},
	{"gaps", func(r *Rules) { stepWindows(r, 600); gaps(r, 60) }},
	{"gaps, no windows", func(r *Rules) { r.Window = nil; gaps(r, 60) }},
	{"optional", func(r *Rules) { r.Steps[1].Optional = true }},
	{"optional, no window", func(r *Rules) { r.Window = nil; r.Steps[1].Optional, r.Steps[2].Optional = true, true }},
	{"optional, windows", func(r *Rules) { stepWindows(r, 600); r.Steps[2].Optional = true }},
	{"tolerance", func(r *Rules) { r.Tolerance = 60 }},
	{"tolerance, windows", func(r *Rules) { r.Tolerance = 60; stepWindows(r, 600) }},
	{"tolerance, optional", func(r *Rules) { r.Tolerance = 60; r.Steps[1].Optional = true }},
	{"strict", func(r *Rules) { r.Order = "strict" }},
	{"strict among", func(r *Rules) { r.Order = "strict_among_steps" }},
	{"strict among, optional", func(r *Rules) { r.Order = "strict_among_steps"; r.Steps[1].Optional = true }},
	{"end_attempt", func(r *Rules) { excluded(r, "end_attempt", 0, 3) }},
	{"reset", func(r *Rules) { excluded(r, "reset", 0, 3) }},
	{"reset inside", func(r *Rules) { excluded(r, "reset", 1, 3) }},
	{"drop_user", func(r *Rules) { excluded(r, "drop_user", 0, 3) }},
	{"drop_user inside", func(r *Rules) { excluded(r, "drop_user", 1, 3) }},
	{"exclusions, no window", func(r *Rules) { r.Window = nil; excluded(r, "reset", 0, 2); excluded(r, "end_attempt", 1, 3) }},
	{"exclusions, step windows", func(r *Rules) { stepWindows(r, 600); excluded(r, "reset", 1, 3) }},
	{"totals", func(r *Rules) { r.Counting = "totals" }},
	{"totals, no window", func(r *Rules) { r.Counting = "totals"; r.Window = nil }},
	{"totals, strict", func(r *Rules) { r.Counting, r.Order = "totals", "strict" }},
	{"totals, windows", func(r *Rules) { r.Counting = "totals"; stepWindows(r, 600) }},
	{"totals, exclusions", func(r *Rules) { r.Counting = "totals"; excluded(r, "drop_user", 1, 3); excluded(r, "reset", 0, 2) }},
	{"totals, optional", func(r *Rules) { r.Counting = "totals"; r.Steps[1].Optional = true }},
	{"unordered", func(r *Rules) { r.Order = "unordered" }},
	{"unordered, no window", func(r *Rules) { r.Order, r.Window = "unordered", nil }},
	{"unordered, exclusions", func(r *Rules) { r.Order = "unordered"; excluded(r, "reset", 1, 3) }},
	{"unordered, totals", func(r *Rules) { r.Order, r.Counting = "unordered", "totals" }},
}

func stepWindows(r *Rules, w int64) {
	for i := range r.Steps[1:] {
		r.Steps[i+1].Window = &w
	}
}

func gaps(r *Rules, g int64) {
	for i := range r.Steps[1:] {
		r.Steps[i+1].MinGap = &g
	}
}

func excluded(r *Rules, policy string, from, to int) {
	r.Exclusions = append(r.Exclusions, RuleExclusion{AnyOf: [][]Condition{{equals("event", "x")}}, From: from, To: to, Policy: policy})
}

// familyRules is the plain funnel with a family's change.
func familyRules(force func(*Rules), steps int) *Rules {
	window := int64(3600)
	r := &Rules{Window: &window}
	for i := range steps {
		r.Steps = append(r.Steps, RuleStep{AnyOf: [][]Condition{{equals("event", string(rune('a'+i)))}}})
	}
	force(r)
	return r
}

// longJourney draws n events of one person: steps, exclusions and noise. The last step never comes, so
// that no chain is complete and nothing can stop early.
func longJourney(n int, tied bool) []Event {
	rng := rand.New(rand.NewPCG(3, uint64(n)))
	out := make([]Event, n)
	at := int64(0)
	for i := range out {
		if at += 1 + rng.Int64N(60); tied && rng.IntN(2) == 0 && i > 0 {
			at = out[i-1].TS
		}
		name := []string{"a", "a", "a", "b", "b", "b", "c", "c", "x", "n"}[rng.IntN(10)]
		out[i] = Event{Person: "p", TS: at, Name: name}
	}
	return out
}

// BenchmarkPerson evaluates one person of many events.
func BenchmarkPerson(b *testing.B) {
	for _, f := range families {
		for _, n := range []int{200, 2_000, 20_000} {
			b.Run(fmt.Sprintf("%s/%d", f.name, n), func(b *testing.B) { benchmarkPersons(b, familyRules(f.force, 4), [][]Event{longJourney(n, false)}) })
		}
	}
}

// BenchmarkPersonTied does the same with half of the events tied to the one before.
func BenchmarkPersonTied(b *testing.B) {
	for _, f := range families {
		b.Run(f.name, func(b *testing.B) { benchmarkPersons(b, familyRules(f.force, 4), [][]Event{longJourney(20_000, true)}) })
	}
}

// BenchmarkPersons evaluates 10,000 persons of ten events each.
func BenchmarkPersons(b *testing.B) {
	all := longJourney(100_000, false)
	persons := make([][]Event, 0, 10_000)
	for i := 0; i < len(all); i += 10 {
		persons = append(persons, all[i:i+10])
	}
	for _, f := range families {
		b.Run(f.name, func(b *testing.B) { benchmarkPersons(b, familyRules(f.force, 4), persons) })
	}
}

func benchmarkPersons(b *testing.B, r *Rules, persons [][]Event) {
	if ps := r.Validate(); len(ps) > 0 {
		b.Fatal(ps)
	}
	b.ReportAllocs()
	p := newPlan(r)
	e := newEvaluator(p, nil, true)
	journeys := classify(r, p, e, persons)
	for b.Loop() {
		for i := range journeys {
			e.journey = journeys[i]
			if err := e.seal(); err != nil {
				b.Fatal(err)
			}
			e.run(selection{}, always, true)
		}
	}
}

// classify gives the events of persons the classes of their names.
func classify(r *Rules, p *plan, e *evaluator, persons [][]Event) []journey {
	byName := map[string]int32{}
	out := make([]journey, len(persons))
	for i, events := range persons {
		for _, ev := range events {
			c, ok := byName[ev.Name]
			if !ok {
				cl := p.newClass()
				for s := range r.Steps {
					if namesEvent(r.Steps[s].AnyOf, ev.Name) {
						setBit(cl.steps, s)
					}
				}
				for x := range r.Exclusions {
					if namesEvent(r.Exclusions[x].AnyOf, ev.Name) {
						setBit(cl.excl, x)
					}
				}
				c = int32(len(e.classes))
				byName[ev.Name] = c
				e.classes = append(e.classes, cl)
			}
			out[i].ts, out[i].class = append(out[i].ts, ev.TS), append(out[i].class, c)
		}
	}
	return out
}
