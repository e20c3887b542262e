package calc

import (
	"encoding/json"
	"math/big"

	"vouch/partners/incentive"
	"vouch/referral"
)

// tierMethods are the rules of commission plans with tiers.
func tierMethods() []Method {
	outputs := []string{"commissions", "total", "bonus", "tier", "effective_rate", "reason"}
	counted := append(outputs[:len(outputs):len(outputs)], "actions_per_tier")
	return []Method{
		method("commission.tier.marginal", "Pays each part of the running total at the rate of its band, or each action at the tier of its number.",
			counted, tierMarginal),
		method("commission.tier.retroactive", "Pays every action at the tier of the final total or count.",
			counted, tierRetroactive),
		method("commission.tier.forward", "Pays each action at the rate of the total before it.",
			outputs, tierForward),
		method("commission.tier.age", "Pays each action at the rate of its age in months.",
			outputs, tierAge),
	}
}

// tierInput is a plan with tiers over amounts, or with basis count over a number of actions.
type tierInput struct {
	Basis    string             `json:"basis" calc:"optional"`
	Tiers    json.RawMessage    `json:"tiers"`
	Boundary incentive.Boundary `json:"boundary" calc:"optional"`
	Rounding incentive.Rounding `json:"rounding" calc:"optional"`
	Actions  []int64            `json:"actions" calc:"optional"`
	Opening  int64              `json:"opening_total" calc:"optional"`
	Count    *int64             `json:"count" calc:"optional"`
}

// plan reads the tiers of a plan over amounts.
func (in tierInput) plan() (incentive.Plan, error) {
	switch {
	case in.Basis != "" && in.Basis != "amount":
		return incentive.Plan{}, Invalid("basis: %q is not possible here", in.Basis)
	case in.Actions == nil:
		return incentive.Plan{}, Invalid("actions is missing")
	case in.Count != nil:
		return incentive.Plan{}, Invalid("count belongs to basis count")
	}
	return planOf(in.Tiers, in.Boundary, in.Rounding)
}

// planOf reads tiers [{from, rate}].
func planOf(raw json.RawMessage, boundary incentive.Boundary, rounding incentive.Rounding) (incentive.Plan, error) {
	tiers, err := decode[[]tierRow](raw)
	p := incentive.Plan{Tiers: tiersOf(tiers), Boundary: boundary, Rounding: rounding}
	if err != nil {
		return p, located("tiers", err)
	}
	return p, located("tiers", p.Valid())
}

// tierRow is one row of a plan's table.
type tierRow struct {
	From int64             `json:"from"`
	Rate incentive.Decimal `json:"rate"`
}

func tiersOf(rows []tierRow) []incentive.Tier {
	out := make([]incentive.Tier, len(rows))
	for i, r := range rows {
		out[i] = incentive.Tier{From: r.From, Rate: r.Rate}
	}
	return out
}

// tiered is what a plan over amounts answers.
type tiered struct {
	Commissions   []int64  `json:"commissions"`
	Total         int64    `json:"total"`
	Bonus         int64    `json:"bonus"`
	Tier          []int    `json:"tier"`
	EffectiveRate *float64 `json:"effective_rate"`
	Reason        *string  `json:"reason"`
}

func tieredOf(actions []int64, got incentive.Tiered, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := tiered{Commissions: got.Commissions, Total: got.Total, Bonus: got.Bonus, Tier: got.Tier}
	revenue := new(big.Int)
	for _, a := range actions {
		revenue.Add(revenue, big.NewInt(a))
	}
	out.EffectiveRate, out.Reason = ratio(got.Total, revenue)
	return out, nil
}

// ratio is an exact total over exact revenue, unknown without revenue.
func ratio(total int64, revenue *big.Int) (*float64, *string) {
	if revenue.Sign() == 0 {
		reason := referral.ReasonNoRevenue
		return nil, &reason
	}
	f, _ := new(big.Rat).SetFrac(big.NewInt(total), revenue).Float64()
	return &f, nil
}

func tierMarginal(in tierInput) (any, error) {
	if in.Basis == "count" {
		return in.counted(incentive.CountPlan.Marginal)
	}
	p, err := in.plan()
	if err != nil {
		return nil, err
	}
	got, err := p.Marginal(in.Actions, in.Opening)
	return tieredOf(in.Actions, got, err)
}

func tierRetroactive(in tierInput) (any, error) {
	if in.Basis == "count" {
		return in.counted(incentive.CountPlan.Retroactive)
	}
	p, err := in.plan()
	if err != nil {
		return nil, err
	}
	got, err := p.Retroactive(in.Actions, in.Opening)
	return tieredOf(in.Actions, got, err)
}

func tierForward(in tierInput) (any, error) {
	p, err := in.plan()
	if err != nil {
		return nil, err
	}
	got, err := p.Forward(in.Actions, in.Opening)
	return tieredOf(in.Actions, got, err)
}

// counted runs a plan over a number of actions.
func (in tierInput) counted(pay func(incentive.CountPlan, int64) (incentive.Counted, error)) (any, error) {
	if in.Count == nil {
		return nil, Invalid("count is missing")
	}
	if in.Actions != nil {
		return nil, Invalid("actions belong to basis amount")
	}
	tiers, err := decode[[]struct {
		From   int64 `json:"from"`
		Payout int64 `json:"payout"`
	}](in.Tiers)
	if err != nil {
		return nil, located("tiers", err)
	}
	p := incentive.CountPlan{Boundary: in.Boundary}
	for _, t := range tiers {
		p.Tiers = append(p.Tiers, incentive.CountTier{From: t.From, Payout: t.Payout})
	}
	got, err := pay(p, *in.Count)
	return struct {
		ActionsPerTier []int64 `json:"actions_per_tier"`
		Total          int64   `json:"total"`
		Bonus          int64   `json:"bonus"`
	}{got.ActionsPerTier, got.Total, got.Bonus}, err
}

type tierAgeInput struct {
	Tiers    json.RawMessage    `json:"tiers"`
	Boundary incentive.Boundary `json:"boundary" calc:"optional"`
	Rounding incentive.Rounding `json:"rounding" calc:"optional"`
	Actions  []int64            `json:"actions"`
	Months   []int64            `json:"age_months"`
}

func tierAge(in tierAgeInput) (any, error) {
	p, err := planOf(in.Tiers, in.Boundary, in.Rounding)
	if err != nil {
		return nil, err
	}
	got, err := p.Age(in.Actions, in.Months)
	return tieredOf(in.Actions, got, err)
}
