package funnel

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"time"

	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"
)

// Reasons for costs that are not known.
const (
	reasonNoCosts      = "no_costs_loaded"
	reasonNegativeCost = "negative_cost"
	reasonUnassigned   = "unassigned" // the group of no value: its costs did not bring its units
)

// spent is what costs say of the entry period: in all, and by value of the breakdown if costs name it.
type spent struct {
	from, to    string
	loaded      bool // there are cost lines at all
	all         spending
	byKey       map[string]spending
	withoutRate int64
}

// spending is a sum of cost lines, and the part of it that was paid out.
type spending struct{ cost, payout int64 }

// costColumn is the column by which costs are split, "" where they do not know the breakdown.
func costColumn(def Definition) string {
	if by := byName(def); by == "partner_id" || by == "campaign" {
		return by
	}
	return ""
}

// costParams is the data of costs.sql.
type costParams struct{ By, From, To, Today string }

func newCostParams(def Definition, scope referral.Scope, from, to string) costParams {
	return costParams{By: costColumn(def), From: from, To: to, Today: scope.AsOf.In(calendar(scope).Zone).Format(time.DateOnly)}
}

// readCosts adds up the costs of the local days from and to, both included. The day of the as-of time is not over
// and not seen.
func readCosts(ctx context.Context, db engine.DB, def Definition, scope referral.Scope, from, to string) (*spent, error) {
	out := &spent{from: from, to: to, byKey: map[string]spending{}}
	if from == "" {
		return out, nil // nobody entered: there is no period
	}
	st, err := statements.Render(db.Dialect(), "costs", newCostParams(def, scope, from, to))
	if err != nil {
		return nil, err
	}
	cost, payout := new(big.Int), new(big.Int)
	_, err = engine.Collect(ctx, db, st, func(r *sql.Rows) (struct{}, error) {
		var key sql.Null[string]
		var texts [2]string
		var withoutRate int64
		if err := r.Scan(&key, &texts[0], &texts[1], &withoutRate); err != nil {
			return struct{}{}, err
		}
		out.loaded = true
		out.withoutRate += withoutRate
		s, err := out.add(texts, cost, payout)
		if key.Valid {
			out.byKey[key.V] = s
		}
		return struct{}{}, err
	})
	if err == nil {
		out.all, err = minorUnits(cost, payout)
	}
	if err != nil {
		return nil, fmt.Errorf("funnel %s: costs: %w", def.Name, err)
	}
	return out, nil
}

// add reads the sums of one row and adds them to those of all.
func (s *spent) add(texts [2]string, cost, payout *big.Int) (spending, error) {
	var sums [2]*big.Int
	for i, t := range texts {
		n, ok := new(big.Int).SetString(t, 10)
		if !ok {
			return spending{}, fmt.Errorf("%q is not a whole number", t)
		}
		sums[i] = n
	}
	cost.Add(cost, sums[0])
	payout.Add(payout, sums[1])
	return minorUnits(sums[0], sums[1])
}

func minorUnits(cost, payout *big.Int) (spending, error) {
	if !cost.IsInt64() || !payout.IsInt64() {
		return spending{}, fmt.Errorf("a sum of %s, %s of it paid out, exceeds 64 bits", cost, payout)
	}
	return spending{cost.Int64(), payout.Int64()}, nil
}

// whole is the cost of the entry period.
func (s *spent) whole() *Cost { return s.known(s.all, "") }

// of is the cost of one value; without a line of its own it is 0, and costs without a value belong to nobody.
func (s *spent) of(key string) *Cost {
	if key == "" {
		return s.known(spending{}, reasonUnassigned)
	}
	return s.known(s.byKey[key], "")
}

func (s *spent) known(v spending, reason string) *Cost {
	switch {
	case s.from == "":
		reason = referral.ReasonNoEntrants
	case !s.loaded:
		reason = reasonNoCosts
	}
	if reason != "" {
		return &Cost{From: s.from, To: s.to, Reason: reason}
	}
	return &Cost{CostMinor: &v.cost, PayoutMinor: &v.payout, From: s.from, To: s.to}
}

// costPer divides a cost, or the part of it that was paid out, by the units that reached a step, with the interval
// of the cost per acquisition: the count is Poisson with Garwood's limits, the cost is taken as known.
//
//	cost/n,   [cost/u, cost/l]
//
// Units: minor units of money per unit. Edges: n = 0 has no value and no upper limit, and the lower limit that the
// cost alone proves; a negative cost has no meaning per unit; an unknown cost keeps its reason.
// Source: Garwood (1936), Biometrika 28, 437–442.
// Checked against: Garwood's table, in cost_test.go.
func costPer(minor *int64, unknown string, n int64, level float64) (*referral.Estimate, error) {
	e := referral.Estimate{Confidence: level, Method: referral.MethodGarwood, Denominator: referral.Whole(n)}
	if minor == nil {
		e.Reason = unknown
		return &e, nil
	}
	e.Numerator = referral.Whole(*minor)
	if *minor < 0 {
		e.Reason = reasonNegativeCost
		return &e, nil
	}
	lo, hi, err := stats.GarwoodInterval(n*referral.MicroScale, level)
	if err != nil {
		return nil, fmt.Errorf("cost per unit: %w", err)
	}
	cost := float64(*minor)
	e.Lo = referral.Float(cost / hi)
	if n == 0 {
		e.Reason = referral.ReasonNoEntrants
		return &e, nil
	}
	e.Value, e.Hi = referral.Float(cost/float64(n)), referral.Float(cost/lo)
	return &e, nil
}

// addCosts sets the costs of the entry period, and what a unit that reached a step cost.
func (r *Result) addCosts(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) error {
	level := confidence(scope)
	s, err := readCosts(ctx, db, def, scope, r.From, r.To)
	if err != nil {
		return err
	}
	r.Cost = s.whole()
	if err := addCost(r.Steps, r.Cost, level); err != nil {
		return err
	}
	if s.withoutRate > 0 {
		r.Findings = append(r.Findings, referral.Finding{
			Code: "missing-rate", Subject: "costs", Detail: fmt.Sprintf("%d cost lines have no currency rate of their day and are not counted", s.withoutRate),
		})
	}
	if costColumn(def) == "" {
		return nil
	}
	for i := range r.Groups {
		g := &r.Groups[i]
		g.Cost = s.of(g.Key)
		if err := addCost(g.Steps, g.Cost, level); err != nil {
			return err
		}
	}
	return nil
}

// addCost sets the cost and the payout per unit of every step.
func addCost(steps []StepResult, c *Cost, level float64) (err error) {
	for i := range steps {
		st := &steps[i]
		if st.CostPerPerson, err = costPer(c.CostMinor, c.Reason, st.Persons, level); err != nil {
			return err
		}
		if st.PayoutPerPerson, err = costPer(c.PayoutMinor, c.Reason, st.Persons, level); err != nil {
			return err
		}
	}
	return nil
}
