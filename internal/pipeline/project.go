package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"vouch/internal/config"
	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/files"
	"vouch/internal/ingest"
	"vouch/referral"
)

// ErrStale says that the configuration changed since the last load in a way that the loaded tables
// depend on.
var ErrStale = errors.New("run `vouch load` again")

// ErrAsOf says that the time given to see the data at cannot be read.
var ErrAsOf = errors.New("--as-of")

// ErrNotLoaded says that the project has no database yet.
var ErrNotLoaded = errors.New("nothing is loaded yet: run `vouch load` first")

// Options say how to open a project.
type Options struct {
	Dir    string
	AsOf   string // "" takes the configuration's
	Getenv func(string) string
	Now    time.Time
	Log    *slog.Logger
	// Write opens the database for changes; one process at a time can.
	Write bool
	// Extra folders the engine may write to, for exports.
	Extra []string
	// Portable answers ordered analyses by portable SQL where it can.
	Portable bool
}

// Project is an open project: its configuration, the scope of its analyses and its database.
type Project struct {
	Dir   string // absolute
	Cfg   *config.Config
	Scope referral.Scope
	DB    *duckdb.DB
	opts  Options
	lock  func() error
	head  *ingest.Header
	sum   *ingest.Summary
	// discard says that this process made the database and nothing has been put into it: closing
	// removes it, so that a refused first load leaves no empty project behind.
	discard bool
}

// Open reads the configuration and opens the database. Reading needs a loaded project
// (ErrNotLoaded); writing creates the database and takes the project's lock (files.ErrLocked).
func Open(ctx context.Context, o Options) (*Project, error) {
	dir, err := files.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("project folder: %w", err)
	}
	cfg, err := config.Load(dir, o.Getenv)
	if err != nil {
		return nil, err
	}
	scope, err := cfg.Scope(o.Now, o.AsOf)
	switch {
	case err != nil && o.AsOf != "":
		return nil, fmt.Errorf("%w: %w", ErrAsOf, err)
	case err != nil:
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Project{Dir: dir, Cfg: cfg, Scope: scope, opts: o}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Project) open(ctx context.Context) error {
	path := p.path(p.Cfg.Database)
	if !p.opts.Write && !files.Exists(path) {
		return ErrNotLoaded
	}
	state := filepath.Dir(path)
	if err := files.MkdirAll(state); err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	if p.opts.Write {
		unlock, err := files.Lock(filepath.Join(state, "lock"))
		if err != nil {
			return fmt.Errorf("another vouch is writing to this project; try again when it is done: %w", err)
		}
		p.lock = unlock
	}
	dirs := append([]string{p.path(p.Cfg.Out)}, p.opts.Extra...)
	if p.opts.Write {
		d, err := ingest.Dirs(p.plan())
		if err != nil {
			return err
		}
		dirs = append(dirs, d...)
	}
	p.discard = !files.Exists(path)
	db, err := duckdb.Open(ctx, duckdb.Options{
		Path: path, Memory: p.Cfg.Memory, Threads: p.Cfg.Threads, TempDir: filepath.Join(state, "tmp"),
		AllowedDirs: dirs, ReadOnly: !p.opts.Write,
	})
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	p.DB = db
	return nil
}

// path makes a path of the configuration absolute.
func (p *Project) path(rel string) string {
	if filepath.IsAbs(rel) {
		return rel
	}
	return filepath.Join(p.Dir, rel)
}

// Engine is what analyses ask: the database, with or without its portable twin.
func (p *Project) Engine() engine.DB {
	if p.opts.Portable {
		return engine.Portable(p.DB)
	}
	return p.DB
}

// EngineName is the name by which runs and the command line know the engine.
func (p *Project) EngineName() string {
	if p.opts.Portable {
		return "sql"
	}
	return p.DB.Dialect().Name()
}

// Out returns the folder of the project's outputs.
func (p *Project) Out() string { return p.path(p.Cfg.Out) }

// State returns the folder that holds the database, the lock and the send ledger.
func (p *Project) State() string { return filepath.Dir(p.path(p.Cfg.Database)) }

// Close closes the database and gives the lock back.
func (p *Project) Close() error {
	var errs []error
	if p.DB != nil {
		errs = append(errs, p.DB.Close())
		p.DB = nil
	}
	if p.discard {
		path := p.path(p.Cfg.Database)
		errs = append(errs, files.Remove(path), files.Remove(path+".wal"))
	}
	if p.lock != nil {
		errs = append(errs, p.lock())
		p.lock = nil
	}
	return errors.Join(errs...)
}

// Header says which events are loaded and under which settings. It is read once.
func (p *Project) Header(ctx context.Context) (ingest.Header, error) {
	if p.head == nil {
		h, err := ingest.ReadHeader(ctx, p.DB)
		if err != nil {
			return ingest.Header{}, fmt.Errorf("read what is loaded: %w", err)
		}
		p.head = &h
	}
	return *p.head, nil
}

// Summary says what is loaded: sources, exclusions, event names. It is read once.
func (p *Project) Summary(ctx context.Context) (ingest.Summary, error) {
	if p.sum == nil {
		s, err := ingest.Summarize(ctx, p.DB)
		if err != nil {
			return ingest.Summary{}, fmt.Errorf("read what is loaded: %w", err)
		}
		p.sum = &s
	}
	return *p.sum, nil
}

// Fresh reports whether what is loaded can be read under the present configuration: ErrNotLoaded
// if nothing was ever loaded, ErrStale if the zone, currency, acquisition event, revenue events or
// credit rule changed since.
func (p *Project) Fresh(ctx context.Context) error {
	s, err := p.Header(ctx)
	if err != nil {
		return err
	}
	switch {
	case !s.Loaded:
		return ErrNotLoaded
	case s.Settings != p.plan().Settings():
		return fmt.Errorf("timezone, currency, acquisition or revenue changed since the last load: %w", ErrStale)
	case s.Meta[metaCredit] != p.Cfg.Credit:
		return fmt.Errorf("credit was %q at the last load and is %q now: %w", s.Meta[metaCredit], p.Cfg.Credit, ErrStale)
	}
	return nil
}
