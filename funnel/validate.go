package funnel

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vouch/referral"
)

// maxSteps bounds the steps of a funnel.
const maxSteps = 1000

// maxTop bounds the groups shown before the others are put together.
const maxTop = 1000

// check collects problems.
type check struct{ problems referral.Problems }

func (c *check) add(path, hint, format string, args ...any) {
	c.problems = append(c.problems, referral.Problem{Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
}

// oneOf refuses an option that is given and not in the list.
func (c *check) oneOf(path, value string, list []string) {
	if value == "" || slices.Contains(list, value) {
		return
	}
	hint := "one of " + strings.Join(list, ", ")
	if s := referral.Suggest(value, list); s != "" {
		hint = fmt.Sprintf("did you mean %q? %s", s, hint)
	}
	c.add(path, hint, "%q is not known here", value)
}

// Validate reports every mistake of the definition; nothing else may be computed from it.
func (d Definition) Validate() referral.Problems {
	var c check
	c.shortForms(d)
	c.readings(d)
	r, err := d.rules(referral.Scope{})
	if err != nil {
		field, msg, _ := strings.Cut(err.Error(), ": ")
		c.add(field, "write it like 2026-03-01 or 2026-03-01T12:00:00Z", "%s", msg)
		d.EntryFrom, d.EntryTo = "", ""
		r, err = d.rules(referral.Scope{})
		if err != nil {
			return c.problems
		}
	}
	for _, p := range r.validate(isField) {
		p.Path = d.written(p.Path)
		c.problems = append(c.problems, p)
	}
	return c.problems
}

// written turns the path of a rule into that of what was written: short forms have none of their own.
func (d Definition) written(path string) string {
	if rest, ok := strings.CutPrefix(path, "breakdown"); ok && d.By != nil {
		return "by" + rest
	}
	if rest, ok := strings.CutPrefix(path, "hold_constant"); ok && len(d.Hold) > 0 {
		return "hold" + rest
	}
	var i, alternative, j int
	if n, _ := fmt.Sscanf(path, "steps[%d].any_of[%d][%d]", &i, &alternative, &j); n == 3 && i < len(d.Steps) && d.Steps[i].AnyOf == nil {
		if keys := slices.Sorted(maps.Keys(d.Steps[i].Where)); j > 0 { // 0 is the event
			return fmt.Sprintf("steps[%d].where.%s", i, keys[j-1])
		}
	}
	if n, _ := fmt.Sscanf(path, "steps[%d].windo%c", &i, new(rune)); n == 2 && i > 0 && i <= len(d.Windows) {
		return fmt.Sprintf("windows[%d]", i-1)
	}
	return path
}

// shortForms checks what the rules no longer show: the short forms, and long forms beside them.
func (c *check) shortForms(d Definition) {
	if len(d.Hold) > 0 && len(d.HoldConstant) > 0 {
		c.add("hold", "keep one of them", "hold is short for hold_constant; both are given")
	}
	if d.By != nil && d.Breakdown != nil {
		c.add("by", "keep one of them", "by is short for breakdown; both are given")
	}
	for i, s := range d.Steps {
		path := fmt.Sprintf("steps[%d]", i)
		switch {
		case s.AnyOf != nil && len(s.Where) > 0:
			c.add(path, "write the where conditions into each alternative of any_of", "any_of and where are both given")
		case s.AnyOf != nil && s.Event != "":
			c.add(path, "write the event into each alternative of any_of", "any_of and event are both given")
		case s.AnyOf == nil && s.event() == "":
			c.add(path, "name an event, or list alternatives under any_of", "the step matches no event")
		}
		for _, k := range slices.Sorted(maps.Keys(s.Where)) {
			v := s.Where[k]
			if k == "event" {
				c.add(path+".where.event", "write event: beside where", "the event does not belong in where")
			}
			if t := strings.TrimSpace(string(v)); t == "" || t[0] == '{' || t[0] == '[' || t == "null" {
				c.add(path+".where."+k, "for other comparisons use any_of", "want a text, a number, true or false")
			}
		}
	}
	for i, s := range d.Steps {
		c.scalars(fmt.Sprintf("steps[%d]", i), s.AnyOf)
	}
	for i, x := range d.Exclusions {
		c.scalars(fmt.Sprintf("exclusions[%d]", i), x.AnyOf)
		if (x.AnyOf != nil) == (x.Event != "") {
			c.add(fmt.Sprintf("exclusions[%d]", i), "", "want either event or any_of")
		}
	}
}

// readings checks what the rules do not know: the unit, late events, the groups shown, and windows as a
// list.
func (c *check) readings(d Definition) {
	c.oneOf("unit", d.Unit, unitNames())
	c.oneOf("late", d.Late, lates)
	if d.Top != nil && (*d.Top < 1 || *d.Top > maxTop) {
		c.add("top", "leave the key out for 10", "want a number of groups from 1 to %d, got %d", maxTop, *d.Top)
	}
	c.holds(d)
	if d.Windows == nil {
		return
	}
	if len(d.Windows) != len(d.Steps)-1 {
		c.add("windows", "one for each step after the first", "want %d, got %d", max(0, len(d.Steps)-1), len(d.Windows))
	}
	for i, s := range d.Steps {
		if s.Window != 0 {
			c.add(fmt.Sprintf("steps[%d].window", i), "keep one of them", "windows is short for the windows of the steps; both are given")
		}
	}
}

// holds refuses to hold what is not the event's own: the unit, which never changes within one, and what
// the person of the event is.
func (c *check) holds(d Definition) {
	for i, h := range d.held() {
		path := d.written(fmt.Sprintf("hold_constant[%d]", i))
		switch {
		case h == d.unit().name:
			c.add(path, "leave it out", "%q is the unit: it never changes within one", h)
		case isField(h) && fieldOf(h).ofOnePerson():
			c.add(path, "leave it out", "%q belongs to the person, not to the event: it cannot change along the way", h)
		}
	}
}

// scalars refuses conditions on lists and objects, which SQL cannot compare by value.
func (c *check) scalars(path string, alternatives [][]Condition) {
	for i, all := range alternatives {
		for j, cond := range all {
			if v := strings.TrimSpace(string(cond.Value)); strings.HasPrefix(v, "[") || strings.HasPrefix(v, "{") {
				c.add(fmt.Sprintf("%s.any_of[%d][%d].value", path, i, j), "", "want a text, a number, true or false")
			}
		}
	}
}

// Validate reports every mistake of plain rules, whose conditions know event and prop.NAME.
func (r *Rules) Validate() referral.Problems { return r.validate(isProp) }

func (r *Rules) validate(known func(string) bool) referral.Problems {
	var c check
	c.oneOf("order", r.Order, orders)
	c.oneOf("ties", r.Ties, tieReadings)
	c.oneOf("entry", r.Entry, entries)
	c.oneOf("counting", r.Counting, countings)
	c.notNegative("window", r.Window)
	c.notNegative("tolerance", &r.Tolerance)
	c.steps(r, known)
	c.exclusions(r, known)
	if r.EntryFrom != nil && r.EntryTo != nil && *r.EntryFrom >= *r.EntryTo {
		c.add("entry_to", "entry_from ≤ entry < entry_to", "the entry range is empty")
	}
	for i, h := range r.HoldConstant {
		path := fmt.Sprintf("hold_constant[%d]", i)
		c.field(path, h, known)
		if slices.Index(r.HoldConstant, h) != i {
			c.add(path, "", "%q is held twice", h)
		}
	}
	c.breakdown(r, known)
	c.trend(r)
	c.combinations(r)
	return c.problems
}

func (c *check) notNegative(path string, v *int64) {
	if v != nil && *v < 0 {
		c.add(path, "", "is negative")
	}
}

func (c *check) field(path, field string, known func(string) bool) {
	if known(field) {
		return
	}
	c.add(path, fieldHint(field, known), "%q is not a field of events", field)
}

func (c *check) steps(r *Rules, known func(string) bool) {
	switch n := len(r.Steps); {
	case n == 0:
		c.add("steps", "list at least one step", "there are no steps")
	case n > maxSteps:
		c.add("steps", "", "%d steps; at most %d are supported", n, maxSteps)
		return
	}
	names := map[string]int{}
	for i := range r.Steps {
		s, path := &r.Steps[i], fmt.Sprintf("steps[%d]", i)
		name := r.stepName(i)
		if name == "" {
			c.add(path+".name", "", "the name is empty")
		}
		if first, taken := names[name]; taken {
			c.add(path+".name", "names must differ; the event may repeat", "%q is the name of steps[%d] already", name, first)
		}
		names[name] = i
		c.notNegative(path+".window", s.Window)
		c.notNegative(path+".min_gap", s.MinGap)
		if s.Window != nil && s.MinGap != nil && *s.MinGap > *s.Window {
			c.add(path+".min_gap", "", "the least gap is longer than the step's window")
		}
		if i == 0 {
			c.firstStep(s)
		}
		c.conditions(path, s.AnyOf, known)
	}
}

// stepName is the name of a step, stepN if none is given.
func (r *Rules) stepName(i int) string {
	if n := r.Steps[i].Name; n != nil {
		return *n
	}
	return fmt.Sprintf("step%d", i+1)
}

// label is what a row of counts is called: its step, or how many of the steps, where they come in any order
// and the first row counts whoever did any one of them.
func (r *Rules) label(i int) string {
	if r.Order == "unordered" {
		return fmt.Sprintf("any %d of %d", i+1, len(r.Steps))
	}
	return r.stepName(i)
}

func (c *check) firstStep(s *RuleStep) {
	if s.Window != nil {
		c.add("steps[0].window", "the funnel's window counts from the first step", "the first step has no previous step")
	}
	if s.MinGap != nil {
		c.add("steps[0].min_gap", "", "the first step has no previous step")
	}
	if s.Optional {
		c.add("steps[0].optional", "", "the first step cannot be optional")
	}
}

func (c *check) conditions(path string, alternatives [][]Condition, known func(string) bool) {
	if len(alternatives) == 0 {
		c.add(path+".any_of", "an empty alternative [] matches every event", "there are no alternatives")
	}
	for i, all := range alternatives {
		for j, cond := range all {
			at := fmt.Sprintf("%s.any_of[%d][%d]", path, i, j)
			if cond.Field != "event" {
				c.field(at+".field", cond.Field, known)
			}
			if !slices.Contains(operators, cond.Op) {
				c.add(at+".op", "one of "+strings.Join(operators, " "), "%q is not an operator", cond.Op)
			}
			if cond.Op != "is_null" && cond.Op != "not_null" && len(cond.Value) == 0 {
				c.add(at+".value", "", "operator %s needs a value", cond.Op)
			}
			if v := parseValue(cond.Value); fieldOf(cond.Field).Of == ofPerson && !v.isDouble() {
				c.add(at+".value", "write it as text, if it is one", "%s has more digits than an attribute is compared by", v.text)
			}
		}
	}
}

func (c *check) exclusions(r *Rules, known func(string) bool) {
	for i, x := range r.Exclusions {
		path := fmt.Sprintf("exclusions[%d]", i)
		c.oneOf(path+".policy", x.Policy, policies)
		c.conditions(path, x.AnyOf, known)
		if x.From < 0 || x.From >= x.To || x.To >= len(r.Steps) {
			c.add(path, "steps count from 0", "want 0 ≤ from < to < %d, got %d and %d", len(r.Steps), x.From, x.To)
			continue
		}
		if r.Steps[x.From].Optional || r.Steps[x.To].Optional {
			c.add(path, "", "an exclusion cannot be bounded by an optional step")
		}
	}
}

func (c *check) breakdown(r *Rules, known func(string) bool) {
	b := r.Breakdown
	if b == nil {
		return
	}
	c.field("breakdown.property", b.Property, known)
	if b.Attribution == "" || !slices.Contains(attributions, b.Attribution) {
		c.add("breakdown.attribution", "one of "+strings.Join(attributions, ", "), "%q is not known here", b.Attribution)
		return
	}
	switch byStep := b.Attribution == "step"; {
	case !byStep && b.Step != 0:
		c.add("breakdown.step", "it belongs to attribution step", "superfluous with attribution %s", b.Attribution)
	case byStep && (b.Step < 1 || b.Step > len(r.Steps)):
		c.add("breakdown.step", "", "want a step from 1 to %d", len(r.Steps))
	case byStep && r.Steps[b.Step-1].Optional:
		c.add("breakdown.step", "", "step %d is optional", b.Step)
	case byStep && r.Order == "unordered":
		c.add("breakdown.attribution", "use another attribution", "attribution step and order unordered exclude each other")
	}
}

func (c *check) trend(r *Rules) {
	if r.Trend == nil {
		return
	}
	if r.Trend.Interval == "" {
		c.add("trend.interval", "one of "+strings.Join(intervals, ", "), "is missing")
	}
	c.oneOf("trend.interval", r.Trend.Interval, intervals)
	if z := r.Trend.Timezone; z != "" {
		if _, err := time.LoadLocation(z); err != nil || z == "Local" {
			c.add("trend.timezone", "use an IANA name such as Europe/Berlin", "%q is not a time zone", z)
		}
	}
}

// combinations refuses options that exclude each other, naming both.
func (c *check) combinations(r *Rules) {
	if r.Trend != nil && r.Counting == "totals" {
		c.add("trend", "count uniques, or leave the trend out", "trend and counting totals exclude each other")
	}
	if r.Order == "unordered" {
		for i, s := range r.Steps {
			for _, o := range []struct {
				name  string
				given bool
			}{{"window", s.Window != nil}, {"min_gap", s.MinGap != nil}, {"optional", s.Optional}} {
				if o.given && i > 0 {
					c.add(fmt.Sprintf("steps[%d].%s", i, o.name), "use the funnel's window", "%s and order unordered exclude each other", o.name)
				}
			}
		}
	}
	if r.Tolerance <= 0 {
		return
	}
	with := ""
	switch {
	case r.Order != "" && r.Order != "ordered":
		with = "order " + r.Order
	case r.Ties == "increasing":
		with = "ties increasing"
	case r.Counting == "totals":
		with = "counting totals"
	case len(r.Exclusions) > 0:
		with = "exclusions"
	}
	if with != "" {
		c.add("tolerance", "leave one of them out", "tolerance and %s exclude each other", with)
	}
}
