package reports

import (
	"errors"
	"fmt"

	"vouch/partners"
)

// Summary is the week as the e-mail tells it: the same sentences, figures and tables as the page.
type Summary struct {
	Project, Week, From, To string
	Header                  []string
	Lead                    string
	Figures                 []SummaryFigure
	MoverText               string
	Movers                  *Table   // nil when nobody moved
	Experiments             []string // one sentence each
	Moves                   []string // what to do, with the amount
	Alerts                  []string
	Next                    []string // what matures and closes
}

// SummaryFigure is one key figure in words. Tone is better, worse or neutral.
type SummaryFigure struct {
	Name, Value, Previous, Change, Tone string
	Series                              []*float64
}

// ErrNoWeek says that there is no complete week to report on.
var ErrNoWeek = errors.New("there is no complete week in the data yet")

// maxAlerts is how many findings an e-mail lists; the page has all.
const maxAlerts = 6

// Summarize tells the week of a bundle. The error is ErrNoWeek when it has none.
func Summarize(b *Bundle) (*Summary, error) {
	if b.Weekly == nil || len(b.Weekly.Figures) == 0 {
		return nil, ErrNoWeek
	}
	w, err := newWriter(b)
	if err != nil {
		return nil, err
	}
	wk := w.b.Weekly
	s := &Summary{Project: w.b.Project.Name, Week: wk.Week, From: wk.From, To: wk.To, Header: w.header("Weekly summary", wk.From, wk.To), Lead: w.weekLead()}
	for _, f := range wk.Figures {
		v := w.weeklyFigure(f)
		kind, _ := figureKind(f)
		s.Figures = append(s.Figures, SummaryFigure{Name: v.Name, Value: v.Value, Previous: w.n.Estimate(f.Previous, kind), Change: joinInterval(v.Change, v.ChangeSub), Tone: v.Tone, Series: f.Series})
	}
	if len(wk.Movers) > 0 {
		s.MoverText, s.Movers = w.moverText(), w.moverTable(fewMovers(wk.Movers))
	}
	for _, r := range ranked(w.b.Experiments) {
		s.Experiments = append(s.Experiments, w.experimentLead(r))
	}
	s.Moves = w.moveTexts(3)
	for _, f := range w.alerts() {
		if len(s.Alerts) == maxAlerts {
			break
		}
		s.Alerts = append(s.Alerts, inText(f.Subject)+": "+f.Text)
	}
	s.Next = w.nextWeek()
	return s, nil
}

// joinInterval puts an interval in brackets after what it belongs to.
func joinInterval(text, interval string) string {
	if interval == "" {
		return text
	}
	return text + " (" + interval + ")"
}

// alerts are the findings that need a person: of the run and of the experiments, those that spoil a
// result first.
func (w *writer) alerts() []findingView {
	return append(findingViews("experiments.html", w.pretty(experimentFindings(w.b))), findingViews("index.html#data", w.pretty(w.b.Findings))...)
}

// moveTexts names up to n moves: the largest gain to grow, the largest losses to fix and to end.
func (w *writer) moveTexts(n int) []string {
	if w.b.Partners == nil {
		return nil
	}
	var out []string
	for _, a := range []string{partners.Grow, partners.End, partners.Fix} {
		rows := w.moves(a)
		if len(rows) == 0 || len(out) == n {
			continue
		}
		r := rows[0]
		out = append(out, fmt.Sprintf("%s %s (%s): %s", title(a), inText(displayName(r)), w.n.Gain(float64(w.net(r))), sentence(w.prettyMoney(r.Reason))))
	}
	return out
}

// nextWeek says what is still open: units and funnel windows that mature.
func (w *writer) nextWeek() []string {
	var out []string
	for _, r := range w.b.Experiments {
		if r.Hygiene.Immature > 0 {
			out = append(out, fmt.Sprintf("%s: the windows of %s %s are still open; their outcomes join as they close.", title(r.Name), w.n.Count(r.Hygiene.Immature), plural(r.Unit)))
		}
	}
	for _, f := range w.b.Funnels {
		if f.Censoring != nil && f.Censoring.OpenPersons > 0 {
			out = append(out, fmt.Sprintf("Funnel %s: %s windows are still open; conversion of recent entrants will rise.", f.Name, w.n.Count(f.Censoring.OpenPersons)))
		}
	}
	return out
}

// maxMovers is how many rows of movers an e-mail has.
const maxMovers = 12

// fewMovers adds up the last of a long list, so that the rows still add up to the total.
func fewMovers(ms []Mover) []Mover {
	if len(ms) <= maxMovers {
		return ms
	}
	rest := Mover{Name: fmt.Sprintf("%d more", len(ms)-maxMovers+1)}
	for _, m := range ms[maxMovers-1:] {
		rest.Previous, rest.Current = rest.Previous+m.Previous, rest.Current+m.Current
	}
	return append(ms[:maxMovers-1:maxMovers-1], rest)
}

// moverTable lists the movers; the changes add up to the total in the foot.
func (w *writer) moverTable(ms []Mover) *Table {
	t := &Table{
		ID: "movers", Caption: "Customers by partner, this week against the week before; the changes add up to the total",
		Columns: []Column{textColumn("Partner"), countColumn("Week before"), countColumn("This week"), countColumn("Change")},
	}
	var before, now Micro
	for _, m := range ms {
		t.Rows = append(t.Rows, []Cell{name(moverName(m)), w.n.microCell(m.Previous), w.n.microCell(m.Current), w.changeCell(m.Current - m.Previous)})
		before, now = before+m.Previous, now+m.Current
	}
	t.Foot = []Cell{text("Total"), w.n.microCell(before), w.n.microCell(now), w.changeCell(now - before)}
	return t
}

func (w *writer) changeCell(d Micro) Cell {
	c := w.n.microCell(d)
	c.Text = w.signedMicro(d)
	return c
}

// moverName is what a mover is called.
func moverName(m Mover) string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Key != "":
		return m.Key
	}
	return "no partner"
}
