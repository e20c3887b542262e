package incentive

import (
	"fmt"
	"math/big"
)

// Cap bounds what is paid in a period and in a lifetime. A nil cap is none; 0 pays nothing.
type Cap struct {
	Period, Lifetime *int64
	// PriorPeriod was booked before in the first period, PriorLifetime ever.
	PriorPeriod, PriorLifetime int64
}

// Reasons for which a cap withholds.
const (
	CapPeriod   = "cap_period"
	CapLifetime = "cap_lifetime"
)

// Capped is what a cap leaves of amounts. A row that is withheld in full stays, with 0 and its
// reason: a partner must see that the sale was recognised.
type Capped struct {
	Paid, Withheld []int64
	Reasons        []string // "" where nothing is withheld
	Total          int64    // of Paid
}

// Apply pays amounts in order:
//
//	paid = min(amount, room),   room = cap − booked so far
//
// where the smaller room of period and lifetime counts and names the reason (the period on a tie).
// Negative amounts, which are refunds, pass unclamped and give room back. periods labels the amounts
// and may be nil for a single period; PriorPeriod counts in the first.
func (c Cap) Apply(amounts []int64, periods []string) (Capped, error) {
	if periods != nil && len(periods) != len(amounts) {
		return Capped{}, fmt.Errorf("%d periods for %d amounts", len(periods), len(amounts))
	}
	for _, limit := range []*int64{c.Period, c.Lifetime} {
		if limit != nil && *limit < 0 {
			return Capped{}, fmt.Errorf("a cap of %d is negative", *limit)
		}
	}
	out := Capped{Paid: make([]int64, len(amounts)), Withheld: make([]int64, len(amounts)), Reasons: make([]string, len(amounts))}
	lifetime, byPeriod := big.NewInt(c.PriorLifetime), map[string]*big.Int{}
	for i, a := range amounts {
		label := ""
		if periods != nil {
			label = periods[i]
		}
		if i == 0 {
			byPeriod[label] = big.NewInt(c.PriorPeriod)
		} else if byPeriod[label] == nil {
			byPeriod[label] = new(big.Int)
		}
		room, reason := smaller(roomIn(c.Period, byPeriod[label]), roomIn(c.Lifetime, lifetime))
		paid := a
		if a > 0 && room != nil && room.Cmp(big.NewInt(a)) < 0 {
			paid = 0
			if room.Sign() > 0 {
				paid = room.Int64() // it is below a
			}
			out.Reasons[i] = reason
		}
		out.Paid[i], out.Withheld[i] = paid, a-paid
		byPeriod[label].Add(byPeriod[label], big.NewInt(paid))
		lifetime.Add(lifetime, big.NewInt(paid))
	}
	var err error
	out.Total, err = sum(out.Paid)
	return out, err
}

// roomIn returns what a cap leaves after what was booked; nil without a cap.
func roomIn(limit *int64, booked *big.Int) *big.Int {
	if limit == nil {
		return nil
	}
	return new(big.Int).Sub(big.NewInt(*limit), booked)
}

// smaller returns the room that decides, with the reason; the period on a tie.
func smaller(period, lifetime *big.Int) (*big.Int, string) {
	if period == nil || lifetime != nil && lifetime.Cmp(period) < 0 {
		return lifetime, CapLifetime
	}
	return period, CapPeriod
}
