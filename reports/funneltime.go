package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"vouch/funnel"
	"vouch/referral"
	"vouch/reports/chart"
)

// openBlocks says what the windows that are still open do to the rate.
func (w *writer) openBlocks(s *section, f *funnel.Result) error {
	c := f.Censoring
	if c == nil {
		return nil
	}
	u := nounOf(f)
	s.Blocks = append(s.Blocks, block{Head: "How many will have come through in the end?", Anchor: funnelID(f, "open")})
	if c.OpenPersons == 0 {
		s.addText("All windows are closed: the rate is final.")
	} else {
		t := fmt.Sprintf("%s of %s still have time to come through", w.n.Count(c.OpenPersons), u.count(w.n, f.Persons))
		if c.KaplanMeier.Known() {
			t += ": expect " + w.n.Estimate(c.KaplanMeier, KindRate)
			if i := w.n.Interval(c.KaplanMeier, KindRate); i != "" {
				t += fmt.Sprintf(" (%s interval %s)", level(c.KaplanMeier), i)
			}
			t += " once all windows are closed"
		}
		s.addText(t + ".")
	}
	t := &Table{
		ID: "open-" + slug(f.Name), Caption: "Conversion from the first entry of each, by how open windows are read",
		Columns: []Column{textColumn("Reading"), w.n.estimateColumn("Rate", KindRate), countColumn("Of " + u.many), proseColumn("What it does")},
	}
	for _, r := range []struct {
		name string
		e    referral.Estimate
		what string
	}{
		{"As it stands", c.Naive, "counts every open window as lost: too low while windows are open"},
		{"Matured", c.Matured, "leaves out everybody whose window is open: right, but late"},
		{"Kaplan–Meier", c.KaplanMeier, "counts each for as long as they were seen: the one to quote"},
	} {
		of := Cell{CSV: []string{""}}
		if n, ok := wholeOf(r.e.Denominator); ok {
			of = w.n.countCell(n)
		}
		t.Rows = append(t.Rows, []Cell{text(r.name), w.n.estimateCell(r.e, KindRate), of, text(r.what)})
	}
	s.addTable(t)
	return nil
}

// timeBlocks says how long it takes: a sentence, the histogram and its table.
func (w *writer) timeBlocks(s *section, f *funnel.Result) error {
	last := f.Steps[len(f.Steps)-1].Persons
	total := int64(0)
	for _, b := range f.Histogram {
		total += b.Persons
	}
	half, nine := w.within(onCurve(f, f.VelocityConverting), last)
	if total == 0 && half.Sort == "" {
		return nil
	}
	s.Blocks = append(s.Blocks, block{Head: "How long does it take?", Anchor: funnelID(f, "time")})
	if total > 0 {
		if err := s.addChart(w.histogram(f, total).Option()); err != nil {
			return err
		}
	}
	t := ""
	if half.Sort != "" {
		t = "Of those who come through, half have done so within " + half.Text
		if nine.Sort != "" {
			t += " and nine in ten within " + nine.Text
		}
		t += "."
	}
	if h := f.Velocity["0.5"]; h != nil {
		t += " Half of all that enter have come through within " + w.n.Seconds(*h) + "."
	}
	s.addText(t)
	if total > 0 {
		s.addTable(w.histogramTable(f, total))
		if f.Censoring != nil && f.Censoring.OpenPersons > 0 {
			s.addNote("The columns hold those who have come through so far; while windows are open the late ones are still missing. The times in the sentence allow for that.")
		}
	}
	return nil
}

// histogram draws how many took how long.
func (w *writer) histogram(f *funnel.Result, total int64) chart.Columns {
	c := chart.Columns{
		ID: funnelID(f, "histogram"), Format: chart.Count, Tone: chart.Accent, XName: "time from the first step to the last; the classes grow wider",
		Label: "Columns: " + nounOf(f).many + " of " + f.Name + " by the time they took from the first step to the last. The table below holds the same numbers.",
	}
	for _, b := range f.Histogram {
		p := chart.Point{X: binText(b), Value: referral.Float(float64(b.Persons))}
		share := w.n.Percent(float64(b.Persons) / float64(total))
		p.Tip = binText(b) + "\n" + nounOf(f).count(w.n, b.Persons) + "\n" + share
		if total >= TooFew && b.Persons > 0 {
			p.Text = share
		}
		c.Points = append(c.Points, p)
	}
	return c
}

// histogramTable lists the classes.
func (w *writer) histogramTable(f *funnel.Result, total int64) *Table {
	t := &Table{
		ID: "times-" + slug(f.Name), Caption: "Time from the first step of " + f.Name + " to the last",
		Columns: []Column{
			{Head: "Time", CSV: []string{"from (seconds)", "to (seconds)"}},
			countColumn(title(nounOf(f).many)), shareColumn("Share"), shareColumn("Up to here"),
		},
	}
	sum := int64(0)
	for _, b := range f.Histogram {
		sum += b.Persons
		head := Cell{Text: binText(b), Sort: strconv.FormatInt(b.FromSeconds, 10), CSV: []string{strconv.FormatInt(b.FromSeconds, 10), ""}}
		if b.ToSeconds != nil {
			head.CSV[1] = strconv.FormatInt(*b.ToSeconds, 10)
		}
		t.Rows = append(t.Rows, []Cell{head, w.n.countCell(b.Persons), w.shareCell(b.Persons, total), w.shareCell(sum, total)})
	}
	return t
}

// shareColumn heads a column of shares of a whole.
func shareColumn(head string) Column {
	return Column{Head: head, Numeric: true, CSV: []string{snake(head) + " (fraction)"}}
}

// shareCell is a part of a whole that is not a rate to be estimated: it needs no interval.
func (w *writer) shareCell(part, whole int64) Cell {
	if whole <= 0 {
		return Cell{CSV: []string{""}}
	}
	v := float64(part) / float64(whole)
	return Cell{Text: w.n.Percent(v), Sort: raw(v), CSV: []string{raw(v)}, Title: w.n.Count(part) + " of " + w.n.Count(whole)}
}

// binText is the name of a class, kept on one line.
func binText(b funnel.Bin) string { return strings.ReplaceAll(b.String(), " ", nbsp) }

// trendBlocks shows the conversion by entry period.
func (w *writer) trendBlocks(s *section, f *funnel.Result) error {
	if len(f.Trend) < 2 {
		return nil
	}
	s.Blocks = append(s.Blocks, block{Head: "Is it getting better?", Anchor: funnelID(f, "trend")})
	if err := s.addChart(w.funnelTrend(f).Option()); err != nil {
		return err
	}
	s.addText(w.trendReading(f))
	s.addTable(w.trendTable(f))
	return nil
}

// funnelTrend draws the conversion rate by entry period.
func (w *writer) funnelTrend(f *funnel.Result) chart.Lines {
	l := chart.Line{Name: f.Name}
	for _, b := range f.Trend {
		p := chart.Point{X: b.Start, Incomplete: !b.Complete, Tip: b.Start + "\n" + w.n.Rate(b.Rate)}
		if d, ok := wholeOf(b.Rate.Denominator); !ok || d >= TooFew {
			p.Value, p.Lo, p.Hi = b.Rate.Value, b.Rate.Lo, b.Rate.Hi
		}
		if i := w.n.Interval(b.Rate, KindRate); i != "" {
			p.Tip += "\n" + i + " %"
		}
		if !b.Complete {
			p.Tip += "\n" + openText(b)
		}
		l.Points = append(l.Points, p)
	}
	return chart.Lines{
		ID: funnelID(f, "trend-chart"), Lines: []chart.Line{l}, Format: chart.Percent, FromZero: true, Max: trendTop(l),
		Label: "Line with interval band: conversion of " + f.Name + " by the period of entry; periods with open windows are marked as incomplete. The table below holds the same numbers.",
	}
}

// trendReading compares the last complete period with the one before it, and says where the line is
// not final.
func (w *writer) trendReading(f *funnel.Result) string {
	var done []funnel.Bucket
	for _, b := range f.Trend {
		if b.Complete {
			done = append(done, b)
		}
	}
	if len(done) == 0 {
		return "No period is complete yet: all rates can still rise."
	}
	last := done[len(done)-1]
	t := fmt.Sprintf("The last complete period, from %s, stands at %s", last.Start, w.rateText(last.Rate))
	if n := len(f.Trend) - len(done); n > 0 {
		t += fmt.Sprintf("; %s after it can only rise, because windows are open", periods(n))
	}
	return t + "."
}

func periods(n int) string {
	if n == 1 {
		return "1 period"
	}
	return strconv.Itoa(n) + " periods"
}

// trendTop ends the axis at a round share above the highest point, so that the wide interval of a
// small first period does not flatten all the others.
func trendTop(l chart.Line) float64 {
	var top float64
	for _, p := range l.Points {
		if p.Value != nil {
			top = max(top, *p.Value)
		}
	}
	for _, step := range []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.25} {
		if n := math.Ceil(top * 1.3 / step); n <= 5 {
			return min(1, n*step)
		}
	}
	return 1
}

// trendTable lists the periods, the latest first.
func (w *writer) trendTable(f *funnel.Result) *Table {
	t := &Table{
		ID: "trend-" + slug(f.Name), Caption: "Conversion of " + f.Name + " by entry period",
		Columns: []Column{textColumn("Entered from"), countColumn("Entered"), countColumn("Converted"), w.n.estimateColumn("Rate", KindRate), textColumn("Complete")},
	}
	for _, b := range slices.Backward(f.Trend) {
		complete := text("yes")
		if !b.Complete {
			complete = text(openText(b))
		}
		t.Rows = append(t.Rows, []Cell{text(b.Start), w.n.countCell(b.Entered), w.n.countCell(b.Converted), w.n.estimateCell(b.Rate, KindRate), complete})
	}
	return t
}

// openText says why a period is not complete.
func openText(b funnel.Bucket) string {
	if b.Reason == funnel.ReasonNoWindow {
		return "never: no window"
	}
	return "windows open"
}
