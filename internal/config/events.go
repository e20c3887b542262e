package config

import (
	"fmt"
	"maps"
	"slices"

	"vouch/referral"
)

// CheckEvents compares the event names a project uses with those its data have and returns a
// problem, with place and nearest name, for each that does not occur. Names that come from defaults
// are not complained about: nobody wrote them. Funnels check their own.
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
	for _, name := range slices.Sorted(maps.Keys(c.Funnels)) {
		for _, p := range c.Funnels[name].CheckEvents(catalogue).Under("funnels." + name) {
			at := c.places.find(p.Path)
			found = append(found, located{at, at.at(p)})
		}
	}
	return sorted(found)
}

// Locate gives problems of a definition the places in the file, in the order of reading.
func (c *Config) Locate(ps referral.Problems) referral.Problems {
	var found []located
	for _, p := range ps {
		at := c.places.find(p.Path)
		found = append(found, located{at, at.at(p)})
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
			if m.Per != nil {
				use(m.Per.Event, "experiments.%s.metrics[%d].per.event", name, i)
			}
		}
	}
	return uses
}
