package cli

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"vouch/internal/ingest"
	"vouch/internal/pipeline"
)

func (a *app) loadCommand() *cobra.Command {
	var source string
	var dry bool
	c := &cobra.Command{
		Use: "load", Short: "Load what is new; a file already loaded is skipped", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withProject(cmd.Context(), true, func(p *pipeline.Project) error {
				if source != "" && !hasSource(p, source) {
					return usageError{fmt.Errorf("vouch.yaml has no source %q", source)}
				}
				t := pipeline.NewTimings(a.env.Now)
				var rep ingest.Report
				if err := t.Stage("load", func() (err error) {
					rep, err = p.Load(cmd.Context(), source, dry)
					return err
				}); err != nil {
					return err
				}
				ans := answer{
					schema: "vouch.load/1", findings: rep.Findings, result: rep, tables: loadTables(rep), timings: t.Millis,
					text: func(w io.Writer) { loadText(w, rep) },
				}
				if !dry {
					run, err := p.Identify(cmd.Context())
					if err != nil {
						return err
					}
					ans.run = &run
				}
				return a.print(ans)
			})
		},
	}
	c.Flags().StringVar(&source, "source", "", "only this source")
	c.Flags().BoolVar(&dry, "dry-run", false, "show the first mapped rows and every refused row; change nothing")
	return c
}

func hasSource(p *pipeline.Project, name string) bool {
	for _, s := range p.Cfg.Sources {
		if s.Name == name {
			return true
		}
	}
	return false
}

func loadTables(rep ingest.Report) []table {
	t := newTable("", 2, "source", "kind", "new files", "skipped files", "rows", "accepted", "duplicates", "refused")
	for _, s := range rep.Sources {
		t.add(s.Name, s.Kind, strconv.Itoa(s.Files), strconv.Itoa(s.Skipped), strconv.FormatInt(s.Rows, 10),
			strconv.FormatInt(s.Accepted, 10), strconv.FormatInt(s.Duplicates, 10), strconv.FormatInt(s.Rejected, 10))
	}
	return []table{t}
}

// loadText shows what became of each source, and of a dry run the first mapped rows and what was
// refused.
func loadText(w io.Writer, rep ingest.Report) {
	writeTables(w, loadTables(rep))
	if !rep.Changed && !rep.DryRun {
		fmt.Fprintln(w, "\n  every file was loaded before: nothing changed")
	}
	for _, s := range rep.Sources {
		if len(s.Sample) > 0 {
			fmt.Fprintln(w)
			writeTables(w, []table{sampleTable(s)})
		}
		for _, r := range s.Rejects {
			fmt.Fprintln(w, "  refused: "+printable(r.String()))
		}
	}
	if rep.DryRun {
		fmt.Fprintln(w, "\n  dry run: nothing was changed")
	}
}

// sampleTable shows the first mapped rows, cut to a readable width.
func sampleTable(s ingest.SourceReport) table {
	t := newTable("first rows of "+s.Name, len(s.Columns), s.Columns...)
	for _, r := range s.Sample[:min(len(s.Sample), 5)] {
		row := make([]string, len(r))
		for i, c := range r {
			if c != nil {
				row[i] = shorten(printable(*c), 24)
			}
		}
		t.add(row...)
	}
	return t
}
