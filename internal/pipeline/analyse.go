package pipeline

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/config"
	"vouch/internal/sqltext"
	"vouch/partners"
	"vouch/partners/attribution"
	"vouch/referral"
)

// UnknownError says that the configuration has no analysis of that name.
type UnknownError struct {
	Section, Name string
	Known         []string
}

// Error names what there is and what may have been meant.
func (e *UnknownError) Error() string {
	msg := fmt.Sprintf("vouch.yaml has no %q under %s:", e.Name, e.Section)
	if s := referral.Suggest(e.Name, e.Known); s != "" {
		msg += fmt.Sprintf(" did you mean %q?", s)
	}
	if len(e.Known) == 0 {
		return msg + " the section is empty"
	}
	return msg + " it has " + strings.Join(e.Known, ", ")
}

// lookup finds the definition of a name in a section.
func lookup[D any](section, name string, defs map[string]D) (D, error) {
	if d, ok := defs[name]; ok {
		return d, nil
	}
	var zero D
	return zero, &UnknownError{section, name, names(defs)}
}

// names lists the keys of a section in order.
func names[D any](defs map[string]D) []string {
	out := make([]string, 0, len(defs))
	for n := range defs {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// CheckNames reports names of the configuration that the loaded data do not have: events, and properties
// that funnels are split by or ask for, each with its place and the nearest name that does exist.
func (p *Project) CheckNames(ctx context.Context) error {
	h, err := p.Header(ctx)
	if err != nil {
		return err
	}
	problems := config.CheckEvents(p.Cfg, h.Names())
	for _, name := range names(p.Cfg.Funnels) {
		ps, err := p.Cfg.Funnels[name].CheckProperties(ctx, p.DB)
		if err != nil {
			return err
		}
		problems = append(problems, ps.Under("funnels."+name)...)
	}
	return p.Cfg.Locate(problems).Err()
}

// checkFunnel is CheckNames for one funnel.
func (p *Project) checkFunnel(ctx context.Context, name string, def funnel.Definition) error {
	h, err := p.Header(ctx)
	if err != nil {
		return err
	}
	problems, err := def.CheckProperties(ctx, p.DB)
	if err != nil {
		return err
	}
	return p.Cfg.Locate(append(def.CheckEvents(h.Names()), problems...).Under("funnels." + name)).Err()
}

// funnel finds the definition of a funnel. Names that look misspelt are refused first; a run goes on
// without, and says so in findings.
func (p *Project) funnel(ctx context.Context, name string) (funnel.Definition, error) {
	def, err := lookup("funnels", name, p.Cfg.Funnels)
	if err == nil {
		err = p.checkFunnel(ctx, name, def)
	}
	return def, err
}

// FunnelFlow reads what came after the last step of each unit of a funnel.
func (p *Project) FunnelFlow(ctx context.Context, name string) ([]funnel.FlowRow, error) {
	def, err := p.funnel(ctx, name)
	if err != nil {
		return nil, err
	}
	return funnel.Flow(ctx, p.Engine(), def, p.Scope)
}

// FunnelRoads says which road the units of a funnel take on the engine at hand.
func (p *Project) FunnelRoads(ctx context.Context, name string) (*funnel.Roads, error) {
	def, err := p.funnel(ctx, name)
	if err != nil {
		return nil, err
	}
	return funnel.Explain(ctx, p.Engine(), def, p.Scope)
}

// FunnelUnits lists the units of one step of a funnel.
func (p *Project) FunnelUnits(ctx context.Context, name string, ask funnel.ListQuestion) (*funnel.List, error) {
	def, err := p.funnel(ctx, name)
	if err != nil {
		return nil, err
	}
	return funnel.Units(ctx, p.Engine(), def, p.Scope, ask)
}

// Funnel computes one funnel.
func (p *Project) Funnel(ctx context.Context, name string, countsOnly bool) (funnel.Result, error) {
	def, err := p.funnel(ctx, name)
	if err != nil {
		return funnel.Result{}, err
	}
	if countsOnly {
		return funnel.Counts(ctx, p.Engine(), def, p.Scope)
	}
	return funnel.Compute(ctx, p.Engine(), def, p.Scope)
}

// Cohorts computes one retention and value triangle.
func (p *Project) Cohorts(ctx context.Context, name string) (cohorts.Result, error) {
	def, err := lookup("cohorts", name, p.Cfg.Cohorts)
	if err != nil {
		return cohorts.Result{}, err
	}
	return cohorts.Compute(ctx, p.Engine(), def, p.Scope)
}

// Experiment reads one experiment out.
func (p *Project) Experiment(ctx context.Context, name string) (experiments.Result, error) {
	def, err := lookup("experiments", name, p.Cfg.Experiments)
	if err != nil {
		return experiments.Result{}, err
	}
	return experiments.Compute(ctx, p.Engine(), def, p.Scope)
}

// Observe reads an experiment for the plan of another.
func (p *Project) Observe(ctx context.Context, name, metric string) (experiments.Observed, experiments.Question, error) {
	def, err := lookup("experiments", name, p.Cfg.Experiments)
	if err != nil {
		return experiments.Observed{}, experiments.Question{}, err
	}
	return experiments.Observe(ctx, p.Engine(), def, p.Scope, metric)
}

// Attribution computes one attribution.
func (p *Project) Attribution(ctx context.Context, name string) (attribution.Result, error) {
	def, err := lookup("attribution", name, p.Cfg.Attribution)
	if err != nil {
		return attribution.Result{}, err
	}
	return attribution.Compute(ctx, p.Engine(), def, p.Scope)
}

// Partners computes the partner table.
func (p *Project) Partners(ctx context.Context) (partners.Result, error) {
	return partners.Compute(ctx, p.Engine(), p.Scope, p.Cfg.Credit)
}

// Statements returns the SQL behind an analysis in a dialect: "funnel/referral", "partners", or a bare name that
// only one section has.
func (p *Project) Statements(d sqltext.Dialect, name string) ([]sqltext.Stmt, error) {
	all := p.analyses()
	if f, ok := all[name]; ok {
		return f(d)
	}
	var hits, known []string
	for k := range all {
		known = append(known, k)
		if _, short, ok := strings.Cut(k, "/"); ok && short == name {
			hits = append(hits, k)
		}
	}
	sort.Strings(known)
	sort.Strings(hits)
	switch len(hits) {
	case 1:
		return all[hits[0]](d)
	case 0:
		return nil, &UnknownError{"its analyses", name, known}
	}
	return nil, fmt.Errorf("%q is ambiguous: say one of %s", name, strings.Join(hits, ", "))
}

type statements func(sqltext.Dialect) ([]sqltext.Stmt, error)

// analyses lists every analysis of the configuration by section and name.
func (p *Project) analyses() map[string]statements {
	all := map[string]statements{
		"partners": func(d sqltext.Dialect) ([]sqltext.Stmt, error) { return partners.Statements(d, p.Scope) },
	}
	for n, def := range p.Cfg.Funnels {
		all["funnel/"+n] = func(d sqltext.Dialect) ([]sqltext.Stmt, error) {
			if p.opts.Portable || d.Name() != p.DB.Dialect().Name() {
				return funnel.PortableStatements(d, def, p.Scope) // a cluster knows no other way
			}
			return funnel.Statements(d, def, p.Scope)
		}
	}
	for n, def := range p.Cfg.Cohorts {
		all["cohorts/"+n] = func(d sqltext.Dialect) ([]sqltext.Stmt, error) { return cohorts.Statements(d, def, p.Scope) }
	}
	for n, def := range p.Cfg.Experiments {
		all["experiment/"+n] = func(d sqltext.Dialect) ([]sqltext.Stmt, error) { return experiments.Statements(d, def, p.Scope) }
	}
	for n, def := range p.Cfg.Attribution {
		all["attribution/"+n] = func(d sqltext.Dialect) ([]sqltext.Stmt, error) { return attribution.Statements(d, def, p.Scope) }
	}
	return all
}

// SQLText writes statements for people: each with its name and the values of its placeholders.
func SQLText(ss []sqltext.Stmt) string {
	var b strings.Builder
	for i, s := range ss {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "-- %s\n%s\n", s.Name, strings.TrimSpace(s.Text))
		for j, a := range s.Args {
			fmt.Fprintf(&b, "-- ?%d = %v\n", j+1, a)
		}
	}
	return b.String()
}
