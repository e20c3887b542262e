package attribution

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"gonum.org/v1/gonum/mat"
)

// Names of the states that are not channels.
const (
	stateStart = "(start)"
	stateConv  = "(conv)"
	stateNull  = "(null)"
)

// maxStates bounds the dense system that is solved: 4,000 states take 128 MB.
const maxStates = 4_000

// Chain is an absorbing Markov chain of journeys: transient states, the start first, and the weight
// of each transition.
type Chain struct {
	Channels []string
	states   []state
	index    map[string]int
	// out[i] is the weight from state i to other states by index, and to the two ends.
	out []flow
}

// state is the last channels of a journey, at most as many as the order.
type state struct {
	name     string
	channels []int
}

type flow struct {
	to         map[int]float64
	conv, null float64
	total      float64 // of all, added up in the order of the input, not of a map
}

// MarkovJourney is a path with the number of journeys that converted and that did not.
type MarkovJourney struct {
	Path               []int
	Conversions, Nulls float64
}

// NewChain builds the chain of the given order from journeys. Every journey counts, the ones that did
// not convert too, and so do repeats of a channel. Errors wrap ErrInput: an order outside 1 to 4, an
// empty path, a negative count, no journey at all, too many states.
func NewChain(channels []string, journeys []MarkovJourney, order int) (*Chain, error) {
	if order < 1 || order > 4 {
		return nil, fmt.Errorf("%w: order %d; between 1 and 4", ErrInput, order)
	}
	c := &Chain{Channels: channels, index: map[string]int{}}
	c.state(nil)
	total := 0.0
	for i, j := range journeys {
		w := j.Conversions + j.Nulls
		if !(j.Conversions >= 0 && j.Nulls >= 0) || math.IsInf(w, 0) || len(j.Path) == 0 {
			return nil, fmt.Errorf("%w: journey %d has %d touches, %v conversions and %v nulls", ErrInput, i, len(j.Path), j.Conversions, j.Nulls)
		}
		total += w
		at := 0
		for k := range j.Path {
			next := c.state(j.Path[max(0, k+1-order) : k+1])
			c.out[at].to[next] += w
			c.out[at].total += w
			at = next
		}
		c.out[at].conv += j.Conversions
		c.out[at].null += j.Nulls
		c.out[at].total += w
	}
	if total == 0 {
		return nil, fmt.Errorf("%w: no journey", ErrInput)
	}
	if len(c.states) > maxStates {
		return nil, fmt.Errorf("%w: %d states, at most %d; choose a lower order", ErrInput, len(c.states), maxStates)
	}
	return c, nil
}

// Transition is one counted step of an aggregated chain of order 1.
type Transition struct {
	From, To string
	Count    float64
}

// ChainOf builds a chain of order 1 from counted transitions between (start), channels, (conv) and
// (null). Every state must be able to end; a step out of an end or into the start wraps ErrInput.
func ChainOf(steps []Transition) (*Chain, error) {
	var names []string
	for _, s := range steps {
		if s.From == stateConv || s.From == stateNull || s.To == stateStart || !(s.Count >= 0) || math.IsInf(s.Count, 0) {
			return nil, fmt.Errorf("%w: transition %q to %q, count %v", ErrInput, s.From, s.To, s.Count)
		}
		for _, n := range []string{s.From, s.To} {
			if n != stateStart && n != stateConv && n != stateNull {
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	c := &Chain{Channels: slices.Compact(names), index: map[string]int{}}
	c.state(nil)
	for i := range c.Channels {
		c.state([]int{i})
	}
	at := func(name string) int {
		if name == stateStart {
			return 0
		}
		i, _ := slices.BinarySearch(c.Channels, name)
		return i + 1
	}
	for _, s := range steps {
		f := &c.out[at(s.From)]
		f.total += s.Count
		switch s.To {
		case stateConv:
			f.conv += s.Count
		case stateNull:
			f.null += s.Count
		default:
			f.to[at(s.To)] += s.Count
		}
	}
	if c.out[0].total == 0 || len(c.states) > maxStates {
		return nil, fmt.Errorf("%w: no transition leaves (start), or more than %d states", ErrInput, maxStates)
	}
	return c, nil
}

// state returns the index of a state, making it if it is new.
func (c *Chain) state(channels []int) int {
	key := pathName(channels)
	if i, ok := c.index[key]; ok {
		return i
	}
	names := make([]string, len(channels))
	for i, ch := range channels {
		names[i] = c.Channels[ch]
	}
	i := len(c.states)
	c.index[key] = i
	c.states = append(c.states, state{name: strings.Join(names, " > "), channels: slices.Clone(channels)})
	c.out = append(c.out, flow{to: map[int]float64{}})
	return i
}

// States is the number of transient states, the start included.
func (c *Chain) States() int { return len(c.states) }

// Removal is what the chain says of its channels. Effects are parallel to Channels.
type Removal struct {
	PConversion float64   // probability of converting from the start
	Effects     []float64 // 1 − P(without the channel)/P; nil without conversions
	Shares      []float64 // effects divided by their sum; nil without conversions
}

// Removal solves the chain exactly and returns the removal effect of each channel: the share of
// conversions that is lost when entering any state that contains the channel leads nowhere.
//
//	P = c_0, c the solution of (I − Q) c = r;   effect = 1 − P(without)/P
//
// Q are the probabilities between transient states and r those of converting. Each removal solves the
// system of the states that remain. The effects are associations in the paths people took, not
// what would happen if the channel were switched off.
// Source: Anderl, Becker, von Wangenheim, Schumann (2016), Int. J. Research in Marketing 33, 457–474.
// Checked against: exact fractions of worked examples and of random chains, in markov_test.go.
func (c *Chain) Removal() (Removal, error) {
	effects := c.effectsBySolving
	if c.single() {
		effects = c.effectsByInverse
	}
	p, values, err := effects()
	if err != nil {
		return Removal{}, err
	}
	out := Removal{PConversion: p}
	if p == 0 {
		return out, nil
	}
	out.Effects, out.Shares = values, make([]float64, len(c.Channels))
	sum := 0.0
	for _, e := range values {
		sum += e
	}
	for ch, e := range values {
		if sum > 0 {
			out.Shares[ch] = e / sum
		}
	}
	return out, nil
}

// single says that each state is at most one channel: order 1.
func (c *Chain) single() bool {
	return !slices.ContainsFunc(c.states, func(s state) bool { return len(s.channels) > 1 })
}

// effectsByInverse takes all effects of order 1 from one inverse.
//
//	effect_i = F[0,i]/F[i,i] · c_i/c_0,   F = (I − Q)⁻¹,  c = F r
//
// F[0,i]/F[i,i] is the probability of ever reaching state i, c_i that of converting from there: their
// product is the probability of converting through i.
func (c *Chain) effectsByInverse() (float64, []float64, error) {
	a, r, order, err := c.system(-1)
	if err != nil {
		return 0, nil, err
	}
	var f mat.Dense
	if err := f.Inverse(a); err != nil {
		return 0, nil, fmt.Errorf("%w: some states never end: %w", ErrInput, err)
	}
	var conv mat.VecDense
	conv.MulVec(&f, r)
	p, out := conv.AtVec(0), make([]float64, len(c.Channels))
	for i, s := range order {
		if i > 0 && p > 0 {
			out[c.states[s].channels[0]] = f.At(0, i) / f.At(i, i) * conv.AtVec(i) / p
		}
	}
	return p, out, nil
}

// effectsBySolving solves the system that remains without each channel.
func (c *Chain) effectsBySolving() (float64, []float64, error) {
	p, err := c.conversion(-1)
	out := make([]float64, len(c.Channels))
	for ch := range c.Channels {
		if err != nil || p == 0 {
			break
		}
		var without float64
		if without, err = c.conversion(ch); 1-without/p > rounding {
			out[ch] = 1 - without/p
		}
	}
	return p, out, err
}

// rounding is the effect below which a channel is taken not to matter: two solutions of one system
// differ by some 1e-16 even when nothing was removed.
const rounding = 1e-14

// conversion is the probability of converting from the start without a channel; −1 removes none.
func (c *Chain) conversion(removed int) (float64, error) {
	a, r, _, err := c.system(removed)
	if err != nil {
		return 0, err
	}
	var x mat.VecDense
	if err := x.SolveVec(a, r); err != nil {
		return 0, fmt.Errorf("%w: some states never end: %w", ErrInput, err)
	}
	return x.AtVec(0), nil
}

// system returns I − Q and r over the states that can be reached from the start when those that
// contain the removed channel lead nowhere, the start first; unreachable states could make the
// system singular.
func (c *Chain) system(removed int) (*mat.Dense, *mat.VecDense, []int, error) {
	order, position := c.reachable(removed)
	n := len(order)
	a, r := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i, s := range order {
		f := c.out[s]
		if f.total == 0 {
			return nil, nil, nil, fmt.Errorf("%w: no transition leaves %q", ErrInput, c.states[s].name)
		}
		a.Set(i, i, 1)
		for to, w := range f.to {
			if j, ok := position[to]; ok {
				a.Set(i, j, a.At(i, j)-w/f.total)
			}
		}
		r.SetVec(i, f.conv/f.total)
	}
	return a, r, order, nil
}

// reachable lists the states that can be reached, ascending, so that the solution does not depend on
// the order of a map, and their positions.
func (c *Chain) reachable(removed int) ([]int, map[int]int) {
	found, next := map[int]bool{0: true}, []int{0}
	for len(next) > 0 {
		s := next[len(next)-1]
		next = next[:len(next)-1]
		for to, w := range c.out[s].to {
			if w > 0 && !found[to] && (removed < 0 || !slices.Contains(c.states[to].channels, removed)) {
				found[to] = true
				next = append(next, to)
			}
		}
	}
	order, position := slices.Sorted(maps.Keys(found)), map[int]int{}
	for i, s := range order {
		position[s] = i
	}
	return order, position
}

// Transitions lists the probabilities between states by the byte order of their names.
func (c *Chain) Transitions() []Transition {
	var out []Transition
	for i, f := range c.out {
		from := c.states[i].name
		if i == 0 {
			from = stateStart
		}
		add := func(to string, w float64) {
			if w > 0 {
				out = append(out, Transition{from, to, w / f.total})
			}
		}
		for to, w := range f.to {
			add(c.states[to].name, w)
		}
		add(stateConv, f.conv)
		add(stateNull, f.null)
	}
	slices.SortFunc(out, func(a, b Transition) int {
		if a.From != b.From {
			return strings.Compare(a.From, b.From)
		}
		return strings.Compare(a.To, b.To)
	})
	return out
}

// RoundedWeights turns real-valued shares into exact weights of 12 decimals, by which money can be
// split with AllocateRat.
func RoundedWeights(shares []float64) []*big.Rat {
	out := make([]*big.Rat, len(shares))
	for i, s := range shares {
		out[i] = big.NewRat(int64(math.RoundToEven(s*decayScale)), decayScale)
	}
	return out
}
