package reports

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"vouch/partners"
	"vouch/referral"
	"vouch/reports/chart"
)

// partners builds the dashboard of the programme for leadership.
func (w *writer) partners() (*page, error) {
	r := w.b.Partners
	if r == nil || len(r.Partners) == 0 && r.Totals.Acquisitions == 0 {
		p := w.newPage("partners", "Partnership return", "", "")
		p.Lead = "There are no partners, customers or costs to report yet."
		p.Method = w.method(nil, nil)
		return p, nil
	}
	p := w.newPage("partners", "Partnership return", r.From, r.To)
	p.Lead = w.partnerLead()
	for _, f := range w.partnerFigures() {
		p.addFigure(f, w.n.Currency)
	}
	p.Findings = append(findingViews("#partner-table", w.pretty(w.named(r.Findings))), findingViews("index.html#data", w.pretty(w.b.Findings))...)
	parts := []func() (section, error){
		w.actionSection, w.mapSection, w.partnerTableSection, w.convertSection, w.costSection, w.programmeFunnel, w.paybackSection,
		w.timeSection, w.creditSection,
	}
	for _, part := range parts {
		s, err := part()
		if err != nil {
			return nil, err
		}
		if len(s.Blocks) > 0 {
			p.add(s)
		}
	}
	p.Method = w.method([]string{
		"A customer belongs to the partner that the rule " + strconv.Quote(r.Credit) + " credits; customers without a partner and costs without one stand in their own row, " +
			"so that the rows add up to the total. Cost per customer is cost divided by credited customers (Garwood interval). " +
			"Contribution is revenue net of refunds times the margin of " + r.Margin + "; return on investment is contribution over cost, less one. " +
			"Lifetime value is the contribution per customer to date; nothing is projected.",
	}, nil, "partners")
	return p, nil
}

// named puts the partner's name where a finding has its id.
func (w *writer) named(fs []referral.Finding) []referral.Finding {
	names := w.partnerNames()
	out := slices.Clone(fs)
	for i := range out {
		if n := names[out[i].Subject]; n != "" {
			out[i].Subject = n
		}
	}
	return out
}

// contribution is revenue times the margin, rounded half away from zero, exactly.
func contribution(revenueMinor int64, margin string) (int64, bool) {
	m, ok := new(big.Rat).SetString(margin)
	if !ok {
		return 0, false
	}
	v := new(big.Rat).Mul(new(big.Rat).SetInt64(revenueMinor), m)
	half := big.NewRat(1, 2)
	if v.Sign() < 0 {
		half.Neg(half)
	}
	v.Add(v, half)
	q := new(big.Int).Quo(v.Num(), v.Denom())
	return q.Int64(), q.IsInt64()
}

// net is contribution less cost of a row: the money at stake.
func (w *writer) net(r partners.Row) int64 {
	c, ok := contribution(r.RevenueMinor, w.b.Partners.Margin)
	if !ok {
		return 0
	}
	return c - r.CostMinor
}

// displayName is what a partner is called.
func displayName(r partners.Row) string {
	switch {
	case r.Name != "":
		return r.Name
	case r.PartnerID == "":
		return "no partner"
	}
	return r.PartnerID
}

// partnerLead says what the programme earned over what it cost, and the best single move.
func (w *writer) partnerLead() string {
	r := w.b.Partners
	t := r.Headline()
	who := fmt.Sprintf("The programme won %s customers who", w.whole(t.Acquisitions))
	if r.Programme == nil {
		who = fmt.Sprintf("No partner is credited: %s customers", w.whole(t.Acquisitions))
	}
	earned, ok := contribution(t.RevenueMinor, r.Margin)
	if !ok {
		return fmt.Sprintf("%s cost %s.", who, w.n.Money(float64(t.CostMinor)))
	}
	if !r.CostsLoaded() {
		return fmt.Sprintf("%s earned %s; what they cost is not known, because no costs are loaded.", who, w.n.Money(float64(earned)))
	}
	s := fmt.Sprintf("%s earned %s against a cost of %s", who, w.n.Money(float64(earned)), w.n.Money(float64(t.CostMinor)))
	if t.ROI.Known() {
		s += fmt.Sprintf(": a return of %s", w.n.Value(*t.ROI.Value, KindLift))
		if i := w.n.Interval(t.ROI, KindLift); i != "" {
			s += fmt.Sprintf(" (%s interval %s)", level(t.ROI), i)
		}
	}
	return s + "." + w.bestMove()
}

// whole writes a count of customers without millionths.
func (w *writer) whole(m Micro) string {
	return w.n.Count(int64(math.Round(float64(m) / referral.MicroScale)))
}

// bestMove names the one change with most money in it: ending the largest loss, or growing the
// largest gain.
func (w *writer) bestMove() string {
	end, fix, grow := w.moves(partners.End), w.moves(partners.Fix), w.moves(partners.Grow)
	worst := append(end, fix...)
	slices.SortStableFunc(worst, func(a, b partners.Row) int { return cmp.Compare(w.net(a), w.net(b)) })
	loses := len(worst) > 0 && w.net(worst[0]) < 0
	gains := len(grow) > 0 && w.net(grow[0]) > 0
	switch {
	case loses && (!gains || -w.net(worst[0]) >= w.net(grow[0])):
		verb := "end"
		if worst[0].Action == partners.Fix {
			verb = "fix"
		}
		return fmt.Sprintf(" Best single move: %s %s, which loses %s.", verb, inText(displayName(worst[0])), w.n.Money(-float64(w.net(worst[0]))))
	case gains:
		return fmt.Sprintf(" Best single move: grow %s, which brought %s more than it cost.", inText(displayName(grow[0])), w.n.Money(float64(w.net(grow[0]))))
	}
	return ""
}

// moves returns the partners with an action, most money first.
func (w *writer) moves(action string) []partners.Row {
	var out []partners.Row
	for _, r := range w.b.Partners.Partners {
		if r.Action == action && r.PartnerID != "" {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b partners.Row) int {
		return cmp.Or(cmp.Compare(magnitude(w.net(b)), magnitude(w.net(a))), cmp.Compare(a.PartnerID, b.PartnerID))
	})
	return out
}

func magnitude(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

// partnerFigures are the key figures of the programme.
func (w *writer) partnerFigures() []figure {
	r := w.b.Partners
	t := r.Headline()
	var acquired []*float64
	for _, p := range lastComplete(r.Series, 13) {
		acquired = append(acquired, referral.Float(float64(p.Acquisitions)/referral.MicroScale))
	}
	out := []figure{{Name: "Customers", Value: w.whole(t.Acquisitions), Sub: "all customers by week:", Spark: acquired, Link: "#time"}}
	if len(acquired) < 2 {
		out[0].Sub, out[0].Spark = w.n.Count(t.Persons)+" persons reached", nil
	}
	if others := r.Totals.Acquisitions - t.Acquisitions; others > 0 {
		out[0].Sub = "of partners; " + w.whole(others) + " more without one"
	}
	add := func(name string, e referral.Estimate, k Kind, link string) {
		f := figure{Name: name, Value: w.n.Estimate(e, k), Sub: w.n.Interval(e, k), Link: link}
		if !e.Known() {
			f.Value, f.Sub = "–", Reason(e.Reason)
		}
		out = append(out, f)
	}
	add("Cost per customer", t.CPA, KindMoney, "#cost")
	add("Value per customer", t.LTV, KindMoney, "#payback")
	add("Value over cost", t.LTVToCAC, KindRatio, "#map")
	add("Return on cost", t.ROI, KindLift, "#partner-table")
	if share, ok := referredShare(r); ok {
		out = append(out, figure{Name: "Revenue by referral", Value: w.n.Percent(share), Sub: "of " + w.n.Money(float64(r.Totals.RevenueMinor)), Link: "#partner-table"})
	} else {
		add("Payback", t.PaybackMonths, KindMonths, "#payback")
	}
	return out
}

// referredShare is the share of revenue that customers with a partner brought; without a row for
// customers without one there is nothing to compare with.
func referredShare(r *partners.Result) (float64, bool) {
	i := slices.IndexFunc(r.Partners, func(p partners.Row) bool { return p.PartnerID == "" })
	if i < 0 || r.Totals.RevenueMinor <= 0 || r.Partners[i].RevenueMinor < 0 {
		return 0, false
	}
	return 1 - float64(r.Partners[i].RevenueMinor)/float64(r.Totals.RevenueMinor), true
}

// lastComplete returns the last n complete points.
func lastComplete(ps []partners.Point, n int) []partners.Point {
	var out []partners.Point
	for _, p := range ps {
		if p.Complete {
			out = append(out, p)
		}
	}
	return out[max(0, len(out)-n):]
}

// actionSection is the list: grow, fix, watch, end.
func (w *writer) actionSection() (section, error) {
	s := section{ID: "actions", Question: "What should we do?"}
	var lists []moveList
	for _, a := range []struct{ action, tone string }{{partners.Grow, "better"}, {partners.Fix, "warn"}, {partners.Watch, "neutral"}, {partners.End, "worse"}} {
		rows := w.moves(a.action)
		l := moveList{Head: title(a.action), Tone: a.tone}
		if len(rows) > 0 {
			l.Head += " · " + w.n.Count(int64(len(rows)))
		}
		for i, r := range rows {
			if i == 5 {
				break
			}
			l.Items = append(l.Items, move{Name: shorten(displayName(r)), Full: displayName(r), Amount: w.n.Gain(float64(w.net(r))), Reason: sentence(w.prettyMoney(r.Reason))})
		}
		lists = append(lists, l)
	}
	s.Blocks = append(s.Blocks, block{Moves: lists}, block{Note: "Amounts are contribution less cost to date. At most five of each are listed; the table below has all."})
	return s, nil
}

// actionTones gives an action its meaning in colour.
var actionTones = map[string]chart.Tone{partners.Grow: chart.Better, partners.Fix: chart.Warn, partners.Watch: chart.Neutral, partners.End: chart.Worse}

// partnerTableSection is the table of all partners.
func (w *writer) partnerTableSection() (section, error) {
	s := section{ID: "partner-table", Question: "How does each partner do?"}
	t := &Table{
		ID: "partners", Caption: "Partners, by customers; " + w.b.Partners.From + " to " + w.b.Partners.To,
		Columns: []Column{
			{Head: "Partner", CSV: []string{"partner_id", "name"}},
			textColumn("Action"),
			{Head: "Kind", CSV: []string{"archetype", "tier", "persons"}},
			countColumn("Customers"), w.n.moneyColumn("Cost"), w.n.moneyColumn("Revenue"), w.n.estimateColumn("CPA", KindMoney),
			w.n.estimateColumn("LTV", KindMoney), w.n.estimateColumn("LTV:CAC", KindRatio), w.n.estimateColumn("Payback", KindMonths), w.n.estimateColumn("ROI", KindLift),
		},
	}
	rows := slices.Clone(w.b.Partners.Partners)
	slices.SortStableFunc(rows, func(a, b partners.Row) int { return cmp.Compare(b.Acquisitions, a.Acquisitions) })
	for _, r := range rows {
		t.Rows = append(t.Rows, w.partnerCells(r))
	}
	t.Foot = w.partnerCells(w.b.Partners.Headline())
	t.Foot[0].Text, t.Foot[1] = "Programme: partners against all costs", Cell{}
	s.addTable(t)
	return s, nil
}

// partnerCells are the cells of one partner.
func (w *writer) partnerCells(r partners.Row) []Cell {
	c := name(displayName(r))
	c.CSV = []string{r.PartnerID, r.Name}
	if r.PartnerID != "" {
		c.Title = displayName(r) + " (" + r.PartnerID + ")"
	}
	action := text(r.Action)
	action.Title, action.Tone = r.Reason, string(actionTones[r.Action])
	kind := text(r.Archetype)
	if r.Tier != "" {
		kind.Sub = r.Tier
	}
	kind.CSV = []string{r.Archetype, r.Tier, strconv.FormatInt(r.Persons, 10)}
	return []Cell{
		c, action, kind, w.n.microCell(r.Acquisitions), w.n.moneyCell(r.CostMinor),
		w.n.moneyCell(r.RevenueMinor), w.n.estimateCell(r.CPA, KindMoney), w.n.estimateCell(r.LTV, KindMoney), w.n.estimateCell(r.LTVToCAC, KindRatio),
		w.n.estimateCell(r.PaybackMonths, KindMonths), w.n.estimateCell(r.ROI, KindLift),
	}
}
