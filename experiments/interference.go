package experiments

import (
	"context"
	"database/sql"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// crossedShare is the share of touched persons that two arms may have touched above which arms can no longer be told apart:
// as many as units may see two variants.
const crossedShare = maxMixedShare

// secondPass is the number of exposures beyond which what lies beside the arms is not read: every such statement goes
// through all units once more.
const secondPass = 1_000_000

// beyond reads what lies beside the arms: interference and novelty.
func (r *read) beyond(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) error {
	if r.hygiene.Exposures == 0 {
		return nil
	}
	if r.hygiene.Exposures > secondPass {
		r.findings = append(r.findings, referral.Finding{Code: "one-pass", Subject: def.Name, Detail: fmt.Sprintf(
			"With more than %d exposures interference and the effect by day since exposure are not read.", secondPass)})
		return nil
	}
	var err error
	if r.interference, err = readInterference(ctx, db, def, scope); err != nil {
		return err
	}
	r.novelty, err = readNovelty(ctx, db, def, scope)
	return err
}

// beside renders the statements of interference and novelty, where they are asked.
func (d Definition) beside(dialect sqltext.Dialect, scope referral.Scope) ([]sqltext.Stmt, error) {
	var out []sqltext.Stmt
	if d.interferes() {
		s, err := d.interferenceStatement(dialect, scope)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	if d.noveltyDaysOf() > 0 {
		a, err := d.noveltyAsk(scope)
		if err != nil {
			return nil, err
		}
		s, err := statements.Render(dialect, "novelty", a)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// interferes reports whether units can touch other persons whom the data name: referrers and persons through referral, partners
// through their events.
func (d Definition) interferes() bool {
	switch d.Unit {
	case "", UnitPerson, UnitReferrer, UnitPartner:
		return true
	}
	return false
}

// interferenceStatement renders the statement.
func (d Definition) interferenceStatement(dialect sqltext.Dialect, scope referral.Scope) (sqltext.Stmt, error) {
	q, err := d.question(scope)
	if err != nil {
		return sqltext.Stmt{}, err
	}
	q.Latest = int64(d.Window)
	return statements.Render(dialect, "interference", q)
}

// readInterference counts persons that two arms may have touched; nil where no unit touched anybody.
func readInterference(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (*Interference, error) {
	if !def.interferes() {
		return nil, nil
	}
	st, err := def.interferenceStatement(db.Dialect(), scope)
	if err != nil {
		return nil, err
	}
	rows, err := engine.Collect(ctx, db, st, func(r *sql.Rows) (x Interference, err error) {
		return x, r.Scan(&x.Referees, &x.TwoArms, &x.Randomised, &x.CrossArm, &x.Affected)
	})
	if err != nil || len(rows) != 1 || rows[0].Referees == 0 {
		return nil, err
	}
	x := rows[0]
	if float64(x.Affected) > crossedShare*float64(x.Referees) {
		x.Warning = fmt.Sprintf("%d of %d persons whom the units reached, more than %g %%, were touched by two arms or randomised into another arm than the one that reached them: arms influence each other, and the effect may be larger or smaller than it looks.",
			x.Affected, x.Referees, 100*crossedShare)
	}
	return &x, nil
}
