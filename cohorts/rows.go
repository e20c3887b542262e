package cohorts

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// params is the data of the SQL files.
type params struct {
	Cohort, Born, Happened string // period expressions
	Key                    string
	ByPartner              bool
	ByEvent                string
	Activity               []string
	AsOf                   time.Time
	Last                   int64 // horizon in units of the age expression
	Currency               string
}

func newParams(d sqltext.Dialect, def Definition, scope referral.Scope) params {
	p := params{
		Cohort:   PeriodSQL(d, scope.Calendar, def.By, "p.acquired_day"),
		Born:     PeriodSQL(d, scope.Calendar, def.Age, "p.acquired_day"),
		Happened: PeriodSQL(d, scope.Calendar, def.Age, "e.day"),
		Activity: def.Activity,
		AsOf:     scope.AsOf,
		Last:     int64(def.Horizon) * PeriodStep(def.Age),
		Currency: scope.Currency,
	}
	switch def.Group {
	case "":
		p.Key = "CAST(NULL AS VARCHAR)"
	case "channel", "campaign":
		p.Key, p.ByEvent = "l.label", def.Group
	case "partner_id":
		p.Key, p.ByPartner = "k.partner_id", true
	default:
		p.Key, p.ByPartner = "t."+d.Ident(def.Group), true
	}
	return p
}

// Statements lists the SQL behind Compute.
func Statements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, err
	}
	p := newParams(d, def.withDefaults(scope), scope)
	var out []sqltext.Stmt
	for _, name := range []string{"sizes", "cells", "checks"} {
		s, err := statements.Render(d, name, p)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// slot is one cohort of one group.
type slot struct {
	cohort int64
	key    string
}

// triangle is what SQL returned, in calendar numbers.
type triangle struct {
	born  map[slot]map[int64]int64 // customers by period of acquisition
	cells map[slot]map[int64]*cell
	keys  []string // groups, ascending, NoGroup last
}

// cell holds what happened at one age; cumulation is Go's.
type cell struct {
	retained, events int64
	value, squares   *big.Int
}

type checks struct {
	beforeEvents, withoutRate int64
	beforeValue               *big.Int
}

func read(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (*triangle, checks, error) {
	var c checks
	list, err := Statements(db.Dialect(), def, scope)
	if err != nil {
		return nil, c, err
	}
	t := &triangle{born: map[slot]map[int64]int64{}, cells: map[slot]map[int64]*cell{}}
	if err := t.readSizes(ctx, db, list[0], def); err != nil {
		return nil, c, err
	}
	if err := t.readCells(ctx, db, list[1], def); err != nil {
		return nil, c, err
	}
	var text string
	if err := engine.One(ctx, db, list[2], &c.beforeEvents, &text, &c.withoutRate); err != nil {
		return nil, c, err
	}
	c.beforeValue, err = parse(text)
	return t, c, err
}

func (t *triangle) readSizes(ctx context.Context, db engine.DB, st sqltext.Stmt, def Definition) error {
	_, err := engine.Collect(ctx, db, st, func(r *sql.Rows) (struct{}, error) {
		var cohort, born, n int64
		var key sql.Null[string]
		if err := r.Scan(&cohort, &key, &born, &n); err != nil {
			return struct{}{}, err
		}
		s := slot{cohort / PeriodStep(def.By), keyOf(def, key)}
		if t.born[s] == nil {
			t.born[s] = map[int64]int64{}
		}
		t.born[s][born/PeriodStep(def.Age)] += n
		return struct{}{}, nil
	})
	for s := range t.born {
		t.keys = append(t.keys, s.key)
	}
	slices.SortFunc(t.keys, compareKeys)
	t.keys = slices.Compact(t.keys)
	return err
}

func (t *triangle) readCells(ctx context.Context, db engine.DB, st sqltext.Stmt, def Definition) error {
	_, err := engine.Collect(ctx, db, st, func(r *sql.Rows) (struct{}, error) {
		var cohort, age int64
		var key sql.Null[string]
		var value, squares string
		c := &cell{}
		if err := r.Scan(&cohort, &key, &age, &c.retained, &c.events, &value, &squares); err != nil {
			return struct{}{}, err
		}
		var err error
		if c.value, err = parse(value); err != nil {
			return struct{}{}, err
		}
		if c.squares, err = parse(squares); err != nil {
			return struct{}{}, err
		}
		s := slot{cohort / PeriodStep(def.By), keyOf(def, key)}
		if t.cells[s] == nil {
			t.cells[s] = map[int64]*cell{}
		}
		t.cells[s][age/PeriodStep(def.Age)] = c
		return struct{}{}, nil
	})
	return err
}

// keyOf names a group; without grouping the key is empty.
func keyOf(def Definition, k sql.Null[string]) string {
	switch {
	case def.Group == "":
		return ""
	case !k.Valid || k.V == "":
		return NoGroup
	}
	return k.V
}

// parse reads an exact integer that SQL wrote as text.
func parse(s string) (*big.Int, error) {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return nil, fmt.Errorf("%q is not an integer", s)
	}
	return n, nil
}
