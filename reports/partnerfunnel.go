package reports

import (
	"fmt"

	"vouch/funnel"
)

// partnerFunnel returns the first funnel that is broken down by partner and that somebody entered.
func (w *writer) partnerFunnel() *funnel.Result {
	for i := range w.b.Funnels {
		if f := &w.b.Funnels[i]; f.By == "partner_id" && f.Persons > 0 && len(f.Groups) > 0 {
			return f
		}
	}
	return nil
}

// partnerGroups are the groups of that funnel by partner id.
func partnerGroups(f *funnel.Result) map[string]*funnel.Group {
	out := map[string]*funnel.Group{}
	if f == nil {
		return out
	}
	for i := range f.Groups {
		out[f.Groups[i].Key] = &f.Groups[i]
	}
	return out
}

// convertSection says how well and how fast the people whom each partner brings come through: quality
// and velocity, beside what they cost. Partners are kept or dropped on it, so nothing stands without its
// interval and small numbers say that they are small.
func (w *writer) convertSection() (section, error) {
	s := section{ID: "conversion", Question: "How well do the people whom partners bring convert?"}
	f := w.partnerFunnel()
	if f == nil {
		return s, nil
	}
	if c := w.groupChart(f, "partner-conversion"); len(c.Effects) > 1 {
		if err := s.addChart(c.Option()); err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, block{Key: []keyItem{{"better", "above the rest"}, {"neutral", "unclear"}, {"worse", "below the rest"}}})
	}
	s.addText(w.groupReading(f) + w.paceReading(f))
	s.addTable(w.convertTable(f))
	s.addNote(fmt.Sprintf("Everything here is the funnel %s%s: %s, from %s to %s. The rest of a partner is everybody else who entered; "+
		"the expected rate leans on the others by as much as a partner is small. A time rests on those who came through; of fewer than %d none is shown.", f.Name, windowText(f.Window), stepList(f), f.From, f.To, TooFew))
	s.addLink("funnels.html#"+funnelID(f), "All of the funnel "+f.Name)
	return s, nil
}

// stepList names the steps in order.
func stepList(f *funnel.Result) string {
	t := f.Steps[0].Name
	for _, st := range f.Steps[1:] {
		t += " → " + st.Name
	}
	return t
}

// paceReading says how long it takes over all partners. It names no fastest and no slowest: a single
// partner's time has no interval.
func (w *writer) paceReading(f *funnel.Result) string {
	half, nine := w.within(onCurve(f, f.VelocityConverting), last(f.Steps).Persons)
	if half.Sort == "" {
		return ""
	}
	t := " Over all, half of those who come through have done so within " + half.Text
	if nine.Sort != "" {
		t += ", nine in ten within " + nine.Text
	}
	return t + "."
}

// convertTable sets quality and velocity of all partners side by side.
func (w *writer) convertTable(f *funnel.Result) *Table {
	t := &Table{
		ID: "conversion", Caption: "Partners by who entered " + f.Name + "; shares are of their entrants", Show: maxGroups,
		Columns: []Column{textColumn("Partner"), countColumn("Entered")},
	}
	// Steps between the first and the last stand here only where there are few: the page of funnels has all.
	var between []int
	if len(f.Steps) <= 6 {
		for i := 1; i < len(f.Steps)-1; i++ {
			between = append(between, i)
		}
	}
	for _, i := range between {
		t.Columns = append(t.Columns, w.n.estimateColumn(f.Steps[i].Name, KindRate))
	}
	t.Columns = append(t.Columns, w.n.estimateColumn(last(f.Steps).Name, KindRate), w.n.estimateColumn("Expected rate", KindRate), w.n.estimateColumn("Against the rest", KindPoints),
		readingColumn(), paceColumn())
	row := func(head Cell, steps []funnel.StepResult) []Cell {
		cells := []Cell{head, w.n.countCell(steps[0].Persons)}
		for _, i := range between {
			cells = append(cells, w.optional(steps[i].FromFirst, KindRate))
		}
		return append(cells, w.optional(last(steps).FromFirst, KindRate))
	}
	names := w.partnerNames()
	for i := range f.Groups {
		g := &f.Groups[i]
		if len(g.Steps) != len(f.Steps) {
			continue
		}
		cells := append(row(w.keyCell(f.By, g.Key, names), g.Steps), w.shrunkCell(g.Shrunk))
		cells = append(cells, w.versusCells(g.VersusRest)...)
		t.Rows = append(t.Rows, append(cells, w.paceCell(onCurve(f, g.VelocityConverting), last(g.Steps).Persons)))
	}
	t.Foot = append(row(text("All"), f.Steps), Cell{}, Cell{}, Cell{}, w.paceCell(onCurve(f, f.VelocityConverting), last(f.Steps).Persons))
	return t.withoutBlanks()
}
