package experiments

import "cmp"

// What the numbers of a metric are measured in.
const (
	InShares  = "share"       // of units, 0 to 1
	InMinor   = "minor_units" // of the project's currency
	InEvents  = "events"
	InSeconds = "seconds"
	InRatio   = "ratio" // of events to events, or of money to money
)

// measuredIn is what the value of a metric is measured in.
func (m Metric) measuredIn() string {
	switch {
	case m.Kind == KindProportion:
		return InShares
	case m.Kind == KindTimeToEvent:
		return InSeconds
	case m.Kind == KindRatio && m.Per != nil && (m.Value == ValueCount) == (m.Per.Value != ValueAmount):
		return InRatio
	case m.Value == ValueCount:
		return InEvents
	}
	return InMinor
}

// describe adds to each metric's read-out what a reader needs to know of its definition.
func (d Definition) describe(out []MetricResult) {
	for i := range out {
		out[i].MeasuredIn, out[i].LowerIsBetter = d.Metrics[i].measuredIn(), d.Metrics[i].LowerIsBetter
	}
}

// windowText is the outcome window as it is written in the configuration; empty without one.
func (d Definition) windowText() string {
	if d.Window == 0 {
		return ""
	}
	return d.Window.String()
}

// families are the corrections in force, by role.
func (d Definition) families() Families {
	return Families{Primary: cmp.Or(d.Multiplicity.Primary, CorrectHolm), Secondary: cmp.Or(d.Multiplicity.Secondary, CorrectBH), Guardrail: CorrectNone}
}
