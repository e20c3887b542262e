package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vouch/experiments"
)

// srmAlpha is the level below which a sample ratio is called mismatched: 0.001, as is usual for a
// check that runs at every look (docs/statistics.md).
const srmAlpha = 0.001

// validity is the strip of checks: green only when each holds. Those that seldom find something stand there
// only when they did.
func (w *writer) validity(r *experiments.Result) []check {
	srm := check{Name: "Sample ratio", Tone: "neutral", Mark: "not tested", Value: Reason(r.SRM.Reason)}
	if p := r.SRM.PValue; p != nil {
		srm.Value, srm.Tone, srm.Mark = "p"+nbsp+w.n.pText(*p), "better", "holds"
		if *p < srmAlpha || splitFails(r) {
			srm.Tone, srm.Mark = "worse", "fails: shares differ from the plan"
		}
	}
	h := r.Hygiene
	counted := func(name string, v int64, good, bad string) check {
		c := check{Name: name, Value: w.n.Count(v), Tone: "better", Mark: good}
		if v > 0 {
			c.Tone, c.Mark = "warn", bad
		}
		return c
	}
	out := []check{
		srm,
		{Name: "Units analysed", Value: w.n.Count(unitsOf(r)), Tone: "neutral", Mark: plural(r.Unit) + ", " + w.n.Count(h.Exposures) + " exposures"},
		counted("In two variants", h.TwoVariants, "holds", "put aside"),
		counted("Window still open", h.Immature, "holds", "wait for these"),
		counted("Unknown variants", h.UnknownVariants, "holds", "exposures put aside"),
		counted("Excluded units", h.ExcludedUnits, "holds", "bots, internal persons"),
	}
	if r.From == "" { // no exposures were read: what they would have shown is not known
		out[1].Mark = plural(r.Unit)
		out = out[:2]
	}
	for _, c := range []check{
		counted("Nothing known of", h.UnknownUnits, "", "units, counted as zeros"), counted("Without a time", h.WithoutTime, "", "exposures put aside"),
		counted("Before exposure", h.EarlyOutcomes, "", "outcomes not counted"),
	} {
		if c.Value != "0" {
			if c.Name == "Before exposure" { // who arrives while the experiment runs has a past: that is no fault
				c.Tone = "neutral"
			}
			out = append(out, c)
		}
	}
	if s := r.Stopping; s != nil && s.Looks > 0 {
		out = append(out, check{Name: "Looks", Value: fmt.Sprintf("%d of %d", s.Look, s.Looks), Tone: "neutral", Mark: "planned looks that are due"})
	}
	return out
}

// splitFails reports whether the verdict found the split otherwise than planned, by a limit of its own.
func splitFails(r *experiments.Result) bool {
	return slices.ContainsFunc(r.Verdict.Rules, func(x experiments.Rule) bool { return x.Name == "split" && !x.Passed })
}

// pText writes a p-value behind its sign: "= 0.034", "< 0.001".
func (n Numbers) pText(p float64) string {
	if s := n.PValue(p); strings.HasPrefix(s, "<") {
		return s
	}
	return "=" + nbsp + n.PValue(p)
}

// stoppingNames are the words for stopping rules.
var stoppingNames = map[string]string{
	"fixed": "one look at the end", "group_sequential": "planned looks (group sequential)", "always_valid": "looks at any time (confidence sequence)",
	"msprt": "looks at any time (mixture sequential probability ratio test)",
}

func stoppingName(rule string) string { return cmp.Or(stoppingNames[rule], rule) }

// addStopping says how far the experiment is on its way.
func (w *writer) addStopping(s *section, r *experiments.Result) {
	x := r.Stopping
	if x == nil || x.Units == 0 {
		return
	}
	share := float64(x.Mature) / float64(x.Units)
	text := fmt.Sprintf("%s of %s planned %s have a closed window: %s of the way", w.n.Count(x.Mature), w.n.Count(x.Units), plural(r.Unit), w.n.Percent(min(share, 1)))
	if share >= 1 {
		text = fmt.Sprintf("All %s planned %s have a closed window (%s in all)", w.n.Count(x.Units), plural(r.Unit), w.n.Count(x.Mature))
	}
	text += "; rule: " + stoppingName(x.Rule) + "."
	if x.NextUnits != nil && !x.Final {
		text += fmt.Sprintf(" The next look is due at %s.", w.n.Count(*x.NextUnits))
	}
	p := &progress{Share: min(100, 100*share), Label: text}
	if x.NextUnits != nil && x.Units > 0 {
		p.Ticks = append(p.Ticks, min(100, 100*float64(*x.NextUnits)/float64(x.Units)))
	}
	s.addHead("stopping", "How far is it?")
	s.Blocks = append(s.Blocks, block{Progress: p})
	s.addText(text)
}

// addInterference counts referees that more than one arm may have touched.
func (w *writer) addInterference(s *section, r *experiments.Result) {
	x := r.Interference
	if x == nil || x.Referees == 0 {
		return
	}
	s.addHead("interference", "Do the arms touch each other's people?")
	if x.TwoArms+x.Randomised == 0 && x.Warning == "" {
		s.addText(fmt.Sprintf("None of %s referees was touched by two arms, and none is randomised too: the arms can be compared as they are.", w.n.Count(x.Referees)))
		return
	}
	words := "No referee was touched by two arms or randomised into another one: the arms can be compared as they are."
	if x.Warning != "" {
		words = sentence(x.Warning)
	} else if x.TwoArms+x.CrossArm > 0 {
		words = "Few referees were touched by more than one arm; the more there are, the closer the arms are drawn together."
	}
	s.addText(words)
	t := &Table{
		ID: "interference-" + slug(r.Name), Caption: "Referees of " + r.Name + " that more than one arm may have touched",
		Columns: []Column{textColumn("Referees"), countColumn("Persons"), countColumn("Share")},
	}
	for _, row := range []struct {
		name string
		n    int64
	}{{"all", x.Referees}, {"touched by two arms", x.TwoArms}, {"themselves randomised", x.Randomised}, {"randomised into another arm", x.CrossArm}} {
		share := float64(row.n) / float64(x.Referees)
		t.Rows = append(t.Rows, []Cell{text(row.name), w.n.countCell(row.n), w.valueCell(&share, KindRate)})
	}
	s.addTable(t)
}

// addSplit lists the sample-ratio tests of parts, the most uneven first.
func (w *writer) addSplit(s *section, r *experiments.Result) {
	if len(r.SplitBy) == 0 {
		return
	}
	t := &Table{
		ID: "split-" + slug(r.Name), Caption: "Sample ratio of " + r.Name + " by part, the most uneven first; adjusted p by Bonferroni", Show: 10,
		Columns: []Column{textColumn("By"), textColumn("Part")},
	}
	for _, a := range r.Arms {
		t.Columns = append(t.Columns, Column{Head: a.Variant, Numeric: true, CSV: []string{"units_" + a.Variant}})
	}
	t.Columns = append(t.Columns, countColumn("p"), countColumn("Adjusted p"))
	parts := slices.Clone(r.SplitBy)
	slices.SortStableFunc(parts, func(a, b experiments.SplitPart) int { return cmp.Compare(orOne(a.PValue), orOne(b.PValue)) })
	uneven := 0
	for _, p := range parts {
		row := []Cell{text(p.By), name(p.Key)}
		for i := range r.Arms {
			c := Cell{Text: "–", Tone: "absent", CSV: []string{""}}
			if i < len(p.Units) {
				c = w.n.countCell(p.Units[i])
			}
			row = append(row, c)
		}
		pc, ac := w.pCell(p.PValue), w.pCell(p.AdjustedP)
		pc.Title = Reason(p.Reason)
		if p.Reason == "" {
			pc.Title = ""
		}
		if orOne(p.AdjustedP) < srmAlpha {
			uneven++
			ac.Tone = "worse"
		}
		t.Rows = append(t.Rows, append(row, pc, ac))
	}
	s.addHead("split", "Is the split as planned everywhere?")
	if uneven == 0 {
		s.addText(fmt.Sprintf("In none of %s parts the units are split clearly otherwise than planned.", w.n.Count(int64(len(parts)))))
	} else {
		s.addText(fmt.Sprintf("In %s of %s parts the units are split otherwise than planned: look there for the cause.", w.n.Count(int64(uneven)), w.n.Count(int64(len(parts)))))
	}
	if len(t.Rows) > t.Show {
		t.Caption += fmt.Sprintf("; the file has all %s", w.n.Count(int64(len(t.Rows))))
	}
	s.addTable(t)
}

func orOne(p *float64) float64 {
	if p == nil {
		return 1
	}
	return *p
}
