package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"vouch/funnel"
)

// funnelFlags are what the command can be asked for.
type funnelFlags struct {
	counts, groups, trend, times, explain, flow bool
	list                                        funnel.ListQuestion
}

func (a *app) funnelCommand() *cobra.Command {
	var f funnelFlags
	c := &cobra.Command{
		Use: "funnel NAME", Short: "Where do people get lost on the way?", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd); err != nil {
				return usageError{err}
			}
			return a.analysis(cmd.Context(), func(s *session) (answer, error) {
				if f.list.Step != "" {
					return a.funnelList(cmd.Context(), s, args[0], f.list)
				}
				return a.funnelResult(cmd.Context(), s, args[0], f)
			})
		},
	}
	c.Flags().BoolVar(&f.counts, "counts", false, "steps and groups only: the fastest form")
	c.Flags().BoolVar(&f.explain, "explain", false, "how many took which road, SQL or the kernel, and why")
	c.Flags().BoolVar(&f.groups, "groups", false, "show every group, not the largest; as CSV a row per group")
	c.Flags().BoolVar(&f.trend, "trend", false, "conversion by entry period, all of them; as CSV a row per period")
	c.Flags().BoolVar(&f.times, "times", false, "how long conversions took, in classes; as CSV a row per class")
	c.Flags().BoolVar(&f.flow, "flow", false, "what came after the last step reached")
	c.Flags().StringVar(&f.list.Step, "list", "", "list who reached this `STEP`: private data")
	c.Flags().StringVar(&f.list.Status, "status", "", "of a list: reached (default), converted, dropped or open, at that step")
	c.Flags().IntVar(&f.list.Limit, "limit", funnel.DefaultLimit, "of a list: at most `N`, in order of their ids")
	return c
}

// check refuses flags that do not go together.
func (f *funnelFlags) check(cmd *cobra.Command) error {
	switch {
	case f.list.Step == "" && cmd.Flags().Changed("list"):
		return errors.New("--list wants the name of a step")
	case f.list.Step == "" && (cmd.Flags().Changed("status") || cmd.Flags().Changed("limit")):
		return errors.New("--status and --limit belong to --list STEP")
	case f.list.Step != "" && (f.counts || f.flow || f.groups || f.trend || f.times || f.explain):
		return errors.New("--list stands alone: leave --counts, --flow, --groups, --trend, --times and --explain out")
	case f.list.Step != "" && f.list.Limit < 1:
		return errors.New("--limit must be at least 1")
	case f.counts && (f.trend || f.times):
		return errors.New("--counts reads steps and groups only, --trend and --times more: choose one")
	case f.counts && f.flow:
		return errors.New("--counts reads the events of the steps only, --flow all events: choose one")
	}
	return nil
}

// funnelResult computes the funnel and, where asked for, what came after the last step.
func (a *app) funnelResult(ctx context.Context, s *session, name string, f funnelFlags) (answer, error) {
	var r funnel.Result
	err := s.timings.Stage("funnel", func() (err error) {
		r, err = s.Funnel(ctx, name, f.counts)
		return err
	})
	if err == nil && f.flow {
		err = s.timings.Stage("flow", func() (err error) {
			r.Flow, err = s.FunnelFlow(ctx, name)
			return err
		})
	}
	if err == nil && f.explain {
		err = s.timings.Stage("explain", func() (err error) {
			r.Roads, err = s.FunnelRoads(ctx, name)
			return err
		})
	}
	if err != nil {
		return answer{}, err
	}
	ans := answer{schema: "vouch.funnel/1", findings: r.Findings, result: r}
	switch {
	case a.flags.format == "json": // the result says it all, and its groups can be many
	case f.flow:
		ans.tables = []table{exactFlow(r)}
	case f.trend:
		ans.tables = []table{exactTrend(r)}
	case f.times:
		ans.tables = []table{exactTimes(r)}
	case f.groups && len(r.Groups) > 0 && !f.counts:
		ans.tables = []table{exactGroups(r)}
	default:
		ans.tables = funnelTables(r)
	}
	ans.text = func(w io.Writer) {
		a.funnelText(w, r, f)
		roadsText(w, r)
	}
	return ans, nil
}

// funnelList lists single units. A step or a status that does not exist is a mistake on the command line.
func (a *app) funnelList(ctx context.Context, s *session, name string, ask funnel.ListQuestion) (answer, error) {
	var l *funnel.List
	err := s.timings.Stage("list", func() (err error) {
		l, err = s.FunnelUnits(ctx, name, ask)
		return err
	})
	if errors.Is(err, funnel.ErrNoStep) || errors.Is(err, funnel.ErrList) {
		return answer{}, usageError{err}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{
		schema: "vouch.funnel.list/1", result: l, tables: []table{listTable(l)},
		text: func(w io.Writer) { a.listText(w, l) },
	}, nil
}
