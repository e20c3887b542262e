package incentive

import (
	"errors"
	"fmt"
	"math/big"
)

// ErrTiers says that a tier table is not one.
var ErrTiers = errors.New("not a table of tiers")

// Boundary says whether a tier applies at its threshold. The empty Boundary is Inclusive.
type Boundary string

// The readings of a threshold.
const (
	Inclusive Boundary = "inclusive" // from the threshold on
	Exclusive Boundary = "exclusive" // above the threshold only
)

// Valid returns an error for a boundary that does not exist.
func (b Boundary) Valid() error {
	switch b {
	case "", Inclusive, Exclusive:
		return nil
	}
	return fmt.Errorf("boundary %q is not one of inclusive, exclusive", string(b))
}

// reached reports whether total has reached the threshold.
func (b Boundary) reached(total, from int64) bool {
	return total > from || total == from && b != Exclusive
}

// Tier pays a rate from a threshold on: of a running total in minor units, or of an age in months.
type Tier struct {
	From int64
	Rate Decimal
}

// Plan is a table of tiers with its reading. The first tier begins at 0, thresholds increase.
type Plan struct {
	Tiers    []Tier
	Boundary Boundary
	Rounding Rounding
}

// Tiered is what a plan pays for actions.
type Tiered struct {
	Commissions []int64 // per action, each rounded once
	Total       int64   // of Commissions
	// Bonus is Total less what the same actions pay at the first rate, each rounded.
	Bonus int64
	Tier  []int // index of the tier per action, see the method
}

// Valid reports why the plan cannot be used.
func (p Plan) Valid() error {
	if err := p.Boundary.Valid(); err != nil {
		return err
	}
	if err := p.Rounding.Valid(); err != nil {
		return err
	}
	from := make([]int64, len(p.Tiers))
	for i, t := range p.Tiers {
		from[i] = t.From
		if t.Rate.Sign() < 0 {
			return fmt.Errorf("tier %d pays %s: %w", i+1, t.Rate, ErrRate)
		}
	}
	return increasing(from)
}

// increasing checks thresholds.
func increasing(from []int64) error {
	if len(from) == 0 {
		return fmt.Errorf("there are none: %w", ErrTiers)
	}
	if from[0] != 0 {
		return fmt.Errorf("the first begins at %d, not at 0: %w", from[0], ErrTiers)
	}
	for i := 1; i < len(from); i++ {
		if from[i] <= from[i-1] {
			return fmt.Errorf("tier %d begins at %d, which is not above %d: %w", i+1, from[i], from[i-1], ErrTiers)
		}
	}
	return nil
}

// Level returns the index of the highest tier that a total has reached; the first tier applies to
// every total.
func (p Plan) Level(total int64) int {
	level := 0
	for i, t := range p.Tiers {
		if i == 0 || p.Boundary.reached(total, t.From) {
			level = i
		}
	}
	return level
}

// running checks actions and returns the total after each, beginning with the opening total.
func (p Plan) running(actions []int64, opening int64) ([]int64, error) {
	if err := p.Valid(); err != nil {
		return nil, err
	}
	if opening < 0 {
		return nil, fmt.Errorf("the opening total %d is negative", opening)
	}
	totals := []int64{opening}
	for i, a := range actions {
		if a < 0 {
			return nil, fmt.Errorf("action %d is %d: actions of a tier plan are not negative", i+1, a)
		}
		next, err := sum([]int64{totals[i], a})
		if err != nil {
			return nil, err
		}
		totals = append(totals, next)
	}
	return totals, nil
}

// Marginal pays each part of the running total at the rate of the band [From, next From) it lies in,
// like an income tax: an action may straddle bands and is rounded once. Tier is the level of the
// total after the action; the boundary moves that level and no money.
func (p Plan) Marginal(actions []int64, opening int64) (Tiered, error) {
	totals, err := p.running(actions, opening)
	if err != nil {
		return Tiered{}, err
	}
	return p.pay(actions, func(i int) (int64, int, error) {
		due := new(big.Rat)
		for j, t := range p.Tiers {
			low, high := max(totals[i], t.From), totals[i+1]
			if j+1 < len(p.Tiers) {
				high = min(high, p.Tiers[j+1].From)
			}
			if high > low {
				part := t.Rate.Rat()
				due.Add(due, part.Mul(part, new(big.Rat).SetInt64(high-low)))
			}
		}
		c, err := p.Rounding.Round(due)
		return c, p.Level(totals[i+1]), err
	})
}

// Retroactive pays every action at the rate of the final total: crossing a threshold lifts what was
// earned before. Tier is that level for every action.
func (p Plan) Retroactive(actions []int64, opening int64) (Tiered, error) {
	totals, err := p.running(actions, opening)
	if err != nil {
		return Tiered{}, err
	}
	level := p.Level(totals[len(totals)-1])
	return p.pay(actions, func(i int) (int64, int, error) {
		c, err := p.Rounding.product(actions[i], p.Tiers[level].Rate)
		return c, level, err
	})
}

// Forward pays each whole action at the rate of the total before it: crossing a threshold lifts what
// comes after. Tier is the level of that total.
func (p Plan) Forward(actions []int64, opening int64) (Tiered, error) {
	totals, err := p.running(actions, opening)
	if err != nil {
		return Tiered{}, err
	}
	return p.pay(actions, func(i int) (int64, int, error) {
		level := p.Level(totals[i])
		c, err := p.Rounding.product(actions[i], p.Tiers[level].Rate)
		return c, level, err
	})
}

// Age pays each action at the rate of its age in whole months, such as the time since the customer's
// first payment. Thresholds are months.
func (p Plan) Age(actions, months []int64) (Tiered, error) {
	if _, err := p.running(actions, 0); err != nil {
		return Tiered{}, err
	}
	if len(months) != len(actions) {
		return Tiered{}, fmt.Errorf("%d ages for %d actions", len(months), len(actions))
	}
	for i, m := range months {
		if m < 0 {
			return Tiered{}, fmt.Errorf("age %d is %d months, before the beginning", i+1, m)
		}
	}
	return p.pay(actions, func(i int) (int64, int, error) {
		level := p.Level(months[i])
		c, err := p.Rounding.product(actions[i], p.Tiers[level].Rate)
		return c, level, err
	})
}

// pay collects what line returns for each action.
func (p Plan) pay(actions []int64, line func(i int) (commission int64, tier int, err error)) (Tiered, error) {
	out := Tiered{Commissions: make([]int64, len(actions)), Tier: make([]int, len(actions))}
	var err error
	for i := range actions {
		if out.Commissions[i], out.Tier[i], err = line(i); err != nil {
			return Tiered{}, err
		}
	}
	if out.Total, err = sum(out.Commissions); err != nil {
		return Tiered{}, err
	}
	_, first, err := Percent(actions, []Decimal{p.Tiers[0].Rate}, p.Rounding)
	if err != nil {
		return Tiered{}, err
	}
	out.Bonus, err = sum([]int64{out.Total, -first})
	return out, err
}
