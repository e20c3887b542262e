package funnel

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vouch/referral"
)

// valid is a definition that each case below spoils in one way.
func valid() Definition {
	return Definition{Window: 30 * referral.DayLen, Steps: []Step{{Name: "invite"}, {Name: "signup"}, {Name: "paid", Event: "purchase"}}}
}

func TestDefinition_Validate(t *testing.T) {
	if ps := valid().Validate(); len(ps) > 0 {
		t.Fatalf("a plain definition is refused: %v", ps)
	}
	text := func(s string) json.RawMessage { return json.RawMessage(s) }
	cases := []struct {
		name  string
		spoil func(*Definition)
		path  string
		part  string // of the message or hint
	}{
		{"no steps", func(d *Definition) { d.Steps = nil }, "steps", "no steps"},
		{"too many steps", func(d *Definition) {
			d.Steps = nil
			for i := range 1001 {
				d.Steps = append(d.Steps, Step{Name: fmt.Sprint("s", i)})
			}
		}, "steps", "1001"},
		{"duplicate names", func(d *Definition) { d.Steps[2].Name = "invite" }, "steps[2].name", "steps[0]"},
		{"step without event", func(d *Definition) { d.Steps[1] = Step{} }, "steps[1]", "no event"},
		{"negative window", func(d *Definition) { d.Window = -1 }, "window", "negative"},
		{"negative step window", func(d *Definition) { d.Steps[1].Window = -1 }, "steps[1].window", "negative"},
		{"negative gap", func(d *Definition) { d.Steps[1].MinGap = -1 }, "steps[1].min_gap", "negative"},
		{"negative tolerance", func(d *Definition) { d.Tolerance = -1 }, "tolerance", "negative"},
		{"gap above window", func(d *Definition) { d.Steps[1].Window, d.Steps[1].MinGap = 5, 6 }, "steps[1].min_gap", "longer"},
		{"first step with window", func(d *Definition) { d.Steps[0].Window = 5 }, "steps[0].window", "no previous step"},
		{"first step with gap", func(d *Definition) { d.Steps[0].MinGap = 5 }, "steps[0].min_gap", "no previous step"},
		{"first step optional", func(d *Definition) { d.Steps[0].Optional = true }, "steps[0].optional", "optional"},
		{"order", func(d *Definition) { d.Order = "strickt" }, "order", `did you mean "strict"`},
		{"ties", func(d *Definition) { d.Ties = "x" }, "ties", "any_order"},
		{"entry", func(d *Definition) { d.Entry = "last" }, "entry", "any, first"},
		{"counting", func(d *Definition) { d.Counting = "total" }, "counting", `did you mean "totals"`},
		{"entry_from", func(d *Definition) { d.EntryFrom = "01/03/2026" }, "entry_from", "neither a date"},
		{"entry_to", func(d *Definition) { d.EntryTo = "soon" }, "entry_to", "neither a date"},
		{"empty entry range", func(d *Definition) { d.EntryFrom, d.EntryTo = "2026-03-02", "2026-03-02" }, "entry_to", "empty"},
		{"hold twice", func(d *Definition) { d.Hold, d.HoldConstant = []string{"channel"}, []string{"channel"} }, "hold", "both"},
		{"hold repeats", func(d *Definition) { d.Hold = []string{"channel", "channel"} }, "hold[1]", "twice"},
		{"hold unknown", func(d *Definition) { d.Hold = []string{"code"} }, "hold[0]", "prop.NAME"},
		{"by twice", func(d *Definition) {
			d.By, d.Breakdown = &Breakdown{Property: "channel", Attribution: "all"}, &Breakdown{Property: "channel", Attribution: "all"}
		}, "by", "both"},
		{"by unknown", func(d *Definition) { d.By = &Breakdown{Property: "chanel", Attribution: "all"} }, "by.property", `did you mean "channel"`},
		{"attribution", func(d *Definition) { d.By = &Breakdown{Property: "channel", Attribution: "best"} }, "by.attribution", "first_touch"},
		{"step missing", func(d *Definition) { d.By = &Breakdown{Property: "channel", Attribution: "step"} }, "by.step", "1 to 3"},
		{"step superfluous", func(d *Definition) { d.By = &Breakdown{Property: "channel", Attribution: "all", Step: 1} }, "by.step", "superfluous"},
		{"step optional", func(d *Definition) {
			d.Steps[1].Optional = true
			d.By = &Breakdown{Property: "channel", Attribution: "step", Step: 2}
		}, "by.step", "optional"},
		{"event and any_of", func(d *Definition) { d.Steps[1].Event, d.Steps[1].AnyOf = "x", [][]Condition{{}} }, "steps[1]", "both"},
		{"where and any_of", func(d *Definition) {
			d.Steps[1].Where, d.Steps[1].AnyOf = map[string]json.RawMessage{"status": text(`"x"`)}, [][]Condition{{}}
		}, "steps[1]", "both"},
		{"where list", func(d *Definition) { d.Steps[1].Where = map[string]json.RawMessage{"status": text(`["x"]`)} }, "steps[1].where.status", "text, a number"},
		{"where event", func(d *Definition) { d.Steps[1].Where = map[string]json.RawMessage{"event": text(`"x"`)} }, "steps[1].where.event", "belong"},
		{"where unknown", func(d *Definition) { d.Steps[1].Where = map[string]json.RawMessage{"plan": text(`"x"`)} }, "steps[1].where.plan", "prop.NAME"},
		{"where near a segment", func(d *Definition) { d.Steps[1].Where = map[string]json.RawMessage{"partner.teir": text(`"gold"`)} }, "steps[1].where.partner.teir", `did you mean "partner.tier"`},
		{"where of several", func(d *Definition) {
			d.Steps[1].Where = map[string]json.RawMessage{"channel": text(`"x"`), "chanel": text(`"y"`), "status": text(`"z"`)}
		}, "steps[1].where.chanel", `did you mean "channel"`},
		{"unit", func(d *Definition) { d.Unit = "partner" }, "unit", `did you mean "partner_id"`},
		{"late", func(d *Definition) { d.Late = "ignore" }, "late", "one of keep, drop"},
		{"top zero", func(d *Definition) { d.Top = new(int) }, "top", "from 1 to 1000"},
		{"windows too few", func(d *Definition) { d.Windows = []referral.Duration{5} }, "windows", "want 2, got 1"},
		{"windows too many", func(d *Definition) { d.Windows = []referral.Duration{5, 5, 5} }, "windows", "want 2, got 3"},
		{"windows empty", func(d *Definition) { d.Windows = []referral.Duration{} }, "windows", "want 2, got 0"},
		{"windows negative", func(d *Definition) { d.Windows = []referral.Duration{5, -5} }, "windows[1]", "negative"},
		{"windows and a window", func(d *Definition) { d.Windows, d.Steps[1].Window = []referral.Duration{5, 5}, 5 }, "steps[1].window", "both"},
		{"windows in unordered", func(d *Definition) { d.Windows, d.Order = []referral.Duration{5, 5}, "unordered" }, "windows[0]", "unordered"},
		{"segment", func(d *Definition) { d.By = &Breakdown{Property: "partner.size", Attribution: "all"} }, "by.property", "partner. goes with archetype, tier"},
		{"cohort of a year", func(d *Definition) { d.By = &Breakdown{Property: "cohort.year", Attribution: "all"} }, "by.property", "day, week, month, quarter"},
		{"attribute without a name", func(d *Definition) { d.By = &Breakdown{Property: "person.", Attribution: "all"} }, "by.property", "not a field"},
		{"hold what a person keeps", func(d *Definition) { d.Hold = []string{"person.plan"} }, "hold[0]", "belongs to the person"},
		{"hold a cohort of orders", func(d *Definition) { d.Unit, d.Hold = "order_id", []string{"cohort.month"} }, "hold[0]", "belongs to the person"},
		{"attribute beyond a double", func(d *Definition) {
			d.Steps[1].Where = map[string]json.RawMessage{"person.number": text(`9007199254740993`)}
		}, "steps[1].where.person.number", "more digits"},
		{"hold the unit", func(d *Definition) { d.Unit, d.Hold = "order_id", []string{"order_id"} }, "hold[0]", "unit"},
		{"no alternatives", func(d *Definition) { d.Steps[1].AnyOf = [][]Condition{} }, "steps[1].any_of", "no alternatives"},
		{"operator", func(d *Definition) {
			d.Steps[1].AnyOf = [][]Condition{{{Field: "event", Op: "==", Value: text(`"x"`)}}}
		}, "steps[1].any_of[0][0].op", "=="},
		{"operator without value", func(d *Definition) { d.Steps[1].AnyOf = [][]Condition{{{Field: "event", Op: "="}}} }, "steps[1].any_of[0][0].value", "needs a value"},
		{"condition on a list", func(d *Definition) {
			d.Steps[1].AnyOf = [][]Condition{{{Field: "prop.x", Op: "=", Value: text(`[1]`)}}}
		}, "steps[1].any_of[0][0].value", "text, a number"},
		{"property with a quote", func(d *Definition) { d.Hold = []string{`prop.a"b`} }, "hold[0]", "not a field"},
		{"exclusion without event", func(d *Definition) { d.Exclusions = []Exclusion{{From: 0, To: 1}} }, "exclusions[0]", "either"},
		{"exclusion range", func(d *Definition) { d.Exclusions = []Exclusion{{Event: "x", From: 1, To: 1}} }, "exclusions[0]", "0 ≤ from < to < 3"},
		{"exclusion beyond", func(d *Definition) { d.Exclusions = []Exclusion{{Event: "x", From: 1, To: 3}} }, "exclusions[0]", "0 ≤ from < to < 3"},
		{"exclusion at optional", func(d *Definition) {
			d.Steps[1].Optional = true
			d.Exclusions = []Exclusion{{Event: "x", From: 0, To: 1}}
		}, "exclusions[0]", "optional"},
		{"exclusion policy", func(d *Definition) { d.Exclusions = []Exclusion{{Event: "x", From: 0, To: 1, Policy: "drop"}} }, "exclusions[0].policy", "drop_user"},
		{"trend interval", func(d *Definition) { d.Trend = &Trend{Interval: "year"} }, "trend.interval", "month"},
		{"trend zone", func(d *Definition) { d.Trend = &Trend{Interval: "day", Timezone: "Mars"} }, "trend.timezone", "IANA"},
		{"trend and totals", func(d *Definition) { d.Trend, d.Counting = &Trend{Interval: "day"}, "totals" }, "trend", "totals"},
		{"unordered with step window", func(d *Definition) { d.Order, d.Steps[1].Window = "unordered", 5 }, "steps[1].window", "unordered"},
		{"unordered with gap", func(d *Definition) { d.Order, d.Steps[1].MinGap = "unordered", 5 }, "steps[1].min_gap", "unordered"},
		{"unordered with optional", func(d *Definition) { d.Order, d.Steps[1].Optional = "unordered", true }, "steps[1].optional", "unordered"},
		{"unordered by step", func(d *Definition) {
			d.Order, d.By = "unordered", &Breakdown{Property: "channel", Attribution: "step", Step: 1}
		}, "by.attribution", "unordered"},
		{"tolerance in strict", func(d *Definition) { d.Order, d.Tolerance = "strict", 1 }, "tolerance", "order strict"},
		{"tolerance with increasing", func(d *Definition) { d.Ties, d.Tolerance = "increasing", 1 }, "tolerance", "increasing"},
		{"tolerance with totals", func(d *Definition) { d.Counting, d.Tolerance = "totals", 1 }, "tolerance", "totals"},
		{"tolerance with exclusions", func(d *Definition) {
			d.Tolerance, d.Exclusions = 1, []Exclusion{{Event: "x", From: 0, To: 1}}
		}, "tolerance", "exclusions"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := valid()
			c.spoil(&d)
			for _, p := range d.Validate() {
				if p.Path == c.path && strings.Contains(p.Msg+" "+p.Hint, c.part) {
					return
				}
			}
			t.Errorf("want a problem at %s saying %q, got:\n%v", c.path, c.part, d.Validate())
		})
	}
}

// TestDefinition_Validate_all wants every problem at once, not the first.
func TestDefinition_Validate_all(t *testing.T) {
	d := Definition{Order: "x", Window: -1, EntryFrom: "x", Steps: []Step{{Name: "a", Optional: true}, {Name: "a"}}}
	if n := len(d.Validate()); n < 5 {
		t.Errorf("%d problems of at least 5: %v", n, d.Validate())
	}
}

// TestDefinition_Validate_accepts wants every option accepted on its own.
func TestDefinition_Validate_accepts(t *testing.T) {
	for name, use := range map[string]func(*Definition){
		"strict":      func(d *Definition) { d.Order = "strict" },
		"among steps": func(d *Definition) { d.Order = "strict_among_steps" },
		"unordered":   func(d *Definition) { d.Order = "unordered" },
		"increasing":  func(d *Definition) { d.Ties = "increasing" },
		"totals":      func(d *Definition) { d.Counting = "totals" },
		"tolerance":   func(d *Definition) { d.Tolerance = 5 },
		"hold":        func(d *Definition) { d.Hold = []string{"referral_code", "prop.x"} },
		"range":       func(d *Definition) { d.EntryFrom, d.EntryTo = "2026-03-01", "2026-03-02T12:00:00+02:00" },
		"same event":  func(d *Definition) { d.Steps[1].Event = "invite" },
		"exclusion":   func(d *Definition) { d.Exclusions = []Exclusion{{Event: "x", From: 0, To: 2}} },
		"1000 steps": func(d *Definition) {
			for i := range 997 {
				d.Steps = append(d.Steps, Step{Name: fmt.Sprint("s", i)})
			}
		},
		"windows":   func(d *Definition) { d.Windows = []referral.Duration{7 * referral.DayLen, 30 * referral.DayLen} },
		"late":      func(d *Definition) { d.Late = "drop" },
		"unit":      func(d *Definition) { d.Unit = "order_id" },
		"cohort":    func(d *Definition) { d.By = &Breakdown{Property: "acquired.quarter", Attribution: "first_touch"} },
		"tier kept": func(d *Definition) { d.Hold = []string{"partner.tier", "referrer_id"} },
		"any event": func(d *Definition) { d.Steps[1].AnyOf = [][]Condition{{}} },
	} {
		d := valid()
		use(&d)
		if ps := d.Validate(); len(ps) > 0 {
			t.Errorf("%s is refused: %v", name, ps)
		}
	}
}
