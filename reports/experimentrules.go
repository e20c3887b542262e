package reports

import (
	"fmt"
	"strings"

	"vouch/experiments"
)

// experimentMethod is how every experiment of a page is read.
var experimentMethod = []string{
	"Units are randomised as the experiment says and analysed in the group they were assigned to; units seen in two variants are put aside and counted. " +
		"Only units whose outcome window is closed enter a metric. Effects are differences per unit against the control, with their interval; " +
		"a p-value is the probability of a difference at least as large as the one seen if there were none.",
	"The verdict follows rules that are asked in a fixed order and listed with what each found. A split that differs from the plan, or assignment so mixed that " +
		"the arms cannot be compared, makes an experiment invalid, whatever its p-values.",
	"Worth is contribution less rewards, commission and other costs, against the control, times the units that arrive in a month. The probability of loss and " +
		"expected losses are those of a flat prior.",
}

// addRules lists what the verdict asked, in its order, and how the numbers were made.
func (w *writer) addRules(s *section, r *experiments.Result) {
	if len(r.Verdict.Rules) > 0 {
		s.addHead("rules", "Why this verdict?")
		t := &Table{
			ID: "rules-" + slug(r.Name), Caption: "Rules of the verdict in the order they were asked",
			Columns: []Column{textColumn("Rule"), textColumn("Arm"), textColumn("Passed"), proseColumn("What it found")},
		}
		for _, x := range r.Verdict.Rules {
			passed := text("passed")
			passed.Tone, passed.Shape = "better", "ship"
			if !x.Passed {
				passed = text("not passed")
				passed.Tone, passed.Shape = "worse", "invalid"
			}
			t.Rows = append(t.Rows, []Cell{text(title(Reason(x.Name))), text(x.Arm), passed, text(sentence(w.prettyMoney(x.Detail)))})
		}
		s.addTable(t.withoutBlanks())
	}
	s.addNote(w.statement(r))
}

// familyNames are the words for corrections of p-values.
var familyNames = map[string]string{
	"holm": "Holm", "hochberg": "Hochberg", "hommel": "Hommel", "sidak": "Šidák", "bonferroni": "Bonferroni", "dunnett": "Dunnett",
	"bh": "Benjamini and Hochberg", "by": "Benjamini and Yekutieli",
}

// statement says which corrections, tests and level are in force.
func (w *writer) statement(r *experiments.Result) string {
	var parts []string
	corrected := func(role, family string) {
		if !hasRole(r, role) || family == "" {
			return
		}
		if name, ok := familyNames[family]; ok {
			parts = append(parts, fmt.Sprintf("%s p-values are corrected by %s", role, name))
			return
		}
		parts = append(parts, role+" p-values are not corrected")
	}
	corrected("primary", r.Families.Primary)
	corrected("secondary", r.Families.Secondary)
	corrected("guardrail", r.Families.Guardrail)
	var tests []string
	seen := map[string]bool{}
	for _, m := range r.Metrics {
		for _, c := range m.Comparisons {
			if c.Method != "" && !seen[c.Method] {
				seen[c.Method] = true
				tests = append(tests, Method(c.Method))
			}
		}
	}
	if len(tests) > 0 {
		parts = append(parts, "tests: "+strings.Join(tests, ", "))
	}
	if r.Confidence > 0 {
		parts = append(parts, "intervals at "+w.n.Percent(r.Confidence))
	}
	if r.Window != "" {
		parts = append(parts, "outcomes count for "+r.Window+" after the first exposure")
	}
	return sentence(strings.Join(parts, "; "))
}

func hasRole(r *experiments.Result, role string) bool {
	for _, m := range r.Metrics {
		if m.Role == role {
			return true
		}
	}
	return false
}
