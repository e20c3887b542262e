package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"vouch/funnel"
	"vouch/referral"
)

// CheckEvents compares the event names a project uses with those its data have and returns a
// problem, with place and nearest name, for each that does not occur. Names that come from defaults
// are not complained about: nobody wrote them.
func CheckEvents(c *Config, catalogue []string) referral.Problems {
	known := map[string]bool{}
	for _, e := range catalogue {
		known[e] = true
	}
	near := slices.Sorted(slices.Values(catalogue))
	var found []located
	for _, use := range c.eventUses() {
		if use.event == "" || known[use.event] {
			continue
		}
		hint := "the data have no such event"
		if s := referral.Suggest(use.event, near); s != "" {
			hint = fmt.Sprintf("did you mean %q?", s)
		}
		at := c.places.find(use.path)
		found = append(found, located{at, at.at(referral.Problem{
			Path: use.path, Msg: fmt.Sprintf("%q is not in the event catalogue", use.event), Hint: hint,
		})})
	}
	return sorted(found)
}

// eventUse is one mention of an event.
type eventUse struct{ path, event string }

// eventUses lists every mention of an event that was written.
func (c *Config) eventUses() []eventUse {
	var uses []eventUse
	use := func(event, format string, args ...any) {
		uses = append(uses, eventUse{fmt.Sprintf(format, args...), event})
	}
	if _, ok := c.places["acquisition.event"]; ok {
		use(c.Acquisition.Event, "acquisition.event")
	}
	if _, ok := c.places["signup.event"]; ok {
		use(c.Signup.Event, "signup.event")
	}
	for i, e := range c.Revenue.Events {
		use(e, "revenue.events[%d]", i)
	}
	if _, ok := c.places["revenue.refunds"]; ok {
		for i, e := range c.Revenue.Refunds {
			use(e, "revenue.refunds[%d]", i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Funnels)) {
		uses = append(uses, funnelEvents("funnels."+name, c.Funnels[name])...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Cohorts)) {
		for i, e := range c.Cohorts[name].Activity {
			use(e, "cohorts.%s.activity[%d]", name, i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attribution)) {
		d := c.Attribution[name]
		use(d.Conversion, "attribution.%s.conversion", name)
		for i, e := range d.Touches {
			use(e, "attribution.%s.touches[%d]", name, i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Experiments)) {
		for i, m := range c.Experiments[name].Metrics {
			use(m.Event, "experiments.%s.metrics[%d].event", name, i)
		}
	}
	return uses
}

// funnelEvents lists the events of a funnel. A step that names conditions is matched by them; one
// that names no event is matched by its own name.
func funnelEvents(path string, d funnel.Definition) []eventUse {
	var uses []eventUse
	for i, s := range d.Steps {
		at := fmt.Sprintf("%s.steps[%d]", path, i)
		switch {
		case len(s.AnyOf) > 0:
			uses = append(uses, conditionEvents(at, s.AnyOf)...)
			if s.Event != "" {
				uses = append(uses, eventUse{at + ".event", s.Event})
			}
		case s.Event != "":
			uses = append(uses, eventUse{at + ".event", s.Event})
		default:
			uses = append(uses, eventUse{at + ".name", s.Name})
		}
	}
	for i, x := range d.Exclusions {
		at := fmt.Sprintf("%s.exclusions[%d]", path, i)
		uses = append(uses, eventUse{at + ".event", x.Event})
		uses = append(uses, conditionEvents(at, x.AnyOf)...)
	}
	return uses
}

// conditionEvents lists the events that conditions demand by equality.
func conditionEvents(path string, anyOf [][]funnel.Condition) []eventUse {
	var uses []eventUse
	for i, all := range anyOf {
		for j, cond := range all {
			var event string
			if cond.Field != "event" || cond.Op != "=" || json.Unmarshal(cond.Value, &event) != nil {
				continue
			}
			uses = append(uses, eventUse{fmt.Sprintf("%s.any_of[%d][%d].value", path, i, j), event})
		}
	}
	return uses
}
