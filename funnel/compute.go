package funnel

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// Compute reads a funnel out for a project, with all its views, in one pass over the events of its
// steps. The definition is validated first; the error is then referral.Problems.
func Compute(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (Result, error) {
	q, t, cat, err := compute(ctx, db, def, scope, false)
	if err != nil {
		return Result{}, err
	}
	res, err := finish(q, t, cat, def, scope)
	if err != nil {
		return Result{}, err
	}
	if err := res.addCosts(ctx, db, def, scope); err != nil {
		return Result{}, err
	}
	res.Findings = referral.SortFindings(res.Findings)
	return res, nil
}

// Counts is the bare version: steps and groups only, over the fewest columns.
func Counts(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (Result, error) {
	q, t, cat, err := compute(ctx, db, def, scope, true)
	if err != nil {
		return Result{}, err
	}
	res := counted(q, t, def, scope)
	res.Findings = referral.SortFindings(append(cat.missing(def), q.outside.findings(def)...))
	return res, nil
}

func confidence(scope referral.Scope) float64 {
	if scope.Confidence == 0 {
		return 0.95
	}
	return scope.Confidence
}

// catalogue is what the database knows of event names and of the units that are counted.
type catalogue struct {
	names map[int64]string
	rows  map[string]int64
	units int64 // keys of the unit, dense from 0
	// clustered says that the facts lie in order, so that no sort is needed.
	clustered bool
	// stepKeys are the events of which the facts have a narrow copy.
	stepKeys []int64
}

// compute compiles the question and runs the pass.
func compute(ctx context.Context, db engine.DB, def Definition, scope referral.Scope, bare bool) (*query, *tally, *catalogue, error) {
	q, cat, err := prepare(ctx, db, def, scope, bare)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := q.readOutside(ctx, db, def); err != nil {
		return nil, nil, nil, err
	}
	t, err := q.read(ctx, db, def, cat)
	return q, t, cat, err
}

// prepare turns a definition into a query of the data at hand.
func prepare(ctx context.Context, db engine.DB, def Definition, scope referral.Scope, bare bool) (*query, *catalogue, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, nil, err
	}
	r, err := def.rules(scope)
	if err != nil {
		return nil, nil, err
	}
	p := newPlan(r)
	q := &query{rules: r, plan: p, bare: bare}
	var cat *catalogue
	err = together(
		func() (err error) { cat, err = readCatalogue(ctx, db, def.unit()); return err },
		func() error { return q.readLabels(ctx, db, scope) },
	)
	if err != nil {
		return nil, nil, err
	}
	q.matchers = newMatcherSet(p, r, cat.names)
	q.params = newRowsParams(q.matchers, r, def, scope, !bare)
	q.params.Clustered = cat.clustered && q.params.ordered()
	q.params.narrow(cat)
	if !bare {
		err = q.addViews(def, scope)
	}
	return q, cat, err
}

// scan runs kernels over the rows of the query.
func (q *query) scan(ctx context.Context, db engine.DB, def Definition, cat *catalogue, newKernel func() engine.Kernel, done func(engine.Kernel) error) error {
	return q.scanStmt(ctx, db, def, cat, func(lo, hi int64) (sqltext.Stmt, error) {
		return rowsStmt(db.Dialect(), q.params, lo, hi)
	}, newKernel, done)
}

// sortedPersons is how many persons are sorted at a time, which bounds the memory of a sort.
const sortedPersons = 1 << 18

// scanStmt runs kernels over the rows of statements by range of units. Where no event of the data can
// match a step there is nothing to read.
func (q *query) scanStmt(ctx context.Context, db engine.DB, def Definition, cat *catalogue, stmt func(lo, hi int64) (sqltext.Stmt, error), newKernel func() engine.Kernel, done func(engine.Kernel) error) error {
	if q.plan.order != strict && len(q.matchers.relevant()) == 0 {
		return nil
	}
	scan := engine.PersonScan{Persons: cat.units, Ranges: def.unit().ranges(db), Stmt: stmt}
	switch {
	case q.params.Ticks:
		scan.Ranges = 1 // the events of a count are few
	case scan.Ranges == 0 && !q.params.Clustered:
		scan.Ranges = int(cat.units/sortedPersons) + 1
	}
	if err := scan.Run(ctx, db, newKernel, done); err != nil {
		return fmt.Errorf("funnel %s: %w", def.Name, err)
	}
	return nil
}

// addViews switches on the views that the options allow.
func (q *query) addViews(def Definition, scope referral.Scope) error {
	p := q.plan
	q.censor = p.window != noLimit && q.rules.ObservationEnd != nil && p.order == ordered && !p.totals && len(p.exclusions) == 0
	if q.rules.ObservationEnd != nil {
		q.end = *q.rules.ObservationEnd
	}
	if p.totals {
		return nil
	}
	interval, cal := string(referral.Week), calendar(scope)
	if tr := def.Trend; tr != nil {
		interval = tr.Interval
		if tr.Timezone != "" {
			zone, err := time.LoadLocation(tr.Timezone)
			if err != nil {
				return fmt.Errorf("trend.timezone: %w", err)
			}
			cal.Zone = zone
		}
	}
	q.buckets = func() *buckets { return newBuckets(interval, cal, 1_000_000) }
	return nil
}

// calendar is that of the scope, in UTC if it names no zone.
func calendar(scope referral.Scope) referral.Calendar {
	c := scope.Calendar
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	return c
}

// together runs small questions to the database side by side and returns the first error in their order.
func together(ask ...func() error) error {
	errs := make([]error, len(ask))
	var wg sync.WaitGroup
	for i, f := range ask {
		wg.Go(func() { errs[i] = f() })
	}
	wg.Wait()
	return cmp.Or(errs...)
}

func readCatalogue(ctx context.Context, db engine.DB, unit unitOf) (*catalogue, error) {
	cat := &catalogue{names: map[int64]string{}, rows: map[string]int64{}, units: 1}
	return cat, together(
		func() error { return cat.readNames(ctx, db) },
		func() error { return cat.readUnits(ctx, db, unit) },
		func() error { return cat.readLayout(ctx, db) },
	)
}

// readNames reads the event names and how often they occur.
func (c *catalogue) readNames(ctx context.Context, db engine.DB) error {
	st, err := statements.Render(db.Dialect(), "names", nil)
	if err != nil {
		return err
	}
	_, err = engine.Collect(ctx, db, st, func(r *sql.Rows) (struct{}, error) {
		var key, n int64
		var name string
		err := r.Scan(&key, &name, &n)
		c.names[key], c.rows[name] = name, n
		return struct{}{}, err
	})
	return err
}

// readUnits counts the keys of a unit that has keys.
func (c *catalogue) readUnits(ctx context.Context, db engine.DB, unit unitOf) error {
	if unit.table == "" {
		return nil
	}
	st, err := statements.Render(db.Dialect(), "persons", map[string]any{"Table": unit.table})
	if err != nil {
		return err
	}
	return engine.One(ctx, db, st, &c.units)
}

// readLayout asks how the facts lie. Only DuckDB returns the rows of a table as they lie.
func (c *catalogue) readLayout(ctx context.Context, db engine.DB) error {
	if db.Dialect().Name() != "duckdb" {
		return nil
	}
	st, err := statements.Render(db.Dialect(), "layout", nil)
	if err != nil {
		return err
	}
	_, err = engine.Collect(ctx, db, st, func(r *sql.Rows) (struct{}, error) {
		var key, value string
		if err := r.Scan(&key, &value); err != nil {
			return struct{}{}, err
		}
		if key == "clustered" {
			c.clustered = value == "true"
			return struct{}{}, nil
		}
		for _, k := range strings.Split(value, ", ") {
			n, err := strconv.ParseInt(k, 10, 64)
			if err != nil {
				return struct{}{}, fmt.Errorf("step_keys: %w", err)
			}
			c.stepKeys = append(c.stepKeys, n)
		}
		return struct{}{}, nil
	})
	return err
}
