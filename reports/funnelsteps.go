package reports

import (
	"fmt"
	"slices"
	"strconv"

	"vouch/funnel"
	"vouch/referral"
	"vouch/reports/chart"
)

// before returns the index of the required step before step i, which rates and losses of i refer to.
func before(steps []funnel.StepResult, i int) int {
	for i--; i > 0 && steps[i].Optional; i-- {
	}
	return i
}

// widest returns the required step before which most are lost, or 0 when nobody is.
func widest(steps []funnel.StepResult) int {
	at, most := 0, int64(0)
	for i := 1; i < len(steps); i++ {
		if steps[i].Optional {
			continue
		}
		if lost := steps[before(steps, i)].Persons - steps[i].Persons; lost > most {
			at, most = i, lost
		}
	}
	return at
}

// stepBlocks shows the steps: bars, the sentence, the table and what was spent.
func (w *writer) stepBlocks(s *section, f *funnel.Result) error {
	if err := s.addChart(w.funnelBars(f, funnelID(f, "steps")).Option()); err != nil {
		return err
	}
	s.addText(w.funnelReading(f))
	s.addTable(w.stepTable(f))
	s.addNote(w.costNote(f))
	return nil
}

// funnelBars draws the steps with their intervals.
func (w *writer) funnelBars(f *funnel.Result, id string) chart.Bars {
	u := nounOf(f)
	b := chart.Bars{
		ID: id, Format: chart.Count, Track: true,
		Label: fmt.Sprintf("Bars with intervals: %s at each of the %d steps of %s. The table below holds the same numbers.", u.many, len(f.Steps), f.Name),
	}
	for _, st := range f.Steps {
		v := float64(st.Persons)
		row := chart.Row{Name: st.Name, Value: &v, Text: w.n.Count(st.Persons), Tip: st.Name + "\n" + u.count(w.n, st.Persons), Tone: chart.Accent}
		if st.Optional {
			row.Tone = chart.Neutral
			row.Tip += "\noptional: counted, never needed"
		}
		if e := st.FromFirst; e != nil {
			row.Text += "  " + w.n.Estimate(*e, KindRate)
			row.Tip += "\nfrom the first step: " + w.rateText(*e)
			if e.Lo != nil && e.Hi != nil && f.Persons >= TooFew {
				row.Lo, row.Hi = referral.Float(*e.Lo*float64(f.Persons)), referral.Float(*e.Hi*float64(f.Persons))
			}
		}
		if st.FromPrevious != nil {
			row.Tip += "\nfrom the step before: " + w.rateText(*st.FromPrevious)
		}
		if st.AmountMinor != nil && *st.AmountMinor != 0 {
			row.Tip += "\n" + w.n.Exact(*st.AmountMinor)
		}
		b.Rows = append(b.Rows, row)
	}
	return b
}

// rateText is a rate with its cases and its interval.
func (w *writer) rateText(e referral.Estimate) string {
	t := w.n.Rate(e)
	if i := w.n.Interval(e, KindRate); i != "" {
		t += ", " + i + nbsp + "%"
	}
	return t
}

// funnelReading is the sentence that reads the chart: the widest loss, and what the best quarter of
// the groups does at that step.
func (w *writer) funnelReading(f *funnel.Result) string {
	i := widest(f.Steps)
	if i == 0 {
		return "All that entered came through."
	}
	from, here := f.Steps[before(f.Steps, i)], f.Steps[i]
	t := fmt.Sprintf("Most are lost between %s and %s: %s of %s do not go on.", from.Name, here.Name,
		w.n.Count(from.Persons-here.Persons), nounOf(f).count(w.n, from.Persons))
	if best, ok := bestQuarter(f.Groups, i); ok && from.Persons > 0 {
		overall := float64(here.Persons) / float64(from.Persons)
		if gain := (best - overall) * float64(from.Persons); gain >= 1 {
			t += fmt.Sprintf(" In the best quarter of %s %s go on; at that rate %s more would.", byName(f.By),
				w.n.Percent(best), w.n.Count(int64(gain)))
		}
	}
	return t
}

// bestQuarter pools the quarter of the groups with the highest rate at step i. Groups with fewer
// than TooFew at the step before are left out; fewer than four groups have no quarter.
func bestQuarter(groups []funnel.Group, i int) (float64, bool) {
	type pair struct{ here, before int64 }
	var ps []pair
	for _, g := range groups {
		if i >= len(g.Steps) || g.Key == "" {
			continue
		}
		if n := g.Steps[before(g.Steps, i)].Persons; n >= TooFew {
			ps = append(ps, pair{g.Steps[i].Persons, n})
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
	var here, all int64
	for _, p := range ps[:len(ps)/4] {
		here, all = here+p.here, all+p.before
	}
	return float64(here) / float64(all), true
}

// stepTable lists the steps. Columns of which nothing is known are left out.
func (w *writer) stepTable(f *funnel.Result) *Table {
	u := nounOf(f)
	t := &Table{
		ID: "steps-" + slug(f.Name), Caption: "Steps of " + f.Name + windowText(f.Window),
		Columns: []Column{
			textColumn("Step"), countColumn(title(u.many)), w.n.estimateColumn("From previous", KindRate),
			w.n.estimateColumn("From first", KindRate), countColumn("Lost before"), w.n.moneyColumn("Revenue"),
			w.n.estimateColumn("Cost per "+u.one, KindMoney), w.n.estimateColumn("Paid out per "+u.one, KindMoney), secondsColumn("Half within"), secondsColumn("9 in 10 within"),
		},
	}
	for i, st := range f.Steps {
		lost := Cell{CSV: []string{""}}
		if i > 0 && !st.Optional {
			lost = w.n.countCell(f.Steps[before(f.Steps, i)].Persons - st.Persons)
		}
		head := text(st.Name)
		if st.Optional {
			head.Sub = "optional"
		}
		half, nine := w.within(onCurve(f, st.VelocityConverting), st.Persons)
		t.Rows = append(t.Rows, []Cell{
			head, w.n.countCell(st.Persons), w.optional(st.FromPrevious, KindRate), w.optional(st.FromFirst, KindRate), lost, w.n.amountCell(st.AmountMinor),
			w.costCell(st.CostPerPerson), w.costCell(st.PayoutPerPerson), half, nine,
		})
	}
	return t.withoutBlanks()
}

// costNote says what was spent to bring the entrants in.
func (w *writer) costNote(f *funnel.Result) string {
	c := f.Cost
	switch {
	case c == nil:
		return ""
	case c.CostMinor == nil:
		return "What the entrants cost is not known: " + Reason(c.Reason) + "."
	}
	t := fmt.Sprintf("Cost is all that was spent from %s to %s: %s", c.From, c.To, w.n.Exact(*c.CostMinor))
	if c.PayoutMinor != nil {
		t += ", of which " + w.n.Exact(*c.PayoutMinor) + " was paid out as commission, bonus or reward"
	}
	return t + "."
}

// optional makes a cell of an estimate that has no meaning in this row: the first step has no rate.
func (w *writer) optional(e *referral.Estimate, k Kind) Cell {
	if e == nil {
		return Cell{CSV: []string{"", "", "", "", "", ""}}
	}
	return w.n.estimateCell(*e, k)
}

// costCell makes a cell of what each who got there cost; where nobody did, of the least it can be.
func (w *writer) costCell(e *referral.Estimate) Cell {
	c := w.optional(e, KindMoney)
	if e != nil && !e.Known() && e.Reason == referral.ReasonNoEntrants {
		c.Text = "nobody got there"
		if e.Lo != nil {
			c.Text = "at least " + w.n.bound(*e.Lo, KindMoney)
		}
	}
	return c
}

// secondsColumn heads a column of durations: in words on the page, in seconds in the file.
func secondsColumn(head string) Column {
	return Column{Head: head, Numeric: true, CSV: []string{snake(head) + " (seconds)"}}
}

// onCurve is a funnel's or a group's times. Where the options leave the Kaplan–Meier curve no meaning there are none to come,
// and "not observed yet" would promise them.
func onCurve(f *funnel.Result, q funnel.Quantiles) funnel.Quantiles {
	if f.Censoring == nil {
		return nil
	}
	return q
}

// within makes the cells of the times by which half and nine in ten of those who arrive have arrived;
// n is how many have so far. Fewer than TooFew say nothing about how long it takes.
func (w *writer) within(q funnel.Quantiles, n int64) (half, nine Cell) {
	cell := func(key string) Cell {
		v, asked := q[key]
		switch {
		case !asked:
			return Cell{CSV: []string{""}}
		case v == nil && n < TooFew:
			return Cell{Text: few(n), Tone: "absent", CSV: []string{""}}
		case v == nil:
			return Cell{Text: Reason(referral.ReasonNotYet), Tone: "absent", CSV: []string{""}}
		case n < TooFew:
			return Cell{Text: few(n), Tone: "absent", CSV: []string{raw(*v)}}
		}
		return Cell{Text: w.n.Seconds(*v), Sort: raw(*v), CSV: []string{raw(*v)}}
	}
	return cell("0.5"), cell("0.9")
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
