package validate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vouch/internal/config"
	"vouch/internal/demo"
	"vouch/internal/engine/duckdb"
	"vouch/internal/ingest"
	"vouch/partners/attribution"
	"vouch/partners/quality"
	"vouch/referral"
)

// Project is a demo loaded into memory beside its truth.
type Project struct {
	Truth *demo.Truth
	Cfg   *config.Config
	Scope referral.Scope
	DB    *duckdb.DB
}

// Open writes a demo into dir and loads it.
func Open(ctx context.Context, dir string, o demo.Options) (p *Project, err error) {
	truth, err := demo.Generate(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	p, err = load(ctx, dir, func(string) string { return "" })
	if err != nil {
		return nil, fmt.Errorf("load the demo: %w", err)
	}
	p.Truth = truth
	return p, nil
}

// load loads the project in dir into memory.
func load(ctx context.Context, dir string, getenv func(string) string) (*Project, error) {
	cfg, err := config.Load(dir, getenv)
	if err != nil {
		return nil, err
	}
	scope, err := cfg.Scope(time.Time{}, "")
	if err != nil {
		return nil, err
	}
	plan := ingest.Plan{
		Root: cfg.Root, Sources: cfg.Sources, Getenv: getenv, Scope: scope,
		RevenueEvents: cfg.Revenue.Events, Refunds: cfg.Revenue.Refunds,
	}
	dirs, err := ingest.Dirs(plan)
	if err != nil {
		return nil, err
	}
	db, err := duckdb.Open(ctx, duckdb.Options{AllowedDirs: dirs})
	if err != nil {
		return nil, err
	}
	if _, err := ingest.Load(ctx, db, plan); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := quality.Flag(ctx, db, scope); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := attribution.Credit(ctx, db, cfg.Credit); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Project{Cfg: cfg, Scope: scope, DB: db}, nil
}

// Close closes the database.
func (p *Project) Close() error { return p.DB.Close() }
