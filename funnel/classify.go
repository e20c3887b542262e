package funnel

import (
	"encoding/binary"
	"maps"
	"slices"
)

// matcherSet says which steps and exclusions the events of a project match: conditions on the event's
// name are settled per event key, all others are bits that SQL computes.
type matcherSet struct {
	p     *plan
	conds []Condition // those that SQL evaluates, each a bit
	byKey [][]rule    // event key → steps and exclusions it can match; nil: none
}

// rule is one alternative of a step or exclusion that an event key can match if all its bits are set.
type rule struct {
	target int // step, or len(steps)+exclusion
	bits   []int
}

func newMatcherSet(p *plan, r *Rules, names map[int64]string) *matcherSet {
	m := &matcherSet{p: p}
	keys := slices.Sorted(maps.Keys(names))
	if len(keys) > 0 {
		m.byKey = make([][]rule, keys[len(keys)-1]+1)
	}
	for i := range r.Steps {
		m.add(i, r.Steps[i].AnyOf, names, keys)
	}
	for i := range r.Exclusions {
		m.add(len(r.Steps)+i, r.Exclusions[i].AnyOf, names, keys)
	}
	return m
}

// add registers the alternatives of one step or exclusion.
func (m *matcherSet) add(target int, alternatives [][]Condition, names map[int64]string, keys []int64) {
	for _, all := range alternatives {
		var bits []int
		var onEvent []Condition
		for _, c := range all {
			if c.Field == "event" {
				onEvent = append(onEvent, c)
			} else {
				bits = append(bits, m.bit(c))
			}
		}
	keys:
		for _, key := range keys {
			for _, c := range onEvent {
				if !holds(c.Op, text(names[key]), parseValue(c.Value)) {
					continue keys
				}
			}
			m.byKey[key] = append(m.byKey[key], rule{target, bits})
		}
	}
}

// bit returns the index of a condition, the same for equal ones.
func (m *matcherSet) bit(c Condition) int {
	for i, o := range m.conds {
		if o.Field == c.Field && o.Op == c.Op && string(o.Value) == string(c.Value) {
			return i
		}
	}
	m.conds = append(m.conds, c)
	return len(m.conds) - 1
}

// relevant lists the event keys that can match anything.
func (m *matcherSet) relevant() []int64 {
	var out []int64
	for key, rules := range m.byKey {
		if len(rules) > 0 {
			out = append(out, int64(key))
		}
	}
	return out
}

// serving lists the event keys that can match a step.
func (m *matcherSet) serving() []int64 {
	var out []int64
	for key, rules := range m.byKey {
		if slices.ContainsFunc(rules, func(r rule) bool { return r.target < len(m.p.steps) }) {
			out = append(out, int64(key))
		}
	}
	return out
}

// overlap reports whether an event may match two steps.
func (m *matcherSet) overlap() bool {
	for _, rules := range m.byKey {
		step := -1
		for _, r := range rules {
			if r.target < len(m.p.steps) {
				if step >= 0 && r.target != step {
					return true
				}
				step = r.target
			}
		}
	}
	return false
}

// classifier finds the class of an event and keeps the classes it has seen. Each kernel has its own.
// Class 0 is that of events which match nothing.
type classifier struct {
	m       *matcherSet
	classes []class
	plain   []int32 // event key → class, if no condition needs SQL
	cached  map[string]int32
	key     []byte
}

func newClassifier(m *matcherSet) *classifier {
	c := &classifier{m: m, cached: map[string]int32{}, plain: make([]int32, len(m.byKey)), classes: []class{m.p.newClass()}}
	if len(m.conds) == 0 {
		for event := range c.plain {
			c.plain[event] = c.make(int64(event), nil)
		}
	}
	return c
}

// ofMasks returns the class of an event whose conditions SQL evaluated.
func (c *classifier) ofMasks(event int64, masks []int64) int32 {
	if uint64(event) >= uint64(len(c.plain)) {
		return 0
	}
	c.key = binary.AppendVarint(c.key[:0], event)
	for _, v := range masks {
		c.key = binary.AppendVarint(c.key, v)
	}
	id, ok := c.cached[string(c.key)]
	if !ok {
		id = c.make(event, masks)
		c.cached[string(c.key)] = id
	}
	return id
}

func (c *classifier) make(event int64, masks []int64) int32 {
	p := c.m.p
	cl := p.newClass()
rules:
	for _, r := range c.m.byKey[event] {
		for _, b := range r.bits {
			if masks[b/maskBits]>>(b%maskBits)&1 == 0 {
				continue rules
			}
		}
		if r.target < len(p.steps) {
			setBit(cl.steps, r.target)
		} else {
			setBit(cl.excl, r.target-len(p.steps))
		}
	}
	for i := range c.classes {
		if slices.Equal(c.classes[i].steps, cl.steps) && slices.Equal(c.classes[i].excl, cl.excl) {
			return int32(i)
		}
	}
	c.classes = append(c.classes, cl)
	return int32(len(c.classes) - 1)
}
