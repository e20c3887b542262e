package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"vouch/funnel"
	"vouch/referral"
	"vouch/reports/chart"
)

// funnels builds the page of all funnels.
func (w *writer) funnels() (*page, error) {
	from, to := "", ""
	if len(w.b.Funnels) > 0 {
		from, to = w.b.Funnels[0].From, w.b.Funnels[0].To
	}
	p := w.newPage("funnels", "Funnels", from, to)
	p.Lead = "No funnel is defined: add one under funnels in vouch.yaml."
	var keys []string
	for i := range w.b.Funnels {
		f := &w.b.Funnels[i]
		if i == 0 {
			p.Lead = w.funnelLead(f)
		}
		p.Findings = append(p.Findings, findingViews("#funnel-"+slug(f.Name), f.Findings)...)
		s, err := w.funnelSection(f, "Where does "+f.Name+" lose people?")
		if err != nil {
			return nil, err
		}
		p.add(s)
		keys = append(keys, "funnel/"+f.Name)
	}
	p.Method = w.method([]string{
		"A person enters with the first step and counts at a later step when its event follows the ones before it, in order, within the window. " +
			"Rates are of persons, with Wilson intervals. Persons whose window is still open count as not converted in the plain rate; " +
			"the matured rate leaves them out and the Kaplan–Meier rate uses how long each was seen.",
	}, funnelOptions(w.b.Funnels), keys...)
	return p, nil
}

// funnelOptions lists the readings in force.
func funnelOptions(fs []funnel.Result) [][2]string {
	var out [][2]string
	for _, f := range fs {
		for _, k := range sortedKeys(f.Options) {
			out = append(out, [2]string{f.Name + ": " + k, f.Options[k]})
		}
	}
	return out
}

// funnelLead is one sentence: how many came through, and where most were lost.
func (w *writer) funnelLead(f *funnel.Result) string {
	if f.Persons == 0 || len(f.Steps) == 0 {
		return "Nobody entered " + f.Name + " yet."
	}
	last := f.Steps[len(f.Steps)-1]
	s := fmt.Sprintf("Of %s persons who entered %s, %s reached %s", w.n.Count(f.Persons), f.Name, w.n.Count(last.Persons), last.Name)
	if last.FromFirst != nil && last.FromFirst.Known() && f.Persons >= TooFew {
		s += ": " + w.n.Estimate(*last.FromFirst, KindRate)
		if i := w.n.Interval(*last.FromFirst, KindRate); i != "" {
			s += fmt.Sprintf(" (%s interval %s)", level(*last.FromFirst), i)
		}
	}
	if i := widest(f.Steps); i > 0 {
		s += fmt.Sprintf("; the largest loss is before %s", f.Steps[i].Name)
	}
	return s + "."
}

// widest returns the step before which most persons are lost, or 0 when nobody is.
func widest(steps []funnel.StepResult) int {
	at, most := 0, int64(0)
	for i := 1; i < len(steps); i++ {
		if lost := steps[i-1].Persons - steps[i].Persons; lost > most {
			at, most = i, lost
		}
	}
	return at
}

// funnelSection shows one funnel: bars, the sentence, steps, censoring, groups and the trend.
func (w *writer) funnelSection(f *funnel.Result, question string) (section, error) {
	id := slug(f.Name)
	s := section{ID: "funnel-" + id, Question: question}
	if f.Persons == 0 {
		s.addText("Nobody entered this funnel in the period.")
		return s, nil
	}
	if err := s.addChart(w.funnelBars(f, "funnel-"+id+"-steps").Option()); err != nil {
		return s, err
	}
	s.addText(w.funnelReading(f))
	s.addTable(w.stepTable(f))
	if f.Censoring != nil && f.Censoring.OpenPersons > 0 {
		s.Blocks = append(s.Blocks, block{Note: fmt.Sprintf("%s windows are still open: of all %s, of matured entrants only %s, Kaplan–Meier %s.",
			w.n.Count(f.Censoring.OpenPersons), w.n.Estimate(f.Censoring.Naive, KindRate), w.n.Estimate(f.Censoring.Matured, KindRate),
			w.n.Estimate(f.Censoring.KaplanMeier, KindRate))})
	}
	if half := f.Velocity["0.5"]; half != nil {
		t := "Half of all who enter have converted within " + w.n.Seconds(*half)
		if nine := f.Velocity["0.9"]; nine != nil {
			t += ", nine in ten within " + w.n.Seconds(*nine)
		}
		s.Blocks = append(s.Blocks, block{Note: t + "."})
	}
	if len(f.Trend) > 1 {
		s.Blocks = append(s.Blocks, block{Head: "Is it getting better?"})
		if err := s.addChart(w.funnelTrend(f, "funnel-"+id+"-trend").Option()); err != nil {
			return s, err
		}
		s.addTable(w.trendTable(f))
	}
	if len(f.Groups) > 0 {
		s.Blocks = append(s.Blocks, block{Head: "Who brings people through?"})
		s.addTable(w.groupTable(f))
	}
	return s, nil
}

// funnelBars draws the steps.
func (w *writer) funnelBars(f *funnel.Result, id string) chart.Bars {
	b := chart.Bars{
		ID: id, Format: chart.Count, Track: true,
		Label: fmt.Sprintf("Bars: persons at each of the %d steps of %s. The table below holds the same numbers.", len(f.Steps), f.Name),
	}
	for _, st := range f.Steps {
		v := float64(st.Persons)
		text := w.n.Count(st.Persons)
		tip := st.Name + "\n" + w.n.Count(st.Persons) + " persons"
		if st.FromFirst != nil {
			text += "  " + w.n.Estimate(*st.FromFirst, KindRate)
			tip += "\nfrom the first step: " + w.n.Rate(*st.FromFirst)
		}
		if st.FromPrevious != nil {
			tip += "\nfrom the step before: " + w.n.Rate(*st.FromPrevious)
		}
		if st.AmountMinor != nil && *st.AmountMinor != 0 {
			tip += "\n" + w.n.Exact(*st.AmountMinor)
		}
		b.Rows = append(b.Rows, chart.Row{Name: st.Name, Value: &v, Text: text, Tip: tip, Tone: chart.Accent})
	}
	return b
}

// funnelReading is the sentence that reads the chart: the widest loss, and what the best quarter of
// the groups does at that step.
func (w *writer) funnelReading(f *funnel.Result) string {
	i := widest(f.Steps)
	if i == 0 {
		return "Everybody who entered came through."
	}
	before, here := f.Steps[i-1], f.Steps[i]
	t := fmt.Sprintf("Most people are lost between %s and %s: %s of %s do not go on.", before.Name, here.Name,
		w.n.Count(before.Persons-here.Persons), w.n.Count(before.Persons))
	if best, ok := bestQuarter(f.Groups, i); ok && before.Persons > 0 {
		overall := float64(here.Persons) / float64(before.Persons)
		if gain := (best - overall) * float64(before.Persons); gain >= 1 {
			t += fmt.Sprintf(" In the best quarter of %s %s go on; at that rate %s more persons would.", byName(f.By),
				w.n.Percent(best), w.n.Count(int64(gain)))
		}
	}
	return t
}

// bestQuarter pools the quarter of the groups with the highest rate at step i. Groups with fewer
// than TooFew persons at the step before are left out; fewer than four groups have no quarter.
func bestQuarter(groups []funnel.Group, i int) (float64, bool) {
	type pair struct{ here, before int64 }
	var ps []pair
	for _, g := range groups {
		if i < len(g.Steps) && g.Steps[i-1].Persons >= TooFew && g.Key != "" {
			ps = append(ps, pair{g.Steps[i].Persons, g.Steps[i-1].Persons})
		}
	}
	if len(ps) < 4 {
		return 0, false
	}
	slices.SortStableFunc(ps, func(a, b pair) int {
		l, r := a.here*b.before, b.here*a.before
		switch {
		case l > r:
			return -1
		case l < r:
			return 1
		}
		return 0
	})
	var here, before int64
	for _, p := range ps[:len(ps)/4] {
		here, before = here+p.here, before+p.before
	}
	return float64(here) / float64(before), true
}

// stepTable lists the steps.
func (w *writer) stepTable(f *funnel.Result) *Table {
	t := &Table{
		ID: "steps-" + slug(f.Name), Caption: "Steps of " + f.Name + windowText(f.Window),
		Columns: []Column{
			textColumn("Step"), countColumn("Persons"), w.n.estimateColumn("From previous", KindRate),
			w.n.estimateColumn("From first", KindRate), countColumn("Lost before"), w.n.moneyColumn("Amount"),
		},
	}
	for i, st := range f.Steps {
		lost := Cell{CSV: []string{""}}
		if i > 0 {
			lost = w.n.countCell(f.Steps[i-1].Persons - st.Persons)
		}
		t.Rows = append(t.Rows, []Cell{
			text(st.Name), w.n.countCell(st.Persons), w.optional(st.FromPrevious, KindRate),
			w.optional(st.FromFirst, KindRate), lost, w.n.amountCell(st.AmountMinor),
		})
	}
	return t
}

// optional makes a cell of an estimate that has no meaning in this row: the first step has no rate.
func (w *writer) optional(e *referral.Estimate, k Kind) Cell {
	if e == nil {
		return Cell{CSV: []string{"", "", "", "", "", ""}}
	}
	return w.n.estimateCell(*e, k)
}

// groupTable compares the groups by their rate to the last step.
func (w *writer) groupTable(f *funnel.Result) *Table {
	t := &Table{ID: "groups-" + slug(f.Name), Caption: f.Name + " by " + byName(f.By) + windowText(f.Window), Columns: []Column{textColumn(title(byName(f.By)))}}
	for _, st := range f.Steps {
		t.Columns = append(t.Columns, countColumn(st.Name))
	}
	t.Columns = append(t.Columns, w.n.estimateColumn("Through", KindRate), w.n.moneyColumn("Amount"))
	names := w.partnerNames()
	for _, g := range f.Groups {
		row := []Cell{w.keyCell(f.By, g.Key, names)}
		for _, st := range g.Steps {
			row = append(row, w.n.countCell(st.Persons))
		}
		through := Cell{CSV: []string{"", "", "", "", "", ""}}
		var amount *int64
		if len(g.Steps) > 0 {
			last := g.Steps[len(g.Steps)-1]
			through, amount = w.optional(last.FromFirst, KindRate), last.AmountMinor
		}
		t.Rows = append(t.Rows, append(row, through, w.n.amountCell(amount)))
	}
	return t
}

// funnelTrend draws the conversion rate by entry period.
func (w *writer) funnelTrend(f *funnel.Result, id string) chart.Lines {
	l := chart.Line{Name: f.Name}
	for _, b := range f.Trend {
		p := chart.Point{X: b.Start, Incomplete: !b.Complete, Tip: b.Start + "\n" + w.n.Rate(b.Rate)}
		if d, ok := wholeOf(b.Rate.Denominator); !ok || d >= TooFew {
			p.Value, p.Lo, p.Hi = b.Rate.Value, b.Rate.Lo, b.Rate.Hi
		}
		if i := w.n.Interval(b.Rate, KindRate); i != "" {
			p.Tip += "\n" + i + " %"
		}
		l.Points = append(l.Points, p)
	}
	return chart.Lines{
		ID: id, Lines: []chart.Line{l}, Format: chart.Percent, FromZero: true, Max: trendTop(l),
		Label: "Line with interval band: conversion of " + f.Name + " by the period people entered in; periods with open windows are marked as incomplete.",
	}
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

// trendTable lists the periods.
func (w *writer) trendTable(f *funnel.Result) *Table {
	t := &Table{
		ID: "trend-" + slug(f.Name), Caption: "Conversion of " + f.Name + " by entry period",
		Columns: []Column{textColumn("Entered from"), countColumn("Entered"), countColumn("Converted"), w.n.estimateColumn("Rate", KindRate), textColumn("Complete")},
	}
	for _, b := range f.Trend {
		complete := text("yes")
		if !b.Complete {
			complete = text("windows open")
		}
		t.Rows = append(t.Rows, []Cell{text(b.Start), w.n.countCell(b.Entered), w.n.countCell(b.Converted), w.n.estimateCell(b.Rate, KindRate), complete})
	}
	return t
}

// windowText says the window of a funnel.
func windowText(window string) string {
	if window == "" {
		return ", no time limit"
	}
	return ", window " + window
}

// level writes the confidence of an estimate: "95 %".
func level(e referral.Estimate) string {
	return strconv.FormatFloat(e.Confidence*100, 'f', -1, 64) + nbsp + "%"
}
