package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vouch/internal/files"
	"vouch/internal/pipeline"
	"vouch/referral"
	"vouch/reports"
)

func (a *app) runCommand() *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Load what is new, run every analysis, write every report", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withProject(cmd.Context(), true, func(p *pipeline.Project) error {
				t := pipeline.NewTimings(a.env.Now)
				b, err := a.runAll(cmd.Context(), p, t)
				if err != nil {
					return err
				}
				ans := answer{
					schema: "vouch.run/1", run: &b.Run, findings: allFindings(b), timings: t.Millis,
					result: map[string]any{"out": p.Out(), "headlines": headlines(b)},
					tables: []table{headlineTable(b)},
					text:   func(w io.Writer) { runText(w, p, b) },
				}
				if err := a.print(ans); err != nil {
					return err
				}
				if err := pipeline.CheckGuards(p.Cfg.Guards, b); err != nil {
					return guardError{err}
				}
				return nil
			})
		},
	}
}

// runAll loads, computes and writes every output.
func (a *app) runAll(ctx context.Context, p *pipeline.Project, t *pipeline.Timings) (*reports.Bundle, error) {
	var load []referral.Finding
	if err := t.Stage("load", func() error {
		rep, err := p.Load(ctx, "", false)
		load = rep.Findings
		return err
	}); err != nil {
		return nil, err
	}
	b, err := p.Compute(ctx, t)
	if err != nil {
		return nil, err
	}
	b.Findings = referral.SortFindings(append(b.Findings, load...))
	err = t.Stage("report", func() error {
		fs, err := reports.Render(b)
		if err != nil {
			return err
		}
		return writeRun(p.Out(), fs)
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// writeRun writes the files of a whole run and then removes those that the run before listed and
// this one does not have, so that no table of yesterday lies beside the pages of today.
func writeRun(out string, fs []reports.File) error {
	var before reports.RunResults
	path := filepath.Join(out, "run_results.json")
	if files.Exists(path) {
		text, err := files.Read(path)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &before); err != nil {
			return fmt.Errorf("%s is not a list of run results; remove it and run again: %w", path, err)
		}
	}
	if err := writeOut(out, fs); err != nil {
		return err
	}
	now := map[string]bool{}
	for _, f := range fs {
		now[f.Path] = true
	}
	for _, old := range before.Files {
		if now[old] {
			continue
		}
		path, err := files.Join(out, old)
		if err != nil {
			return err
		}
		if err := files.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// writeOut writes report files below the out folder, each whole or not at all, the index last so
// that it never links a page of another run.
func writeOut(out string, fs []reports.File) error {
	var last *reports.File
	for i := range fs {
		if fs[i].Path == "index.html" {
			last = &fs[i]
			continue
		}
		if err := writeFile(out, fs[i]); err != nil {
			return err
		}
	}
	if last != nil {
		return writeFile(out, *last)
	}
	return nil
}

func writeFile(out string, f reports.File) error {
	path, err := files.Join(out, f.Path)
	if err != nil {
		return err
	}
	if err := files.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	if err := files.WriteAtomic(path, f.Data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// allFindings gathers the findings of a run, each with the analysis it belongs to.
func allFindings(b *reports.Bundle) []referral.Finding {
	out := append([]referral.Finding{}, b.Findings...)
	for _, f := range b.Funnels {
		for _, x := range f.Findings {
			if x.Subject != f.Name { // a step or a property: several funnels may have one of that name
				x.Subject = f.Name + ", " + x.Subject
			}
			out = append(out, x)
		}
	}
	for _, c := range b.Cohorts {
		out = append(out, c.Findings...)
	}
	for _, e := range b.Experiments {
		out = append(out, e.Findings...)
	}
	for _, x := range b.Attributions {
		out = append(out, x.Findings...)
	}
	if b.Partners != nil {
		out = append(out, b.Partners.Findings...)
	}
	return out
}

// headline is one of the five numbers a run ends with.
type headline struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// headlines says what the programme did: customers of partners, their revenue, all cost, cost per
// customer, return. A project without partners is summed up over everybody.
func headlines(b *reports.Bundle) []headline {
	if b.Partners == nil {
		return nil
	}
	r, t := b.Partners, b.Partners.Headline()
	customers := thousandsMicro(int64(t.Acquisitions))
	if others := r.Totals.Acquisitions - t.Acquisitions; others > 0 {
		customers += " of partners (" + thousandsMicro(int64(others)) + " more came without one)"
	}
	roi := reason(t.ROI)
	if t.ROI.Value != nil {
		roi = fmt.Sprintf("%+.1f %%", 100**t.ROI.Value)
	}
	cost, cpa := r.Currency+" "+money(t.CostMinor, r.Currency), moneyOf(t.CPA, r.Currency)
	if !r.CostsLoaded() {
		cost = reason(t.CPA)
	}
	if t.CPA.Value != nil {
		cpa = r.Currency + " " + cpa
		if t.CPA.Lo != nil && t.CPA.Hi != nil {
			cpa += fmt.Sprintf(" (95 %% interval %s to %s)", money(int64(math.Round(*t.CPA.Lo)), r.Currency), money(int64(math.Round(*t.CPA.Hi)), r.Currency))
		}
	}
	return []headline{
		{"customers", customers},
		{"net revenue", r.Currency + " " + money(t.RevenueMinor, r.Currency)},
		{"programme cost", cost},
		{"cost per customer", cpa},
		{"return on cost", roi},
	}
}

// thousandsMicro writes millionths with separators: 1624000000 is "1,624".
func thousandsMicro(micro int64) string {
	whole, frac, point := strings.Cut(string(*referral.Micros(micro)), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return whole
	}
	if point {
		return referral.Thousands(n) + "." + frac
	}
	return referral.Thousands(n)
}

func headlineTable(b *reports.Bundle) table {
	t := newTable("", 2, "figure", "value")
	for _, h := range headlines(b) {
		t.add(h.Name, h.Value)
	}
	return t
}

// runText closes a run for people: where the reports are and the headline numbers.
func runText(w io.Writer, p *pipeline.Project, b *reports.Bundle) {
	fmt.Fprintf(w, "%s · as of %s · run %s\n\n", p.Cfg.Project, asOfText(p.Scope), b.Run.ID)
	writeTables(w, []table{headlineTable(b)})
	var verdicts []string
	for _, e := range b.Experiments {
		verdicts = append(verdicts, e.Name+": "+e.Verdict.Action)
	}
	if len(verdicts) > 0 {
		fmt.Fprintf(w, "\n  experiments: %s\n", strings.Join(verdicts, ", "))
	}
	fmt.Fprintf(w, "\n  reports: %s\n", filepath.Join(p.Out(), "index.html"))
}

func (a *app) reportCommand() *cobra.Command {
	return &cobra.Command{
		Use: "report NAME", Short: "Write one report: " + strings.Join(reports.Names(), ", "), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !oneOf(args[0], reports.Names()...) {
				msg := fmt.Sprintf("there is no report %q: use %s", args[0], strings.Join(reports.Names(), ", "))
				return usageError{errors.New(msg)}
			}
			return a.withProject(cmd.Context(), false, func(p *pipeline.Project) error {
				t := pipeline.NewTimings(a.env.Now)
				b, err := p.Compute(cmd.Context(), t)
				if err != nil {
					return err
				}
				fs, err := reports.RenderOne(b, args[0])
				if err != nil {
					return err
				}
				if err := writeOut(p.Out(), fs); err != nil {
					return err
				}
				path := filepath.Join(p.Out(), args[0]+".html")
				tb := newTable("", 2, "report", "path")
				tb.add(args[0], path)
				return a.print(answer{
					schema: "vouch.report/1", run: &b.Run, result: map[string]any{"path": path}, timings: t.Millis, tables: []table{tb},
					text: func(w io.Writer) { fmt.Fprintln(w, path) },
				})
			})
		},
	}
}
