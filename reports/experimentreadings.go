package reports

import (
	"fmt"
	"slices"
	"strings"

	"vouch/experiments"
)

// comparisonRows collects one row for each comparison for which make gives one.
func comparisonRows(r *experiments.Result, row func(experiments.MetricResult, experiments.Comparison, Kind) []Cell) [][]Cell {
	var out [][]Cell
	for _, m := range r.Metrics {
		_, kind := metricKinds(m)
		for _, c := range m.Comparisons {
			if cells := row(m, c, kind); cells != nil {
				out = append(out, cells)
			}
		}
	}
	return out
}

// addReadings lists the other readings of the same effects: looks before the end, beliefs, adjustment, caps.
func (w *writer) addReadings(s *section, r *experiments.Result) {
	for _, x := range []struct {
		head, text string
		table      *Table
	}{
		{"Looks before the end", "A comparison may stop the experiment only when it crosses its limit at a look that was planned, or at any time where the rule allows looking always.", w.sequentialTable(r)},
		{"How likely, and at what price", "With a flat prior: the chance that the arm is better, and what a wrong choice loses on average, in the metric's unit.", w.beliefTable(r)},
		{"What adjustment did", "The same metric before the first exposure explains a part of the differences between units; without that part the intervals are narrower.", w.adjustedTable(r)},
		{"What the cap did", "Values above the cap count as the cap, the same in all arms.", w.cappedTable(r)},
		{"All values by their order", "Beside a quantile: in which share of pairs, one unit from each arm, that of the arm has the larger value, ties half; 50 % means no difference. It decides nothing.", w.ranksTable(r)},
	} {
		if len(x.table.Rows) > 0 {
			s.addHead("", x.head)
			s.addText(x.text)
			s.addTable(x.table.withoutBlanks())
		}
	}
}

// sequentialTable lists the read-outs that hold under looks before the end.
func (w *writer) sequentialTable(r *experiments.Result) *Table {
	return &Table{
		ID: "looks-" + slug(r.Name), Caption: "Effects of " + r.Name + " under looks before the end",
		Columns: []Column{
			textColumn("Metric"), textColumn("Arm"), textColumn("Rule"), countColumn("Statistic"), countColumn("Limit"), countColumn("Always-valid p"),
			{Head: "Limits at all looks", Numeric: true, CSV: []string{"looks_lo", "looks_hi"}},
			textColumn("Crossed"),
		},
		Rows: comparisonRows(r, func(m experiments.MetricResult, c experiments.Comparison, k Kind) []Cell {
			q := c.Sequential
			if q == nil {
				return nil
			}
			crossed := text("no")
			if q.Crossed {
				crossed = text("yes")
			}
			if q.Reason != "" {
				crossed.Text, crossed.Tone = Reason(q.Reason), "absent"
			}
			p := w.pCell(q.PValue)
			if q.PValue == nil {
				p.Text = ""
			}
			return []Cell{
				text(m.Name), text(c.Arm), text(stoppingName(q.Rule)), w.numberCell(q.Z), w.numberCell(q.Critical), p,
				{Text: w.limits(q.Lo, q.Hi, k), CSV: []string{known(q.Lo), known(q.Hi)}},
				crossed,
			}
		}),
	}
}

// known writes a number for a file; nothing if it is not known.
func known(v *float64) string {
	if v == nil {
		return ""
	}
	return raw(*v)
}

// numberCell makes a cell of a plain number that may not be known.
func (w *writer) numberCell(v *float64) Cell {
	if v == nil {
		return Cell{CSV: []string{""}}
	}
	return Cell{Text: w.n.Number(*v), Sort: raw(*v), CSV: []string{raw(*v)}}
}

// valueCell makes a cell of a number of a kind; money in the file is in minor units.
func (w *writer) valueCell(v *float64, k Kind) Cell {
	if v == nil {
		return Cell{Text: "–", Tone: "absent", CSV: []string{""}}
	}
	return Cell{Text: w.n.Value(*v, k), Sort: raw(*v), CSV: []string{raw(*v)}}
}

// beliefTable lists the chance to be better and the price of either choice.
func (w *writer) beliefTable(r *experiments.Result) *Table {
	// A loss has no sign, and beside one that is ten thousand times as large nobody reads its digits.
	loss := func(v, other *float64, k Kind) Cell {
		c := w.valueCell(v, k)
		c.Text = strings.TrimPrefix(c.Text, "+")
		if v != nil && other != nil && *v < *other/1e4 {
			c.Text = "next to nothing"
		}
		return c
	}
	return &Table{
		ID: "belief-" + slug(r.Name), Caption: "Chance that the arm is better than " + r.Control + ", and the expected loss of either choice",
		Columns: []Column{textColumn("Metric"), textColumn("Arm"), countColumn("Better with probability"), countColumn("Loss if shipped"), countColumn("Loss if not shipped")},
		Rows: comparisonRows(r, func(m experiments.MetricResult, c experiments.Comparison, k Kind) []Cell {
			b := c.Belief
			if b == nil || b.Better == nil {
				return nil
			}
			return []Cell{text(m.Name), text(c.Arm), w.chanceCell(b.Better), loss(b.LossShip, b.LossKeep, k), loss(b.LossKeep, b.LossShip, k)}
		}),
	}
}

// adjustedTable lists the effects with and without the covariate.
func (w *writer) adjustedTable(r *experiments.Result) *Table {
	return &Table{
		ID: "adjusted-" + slug(r.Name), Caption: "Effects of " + r.Name + " with and without adjustment by the metric before exposure",
		Columns: []Column{
			textColumn("Metric"), textColumn("Arm"), w.n.estimateColumn("Adjusted", KindDelta), w.n.estimateColumn("Unadjusted", KindDelta), countColumn("Variance explained"),
		},
		Rows: comparisonRows(r, func(m experiments.MetricResult, c experiments.Comparison, k Kind) []Cell {
			if c.Unadjusted == nil {
				return nil
			}
			return []Cell{text(m.Name), text(c.Arm), w.n.estimateCell(c.Effect, k), w.n.estimateCell(*c.Unadjusted, k), w.valueCell(c.VarianceReduction, KindRate)}
		}),
	}
}

// cappedTable lists what caps changed.
func (w *writer) cappedTable(r *experiments.Result) *Table {
	return &Table{
		ID: "capped-" + slug(r.Name), Caption: "Effects of " + r.Name + " with and without their cap",
		Columns: []Column{
			textColumn("Metric"), textColumn("Arm"), countColumn("Cap"), countColumn("Units above"), w.n.estimateColumn("Capped", KindDelta), w.n.estimateColumn("Uncapped", KindDelta),
		},
		Rows: comparisonRows(r, func(m experiments.MetricResult, c experiments.Comparison, k Kind) []Cell {
			if c.Capped == nil {
				return nil
			}
			value, _ := metricKinds(m)
			return []Cell{
				text(m.Name), text(c.Arm), w.valueCell(&c.Capped.At, value), w.n.countCell(c.Capped.Units),
				w.n.estimateCell(c.Effect, k), w.n.estimateCell(c.Capped.Uncapped, k),
			}
		}),
	}
}

// ranksTable lists the tests by ranks beside quantiles.
func (w *writer) ranksTable(r *experiments.Result) *Table {
	return &Table{
		ID: "ranks-" + slug(r.Name), Caption: "Values in the arm against those in " + r.Control + ", by their order",
		Columns: []Column{textColumn("Metric"), textColumn("Arm"), countColumn("Larger in"), countColumn("p of the rank test")},
		Rows: comparisonRows(r, func(m experiments.MetricResult, c experiments.Comparison, _ Kind) []Cell {
			if c.Ranks == nil {
				return nil
			}
			return []Cell{text(m.Name), text(c.Arm), w.valueCell(c.Ranks.Larger, KindRate), w.pCell(c.Ranks.PValue)}
		}),
	}
}

// addGuardrails says of every guardrail whether it holds.
func (w *writer) addGuardrails(s *section, r *experiments.Result) error {
	t := &Table{
		ID: "guardrails-" + slug(r.Name), Caption: "Guardrails of " + r.Name,
		Columns: []Column{
			textColumn("Guardrail"), textColumn("Arm"), w.n.estimateColumn("Effect", KindDelta), countColumn("Tolerated"), countColumn("At worst"), countColumn("p"), textColumn("Holds"),
		},
	}
	hold := 0
	for _, m := range r.Metrics {
		if m.Role != "guardrail" {
			continue
		}
		_, kind := metricKinds(m)
		for _, c := range m.Comparisons {
			holds, tolerated, worst, p := w.guardrail(m, c, kind)
			if slices.Contains([]string{"yes, within its margin", "not worse"}, holds.Text) {
				hold++
			}
			t.Rows = append(t.Rows, []Cell{text(m.Name), text(c.Arm), w.n.estimateCell(c.Effect, kind), tolerated, worst, p, holds})
		}
	}
	if len(t.Rows) == 0 || r.Verdict.Action == "invalid" {
		return nil
	}
	s.addHead("guardrails", "Do the guardrails hold?")
	s.addText(fmt.Sprintf("%d of %d hold. One with a margin must be shown to lose less than it; one without must only not be worse.", hold, len(t.Rows)))
	s.addTable(t)
	return nil
}

// guardrail reads one guardrail in one arm.
func (w *writer) guardrail(m experiments.MetricResult, c experiments.Comparison, k Kind) (holds, tolerated, worst, p Cell) {
	n := c.Noninferiority
	if n == nil {
		holds, tolerated, worst, p = text("not worse"), Cell{Text: "no margin", Tone: "absent", CSV: []string{""}}, w.valueCell(nil, k), w.pCell(c.PValue)
		switch {
		case c.Decision == "worse":
			holds = text("no, it is worse")
			holds.Tone = "worse"
		case !c.Effect.Known():
			holds = text("not measured")
			holds.Tone = "warn"
		}
		return holds, tolerated, worst, p
	}
	holds, tolerated, worst, p = text("not shown"), w.valueCell(margin(m, n), k), w.valueCell(n.Limit, k), w.pCell(n.PValue)
	holds.Tone = "warn"
	switch {
	case n.Noninferior != nil && *n.Noninferior:
		holds = text("yes, within its margin")
		holds.Tone = "better"
	case c.Decision == "worse":
		holds = text("no, it is worse")
		holds.Tone = "worse"
	case n.Reason != "":
		holds.Title = Reason(n.Reason)
	}
	return holds, tolerated, worst, p
}
