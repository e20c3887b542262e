package ltv

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// ErrInput says that a calculation was asked with values it has no meaning for.
var ErrInput = errors.New("invalid input")

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInput}, args...)...)
}

// History is what the models of repeat purchases need to know of a customer.
type History struct {
	Repeats int64   // periods with a purchase after the first one
	Recency float64 // time from the first purchase to the last; 0 without repeats
	Age     float64 // time from the first purchase to the end of observation
}

// Check refuses a history that no customer can have.
func (h History) Check() error {
	switch {
	case h.Repeats < 0:
		return invalid("%d repeat purchases", h.Repeats)
	case !(h.Recency >= 0) || !(h.Age <= largest):
		return invalid("recency %v and age %v must be numbers from 0 to %g", h.Recency, h.Age, largest)
	case h.Recency > h.Age:
		return invalid("the last purchase at %v is after the end of observation at %v", h.Recency, h.Age)
	case (h.Repeats == 0) != (h.Recency == 0):
		return invalid("%d repeat purchases with a recency of %v: both are 0 or neither is", h.Repeats, h.Recency)
	}
	return nil
}

// Pattern is a history that Count customers share.
type Pattern struct {
	History
	Count int64
}

// Sample is customers by distinct history. The zero Sample holds nobody.
type Sample struct {
	patterns  []Pattern
	customers int64
	repeats   float64   // in all
	life      float64   // mean age
	counts    []int64   // distinct numbers of repeats, ascending
	times     []float64 // distinct recencies and ages, ascending
	rows      []row
}

// row is a pattern by the places of its values among the distinct ones, so that what depends on one
// value alone is computed once for it.
type row struct {
	repeats, recency, age int32
	weight                float64
}

// NewSample merges equal histories and puts them in order: by repeats, age, recency. Patterns of no customer
// are dropped. No customer at all, a negative count or an impossible history wraps ErrInput.
func NewSample(patterns []Pattern) (Sample, error) {
	var s Sample
	counts := make(map[History]int64)
	for _, p := range patterns {
		if err := p.Check(); err != nil {
			return Sample{}, err
		}
		if p.Count < 0 {
			return Sample{}, invalid("%d customers", p.Count)
		}
		if s.customers += p.Count; s.customers < 0 {
			return Sample{}, invalid("too many customers")
		}
		if p.Count > 0 {
			counts[p.History] += p.Count
		}
	}
	if s.customers == 0 {
		return Sample{}, invalid("no customer")
	}
	s.patterns = make([]Pattern, 0, len(counts))
	for h, n := range counts {
		s.patterns = append(s.patterns, Pattern{h, n})
	}
	slices.SortFunc(s.patterns, func(a, b Pattern) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Age, b.Age), cmp.Compare(a.Recency, b.Recency))
	})
	s.index()
	return s, nil
}

// Of a sample with more than fewPatterns patterns a thinned one is searched first, its times rounded to thinSteps parts of the
// longest: its maximum is near that of the whole, which a few steps then reach.
const (
	fewPatterns = 3000
	thinSteps   = 32
)

// thin is the sample with its times rounded, or false if that saves nothing.
func (s Sample) thin() (Sample, bool) {
	if len(s.patterns) <= fewPatterns {
		return s, false
	}
	step := slices.Max(s.times) / thinSteps
	rounded := make([]Pattern, len(s.patterns))
	for i, p := range s.patterns {
		rounded[i] = p
		rounded[i].Age = math.Round(p.Age/step) * step
		if p.Repeats > 0 { // at least half a step, and not beyond the age
			rounded[i].Recency = math.Max(math.Round(p.Recency/step), 0.5) * step
			rounded[i].Age = math.Max(rounded[i].Age, rounded[i].Recency)
		}
	}
	out, err := NewSample(rounded)
	return out, err == nil && 2*len(out.patterns) < len(s.patterns)
}

// index finds the distinct values and the rows that point to them.
func (s *Sample) index() {
	place := make(map[float64]int32)
	for _, p := range s.patterns {
		place[p.Recency], place[p.Age] = 0, 0
	}
	s.times = slices.Sorted(maps.Keys(place))
	for i, t := range s.times {
		place[t] = int32(i)
	}
	s.rows = make([]row, len(s.patterns))
	for i, p := range s.patterns {
		if n := len(s.counts); n == 0 || s.counts[n-1] != p.Repeats {
			s.counts = append(s.counts, p.Repeats)
		}
		w := float64(p.Count)
		s.rows[i] = row{repeats: int32(len(s.counts) - 1), recency: place[p.Recency], age: place[p.Age], weight: w}
		s.repeats += w * float64(p.Repeats)
		s.life += w * p.Age / float64(s.customers)
	}
}

// Customers is how many customers the sample holds.
func (s Sample) Customers() int64 { return s.customers }

// Patterns lists the distinct histories, ordered by repeats, age and recency.
func (s Sample) Patterns() []Pattern { return slices.Clone(s.patterns) }

// Repeaters is how many customers bought again.
func (s Sample) Repeaters() int64 {
	n := s.customers
	for _, p := range s.patterns {
		if p.Repeats == 0 {
			n -= p.Count
		}
	}
	return n
}
