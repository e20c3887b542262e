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

// Validate returns every mistake of the definition, with paths relative to it.
func (d Definition) Validate() referral.Problems {
	var c checker
	c.unit("unit", d.Unit)
	c.oneOf("source", d.Source, SourceExposures, SourceSummary)
	c.seconds("window", "window", d.Window)
	c.share("confidence", "write it like 0.95", d.Confidence)
	if x := d.Confidence; x > 0 && x < minConfidence || x > maxConfidence && x < 1 {
		c.add("confidence", "write it like 0.95", "%v is not from %g to %v", x, minConfidence, maxConfidence)
	}
	d.validateWeights(&c)
	d.validateCosts(&c)
	d.validateFactors(&c)
	d.validateStrata(&c)
	c.seconds("cuped.before", "period before exposure", d.Cuped.Before)
	if d.Cuped.Before > 0 && d.Source == SourceSummary {
		c.add("cuped.before", "leave it out, or read exposures", "a summary has no events from before the exposure to adjust by")
	}
	d.validateStopping(&c)
	d.validateMultiplicity(&c)
	d.validateDecide(&c)
	d.validateMetrics(&c)
	return c.problems
}

// A confidence below the least says less than a coin, and of one above the largest the corrections for many metrics leave
// nothing that numbers could hold.
const (
	minConfidence = 0.5
	maxConfidence = 1 - 1e-9
)

func (d Definition) validateWeights(c *checker) {
	positive := 0
	for _, v := range d.variants() {
		w, ok := weight(d.Weights[v])
		switch {
		case v == "":
			c.add("weights", "", "a variant has an empty name")
		case !ok || w.Sign() < 0:
			c.add("weights."+v, "", "%q is not a weight: 0 or a positive number", d.Weights[v])
		case w.Sign() > 0:
			positive++
		}
	}
	if positive < 2 {
		c.add("weights", "name the planned share of every variant, such as {control: 1, new: 1}", "an experiment needs two variants with a positive weight")
	}
	switch _, ok := d.Weights[d.Control]; {
	case d.Control == "":
		c.add("control", "", "no control is named")
	case !ok:
		c.add("control", didYouMean(d.Control, d.variants()), "%q is not a variant of weights", d.Control)
	}
}

// variant asks that a key names a variant of the plan.
func (d Definition) variant(c *checker, under, v string) {
	if _, ok := d.Weights[v]; !ok {
		c.add(under+"."+v, didYouMean(v, d.variants()), "%q is not a variant of weights", v)
	}
}

func (d Definition) validateCosts(c *checker) {
	for _, v := range slices.Sorted(maps.Keys(d.Rewards)) {
		d.variant(c, "rewards", v)
		if d.Rewards[v] < 0 {
			c.add("rewards."+v, "", "a reward costs %d, less than nothing", d.Rewards[v])
		}
		c.money("rewards."+v, d.Rewards[v])
	}
	for _, v := range slices.Sorted(maps.Keys(d.Costs)) {
		d.variant(c, "costs", v)
		if x := d.Costs[v].PerUnit; x < 0 {
			c.add("costs."+v+".per_unit", "", "a unit costs %d, less than nothing", x)
		}
		c.money("costs."+v+".per_unit", d.Costs[v].PerUnit)
		if x := d.Costs[v].Fixed; x < 0 {
			c.add("costs."+v+".fixed", "", "the variant costs %d, less than nothing", x)
		}
		c.money("costs."+v+".fixed", d.Costs[v].Fixed)
	}
}

// validateFactors asks for a complete cross: each variant of the plan has a level of each factor, and each
// combination of levels is one variant. Otherwise main effects and interaction cannot be told apart.
func (d Definition) validateFactors(c *checker) {
	if len(d.Factors) == 0 {
		return
	}
	levels, at := map[string]map[string]bool{}, map[string]string{}
	for _, v := range slices.Sorted(maps.Keys(d.Factors)) {
		d.variant(c, "factors", v)
		var key []string
		for _, f := range slices.Sorted(maps.Keys(d.Factors[v])) {
			if levels[f] == nil {
				levels[f] = map[string]bool{}
			}
			levels[f][d.Factors[v][f]] = true
			key = append(key, fmt.Sprintf("%q: %q", f, d.Factors[v][f]))
		}
		combination := strings.Join(key, ", ")
		if other, ok := at[combination]; ok {
			c.add("factors."+v, "", "%s and %s have the same levels", other, v)
		}
		at[combination] = v
	}
	names := slices.Sorted(maps.Keys(levels))
	if len(names) < 2 {
		c.add("factors", "name the level of both sides for every variant, such as {both: {referrer: ten, referee: ten}}", "there are fewer than two factors")
	}
	combinations := 1
	for _, f := range names {
		if combinations *= len(levels[f]); len(levels[f]) < 2 {
			c.add("factors", "", "every variant has the same level of %s", f)
		}
	}
	for _, v := range d.variants() {
		for _, f := range names {
			if _, ok := d.Factors[v][f]; !ok {
				c.add("factors", "every variant needs a level of every factor", "variant %s has no level of %s", v, f)
			}
		}
	}
	if len(names) >= 2 && len(at) < combinations {
		c.add("factors", "every combination of levels must be a variant", "%d variants for %d combinations of levels", len(at), combinations)
	}
}

func (d Definition) validateStrata(c *checker) {
	name, attribute := strings.CutPrefix(d.Strata, attributePrefix)
	switch {
	case d.Strata == "":
	case d.Strata != StrataExposure && (!attribute || name == ""):
		c.add("strata", didYouMean(d.Strata, []string{StrataExposure}), "%q is not one of stratum, attribute.NAME", d.Strata)
	case d.Source == SourceSummary:
		c.add("strata", "leave it out, or read exposures", "a summary has one row per arm and no strata")
	case attribute && d.Unit != "" && d.Unit != UnitPerson && d.Unit != UnitReferrer:
		c.add("strata", "use the stratum of the exposures", "a unit of %s has no attributes of one person", d.Unit)
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
