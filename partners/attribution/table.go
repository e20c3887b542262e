package attribution

import (
	"fmt"
	"math/big"

	"vouch/referral"
)

// Journey is a path of touches with what followed it.
type Journey struct {
	Path        []int // indexes into the table's channels, oldest touch first
	Conversions *big.Rat
	Ages        []float64 // of the touches, for time decay
	ValueMinor  int64     // money of all conversions of the row
}

// Table is a set of weighted journeys, as other tools export them.
type Table struct {
	Channels []string // in the order that serves ties
	Journeys []Journey
}

// TableCredit is the credit of a table's channels, parallel to them.
type TableCredit struct {
	Credits    []*big.Rat
	Total      *big.Rat
	ValueMinor []int64
}

// Credit applies a model to every journey of the table: a Heuristic, or ShapleySet by name. Credits
// are exact and add up to the conversions; the money of each row is split over its distinct channels
// by largest remainder in channel order and then added up, so it too adds up. Errors wrap ErrInput.
// Checked against: a public path table and the suites of eeghor/mta, by the conformance cases.
func (t Table) Credit(h Heuristic) (TableCredit, error) {
	out := TableCredit{Credits: make([]*big.Rat, len(t.Channels)), Total: new(big.Rat), ValueMinor: make([]int64, len(t.Channels))}
	for i := range out.Credits {
		out.Credits[i] = new(big.Rat)
	}
	if len(t.Journeys) == 0 {
		return out, fmt.Errorf("%w: no journey", ErrInput)
	}
	for i, j := range t.Journeys {
		shares, err := t.shares(h, j)
		if err != nil {
			return out, fmt.Errorf("paths[%d]: %w", i, err)
		}
		out.Total.Add(out.Total, j.Conversions)
		sum := new(big.Rat)
		for _, s := range shares {
			sum.Add(sum, s.Weight)
		}
		money := Split(j.ValueMinor, shares)
		for k, s := range shares {
			part := new(big.Rat).Quo(s.Weight, sum)
			out.Credits[s.Key].Add(out.Credits[s.Key], part.Mul(part, j.Conversions))
			out.ValueMinor[s.Key] += money[k]
		}
	}
	return out, nil
}

func (t Table) shares(h Heuristic, j Journey) ([]Share, error) {
	if j.Conversions.Sign() < 0 {
		return nil, fmt.Errorf("%w: %s conversions", ErrInput, j.Conversions.RatString())
	}
	names := make([]string, len(j.Path))
	for i, c := range j.Path {
		if c < 0 || c >= len(t.Channels) {
			return nil, fmt.Errorf("%w: channel %d of %d", ErrInput, c, len(t.Channels))
		}
		names[i] = t.Channels[c]
	}
	if h.Model == ShapleySet {
		if len(j.Path) == 0 {
			return nil, fmt.Errorf("%w: a journey without a touch", ErrInput)
		}
		return SetShares(j.Path), nil
	}
	w, err := h.Weights(len(j.Path), names, j.Ages)
	if err != nil {
		return nil, err
	}
	return ByKey(j.Path, w), nil
}

// TouchAmounts splits an amount over the touches of one journey by their weights, exactly and in
// whole units.
func TouchAmounts(amount int64, weights []*big.Rat) (exact []*big.Rat, whole []int64) {
	sum := new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, w)
	}
	for _, w := range weights {
		x := new(big.Rat).Quo(w, sum)
		exact = append(exact, x.Mul(x, new(big.Rat).SetInt64(amount)))
	}
	return exact, referral.AllocateRat(amount, weights)
}
