package reports

import (
	"fmt"
	"math"

	"vouch/referral"
	"vouch/reports/chart"
)

// figureNames says the weekly figures in words.
var figureNames = map[string]string{
	"signups": "Sign-ups", "customers": "Customers", "revenue": "Revenue", "cost": "Cost", "cpa": "Cost per customer", "conversion": "Conversion",
}

// weekly builds the weekly summary.
func (w *writer) weekly() (*page, error) {
	wk := w.b.Weekly
	if wk == nil {
		p := w.newPage("weekly", "Weekly summary", "", "")
		p.Lead = "There is no complete week in the data yet."
		p.Method = w.method(nil, nil)
		return p, nil
	}
	p := w.newPage("weekly", "Weekly summary", wk.From, wk.To)
	p.Lead = w.weekLead()
	for _, f := range wk.Figures {
		p.addFigure(w.weeklyFigure(f), w.n.Currency)
	}
	for _, part := range []func() (section, error){w.movedSection, w.experimentStates, w.topSection, w.alertSection, w.nextSection, w.figuresSection} {
		s, err := part()
		if err != nil {
			return nil, err
		}
		if len(s.Blocks) > 0 {
			p.add(s)
		}
	}
	p.Method = w.method([]string{
		"The week is the last complete one in the project's zone, against the week before. A change is called clear when its interval leaves out zero; " +
			"else the figure may have moved by chance. The changes of the partners add up to the change of the total.",
	}, nil, "weekly")
	return p, nil
}

// Figure returns a weekly figure by name.
func Figure(wk *Weekly, name string) (WeeklyFigure, bool) {
	if wk != nil {
		for _, f := range wk.Figures {
			if f.Name == name {
				return f, true
			}
		}
	}
	return WeeklyFigure{}, false
}

// weekLead is the week in one sentence: customers and how they changed. What one cost is not in it:
// costs are booked when they are paid, so the cost of one week says little. Data that end before the
// week does come first: a feed that stopped looks like a week without customers.
func (w *writer) weekLead() string {
	wk := w.b.Weekly
	if end := w.b.Data.CompleteTo; end != "" && end < wk.To {
		return fmt.Sprintf("The data are complete to %s only: week %s, to %s, cannot be read yet.", end, wk.Week, wk.To)
	}
	c, ok := Figure(wk, "customers")
	if !ok || !c.Value.Known() {
		return "Week " + wk.Week + " closed; the number of new customers is not known."
	}
	s := fmt.Sprintf("Week %s brought %s new customers", wk.Week, w.n.Estimate(c.Value, KindCount))
	switch {
	case !c.Change.Known():
	case *c.Change.Value == 0:
		s += ", as many as the week before"
	default:
		word := "more"
		if *c.Change.Value < 0 {
			word = "fewer"
		}
		s += fmt.Sprintf(", %s %s than the week before", w.n.Number(math.Abs(*c.Change.Value)), word)
		if !c.Clear {
			s += " (no clear change)"
		}
	}
	return s + "."
}

// figureKind returns how a weekly figure and its change are written.
func figureKind(f WeeklyFigure) (value, change Kind) {
	switch f.Unit {
	case "money":
		return KindMoney, KindGain
	case "rate":
		return KindRate, KindPoints
	}
	return KindCount, KindDelta
}

// weeklyFigure is one key figure with its change and how certain it is.
func (w *writer) weeklyFigure(f WeeklyFigure) figure {
	value, _ := figureKind(f)
	label := figureNames[f.Name]
	if label == "" {
		label = title(f.Name)
	}
	out := figure{Name: label, Value: w.n.Estimate(f.Value, value), Spark: f.Series, Link: "#figures"}
	if i := w.n.Interval(f.Value, value); i != "" {
		out.Sub = i
	}
	out.Change, out.ChangeSub, out.Tone = w.changeText(f)
	return out
}

// changeText says the change of a figure, its interval and its meaning: "▲ +12", "+3 to +21" and
// better, or "no clear change", "−5 to +17" and neutral.
func (w *writer) changeText(f WeeklyFigure) (text, interval, tone string) {
	_, kind := figureKind(f)
	if !f.Change.Known() {
		return "change: " + Reason(f.Change.Reason), "", "neutral"
	}
	interval = w.n.Interval(f.Change, kind)
	v := *f.Change.Value
	if !f.Clear || v == 0 {
		return "no clear change", interval, "neutral"
	}
	arrow, up := "▼ ", v > 0
	if up {
		arrow = "▲ "
	}
	tone = "worse"
	if costly := f.Name == "cost" || f.Name == "cpa"; up != costly {
		tone = "better"
	}
	return arrow + w.n.Estimate(f.Change, kind), interval, tone
}

// movedSection shows the partners that changed the week's customers most; the rows add up.
func (w *writer) movedSection() (section, error) {
	wk := w.b.Weekly
	s := section{ID: "moved", Question: "What moved, and why?"}
	if len(wk.Movers) == 0 {
		return s, nil
	}
	b := chart.Bars{
		ID: "weekly-movers", Format: chart.Count,
		Label: "Bars: change in customers by partner against the week before. The table below holds the same numbers.",
	}
	for _, m := range wk.Movers {
		d := float64(m.Current-m.Previous) / referral.MicroScale
		label := moverName(m)
		tone := chart.Better
		if d < 0 {
			tone = chart.Worse
		} else if d == 0 {
			tone = chart.Neutral
		}
		change := w.signedMicro(m.Current - m.Previous)
		b.Rows = append(b.Rows, chart.Row{
			Name: label, Value: &d, Text: change, Tone: tone,
			Tip: fmt.Sprintf("%s\n%s, was %s (%s)", label, w.n.Micro(int64(m.Current)), w.n.Micro(int64(m.Previous)), change),
		})
	}
	if err := s.addChart(b.Option()); err != nil {
		return s, err
	}
	s.addText(w.moverText())
	s.addTable(w.moverTable(wk.Movers))
	return s, nil
}

// signedMicro writes a change of a count.
func (w *writer) signedMicro(v Micro) string {
	c := w.n.microCell(v)
	return plus(float64(v), c.Text)
}

// moverText names the largest rise and the largest fall.
func (w *writer) moverText() string {
	var up, down *Mover
	for i := range w.b.Weekly.Movers {
		m := &w.b.Weekly.Movers[i]
		if m.Key == "" {
			continue
		}
		d := m.Current - m.Previous
		if d > 0 && (up == nil || d > up.Current-up.Previous) {
			up = m
		}
		if d < 0 && (down == nil || d < down.Current-down.Previous) {
			down = m
		}
	}
	switch {
	case up != nil && down != nil:
		return fmt.Sprintf("%s added most (%s), %s lost most (%s).", inText(up.Name), w.signedMicro(up.Current-up.Previous),
			inText(down.Name), w.signedMicro(down.Current-down.Previous))
	case up != nil:
		return fmt.Sprintf("%s added most (%s); no partner lost.", inText(up.Name), w.signedMicro(up.Current-up.Previous))
	case down != nil:
		return fmt.Sprintf("%s lost most (%s); no partner added.", inText(down.Name), w.signedMicro(down.Current-down.Previous))
	}
	return "No partner changed."
}

// figuresSection is the table of the key figures.
func (w *writer) figuresSection() (section, error) {
	s := section{ID: "figures", Question: "How was the week in figures?"}
	s.addTable(w.weekTable())
	return s, nil
}

// weekTable lists the figures with their change; values are in words of their unit, the file has raw
// numbers with the unit beside them.
func (w *writer) weekTable() *Table {
	t := &Table{
		ID: "figures", Caption: "Week " + w.b.Weekly.Week + " against the week before",
		Columns: []Column{
			textColumn("Figure"),
			{Head: "Unit", CSV: []string{"unit"}},
			{Head: "This week", Numeric: true, CSV: []string{"value", "value_lo", "value_hi"}},
			{Head: "Week before", Numeric: true, CSV: []string{"previous"}},
			{Head: "Change", Numeric: true, CSV: []string{"change", "change_lo", "change_hi"}},
			{Head: "Clear", CSV: []string{"clear"}},
		},
	}
	for _, f := range w.b.Weekly.Figures {
		value, change := figureKind(f)
		label := figureNames[f.Name]
		if label == "" {
			label = title(f.Name)
		}
		unit := f.Unit
		if unit == "money" {
			unit = w.n.Currency
		}
		v, d := w.n.estimateCell(f.Value, value), w.n.estimateCell(f.Change, change)
		v.Text, v.CSV, d.CSV = w.n.Estimate(f.Value, value), v.CSV[:3], d.CSV[:3]
		p := Cell{Text: w.n.Estimate(f.Previous, value), CSV: w.n.estimateCSV(f.Previous, value)[:1]}
		if f.Previous.Value != nil {
			p.Sort = raw(*f.Previous.Value)
		}
		clear := text("no")
		if f.Clear {
			clear = text("yes")
		}
		l := text(label)
		l.CSV = []string{f.Name}
		t.Rows = append(t.Rows, []Cell{l, text(unit), v, p, d, clear})
	}
	return t
}

// topSection names the moves with most money in them.
func (w *writer) topSection() (section, error) {
	s := section{ID: "moves", Question: "What is worth doing?"}
	for _, t := range w.moveTexts(3) {
		s.addText(t)
	}
	return s, nil
}

// alertSection lists what needs a person.
func (w *writer) alertSection() (section, error) {
	s := section{ID: "alerts", Question: "What needs attention?"}
	if a := w.alerts(); len(a) > 0 {
		s.Blocks = append(s.Blocks, block{Findings: a})
	}
	return s, nil
}

// nextSection says what matures.
func (w *writer) nextSection() (section, error) {
	s := section{ID: "next", Question: "What comes next week?"}
	for _, t := range w.nextWeek() {
		s.addText(t)
	}
	return s, nil
}

// experimentStates lists the experiments with their verdicts.
func (w *writer) experimentStates() (section, error) {
	s := section{ID: "experiments", Question: "Which experiments need a decision?"}
	for _, r := range ranked(w.b.Experiments) {
		s.addText(w.experimentLead(r))
	}
	return s, nil
}
