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
	s.addText(w.groupReading(f) + " " + w.speedReading(f))
	if c := w.groupChart(f, "partner-conversion"); len(c.Effects) > 1 {
		if err := s.addChart(c.Option()); err != nil {
			return s, err
		}
		s.Blocks = append(s.Blocks, block{Key: []keyItem{{"better", "above the rest"}, {"neutral", "no clear difference"}, {"worse", "below the rest"}}})
	}
	s.addTable(w.convertTable(f))
	s.addNote(fmt.Sprintf("Everything here is the funnel %s%s: %s, from %s to %s. The rest of a partner is everybody else who entered; "+
		"the evened-out rate is what to expect next of a partner with few people.", f.Name, windowText(f.Window), stepList(f), f.From, f.To))
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

// speedReading names the fastest and the slowest of the partners with enough who came through.
func (w *writer) speedReading(f *funnel.Result) string {
	names := w.partnerNames()
	var fast, slow *funnel.Group
	known := 0
	for i := range f.Groups {
		g := &f.Groups[i]
		v := g.VelocityConverting["0.5"]
		if v == nil || g.Key == "" || last(g.Steps).Persons < TooFew {
			continue
		}
		known++
		if fast == nil || *v < *fast.VelocityConverting["0.5"] {
			fast = g
		}
		if slow == nil || *v > *slow.VelocityConverting["0.5"] {
			slow = g
		}
	}
	if known < 2 {
		return ""
	}
	at := func(g *funnel.Group) string {
		return w.n.Seconds(*g.VelocityConverting["0.5"]) + " at " + isolate(w.keyCell(f.By, g.Key, names).Text)
	}
	return fmt.Sprintf("Half of those who come through have done so within %s, the fastest, and %s, the slowest of the %d partners with at least %d who came through.",
		at(fast), at(slow), known, TooFew)
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
	t.Columns = append(t.Columns, w.n.estimateColumn(last(f.Steps).Name, KindRate), w.n.estimateColumn("Evened out", KindRate), w.n.estimateColumn("Against the rest", KindPoints),
		Column{Head: "Reading", CSV: []string{"decision", "p_value", "adjusted_p", "test"}}, secondsColumn("Half within"), secondsColumn("9 in 10 within"))
	row := func(head Cell, steps []funnel.StepResult, q funnel.Quantiles) (cells, times []Cell) {
		cells = []Cell{head, w.n.countCell(steps[0].Persons)}
		for _, i := range between {
			cells = append(cells, w.optional(steps[i].FromFirst, KindRate))
		}
		half, nine := w.within(q, last(steps).Persons)
		return append(cells, w.optional(last(steps).FromFirst, KindRate)), []Cell{half, nine}
	}
	names := w.partnerNames()
	for i := range f.Groups {
		g := &f.Groups[i]
		if len(g.Steps) != len(f.Steps) {
			continue
		}
		cells, times := row(w.keyCell(f.By, g.Key, names), g.Steps, g.VelocityConverting)
		cells = append(append(cells, w.shrunkCell(g.Shrunk)), w.versusCells(g.VersusRest)...)
		t.Rows = append(t.Rows, append(cells, times...))
	}
	cells, times := row(text("All, each counted once"), f.Steps, f.VelocityConverting)
	t.Foot = append(append(cells, Cell{}, Cell{}, Cell{}), times...)
	return t
}
