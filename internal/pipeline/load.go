package pipeline

import (
	"context"
	"fmt"
	"slices"

	"vouch/internal/engine"
	"vouch/internal/ingest"
	"vouch/internal/sqltext"
	"vouch/partners/attribution"
	"vouch/partners/quality"
	"vouch/referral"
)

// plan says what a load of this project reads.
func (p *Project) plan() ingest.Plan {
	return ingest.Plan{
		Root: p.Dir, Sources: p.Cfg.Sources, Getenv: p.opts.Getenv, Scope: p.Scope,
		RevenueEvents: p.Cfg.Revenue.Events, Refunds: p.Cfg.Revenue.Refunds, Steps: p.steps(), Log: p.opts.Log,
	}
}

// steps lists the events that the project's funnels name.
func (p *Project) steps() []string {
	var out []string
	for _, f := range p.Cfg.Funnels {
		out = append(out, f.Events()...)
	}
	slices.Sort(out)
	return slices.Compact(out)
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
	p.sum, p.discard = nil, false
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
	cf, err := attribution.Credit(ctx, p.DB, p.Cfg.Credit)
	if err != nil {
		return nil, fmt.Errorf("credit: %w", err)
	}
	return append(qf, cf...), p.setMeta(ctx, metaCredit, p.Cfg.Credit)
}

// metaCredit is the key in the table meta under which a load notes the rule that filled the credit.
const metaCredit = "credit"

func (p *Project) setMeta(ctx context.Context, key, value string) error {
	return p.DB.Tx(ctx, func(tx engine.Tx) error {
		if err := tx.Exec(ctx, sqltext.Raw("pipeline/meta", "DELETE FROM meta WHERE key = ?", key)); err != nil {
			return err
		}
		return tx.Exec(ctx, sqltext.Raw("pipeline/meta", "INSERT INTO meta (key, value) VALUES (?, ?)", key, value))
	})
}
