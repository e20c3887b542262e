package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"vouch/cohorts"
	"vouch/referral"
	"vouch/reports/chart"
)

// maxHeatRows is how many cohorts the map of retention shows; the table holds all. More rows than
// this do not fit a screen.
const maxHeatRows = 18

// cohorts builds the page of all cohort analyses.
func (w *writer) cohorts() (*page, error) {
	p := w.newPage("cohorts", "Cohorts", "", "")
	p.Lead = "No cohorts are defined: add them under cohorts in vouch.yaml."
	var keys []string
	for i := range w.b.Cohorts {
		c := &w.b.Cohorts[i]
		if i == 0 {
			p.Lead = w.cohortLead(c)
		}
		p.Findings = append(p.Findings, findingViews("#cohorts-"+slug(c.Name), c.Findings)...)
		s, err := w.retentionSection(c)
		if err != nil {
			return nil, err
		}
		p.add(s)
		l, err := w.ltvSection(c, nil)
		if err != nil {
			return nil, err
		}
		p.add(l)
		keys = append(keys, "cohorts/"+c.Name)
	}
	p.Method = w.method([]string{
		"A customer belongs to the period of the first acquisition event. A cell is complete when every customer of the cohort has lived through the whole age; " +
			"partial cells are shown hatched and never enter an average. Lifetime value is net revenue times margin per customer, pooled over the cohorts " +
			"whose cell is complete at that age.",
	}, nil, keys...)
	return p, nil
}

// cohortLead is one sentence: what a customer has brought at the oldest age that is complete.
func (w *writer) cohortLead(c *cohorts.Result) string {
	l, ok := oldest(c.LTV)
	if !ok {
		return "There are no customers old enough for a lifetime value yet."
	}
	s := fmt.Sprintf("A customer has brought %s after %s", w.n.Estimate(l.Value, KindMoney), ageText(c.Age, l.Age))
	if i := w.n.Interval(l.Value, KindMoney); i != "" {
		s += fmt.Sprintf(" (%s interval %s)", level(l.Value), i)
	}
	return s + fmt.Sprintf(", over the %s customers who have been here that long.", w.n.Count(l.Customers))
}

// oldest returns the pooled value of all customers at the highest age that has one.
func oldest(ls []cohorts.LTV) (cohorts.LTV, bool) {
	var best cohorts.LTV
	found := false
	for _, l := range ls {
		if l.Key == "" && l.Value.Known() && l.Customers >= TooFew && (!found || l.Age > best.Age) {
			best, found = l, true
		}
	}
	return best, found
}

// ageText names an age: the period number 0 is the first one.
func ageText(g referral.Grain, age int) string {
	n := age + 1
	if n == 1 {
		return "1" + nbsp + string(g)
	}
	return strconv.Itoa(n) + nbsp + string(g) + "s"
}

// retentionSection shows the triangle of retention.
func (w *writer) retentionSection(c *cohorts.Result) (section, error) {
	s := section{ID: "cohorts-" + slug(c.Name), Question: "How many customers stay?"}
	all := c.Overall()
	if len(all) == 0 {
		s.addText("There are no customers in the period.")
		return s, nil
	}
	if err := s.addChart(w.retentionMap(c, all).Option()); err != nil {
		return s, err
	}
	s.addText("Each cell is the share of a cohort that was active at that age. Hatched cells are partial: not every customer has lived through them yet.")
	s.addTable(w.cohortTable(c, all))
	return s, nil
}

// retentionMap draws the latest cohorts; age 0 is left out of the colour scale, where every customer
// is active by definition.
func (w *writer) retentionMap(c *cohorts.Result, all []cohorts.Cohort) chart.Heat {
	h := chart.Heat{
		ID: "cohorts-" + slug(c.Name) + "-map", XName: "age in " + string(c.Age) + "s",
		Label: "Map of retention: cohorts by " + string(c.By) + " down, age across, darker is more retained. The table below holds the same numbers.",
	}
	if len(all) > maxHeatRows {
		all = all[len(all)-maxHeatRows:]
	}
	ages := 0
	for _, co := range all {
		y := len(h.Rows)
		h.Rows = append(h.Rows, co.Cohort)
		for _, cell := range co.Cells {
			of := cell.Eligible
			if of == 0 {
				of = co.Size // the age is still running for everybody: so far
			}
			if of == 0 {
				continue
			}
			ages = max(ages, cell.Age)
			v := float64(cell.Retained) / float64(of)
			h.Cells = append(h.Cells, chart.HeatCell{
				X: cell.Age, Y: y, Value: v, Text: cellText(v, of), Partial: !cell.Complete,
				Tip: fmt.Sprintf("%s, %s %d\n%s of %s customers (%s)%s", co.Cohort, c.Age, cell.Age, w.n.Count(cell.Retained), w.n.Count(of),
					w.n.Percent(v), partialText(cell.Complete)),
			})
			if cell.Age > 0 {
				h.Max = max(h.Max, v)
			}
		}
	}
	for a := range ages + 1 {
		h.Columns = append(h.Columns, strconv.Itoa(a))
	}
	return h
}

// cellText is the whole percent, or a dot when there are too few customers for one.
func cellText(v float64, eligible int64) string {
	if eligible < TooFew {
		return "·"
	}
	return strconv.FormatFloat(v*100, 'f', 0, 64)
}

func partialText(complete bool) string {
	if complete {
		return ""
	}
	return ", so far"
}

// cohortTable lists every cell of every cohort: long rather than wide, because a spreadsheet pivots
// a long table and a reader of the map needs single cells.
func (w *writer) cohortTable(c *cohorts.Result, all []cohorts.Cohort) *Table {
	t := &Table{
		ID: "retention-" + slug(c.Name), Caption: "Retention and cumulative net revenue by cohort and age",
		Columns: []Column{
			textColumn("Cohort"), countColumn("Size"), countColumn("Age"), countColumn("Retained"), countColumn("Eligible"),
			{Head: "Rate", Numeric: true, CSV: []string{"rate (fraction)"}},
			w.n.moneyColumn("Cumulative net revenue"), textColumn("Complete"),
		},
	}
	for _, co := range all {
		for _, cell := range co.Cells {
			rate := Cell{Text: few(cell.Eligible), Tone: "absent", CSV: []string{""}}
			if cell.Eligible >= TooFew {
				v := float64(cell.Retained) / float64(cell.Eligible)
				rate = Cell{Text: w.n.Percent(v), Sort: raw(v), CSV: []string{raw(v)}}
			}
			complete := text("yes")
			if !cell.Complete {
				complete = text("partial")
			}
			t.Rows = append(t.Rows, []Cell{
				text(co.Cohort), w.n.countCell(co.Size), w.n.countCell(int64(cell.Age)), w.n.countCell(cell.Retained),
				w.n.countCell(cell.Eligible), rate, w.n.moneyCell(cell.CumulativeMinor), complete,
			})
		}
	}
	return t
}

// maxCurves is how many groups the value chart draws beside the curve of all: more lines cannot be
// told apart.
const maxCurves = 4

// ltvSection shows lifetime value by age, against the cost of a customer where it is known.
func (w *writer) ltvSection(c *cohorts.Result, cpa *referral.Estimate, texts ...string) (section, error) {
	s := section{ID: "ltv-" + slug(c.Name), Question: "What does a customer bring, and how fast?"}
	if _, ok := oldest(c.LTV); !ok {
		s.addText("No age is complete for enough customers yet.")
		return s, nil
	}
	l := w.ltvLines(c)
	if cpa != nil && cpa.Known() {
		l.At, l.AtText = cpa.Value, "cost per customer "+w.n.Money(*cpa.Value)
	}
	if err := s.addChart(l.Option()); err != nil {
		return s, err
	}
	s.addText(w.cohortLead(c))
	for _, t := range texts {
		s.addText(t)
	}
	s.addTable(w.ltvTable(c))
	return s, nil
}

// ltvLines draws the value of all customers and of the largest groups.
func (w *writer) ltvLines(c *cohorts.Result) chart.Lines {
	out := chart.Lines{
		ID: "ltv-" + slug(c.Name) + "-lines", Format: chart.Money, Currency: w.n.Currency, Decimals: w.n.decimals(), FromZero: true,
		XName: "age in " + string(c.Age) + "s, completed", Height: 340,
		Label: "Lines: cumulative contribution per customer by age, with interval bands. The table below holds the same numbers.",
	}
	keys := largestKeys(c)
	names := w.partnerNames()
	ages := 0
	for _, l := range c.LTV {
		ages = max(ages, l.Age)
	}
	for i, k := range keys {
		line := chart.Line{Name: "all customers", Tone: chart.Accent, Points: make([]chart.Point, ages+1)}
		if k != "" {
			line.Name, line.Tone = k, ""
			if n := names[k]; n != "" && c.Group == "partner_id" {
				line.Name = n
			}
		}
		for a := range line.Points {
			line.Points[a].X = strconv.Itoa(a + 1)
		}
		for _, l := range c.LTV {
			if l.Key != k || l.Customers < TooFew {
				continue
			}
			p := &line.Points[l.Age]
			p.Value = l.Value.Value
			p.Tip = fmt.Sprintf("%s\nafter %s: %s\n%s\n%s customers", line.Name, ageText(c.Age, l.Age), w.n.Estimate(l.Value, KindMoney),
				w.n.Interval(l.Value, KindMoney), w.n.Count(l.Customers))
			if i == 0 { // bands of several lines would hide each other
				p.Lo, p.Hi = l.Value.Lo, l.Value.Hi
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// largestKeys returns "" for all customers and the groups with most customers at age 0.
func largestKeys(c *cohorts.Result) []string {
	type size struct {
		key string
		n   int64
	}
	most := map[string]int64{}
	for _, l := range c.LTV {
		if l.Key != "" {
			most[l.Key] = max(most[l.Key], l.Customers)
		}
	}
	var ss []size
	for _, k := range sortedKeys(most) {
		if most[k] >= TooFew {
			ss = append(ss, size{k, most[k]})
		}
	}
	slices.SortStableFunc(ss, func(a, b size) int { return cmp.Compare(b.n, a.n) })
	keys := []string{""}
	for i, s := range ss {
		if i < maxCurves {
			keys = append(keys, s.key)
		}
	}
	return keys
}

// ageCell makes a cell of an age in words; the file has its number, 0 for the first period.
func ageCell(g referral.Grain, age int) Cell {
	s := strconv.Itoa(age)
	return Cell{Text: ageText(g, age), Sort: s, CSV: []string{s}}
}

// ltvTable lists the value at every age and group.
func (w *writer) ltvTable(c *cohorts.Result) *Table {
	head := "Group"
	if c.Group != "" {
		head = byHead(c.Group)
	}
	t := &Table{
		ID: "ltv-" + slug(c.Name), Caption: "Cumulative contribution per customer (margin " + c.Margin + ") by age, cohorts that are complete at that age",
		Columns: []Column{textColumn(head), {Head: "After", Numeric: true, CSV: []string{"age"}}, countColumn("Customers"), w.n.estimateColumn("Value", KindMoney), w.n.estimateColumn("Retention", KindRate)},
	}
	names := w.partnerNames()
	for _, l := range c.LTV {
		key := w.keyCell(c.Group, l.Key, names)
		if l.Key == "" {
			key = Cell{Text: "all customers", Sort: "", CSV: []string{""}}
		}
		t.Rows = append(t.Rows, []Cell{
			key, ageCell(c.Age, l.Age), w.n.countCell(l.Customers), w.n.estimateCell(l.Value, KindMoney),
			w.n.estimateCell(l.Retention, KindRate),
		})
	}
	return t
}
