package reports

import (
	"fmt"

	"vouch/reports/chart"
)

// index builds the overview: each report with its answer, and what was loaded.
func (w *writer) index() (*page, error) {
	p := w.newPage("index", "Overview", "", "")
	p.Lead = w.indexLead()
	if r := w.b.Partners; r != nil && r.Totals.Acquisitions != 0 {
		for _, f := range w.partnerFigures() {
			f.Link = "partners.html" + f.Link
			p.addFigure(f, w.n.Currency)
		}
	}
	s := section{ID: "reports", Question: "What do the reports say?"}
	t := &Table{ID: "reports", Caption: "Reports of this run", Columns: []Column{textColumn("Report"), textColumn("In one sentence"), {Head: "File", CSV: []string{"file"}}}}
	for _, m := range makers()[1:] {
		r, err := m.page(w)
		if err != nil {
			return nil, err
		}
		link := text(r.Title)
		link.Link = m.name + ".html"
		data := text(m.name + ".json")
		data.Link = m.name + ".json"
		t.Rows = append(t.Rows, []Cell{link, text(r.Lead), data})
	}
	s.addTable(t)
	p.add(s)
	data := w.dataSection()
	if f := findingViews("", w.pretty(w.b.Findings)); len(f) > 0 {
		data.Blocks = append(data.Blocks, block{Findings: f})
	}
	p.add(data)
	p.Method = w.method([]string{"Every number of a report is computed from the tables below and shows its cases, its interval and its SQL. " +
		"Equal data, configuration and as-of date give equal files, byte for byte."}, nil)
	return p, nil
}

func (w *writer) indexLead() string {
	d := w.b.Data
	switch r := w.b.Partners; {
	case d.Events == 0 && r != nil && r.Totals.Acquisitions != 0:
		return fmt.Sprintf("%s: pre-aggregated results of %s partners; there are no single events.", isolate(chart.Shorten(w.b.Project.Name, 80)), w.n.Count(d.Partners))
	case d.Events == 0:
		return "No events are loaded yet: the reports are empty."
	}
	return fmt.Sprintf("%s: %s events of %s persons and %s partners, complete to %s.", isolate(chart.Shorten(w.b.Project.Name, 80)), w.n.Count(d.Events), w.n.Count(d.Persons),
		w.n.Count(d.Partners), d.CompleteTo)
}

// dataSection says what was loaded, what was left out and why.
func (w *writer) dataSection() section {
	s := section{ID: "data", Question: "Can the data be trusted?"}
	d := w.b.Data
	t := &Table{ID: "sources", Caption: "Rows by source", Columns: []Column{
		textColumn("Source"), textColumn("Kind"), countColumn("Files"), countColumn("Rows"),
		countColumn("Accepted"), countColumn("Duplicates"), countColumn("Rejected"),
	}}
	var rejected, rows int64
	for _, src := range d.Sources {
		t.Rows = append(t.Rows, []Cell{
			name(src.Name), text(src.Kind), w.n.countCell(src.Files), w.n.countCell(src.Rows), w.n.countCell(src.Accepted),
			w.n.countCell(src.Duplicates), w.n.countCell(src.Rejected),
		})
		rejected, rows = rejected+src.Rejected, rows+src.Rows
	}
	if rejected == 0 {
		s.addText(fmt.Sprintf("All %s rows were accepted or counted as repeats; none was rejected.", w.n.Count(rows)))
	} else {
		s.addText(fmt.Sprintf("%s of %s rows were rejected; they stand in the quarantine with file, row, column and reason.", w.n.Count(rejected), w.n.Count(rows)))
	}
	s.addTable(t)
	if len(d.Quarantine) > 0 {
		q := &Table{ID: "quarantine", Caption: "Rejected rows by reason", Columns: []Column{textColumn("Source"), textColumn("Reason"), countColumn("Rows")}}
		for _, r := range d.Quarantine {
			c := text(Reason(r.Code))
			c.CSV = []string{r.Code}
			q.Rows = append(q.Rows, []Cell{name(r.Source), c, w.n.countCell(r.Rows)})
		}
		s.addTable(q)
	}
	if len(d.Excluded) > 0 {
		e := &Table{ID: "excluded", Caption: "Rows left out of every analysis", Columns: []Column{textColumn("Why"), countColumn("Rows")}}
		for _, k := range sortedKeys(d.Excluded) {
			c := text(Reason(k))
			c.CSV = []string{k}
			e.Rows = append(e.Rows, []Cell{c, w.n.countCell(d.Excluded[k])})
		}
		s.addTable(e)
	}
	return s
}

// indexTwin is the JSON beside the overview.
func indexTwin(b *Bundle) any {
	return struct {
		Project Project  `json:"project"`
		Data    Data     `json:"data"`
		Reports []string `json:"reports"`
	}{b.Project, b.Data, Names()[1:]}
}
