package reports

import (
	"fmt"
	"slices"
	"strconv"

	"vouch/experiments"
	"vouch/reports/chart"
)

// maxStrata is how many strata a chart shows: the largest; the table has all.
const maxStrata = 12

// addStrata shows the effect within each stratum and whether the strata differ.
func (w *writer) addStrata(s *section, r *experiments.Result) error {
	t := &Table{
		ID: "strata-" + slug(r.Name), Caption: "Effects of " + r.Name + " by stratum; adjusted p by Holm over the strata", Show: 60,
		Columns: []Column{
			textColumn("Metric"), textColumn("Arm"), textColumn("Stratum"), countColumn("Units of the control"), countColumn("Units of the arm"),
			w.n.estimateColumn("Effect", KindDelta), countColumn("p"), countColumn("Adjusted p"),
		},
	}
	over := &Table{
		ID: "heterogeneity-" + slug(r.Name), Caption: "Do the strata of " + r.Name + " differ?",
		Columns: []Column{
			textColumn("Metric"), textColumn("Arm"), w.n.estimateColumn("Post-stratified effect", KindDelta), countColumn("Cochran's Q"), countColumn("p of Q"), countColumn("I²"), countColumn("p of CMH"),
		},
	}
	var charts []chart.Forest
	var titles []string
	for _, m := range r.Metrics {
		_, kind := metricKinds(m)
		for _, c := range m.Comparisons {
			x := c.Strata
			if x == nil || !strataKnown(x) {
				continue
			}
			for _, p := range x.Parts {
				t.Rows = append(t.Rows, []Cell{
					text(m.Name), text(c.Arm), name(p.Stratum), w.n.countCell(p.Control), w.n.countCell(p.Treatment),
					w.n.estimateCell(p.Effect, kind), w.pCell(p.PValue), w.pCell(p.AdjustedP),
				})
			}
			cmh := w.pCell(x.CMH)
			if x.CMH == nil {
				cmh.Text = ""
			}
			over.Rows = append(over.Rows, []Cell{
				text(m.Name), text(c.Arm), w.n.estimateCell(x.PostStratified, kind), w.numberCell(x.Q), w.pCell(x.PValue), w.valueCell(x.ISquared, KindRate), cmh,
			})
			if m.Role == "primary" && len(charts) < 2 {
				charts = append(charts, w.strataForest(r, m, c, len(charts)))
				titles = append(titles, fmt.Sprintf("%s: %s against %s", m.Name, inText(c.Arm), inText(c.Control)))
			}
		}
	}
	if len(over.Rows) == 0 {
		return nil
	}
	s.addHead("segments", "Is it the same for everybody?")
	for i, f := range charts {
		if len(f.Effects) > 1 {
			s.addNote(titles[i])
			if err := s.addChart(f.Option()); err != nil {
				return err
			}
		}
	}
	s.addText(w.strataText(r))
	s.addNote("Strata explore: with many of them some look different by chance alone. Decide on the whole, and test what you find here anew.")
	s.addTable(over.withoutBlanks())
	if len(t.Rows) > 0 {
		s.addTable(t)
	}
	return nil
}

// strataKnown reports whether a metric can be read in any stratum; of some kinds it cannot.
func strataKnown(x *experiments.StrataResult) bool {
	return x.PostStratified.Known() || slices.ContainsFunc(x.Parts, func(p experiments.StratumEffect) bool { return p.Effect.Known() })
}

// strataForest draws one comparison in each of the largest strata, and over all.
func (w *writer) strataForest(r *experiments.Result, m experiments.MetricResult, c experiments.Comparison, i int) chart.Forest {
	_, kind := metricKinds(m)
	f := chart.Forest{
		ID: "strata-" + slug(r.Name) + "-" + strconv.Itoa(i), Format: formatOf(kind), Currency: w.n.Currency, Decimals: w.n.decimals(),
		Label: fmt.Sprintf("Forest plot: effect of %s on %s by stratum. The table below holds the same numbers.", c.Arm, m.Name),
	}
	if c.Effect.Known() {
		all := w.effectRow(m, c, kind)
		all.Name, all.Beside, all.Looks, all.Margin = "all, "+c.Arm, nil, nil, nil
		f.Effects = append(f.Effects, all)
	}
	parts := slices.Clone(c.Strata.Parts)
	slices.SortStableFunc(parts, func(a, b experiments.StratumEffect) int {
		return int(min(1, max(-1, b.Control+b.Treatment-a.Control-a.Treatment)))
	})
	for _, p := range parts[:min(maxStrata, len(parts))] {
		if !p.Effect.Known() {
			continue
		}
		words := w.n.Estimate(p.Effect, kind) + "  " + w.n.Interval(p.Effect, kind)
		f.Effects = append(f.Effects, chart.Effect{
			Name: p.Stratum, Value: p.Effect.Value, Lo: p.Effect.Lo, Hi: p.Effect.Hi, Text: words, Tone: chart.Neutral,
			Tip: fmt.Sprintf("%s: %s of %s\n%s\n%s and %s %s", p.Stratum, m.Name, c.Arm, words, w.n.Count(p.Control), w.n.Count(p.Treatment), plural(r.Unit)),
		})
	}
	return f
}

// strataText says for the primary comparison whether the strata differ.
func (w *writer) strataText(r *experiments.Result) string {
	c, m, ok := primary(r)
	if !ok || c.Strata == nil {
		return ""
	}
	x := c.Strata
	if x.PValue == nil || x.Q == nil {
		return fmt.Sprintf("Whether the effect on %s differs between strata cannot be said: %s.", m.Name, Reason(x.Reason))
	}
	text := fmt.Sprintf("The effect on %s does not clearly differ between the %d strata", m.Name, len(x.Parts))
	if *x.PValue < 1-c.Effect.Confidence {
		text = fmt.Sprintf("The effect on %s differs between the %d strata", m.Name, len(x.Parts))
	}
	text += fmt.Sprintf(" (Cochran's Q %s, p"+nbsp+"%s", w.n.Number(*x.Q), w.n.pText(*x.PValue))
	if x.ISquared != nil {
		text += fmt.Sprintf("; %s of the variation between them is more than chance", w.n.Percent(*x.ISquared))
	}
	return text + ")."
}

// addNovelty shows the effect by day since exposure.
func (w *writer) addNovelty(s *section, r *experiments.Result) error {
	if len(r.Novelty) == 0 {
		return nil
	}
	_, m, ok := primary(r)
	if !ok {
		return nil
	}
	_, kind := metricKinds(m)
	t := &Table{
		ID: "novelty-" + slug(r.Name), Caption: "Effect on " + m.Name + " by day since exposure; day 0 is the first 24 hours", Show: 62,
		Columns: []Column{textColumn("Arm"), countColumn("Day"), countColumn("Units"), w.n.estimateColumn("Effect", KindDelta)},
	}
	l := chart.Lines{
		ID: "novelty-" + slug(r.Name), Format: formatOf(kind), Currency: w.n.Currency, Decimals: w.n.decimals(), XName: "days since exposure",
		Label: "Lines: effect on " + m.Name + " on each day since exposure, with its interval. The table below holds the same numbers.",
	}
	zero := 0.0
	l.At, l.AtText = &zero, "no effect"
	days := 0
	for _, d := range r.Novelty {
		days = max(days, d.Day)
		t.Rows = append(t.Rows, []Cell{text(d.Arm), w.n.countCell(int64(d.Day)), w.n.countCell(d.Units), w.n.estimateCell(d.Effect, kind)})
	}
	for _, a := range r.Arms {
		line := chart.Line{Name: a.Variant}
		for day := range days + 1 {
			line.Points = append(line.Points, chart.Point{X: strconv.Itoa(day)})
		}
		some := false
		for _, d := range r.Novelty {
			if d.Arm == a.Variant && d.Effect.Known() && d.Day >= 0 {
				some = true
				line.Points[d.Day] = chart.Point{
					X: strconv.Itoa(d.Day), Value: d.Effect.Value, Lo: d.Effect.Lo, Hi: d.Effect.Hi,
					Tip: fmt.Sprintf("%s, day %d\n%s\n%s %s", a.Variant, d.Day, joinInterval(w.n.Estimate(d.Effect, kind), w.n.Interval(d.Effect, kind)), w.n.Count(d.Units), plural(r.Unit)),
				}
			}
		}
		if some {
			l.Lines = append(l.Lines, line)
		}
	}
	s.addHead("novelty", "Does the effect last?")
	if len(l.Lines) > 0 && days > 0 {
		if err := s.addChart(l.Option()); err != nil {
			return err
		}
	}
	s.addText("Each day counts the units that were seen for all of it. An effect that is large at first and fades is one of novelty.")
	s.addTable(t)
	return nil
}

// addDelayed shows conversions whose windows are partly open: naive, matured and as a curve.
func (w *writer) addDelayed(s *section, r *experiments.Result) error {
	t := &Table{
		ID: "delayed-" + slug(r.Name), Caption: "Conversions of " + r.Name + " with open windows, read in three ways",
		Columns: []Column{
			textColumn("Metric"), textColumn("Arm"), countColumn("Naive"), countColumn("Window closed"), w.n.estimateColumn("Kaplan–Meier", KindPoints),
			w.n.estimateColumn("Mean time", KindDelay), countColumn("p of the log-rank test"), countColumn("Open in the control"), countColumn("Open in the arm"),
		},
		Rows: comparisonRows(r, func(m experiments.MetricResult, c experiments.Comparison, _ Kind) []Cell {
			d := c.Delayed
			if d == nil {
				return nil
			}
			return []Cell{
				text(m.Name), text(c.Arm), w.valueCell(d.Naive, KindPoints), w.valueCell(d.Matured, KindPoints), w.n.estimateCell(d.KaplanMeier, KindPoints),
				w.n.estimateCell(d.RestrictedMean, KindDelay), w.pCell(d.LogRank), w.n.countCell(d.OpenControl), w.n.countCell(d.OpenTreatment),
			}
		}),
	}
	if len(t.Rows) == 0 {
		return nil
	}
	s.addHead("delayed", "What do the open windows say?")
	s.addText("Naive takes an open window for a failure and is shown only to be recognised; the second counts closed windows; the curve uses every unit for as long as it was seen.")
	s.addTable(t)
	return nil
}
