package funnel

import "math"

// noLimit is the window of a step or funnel that has none: no difference of two times exceeds it.
const noLimit = math.MaxUint64

type orderKind int

const (
	ordered orderKind = iota
	strict
	strictAmong
	unordered
)

type policyKind int

const (
	endAttempt policyKind = iota
	reset
	dropUser
)

// plan is a funnel compiled for the evaluators. Steps are numbered from 0 here; levels from 1.
type plan struct {
	steps      []stepPlan
	words      int // 64-bit words of a step mask
	exclusions []exclusionPlan
	order      orderKind
	increasing bool
	reuse      bool
	firstEntry bool
	totals     bool
	hold       bool
	optional   bool // there are optional steps
	firstEver  bool // there are first-ever steps
	window     uint64
	tolerance  uint64
	starts     span // eligible times of the first matched step

	attribution string // "" without a breakdown
	attrStep    int    // zero-based, for attribution step
}

type stepPlan struct {
	window    uint64
	gap       int64
	hasGap    bool
	optional  bool
	firstEver bool
	next      int // next required step, -1 after the last
}

type exclusionPlan struct {
	from, to int
	policy   policyKind
}

// span is a closed interval of times; it is empty if hi < lo.
type span struct{ lo, hi int64 }

var always = span{math.MinInt64, math.MaxInt64}

func (s span) contains(t int64) bool { return s.lo <= t && t <= s.hi }

func (s span) and(o span) span { return span{max(s.lo, o.lo), min(s.hi, o.hi)} }

// within reports whether to lies at most w after from. Differences are taken unsigned, because
// neither from+w nor to−from need fit into 64 signed bits.
func within(from, to int64, w uint64) bool {
	return to <= from || uint64(to)-uint64(from) <= w
}

// atLeast reports whether to lies at least gap ≥ 0 after from.
func atLeast(from, to, gap int64) bool {
	return to >= from && uint64(to)-uint64(from) >= uint64(gap)
}

// later returns t+w, cut at the largest time: an event is never after the cut.
func later(t int64, w uint64) int64 {
	if w > uint64(math.MaxInt64)-uint64(t) {
		return math.MaxInt64
	}
	return int64(uint64(t) + w)
}

// fast reports whether the one-pass tie-group method answers the plan exactly.
func (p *plan) fast() bool {
	if p.order != ordered || p.optional || p.totals || p.tolerance > 0 || len(p.exclusions) > 0 {
		return false
	}
	for _, s := range p.steps {
		if s.window != noLimit || s.hasGap {
			return false
		}
	}
	return true
}

// full is the level of a complete chain: the number of the last required step.
func (p *plan) full() int {
	if p.order == unordered {
		return len(p.steps)
	}
	for i := len(p.steps) - 1; i >= 0; i-- {
		if !p.steps[i].optional {
			return i + 1
		}
	}
	return 0
}

// horizon is the longest time from the first step to the last that the windows allow: the total window, or
// the sum of those of the steps if every required one has its own; noLimit if neither bounds it.
func (p *plan) horizon() uint64 {
	if p.order == unordered {
		return p.window
	}
	sum := uint64(0)
	for _, s := range p.steps[1:] {
		if s.optional {
			continue
		}
		if s.window > noLimit-sum {
			return p.window
		}
		sum += s.window
	}
	return min(p.window, sum)
}

// newPlan compiles valid rules.
func newPlan(r *Rules) *plan {
	p := &plan{
		words: (len(r.Steps) + 63) / 64, window: noLimit, tolerance: uint64(max(0, r.Tolerance)), starts: always,
		reuse: r.Reuse, increasing: r.Ties == "increasing", firstEntry: r.Entry == "first", totals: r.Counting == "totals",
		hold: len(r.HoldConstant) > 0, order: orderKind(max(0, indexOf(orders, orDefault(r.Order, orders)))),
	}
	if r.Window != nil {
		p.window = uint64(*r.Window)
	}
	if r.EntryFrom != nil {
		p.starts.lo = *r.EntryFrom
	}
	if r.EntryTo != nil {
		p.starts.hi = *r.EntryTo - 1 // the range is not empty, so this is above the smallest number
	}
	for _, s := range r.Steps {
		sp := stepPlan{window: noLimit, optional: s.Optional, firstEver: s.FirstEver, next: -1}
		if s.Window != nil {
			sp.window = uint64(*s.Window)
		}
		if s.MinGap != nil {
			sp.gap, sp.hasGap = *s.MinGap, true
		}
		p.optional = p.optional || s.Optional
		p.firstEver = p.firstEver || s.FirstEver
		p.steps = append(p.steps, sp)
	}
	for i, next := len(p.steps)-1, -1; i >= 0; i-- {
		p.steps[i].next = next
		if !p.steps[i].optional {
			next = i
		}
	}
	for _, x := range r.Exclusions {
		p.exclusions = append(p.exclusions, exclusionPlan{x.From, x.To, policyKind(max(0, indexOf(policies, orDefault(x.Policy, policies))))})
	}
	if b := r.Breakdown; b != nil {
		p.attribution, p.attrStep = b.Attribution, b.Step-1
	}
	return p
}

func indexOf(list []string, s string) int {
	for i, v := range list {
		if v == s {
			return i
		}
	}
	return -1
}
