package incentive

import (
	"errors"
	"fmt"
	"math/big"
)

// Kind is how a candidate plan of a backtest pays.
type Kind string

// The kinds of candidates.
const (
	KindFlat        Kind = "flat"
	KindMarginal    Kind = "marginal"
	KindRetroactive Kind = "retroactive"
	KindForward     Kind = "forward"
)

// Candidate is a named plan of a backtest. A flat plan has one tier.
type Candidate struct {
	Name string
	Kind Kind
	Plan Plan
}

// Replay is what one candidate would have paid.
type Replay struct {
	Name        string
	PerRow      []int64
	Total       int64
	Change      int64 // Total less that of the first candidate
	RowsChanged int   // rows paid differently than by the first candidate
	// Cliffs are the jumps in pay at the thresholds of a retroactive plan, where one more unit of
	// revenue lifts the rate of all of it: threshold · (rate − rate before). Other kinds have none.
	Cliffs []int64
}

// Backtest replays history under several plans. Each row of revenue is one partner's period and is
// replayed as one action with nothing before it. Behaviour is held fixed: what partners would have
// done under another plan is not known.
func Backtest(revenue []int64, candidates []Candidate) ([]Replay, error) {
	if len(candidates) == 0 {
		return nil, errors.New("no plans to compare")
	}
	out, seen := make([]Replay, len(candidates)), map[string]bool{}
	for i, c := range candidates {
		if c.Name == "" || seen[c.Name] {
			return nil, fmt.Errorf("plan %d is named %q, which is empty or taken", i+1, c.Name)
		}
		seen[c.Name] = true
		r, err := c.replay(revenue)
		if err != nil {
			return nil, fmt.Errorf("plan %q: %w", c.Name, err)
		}
		if i > 0 {
			if r.Change, err = sum([]int64{r.Total, -out[0].Total}); err != nil {
				return nil, err
			}
			for j := range r.PerRow {
				if r.PerRow[j] != out[0].PerRow[j] {
					r.RowsChanged++
				}
			}
		}
		out[i] = r
	}
	return out, nil
}

// replay pays each row on its own.
func (c Candidate) replay(revenue []int64) (Replay, error) {
	pay := c.Plan.Marginal
	switch c.Kind {
	case KindFlat:
		if len(c.Plan.Tiers) != 1 {
			return Replay{}, fmt.Errorf("a flat plan has one rate: %w", ErrTiers)
		}
	case KindMarginal:
	case KindRetroactive:
		pay = c.Plan.Retroactive
	case KindForward:
		pay = c.Plan.Forward
	default:
		return Replay{}, fmt.Errorf("kind %q is not one of flat, marginal, retroactive, forward", string(c.Kind))
	}
	if err := c.Plan.Valid(); err != nil {
		return Replay{}, err
	}
	r := Replay{Name: c.Name, PerRow: make([]int64, len(revenue)), Cliffs: []int64{}}
	for i, amount := range revenue {
		got, err := pay([]int64{amount}, 0)
		if err != nil {
			return Replay{}, fmt.Errorf("row %d: %w", i+1, err)
		}
		r.PerRow[i] = got.Total
	}
	var err error
	if r.Total, err = sum(r.PerRow); err != nil || c.Kind != KindRetroactive {
		return r, err
	}
	for i := 1; i < len(c.Plan.Tiers); i++ {
		step := c.Plan.Tiers[i].Rate.Rat()
		step.Sub(step, c.Plan.Tiers[i-1].Rate.Rat())
		cliff, err := c.Plan.Rounding.Round(step.Mul(step, new(big.Rat).SetInt64(c.Plan.Tiers[i].From)))
		if err != nil {
			return Replay{}, err
		}
		r.Cliffs = append(r.Cliffs, cliff)
	}
	return r, nil
}
