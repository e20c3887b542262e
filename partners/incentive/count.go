package incentive

import (
	"fmt"
	"math/big"
)

// CountTier pays a fixed amount per action from a number of actions on.
type CountTier struct {
	From   int64 // number of actions
	Payout int64 // minor units per action
}

// CountPlan pays by the number of actions, whatever they are worth.
type CountPlan struct {
	Tiers    []CountTier
	Boundary Boundary
}

// Counted is what a count plan pays.
type Counted struct {
	ActionsPerTier []int64
	Total          int64
	Bonus          int64 // Total less the first payout for every action
}

// Valid reports why the plan cannot be used.
func (p CountPlan) Valid() error {
	if err := p.Boundary.Valid(); err != nil {
		return err
	}
	from := make([]int64, len(p.Tiers))
	for i, t := range p.Tiers {
		from[i] = t.From
		if t.Payout < 0 {
			return fmt.Errorf("tier %d pays %d: a payout is not negative", i+1, t.Payout)
		}
	}
	return increasing(from)
}

// Marginal pays action number a, counted from 1, at the highest tier with From ≤ a (Exclusive:
// From < a).
func (p CountPlan) Marginal(count int64) (Counted, error) {
	if err := p.check(count); err != nil {
		return Counted{}, err
	}
	per := make([]int64, len(p.Tiers))
	left := count
	for i := len(p.Tiers) - 1; i >= 0; i-- {
		// The last action below the tier: action numbers above it belong to the tier.
		last := p.Tiers[i].From
		if p.Boundary != Exclusive {
			last--
		}
		per[i] = max(0, left-max(0, last))
		left -= per[i]
	}
	return p.pay(per)
}

// Retroactive pays every action at the tier that the count has reached.
func (p CountPlan) Retroactive(count int64) (Counted, error) {
	if err := p.check(count); err != nil {
		return Counted{}, err
	}
	per, level := make([]int64, len(p.Tiers)), 0
	for i, t := range p.Tiers {
		if p.Boundary.reached(count, t.From) {
			level = i
		}
	}
	per[level] = count
	return p.pay(per)
}

func (p CountPlan) check(count int64) error {
	if count < 0 {
		return fmt.Errorf("%d actions", count)
	}
	return p.Valid()
}

// pay adds up the payouts of actions by tier.
func (p CountPlan) pay(per []int64) (Counted, error) {
	total, bonus := new(big.Int), new(big.Int)
	for i, n := range per {
		actions := big.NewInt(n)
		total.Add(total, new(big.Int).Mul(actions, big.NewInt(p.Tiers[i].Payout)))
		more := new(big.Int).Sub(big.NewInt(p.Tiers[i].Payout), big.NewInt(p.Tiers[0].Payout))
		bonus.Add(bonus, actions.Mul(actions, more))
	}
	out := Counted{ActionsPerTier: per}
	var err error
	if out.Total, err = whole(total); err != nil {
		return Counted{}, err
	}
	out.Bonus, err = whole(bonus)
	return out, err
}
