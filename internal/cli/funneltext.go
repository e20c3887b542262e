package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"vouch/funnel"
	"vouch/referral"
)

// funnelText writes the funnel for people: steps with rates, intervals and bars, then what is still
// open, how long it takes, what it cost and how it was counted, the entry periods if the definition names
// them or they are asked for, the groups, and what came after the last step.
func (a *app) funnelText(w io.Writer, r funnel.Result, show funnelFlags) {
	head := []string{r.Name}
	if r.From != "" {
		head = append(head, r.From+" to "+r.To)
	}
	if len(r.Steps) > 0 {
		head = append(head, referral.Thousands(r.Steps[0].Persons)+" "+r.Noun(r.Steps[0].Persons))
	}
	if r.Window != "" {
		head = append(head, "window "+r.Window)
	}
	if r.CompleteTo != "" {
		head = append(head, "complete to "+r.CompleteTo)
	}
	fmt.Fprintf(w, "%s\n\n", broken(head, " · ", a.env.Width, "  "))
	writeTables(w, []table{a.stepTable(r)})
	if len(r.Steps) > 0 && r.Steps[0].Persons == 0 {
		fmt.Fprintln(w, "\n  Nobody entered this funnel.")
		a.paragraph(w, readingNotes(r))
		return
	}
	a.paragraph(w, append(funnelNotes(r), readingNotes(r)...))
	if show.trend || r.Options["trend"] != "" && len(r.Trend) > 0 {
		fmt.Fprintln(w)
		trendText(w, r, show.trend)
	}
	if show.times {
		fmt.Fprintln(w)
		a.timesText(w, r)
	}
	if len(r.Groups) > 0 {
		n := len(r.Groups)
		if !show.groups {
			n = min(n, shownGroups(r))
		}
		t := groupTable(r, n)
		t.fit(a.env.Width, "amount, "+r.Currency, "per "+goal(r.Steps).Name+", "+r.Currency, "half after", "adjusted p", "expected 95 %", "difference", "95 %")
		fmt.Fprintln(w)
		writeTables(w, []table{t})
		if n < len(r.Groups) {
			fmt.Fprintf(w, "  --groups shows all %s\n", referral.Thousands(int64(len(r.Groups))))
		}
	}
	if len(r.Flow) > 0 {
		fmt.Fprintln(w)
		a.flowText(w, r)
	}
}

// stepTable lists the steps; a terminal has bars beside them.
func (a *app) stepTable(r funnel.Result) table {
	head := []string{"step", r.Noun(2), "from previous", "95 %", "from first", "95 %"}
	half, each, amount := "half after", "cost each, "+r.Currency, "amount, "+r.Currency
	counts := len(r.Steps) > 0 && r.Steps[0].AmountMinor == nil
	costs := r.Cost != nil && r.Cost.CostMinor != nil
	if !counts {
		if head = append(head, half); costs {
			head = append(head, each)
		}
		head = append(head, amount)
	}
	t := newTable("", 1, head...)
	for _, s := range r.Steps {
		row := []string{
			s.Name, referral.Thousands(s.Persons), percent(s.FromPrevious), percentRange(s.FromPrevious),
			percent(s.FromFirst), percentRange(s.FromFirst),
		}
		if !counts {
			if row = append(row, duration(s.VelocityConverting["0.5"])); costs {
				row = append(row, moneyOf(*s.CostPerPerson, r.Currency))
			}
			row = append(row, money(*s.AmountMinor, r.Currency))
		}
		t.add(row...)
	}
	a.withBars(&t, func(i int) (n, of int64) { return r.Steps[i].Persons, r.Steps[0].Persons }, amount, each, half, "95 %", "from previous")
	return t
}

// withBars adds bars to a table on a terminal, as long as there is room; on a narrow one the columns named give way.
func (a *app) withBars(t *table, share func(row int) (n, of int64), optional ...string) {
	if !a.env.Terminal {
		return
	}
	const widest, narrowest = 20, 10
	room := widest
	if a.env.Width > 0 {
		t.fit(a.env.Width-narrowest-2, optional...)
		room = max(1, min(widest, a.env.Width-t.width()-2))
	}
	t.head = append(t.head, "")
	t.left[len(t.head)-1] = true
	for i := range t.rows {
		n, of := share(i)
		t.rows[i] = append(t.rows[i], bar(n, of, room))
	}
}

// funnelNotes says what the table cannot: open windows, times and costs.
func funnelNotes(r funnel.Result) []string {
	var out []string
	if c := r.Censoring; c != nil && c.OpenPersons > 0 {
		out = append(out, fmt.Sprintf("%s still open. From the first entry of each %s: %s of those whose window is over converted; with the open ones (Kaplan–Meier) %s (%s), taking them for failures %s.",
			count(int(c.OpenPersons), "window is", "windows are"), r.Noun(1), percent(&c.Matured), percent(&c.KaplanMeier), percentRange(&c.KaplanMeier), percent(&c.Naive)))
	}
	if s := timeNote(r); s != "" {
		out = append(out, s)
	}
	if c := r.Cost; c != nil && c.CostMinor != nil {
		last := goal(r.Steps)
		s := fmt.Sprintf("Cost from %s to %s: %s %s, of it paid out %s", c.From, c.To, money(*c.CostMinor, r.Currency), r.Currency, money(*c.PayoutMinor, r.Currency))
		if e := last.CostPerPerson; e.Known() {
			s += fmt.Sprintf("; %s per %s", moneyOf(*e, r.Currency), printable(last.Name))
			if e.Lo != nil && e.Hi != nil {
				s += fmt.Sprintf(" (%s–%s)", money(int64(*e.Lo+0.5), r.Currency), money(int64(*e.Hi+0.5), r.Currency))
			}
		}
		out = append(out, s+".")
	}
	return out
}

// timeNote says how long conversions take: off the curve where there is one, else of those who did.
func timeNote(r funnel.Result) string {
	half, nine := r.VelocityConverting["0.5"], r.VelocityConverting["0.9"]
	if all := r.Velocity["0.5"]; all != nil {
		return fmt.Sprintf("Time to convert: half of all who entered within %s.", seconds(*all))
	}
	if half != nil {
		s := "Time to convert, of those who do within the window: half within " + seconds(*half)
		if nine != nil {
			s += ", nine in ten within " + seconds(*nine)
		}
		return s + "."
	}
	t, ok := r.TimeToConvert["total"]
	if !ok {
		return ""
	}
	return fmt.Sprintf("Time to convert, of those who did: half within %s (%s %s).", seconds(t.Median), referral.Thousands(t.N), r.Noun(t.N))
}

// paragraph writes sentences below a table, broken to the width of the terminal.
func (a *app) paragraph(w io.Writer, notes []string) {
	if len(notes) > 0 {
		fmt.Fprintln(w)
	}
	for _, note := range notes {
		a.lines(w, note)
	}
}

// lines writes one text broken to the width of the terminal.
func (a *app) lines(w io.Writer, text string) {
	words := strings.Split(strings.ReplaceAll(text, " %", "\u00a0%"), " ") // a number keeps its sign
	fmt.Fprintln(w, "  "+strings.ReplaceAll(broken(words, " ", max(0, a.env.Width-2), "    "), "\u00a0", " "))
}

// broken joins parts into lines of at most width cells; those after the first are indented. Width 0 keeps one line.
// Parts cannot steer the terminal.
func broken(parts []string, sep string, width int, indent string) string {
	var b strings.Builder
	used := 0
	for i, p := range parts {
		p = printable(p)
		switch {
		case i == 0:
		case width > 0 && used+cells(sep)+cells(p) > width:
			b.WriteString("\n" + indent)
			used = cells(indent)
		default:
			b.WriteString(sep)
			used += cells(sep)
		}
		b.WriteString(p)
		used += cells(p)
	}
	return b.String()
}

// duration writes seconds that may not be known.
func duration(s *float64) string {
	if s == nil {
		return ""
	}
	return seconds(*s)
}

// bar draws a share of the largest value in block characters.
func bar(n, of int64, width int) string {
	if of <= 0 || n <= 0 {
		return ""
	}
	return strings.Repeat("█", max(1, int(int64(width)*n/of)))
}

// goal is the last required step: whoever reached it converted.
func goal(steps []funnel.StepResult) funnel.StepResult {
	for i := len(steps) - 1; i > 0; i-- {
		if !steps[i].Optional {
			return steps[i]
		}
	}
	return steps[0]
}

// shownGroups is the number of groups that stand alone.
func shownGroups(r funnel.Result) int {
	if n, err := strconv.Atoi(r.Options["top"]); err == nil {
		return n
	}
	return funnel.DefaultTop
}

// groupTable lists the first n groups and, below them, all others together.
func groupTable(r funnel.Result, n int) table {
	judged := r.Groups[0].VersusRest != nil
	head := []string{r.By, r.Steps[0].Name, goal(r.Steps).Name, "from first", "95 %"}
	if judged {
		head = append(head, "expected", "expected 95 %", "vs rest", "difference", "adjusted p", "half after")
		if r.Groups[0].Cost != nil {
			head = append(head, "per "+goal(r.Steps).Name+", "+r.Currency)
		}
		head = append(head, "amount, "+r.Currency)
	}
	t := newTable("", 1, head...)
	for _, g := range r.Groups[:n] {
		key := shorten(printable(g.Key), 32)
		if key == "" {
			key = "(none)"
		}
		row := rateCells(key, g.Steps)
		if judged {
			row = append(row, judgedCells(g, r.Currency)...)
		}
		t.add(row...)
	}
	if r.Other != nil && n < len(r.Groups) {
		row := rateCells(fmt.Sprintf("(%s others)", referral.Thousands(r.Other.Values)), r.Other.Steps)
		if judged {
			row = append(row, make([]string, len(head)-len(row)-1)...)
			row = append(row, amount(goal(r.Other.Steps).AmountMinor, r.Currency))
		}
		t.add(row...)
	}
	return t
}

func rateCells(key string, steps []funnel.StepResult) []string {
	last := goal(steps)
	return []string{key, referral.Thousands(steps[0].Persons), referral.Thousands(last.Persons), percent(last.FromFirst), percentRange(last.FromFirst)}
}

// judgedCells say how a group stands: its shrunk rate, whether it is told apart from the rest, its times and money.
func judgedCells(g funnel.Group, currency string) []string {
	v, last := g.VersusRest, goal(g.Steps)
	decision := v.Decision
	if v.PValue == nil {
		decision = reason(v.Difference)
	}
	out := []string{percent(g.Shrunk), percentRange(g.Shrunk), decision, points(v.Difference.Value), pValue(v.AdjustedP), duration(g.VelocityConverting["0.5"])}
	if g.Cost != nil {
		out = append(out, moneyOf(*last.CostPerPerson, currency))
	}
	return append(out, money(*last.AmountMinor, currency))
}

// amount writes money that may not be known.
func amount(minor *int64, currency string) string {
	if minor == nil {
		return ""
	}
	return money(*minor, currency)
}

// points writes a difference of rates in percentage points.
func points(d *float64) string {
	if d == nil {
		return "–"
	}
	return fmt.Sprintf("%+.1f", 100**d)
}

// flowText writes what came after the last step reached, step by step.
func (a *app) flowText(w io.Writer, r funnel.Result) {
	stopped := map[int]int64{}
	for _, f := range r.Flow {
		stopped[f.Step] += f.Persons
	}
	t := newTable("", 2, "last step", "then", r.Noun(2), "share")
	for i, f := range r.Flow {
		name := f.Name
		if i > 0 && r.Flow[i-1].Step == f.Step {
			name = ""
		}
		share := float64(f.Persons) / float64(stopped[f.Step])
		t.add(name, nextWords(f), referral.Thousands(f.Persons), fmt.Sprintf("%.1f %%", 100*share))
	}
	a.withBars(&t, func(i int) (n, of int64) { return r.Flow[i].Persons, stopped[r.Flow[i].Step] })
	writeTables(w, []table{t})
}

// nextWords names what came next; what is no event stands in brackets.
func nextWords(f funnel.FlowRow) string {
	switch {
	case f.Next == "event" && f.Event == "":
		return "(other events)"
	case f.Next == "event":
		return shorten(printable(f.Event), 32)
	case f.Next == "open":
		return "(nothing so far, window open)"
	}
	return "(" + f.Next + ")"
}

// exactOf writes the value of an estimate for CSV.
func exactOf(e *referral.Estimate) string {
	if e == nil {
		return ""
	}
	return exact(e.Value)
}
