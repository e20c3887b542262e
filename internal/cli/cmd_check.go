package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"vouch/internal/pipeline"
)

// checkOutcome is what `vouch check` found. Problems of the configuration end the command instead.
type checkOutcome struct {
	Loaded bool             `json:"loaded"`
	Events int64            `json:"events"`
	Checks []pipeline.Check `json:"checks"`
}

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use: "check", Short: "Check configuration and data; every problem at once", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.withProject(cmd.Context(), false, func(p *pipeline.Project) error {
				if err := p.CheckEvents(cmd.Context()); err != nil {
					return err
				}
				run, err := p.Identify(cmd.Context())
				if err != nil {
					return err
				}
				checks, err := p.CheckData(cmd.Context())
				if err != nil {
					return err
				}
				s, err := p.Summary(cmd.Context())
				if err != nil {
					return err
				}
				ans := checkAnswer(checkOutcome{true, s.Events, checks})
				ans.run = &run
				return a.print(ans)
			})
			if errors.Is(err, pipeline.ErrNotLoaded) {
				a.note("%v", pipeline.ErrNotLoaded)
				return a.print(checkAnswer(checkOutcome{Checks: []pipeline.Check{}}))
			}
			return err
		},
	}
}

func checkAnswer(r checkOutcome) answer {
	t := newTable("", 1, "check", "rows", "result")
	t.left[2] = true
	t.add("configuration", "", "ok")
	if r.Loaded {
		t.add("event names", "", "ok")
		t.add("events loaded", thousands(r.Events), "")
	}
	for _, c := range r.Checks {
		result := "ok"
		if c.Rows > 0 {
			result = c.Remedy
		}
		t.add(c.Name, thousands(c.Rows), result)
	}
	return answer{schema: "vouch.check/1", result: r, tables: []table{t}}
}
