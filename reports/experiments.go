package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vouch/experiments"
)

// fewExperiments is how many experiments a page shows in full at once; of more it shows the answers, and the
// evidence unfolds.
const fewExperiments = 3

// experiments builds the report for the analyst.
func (w *writer) experiments() (*page, error) {
	from, to := "", ""
	for _, r := range w.b.Experiments {
		if r.From != "" && (from == "" || r.From < from) {
			from = r.From
		}
		to = max(to, r.To)
	}
	p := w.newPage("experiments", "Experiment report", from, to)
	p.Lead = w.experimentsLead()
	rs := ranked(w.b.Experiments)
	if len(rs) > 1 {
		s := section{ID: "verdicts", Question: "What is to be done with each experiment?"}
		s.addTable(w.verdictTable(rs))
		p.Top = &s
	}
	var keys []string
	for _, r := range rs {
		p.Findings = append(p.Findings, findingViews("#experiment-"+slug(r.Name), w.pretty(r.Findings))...)
		s, err := w.experimentSection(r)
		if err != nil {
			return nil, err
		}
		if len(rs) == 1 {
			p.Figures = w.answerFigures(r)
		}
		s.Folds, s.Open = len(rs) > 1, len(rs) <= fewExperiments
		p.add(s)
		keys = append(keys, "experiment/"+r.Name)
	}
	p.Method = w.method(experimentMethod, nil, keys...)
	return p, nil
}

// experimentsLead answers for all experiments: one in full, a few in a line each, many by verdict.
func (w *writer) experimentsLead() string {
	rs := ranked(w.b.Experiments)
	switch {
	case len(rs) == 0:
		return "No experiment is defined: add one under experiments in vouch.yaml."
	case len(rs) == 1:
		return w.experimentLead(rs[0])
	case len(rs) <= fewExperiments:
		var leads []string
		for _, r := range rs {
			leads = append(leads, w.verdictLine(r))
		}
		return strings.Join(leads, " ")
	}
	by := map[string]int{}
	for _, r := range rs {
		by[r.Verdict.Action]++
	}
	var parts []string
	for _, x := range []struct{ action, words string }{{"ship", "to ship"}, {"stop", "to stop"}, {"invalid", "not to be read"}, {"hold", "to hold"}} {
		if by[x.action] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", by[x.action], x.words))
		}
	}
	return fmt.Sprintf("%d experiments: %s.", len(rs), strings.Join(parts, ", "))
}

// ranked orders the experiments by what a reader must act on: ship and stop, then invalid, then hold; within
// each by what a month is worth.
func ranked(rs []experiments.Result) []*experiments.Result {
	order := []string{"ship", "stop", "invalid", "hold"}
	out := make([]*experiments.Result, len(rs))
	for i := range rs {
		out[i] = &rs[i]
	}
	month := func(r *experiments.Result) float64 {
		if v := r.Verdict.MonthMinor.Value; v != nil {
			return *v
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b *experiments.Result) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Verdict.Action), slices.Index(order, b.Verdict.Action)),
			cmp.Compare(month(b), month(a)))
	})
	return out
}

// verdictWords opens the sentence of a verdict.
var verdictWords = map[string]string{"ship": "ship", "hold": "hold", "stop": "stop", "invalid": "do not read"}

// verdictTones gives a verdict its meaning.
var verdictTones = map[string]string{"ship": "better", "hold": "neutral", "stop": "worse", "invalid": "warn"}

// verdictWord says what to do, with the arm where it is about one.
func verdictWord(v experiments.Verdict) string {
	word := cmp.Or(verdictWords[v.Action], v.Action)
	if v.Arm != "" && (v.Action == "ship" || v.Action == "stop") {
		word += " " + inText(v.Arm)
	}
	return word
}

// verdictLine is one experiment in a few words, for the lead of several.
func (w *writer) verdictLine(r *experiments.Result) string {
	s := title(r.Name) + ": " + verdictWord(r.Verdict)
	if v := r.Verdict.MonthMinor; r.Verdict.Action != "invalid" && v.Known() {
		s += ", "
		if r.Verdict.Action == "hold" && len(r.Arms) > 2 && r.Verdict.Arm != "" {
			s += inText(r.Verdict.Arm) + " "
		}
		return s + "worth " + joinInterval(w.n.Gain(*v.Value)+" a month", w.n.Interval(v, KindGain)) + "."
	}
	if c, m, ok := primary(r); ok && r.Verdict.Action != "invalid" && c.Effect.Known() {
		_, effect := metricKinds(m)
		s += ", " + m.Name + " " + w.n.Estimate(c.Effect, effect)
		if i := w.n.Interval(c.Effect, effect); i != "" {
			s += " (" + i + ")"
		}
	}
	return s + "."
}

// verdictTable is the index of the experiments: what to do, how sure, what it is worth, what is missing.
func (w *writer) verdictTable(rs []*experiments.Result) *Table {
	t := &Table{
		ID: "verdicts", Caption: "Verdicts, those to act on first; worth is against the control, for the units that arrive in a month",
		Columns: []Column{
			textColumn("Experiment"), textColumn("Verdict"), w.n.estimateColumn("Worth a month", KindGain), countColumn("Probability of loss"),
			textColumn("Primary metric"), w.n.estimateColumn("Effect", KindDelta), countColumn("Units"), countColumn("Units still needed"), countColumn("Days"),
		},
	}
	for _, r := range rs {
		link := text(title(r.Name))
		link.Link, link.CSV = "#experiment-"+slug(r.Name), []string{r.Name}
		verdict := text(title(verdictWord(r.Verdict)))
		verdict.Shape, verdict.Tone = r.Verdict.Action, verdictTones[r.Verdict.Action]
		effect, name := w.n.estimateCell(r.Verdict.ValueMinor, KindGain), text("")
		effect = Cell{Text: "–", Tone: "absent", CSV: make([]string, len(effect.CSV))}
		if c, m, ok := primary(r); ok && r.Verdict.Action != "invalid" {
			_, kind := metricKinds(m)
			name, effect = text(m.Name), w.n.estimateCell(c.Effect, kind)
		}
		var units int64
		for _, a := range r.Arms {
			units += a.N
		}
		month := w.n.estimateCell(r.Verdict.MonthMinor, KindGain)
		if !r.Verdict.MonthMinor.Known() && (r.Verdict.MonthMinor.Reason == "" || r.Verdict.Action == "invalid") {
			month.Text = "–"
		}
		t.Rows = append(t.Rows, []Cell{
			link, verdict, month, w.chanceCell(r.Verdict.ProbabilityOfLoss), name, effect, w.n.countCell(units),
			w.wholeCell(r.Verdict.MoreUnits), w.wholeCell(r.Verdict.MoreDays),
		})
	}
	return t
}

// wholeCell makes a cell of a whole number that may not be known.
func (w *writer) wholeCell(v *int64) Cell {
	if v == nil {
		return Cell{Text: "–", Tone: "absent", CSV: []string{""}}
	}
	return w.n.countCell(*v)
}

// chanceCell makes a cell of a probability.
func (w *writer) chanceCell(p *float64) Cell {
	if p == nil {
		return Cell{Text: "–", Tone: "absent", CSV: []string{""}}
	}
	return Cell{Text: w.n.Chance(*p), Sort: raw(*p), CSV: []string{raw(*p)}}
}

// primary returns the comparison the verdict is about: of the primary metric, the arm of the verdict
// or else the first.
func primary(r *experiments.Result) (experiments.Comparison, experiments.MetricResult, bool) {
	for _, m := range r.Metrics {
		if m.Role != "primary" || len(m.Comparisons) == 0 {
			continue
		}
		for _, c := range m.Comparisons {
			if c.Arm == r.Verdict.Arm {
				return c, m, true
			}
		}
		return m.Comparisons[0], m, true
	}
	return experiments.Comparison{}, experiments.MetricResult{}, false
}

// metricKinds returns how a metric and its effect are written.
func metricKinds(m experiments.MetricResult) (value, effect Kind) {
	switch {
	case m.Kind == "proportion", m.MeasuredIn == experiments.InShares:
		return KindRate, KindPoints
	case m.MeasuredIn == experiments.InSeconds:
		return KindTime, KindDelay
	case m.MeasuredIn == experiments.InEvents, m.MeasuredIn == experiments.InRatio, m.Value == "count":
		return KindCount, KindDelta
	}
	return KindMoney, KindGain
}

// experimentLead is the verdict in one sentence with the number in it.
func (w *writer) experimentLead(r *experiments.Result) string {
	c, m, ok := primary(r)
	reason := w.reason(r)
	switch {
	case r.Verdict.Action == "invalid":
		return fmt.Sprintf("%s cannot be read. %s", title(r.Name), reason)
	case !ok || !c.Effect.Known():
		return fmt.Sprintf("%s: %s. %s", title(r.Name), r.Verdict.Action, reason)
	}
	_, effect := metricKinds(m)
	s := fmt.Sprintf("%s: %s of %s is %s per %s against %s", title(r.Name), m.Name, c.Arm, w.n.Estimate(c.Effect, effect), experiments.UnitName(r.Unit), c.Control)
	if i := w.n.Interval(c.Effect, effect); i != "" {
		s += fmt.Sprintf(" (%s interval %s)", level(c.Effect), i)
	}
	switch r.Verdict.Action {
	case "ship":
		s += ": ship it."
	case "stop":
		s += ": stop it."
	default:
		s += ": hold."
	}
	return s + w.worth(r) + " " + reason
}

// worth says what the verdict's arm is worth per unit and a month, and whether that is told apart from nothing.
func (w *writer) worth(r *experiments.Result) string {
	v := r.Verdict.ValueMinor
	if !v.Known() {
		return ""
	}
	s := fmt.Sprintf("%s per %s", w.n.Gain(*v.Value), experiments.UnitName(r.Unit))
	if i := w.n.Interval(v, KindGain); i != "" {
		s += " (" + i + ")"
	}
	if m := r.Verdict.MonthMinor; m.Known() {
		s += ", " + w.n.Gain(*m.Value) + " a month"
	}
	if p := r.Verdict.ProbabilityOfLoss; p != nil {
		s += "; the probability that it loses money is " + w.n.Chance(*p)
	}
	if v.Lo != nil && *v.Lo > 0 || v.Hi != nil && *v.Hi < 0 {
		return " It is worth " + s + "."
	}
	return " What it is worth is not clear yet: " + s + "."
}

func experimentQuestion(r *experiments.Result) string {
	var arms []string
	for _, a := range r.Arms {
		if a.Variant != r.Control {
			arms = append(arms, inText(a.Variant))
		}
	}
	if len(arms) == 0 {
		return "What did " + r.Name + " find?"
	}
	if len(arms) > 4 {
		arms = append(arms[:3], fmt.Sprintf("one of %d others", len(arms)-3))
	}
	return title(r.Name) + ": is " + strings.Join(arms, " or ") + " better than " + inText(r.Control) + "?"
}
