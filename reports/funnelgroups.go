package reports

import (
	"fmt"
	"strconv"

	"vouch/funnel"
	"vouch/referral"
	"vouch/reports/chart"
)

// maxGroups is how many groups a table of a page shows; its file has all.
const maxGroups = 500

// decisions say in words and in tone how a group stands against the rest.
var decisions = map[string]struct{ text, tone string }{
	"above": {"above", "better"}, "below": {"below", "worse"}, "unclear": {"unclear", "neutral"},
}

// groupBlocks compares the groups of the breakdown.
func (w *writer) groupBlocks(s *section, f *funnel.Result) error {
	if len(f.Groups) == 0 {
		return nil
	}
	s.Blocks = append(s.Blocks, block{Head: "How do " + byName(f.By) + " differ?", Anchor: funnelID(f, "groups")})
	if c := w.groupChart(f, funnelID(f, "groups-chart")); len(c.Effects) > 1 {
		if err := s.addChart(c.Option()); err != nil {
			return err
		}
	}
	s.addText(w.groupReading(f))
	s.addTable(w.groupTable(f))
	s.addNote(w.groupNote(f))
	if n := len(f.Groups); n > maxGroups {
		s.addNote(fmt.Sprintf("The table shows the %s with most entrants; its download has all %s.", w.n.Count(maxGroups), w.n.Count(int64(n))))
	}
	if len(f.Steps) > 2 && len(f.Steps) <= maxReach {
		s.addTable(w.reachTable(f))
	}
	return nil
}

// groupNote says how the last rows come about.
func (w *writer) groupNote(f *funnel.Result) string {
	t := "All counts each of the " + nounOf(f).many + " once; it is no sum of rows."
	if f.Other != nil {
		t = fmt.Sprintf("Other counts each of the %s under the %s %s after the first %s once, All each of the whole funnel; neither is a sum of rows.", nounOf(f).many, w.n.Count(f.Other.Values),
			byName(f.By), w.n.Count(int64(alone(f))))
	}
	return t
}

// last returns the last step of a group, or nil.
func last(steps []funnel.StepResult) *funnel.StepResult {
	if len(steps) == 0 {
		return nil
	}
	return &steps[len(steps)-1]
}

// alone is the number of groups that stand alone: all, less those that are put together as Other.
func alone(f *funnel.Result) int {
	n := len(f.Groups)
	if f.Other != nil {
		n -= int(f.Other.Values)
	}
	return max(0, n)
}

// groupChart draws how far the groups that stand alone lie from the rest, in the order of entrants.
func (w *writer) groupChart(f *funnel.Result, id string) chart.Forest {
	c := chart.Forest{
		ID: id, Format: chart.Points,
		Label: "Differences with intervals: conversion of the " + byName(f.By) + " with most entrants against the rest, in percentage points. The table below holds the same numbers.",
	}
	names := w.partnerNames()
	for i, g := range f.Groups[:min(alone(f), maxBars)] {
		v := g.VersusRest
		if v == nil || !v.Difference.Known() || v.Entered < TooFew {
			continue
		}
		d := decisions[v.Decision]
		full := w.keyCell(f.By, g.Key, names)
		c.Effects = append(c.Effects, chart.Effect{
			Name: full.Text, Value: v.Difference.Value, Lo: v.Difference.Lo, Hi: v.Difference.Hi, Tone: chart.Tone(d.tone),
			Text: w.n.Estimate(v.Difference, KindPoints) + "  " + d.text, Tip: w.groupTip(f, &f.Groups[i], names),
		})
	}
	return c
}

// groupTip is what the chart shows of a group on hover.
func (w *writer) groupTip(f *funnel.Result, g *funnel.Group, names map[string]string) string {
	c := w.keyCell(f.By, g.Key, names)
	t := c.Text
	if c.Title != "" {
		t = c.Title
	}
	return t + "\n" + nounOf(f).count(w.n, g.Steps[0].Persons) + w.convertTip(g)
}

// convertTip are the lines on how a group converts: its rate, its difference to the rest, its time.
func (w *writer) convertTip(g *funnel.Group) string {
	t := ""
	end := last(g.Steps)
	if end == nil {
		return t
	}
	if end.FromFirst != nil {
		t += "\ncome through: " + w.rateText(*end.FromFirst)
	}
	if v := g.VersusRest; v != nil && v.Entered >= TooFew && v.Difference.Known() {
		t += "\nagainst the rest: " + joinInterval(w.n.Estimate(v.Difference, KindPoints), w.n.Interval(v.Difference, KindPoints)) + ", " + decisions[v.Decision].text
	}
	if half, _ := w.within(g.VelocityConverting, end.Persons); half.Sort != "" {
		t += "\nhalf of them within " + half.Text
	}
	return t
}

// groupReading counts the decisions and names the ends.
func (w *writer) groupReading(f *funnel.Result) string {
	names := w.partnerNames()
	var above, below, compared int
	var best, worst *funnel.Group
	for i := range f.Groups {
		g := &f.Groups[i]
		v := g.VersusRest
		if v == nil || !v.Difference.Known() || g.Key == "" {
			continue
		}
		compared++
		switch v.Decision {
		case "above":
			if above++; best == nil || *v.Difference.Value > *best.VersusRest.Difference.Value {
				best = g
			}
		case "below":
			if below++; worst == nil || *v.Difference.Value < *worst.VersusRest.Difference.Value {
				worst = g
			}
		}
	}
	if compared == 0 {
		return ""
	}
	if above+below == 0 {
		return fmt.Sprintf("Of %d %s none stands clearly above or below the rest.", compared, byName(f.By))
	}
	t := fmt.Sprintf("Of %d %s, clearly above the rest: %d, clearly below: %d; of the others the data do not tell.", compared, byName(f.By), above, below)
	at := func(how string, g *funnel.Group) {
		if g != nil {
			d := g.VersusRest.Difference
			t += fmt.Sprintf(" %s: %s, %s.", how, isolate(w.keyCell(f.By, g.Key, names).Text), joinInterval(w.n.Estimate(d, KindPoints), w.n.Interval(d, KindPoints)))
		}
	}
	at("Highest", best)
	at("Lowest", worst)
	return t
}

// groupTable compares the groups, ranked by entrants. Below the groups stand those of the smaller values
// together and the whole, each counted once.
func (w *writer) groupTable(f *funnel.Result) *Table {
	end := last(f.Steps)
	t := &Table{
		ID: "groups-" + slug(f.Name), Caption: f.Name + " by " + byName(f.By) + windowText(f.Window), Show: maxGroups,
		Columns: []Column{
			textColumn(byHead(f.By)), countColumn("Entered"), countColumn("Came through"), w.n.estimateColumn("Rate", KindRate),
			w.n.estimateColumn("Expected rate", KindRate), w.n.estimateColumn("Against the rest", KindPoints),
			readingColumn(), paceColumn(), w.n.moneyColumn("Revenue at " + end.Name), w.n.estimateColumn("Cost per "+end.Name, KindMoney),
		},
	}
	names := w.partnerNames()
	for i := range f.Groups {
		g := &f.Groups[i]
		if len(g.Steps) == 0 {
			continue
		}
		row := append([]Cell{w.keyCell(f.By, g.Key, names)}, w.rateCells(g.Steps)...)
		row = append(row, w.shrunkCell(g.Shrunk))
		row = append(row, w.versusCells(g.VersusRest)...)
		t.Rows = append(t.Rows, append(row, w.paceCell(onCurve(f, g.VelocityConverting), last(g.Steps).Persons), w.n.amountCell(last(g.Steps).AmountMinor), w.costCell(last(g.Steps).CostPerPerson)))
	}
	whole := func(name string, steps []funnel.StepResult, q funnel.Quantiles) []Cell {
		row := append([]Cell{text(name)}, w.rateCells(steps)...)
		return append(row, Cell{}, Cell{}, Cell{}, w.paceCell(onCurve(f, q), last(steps).Persons), w.n.amountCell(last(steps).AmountMinor), w.costCell(last(steps).CostPerPerson))
	}
	if o := f.Other; o != nil && len(o.Steps) > 0 {
		t.Rest = whole(w.otherName(f), o.Steps, nil)
	}
	t.Foot = whole("All", f.Steps, f.VelocityConverting)
	return t.withoutBlanks()
}

// otherName names the row of the groups that do not stand alone.
func (w *writer) otherName(f *funnel.Result) string {
	return fmt.Sprintf("Other (%s)", w.n.Count(f.Other.Values))
}

// rateCells are entrants, those who came through and the rate.
func (w *writer) rateCells(steps []funnel.StepResult) []Cell {
	end := last(steps)
	return []Cell{w.n.countCell(steps[0].Persons), w.n.countCell(end.Persons), w.optional(end.FromFirst, KindRate)}
}

// shrunkCell shows a rate that small groups may have too: it leans on the others.
func (w *writer) shrunkCell(e *referral.Estimate) Cell {
	if e == nil {
		return w.optional(nil, KindRate)
	}
	bare := *e
	bare.Numerator, bare.Denominator = nil, nil
	c := w.n.estimateCell(bare, KindRate)
	c.CSV = w.n.estimateCSV(*e, KindRate)
	return c
}

// versusCells are the difference to the rest and what to make of it.
func (w *writer) versusCells(v *funnel.Comparison) []Cell {
	if v == nil {
		return []Cell{w.optional(nil, KindPoints), {CSV: []string{"", "", "", ""}}}
	}
	d := decisions[v.Decision]
	diff := w.n.estimateCell(v.Difference, KindPoints)
	diff.Title = fmt.Sprintf("%s of %s against %s of %s", w.n.Count(v.Converted), w.n.Count(v.Entered), w.n.Count(v.RestConverted), w.n.Count(v.RestEntered))
	word := Cell{Text: d.text, Sort: d.text, Tone: d.tone, CSV: []string{v.Decision, pText(v.PValue), pText(v.AdjustedP), v.Test}}
	if v.AdjustedP != nil {
		word.Title = "adjusted p " + w.n.PValue(*v.AdjustedP)
	}
	if v.Entered < TooFew {
		diff.Text, diff.Sub, diff.Tone = few(v.Entered), "", "absent"
		word.Text, word.Tone = "too few to tell", "absent"
	}
	return []Cell{diff, word}
}

// readingColumn heads the column of decisions.
func readingColumn() Column {
	return Column{Head: "Reading", CSV: []string{"decision", "p_value", "adjusted_p", "test"}}
}

// paceColumn heads a column of times to come through.
func paceColumn() Column {
	return Column{Head: "Half within", Numeric: true, CSV: []string{"half_within (seconds)", "nine_in_ten_within (seconds)"}}
}

// paceCell puts the two times of within into one cell.
func (w *writer) paceCell(q funnel.Quantiles, n int64) Cell {
	half, nine := w.within(q, n)
	c := half
	c.CSV = []string{half.CSV[0], nine.CSV[0]}
	if half.Sort != "" && nine.Sort != "" {
		c.Sub = "9 in 10: " + nine.Text
	}
	return c
}

// pText writes a p-value for a file.
func pText(p *float64) string {
	if p == nil {
		return ""
	}
	return strconv.FormatFloat(*p, 'g', -1, 64)
}

// maxReach is up to how many steps the share that reaches each fits beside each other.
const maxReach = 10

// reachTable says for each group which share of its entrants reaches each step.
func (w *writer) reachTable(f *funnel.Result) *Table {
	t := &Table{
		ID: "reach-" + slug(f.Name), Caption: "Share of the entrants of each of the " + byName(f.By) + " that reach each step", Show: maxGroups,
		Columns: []Column{textColumn(byHead(f.By)), countColumn(f.Steps[0].Name)},
	}
	for _, st := range f.Steps[1:] {
		t.Columns = append(t.Columns, w.n.estimateColumn(st.Name, KindRate))
	}
	row := func(head Cell, steps []funnel.StepResult) []Cell {
		out := []Cell{head, w.n.countCell(steps[0].Persons)}
		for _, st := range steps[1:] {
			out = append(out, w.optional(st.FromFirst, KindRate))
		}
		return out
	}
	names := w.partnerNames()
	for _, g := range f.Groups {
		if len(g.Steps) == len(f.Steps) {
			t.Rows = append(t.Rows, row(w.keyCell(f.By, g.Key, names), g.Steps))
		}
	}
	if o := f.Other; o != nil && len(o.Steps) == len(f.Steps) {
		t.Rest = row(text(w.otherName(f)), o.Steps)
	}
	t.Foot = row(text("All"), f.Steps)
	return t
}
