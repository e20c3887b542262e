package funnel

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// options names the readings in force, defaults included, so that a report never leaves them open.
// Options that only exist where they are asked for are named where they are.
func (d Definition) options() map[string]string {
	out := map[string]string{
		"order": orDefault(d.Order, orders), "ties": orDefault(d.Ties, tieReadings), "entry": orDefault(d.Entry, entries),
		"counting": orDefault(d.Counting, countings), "reuse": strconv.FormatBool(d.Reuse), "window": "none",
		"unit": d.unit().name, "late": orDefault(d.Late, lates),
	}
	if d.Window != 0 {
		out["window"] = d.Window.String()
	}
	if d.Tolerance != 0 {
		out["tolerance"] = d.Tolerance.String()
	}
	if d.Top != nil {
		out["top"] = strconv.Itoa(*d.Top)
	}
	if held := d.held(); len(held) > 0 {
		out["hold_constant"] = strings.Join(held, ", ")
	}
	if b := d.breakdown(); b != nil {
		out["breakdown"] = b.Property + ", " + b.Attribution
		if b.Step > 0 {
			out["breakdown"] += " " + strconv.Itoa(b.Step)
		}
	}
	if t := d.Trend; t != nil {
		out["trend"] = strings.TrimSpace(t.Interval + " " + t.Timezone)
	}
	for name, v := range map[string]string{"entry_from": d.EntryFrom, "entry_to": d.EntryTo} {
		if v != "" {
			out[name] = v
		}
	}
	d.stepOptions(out)
	return out
}

// Readings lists the options in force that are not the defaults, each as its key and setting, by key. The
// window is not among them: it is part of every result.
func (r *Result) Readings() []string {
	plain := Definition{}.options()
	var out []string
	for _, option := range slices.Sorted(maps.Keys(r.Options)) {
		if setting := r.Options[option]; option != "window" && setting != plain[option] {
			out = append(out, option+" "+setting)
		}
	}
	return out
}

// stepOptions names what single steps and exclusions ask for, by the names of the steps.
func (d Definition) stepOptions(out map[string]string) {
	add := func(option, format string, args ...any) {
		if out[option] != "" {
			out[option] += ", "
		}
		out[option] += fmt.Sprintf(format, args...)
	}
	for i, s := range d.Steps {
		if i > 0 && i <= len(d.Windows) {
			s.Window = d.Windows[i-1]
		}
		if s.AnyOf != nil || len(s.Where) > 0 || s.name() != s.event() {
			add("conditions", "%s: %s", s.name(), conditionsText(s.alternatives()))
		}
		if s.Window != 0 {
			add("step_windows", "%s %s", s.name(), s.Window)
		}
		if s.MinGap != 0 {
			add("min_gaps", "%s %s", s.name(), s.MinGap)
		}
		if s.Optional {
			add("optional", "%s", s.name())
		}
		if s.FirstEver {
			add("first_ever", "%s", s.name())
		}
	}
	for _, x := range d.Exclusions {
		event := x.Event
		if event == "" {
			event = conditionsText(x.AnyOf)
		}
		add("exclusions", "%s between %s and %s: %s", event, d.Steps[x.From].name(), d.Steps[x.To].name(), orDefault(x.Policy, policies))
	}
}

// conditionsText writes alternatives of conditions for readers, values as in JSON, so that a text of digits
// is told from a number.
func conditionsText(alternatives [][]Condition) string {
	var out []string
	for _, all := range alternatives {
		var parts []string
		for _, c := range all {
			parts = append(parts, strings.TrimSpace(c.Field+" "+c.Op+" "+string(c.Value)))
		}
		if len(all) == 0 {
			parts = []string{"any event"}
		}
		out = append(out, strings.Join(parts, " and "))
	}
	return strings.Join(out, " or ")
}
