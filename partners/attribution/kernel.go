package attribution

import (
	"math/big"
	"sort"

	"vouch/internal/engine"
	"vouch/referral"
)

// plan is what every kernel of one computation shares; nobody changes it.
type plan struct {
	models  []string
	keys    []string       // names in ascending order: the key order of ties
	byCode  map[int64]int  // partner_key to index in keys
	byLabel map[string]int // channel or campaign to index in keys
	touch   map[int64]bool // by event key
	convert map[int64]bool
	window  int64 // microseconds; 0: no limit
}

// keyOf returns the index of the key at row i, or −1 if the touch has none.
func (p *plan) keyOf(c *engine.Column, i int) int {
	if c.IsNull(i) {
		return -1
	}
	var k int
	var ok bool
	if p.byLabel != nil {
		k, ok = p.byLabel[c.Text[i]]
	} else {
		k, ok = p.byCode[c.Int(i)]
	}
	if !ok {
		return -1
	}
	return k
}

// tally is what kernels count. Credits are indexed by model, then key; None is the key after the
// last.
type tally struct {
	conversions, touched, keyless int64
	value                         int64
	micro, minor                  [][]int64
}

func newTally(models, keys int) *tally {
	t := &tally{micro: make([][]int64, models), minor: make([][]int64, models)}
	for m := range models {
		t.micro[m], t.minor[m] = make([]int64, keys+1), make([]int64, keys+1)
	}
	return t
}

// add merges the tally of another range of persons.
func (t *tally) add(o *tally) {
	t.conversions += o.conversions
	t.touched += o.touched
	t.keyless += o.keyless
	t.value += o.value
	for m := range t.micro {
		for k := range t.micro[m] {
			t.micro[m][k] += o.micro[m][k]
			t.minor[m][k] += o.minor[m][k]
		}
	}
}

type touch struct {
	at  int64
	key int
}

type conversion struct{ at, value int64 }

// kernel credits the conversions of a range of persons.
type kernel struct {
	plan    *plan
	person  int64
	touches []touch
	pending []conversion // of the latest instant: a touch at the same instant may still follow
	path    []int        // scratch
	splits  map[string][]split
	tally   *tally
}

func newKernel(p *plan) *kernel {
	return &kernel{plan: p, person: -1, splits: map[string][]split{}, tally: newTally(len(p.models), len(p.keys))}
}

// Batch implements engine.Kernel for the columns of journeys.sql.
func (k *kernel) Batch(b *engine.Batch) error {
	person, event, key, at, value := &b.Columns[0], &b.Columns[1], &b.Columns[2], &b.Columns[3], &b.Columns[4]
	for i := range b.Len {
		p, t, e := person.Int(i), at.Int(i), event.Int(i)
		if p != k.person {
			k.endPerson()
			k.person = p
		}
		if len(k.pending) > 0 && t > k.pending[0].at {
			k.settle()
		}
		if k.plan.touch[e] {
			if c := k.plan.keyOf(key, i); c >= 0 {
				k.touches = append(k.touches, touch{t, c})
			} else {
				k.tally.keyless++
			}
		}
		if k.plan.convert[e] {
			c := conversion{at: t}
			if !value.IsNull(i) {
				c.value = value.Int(i)
			}
			k.pending = append(k.pending, c)
		}
	}
	return nil
}

// Close implements engine.Kernel.
func (k *kernel) Close() error {
	k.endPerson()
	return nil
}

func (k *kernel) endPerson() {
	k.settle()
	k.touches = k.touches[:0]
}

// settle credits the pending conversions: every touch up to their instant is now known.
func (k *kernel) settle() {
	for _, c := range k.pending {
		first := 0
		if w := k.plan.window; w > 0 {
			first = sort.Search(len(k.touches), func(i int) bool { return k.touches[i].at >= c.at-w })
		}
		k.path = k.path[:0]
		for _, t := range k.touches[first:] {
			k.path = append(k.path, t.key)
		}
		k.credit(c.value)
	}
	k.pending = k.pending[:0]
}

func (k *kernel) credit(value int64) {
	t := k.tally
	t.conversions++
	t.value += value
	if len(k.path) == 0 {
		none := len(k.plan.keys)
		for m := range t.micro {
			t.micro[m][none] += referral.MicroScale
			t.minor[m][none] += value
		}
		return
	}
	t.touched++
	for m, s := range k.splitsOf() {
		money := referral.Allocate(value, s.weights)
		for j, key := range s.keys {
			t.micro[m][key] += s.micro[j]
			t.minor[m][key] += money[j]
		}
	}
}

// split is how one model spreads a conversion with a given path.
type split struct {
	keys           []int
	weights, micro []int64
}

// maxCached bounds the paths whose splits are remembered. Journeys repeat a lot, and beyond this
// many distinct ones forgetting is cheaper than keeping.
const maxCached = 1 << 16

// splitsOf returns the splits of the current path, one per model.
func (k *kernel) splitsOf() []split {
	name := pathName(k.path)
	if s, ok := k.splits[name]; ok {
		return s
	}
	if len(k.splits) >= maxCached {
		clear(k.splits)
	}
	out := make([]split, len(k.plan.models))
	for m, model := range k.plan.models {
		shares := sharesOf(model, k.path)
		s := split{keys: make([]int, len(shares)), weights: whole(shares)}
		for j, sh := range shares {
			s.keys[j] = sh.Key
		}
		s.micro = referral.Allocate(referral.MicroScale, s.weights)
		out[m] = s
	}
	k.splits[name] = out
	return out
}

// sharesOf applies a model of Models to a path that is not empty.
func sharesOf(model string, path []int) []Share {
	if model == ShapleySet {
		return SetShares(path)
	}
	w, err := Heuristic{Model: model}.Weights(len(path), nil, nil)
	if err != nil {
		panic("attribution: " + err.Error()) // Models has only models without options
	}
	return ByKey(path, w)
}

// whole scales the weights of shares to whole numbers by their least common denominator.
func whole(shares []Share) []int64 {
	lcm := big.NewInt(1)
	for _, s := range shares {
		d := s.Weight.Denom()
		g := new(big.Int).GCD(nil, nil, lcm, d)
		lcm.Mul(lcm, new(big.Int).Quo(d, g))
	}
	out := make([]int64, len(shares))
	for i, s := range shares {
		n := new(big.Int).Mul(s.Weight.Num(), new(big.Int).Quo(lcm, s.Weight.Denom()))
		out[i] = n.Int64()
	}
	return out
}

// pathName encodes a path as a map key, four bytes a touch.
func pathName(path []int) string {
	b := make([]byte, 0, 4*len(path))
	for _, k := range path {
		b = append(b, byte(k), byte(k>>8), byte(k>>16), byte(k>>24))
	}
	return string(b)
}
