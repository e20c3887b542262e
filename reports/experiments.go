package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vouch/experiments"
	"vouch/reports/chart"
)

// experiments builds the report for the analyst.
func (w *writer) experiments() (*page, error) {
	from, to := "", ""
	for _, r := range w.b.Experiments {
		if r.From != "" && (from == "" || r.From < from) {
			from = r.From
		}
		to = max(to, r.To)
	}
	p := w.newPage("experiments", "Experiment report", from, to)
	p.Lead = "No experiment is defined: add one under experiments in vouch.yaml."
	var keys []string
	var leads []string
	for _, r := range ranked(w.b.Experiments) {
		id := slug(r.Name)
		leads = append(leads, w.verdictLine(r))
		p.Figures = append(p.Figures, w.experimentFigure(r))
		p.Findings = append(p.Findings, findingViews("#experiment-"+id, w.pretty(r.Findings))...)
		s, err := w.experimentSection(r)
		if err != nil {
			return nil, err
		}
		p.add(s)
		keys = append(keys, "experiment/"+r.Name)
	}
	if len(leads) > 0 {
		p.Lead = strings.Join(leads, " ")
	}
	if len(w.b.Experiments) == 1 {
		p.Lead = w.experimentLead(&w.b.Experiments[0])
	}
	p.Method = w.method([]string{
		"Units are randomised as the experiment says and analysed in the group they were assigned to; units seen in two variants are put aside and counted. " +
			"Only units whose outcome window is closed enter a metric. Effects are differences per unit against the control, with their interval; " +
			"a p-value is the probability of a difference at least as large as the one seen if there were none.",
	}, nil, keys...)
	return p, nil
}

// ranked orders the experiments by what a reader must act on: ship and stop, then invalid, then hold.
func ranked(rs []experiments.Result) []*experiments.Result {
	order := []string{"ship", "stop", "invalid", "hold"}
	out := make([]*experiments.Result, len(rs))
	for i := range rs {
		out[i] = &rs[i]
	}
	slices.SortStableFunc(out, func(a, b *experiments.Result) int {
		return cmp.Compare(slices.Index(order, a.Verdict.Action), slices.Index(order, b.Verdict.Action))
	})
	return out
}

// verdictWords opens the sentence of a verdict.
var verdictWords = map[string]string{"ship": "ship", "hold": "hold", "stop": "stop", "invalid": "do not read"}

// verdictTones gives a verdict its meaning.
var verdictTones = map[string]string{"ship": "better", "hold": "neutral", "stop": "worse", "invalid": "warn"}

// verdictLine is one experiment in a few words, for the lead of several.
func (w *writer) verdictLine(r *experiments.Result) string {
	word := verdictWords[r.Verdict.Action]
	if word == "" {
		word = r.Verdict.Action
	}
	s := title(r.Name) + ": " + word
	if r.Verdict.Arm != "" && (r.Verdict.Action == "ship" || r.Verdict.Action == "stop") {
		s += " " + r.Verdict.Arm
	}
	if c, m, ok := primary(r); ok && r.Verdict.Action != "invalid" && c.Effect.Known() {
		_, effect := metricKinds(m)
		s += ", " + m.Name + " " + w.n.Estimate(c.Effect, effect)
		if i := w.n.Interval(c.Effect, effect); i != "" {
			s += " (" + i + ")"
		}
	}
	return s + "."
}

// primary returns the comparison the verdict is about: of the primary metric, the arm of the verdict
// or else the first.
func primary(r *experiments.Result) (experiments.Comparison, experiments.MetricResult, bool) {
	for _, m := range r.Metrics {
		if m.Role != "primary" || len(m.Comparisons) == 0 {
			continue
		}
		for _, c := range m.Comparisons {
			if c.Arm == r.Verdict.Arm {
				return c, m, true
			}
		}
		return m.Comparisons[0], m, true
	}
	return experiments.Comparison{}, experiments.MetricResult{}, false
}

// metricKinds returns how a metric and its effect are written.
func metricKinds(m experiments.MetricResult) (value, effect Kind) {
	switch {
	case m.Kind == "proportion":
		return KindRate, KindPoints
	case m.Value == "count":
		return KindCount, KindDelta
	}
	return KindMoney, KindGain
}

// experimentLead is the verdict in one sentence with the number in it.
func (w *writer) experimentLead(r *experiments.Result) string {
	c, m, ok := primary(r)
	reason := sentence(r.Verdict.Reason)
	switch {
	case r.Verdict.Action == "invalid":
		return fmt.Sprintf("%s cannot be read. %s", title(r.Name), reason)
	case !ok || !c.Effect.Known():
		return fmt.Sprintf("%s: %s. %s", title(r.Name), r.Verdict.Action, reason)
	}
	_, effect := metricKinds(m)
	s := fmt.Sprintf("%s: %s of %s is %s per %s against %s", title(r.Name), m.Name, c.Arm, w.n.Estimate(c.Effect, effect), unitName(r.Unit), c.Control)
	if i := w.n.Interval(c.Effect, effect); i != "" {
		s += fmt.Sprintf(" (%s interval %s)", level(c.Effect), i)
	}
	switch r.Verdict.Action {
	case "ship":
		s += ": ship it."
	case "stop":
		s += ": stop it."
	default:
		s += ": hold."
	}
	return s + w.worth(r) + " " + reason
}

// worth says what the verdict's arm is worth per unit, and whether that is told apart from nothing.
func (w *writer) worth(r *experiments.Result) string {
	v := r.Verdict.ValueMinor
	if !v.Known() {
		return ""
	}
	s := fmt.Sprintf("%s per %s", w.n.Gain(*v.Value), unitName(r.Unit))
	if i := w.n.Interval(v, KindGain); i != "" {
		s += " (" + i + ")"
	}
	if v.Lo != nil && *v.Lo > 0 || v.Hi != nil && *v.Hi < 0 {
		return " It is worth " + s + "."
	}
	return " What it is worth is not clear yet: " + s + "."
}

func unitName(unit string) string {
	if unit == "" {
		return "person"
	}
	return unit
}

// experimentFigure is one experiment among the key figures.
func (w *writer) experimentFigure(r *experiments.Result) figure {
	f := figure{Name: title(r.Name), Value: title(r.Verdict.Action), Link: "#experiment-" + slug(r.Name)}
	var n int64
	for _, a := range r.Arms {
		n += a.N
	}
	f.Sub = w.n.Count(n) + " " + plural(r.Unit)
	if c, m, ok := primary(r); ok && r.Verdict.Action != "invalid" && c.Effect.Known() {
		_, effect := metricKinds(m)
		f.Change, f.Tone = w.n.Estimate(c.Effect, effect)+" "+m.Name, verdictTones[r.Verdict.Action]
	}
	return f
}

// experimentSection is the read-out of one experiment.
func (w *writer) experimentSection(r *experiments.Result) (section, error) {
	s := section{ID: "experiment-" + slug(r.Name), Question: experimentQuestion(r)}
	s.addText(w.experimentLead(r))
	s.Blocks = append(s.Blocks, block{Strip: w.validity(r)})
	for _, g := range []struct {
		kind Kind
		head string
	}{{KindPoints, "Effect on shares, in percentage points"}, {KindGain, "Effect on money, per " + unitName(r.Unit)}, {KindDelta, "Effect on counts, per " + unitName(r.Unit)}} {
		f := w.forest(r, g.kind)
		if len(f.Effects) == 0 {
			continue
		}
		s.Blocks = append(s.Blocks, block{Head: g.head})
		if err := s.addChart(f.Option()); err != nil {
			return s, err
		}
	}
	s.addText(w.forestText(r))
	s.addTable(w.comparisonTable(r))
	s.Blocks = append(s.Blocks, block{Head: "Each metric by arm"})
	s.addTable(w.armTable(r))
	return s, nil
}

func experimentQuestion(r *experiments.Result) string {
	var arms []string
	for _, a := range r.Arms {
		if a.Variant != r.Control {
			arms = append(arms, a.Variant)
		}
	}
	if len(arms) == 0 {
		return "What did " + r.Name + " find?"
	}
	return title(r.Name) + ": is " + strings.Join(arms, " or ") + " better than " + r.Control + "?"
}

// validity is the strip of checks: green only when each holds.
func (w *writer) validity(r *experiments.Result) []check {
	srm := check{Name: "Sample ratio", Tone: "neutral", Mark: "not tested", Value: Reason(r.SRM.Reason)}
	if p := r.SRM.PValue; p != nil {
		srm.Value, srm.Tone, srm.Mark = "p"+nbsp+"="+nbsp+w.n.PValue(*p), "better", "holds"
		if strings.HasPrefix(w.n.PValue(*p), "<") {
			srm.Value = "p" + nbsp + w.n.PValue(*p)
		}
		if *p < srmAlpha {
			srm.Tone, srm.Mark = "worse", "fails: shares differ from the plan"
		}
	}
	h := r.Hygiene
	var n int64
	for _, a := range r.Arms {
		n += a.N
	}
	counted := func(name string, v int64, good, bad string) check {
		c := check{Name: name, Value: w.n.Count(v), Tone: "better", Mark: good}
		if v > 0 {
			c.Tone, c.Mark = "warn", bad
		}
		return c
	}
	return []check{
		srm,
		{Name: "Units analysed", Value: w.n.Count(n), Tone: "neutral", Mark: plural(r.Unit) + ", " + w.n.Count(h.Exposures) + " exposures"},
		counted("In two variants", h.TwoVariants, "holds", "put aside"),
		counted("Window still open", h.Immature, "holds", "wait for these"),
		counted("Unknown variants", h.UnknownVariants, "holds", "exposures put aside"),
		counted("Excluded units", h.ExcludedUnits, "holds", "bots, internal persons"),
	}
}

// srmAlpha is the level below which a sample ratio is called mismatched: 0.001, as is usual for a
// check that runs at every look (docs/statistics.md).
const srmAlpha = 0.001

// decisionTones gives a decision its meaning.
var decisionTones = map[string]chart.Tone{"better": chart.Better, "worse": chart.Worse, "unclear": chart.Neutral, "invalid": chart.Warn}

// forest collects the comparisons whose effect has the given kind, the primary metric on top.
func (w *writer) forest(r *experiments.Result, kind Kind) chart.Forest {
	f := chart.Forest{
		ID: "forest-" + slug(r.Name) + "-" + string(kind), Currency: w.n.Currency, Decimals: w.n.decimals(),
		Label: "Forest plot of " + r.Name + ": effect of each arm on each metric with its interval against no effect. The table below holds the same numbers.",
	}
	f.Format = map[Kind]chart.Format{KindPoints: chart.Points, KindGain: chart.Money, KindDelta: chart.Count}[kind]
	for _, role := range []string{"primary", "secondary", "guardrail", ""} {
		for _, m := range r.Metrics {
			if _, effect := metricKinds(m); effect != kind || m.Role != role {
				continue
			}
			for _, c := range m.Comparisons {
				if !c.Effect.Known() {
					continue
				}
				name := m.Name
				if len(m.Comparisons) > 1 {
					name += ", " + c.Arm
				}
				interval := w.n.Interval(c.Effect, kind)
				f.Effects = append(f.Effects, chart.Effect{
					Name: name, Value: c.Effect.Value, Lo: c.Effect.Lo, Hi: c.Effect.Hi, Large: m.Role == "primary",
					Tone: decisionTones[c.Decision], Text: w.n.Estimate(c.Effect, kind) + "  " + interval,
					Tip: fmt.Sprintf("%s, %s against %s\n%s (%s)\nlift %s", m.Name, c.Arm, c.Control, w.n.Estimate(c.Effect, kind), interval, w.n.Estimate(c.Lift, KindLift)),
				})
			}
		}
	}
	return f
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
	if total == 0 {
		return "There is nothing to compare yet."
	}
	return fmt.Sprintf("%d of %d comparisons are clear after correction for their number; intervals that cross the line of no effect are not.", clear, total)
}

// comparisonTable lists every arm against the control.
func (w *writer) comparisonTable(r *experiments.Result) *Table {
	t := &Table{
		ID: "effects-" + slug(r.Name), Caption: "Effects of " + r.Name + " against " + r.Control + " per " + unitName(r.Unit),
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
			t.Rows = append(t.Rows, []Cell{
				text(m.Name), text(m.Role), text(c.Arm), w.n.estimateCell(c.Effect, effect), w.n.estimateCell(c.Lift, KindLift),
				w.pCell(c.PValue), w.pCell(c.AdjustedP), decision,
			})
		}
	}
	return t
}

// pCell makes a cell of a p-value.
func (w *writer) pCell(p *float64) Cell {
	if p == nil {
		return Cell{Text: "–", Tone: "absent", CSV: []string{""}}
	}
	return Cell{Text: w.n.PValue(*p), Sort: raw(*p), CSV: []string{raw(*p)}}
}

// armTable lists each metric in each arm.
func (w *writer) armTable(r *experiments.Result) *Table {
	t := &Table{
		ID: "arms-" + slug(r.Name), Caption: "Metrics of " + r.Name + " by arm, per " + unitName(r.Unit) + " whose window is closed",
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
