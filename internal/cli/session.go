package cli

import (
	"context"
	"errors"

	"vouch/internal/pipeline"
	"vouch/reports"
)

// open opens the project of --project.
func (a *app) open(ctx context.Context, write bool, extra ...string) (*pipeline.Project, error) {
	p, err := pipeline.Open(ctx, pipeline.Options{
		Dir: a.flags.project, AsOf: a.flags.asOf, Getenv: a.env.Getenv, Now: a.env.Now(),
		Log: a.log, Write: write, Extra: extra, Portable: a.flags.engine == "sql",
	})
	if errors.Is(err, pipeline.ErrAsOf) {
		return nil, usageError{err}
	}
	return p, err
}

// withProject opens the project, runs f on it and closes it.
func (a *app) withProject(ctx context.Context, write bool, f func(*pipeline.Project) error, extra ...string) (err error) {
	p, err := a.open(ctx, write, extra...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	return f(p)
}

// session is one analysis command on an open project.
type session struct {
	*pipeline.Project
	run     reports.Run
	timings *pipeline.Timings
}

// analysis opens the project for reading, runs f and prints its answer. The answer holds all that is printed,
// so the database closes meanwhile.
func (a *app) analysis(ctx context.Context, f func(s *session) (answer, error)) error {
	return a.withProject(ctx, false, func(p *pipeline.Project) (err error) {
		run, err := p.Identify(ctx)
		if err != nil {
			return err
		}
		s := &session{Project: p, run: run, timings: pipeline.NewTimings(a.env.Now)}
		ans, err := f(s)
		if err != nil {
			var unknown *pipeline.UnknownError
			if errors.As(err, &unknown) {
				return usageError{err}
			}
			return err
		}
		ans.run, ans.timings = &s.run, s.timings.Millis
		closed := make(chan error, 1)
		go func() { closed <- p.Close() }()
		defer func() { err = errors.Join(err, <-closed) }()
		return a.print(ans)
	})
}
