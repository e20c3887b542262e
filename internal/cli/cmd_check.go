package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"vouch/internal/pipeline"
	"vouch/referral"
)

// checkOutcome is what `vouch check` found. Problems of the configuration end the command instead.
type checkOutcome struct {
	Loaded bool             `json:"loaded"`
	Events int64            `json:"events"`
	Checks []pipeline.Check `json:"checks"`
	// With --rows: what is flagged and what was refused.
	Flags      []pipeline.Flagged `json:"flags,omitempty"`
	Quarantine []pipeline.Refused `json:"quarantine,omitempty"`
}

// maxRows bounds what --rows lists of each; the whole tables come with `vouch export`.
const maxRows = 10_000

func (a *app) checkCommand() *cobra.Command {
	var rows bool
	c := &cobra.Command{
		Use: "check", Short: "Check configuration and data; every problem at once", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.withProject(cmd.Context(), false, func(p *pipeline.Project) error {
				if err := p.CheckNames(cmd.Context()); err != nil {
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
				out := checkOutcome{Loaded: true, Events: s.Events, Checks: checks}
				if rows {
					if out.Flags, out.Quarantine, err = p.Rows(cmd.Context(), maxRows); err != nil {
						return err
					}
				}
				ans := checkAnswer(out)
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
	c.Flags().BoolVar(&rows, "rows", false, "list what is flagged and what is in quarantine")
	return c
}

func checkAnswer(r checkOutcome) answer {
	t := newTable("", 1, "check", "rows", "result")
	t.left[2] = true
	t.add("configuration", "", "ok")
	if r.Loaded {
		t.add("event names", "", "ok")
		t.add("events loaded", referral.Thousands(r.Events), "")
	}
	for _, c := range r.Checks {
		result := "ok"
		if c.Rows > 0 {
			result = c.Remedy
		}
		t.add(c.Name, referral.Thousands(c.Rows), result)
	}
	ans := answer{schema: "vouch.check/1", result: r, tables: []table{t}}
	if len(r.Flags) > 0 {
		f := newTable("flagged", 4, "kind", "subject of", "subject", "evidence")
		for _, x := range r.Flags {
			f.add(x.Kind, x.SubjectKind, shorten(printable(x.Subject), 40), shorten(printable(x.Evidence), 80))
		}
		ans.tables = append(ans.tables, f)
	}
	if len(r.Quarantine) > 0 {
		q := newTable("quarantine", 6, "source", "file", "row", "column", "code", "message")
		for _, x := range r.Quarantine {
			q.add(x.Source, printable(x.File), referral.Thousands(x.Row), x.Column, x.Code, printable(x.Message))
		}
		ans.tables = append(ans.tables, q)
	}
	return ans
}
