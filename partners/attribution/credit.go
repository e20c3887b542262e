package attribution

import (
	"context"
	"fmt"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// The rules Credit knows: the values of `credit` in the configuration.
const (
	LastTouch  = "last_touch"
	FirstTouch = "first_touch"
)

// Rules lists the rules in the order they are offered.
func Rules() []string { return []string{LastTouch, FirstTouch} }

// Credit fills acquisition_facts, the keys behind the contract view acquisitions: one row per acquired person, with the whole weight of
// 1,000,000 millionths on the partner the rule names. It does not depend on as-of: a customer's
// credit is settled by the events up to the acquisition, and readers look only at acquisitions
// before theirs.
//
// The partner is that of the latest (last_touch) or earliest (first_touch) analysed event with a
// partner, at or before the acquisition, ties by event id then source; the acquisition event itself
// counts. Without such an event the customer is organic: partner_key NULL. There is no look-back
// limit here: the rule answers whom the programme owes, not what moved the customer. The table is
// replaced in one transaction, so readers see the old rows or the new. A finding tells how many
// customers are organic. An unknown rule is refused as a referral.Problem.
func Credit(ctx context.Context, w engine.Writer, rule string) ([]referral.Finding, error) {
	sel, err := creditStmt(w.Dialect(), rule)
	if err != nil {
		return nil, err
	}
	create := sqltext.Raw("attribution/create", "CREATE OR REPLACE TABLE "+w.Dialect().Ident(schema.AcquisitionFacts)+
		" (person_key BIGINT, partner_key INTEGER, variant VARCHAR, "+w.Dialect().Ident("at")+" TIMESTAMP, day DATE, weight BIGINT)")
	fill := sqltext.Raw(sel.Name, "INSERT INTO "+w.Dialect().Ident(schema.AcquisitionFacts)+"\n"+sel.Text, sel.Args...)
	count, err := statements.Render(w.Dialect(), "credited", nil)
	if err != nil {
		return nil, err
	}
	var customers, organic int64
	err = w.Tx(ctx, func(tx engine.Tx) error {
		for _, s := range []sqltext.Stmt{create, fill} {
			if err := tx.Exec(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		return engine.One(ctx, tx, count, &customers, &organic)
	})
	if err != nil {
		return nil, fmt.Errorf("credit acquisitions: %w", err)
	}
	if organic == 0 {
		return nil, nil
	}
	return []referral.Finding{{
		Code: "organic-acquisitions", Subject: rule,
		Detail: fmt.Sprintf("%d of %d customers had no event with a partner up to their acquisition and are counted as organic", organic, customers),
	}}, nil
}

// creditStmt renders the query behind acquisition_facts.
func creditStmt(d sqltext.Dialect, rule string) (sqltext.Stmt, error) {
	order := map[string]string{LastTouch: "DESC", FirstTouch: "ASC"}[rule]
	if order == "" {
		return sqltext.Stmt{}, referral.Problems{{
			Path: "credit", Msg: fmt.Sprintf("%q is not a rule of credit", rule), Hint: "last_touch or first_touch",
		}}
	}
	return statements.Render(d, "credit", struct {
		Order  string
		Weight int64
	}{order, referral.MicroScale})
}
