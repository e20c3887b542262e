package experiments

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"vouch/referral"
)

// Units, kinds, values and roles a definition may name.
const (
	UnitPerson   = "person"
	UnitReferrer = "referrer"
	UnitPartner  = "partner"

	KindProportion = "proportion"
	KindMean       = "mean"

	ValueAmount = "amount"
	ValueCount  = "count"

	RolePrimary   = "primary"
	RoleSecondary = "secondary"
	RoleGuardrail = "guardrail"

	SourceExposures = "exposures"
	SourceSummary   = "summary"
)

// whereColumns are the event columns a metric may filter on, beside prop.NAME.
var whereColumns = []string{"campaign", "channel", "currency", "order_id", "partner_id", "referral_code", "source", "status"}

// Validate returns every mistake of the definition, with paths relative to it.
func (d Definition) Validate() referral.Problems {
	var ps referral.Problems
	add := func(path, hint, format string, args ...any) {
		ps = append(ps, referral.Problem{Path: path, Msg: fmt.Sprintf(format, args...), Hint: hint})
	}
	oneOf := func(path, value string, allowed ...string) {
		if value != "" && !slices.Contains(allowed, value) {
			add(path, didYouMean(value, allowed), "%q is not one of %s", value, strings.Join(allowed, ", "))
		}
	}
	oneOf("unit", d.Unit, UnitPerson, UnitReferrer, UnitPartner)
	oneOf("source", d.Source, SourceExposures, SourceSummary)
	if d.Window < 0 || d.Window%referral.Second != 0 {
		add("window", "", "the window is not a whole number of seconds")
	}
	if d.Confidence != 0 && !(d.Confidence > 0 && d.Confidence < 1) {
		add("confidence", "write it like 0.95", "%g is not between 0 and 1", d.Confidence)
	}
	d.validateWeights(add)
	for _, v := range slices.Sorted(maps.Keys(d.Rewards)) {
		if _, ok := d.Weights[v]; !ok {
			add("rewards."+v, didYouMean(v, d.variants()), "%q is not a variant of weights", v)
		}
		if d.Rewards[v] < 0 {
			add("rewards."+v, "", "a reward costs %d, less than nothing", d.Rewards[v])
		}
	}
	d.validateMetrics(add, oneOf)
	return ps
}

type addProblem func(path, hint, format string, args ...any)

func (d Definition) validateWeights(add addProblem) {
	positive := 0
	for _, v := range d.variants() {
		w, ok := weight(d.Weights[v])
		switch {
		case v == "":
			add("weights", "", "a variant has an empty name")
		case !ok || w.Sign() < 0:
			add("weights."+v, "", "%q is not a weight: 0 or a positive number", d.Weights[v])
		case w.Sign() > 0:
			positive++
		}
	}
	if positive < 2 {
		add("weights", "name the planned share of every variant, such as {control: 1, new: 1}", "an experiment needs two variants with a positive weight")
	}
	switch _, ok := d.Weights[d.Control]; {
	case d.Control == "":
		add("control", "", "no control is named")
	case !ok:
		add("control", didYouMean(d.Control, d.variants()), "%q is not a variant of weights", d.Control)
	}
}

func (d Definition) validateMetrics(add addProblem, oneOf func(path, value string, allowed ...string)) {
	primaries, seen := 0, map[string]bool{}
	for i, m := range d.Metrics {
		at := fmt.Sprintf("metrics[%d].", i)
		if m.Name == "" {
			add(at+"name", "", "a metric has no name")
		} else if seen[m.Name] {
			add(at+"name", "", "two metrics are called %q", m.Name)
		}
		seen[m.Name] = true
		if m.Kind == "" {
			add(at+"kind", "proportion or mean", "metric %q has no kind", m.Name)
		}
		oneOf(at+"kind", m.Kind, KindProportion, KindMean)
		oneOf(at+"value", m.Value, ValueAmount, ValueCount)
		oneOf(at+"role", m.Role, RolePrimary, RoleSecondary, RoleGuardrail)
		if m.role() == RolePrimary {
			primaries++
		}
		if m.Event == "" && d.Source != SourceSummary {
			add(at+"event", "", "metric %q has no event", m.Name)
		}
		for _, key := range slices.Sorted(maps.Keys(m.Where)) {
			if _, err := condition(key, m.Where[key]); err != nil {
				hint := ""
				if !slices.Contains(whereColumns, key) {
					hint = didYouMean(key, whereColumns)
				}
				add(at+"where."+key, hint, "%v", err)
			}
		}
	}
	if primaries == 0 {
		add("metrics", "give one metric role: primary", "no metric decides the experiment")
	}
}

// role is the role of a metric; secondary if none is given.
func (m Metric) role() string {
	if m.Role == "" {
		return RoleSecondary
	}
	return m.Role
}

// variants lists the variants of the plan: the control first, the others by name.
func (d Definition) variants() []string {
	out := slices.Sorted(maps.Keys(d.Weights))
	if i := slices.Index(out, d.Control); i > 0 {
		out = slices.Insert(slices.Delete(out, i, i+1), 0, d.Control)
	}
	return out
}

// weight reads a weight exactly; ok is false if it is not a number.
func weight(n json.Number) (*big.Rat, bool) {
	if len(n) > 40 || strings.ContainsAny(string(n), "/_") {
		return nil, false
	}
	return new(big.Rat).SetString(string(n))
}

// filter is one condition of a metric on its events.
type filter struct {
	Column   string // of event_facts; empty for a property
	Property string
	Text     string // what the field must equal
}

// condition reads one entry of where: a column or prop.NAME, and the text, number or truth value it
// must equal. Numbers and truth values equal their JSON text.
func condition(key string, value json.RawMessage) (filter, error) {
	f := filter{Column: key}
	if name, ok := strings.CutPrefix(key, "prop."); ok && name != "" {
		f = filter{Property: name}
	} else if !slices.Contains(whereColumns, key) {
		return f, fmt.Errorf("%q is not a field of events: use prop.NAME for a property, or one of %s", key, strings.Join(whereColumns, ", "))
	}
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return f, fmt.Errorf("the value of %q is not JSON: %w", key, err)
	}
	switch x := v.(type) {
	case string:
		f.Text = x
	case float64, bool:
		f.Text = strings.TrimSpace(string(value))
	default:
		return f, fmt.Errorf("%q must equal a text, a number, true or false", key)
	}
	return f, nil
}

func didYouMean(word string, candidates []string) string {
	if s := referral.Suggest(word, candidates); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}
