package reports

import (
	"fmt"
	"slices"
	"strings"

	"vouch/funnel"
)

// noun is what a funnel counts, in words.
type noun struct{ one, many, who string }

// nounOf names what a funnel counts: persons, attempts where the counting is totals, or its unit.
func nounOf(f *funnel.Result) noun {
	u := noun{f.Noun(1), f.Noun(2), "that"}
	if u.one == "person" || u.one == "referrer" {
		u.who = "who"
	}
	return u
}

// people is the noun as a question asks for it.
func (u noun) people() string {
	if u.one == "person" {
		return "people"
	}
	return u.many
}

// count writes how many of them: "1 person", "1,234 persons".
func (u noun) count(n Numbers, v int64) string {
	if v == 1 {
		return "1 " + u.one
	}
	return n.Count(v) + " " + u.many
}

// reading is one option of a funnel: its name in words and what its settings mean. The meaning under
// "" is that of any other setting.
type reading struct {
	key, name string
	meanings  map[string]string
}

// readingsInOrder are the options as a reader wants to know them.
var readingsInOrder = []reading{
	{"unit", "What is counted", map[string]string{"person": "persons, aliases merged", "": "each value of this column; events without one count for nobody"}},
	{"counting", "Counting", map[string]string{"uniques": "each counts once, with the best attempt", "totals": "every attempt counts"}},
	{"order", "Order", map[string]string{
		"ordered": "the steps one after the other; other events may lie between", "strict": "nothing may lie between two steps but repeats of the first of them",
		"strict_among_steps": "no event of another step may lie between two steps", "unordered": "the steps in any order",
	}},
	{"ties", "Equal times", map[string]string{"any_order": "events of equal time may be read in any order", "increasing": "each step strictly later than the one before"}},
	{"reuse", "One event, several steps", map[string]string{"false": "one event serves one step", "true": "one event may serve several steps"}},
	{"entry", "Entry", map[string]string{"any": "every event of the first step may start an attempt", "first": "only the first event of the first step starts one"}},
	{"entry_from", "Entry from", map[string]string{"": "the first step not before this"}},
	{"entry_to", "Entry to", map[string]string{"": "the first step before this"}},
	{"window", "Window", map[string]string{"none": "no time limit: nobody is ever lost for good", "": "elapsed time from the first step, its end included"}},
	{"conditions", "Conditions of steps", map[string]string{"": "an event serves the step only if it meets them"}},
	{"step_windows", "Windows of steps", map[string]string{"": "elapsed time from the required step before, its end included"}},
	{"min_gaps", "Least times", map[string]string{"": "a step counts no sooner than this after the required step before"}},
	{"optional", "Optional steps", map[string]string{"": "counted where they lie on the way, never needed"}},
	{"first_ever", "First-ever steps", map[string]string{"": "only the first such event ever counts"}},
	{"tolerance", "Clock noise", map[string]string{"": "an event may lie this much before the one it follows"}},
	{"hold_constant", "Held constant", map[string]string{"": "the same value all along the way"}},
	{"exclusions", "Exclusions", map[string]string{"": "events that end or spoil an attempt"}},
	{"late", "Late events", map[string]string{"keep": "events received at the as-of time or later count by when they happened", "drop": "events received at the as-of time or later are left out, as a report made then had to"}},
	{"trend", "Entry periods", map[string]string{"": "entrants by the calendar period of their first step"}},
	{"breakdown", "Groups", nil},
	{"top", "Groups that stand alone", map[string]string{"": "those with most entrants; the others are put together"}},
}

// breakdowns say under which value a person counts, by how the breakdown attributes it.
var breakdowns = map[string]string{
	"all": "each counts under every value carried, so the groups add up to more than the whole", "first_touch": "each counts under the first value carried",
	"last_touch": "each counts under the last value carried", "step": "each counts under the value at that step; who never got there is in no group",
}

// readings shows the options in force, every one named, and what the counts depend on.
func (w *writer) readings(s *section, f *funnel.Result) {
	if len(f.Options) == 0 {
		return
	}
	s.Blocks = append(s.Blocks, block{Head: "How was it counted?", Anchor: funnelID(f, "options")})
	t := &Table{ID: "options-" + slug(f.Name), Caption: "Readings in force", Columns: []Column{textColumn("Option"), textColumn("Setting"), proseColumn("In words")}}
	row := func(name, key, value, meaning string) {
		head := text(name)
		head.Title, head.CSV = key, []string{key}
		t.Rows = append(t.Rows, []Cell{head, text(value), text(meaning)})
	}
	known := map[string]bool{}
	for _, r := range readingsInOrder {
		known[r.key] = true
		if v, ok := f.Options[r.key]; ok {
			row(r.name, r.key, v, r.meaning(v))
		}
	}
	for _, k := range sortedKeys(f.Options) {
		if !known[k] {
			row(title(strings.ReplaceAll(k, "_", " ")), k, f.Options[k], "")
		}
	}
	s.addTable(t)
	for _, note := range w.dependences(f) {
		s.addNote(note)
	}
}

// meaning says what a setting does.
func (r reading) meaning(value string) string {
	if r.key == "breakdown" {
		for _, k := range sortedKeys(breakdowns) {
			if slices.Contains(strings.Fields(strings.ReplaceAll(value, ",", " ")), k) {
				return breakdowns[k]
			}
		}
	}
	if m, ok := r.meanings[value]; ok {
		return m
	}
	return r.meanings[""]
}

// dependences say how many of the counts rest on a reading, and what was left out.
func (w *writer) dependences(f *funnel.Result) []string {
	var out []string
	through := int64(0)
	if len(f.Steps) > 0 {
		through = f.Steps[len(f.Steps)-1].Persons
	}
	share := func(n int64) string {
		t := fmt.Sprintf("%s of %s conversions", w.n.Count(n), w.n.Count(through))
		if through >= TooFew && n > 0 {
			t += " (" + w.n.Percent(float64(n)/float64(through)) + ")"
		}
		return t
	}
	if n := f.TieDependent; n != nil {
		out = append(out, share(*n)+" exist only because events of equal time may be read in any order.")
	}
	if n := f.ToleranceDependent; n != nil {
		out = append(out, share(*n)+" exist only thanks to the tolerance for clock noise of "+f.Options["tolerance"]+".")
	}
	if n := f.Late; n != nil && *n == 0 {
		out = append(out, "No event of the funnel was received at the as-of time or later.")
	} else if n != nil {
		what := "count by when they happened"
		if f.Options["late"] == "drop" {
			what = "are left out"
		}
		out = append(out, w.n.Count(*n)+" events of the funnel were received at the as-of time or later; such events "+what+".")
	}
	if n := f.WithoutUnit; n != nil {
		out = append(out, w.n.Count(*n)+" events carry no "+nounOf(&funnel.Result{Unit: f.Unit}).one+" and count for nobody.")
	}
	if n := f.WithoutHeld; n != nil && *n > 0 {
		out = append(out, w.n.Count(*n)+" events of the steps carry no "+f.Options["hold_constant"]+", which is held along the path, and serve no step.")
	}
	return out
}
