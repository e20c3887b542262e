package cli

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vouch/funnel"
	"vouch/referral"
)

func (a *app) funnelCommand() *cobra.Command {
	var counts, groups, explain bool
	c := &cobra.Command{
		Use: "funnel NAME", Short: "Where do people get lost on the way?", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if explain {
				return usageError{errors.New("--explain is not available yet: every person takes the streaming kernel")}
			}
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				var r funnel.Result
				err := s.timings.Stage("funnel", func() (err error) {
					r, err = s.Funnel(cmd.Context(), args[0], counts)
					return err
				})
				if err != nil {
					return answer{}, err
				}
				return answer{
					schema: "vouch.funnel/1", findings: r.Findings, result: r, tables: funnelTables(r),
					text: func(w io.Writer) { a.funnelText(w, r, groups) },
				}, nil
			})
		},
	}
	c.Flags().BoolVar(&counts, "counts", false, "steps and groups only: the fastest form")
	c.Flags().BoolVar(&explain, "explain", false, "which road each person took (planned)")
	c.Flags().BoolVar(&groups, "groups", false, "show every group, not the ten largest")
	return c
}

// funnelText writes the funnel for people: steps with rates, intervals and bars, then what is still
// open, how long it takes, and the groups.
func (a *app) funnelText(w io.Writer, r funnel.Result, all bool) {
	head := []string{r.Name}
	if r.From != "" {
		head = append(head, r.From+" to "+r.To)
	}
	if len(r.Steps) > 0 {
		head = append(head, thousands(r.Steps[0].Persons)+" persons")
	}
	if r.Window != "" {
		head = append(head, "window "+r.Window)
	}
	if r.CompleteTo != "" {
		head = append(head, "complete to "+r.CompleteTo)
	}
	fmt.Fprintf(w, "%s\n\n", strings.Join(head, " · "))
	t := newTable("", 1, withAmount(r, "step", "persons", "from previous", "95 %", "from first", "95 %")...)
	for _, s := range r.Steps {
		t.add(appendAmount([]string{
			s.Name, thousands(s.Persons), percent(s.FromPrevious), percentRange(s.FromPrevious),
			percent(s.FromFirst), percentRange(s.FromFirst),
		}, s, r.Currency)...)
	}
	if a.env.Terminal {
		t.head = append(t.head, "")
		t.left[len(t.head)-1] = true
		for i, s := range r.Steps {
			t.rows[i] = append(t.rows[i], bar(s.Persons, r.Steps[0].Persons, 20))
		}
	}
	t.fit(a.env.Width, "amount, "+r.Currency, "")
	writeTables(w, []table{t})
	if len(r.Steps) > 0 && r.Steps[0].Persons == 0 {
		fmt.Fprintln(w, "\n  Nobody entered this funnel.")
		return
	}
	funnelNotes(w, r)
	if len(r.Groups) > 0 {
		fmt.Fprintln(w)
		n := len(r.Groups)
		if !all {
			n = min(n, 10)
		}
		writeTables(w, []table{groupTable(r, n)})
		if n < len(r.Groups) {
			fmt.Fprintf(w, "  … and %s more: --groups shows all\n", thousands(int64(len(r.Groups)-n)))
		}
	}
}

// funnelNotes says what the table cannot: open windows and times.
func funnelNotes(w io.Writer, r funnel.Result) {
	if c := r.Censoring; c != nil && c.OpenPersons > 0 {
		fmt.Fprintf(w, "\n  %s still open; from each person's first entry: matured entrants only %s, Kaplan–Meier %s (%s)\n",
			count(int(c.OpenPersons), "window is", "windows are"), percent(&c.Matured), percent(&c.KaplanMeier), percentRange(&c.KaplanMeier))
	}
	if half := r.Velocity["0.5"]; half != nil {
		line := "  time to convert: half within " + seconds(*half)
		if nine := r.Velocity["0.9"]; nine != nil {
			line += ", nine in ten within " + seconds(*nine)
		}
		fmt.Fprintln(w, line)
	} else if t, ok := r.TimeToConvert["total"]; ok {
		fmt.Fprintf(w, "  time to convert: half of those who did within %s (%s persons)\n", seconds(t.Median), thousands(t.N))
	}
}

// withAmount adds the column of money to a head if the funnel read any: bare counts do not.
func withAmount(r funnel.Result, head ...string) []string {
	if len(r.Steps) > 0 && r.Steps[0].AmountMinor == nil {
		return head
	}
	return append(head, "amount, "+r.Currency)
}

// appendAmount adds the cell below withAmount.
func appendAmount(cells []string, s funnel.StepResult, currency string) []string {
	if s.AmountMinor == nil {
		return cells
	}
	return append(cells, money(*s.AmountMinor, currency))
}

// bar draws a share of the largest value in block characters.
func bar(n, of int64, width int) string {
	if of <= 0 || n <= 0 {
		return ""
	}
	return strings.Repeat("█", max(1, int(int64(width)*n/of)))
}

func groupTable(r funnel.Result, n int) table {
	first, last := r.Steps[0].Name, r.Steps[len(r.Steps)-1].Name
	t := newTable("", 1, withAmount(r, r.By, first, last, "from first", "95 %")...)
	for _, g := range r.Groups[:n] {
		l := g.Steps[len(g.Steps)-1]
		t.add(appendAmount([]string{
			shorten(printable(g.Key), 32), thousands(g.Steps[0].Persons), thousands(l.Persons),
			percent(l.FromFirst), percentRange(l.FromFirst),
		}, l, r.Currency)...)
	}
	return t
}

// funnelTables are the exact figures for CSV and Markdown.
func funnelTables(r funnel.Result) []table {
	head := []string{"group", "step", "persons", "from_previous", "from_first", "from_first_lo", "from_first_hi", "amount_minor"}
	t := newTable("", 2, head...)
	add := func(key string, steps []funnel.StepResult) {
		for _, s := range steps {
			var lo, hi *float64
			if s.FromFirst != nil {
				lo, hi = s.FromFirst.Lo, s.FromFirst.Hi
			}
			amount := ""
			if s.AmountMinor != nil {
				amount = strconv.FormatInt(*s.AmountMinor, 10)
			}
			t.add(key, s.Name, strconv.FormatInt(s.Persons, 10), exactOf(s.FromPrevious), exactOf(s.FromFirst),
				exact(lo), exact(hi), amount)
		}
	}
	add("(all)", r.Steps)
	for _, g := range r.Groups {
		add(g.Key, g.Steps)
	}
	return []table{t}
}

func exactOf(e *referral.Estimate) string {
	if e == nil {
		return ""
	}
	return exact(e.Value)
}

// sortedKeys lists the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
