package reports

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/referral"
	"vouch/reports/chart"
)

// page is what the template writes: everything is text by now, nothing is computed there.
type page struct {
	Name    string // file name without extension
	Title   string
	Version string
	Nav     []navLink
	Header  []string
	Lead    string
	Verdict string // tone of the lead
	Figures []figure
	// Top stands before the findings: the index of a page with many answers.
	Top      *section
	Findings []findingView
	Sections []section
	Method   method
}

type navLink struct {
	Href, Text string
	Current    bool
}

// figure is one key figure.
type figure struct {
	Name, Value string
	Unit        string // the currency, written small before the value
	Sub         string // interval or n
	Change      string // change against the period before, "no clear change" when its interval holds zero
	ChangeSub   string // the interval of the change
	Tone        string
	Spark       []*float64
	Link        string
}

// findingView is one finding with where its evidence stands.
type findingView struct {
	Subject, Text, Link string
	Tone                string
}

// section is a question with its evidence.
type section struct {
	ID, Question string
	Blocks       []block
	// Folds puts the blocks under a line that opens and closes them; Open is how they start.
	Folds, Open bool
	Summary     *foldLine
}

// foldLine is what is read of a section that is closed.
type foldLine struct{ Shape, Tone, Verdict, Text string }

// progress is how much of a whole is reached, in percent, with marks on the way.
type progress struct {
	Share float64
	Ticks []float64
	Label string
}

// block is one part of a section; exactly one field is set, and Anchor beside Head.
type block struct {
	Text     string
	Note     string // a lighter remark
	Chart    *chart.Option
	Table    *Table
	Strip    []check
	Moves    []moveList
	Head     string // a sub-heading
	Anchor   string // where links to the sub-heading point
	Link     *navLink
	Key      []keyItem
	Findings []findingView
	Answer   *answer
	Progress *progress
}

// keyItem says what a colour of the chart above means.
type keyItem struct{ Tone, Text string }

// check is one entry of a validity strip.
type check struct {
	Name, Value string
	Tone        string // better, worse, warn, neutral
	Mark        string // in words for those who do not see colours: "holds", "fails"
}

// moveList is one of the lists grow, fix, watch, end.
type moveList struct {
	Head, Tone string
	Items      []move
}

type move struct{ Name, Full, Amount, Reason string }

// method is the collapsed end of a page.
type method struct {
	Paragraphs []string
	Facts      [][2]string
	SQL        []sqlText
}

type sqlText struct{ Name, Text string }

// topFindings is how many findings a page shows before the reader asks for more.
const topFindings = 6

// TopFindings are the findings a page shows at once.
func (p *page) TopFindings() []findingView { return p.Findings[:min(topFindings, len(p.Findings))] }

// MoreFindings are the others.
func (p *page) MoreFindings() []findingView { return p.Findings[min(topFindings, len(p.Findings)):] }

// addFigure puts a key figure on the page, its currency apart from its number.
func (p *page) addFigure(f figure, currency string) {
	for _, sign := range []string{"", "+", minus} {
		if v, ok := strings.CutPrefix(f.Value, sign+currency+nbsp); ok {
			f.Unit, f.Value = currency, sign+v
			break
		}
	}
	p.Figures = append(p.Figures, f)
}

// add appends a section.
func (p *page) add(s section) { p.Sections = append(p.Sections, s) }

// all returns the sections in their order.
func (p *page) all() []section {
	if p.Top == nil {
		return p.Sections
	}
	return append([]section{*p.Top}, p.Sections...)
}

// charts returns every chart of the page in order.
func (p *page) charts() []*chart.Option {
	var out []*chart.Option
	for _, s := range p.all() {
		for _, b := range s.Blocks {
			if b.Chart != nil {
				out = append(out, b.Chart)
			}
		}
	}
	return out
}

// tables returns every table of the page in order.
func (p *page) tables() []*Table {
	var out []*Table
	for _, s := range p.all() {
		for _, b := range s.Blocks {
			if b.Table != nil {
				out = append(out, b.Table)
			}
		}
	}
	return out
}

// writer makes pages of one bundle: b has the texts of the data clean and cut to a length, full in
// full, for files that programs read.
type writer struct {
	b    *Bundle
	full *Bundle
	n    Numbers
	zone *time.Location
}

func newWriter(b *Bundle) (*writer, error) {
	zone, err := time.LoadLocation(b.Project.Timezone)
	if err != nil {
		return nil, fmt.Errorf("reporting zone: %w", err)
	}
	return &writer{b: impersonal(cleaned(b, true)), full: impersonal(cleaned(b, false)), n: Numbers{Currency: b.Project.Currency}, zone: zone}, nil
}

// asOf writes the exclusive end of what is seen: the last day when it is a local midnight, else the
// minute.
func (w *writer) asOf() string {
	t := w.b.Run.AsOf.In(w.zone)
	zone := w.b.Project.Timezone
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0 {
		return "as of the end of " + t.AddDate(0, 0, -1).Format(time.DateOnly) + " (" + zone + ")"
	}
	return "as of " + t.Format("2006-01-02 15:04") + " (" + zone + ")"
}

// header is the small line at the top of every page and e-mail.
func (w *writer) header(report, from, to string) []string {
	h := []string{chart.Shorten(w.b.Project.Name, 80), report}
	if from != "" && to != "" {
		h = append(h, from+" to "+to)
	}
	h = append(h, w.asOf())
	if w.b.Data.CompleteTo != "" {
		h = append(h, "data complete to "+w.b.Data.CompleteTo)
	}
	return append(h, w.b.Project.Currency)
}

// pageNames are the pages in the order of the navigation.
var pageNames = []struct{ name, title string }{
	{"index", "Overview"},
	{"partners", "Partners"},
	{"experiments", "Experiments"},
	{"weekly", "Week"},
	{"funnels", "Funnels"},
	{"cohorts", "Cohorts"},
}

// newPage starts a page with what all have in common.
func (w *writer) newPage(name, title, from, to string) *page {
	p := &page{Name: name, Title: title, Version: w.b.Run.Vouch, Header: w.header(title, from, to)}
	for _, n := range pageNames {
		p.Nav = append(p.Nav, navLink{Href: n.name + ".html", Text: n.title, Current: n.name == name})
	}
	return p
}

// addChart puts a chart into a section; a chart that cannot be encoded fails the whole report,
// because an empty picture says "nothing happened".
func (s *section) addChart(o chart.Option, err error) error {
	if err != nil {
		return fmt.Errorf("section %s: %w", s.ID, err)
	}
	s.Blocks = append(s.Blocks, block{Chart: &o})
	return nil
}

func (s *section) addText(t string) {
	if t != "" {
		s.Blocks = append(s.Blocks, block{Text: t})
	}
}

func (s *section) addLink(href, text string) {
	s.Blocks = append(s.Blocks, block{Link: &navLink{Href: href, Text: text}})
}

func (s *section) addNote(t string) {
	if t != "" {
		s.Blocks = append(s.Blocks, block{Note: t})
	}
}

func (s *section) addTable(t *Table) { s.Blocks = append(s.Blocks, block{Table: t}) }

// method returns the collapsed end of a page with the SQL of the named results.
func (w *writer) method(paragraphs []string, options [][2]string, sqlKeys ...string) method {
	m := method{Paragraphs: paragraphs}
	m.Facts = append(m.Facts, options...)
	r := w.b.Run
	m.Facts = append(m.Facts,
		[2]string{"events analysed", w.n.Count(w.b.Data.Events)},
		[2]string{"persons", w.n.Count(w.b.Data.Persons)},
		[2]string{"partners", w.n.Count(w.b.Data.Partners)},
		[2]string{"engine", strings.TrimSpace(r.Engine + " " + r.DuckDB)},
		[2]string{"vouch", r.Vouch},
		[2]string{"run", r.ID},
		[2]string{"configuration sha256", r.ConfigSHA256},
		[2]string{"data sha256", r.DataSHA256},
	)
	for _, k := range sqlKeys {
		if t := w.b.SQL[k]; t != "" {
			m.SQL = append(m.SQL, sqlText{k, t})
		}
	}
	return m
}

// warnings are the codes of findings that say a result cannot be trusted as it stands.
var warnings = []string{"srm", "sample-ratio", "sample_ratio", "late", "quarantine", "invalid", "mismatch", "missing"}

// quiet are the codes of findings that say that all is well; they stand in the JSON.
var quiet = []string{"totals-reconcile"}

// routine are the codes of findings that every run has: what was put aside by the rules. They go last.
var routine = []string{"excluded-units", "immature-units", "two-variants", "organic-acquisitions", "conversions-without-touch"}

// findingViews turns findings into sentences: those that spoil a result first, what is routine last,
// the others in the order of the analysis.
func findingViews(link string, fs ...[]referral.Finding) []findingView {
	var bad, rest, last []findingView
	for _, f := range slices.Concat(fs...) {
		if slices.Contains(quiet, f.Code) {
			continue
		}
		v := findingView{Subject: f.Subject, Text: f.Detail, Link: link, Tone: "neutral"}
		if v.Subject == "(none)" {
			v.Subject = "No partner"
		}
		spoils := slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(f.Code, w) })
		if spoils {
			v.Tone = "warn"
			bad = append(bad, v)
			continue
		}
		if slices.Contains(routine, f.Code) {
			last = append(last, v)
			continue
		}
		rest = append(rest, v)
	}
	return slices.Concat(bad, rest, last)
}

// shorten cuts long names in the middle, for cells and charts.
func shorten(s string) string { return chart.Shorten(s, 32) }

// inText shortens a name for a sentence and keeps its direction to itself.
func inText(s string) string { return isolate(shorten(s)) }
