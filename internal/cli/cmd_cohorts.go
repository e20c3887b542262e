package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/spf13/cobra"

	"vouch/cohorts"
	"vouch/referral"
)

func (a *app) cohortsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cohorts NAME", Short: "Do customers stay, and what are they worth at each age?", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				var r cohorts.Result
				err := s.timings.Stage("cohorts", func() (err error) {
					r, err = s.Cohorts(cmd.Context(), args[0])
					return err
				})
				if err != nil {
					return answer{}, err
				}
				return answer{
					schema: "vouch.cohorts/1", findings: r.Findings, result: r, tables: cohortTables(r),
					text: func(w io.Writer) { cohortText(w, r) },
				}, nil
			})
		},
	}
}

// cohortText shows the pooled value by age first, then the retention triangle of all customers.
func cohortText(w io.Writer, r cohorts.Result) {
	fmt.Fprintf(w, "%s · by %s, age in %ss · contribution at margin %s\n\n", r.Name, r.By, r.Age, r.Margin)
	v := newTable("", 0, "age", "customers", "value per customer, "+r.Currency, "95 %", "retained", "95 %")
	for _, l := range r.LTV {
		if l.Key != "" {
			continue
		}
		lohi := ""
		if l.Value.Lo != nil && l.Value.Hi != nil {
			lohi = money(int64(math.Round(*l.Value.Lo)), r.Currency) + "–" + money(int64(math.Round(*l.Value.Hi)), r.Currency)
		}
		v.add(strconv.Itoa(l.Age), referral.Thousands(l.Customers), moneyOf(l.Value, r.Currency), lohi,
			percent(&l.Retention), percentRange(&l.Retention))
	}
	writeTables(w, []table{v})
	fmt.Fprintln(w, "\n  retained customers; * marks an age that is not over for everyone")
	fmt.Fprintln(w)
	writeTables(w, []table{triangle(r)})
}

// triangle shows retained customers of the ungrouped cohorts, at most the first 13 ages.
func triangle(r cohorts.Result) table {
	all := r.Overall()
	ages := 0
	for _, c := range all {
		ages = max(ages, len(c.Cells))
	}
	ages = min(ages, 13)
	head := []string{"cohort", "size"}
	for k := range ages {
		head = append(head, strconv.Itoa(k))
	}
	t := newTable("", 1, head...)
	for _, c := range all {
		row := []string{c.Cohort, referral.Thousands(c.Size)}
		for k := range ages {
			cell := ""
			if k < len(c.Cells) {
				cell = referral.Thousands(c.Cells[k].Retained)
				if !c.Cells[k].Complete {
					cell += "*"
				}
			}
			row = append(row, cell)
		}
		t.add(row...)
	}
	return t
}

func cohortTables(r cohorts.Result) []table {
	t := newTable("", 2, "cohort", "group", "size", "age", "retained", "eligible", "complete", "cumulative_minor")
	for _, c := range r.Cohorts {
		for _, x := range c.Cells {
			t.add(c.Cohort, c.Key, strconv.FormatInt(c.Size, 10), strconv.Itoa(x.Age), strconv.FormatInt(x.Retained, 10),
				strconv.FormatInt(x.Eligible, 10), strconv.FormatBool(x.Complete), strconv.FormatInt(x.CumulativeMinor, 10))
		}
	}
	return []table{t}
}
