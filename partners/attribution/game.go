package attribution

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// maxPlayers bounds a game given by all its coalitions: 2^15 values.
const maxPlayers = 15

// Shapley returns the Shapley value of each player of a game given by all coalitions.
//
//	φ_i = Σ over S without i of |S|! (n−|S|−1)!/n! · (v(S ∪ i) − v(S))
//
// v is indexed by bit mask, bit i for player i; the worth of nobody, v[0], must be 0. The values add
// up to the worth of all. Between 1 and 15 players, else ErrInput, as for values that are not finite.
// Source: Shapley (1953), A value for n-person games, in Contributions to the Theory of Games II.
// Checked against: the average over all orders of arrival, in game_test.go.
func Shapley(n int, v []float64) ([]float64, error) {
	if n < 1 || n > maxPlayers || len(v) != 1<<n {
		return nil, fmt.Errorf("%w: %d players need %d coalitions, between 1 and %d players; got %d", ErrInput, n, 1<<max(n, 0), maxPlayers, len(v))
	}
	if v[0] != 0 {
		return nil, fmt.Errorf("%w: nobody must be worth 0, not %v", ErrInput, v[0])
	}
	weight := make([]float64, n) // by |S|: 1/(n · binomial(n−1, |S|))
	binomial := 1.0
	for s := range weight {
		weight[s] = 1 / (float64(n) * binomial)
		binomial = binomial * float64(n-1-s) / float64(s+1)
	}
	out := make([]float64, n)
	for set, worth := range v {
		if math.IsNaN(worth) || math.IsInf(worth, 0) {
			return nil, fmt.Errorf("%w: coalition %d is worth %v", ErrInput, set, worth)
		}
		for i := range n {
			if set>>i&1 == 0 {
				out[i] += weight[bits.OnesCount(uint(set))] * (v[set|1<<i] - worth)
			}
		}
	}
	return out, nil
}

// DropOne returns what each touch of a path adds to the probability of conversion: the loss when the
// touch is left out, never below 0.
//
//	m_i = max(0, p(path) − p(path without touch i))
//
// p is by path, names joined with " > "; a path that is not listed has probability 0. shares are the
// marginals divided by their sum; if all are 0 the last touch has everything and fallback is true.
// Source: the rule of google/fractribution.
func DropOne(path []string, p map[string]float64) (marginals, shares []float64, fallback bool, err error) {
	if len(path) == 0 {
		return nil, nil, false, fmt.Errorf("%w: a journey without a touch", ErrInput)
	}
	for name, x := range p {
		if !(x >= 0 && x <= 1) {
			return nil, nil, false, fmt.Errorf("%w: path %q has probability %v", ErrInput, name, x)
		}
	}
	marginals, shares = make([]float64, len(path)), make([]float64, len(path))
	whole, sum := p[strings.Join(path, " > ")], 0.0
	for i := range path {
		rest := append(append([]string{}, path[:i]...), path[i+1:]...)
		marginals[i] = max(0, whole-p[strings.Join(rest, " > ")])
		sum += marginals[i]
	}
	if sum == 0 {
		shares[len(path)-1] = 1
		return marginals, shares, true, nil
	}
	for i, m := range marginals {
		shares[i] = m / sum
	}
	return marginals, shares, false, nil
}
