package cli

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vouch/experiments"
	"vouch/referral"
)

func (a *app) experimentCommand() *cobra.Command {
	return &cobra.Command{
		Use: "experiment NAME", Short: "Did the incentive work, and is it worth its cost?", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				var r experiments.Result
				err := s.timings.Stage("experiment", func() (err error) {
					r, err = s.Experiment(cmd.Context(), args[0])
					return err
				})
				if err != nil {
					return answer{}, err
				}
				return answer{
					schema: "vouch.experiment/1", findings: r.Findings, result: r, tables: experimentTables(r),
					text: func(w io.Writer) { experimentText(w, r) },
				}, nil
			})
		},
	}
}

// experimentText leads with the verdict, then shows the arms and each metric.
func experimentText(w io.Writer, r experiments.Result) {
	fmt.Fprintf(w, "%s · unit %s · %s to %s\n\n", r.Name, r.Unit, r.From, r.To)
	verdict := strings.ToUpper(r.Verdict.Action)
	if r.Verdict.Arm != "" {
		verdict += " " + printable(r.Verdict.Arm)
	}
	fmt.Fprintf(w, "  %s: %s\n\n", verdict, r.Verdict.Reason)
	t := newTable("", 1, "variant", "units", "mature", "planned share")
	for _, x := range r.Arms {
		t.add(printable(x.Variant), thousands(x.N), thousands(x.Mature), fmt.Sprintf("%.1f %%", 100*x.Share))
	}
	writeTables(w, []table{t})
	fmt.Fprintf(w, "\n  sample ratio: p = %s\n\n", pValue(r.SRM.PValue))
	level := strconv.FormatFloat(100*r.Confidence, 'g', 4, 64) + " %"
	m := newTable("", 3, "metric", "role", "arm", "effect", level, "lift", level, "p", "adjusted p", "decision")
	m.left[9] = true
	for _, x := range r.Metrics {
		for _, c := range x.Comparisons {
			m.add(x.Name, x.Role, printable(c.Arm), effect(x, c.Effect, r.Currency), effectRange(x, c.Effect, r.Currency),
				percent(&c.Lift), percentRange(&c.Lift), pValue(c.PValue), pValue(c.AdjustedP), c.Decision)
		}
	}
	writeTables(w, []table{m})
	fmt.Fprintf(w, "\n  p: probability of a difference at least this large if there were none\n")
}

// effect writes a difference: percentage points for rates, money for amounts, the number itself for
// counts.
func effect(m experiments.MetricResult, e referral.Estimate, currency string) string {
	if e.Value == nil {
		return reason(e)
	}
	return difference(m, *e.Value, currency)
}

func effectRange(m experiments.MetricResult, e referral.Estimate, currency string) string {
	if e.Lo == nil || e.Hi == nil {
		return ""
	}
	return difference(m, *e.Lo, currency) + " to " + difference(m, *e.Hi, currency)
}

func difference(m experiments.MetricResult, v float64, currency string) string {
	switch {
	case m.Kind == "proportion":
		return fmt.Sprintf("%+.2f pp", 100*v)
	case m.Value == "amount":
		return currency + " " + money(int64(math.Round(v)), currency)
	}
	return fmt.Sprintf("%+.3g", v)
}

func experimentTables(r experiments.Result) []table {
	t := newTable("", 4, "metric", "role", "arm", "control", "effect", "effect_lo", "effect_hi", "lift", "lift_lo", "lift_hi", "p_value", "adjusted_p", "decision")
	t.left[12] = true
	for _, x := range r.Metrics {
		for _, c := range x.Comparisons {
			t.add(x.Name, x.Role, c.Arm, c.Control, exact(c.Effect.Value), exact(c.Effect.Lo), exact(c.Effect.Hi),
				exact(c.Lift.Value), exact(c.Lift.Lo), exact(c.Lift.Hi), exact(c.PValue), exact(c.AdjustedP), c.Decision)
		}
	}
	return []table{t}
}
