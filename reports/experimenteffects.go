package reports

import (
	"fmt"
	"strings"

	"vouch/experiments"
	"vouch/reports/chart"
)

// decisionTones gives a decision its meaning.
var decisionTones = map[string]chart.Tone{"better": chart.Better, "worse": chart.Worse, "unclear": chart.Neutral, "invalid": chart.Warn}

// scales are the kinds of effects in the order of their charts: each has an axis of its own.
var scales = []struct {
	kind   Kind
	head   string
	format chart.Format
}{
	{KindPoints, "Effect on shares, in percentage points", chart.Points},
	{KindGain, "Effect on money", chart.Money},
	{KindDelta, "Effect on counts and ratios", chart.Count},
	{KindDelay, "Effect on time", chart.Seconds},
}

// formatOf is the axis of effects of a kind.
func formatOf(k Kind) chart.Format {
	for _, s := range scales {
		if s.kind == k {
			return s.format
		}
	}
	return chart.Count
}

// addEffects draws every metric against the control and lists the numbers behind it.
func (w *writer) addEffects(s *section, r *experiments.Result) error {
	first := true
	for _, g := range scales {
		f := w.forest(r, g.kind)
		if len(f.Effects) == 0 {
			continue
		}
		anchor := ""
		if first {
			anchor, first = "effects", false
		}
		head := g.head
		if g.kind == KindGain || g.kind == KindDelta {
			head += perUnit(r, ", ", func(m experiments.MetricResult) bool {
				_, kind := metricKinds(m)
				return kind == g.kind
			})
		}
		s.addHead(anchor, head)
		if err := s.addChart(f.Option()); err != nil {
			return err
		}
	}
	s.addNote(forestKey(r))
	s.addText(w.forestText(r))
	s.addTable(w.comparisonTable(r))
	w.addReadings(s, r)
	return nil
}

// perUnit ends a heading with what its numbers are of: of units where all its metrics are, but a ratio and a quantile are of what
// they name themselves.
func perUnit(r *experiments.Result, sep string, of func(experiments.MetricResult) bool) string {
	n := 0
	for _, m := range r.Metrics {
		if !of(m) {
			continue
		}
		if n++; m.Kind == "ratio" || m.Kind == "quantile" {
			return ""
		}
	}
	if n == 0 {
		return ""
	}
	return sep + "per " + experiments.UnitName(r.Unit)
}

func anyMetric(experiments.MetricResult) bool { return true }

// forest collects the comparisons whose effect has the given kind, the primary metric on top.
func (w *writer) forest(r *experiments.Result, kind Kind) chart.Forest {
	f := chart.Forest{
		ID: "forest-" + slug(r.Name) + "-" + string(kind), Currency: w.n.Currency, Decimals: w.n.decimals(), Format: formatOf(kind),
		Label: "Forest plot of " + r.Name + ": effect of each arm on each metric with its interval against no effect. The table below holds the same numbers.",
	}
	for _, role := range []string{"primary", "guardrail", "secondary", ""} {
		for _, m := range r.Metrics {
			if _, effect := metricKinds(m); effect != kind || m.Role != role {
				continue
			}
			for _, c := range m.Comparisons {
				if c.Effect.Known() {
					f.Effects = append(f.Effects, w.effectRow(m, c, kind))
				}
			}
		}
	}
	return f
}

// effectRow is one row of a forest plot.
func (w *writer) effectRow(m experiments.MetricResult, c experiments.Comparison, kind Kind) chart.Effect {
	name := m.Name
	if len(m.Comparisons) > 1 {
		name += ", " + c.Arm
	}
	interval := w.n.Interval(c.Effect, kind)
	e := chart.Effect{
		Name: name, Value: c.Effect.Value, Lo: c.Effect.Lo, Hi: c.Effect.Hi, Large: m.Role == "primary",
		Tone: decisionTones[c.Decision], Text: w.n.Estimate(c.Effect, kind) + "  " + interval,
		Tip: fmt.Sprintf("%s, %s against %s\n%s (%s)\nlift %s", m.Name, c.Arm, c.Control, w.n.Estimate(c.Effect, kind), interval, w.n.Estimate(c.Lift, KindLift)),
	}
	if u := c.Unadjusted; u != nil && u.Known() {
		e.Beside = &chart.Range{Value: u.Value, Lo: u.Lo, Hi: u.Hi}
		e.Tip += "\nwithout adjustment " + joinInterval(w.n.Estimate(*u, kind), w.n.Interval(*u, kind))
	}
	if q := c.Sequential; q != nil && (q.Lo != nil || q.Hi != nil) {
		e.Looks = &chart.Range{Lo: q.Lo, Hi: q.Hi}
		e.Tip += "\nat all looks together " + w.limits(q.Lo, q.Hi, kind)
	}
	if n := c.Noninferiority; n != nil {
		e.Margin = margin(m, n)
		e.Tip += "\ntolerated " + w.n.Value(*e.Margin, kind)
	}
	return e
}

// margin is the limit of a tolerated loss on the scale of the effect.
func margin(m experiments.MetricResult, n *experiments.Noninferiority) *float64 {
	v := -n.Margin
	if m.LowerIsBetter {
		v = n.Margin
	}
	return &v
}

// limits writes two limits, of which either may be open.
func (w *writer) limits(lo, hi *float64, k Kind) string {
	switch {
	case lo == nil && hi == nil:
		return ""
	case lo == nil:
		return "at most " + w.n.Value(*hi, k)
	case hi == nil:
		return "at least " + w.n.Value(*lo, k)
	}
	return w.n.bound(*lo, k) + " to " + w.n.bound(*hi, k)
}

// forestKey says what the marks of the plots mean, those that are there.
func forestKey(r *experiments.Result) string {
	var adjusted, looks, margins bool
	for _, m := range r.Metrics {
		for _, c := range m.Comparisons {
			adjusted = adjusted || c.Unadjusted != nil && c.Unadjusted.Known()
			looks = looks || c.Sequential != nil && (c.Sequential.Lo != nil || c.Sequential.Hi != nil)
			margins = margins || c.Noninferiority != nil && c.Effect.Known()
		}
	}
	var parts []string
	if adjusted {
		parts = append(parts, "hollow squares: the effect without adjustment by what was known before")
	}
	if looks {
		parts = append(parts, "dotted lines: limits that hold at all looks together")
	}
	if margins {
		parts = append(parts, "dashed ticks: the loss that a guardrail tolerates")
	}
	if len(parts) == 0 {
		return ""
	}
	return sentence("Large squares: primary metrics; " + strings.Join(parts, "; "))
}

// forestText reads the plot: how many comparisons are clear.
func (w *writer) forestText(r *experiments.Result) string {
	var clear, total int
	for _, m := range r.Metrics {
		for _, c := range m.Comparisons {
			total++
			if c.Decision == "better" || c.Decision == "worse" {
				clear++
			}
		}
	}
	switch {
	case total == 0:
		return "There is nothing to compare yet."
	case r.Verdict.Action == "invalid":
		return "The experiment is invalid: no comparison is read, whatever its p-value."
	}
	return fmt.Sprintf("%d of %d comparisons are clear after correction for their number; intervals that cross the line of no effect are not.", clear, total)
}

// comparisonTable lists every arm against the control.
func (w *writer) comparisonTable(r *experiments.Result) *Table {
	t := &Table{
		ID: "effects-" + slug(r.Name), Caption: "Effects of " + r.Name + " against " + r.Control + perUnit(r, " ", anyMetric),
		Columns: []Column{
			textColumn("Metric"), textColumn("Role"), textColumn("Arm"), w.n.estimateColumn("Effect", KindDelta),
			w.n.estimateColumn("Lift", KindLift), countColumn("p"), countColumn("Adjusted p"), textColumn("Decision"),
		},
	}
	for _, m := range r.Metrics {
		_, effect := metricKinds(m)
		for _, c := range m.Comparisons {
			decision := text(c.Decision)
			decision.Tone = string(decisionTones[c.Decision])
			decision.Title = Reason(c.Reason)
			if c.Reason == "" {
				decision.Title = Method(c.Method)
			}
			name := text(m.Name)
			name.Sub = direction(m)
			t.Rows = append(t.Rows, []Cell{
				name, text(m.Role), text(c.Arm), w.n.estimateCell(c.Effect, effect), w.n.estimateCell(c.Lift, KindLift),
				w.pCell(c.PValue), w.pCell(c.AdjustedP), decision,
			})
		}
	}
	return t
}

// direction says which way is better, where more is not.
func direction(m experiments.MetricResult) string {
	switch {
	case m.MeasuredIn == experiments.InSeconds && m.LowerIsBetter:
		return "sooner is better"
	case m.MeasuredIn == experiments.InSeconds:
		return "later is better"
	case m.LowerIsBetter:
		return "lower is better"
	}
	return ""
}

// pCell makes a cell of a p-value.
func (w *writer) pCell(p *float64) Cell {
	if p == nil {
		return Cell{Text: "–", Tone: "absent", CSV: []string{""}}
	}
	return Cell{Text: w.n.PValue(*p), Sort: raw(*p), CSV: []string{raw(*p)}}
}

// addArms shows the first primary metric in each arm and lists all metrics.
func (w *writer) addArms(s *section, r *experiments.Result) error {
	s.addHead("arms", "Each metric by arm")
	for _, m := range r.Metrics {
		if m.Role != "primary" {
			continue
		}
		if err := w.addArmBars(s, r, m); err != nil {
			return err
		}
		break
	}
	s.addTable(w.armTable(r))
	return nil
}

// addArmBars draws one metric in every arm.
func (w *writer) addArmBars(s *section, r *experiments.Result, m experiments.MetricResult) error {
	kind, effect := metricKinds(m)
	format := formatOf(effect)
	if kind == KindRate {
		format = chart.Percent
	}
	b := chart.Bars{
		ID: "arms-" + slug(r.Name), Format: format, Currency: w.n.Currency, Decimals: w.n.decimals(),
		Label: "Bars: " + m.Name + " in each arm of " + r.Name + " with its interval. The table below holds the same numbers.",
	}
	for _, a := range m.Arms {
		if !a.Value.Known() {
			continue
		}
		words := w.n.Estimate(a.Value, kind)
		row := chart.Row{
			Name: a.Variant, Value: a.Value.Value, Lo: a.Value.Lo, Hi: a.Value.Hi, Text: words,
			Tip: a.Variant + "\n" + m.Name + " " + joinInterval(words, w.n.Interval(a.Value, kind)), Tone: chart.Accent,
		}
		if a.Variant == r.Control {
			row.Tone = chart.Neutral
		}
		b.Rows = append(b.Rows, row)
	}
	if len(b.Rows) < 2 {
		return nil
	}
	return s.addChart(b.Option())
}

// armTable lists each metric in each arm.
func (w *writer) armTable(r *experiments.Result) *Table {
	t := &Table{
		ID: "arms-" + slug(r.Name), Caption: "Metrics of " + r.Name + " by arm" + perUnit(r, ", ", anyMetric) + ", over units whose window is closed",
		Columns: []Column{textColumn("Metric"), textColumn("Arm"), countColumn("Units"), countColumn("Window closed"), w.n.estimateColumn("Value", KindCount)},
	}
	units := map[string]experiments.Arm{}
	for _, a := range r.Arms {
		units[a.Variant] = a
	}
	for _, m := range r.Metrics {
		value, _ := metricKinds(m)
		for _, a := range m.Arms {
			c := w.n.estimateCell(a.Value, value)
			c.Text = w.n.Estimate(a.Value, value)
			t.Rows = append(t.Rows, []Cell{text(m.Name), text(a.Variant), w.n.countCell(units[a.Variant].N), w.n.countCell(units[a.Variant].Mature), c})
		}
	}
	return t
}
