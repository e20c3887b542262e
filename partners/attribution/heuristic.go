package attribution

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

// Names of the models. Each answers a different question: first, who made the person aware; last,
// who closed; linear and position, who took part; time_decay, who took part lately;
// last_non_direct, who closed leaving visits without a source aside; shapley, who took part at all,
// however often.
const (
	First         = "first"
	Last          = "last"
	Linear        = "linear"
	Position      = "position"
	TimeDecay     = "time_decay"
	LastNonDirect = "last_non_direct"
	ShapleySet    = "shapley"
)

// ErrInput says that a model was asked with options or touches it has no meaning for.
var ErrInput = errors.New("invalid input")

// Heuristic is a model that gives each touch of one journey a weight by a fixed rule. The zero value
// of every option is its default.
type Heuristic struct {
	Model string
	// FirstShare and LastShare are the position model's shares of the ends; both nil: 0.4 each.
	FirstShare, LastShare *big.Rat
	HalfLife              float64 // time_decay: age at which a touch is worth half, in the unit of the ages
	Floor                 bool    // time_decay: only whole half-lives count
	Direct                string  // last_non_direct: the name that is not a source; "": Direct
}

// Check reports options that have no meaning for the model; the error wraps ErrInput.
func (h Heuristic) Check() error {
	switch h.Model {
	case First, Last, Linear, LastNonDirect:
	case Position:
		first, last := h.shares()
		if first.Sign() < 0 || last.Sign() < 0 || new(big.Rat).Add(first, last).Cmp(big.NewRat(1, 1)) > 0 {
			return fmt.Errorf("%w: the shares of the ends must not be negative nor exceed 1 together", ErrInput)
		}
	case TimeDecay:
		if !(h.HalfLife > 0) || math.IsInf(h.HalfLife, 0) {
			return fmt.Errorf("%w: half_life must be above 0", ErrInput)
		}
	default:
		return fmt.Errorf("%w: unknown model %q", ErrInput, h.Model)
	}
	return nil
}

// Weights returns the relative weight of each touch of one journey, oldest first.
//
//	first, last       1 for that touch, else 0
//	linear            1 each; a repeated name counts each time
//	position          first share, last share, the rest spread evenly over the touches between;
//	                  one touch has all, two share in the proportion of the ends
//	time_decay        2^−(age − smallest age)/half-life, rounded to 12 decimals
//	last_non_direct   1 for the last touch that is not direct, or for the last if all are
//
// names may be nil unless the model is last_non_direct; ages, in the half-life's unit before the
// conversion, are needed for time_decay only. Weights are exact, so that what is split by them adds
// up; the smallest age is subtracted first because 2^−5000 is 0 in floating point. Errors wrap
// ErrInput: no touch, a negative age, wrong options.
// Checked against: the test suite of eeghor/mta, PostHog and Google's tables, in heuristic_test.go.
func (h Heuristic) Weights(n int, names []string, ages []float64) ([]*big.Rat, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: a journey without a touch", ErrInput)
	}
	w := make([]*big.Rat, n)
	for i := range w {
		w[i] = new(big.Rat)
	}
	switch h.Model {
	case First:
		w[0].SetInt64(1)
	case Last:
		w[n-1].SetInt64(1)
	case LastNonDirect:
		w[h.lastSource(n, names)].SetInt64(1)
	case Linear:
		for i := range w {
			w[i].SetInt64(1)
		}
	case Position:
		h.position(w)
	case TimeDecay:
		if err := h.decay(w, ages); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func (h Heuristic) shares() (first, last *big.Rat) {
	first, last = h.FirstShare, h.LastShare
	if first == nil {
		first = big.NewRat(2, 5)
	}
	if last == nil {
		last = big.NewRat(2, 5)
	}
	return first, last
}

// lastSource is the last touch that has a source; without any it is the last touch.
func (h Heuristic) lastSource(n int, names []string) int {
	direct := h.Direct
	if direct == "" {
		direct = "Direct"
	}
	for i := n - 1; i >= 0; i-- {
		if names[i] != direct {
			return i
		}
	}
	return n - 1
}

// position gives the ends their shares and the middle the rest. With two touches and both shares 0
// nothing tells the ends apart, so they share evenly.
func (h Heuristic) position(w []*big.Rat) {
	first, last := h.shares()
	n := len(w)
	switch {
	case n == 1:
		w[0].SetInt64(1)
	case n == 2 && first.Sign() == 0 && last.Sign() == 0:
		w[0].SetInt64(1)
		w[1].SetInt64(1)
	default:
		middle := big.NewRat(1, 1)
		middle.Sub(middle, first).Sub(middle, last)
		for i := 1; i < n-1; i++ {
			w[i].Quo(middle, new(big.Rat).SetInt64(int64(n-2)))
		}
		w[0].Set(first)
		w[n-1].Set(last)
	}
}

// decayScale is the precision of a decay weight: 12 decimals.
const decayScale = 1_000_000_000_000

func (h Heuristic) decay(w []*big.Rat, ages []float64) error {
	if len(ages) != len(w) {
		return fmt.Errorf("%w: %d ages for %d touches", ErrInput, len(ages), len(w))
	}
	halvings, least := make([]float64, len(ages)), math.Inf(1)
	for i, a := range ages {
		if !(a >= 0) || math.IsInf(a, 0) {
			return fmt.Errorf("%w: a touch %v before its conversion", ErrInput, a)
		}
		halvings[i] = a / h.HalfLife
		if h.Floor {
			halvings[i] = math.Floor(halvings[i])
		}
		least = min(least, halvings[i])
	}
	for i, x := range halvings {
		w[i].SetFrac64(int64(math.RoundToEven(math.Exp2(least-x)*decayScale)), decayScale)
	}
	return nil
}
