package ltv

import (
	"math"
	"slices"

	"vouch/internal/stats"
	"vouch/referral"
)

// Reasons of the chain ladder.
const (
	ReasonNonPositiveColumn = "nonpositive_column" // an age at which the cohorts hold no value to develop from
	ReasonTooFewOrigins     = "too_few_origins"    // fewer than four cohorts say nothing about spread
	ReasonOutOfRange        = stats.ReasonOutOfRange
)

// Triangle is the cumulative value of cohorts by age: rows are cohorts, oldest first, and each is one age shorter than the one
// before.
type Triangle struct {
	cells [][]float64
	tail  float64
}

// NewTriangle reads a triangle of n ≥ 2 cohorts, row i (from 0) with n−i finite cells. tail develops the oldest age
// seen to the ultimate one, 1 for none. Another shape or a tail that is not above 0 wraps ErrInput.
func NewTriangle(cells [][]float64, tail float64) (Triangle, error) {
	n := len(cells)
	if n < 2 {
		return Triangle{}, invalid("%d cohorts; two at least", n)
	}
	if !(tail > 0) || math.IsInf(tail, 0) {
		return Triangle{}, invalid("a tail of %v", tail)
	}
	for i, row := range cells {
		if len(row) != n-i {
			return Triangle{}, invalid("cohort %d has %d ages; %d of %d cohorts, oldest first", i, len(row), n-i, n)
		}
		for k, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Triangle{}, invalid("cohort %d is %v at age %d", i, v, k)
			}
		}
	}
	return Triangle{cells, tail}, nil
}

// Development is how value grows with age.
type Development struct {
	Factors []*float64 // from age k to k+1; nil with a reason
	// ToUltimate develops age k to the ultimate, the tail included; nil if a factor on the way is not known.
	ToUltimate []*float64
	Reasons    []string // by factor
}

// Development returns the factors of the chain ladder, weighted by volume.
//
//	f_k = Σ_{i≤n−2−k} C_{i,k+1} / Σ C_{i,k},   to ultimate: f_k f_{k+1} … f_{n−2} tail
//
// Assumes that cohorts grow alike from the value they have; a change of prices or incentives, which runs along
// diagonals, breaks it. A column that does not sum to more than 0 has no factor: reason nonpositive_column.
// Source: Mack (1993), ASTIN Bulletin 23, 213–225. Checked against: the triangles RAA and of Taylor and Ashe as published, and
// exact fractions, in chainladder_test.go.
func (t Triangle) Development() Development {
	n := len(t.cells)
	d := Development{Factors: make([]*float64, n-1), ToUltimate: make([]*float64, n-1), Reasons: make([]string, n-1)}
	for k := range d.Factors {
		from, to := t.column(k)
		if from > 0 {
			d.Factors[k], d.Reasons[k] = orReason(to / from)
		} else {
			d.Reasons[k] = ReasonNonPositiveColumn
		}
	}
	ultimate := &t.tail
	for k := n - 2; k >= 0; k-- {
		if ultimate != nil && d.Factors[k] != nil {
			ultimate = referral.Float(*ultimate * *d.Factors[k])
		} else {
			ultimate = nil
		}
		d.ToUltimate[k] = ultimate
	}
	return d
}

// orReason is a figure, or the reason that it is too large.
func orReason(v float64) (figure *float64, reason string) {
	if figure = referral.Float(v); figure == nil {
		reason = ReasonOutOfRange
	}
	return figure, reason
}

// column sums the cells of age k and of age k+1 over the cohorts that have reached both.
func (t Triangle) column(k int) (from, to float64) {
	for i := range len(t.cells) - 1 - k {
		from += t.cells[i][k]
		to += t.cells[i][k+1]
	}
	return from, to
}

// Projection is what cohorts will be worth in the end, oldest first.
type Projection struct {
	Ultimates        []*float64 // nil with a reason
	Outstanding      []*float64 // what is still to come
	Reasons          []string   // by cohort
	TotalOutstanding *float64   // nil if any cohort's is
	Reason           string     // of the total
}

// project applies f to each cohort's latest value and its factor to the ultimate, which may be nil.
func (t Triangle) project(f func(cohort int, latest float64, toUltimate *float64) *float64) Projection {
	n := len(t.cells)
	d := t.Development()
	p := Projection{Ultimates: make([]*float64, n), Outstanding: make([]*float64, n), Reasons: make([]string, n)}
	total := 0.0
	for i, row := range t.cells {
		age := len(row) - 1
		latest, factor := row[age], &t.tail
		if age < n-1 {
			factor = d.ToUltimate[age]
		}
		u := f(i, latest, factor)
		if u == nil {
			p.Reasons[i] = ReasonNonPositiveColumn
			if factor != nil && *factor != 0 {
				p.Reasons[i] = ReasonOutOfRange
			}
			p.Reason = p.Reasons[i]
			continue
		}
		p.Ultimates[i], p.Outstanding[i] = u, referral.Float(*u-latest)
		total += *u - latest
	}
	if p.Reason == "" {
		p.TotalOutstanding, p.Reason = orReason(total)
	}
	return p
}

// Ultimates develops each cohort's latest value by the chain ladder.
// A young cohort's value is multiplied by a large factor and is as uncertain: see Mack, and BornhuetterFerguson for
// factors above 3.
func (t Triangle) Ultimates() Projection {
	return t.project(func(_ int, latest float64, factor *float64) *float64 {
		if factor == nil {
			return nil
		}
		return referral.Float(latest * *factor)
	})
}

// BornhuetterFerguson adds to each cohort's latest value the part of an expected value that is still to come.
//
//	U = latest + (1 − 1/F) apriori, F the factor to the ultimate
//
// A young cohort leans on apriori, an old one on what it brought. One number for all or one per cohort; else ErrInput.
// Source: Bornhuetter and Ferguson (1972), Proceedings of the Casualty Actuarial Society 59, 181–195.
func (t Triangle) BornhuetterFerguson(apriori []float64) (Projection, error) {
	return t.Benktander(apriori, 1)
}

// Benktander repeats the step of BornhuetterFerguson with its own result in place of the expectation; with many
// iterations it becomes the chain ladder. iterations from 1 to 1000000, else ErrInput.
// Source: Mack (2000), ASTIN Bulletin 30, 333–347.
func (t Triangle) Benktander(apriori []float64, iterations int) (Projection, error) {
	if iterations < 1 || iterations > 1_000_000 {
		return Projection{}, invalid("%d iterations", iterations)
	}
	expected, err := t.perCohort("apriori", apriori)
	if err != nil {
		return Projection{}, err
	}
	return t.project(func(i int, latest float64, factor *float64) *float64 {
		if factor == nil || *factor == 0 {
			return nil
		}
		u := expected(i)
		for range iterations {
			next := latest + (1 - 1 / *factor)*u
			if next == u {
				break
			}
			u = next
		}
		return referral.Float(u)
	}), nil
}

// perCohort reads one number for all cohorts, or one for each.
func (t Triangle) perCohort(name string, values []float64) (func(i int) float64, error) {
	if len(values) != 1 && len(values) != len(t.cells) {
		return nil, invalid("%s has %d values for %d cohorts", name, len(values), len(t.cells))
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, invalid("%s is %v", name, v)
		}
	}
	return func(i int) float64 { return values[min(i, len(values)-1)] }, nil
}

// CapeCod is BornhuetterFerguson with the expectation taken from the cohorts themselves, per unit of exposure such as customers
// acquired.
//
//	apriori = Σ latest / Σ (exposure/F),   U = latest + (1 − 1/F) apriori exposure
//
// exposure > 0, one for all or one per cohort, else ErrInput. apriori is nil, and every cohort's value, if a
// factor is not known.
// Source: Bühlmann and Straub (1983), Mitteilungen der Vereinigung schweizerischer Versicherungsmathematiker.
func (t Triangle) CapeCod(exposure []float64) (apriori *float64, p Projection, err error) {
	of, err := t.perCohort("exposure", exposure)
	if err != nil {
		return nil, Projection{}, err
	}
	for _, e := range exposure {
		if e <= 0 {
			return nil, Projection{}, invalid("an exposure of %v", e)
		}
	}
	seen, used := 0.0, 0.0
	p = t.project(func(i int, latest float64, factor *float64) *float64 {
		if factor == nil || *factor == 0 {
			return nil
		}
		seen += latest
		used += of(i) / *factor
		return factor
	})
	if p.Reason == "" {
		apriori, p.Reason = orReason(seen / used)
	}
	if apriori == nil {
		n := len(t.cells)
		return nil, Projection{Ultimates: make([]*float64, n), Outstanding: make([]*float64, n), Reasons: slices.Repeat([]string{p.Reason}, n), Reason: p.Reason}, nil
	}
	return apriori, t.project(func(i int, latest float64, factor *float64) *float64 {
		return referral.Float(latest + (1 - 1 / *factor)**apriori*of(i))
	}), nil
}
