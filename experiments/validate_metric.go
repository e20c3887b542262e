package experiments

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"vouch/referral"
)

func (d Definition) validateMetrics(c *checker) {
	primaries, seen := 0, map[string]bool{}
	for i, m := range d.Metrics {
		at := fmt.Sprintf("metrics[%d].", i)
		if m.Name == "" {
			c.add(at+"name", "", "a metric has no name")
		} else if seen[m.Name] {
			c.add(at+"name", "", "two metrics are called %q", m.Name)
		}
		seen[m.Name] = true
		if m.Kind == "" {
			c.add(at+"kind", "proportion or mean", "metric %q has no kind", m.Name)
		}
		c.oneOf(at+"kind", m.Kind, allKinds...)
		c.oneOf(at+"value", m.Value, allValues...)
		c.oneOf(at+"role", m.Role, allRoles...)
		if m.role() == RolePrimary {
			primaries++
		}
		if m.Event == "" && d.Source != SourceSummary {
			c.add(at+"event", "", "metric %q has no event", m.Name)
		}
		validateWhere(c, at, m.Where)
		d.validateKind(c, at, m)
		d.validateCap(c, at, m)
		m.validateMargin(c, at)
	}
	if primaries == 0 {
		c.add("metrics", "give one metric role: primary", "no metric decides the experiment")
	}
}

// validateKind asks for what a kind needs and refuses what it has no use for.
func (d Definition) validateKind(c *checker, at string, m Metric) {
	if d.Source == SourceSummary && slices.Contains(allKinds[2:], m.Kind) {
		c.add(at+"kind", "read exposures, or make it a mean", "a %s cannot be read from source summary, whose rows have n, mean, variance and successes only", m.Kind)
	}
	c.seconds(at+"window", "window", m.Window)
	if m.Kind == KindTimeToEvent && d.window(m) == 0 && d.Source != SourceSummary {
		c.add(at+"window", "such as 30d", "a time to event needs a window, of the metric or of the experiment")
	}
	if m.Kind == KindTimeToEvent && m.Value != "" {
		c.add(at+"value", "leave it out", "a time to event adds up nothing")
	}
	switch {
	case m.Kind == KindQuantile && m.Quantile == 0:
		c.add(at+"quantile", "such as 0.5", "metric %q does not say which quantile", m.Name)
	case m.Quantile != 0 && m.Kind != KindQuantile:
		c.add(at+"quantile", "leave it out, or make it kind: quantile", "a %s has no quantile", m.kindOr("metric"))
	default:
		c.share(at+"quantile", "write it like 0.5", m.Quantile)
	}
	switch {
	case m.Per == nil && m.Kind == KindRatio:
		c.add(at+"per", "such as {event: invite_sent}", "ratio %q has no denominator", m.Name)
	case m.Per != nil && m.Kind != KindRatio:
		c.add(at+"per", "leave it out, or make it kind: ratio", "a %s has no denominator", m.kindOr("metric"))
	case m.Per != nil:
		if m.Per.Event == "" {
			c.add(at+"per.event", "", "the denominator of %q has no event", m.Name)
		}
		c.oneOf(at+"per.value", m.Per.Value, allValues...)
		validateWhere(c, at+"per.", m.Per.Where)
	}
}

func validateWhere(c *checker, at string, where map[string]json.RawMessage) {
	for _, key := range slices.Sorted(maps.Keys(where)) {
		if _, err := condition(key, where[key]); err != nil {
			hint := ""
			if !slices.Contains(whereColumns, key) {
				hint = didYouMean(key, whereColumns)
			}
			c.add(at+"where."+key, hint, "%v", err)
		}
	}
}

// validateCap allows one limit, and only of a mean: a share has values 0 and 1, a quantile does not feel the
// largest values, and in a ratio the limit of a numerator says nothing without one of the denominator.
func (d Definition) validateCap(c *checker, at string, m Metric) {
	switch {
	case m.Cap == nil:
	case d.Source == SourceSummary:
		c.add(at+"cap", "leave it out, or read exposures", "a summary has no units whose values could be limited")
	case m.Kind != KindMean:
		c.add(at+"cap", "leave it out", "a %s has no cap; only a mean has", m.kindOr("metric"))
	case m.Cap.At != nil && m.Cap.Quantile != 0:
		c.add(at+"cap", "give one of them", "the cap has both a value and a quantile")
	case m.Cap.At == nil && m.Cap.Quantile == 0:
		c.add(at+"cap", "such as {quantile: 0.99}", "the cap has neither a value nor a quantile")
	case m.Cap.At != nil && *m.Cap.At <= 0:
		c.add(at+"cap.at", "", "a cap of %d leaves nothing to measure", *m.Cap.At)
	default:
		c.share(at+"cap.quantile", "write it like 0.99", m.Cap.Quantile)
	}
}

// validateMargin allows a tolerated loss of guardrails.
func (m Metric) validateMargin(c *checker, at string) {
	switch {
	case m.Margin == nil:
	case m.role() != RoleGuardrail:
		c.add(at+"margin", "leave it out, or make it role: guardrail", "a %s metric has no margin; only a guardrail has", m.role())
	case (m.Margin.Absolute != 0) == (m.Margin.Relative != 0):
		c.add(at+"margin", "such as {relative: 0.02}", "the margin needs one of absolute and relative, above 0")
	default:
		c.margin(at+"margin.absolute", m.Margin.Absolute)
		c.margin(at+"margin.relative", m.Margin.Relative)
	}
}

// kindOr is the kind for a message.
func (m Metric) kindOr(other string) string {
	if !slices.Contains(allKinds, m.Kind) {
		return other
	}
	return m.Kind
}

// window is how long after exposure a metric's outcomes count; 0: until as-of.
func (d Definition) window(m Metric) referral.Duration {
	if m.Window != 0 {
		return m.Window
	}
	return d.Window
}
