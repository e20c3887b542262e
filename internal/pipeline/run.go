package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/partners/attribution"
	"vouch/referral"
	"vouch/reports"
)

// Clock tells the time for the stage timings; results never depend on it.
type Clock func() time.Time

// Timings collects milliseconds by stage in the order the stages ran.
type Timings struct {
	Stages []string
	Millis map[string]int64
	now    Clock
}

// NewTimings starts a collection.
func NewTimings(now Clock) *Timings { return &Timings{Millis: map[string]int64{}, now: now} }

// Stage runs f and records how long it took.
func (t *Timings) Stage(name string, f func() error) error {
	start := t.now()
	err := f()
	t.Stages = append(t.Stages, name)
	t.Millis[name] = t.now().Sub(start).Milliseconds()
	return err
}

// Identify returns the identity of a run over what is loaded, which must be fresh.
func (p *Project) Identify(ctx context.Context) (reports.Run, error) {
	if err := p.Fresh(ctx); err != nil {
		return reports.Run{}, err
	}
	h, err := p.Header(ctx)
	if err != nil {
		return reports.Run{}, err
	}
	v, err := p.DB.Version(ctx)
	if err != nil {
		return reports.Run{}, err
	}
	r := reports.Run{
		AsOf: p.Scope.AsOf, Engine: p.EngineName(), Currency: p.Scope.Currency,
		ConfigSHA256: p.Cfg.Hash(), DataSHA256: h.DataSHA256, Vouch: Version, DuckDB: v,
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{
		r.AsOf.UTC().Format(time.RFC3339Nano), r.Engine, r.ConfigSHA256, r.DataSHA256, r.Vouch, r.DuckDB,
	}, "\n")))
	r.ID = hex.EncodeToString(sum[:8])
	return r, nil
}

// Compute runs every analysis of the project and returns the Bundle. An analysis that fails stops
// the run: a page with a hole would be read as a page without a problem.
func (p *Project) Compute(ctx context.Context, t *Timings) (*reports.Bundle, error) {
	b := &reports.Bundle{SQL: map[string]string{}, Findings: []referral.Finding{}}
	err := t.Stage("identify", func() error { return p.describe(ctx, b) })
	if err != nil {
		return nil, err
	}
	steps := []struct {
		stage string
		run   func() error
	}{
		{"funnels", func() (err error) {
			b.Funnels, err = each(p.Cfg.Funnels, func(d funnel.Definition) (funnel.Result, error) { return p.wholeFunnel(ctx, d) })
			return err
		}},
		{"cohorts", func() (err error) {
			b.Cohorts, err = each(p.Cfg.Cohorts, func(d cohorts.Definition) (cohorts.Result, error) {
				return cohorts.Compute(ctx, p.Engine(), d, p.Scope)
			})
			return err
		}},
		{"experiments", func() (err error) {
			b.Experiments, err = each(p.Cfg.Experiments, func(d experiments.Definition) (experiments.Result, error) {
				return experiments.Compute(ctx, p.Engine(), d, p.Scope)
			})
			return err
		}},
		{"attribution", func() (err error) {
			b.Attributions, err = each(p.Cfg.Attribution, func(d attribution.Definition) (attribution.Result, error) {
				return attribution.Compute(ctx, p.Engine(), d, p.Scope)
			})
			return err
		}},
		{"partners", func() error { return p.partnerPages(ctx, b) }},
		{"sql", func() error { return p.sqlTexts(b) }},
	}
	for _, s := range steps {
		if err := t.Stage(s.stage, s.run); err != nil {
			return nil, fmt.Errorf("%s: %w", s.stage, err)
		}
		p.opts.Log.Info("stage", "stage", s.stage, "dur_ms", t.Millis[s.stage])
	}
	return b, nil
}

// wholeFunnel reads a funnel with what only pages show: what came after the last step, by a pass of its own.
func (p *Project) wholeFunnel(ctx context.Context, d funnel.Definition) (funnel.Result, error) {
	r, err := funnel.Compute(ctx, p.Engine(), d, p.Scope)
	if err != nil {
		return r, err
	}
	r.Flow, err = funnel.Flow(ctx, p.Engine(), d, p.Scope)
	return r, err
}

// each computes every definition of a section in order of name.
func each[D, R any](defs map[string]D, compute func(D) (R, error)) ([]R, error) {
	out := make([]R, 0, len(defs))
	for _, n := range names(defs) {
		r, err := compute(defs[n])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (p *Project) sqlTexts(b *reports.Bundle) error {
	for n, f := range p.analyses() {
		ss, err := f(p.DB.Dialect())
		if err != nil {
			return err
		}
		b.SQL[n] = SQLText(ss)
	}
	return nil
}

// describe fills what headers and data sections show.
func (p *Project) describe(ctx context.Context, b *reports.Bundle) error {
	run, err := p.Identify(ctx)
	if err != nil {
		return err
	}
	s, err := p.Summary(ctx)
	if err != nil {
		return err
	}
	b.Run = run
	b.Project = reports.Project{
		Name: p.Cfg.Project, Timezone: p.Cfg.Timezone, WeekStart: p.Cfg.WeekStart,
		Currency: p.Cfg.Currency, Margin: p.Cfg.Margin.String(),
	}
	b.Data, err = p.data(ctx, s)
	return err
}
