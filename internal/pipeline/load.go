package pipeline

import (
	"context"
	"fmt"

	"vouch/internal/ingest"
	"vouch/partners/attribution"
	"vouch/partners/quality"
	"vouch/referral"
)

// plan says what a load of this project reads.
func (p *Project) plan() ingest.Plan {
	return ingest.Plan{
		Root: p.Dir, Sources: p.Cfg.Sources, Getenv: p.opts.Getenv, Scope: p.Scope,
		RevenueEvents: p.Cfg.Revenue.Events, Refunds: p.Cfg.Revenue.Refunds, Log: p.opts.Log,
	}
}

// Load reads what is new (of one source, if only is not empty), then derives flags and credit. A
// dry run shows what would be loaded and changes nothing.
func (p *Project) Load(ctx context.Context, only string, dryRun bool) (ingest.Report, error) {
	plan := p.plan()
	plan.Only, plan.DryRun = only, dryRun
	rep, err := ingest.Load(ctx, p.DB, plan)
	if err != nil || dryRun {
		return rep, err
	}
	p.sum = nil
	fs, err := p.derive(ctx)
	if err != nil {
		return rep, err
	}
	rep.Findings = append(rep.Findings, fs...)
	return rep, nil
}

// derive fills the tables that stand between the loaded data and the analyses.
func (p *Project) derive(ctx context.Context) ([]referral.Finding, error) {
	qf, err := quality.Flag(ctx, p.DB, p.Scope)
	if err != nil {
		return nil, fmt.Errorf("flag: %w", err)
	}
	cf, err := attribution.Credit(ctx, p.DB, p.Cfg.Credit, p.Scope)
	if err != nil {
		return nil, fmt.Errorf("credit: %w", err)
	}
	return append(qf, cf...), nil
}
