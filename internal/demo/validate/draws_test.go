package validate

import (
	"math"
	"math/rand/v2"

	"vouch/internal/stats"

	"gonum.org/v1/gonum/stat/distuv"
)

// outcomes are the shapes of values that experiments on incentives meet; all have mean 10.
var outcomes = []struct {
	name string
	one  func(r *rand.Rand) float64
}{
	{"normal", func(r *rand.Rand) float64 { return 10 + 5*r.NormFloat64() }},
	{"exponential", func(r *rand.Rand) float64 { return 10 * r.ExpFloat64() }},
	{"lognormal for one in five, else 0", paying},
}

// paying is the value of a unit of which one in five pays, lognormally: mean 10, variance about 436.
func paying(r *rand.Rand) float64 {
	if r.Float64() >= 0.2 {
		return 0
	}
	const sigma = 0.6
	return 50 * math.Exp(sigma*r.NormFloat64()-sigma*sigma/2)
}

// many draws n values.
func many(r *rand.Rand, n int, one func(r *rand.Rand) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = one(r)
	}
	return out
}

// sample draws the moments of n values, shifted.
func sample(r *rand.Rand, n int, shift float64, one func(r *rand.Rand) float64) stats.Moments {
	vs := many(r, n, one)
	for i := range vs {
		vs[i] += shift
	}
	return stats.MomentsOf(vs)
}

// binomialDraw draws a number of successes.
func binomialDraw(r *rand.Rand, n int64, p float64) stats.Counts {
	return stats.Counts{Successes: int64(distuv.Binomial{N: float64(n), P: p, Src: r}.Rand()), Trials: n}
}

// referrers are clusters: how many a referrer invites is Poisson around a gamma-distributed mean, how many of those
// convert binomial with a rate of the referrer's own.
type referrers struct {
	k       int
	invites float64 // mean
	shape   float64 // of the gamma distribution; smaller is more unequal
	icc     float64 // correlation of two invitees of one referrer
	rate    float64
}

// draw draws an arm; every referrer invites one person at least.
func (c referrers) draw(r *rand.Rand) stats.Clusters {
	var out stats.Clusters
	beta := distuv.Beta{Alpha: c.rate * (1 - c.icc) / c.icc, Beta: (1 - c.rate) * (1 - c.icc) / c.icc, Src: r}
	size := distuv.Gamma{Alpha: c.shape, Beta: c.shape / math.Max(c.invites-1, 1e-9), Src: r}
	for range c.k {
		n := 1 + math.Floor(distuv.Poisson{Lambda: math.Max(size.Rand(), 1e-12), Src: r}.Rand())
		out.Sizes = append(out.Sizes, n)
		out.Sums = append(out.Sums, distuv.Binomial{N: n, P: beta.Rand(), Src: r}.Rand())
	}
	return out
}

// counts are the invitees of an arm as if they were independent.
func counts(c stats.Clusters) stats.Counts {
	return stats.Counts{Successes: int64(stats.Sum(c.Sums)), Trials: int64(stats.Sum(c.Sizes))}
}

// rejects reports whether a p-value is known and below five percent.
func rejects(p *float64) bool { return p != nil && *p <= alpha }

// holds reports whether an interval holds the truth; an absent limit is no limit.
func holds(lo, hi *float64, truth float64) bool {
	return (lo == nil || *lo <= truth) && (hi == nil || truth <= *hi)
}

const alpha = 1 - Level
