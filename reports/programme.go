package reports

import (
	"slices"
	"strings"

	"vouch/referral"
	"vouch/reports/chart"
)

// programmeFunnel shows the funnel of the programme with its money: the one by partner, else the first.
func (w *writer) programmeFunnel() (section, error) {
	s := section{ID: "funnel", Question: "Where do people get lost on the way?"}
	if len(w.b.Funnels) == 0 {
		return s, nil
	}
	f := w.partnerFunnel()
	if f == nil {
		f = &w.b.Funnels[0]
	}
	if f.Persons == 0 || len(f.Steps) == 0 {
		s.addText(w.funnelLead(f))
	} else if err := w.stepBlocks(&s, f); err != nil {
		return s, err
	}
	s.addLink("funnels.html#"+funnelID(f), "All of the funnel "+f.Name)
	return s, nil
}

// paybackSection shows the value curve of the first cohort analysis against the cost of a customer.
func (w *writer) paybackSection() (section, error) {
	if len(w.b.Cohorts) == 0 {
		return section{}, nil
	}
	p := w.b.Partners.Headline().PaybackMonths
	t := "Over the whole programme a customer's contribution reaches the cost per customer after " + w.n.Estimate(p, KindMonths) + "."
	if !p.Known() {
		t = "Over the whole programme payback is not known: " + Reason(p.Reason) + "."
	}
	cpa := w.b.Partners.Headline().CPA
	s, err := w.ltvSection(&w.b.Cohorts[0], &cpa, t)
	s.ID, s.Question = "payback", "When has a customer paid for itself?"
	return s, err
}

// timeSection shows the programme week by week.
func (w *writer) timeSection() (section, error) {
	s := section{ID: "time", Question: "How does the programme develop?"}
	ps := w.b.Partners.Series
	if len(ps) < 2 {
		return s, nil
	}
	shown := ps[max(0, len(ps)-52):]
	c := chart.Columns{
		ID: "programme-weeks", Format: chart.Count,
		Label: "Columns: customers by week; weeks that are not over are hatched. The table below holds the same numbers.",
	}
	money := chart.Lines{
		ID: "programme-money", Format: chart.Money, Currency: w.n.Currency, Decimals: w.n.decimals(), FromZero: true,
		Label: "Lines: contribution and cost by week. The table below holds the same numbers.",
	}
	earned, spent := chart.Line{Name: "contribution", Tone: chart.Better}, chart.Line{Name: "cost", Tone: chart.Worse}
	for _, p := range shown {
		c.Points = append(c.Points, chart.Point{
			X: p.Start, Value: referral.Float(float64(p.Acquisitions) / referral.MicroScale), Incomplete: !p.Complete,
			Tip: "week of " + p.Start + "\n" + w.n.Micro(int64(p.Acquisitions)) + " customers",
		})
		v, _ := contribution(p.RevenueMinor, w.b.Partners.Margin)
		earned.Points = append(earned.Points, chart.Point{
			X: p.Start, Value: referral.Float(float64(v)), Incomplete: !p.Complete,
			Tip: "week of " + p.Start + "\ncontribution " + w.n.Exact(v),
		})
		spent.Points = append(spent.Points, chart.Point{
			X: p.Start, Value: referral.Float(float64(p.CostMinor)), Incomplete: !p.Complete,
			Tip: "week of " + p.Start + "\ncost " + w.n.Exact(p.CostMinor),
		})
	}
	money.Lines = []chart.Line{earned, spent}
	if err := s.addChart(c.Option()); err != nil {
		return s, err
	}
	if err := s.addChart(money.Option()); err != nil {
		return s, err
	}
	t := &Table{ID: "weeks", Caption: "The programme by week", Columns: []Column{
		textColumn("Week of"), countColumn("Customers"), w.n.moneyColumn("Cost"),
		w.n.moneyColumn("Revenue"), textColumn("Complete"),
	}}
	for _, p := range slices.Backward(ps) {
		complete := text("yes")
		if !p.Complete {
			complete = text("not over")
		}
		t.Rows = append(t.Rows, []Cell{text(p.Start), w.n.microCell(p.Acquisitions), w.n.moneyCell(p.CostMinor), w.n.moneyCell(p.RevenueMinor), complete})
	}
	s.addTable(t)
	return s, nil
}

// creditSection compares the credit of each key under each attribution model.
func (w *writer) creditSection() (section, error) {
	s := section{ID: "credit", Question: "Would another rule of credit change the picture?"}
	names := w.partnerNames()
	for _, a := range w.b.Attributions {
		t := &Table{ID: "credit-" + slug(a.Name), Caption: "Conversions credited by model, attribution " + a.Name, Columns: []Column{textColumn(byHead(a.By))}}
		cells := map[string]map[string]Cell{}
		var keys []string
		for _, m := range a.Models {
			t.Columns = append(t.Columns, Column{Head: strings.ReplaceAll(m.Name, "_", " "), Numeric: true, CSV: []string{m.Name + "_conversions"}})
			for _, c := range m.Credits {
				if cells[c.Key] == nil {
					cells[c.Key] = map[string]Cell{}
					keys = append(keys, c.Key)
				}
				cells[c.Key][m.Name] = Cell{Text: w.n.microCell(Micro(c.AcquisitionsMicro)).Text, Sort: c.Acquisitions.String(), CSV: []string{c.Acquisitions.String()}}
			}
		}
		for _, k := range keys {
			row := []Cell{w.keyCell(a.By, k, names)}
			for _, m := range a.Models {
				c, ok := cells[k][m.Name]
				if !ok {
					c = Cell{Text: "–", Tone: "absent", CSV: []string{""}}
				}
				row = append(row, c)
			}
			t.Rows = append(t.Rows, row)
		}
		if len(a.Models) > 0 {
			s.addTable(t)
		}
	}
	return s, nil
}
