package reports

import (
	"fmt"
	"strings"

	"vouch/funnel"
	"vouch/referral"
)

// funnels builds the page of all funnels.
func (w *writer) funnels() (*page, error) {
	from, to := "", ""
	if len(w.b.Funnels) > 0 {
		from, to = w.b.Funnels[0].From, w.b.Funnels[0].To
	}
	p := w.newPage("funnels", "Funnels", from, to)
	p.Lead = "No funnel is defined: add one under funnels in vouch.yaml."
	if len(w.b.Funnels) > 1 {
		p.add(w.funnelList())
	}
	var keys []string
	for i := range w.b.Funnels {
		f := &w.b.Funnels[i]
		if i == 0 {
			p.Lead = w.funnelLead(f)
			for _, x := range w.funnelFigures(f) {
				p.addFigure(x, w.n.Currency)
			}
		}
		found := findingViews("#"+funnelID(f), w.pretty(f.Findings))
		for j := range found {
			if len(w.b.Funnels) > 1 && found[j].Subject != f.Name {
				found[j].Subject = f.Name + ", " + found[j].Subject
			}
		}
		p.Findings = append(p.Findings, found...)
		s, err := w.funnelSection(f, i > 0)
		if err != nil {
			return nil, err
		}
		p.add(s)
		keys = append(keys, "funnel/"+f.Name)
	}
	p.Method = w.method(funnelMethod, nil, keys...)
	return p, nil
}

// funnelMethod says how the numbers of the page come about.
var funnelMethod = []string{
	"A person, or whatever the funnel counts, enters with the first step and counts at a later step when its event follows the ones before it by the readings in force, " +
		"within the window. Rates have Wilson intervals. Those whose window is still open count as not converted in the plain rate; " +
		"the matured rate leaves them out and the Kaplan–Meier rate uses how long each was seen. Both start the clock at the first entry of each.",
	"The rest of a group is everybody who entered, but not under its value; on both sides it counts who came through under any value. The difference to it has Newcombe's interval. " +
		"A group stands above or below the rest when its p-value, adjusted by Benjamini and Hochberg over all groups, is at most one less the confidence (0.05 at 95 %); else the data do not tell. " +
		"The expected rate pulls a group towards the others by as much as it is small (empirical Bayes): it is what to expect of the group next.",
	"Times are read off the Kaplan–Meier curve at the shares of those who convert within the window, because the plain mean of those who have converted is too short while windows are open. " +
		"Money is that of the events that served the step; costs are those of the entry period.",
}

// funnelID is the anchor of a funnel's section; with a part, of that part.
func funnelID(f *funnel.Result, part ...string) string {
	id := "funnel-" + slug(f.Name)
	for _, p := range part {
		id += "-" + p
	}
	return id
}

// funnelLead is one sentence: how many came through, and where most were lost.
func (w *writer) funnelLead(f *funnel.Result) string {
	if f.Persons == 0 || len(f.Steps) == 0 {
		return "Nobody entered " + f.Name + " yet."
	}
	u, last := nounOf(f), f.Steps[len(f.Steps)-1]
	s := fmt.Sprintf("Of %s %s entered %s, %s reached %s", u.count(w.n, f.Persons), u.who, f.Name, w.n.Count(last.Persons), last.Name)
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

// funnelFigures are the key figures of the first funnel.
func (w *writer) funnelFigures(f *funnel.Result) []figure {
	if f.Persons == 0 || len(f.Steps) < 2 {
		return nil
	}
	u, last := nounOf(f), f.Steps[len(f.Steps)-1]
	out := []figure{{Name: "Entered", Value: w.n.Count(f.Persons), Sub: u.many, Link: "#" + funnelID(f)}}
	conversion := figure{Name: "Conversion", Link: "#" + funnelID(f), Spark: completeRates(f.Trend)}
	e, how := conversionOf(f)
	conversion.Value, conversion.Sub = w.n.Estimate(e, KindRate), strings.TrimSpace(w.n.Interval(e, KindRate)+" "+how)
	out = append(out, conversion)
	if half, nine := w.within(onCurve(f, f.VelocityConverting), last.Persons); half.Text != "" && f.VelocityConverting != nil {
		x := figure{Name: "Time to convert", Value: half.Text, Sub: "half of them", Link: "#" + funnelID(f, "time")}
		if nine.Sort != "" {
			x.Sub += "; nine in ten: " + nine.Text
		}
		out = append(out, x)
	}
	if f.Censoring != nil && f.Censoring.OpenPersons > 0 {
		out = append(out, figure{
			Name: "Still have time", Value: w.n.Count(f.Censoring.OpenPersons), Link: "#" + funnelID(f, "open"),
			Sub: w.n.Percent(float64(f.Censoring.OpenPersons)/float64(f.Persons)) + " of all",
		})
	}
	if last.AmountMinor != nil && *last.AmountMinor != 0 {
		out = append(out, figure{Name: "Revenue at " + last.Name, Value: w.n.Money(float64(*last.AmountMinor)), Link: "#" + funnelID(f)})
	}
	if c := last.CostPerPerson; c != nil && c.Known() {
		out = append(out, figure{Name: "Cost per " + last.Name, Value: w.n.Estimate(*c, KindMoney), Sub: w.n.Interval(*c, KindMoney), Link: "#" + funnelID(f)})
	}
	return out
}

// conversionOf is the rate to quote, with how it was read: by Kaplan and Meier where windows may be
// open, else the plain one.
func conversionOf(f *funnel.Result) (referral.Estimate, string) {
	if c := f.Censoring; c != nil && c.KaplanMeier.Known() {
		return c.KaplanMeier, "by Kaplan–Meier"
	}
	if e := f.Steps[len(f.Steps)-1].FromFirst; e != nil {
		return *e, "so far"
	}
	return referral.Estimate{}, ""
}

// completeRates are the last thirteen complete periods, for a sparkline.
func completeRates(trend []funnel.Bucket) []*float64 {
	var out []*float64
	for _, b := range trend {
		if b.Complete {
			out = append(out, b.Rate.Value)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out[max(0, len(out)-13):]
}

// funnelList sets all funnels side by side, each with a link to its section.
func (w *writer) funnelList() section {
	s := section{ID: "all", Question: "Which way do most come through?"}
	t := &Table{ID: "funnels", Caption: "All funnels", Columns: []Column{
		textColumn("Funnel"), textColumn("Counts"), countColumn("Entered"), countColumn("Came through"), w.n.estimateColumn("Rate", KindRate),
		w.n.estimateColumn("Kaplan–Meier", KindRate), secondsColumn("Half within"), textColumn("Largest loss before"),
	}}
	for i := range w.b.Funnels {
		f := &w.b.Funnels[i]
		link := text(f.Name)
		link.Link = "#" + funnelID(f)
		row := []Cell{link, text(nounOf(f).many), w.n.countCell(f.Persons)}
		if len(f.Steps) == 0 {
			t.Rows = append(t.Rows, append(row, w.n.countCell(0), w.optional(nil, KindRate), w.optional(nil, KindRate), Cell{CSV: []string{""}}, text("")))
			continue
		}
		last := f.Steps[len(f.Steps)-1]
		half, _ := w.within(onCurve(f, f.VelocityConverting), last.Persons)
		km := w.optional(nil, KindRate)
		if f.Censoring != nil {
			km = w.n.estimateCell(f.Censoring.KaplanMeier, KindRate)
		}
		loss := text("")
		if i := widest(f.Steps); i > 0 {
			loss = text(f.Steps[i].Name)
		}
		t.Rows = append(t.Rows, append(row, w.n.countCell(last.Persons), w.optional(last.FromFirst, KindRate), km, half, loss))
	}
	s.addTable(t)
	return s
}

// funnelSection shows one funnel with everything that is known of it. Where it has its own lead, that
// is not the lead of the page.
func (w *writer) funnelSection(f *funnel.Result, lead bool) (section, error) {
	s := section{ID: funnelID(f), Question: "Where does " + f.Name + " lose " + nounOf(f).people() + "?"}
	if f.Persons == 0 || len(f.Steps) == 0 {
		s.Question = "Why did nobody enter " + f.Name + "?"
		s.addText("Nobody entered this funnel: there is nothing to draw. What the data say about it:")
		s.Blocks = append(s.Blocks, block{Findings: findingViews("", w.pretty(f.Findings))})
		w.readings(&s, f)
		return s, nil
	}
	if lead {
		s.addText(w.funnelLead(f))
	}
	for _, part := range []func(*section, *funnel.Result) error{
		w.stepBlocks, w.openBlocks, w.timeBlocks, w.flowBlocks, w.trendBlocks, w.groupBlocks,
	} {
		if err := part(&s, f); err != nil {
			return s, err
		}
	}
	w.readings(&s, f)
	return s, nil
}
