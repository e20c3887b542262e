package reports

import (
	"fmt"
	"strings"

	"vouch/experiments"
)

// answer is the first thing a reader sees of an experiment: what to do, how sure that is, what it is worth and
// what would change it.
type answer struct {
	Verdict string // in words
	Shape   string // ship, hold, stop, invalid: drawn, so that it is told without colour
	Tone    string
	Text    string
	Figures []figure
	Changes []string
}

// answer sums an experiment up.
func (w *writer) answer(r *experiments.Result) *answer {
	a := &answer{Verdict: title(verdictWord(r.Verdict)), Shape: r.Verdict.Action, Tone: verdictTones[r.Verdict.Action], Text: w.reason(r)}
	for _, c := range r.Verdict.Changes {
		a.Changes = append(a.Changes, sentence(w.prettyMoney(c)))
	}
	if len(w.b.Experiments) == 1 { // the page leads with them
		a.Text = ""
		return a
	}
	a.Figures = w.answerFigures(r)
	return a
}

// reason is why the verdict is what it is. With one arm beside the control its name need not open the sentence.
func (w *writer) reason(r *experiments.Result) string {
	reason := r.Verdict.Reason
	if len(r.Arms) == 2 {
		reason = strings.TrimPrefix(reason, r.Verdict.Arm+": ")
	}
	return sentence(w.prettyMoney(reason))
}

// answerFigures are the key figures of an experiment, those that are known.
func (w *writer) answerFigures(r *experiments.Result) []figure {
	var out []figure
	add := func(f figure, unit string) {
		var p page
		p.addFigure(f, unit)
		out = append(out, p.Figures...)
	}
	v, of := r.Verdict, ""
	if v.Action == "hold" && len(r.Arms) > 2 && v.Arm != "" { // of the arms on hold the figures are of one
		of = ", " + v.Arm
	}
	link := "#experiment-" + slug(r.Name)
	money, rules := link, link
	if r.Money != nil && len(r.Money.Arms) > 0 {
		money += "-money"
	}
	if len(v.Rules) > 0 {
		rules += "-rules"
	}
	if v.Action == "invalid" {
		return []figure{{Name: "Units", Value: w.n.Count(unitsOf(r)), Sub: plural(r.Unit) + ", not to be compared", Link: link}}
	}
	switch {
	case v.MonthMinor.Known():
		f := figure{Name: "Worth a month" + of, Value: w.n.Estimate(v.MonthMinor, KindGain), Sub: w.n.Interval(v.MonthMinor, KindGain), Link: money}
		if v.ValueMinor.Known() {
			f.ChangeSub = w.n.Gain(*v.ValueMinor.Value) + " per " + experiments.UnitName(r.Unit)
		}
		add(f, w.n.Currency)
	case v.ValueMinor.Known():
		add(figure{Name: "Worth per " + experiments.UnitName(r.Unit) + of, Value: w.n.Estimate(v.ValueMinor, KindGain), Sub: w.n.Interval(v.ValueMinor, KindGain), Link: money}, w.n.Currency)
	}
	if p := v.ProbabilityOfLoss; p != nil {
		f := figure{Name: "Probability of loss", Value: w.n.Chance(*p), Link: rules}
		if l := v.ExpectedLossMinor; l != nil {
			f.Sub = "expected loss if shipped " + w.n.Money(*l) + " a month"
		}
		add(f, "")
	}
	if c, m, ok := primary(r); ok && c.Effect.Known() {
		_, kind := metricKinds(m)
		f := figure{Name: "Effect on " + m.Name + of, Value: w.n.Estimate(c.Effect, kind), Sub: w.n.Interval(c.Effect, kind), Link: link + "-effects"}
		if c.Lift.Known() {
			f.ChangeSub = "lift " + joinInterval(w.n.Estimate(c.Lift, KindLift), w.n.Interval(c.Lift, KindLift))
		}
		add(f, w.n.Currency)
	}
	return append(out, w.needFigures(r, rules)...)
}

// needFigures say how many more units and days a clear answer takes.
func (w *writer) needFigures(r *experiments.Result, link string) []figure {
	v := r.Verdict
	if v.MoreUnits == nil {
		return nil
	}
	f := figure{Name: "Still needed", Value: w.n.Count(*v.MoreUnits), Sub: plural(r.Unit), Link: link}
	if *v.MoreUnits == 0 {
		f.Value, f.Sub = "nothing", "no further "+plural(r.Unit)
		return []figure{f}
	}
	if v.MoreDays != nil {
		f.Sub += fmt.Sprintf(", about %s at the present rate", countedDays(w.n, *v.MoreDays))
	}
	return []figure{f}
}

func countedDays(n Numbers, days int64) string {
	if days == 1 {
		return "1" + nbsp + "day"
	}
	return n.Count(days) + nbsp + "days"
}

// unitsOf counts the analysed units.
func unitsOf(r *experiments.Result) int64 {
	var n int64
	for _, a := range r.Arms {
		n += a.N
	}
	return n
}

// experimentSection is the read-out of one experiment: the answer, whether it can be trusted, then the evidence. What
// an experiment does not have takes no room.
func (w *writer) experimentSection(r *experiments.Result) (section, error) {
	s := section{ID: "experiment-" + slug(r.Name), Question: experimentQuestion(r), Summary: w.summaryLine(r)}
	s.Blocks = append(s.Blocks, block{Answer: w.answer(r)}, block{Strip: w.validity(r)})
	w.addStopping(&s, r)
	for _, add := range []func(*section, *experiments.Result) error{
		w.addEffects, w.addGuardrails, w.addArms, w.addMoney, w.addFactorial, w.addStrata, w.addNovelty, w.addDelayed,
	} {
		if err := add(&s, r); err != nil {
			return s, err
		}
	}
	w.addInterference(&s, r)
	w.addSplit(&s, r)
	w.addRules(&s, r)
	return s, nil
}

// summaryLine is what is read of an experiment that is folded.
func (w *writer) summaryLine(r *experiments.Result) *foldLine {
	f := &foldLine{Shape: r.Verdict.Action, Tone: verdictTones[r.Verdict.Action], Verdict: title(verdictWord(r.Verdict))}
	v := r.Verdict
	switch {
	case v.MonthMinor.Known():
		f.Text = joinInterval(w.n.Gain(*v.MonthMinor.Value)+" a month", w.n.Interval(v.MonthMinor, KindGain))
	case v.ValueMinor.Known():
		f.Text = joinInterval(w.n.Gain(*v.ValueMinor.Value)+" per "+experiments.UnitName(r.Unit), w.n.Interval(v.ValueMinor, KindGain))
	}
	return f
}

// addHead puts a sub-heading into a section, with an anchor below that of the section.
func (s *section) addHead(anchor, head string) {
	b := block{Head: head}
	if anchor != "" {
		b.Anchor = s.ID + "-" + anchor
	}
	s.Blocks = append(s.Blocks, b)
}
