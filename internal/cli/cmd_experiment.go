package cli

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"vouch/experiments"
	"vouch/referral"
)

// experimentList is the answer about all experiments.
type experimentList struct {
	Experiments []experiments.Result `json:"experiments"`
}

func (a *app) experimentCommand() *cobra.Command {
	var explain bool
	c := &cobra.Command{
		Use: "experiment [NAME]", Short: "Did the incentive work, and is it worth its cost?", Args: atMost(1),
		Long: "experiment reads one experiment out: what to do, how sure that is, what it is worth, what would change it; then every metric with its\n" +
			"interval. Without a name it lists all experiments with their verdicts.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				if len(args) == 0 {
					return a.allExperiments(cmd.Context(), s)
				}
				r, err := oneExperiment(cmd.Context(), s, args[0])
				if err != nil {
					return answer{}, err
				}
				return answer{
					schema: "vouch.experiment/1", findings: r.Findings, result: r, tables: experimentTables(r),
					text: func(w io.Writer) { a.experimentText(w, r, explain) },
				}, nil
			})
		},
	}
	c.Flags().BoolVar(&explain, "explain", false, "the rules of the verdict with what each found, and the other readings of the effects")
	return c
}

func oneExperiment(ctx context.Context, s *session, name string) (r experiments.Result, err error) {
	err = s.timings.Stage("experiment", func() (err error) {
		r, err = s.Experiment(ctx, name)
		return err
	})
	return r, err
}

// allExperiments reads every experiment of the project.
func (a *app) allExperiments(ctx context.Context, s *session) (answer, error) {
	list := experimentList{Experiments: []experiments.Result{}}
	var findings []referral.Finding
	for _, name := range slices.Sorted(maps.Keys(s.Cfg.Experiments)) {
		r, err := oneExperiment(ctx, s, name)
		if err != nil {
			return answer{}, err
		}
		list.Experiments = append(list.Experiments, r)
		findings = append(findings, r.Findings...)
	}
	return answer{
		schema: "vouch.experiment.list/1", findings: findings, result: list, tables: []table{exactVerdicts(list.Experiments)},
		text: func(w io.Writer) { a.verdictsText(w, list.Experiments) },
	}, nil
}

// experimentTables lists the effects with all digits.
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

// exactVerdicts lists the verdicts with all digits.
func exactVerdicts(rs []experiments.Result) table {
	t := newTable("", 3, "experiment", "verdict", "arm", "value_month_minor", "value_month_lo", "value_month_hi", "probability_of_loss", "units", "more_units", "more_days")
	for _, r := range rs {
		v := r.Verdict
		t.add(r.Name, v.Action, v.Arm, exact(v.MonthMinor.Value), exact(v.MonthMinor.Lo), exact(v.MonthMinor.Hi), exact(v.ProbabilityOfLoss),
			plain(unitsOf(r)), ifKnown(v.MoreUnits, plain), ifKnown(v.MoreDays, plain))
	}
	return t
}
