package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"vouch/funnel"
	"vouch/reports/chart"
)

// maxNext is how many events that came next a flow names; the others are drawn as one. The table has
// all that were counted.
const maxNext = 6

// flowBlocks says what those do who go no further.
func (w *writer) flowBlocks(s *section, f *funnel.Result) error {
	if len(f.Flow) == 0 {
		return nil
	}
	s.Blocks = append(s.Blocks, block{Head: "What comes after the last step reached?", Anchor: funnelID(f, "flow")})
	if err := s.addChart(w.flowChart(f).Option()); err != nil {
		return err
	}
	s.addText(w.flowReading(f))
	s.addTable(w.flowTable(f))
	if step := worstStep(f.Flow); step != nil {
		s.addNote("Who they are is private and on no page; ask for them by vouch funnel " + argument(f.Name) + " --list " + argument(step.Name) + " --status dropped --format csv.")
	}
	return nil
}

// nextText names what came next.
func nextText(r funnel.FlowRow) string {
	switch {
	case r.Next == "converted":
		return "came through"
	case r.Next == "open":
		return "nothing yet"
	case r.Next == "nothing":
		return "nothing more"
	case r.Event == "":
		return "other events"
	case r.Event == r.Name:
		return r.Event + " again"
	}
	return r.Event
}

// nextTone is what it means for the funnel that this came next.
func nextTone(r funnel.FlowRow) chart.Tone {
	switch r.Next {
	case "converted":
		return chart.Better
	case "open":
		return chart.Neutral
	case "nothing":
		return chart.Worse
	}
	return chart.Accent
}

// nextKey is where a row ends on the right side of the chart: one place for each outcome, one for each
// of the named events, one for the others.
func nextKey(r funnel.FlowRow, named []string) string {
	if r.Next != "event" {
		return r.Next
	}
	if r.Event != "" && slices.Contains(named, r.Event) {
		return "event " + r.Event
	}
	return "event"
}

// commonNext are the events that came next most often over all steps.
func commonNext(rows []funnel.FlowRow) []string {
	sums := map[string]int64{}
	for _, r := range rows {
		if r.Next == "event" && r.Event != "" {
			sums[r.Event] += r.Persons
		}
	}
	names := sortedKeys(sums)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(sums[b], sums[a]) })
	return names[:min(len(names), maxNext)]
}

// flowChart draws who stopped where and what came next.
func (w *writer) flowChart(f *funnel.Result) chart.Sankey {
	u := nounOf(f)
	c := chart.Sankey{
		ID: funnelID(f, "flow-chart"),
		Label: "Flow: " + u.many + " of " + f.Name + " by the last step they reached, on the left, and by what came next, on the right: another event, nothing within the window, " +
			"or nothing yet while it is open. The table below holds the same numbers.",
	}
	named := commonNext(f.Flow)
	order := []string{"nothing"}
	for _, n := range named {
		order = append(order, "event "+n)
	}
	order = append(order, "event", "open", "converted")
	right, left := map[string]int{}, map[int]int{}
	ends, starts := map[string]int64{}, map[int]int64{}
	widths := map[[2]int]int64{}
	for _, key := range order {
		right[key] = len(c.Right)
		c.Right = append(c.Right, chart.Stop{})
	}
	for _, r := range f.Flow {
		key := nextKey(r, named)
		if _, ok := left[r.Step]; !ok {
			left[r.Step] = len(c.Left)
			c.Left = append(c.Left, chart.Stop{Name: r.Name, Tone: chart.Neutral})
		}
		c.Right[right[key]] = chart.Stop{Name: endText(key, r), Tone: nextTone(r)}
		starts[r.Step] += r.Persons
		ends[key] += r.Persons
		widths[[2]int{left[r.Step], right[key]}] += r.Persons
	}
	for step, i := range left {
		c.Left[i].Text = w.shareText(starts[step], f.Persons)
		c.Left[i].Tip = "last step reached: " + c.Left[i].Name + "\n" + u.count(w.n, starts[step]) + "\n" + c.Left[i].Text
	}
	for key, i := range right {
		c.Right[i].Text = w.shareText(ends[key], f.Persons)
		c.Right[i].Tip = c.Right[i].Name + "\n" + u.count(w.n, ends[key])
	}
	for l, from := range c.Left {
		for r, to := range c.Right {
			if n := widths[[2]int{l, r}]; n > 0 {
				c.Flows = append(c.Flows, chart.Flow{From: l, To: r, Value: float64(n), Tip: from.Name + " → " + to.Name + "\n" + u.count(w.n, n)})
			}
		}
	}
	return c
}

// endText names a place on the right side; events that are not named share one.
func endText(key string, r funnel.FlowRow) string {
	switch {
	case key == "event":
		return "other events"
	case r.Next == "event":
		return r.Event
	}
	return nextText(r)
}

// shareText is a number with its share of all that entered.
func (w *writer) shareText(part, whole int64) string {
	t := w.n.Count(part)
	if whole >= TooFew {
		t += "  " + w.n.Percent(float64(part)/float64(whole))
	}
	return t
}

// argument writes a name as an argument of a command, in quotes where a shell would take it apart.
func argument(name string) string {
	if name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return name
	}
	return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
}

// worstStep is a row of the step after which most stop, or nil when nobody does.
func worstStep(rows []funnel.FlowRow) *funnel.FlowRow {
	stops := map[int]int64{}
	var worst *funnel.FlowRow
	for i := range rows {
		r := &rows[i]
		if r.Next == "converted" {
			continue
		}
		if stops[r.Step] += r.Persons; worst == nil || stops[r.Step] > stops[worst.Step] {
			worst = r
		}
	}
	return worst
}

// flowReading says what became of those at the step where most stop.
func (w *writer) flowReading(f *funnel.Result) string {
	worst := worstStep(f.Flow)
	if worst == nil {
		return "All that entered came through."
	}
	var stopped int64
	var rows []funnel.FlowRow
	for _, r := range f.Flow {
		if r.Step == worst.Step && r.Next != "converted" {
			rows, stopped = append(rows, r), stopped+r.Persons
		}
	}
	slices.SortStableFunc(rows, func(a, b funnel.FlowRow) int { return cmp.Compare(b.Persons, a.Persons) })
	u := nounOf(f)
	t := fmt.Sprintf("Most stop after %s: %s.", rows[0].Name, u.count(w.n, stopped))
	if stopped < TooFew {
		return t
	}
	for i, r := range rows[:min(3, len(rows))] {
		share := w.n.Percent(float64(r.Persons) / float64(stopped))
		lead := " Of them "
		if i > 0 {
			lead = ", "
		}
		t += lead + share + " " + nextClause(r)
	}
	return t + "."
}

// nextClause says what came next as part of a sentence.
func nextClause(r funnel.FlowRow) string {
	switch {
	case r.Next == "open":
		return "did nothing yet and still have time"
	case r.Next == "nothing":
		return "did nothing more within the window"
	case r.Event == "":
		return "went on to other events"
	case r.Event == r.Name:
		return "did " + r.Event + " again"
	}
	return "went on to " + r.Event
}

// flowTable lists the flow, in the order of the steps.
func (w *writer) flowTable(f *funnel.Result) *Table {
	u := nounOf(f)
	t := &Table{
		ID: "flow-" + slug(f.Name), Caption: title(u.many) + " of " + f.Name + " by last step reached and what came next within the window",
		Columns: []Column{
			{Head: "Last step reached", CSV: []string{"step", "name"}},
			{Head: "What came next", CSV: []string{"next", "event"}},
			countColumn(title(u.many)), shareColumn("Of those who stopped there"), shareColumn("Of all"),
		},
	}
	stops := map[int]int64{}
	for _, r := range f.Flow {
		stops[r.Step] += r.Persons
	}
	for _, r := range f.Flow {
		step := text(r.Name)
		step.Sort, step.CSV = fmt.Sprintf("%03d", r.Step), []string{fmt.Sprint(r.Step), r.Name}
		next := text(nextText(r))
		next.CSV = []string{r.Next, r.Event}
		t.Rows = append(t.Rows, []Cell{step, next, w.n.countCell(r.Persons), w.shareCell(r.Persons, stops[r.Step]), w.shareCell(r.Persons, f.Persons)})
	}
	return t
}
