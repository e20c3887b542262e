package attribution

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// Compute credits every conversion event before scope.AsOf to the touches before it, under each
// model of the definition. One pass over the ordered events feeds all models, so they speak of the
// same journeys. Money is in the project's currency; a conversion without money counts and adds 0.
//
// The credits of each model add up to Conversions and ValueMinor exactly. Findings name events that
// do not occur, conversions without a touch, touches without a key, and a disagreement of models.
func Compute(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (Result, error) {
	if err := def.Validate().Err(); err != nil {
		return Result{}, err
	}
	def = def.withDefaults()
	p, found, err := prepare(ctx, db, def, scope)
	if err != nil {
		return Result{}, fmt.Errorf("attribution %s: %w", def.Name, err)
	}
	total := newTally(len(p.models), len(p.keys))
	if len(p.convert) > 0 {
		if err := scan(ctx, db, p, def, scope, total); err != nil {
			return Result{}, fmt.Errorf("attribution %s: %w", def.Name, err)
		}
	}
	res := Result{
		Name: def.Name, By: def.By, Currency: scope.Currency,
		Conversions: total.conversions, ValueMinor: total.value, Touched: total.touched,
		Models: models(p, total),
	}
	res.Findings = referral.SortFindings(append(found, findings(def, p, total)...))
	return res, nil
}

// Statements lists the SQL behind Compute. The person range and the event keys of the scan are those
// of the whole table, since they are known only at run time.
func Statements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, err
	}
	def = def.withDefaults()
	catalogue, err := statements.Render(d, "catalogue", map[string]any{"Names": def.events()})
	if err != nil {
		return nil, err
	}
	keys := make([]int64, len(def.events()))
	for i := range keys {
		keys[i] = int64(i)
	}
	labels, err := labelStmt(d, def, scope, keys)
	if err != nil {
		return nil, err
	}
	journeys, err := journeyStmt(d, def, scope, keys, 0, 1<<31-1)
	return []sqltext.Stmt{catalogue, labels, journeys}, err
}

// events are the names the scan reads, each once, in a fixed order.
func (d Definition) events() []string {
	out := append([]string{d.Conversion}, d.Touches...)
	slices.Sort(out)
	return slices.Compact(out)
}

// prepare reads the dictionaries: which event keys matter, and the keys that can earn credit.
func prepare(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (*plan, []referral.Finding, error) {
	p := &plan{models: def.models(), touch: map[int64]bool{}, convert: map[int64]bool{}, window: def.Window.Micros()}
	st, err := statements.Render(db.Dialect(), "catalogue", map[string]any{"Names": def.events()})
	if err != nil {
		return nil, nil, err
	}
	names, err := engine.Collect(ctx, db, st, scanCode)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, n := range names {
		seen[n.name] = true
		if n.name == def.Conversion {
			p.convert[n.code] = true
		}
		if slices.Contains(def.Touches, n.name) {
			p.touch[n.code] = true
		}
	}
	var found []referral.Finding
	for _, e := range def.events() {
		if !seen[e] {
			found = append(found, referral.Finding{Code: "event-missing", Subject: e, Detail: fmt.Sprintf("no analysed event is named %q", e)})
		}
	}
	return p, found, p.readKeys(ctx, db, def, scope)
}

// eventKeys are the event keys the scan reads, ascending.
func (p *plan) eventKeys() []int64 {
	var out []int64
	for _, set := range []map[int64]bool{p.touch, p.convert} {
		for k := range set {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *plan) readKeys(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) error {
	if len(p.touch) == 0 {
		p.byCode = map[int64]int{}
		return nil
	}
	st, err := labelStmt(db.Dialect(), def, scope, p.eventKeys())
	if err != nil {
		return err
	}
	if def.By == "partner_id" {
		codes, err := engine.Collect(ctx, db, st, scanCode)
		p.byCode = make(map[int64]int, len(codes))
		slices.SortFunc(codes, func(a, b code) int { return strings.Compare(a.name, b.name) })
		for i, c := range codes {
			p.byCode[c.code] = i
			p.keys = append(p.keys, c.name)
		}
		return err
	}
	p.keys, err = engine.Collect(ctx, db, st, func(r *sql.Rows) (s string, err error) { return s, r.Scan(&s) })
	p.byLabel = make(map[string]int, len(p.keys))
	slices.Sort(p.keys) // byte order, whatever the engine's collation
	for i, k := range p.keys {
		p.byLabel[k] = i
	}
	return err
}

type code struct {
	code int64
	name string
}

func scanCode(r *sql.Rows) (c code, err error) { return c, r.Scan(&c.code, &c.name) }

// labelStmt reads the dictionary of what credit goes to.
func labelStmt(d sqltext.Dialect, def Definition, scope referral.Scope, events []int64) (sqltext.Stmt, error) {
	if def.By == "partner_id" {
		return statements.Render(d, "partners", nil)
	}
	return statements.Render(d, "labels", struct {
		By     string
		Events []int64
		AsOf   time.Time
	}{def.By, events, scope.AsOf})
}

func journeyStmt(d sqltext.Dialect, def Definition, scope referral.Scope, events []int64, lo, hi int64) (sqltext.Stmt, error) {
	column := def.By
	if column == "partner_id" {
		column = "partner_key"
	}
	return statements.Render(d, "journeys", struct {
		Column string
		Lo, Hi int64
		Events []int64
		AsOf   time.Time
	}{column, lo, hi, events, scope.AsOf})
}

func scan(ctx context.Context, db engine.DB, p *plan, def Definition, scope referral.Scope, total *tally) error {
	st, err := statements.Render(db.Dialect(), "population", nil)
	if err != nil {
		return err
	}
	events := p.eventKeys()
	s := engine.PersonScan{Stmt: func(lo, hi int64) (sqltext.Stmt, error) {
		return journeyStmt(db.Dialect(), def, scope, events, lo, hi)
	}}
	if err := engine.One(ctx, db, st, &s.Persons); err != nil {
		return err
	}
	return s.Run(ctx, db,
		func() engine.Kernel { return newKernel(p) },
		func(k engine.Kernel) error {
			total.add(k.(*kernel).tally)
			return nil
		})
}
