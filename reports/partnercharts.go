package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vouch/partners"
	"vouch/referral"
	"vouch/reports/chart"
)

// mapSection places each partner by what a customer costs and brings.
func (w *writer) mapSection() (section, error) {
	s := section{ID: "map", Question: "Which partners pay for themselves?"}
	b := chart.Bubbles{
		ID: "partner-map", XName: "cost per customer (log scale)", YName: "value per customer to date", Currency: w.n.Currency,
		Decimals: w.n.decimals(), Slopes: []chart.Slope{{Times: 1, Text: "breaks even"}, {Times: 3, Text: "3× cost"}},
		Label: "Map of partners: cost per customer across on a log scale, value per customer up, the area of a bubble is the number of customers. The partner table holds the same numbers.",
	}
	var above, placed int
	rows := slices.Clone(w.b.Partners.Partners)
	slices.SortStableFunc(rows, func(x, y partners.Row) int { return cmp.Compare(y.Acquisitions, x.Acquisitions) })
	f := w.partnerFunnel()
	groups := partnerGroups(f)
	for _, r := range rows {
		if r.PartnerID == "" || !r.CPA.Known() || !r.LTV.Known() || *r.CPA.Value <= 0 {
			continue
		}
		placed++
		if *r.LTV.Value > *r.CPA.Value {
			above++
		}
		b.Bubbles = append(b.Bubbles, chart.Bubble{
			Name: displayName(r), X: *r.CPA.Value, Y: *r.LTV.Value,
			Size: float64(r.Acquisitions) / referral.MicroScale, Tone: actionTones[r.Action], Labelled: true, Tip: w.partnerTip(r),
		})
		if g := groups[r.PartnerID]; g != nil {
			b.Bubbles[len(b.Bubbles)-1].Tip += "\n" + nounOf(f).count(w.n, g.Steps[0].Persons) + " entered " + f.Name + w.convertTip(g)
		}
	}
	if placed == 0 {
		s.addText("No partner has both a cost and customers yet.")
		return s, nil
	}
	if err := s.addChart(b.Option()); err != nil {
		return s, err
	}
	t := fmt.Sprintf("%s of %s partners with cost and customers lie above break-even", w.n.Count(int64(above)), w.n.Count(int64(placed)))
	if out := len(rows) - placed; out > 0 {
		t += fmt.Sprintf("; %s rows without a cost or without a customer have no place on the map", w.n.Count(int64(out)))
	}
	s.Blocks = append(s.Blocks, block{Key: []keyItem{{"better", "grow"}, {"warn", "fix"}, {"neutral", "watch"}, {"worse", "end"}}})
	s.addText(t + ". " + w.concentration())
	return s, nil
}

// concentration says how much of the customers the largest partners bring.
func (w *writer) concentration() string {
	var ns []int64
	var total int64
	for _, r := range w.b.Partners.Partners {
		if r.PartnerID != "" {
			ns = append(ns, int64(r.Acquisitions))
			total += int64(r.Acquisitions)
		}
	}
	if len(ns) < 5 || total <= 0 {
		return ""
	}
	slices.SortFunc(ns, func(a, b int64) int { return cmp.Compare(b, a) })
	var top int64
	k := max(1, len(ns)/5)
	for _, n := range ns[:k] {
		top += n
	}
	return fmt.Sprintf("The largest %s of %s partners bring %s of their customers.", w.n.Count(int64(k)), w.n.Count(int64(len(ns))), w.n.Percent(float64(top)/float64(total)))
}

// partnerTip is what the map and the bars show on hover.
func (w *writer) partnerTip(r partners.Row) string {
	lines := []string{displayName(r), w.n.Micro(int64(r.Acquisitions)) + " customers"}
	for _, e := range []struct {
		name string
		e    referral.Estimate
		k    Kind
	}{{"cost per customer", r.CPA, KindMoney}, {"value per customer", r.LTV, KindMoney}, {"value over cost", r.LTVToCAC, KindRatio}, {"return", r.ROI, KindLift}} {
		t := e.name + ": " + w.n.Estimate(e.e, e.k)
		if i := w.n.Interval(e.e, e.k); i != "" {
			t += " (" + i + ")"
		}
		lines = append(lines, t)
	}
	return strings.Join(lines, "\n")
}

// maxBars is how many partners a bar chart shows; the table has all.
const maxBars = 12

// costSection compares what a customer costs at the largest partners.
func (w *writer) costSection() (section, error) {
	s := section{ID: "cost", Question: "What does a customer cost?"}
	b := chart.Bars{
		ID: "partner-cpa", Format: chart.Money, Currency: w.n.Currency, Decimals: w.n.decimals(),
		Label: "Bars with intervals: cost per customer of the partners with most customers. The partner table holds the same numbers.",
	}
	rows := slices.Clone(w.b.Partners.Partners)
	slices.SortStableFunc(rows, func(x, y partners.Row) int { return cmp.Compare(y.Acquisitions, x.Acquisitions) })
	for _, r := range rows {
		if len(b.Rows) == maxBars || r.PartnerID == "" || !r.CPA.Known() || r.Acquisitions < TooFew*referral.MicroScale {
			continue
		}
		b.Rows = append(b.Rows, chart.Row{
			Name: displayName(r), Value: r.CPA.Value, Lo: r.CPA.Lo, Hi: r.CPA.Hi, Text: w.n.Money(*r.CPA.Value),
			Tip: w.partnerTip(r), Tone: actionTones[r.Action],
		})
	}
	if len(b.Rows) == 0 {
		return s, nil
	}
	slices.SortStableFunc(b.Rows, func(x, y chart.Row) int { return cmp.Compare(*x.Value, *y.Value) })
	t := w.b.Partners.Headline()
	if t.CPA.Known() {
		b.Line, b.LineText = t.CPA.Value, "programme "+w.n.Money(*t.CPA.Value)
	}
	if err := s.addChart(b.Option()); err != nil {
		return s, err
	}
	first, last := b.Rows[0], b.Rows[len(b.Rows)-1]
	s.addText(fmt.Sprintf("Among the %d partners with most customers one costs %s at %s and %s at %s; whiskers are %s intervals.", len(b.Rows), first.Text, inText(first.Name),
		last.Text, inText(last.Name), level(t.CPA)))
	return s, nil
}
