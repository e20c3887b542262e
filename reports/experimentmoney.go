package reports

import (
	"fmt"

	"vouch/experiments"
	"vouch/referral"
	"vouch/reports/chart"
)

// addMoney shows what the arms earn and cost, and what a further customer costs.
func (w *writer) addMoney(s *section, r *experiments.Result) error {
	m := r.Money
	if m == nil || len(m.Arms) == 0 || r.Verdict.Action == experiments.ActionInvalid {
		return nil
	}
	unit := experiments.UnitName(r.Unit)
	s.addHead("money", "Does it pay?")
	b := chart.Bars{
		ID: "money-" + slug(r.Name), Format: chart.Money, Currency: w.n.Currency, Decimals: w.n.decimals(),
		Label: "Bars: profit per " + unit + " in each arm of " + r.Name + " with its interval. The table below holds the same numbers.",
	}
	for _, a := range m.Arms {
		if a.Profit.Known() {
			words := joinInterval(w.n.Estimate(a.Profit, KindMoney), w.n.Interval(a.Profit, KindMoney))
			row := chart.Row{Name: a.Variant, Value: a.Profit.Value, Lo: a.Profit.Lo, Hi: a.Profit.Hi, Text: w.n.Estimate(a.Profit, KindMoney), Tip: a.Variant + "\nprofit per " + unit + " " + words, Tone: chart.Accent}
			if a.Variant == r.Control {
				row.Tone = chart.Neutral
			}
			b.Rows = append(b.Rows, row)
		}
	}
	if len(b.Rows) > 1 {
		if err := s.addChart(b.Option()); err != nil {
			return err
		}
	}
	s.addText(w.moneyText(r))
	s.addTable(w.moneyTable(r))
	if len(m.Comparisons) > 0 {
		s.addTable(w.gainTable(r))
	}
	return nil
}

// moneyText reads the money: which arm earns more, what a further customer costs or why that cannot be said.
func (w *writer) moneyText(r *experiments.Result) string {
	text := "Profit is the contribution of the unit's people within the window, less rewards, commission and what the variant costs beside them."
	for _, c := range r.Money.Comparisons {
		if c.Arm != r.Verdict.Arm && len(r.Money.Comparisons) > 1 {
			continue
		}
		if c.Profit.Known() {
			text += fmt.Sprintf(" Against %s, %s changes it by %s.", inText(c.Control), inText(c.Arm), joinInterval(w.n.Estimate(c.Profit, KindGain), w.n.Interval(c.Profit, KindGain)))
		}
		switch e := c.IncrementalCPA; {
		case e.Known() && e.Reason == "":
			text += fmt.Sprintf(" Each further customer costs %s.", joinInterval(w.n.Estimate(e, KindMoney), w.n.Interval(e, KindMoney)))
		case e.Known():
			text += fmt.Sprintf(" Each further customer costs %s, without limits: %s.", w.n.Estimate(e, KindMoney), whyNoCPA(e))
		case e.Reason != "":
			text += fmt.Sprintf(" What a further customer costs cannot be said: %s.", whyNoCPA(e))
		}
		break
	}
	return text
}

// whyNoCPA says why a further customer has no price, or no limits.
func whyNoCPA(e referral.Estimate) string {
	switch e.Reason {
	case referral.ReasonUnbounded:
		return "the difference in customers is not told apart from 0"
	case "zero_denominator":
		return "both arms bring equally many customers"
	}
	return Reason(e.Reason)
}

// moneyTable lists contribution, costs and profit per unit in each arm.
func (w *writer) moneyTable(r *experiments.Result) *Table {
	t := &Table{
		ID: "money-" + slug(r.Name), Caption: "Money of " + r.Name + " per " + experiments.UnitName(r.Unit) + " whose window is closed",
		Columns: []Column{
			textColumn("Arm"), w.n.estimateColumn("Contribution", KindMoney), w.n.estimateColumn("Rewards", KindMoney), w.n.estimateColumn("Commission", KindMoney),
			{Head: "Other cost", Unit: w.n.Currency, Numeric: true, CSV: []string{"other_cost (" + w.n.Currency + ")"}},
			w.n.estimateColumn("Profit", KindMoney), w.n.estimateColumn("Customers", KindCount),
		},
	}
	for _, a := range r.Money.Arms {
		other := Cell{Text: "–", Tone: "absent", CSV: []string{""}}
		if a.Other != nil {
			e := referral.Estimate{Value: a.Other}
			other = w.n.estimateCell(e, KindMoney)
			other.CSV = other.CSV[:1]
		}
		t.Rows = append(t.Rows, []Cell{
			text(a.Variant), w.n.estimateCell(a.Contribution, KindMoney), w.n.estimateCell(a.Rewards, KindMoney), w.n.estimateCell(a.Commission, KindMoney),
			other, w.n.estimateCell(a.Profit, KindMoney), w.n.estimateCell(a.Customers, KindCount),
		})
	}
	return t
}

// gainTable lists what each arm changes: profit, the price of a further customer, the long run.
func (w *writer) gainTable(r *experiments.Result) *Table {
	t := &Table{
		ID: "gain-" + slug(r.Name), Caption: "What the arms change against " + r.Control + ", per " + experiments.UnitName(r.Unit),
		Columns: []Column{
			textColumn("Arm"), w.n.estimateColumn("Profit", KindGain), w.n.estimateColumn("Cost per further customer", KindMoney), w.n.estimateColumn("Profit in the long run", KindGain),
		},
	}
	for _, c := range r.Money.Comparisons {
		cpa := w.n.estimateCell(c.IncrementalCPA, KindMoney)
		if c.IncrementalCPA.Reason != "" {
			cpa.Title = whyNoCPA(c.IncrementalCPA)
			if !c.IncrementalCPA.Known() {
				cpa.Text = whyNoCPA(c.IncrementalCPA)
			}
		}
		long := Cell{Text: "no projection", Tone: "absent", CSV: make([]string, 6)}
		if c.LongRun != nil {
			long = w.n.estimateCell(*c.LongRun, KindGain)
		}
		t.Rows = append(t.Rows, []Cell{text(c.Arm), w.n.estimateCell(c.Profit, KindGain), cpa, long})
	}
	return t
}

// addFactorial shows the sides of a both-sided incentive and their interaction.
func (w *writer) addFactorial(s *section, r *experiments.Result) error {
	if len(r.Factorial) == 0 {
		return nil
	}
	s.addHead("factorial", "Which side of the incentive works?")
	t := &Table{
		ID: "factorial-" + slug(r.Name), Caption: "Effects of the factors of " + r.Name + " and of their interaction",
		Columns: []Column{textColumn("Metric"), textColumn("Term"), w.n.estimateColumn("Effect", KindDelta), countColumn("p")},
	}
	f := chart.Forest{
		ID: "factorial-" + slug(r.Name), Currency: w.n.Currency, Decimals: w.n.decimals(),
		Label: "Forest plot of the factors of " + r.Name + " on the primary metric. The table below holds the same numbers.",
	}
	_, first, _ := primary(r)
	for _, x := range r.Factorial {
		kind := kindOfMetric(r, x.Metric)
		t.Rows = append(t.Rows, []Cell{text(x.Metric), text(x.Term), w.n.estimateCell(x.Effect, kind), w.pCell(x.PValue)})
		if x.Metric != first.Name || !x.Effect.Known() {
			continue
		}
		f.Format = formatOf(kind)
		f.Effects = append(f.Effects, chart.Effect{
			Name: x.Term, Value: x.Effect.Value, Lo: x.Effect.Lo, Hi: x.Effect.Hi, Tone: chart.Neutral,
			Text: w.n.Estimate(x.Effect, kind) + "  " + w.n.Interval(x.Effect, kind),
			Tip:  x.Term + " on " + x.Metric + "\n" + joinInterval(w.n.Estimate(x.Effect, kind), w.n.Interval(x.Effect, kind)),
		})
	}
	if len(f.Effects) > 0 {
		if err := s.addChart(f.Option()); err != nil {
			return err
		}
	}
	s.addText("The effect of a factor is the mean over the levels of the other; an interaction apart from 0 says that one side does more, or less, when the other is there too.")
	s.addTable(t)
	return nil
}

// kindOfMetric is how the effects of a metric are written.
func kindOfMetric(r *experiments.Result, name string) Kind {
	for _, m := range r.Metrics {
		if m.Name == name {
			_, kind := metricKinds(m)
			return kind
		}
	}
	return KindDelta
}
