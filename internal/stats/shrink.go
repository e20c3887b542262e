package stats

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Shrunk is an estimate pulled towards the pool of all groups: a group with little evidence of its own is
// judged mostly by what groups are like. PoolWeight is the part of the pool in it.
type Shrunk struct {
	Value, PoolWeight, Lower, Upper float64
}

// BetaBinomial returns a rate under a beta prior.
//
//	(a + s)/(a + b + n),   pool weight (a + b)/(a + b + n),   limits: quantiles of the beta(a + s, b + n − s)
//
// The limits take the prior as known. No trials give the prior alone. A prior that is not positive and
// finite, impossible counts or a level outside (0,1) are ErrInput.
// Checked against: scipy 1.17.1, stats.beta.ppf, by the conformance cases.
func BetaBinomial(alpha, beta float64, c Counts, level float64) (Shrunk, error) {
	if err := c.check(); err != nil {
		return Shrunk{}, err
	}
	if err := checkLevel(level); err != nil {
		return Shrunk{}, err
	}
	if !(alpha > 0 && beta > 0) || math.IsInf(alpha+beta, 0) {
		return Shrunk{}, invalid("prior (%g, %g) is not positive and finite", alpha, beta)
	}
	a, b := alpha+float64(c.Successes), beta+float64(c.Trials-c.Successes)
	return Shrunk{
		Value: a / (a + b), PoolWeight: (alpha + beta) / (a + b),
		Lower: BetaQuantile((1-level)/2, a, b), Upper: BetaQuantile((1+level)/2, a, b),
	}, nil
}

// BetaPrior is the beta distribution of the rates of groups. Nil with a Reason: too_few_groups, or
// no_overdispersion when the groups differ no more than chance makes them.
type BetaPrior struct {
	Alpha, Beta, LogLikelihood *float64
	Reason                     string
}

const (
	// ReasonTooFewGroups says that the spread of groups cannot be learnt from so few of them.
	ReasonTooFewGroups = "too_few_groups"
	// ReasonNoOverdispersion says that groups differ no more than chance makes them.
	ReasonNoOverdispersion = "no_overdispersion"
)

// minGroups is the number of groups with trials below which no prior is fitted: two points always have
// some spread, three are the fewest of which it says anything. Chosen by judgement.
const minGroups = 3

// maxConcentration is the a + b beyond which groups count as alike: at 10⁵ true rates of one half spread by
// 0.16 percentage points.
const maxConcentration = 1e5

// minConcentration is the least a + b that is searched. Where every group converted all or none of its trials, the
// likelihood rises for ever as a + b falls to 0; at 10⁻⁶ such a prior already leaves each rate where its counts put it.
const minConcentration = 1e-6

// FitBetaBinomial fits the prior by maximum likelihood of the beta-binomial distribution.
//
//	ln L = Σ lnC(n, s) + lnB(a + s, b + n − s) − lnB(a, b)
//
// with a = mM and b = (1 − m)M. For each concentration M the log-likelihood is concave in m, so its
// derivative has one root; the profile over ln M is searched by golden sections from a scan, since it may
// have a flat shoulder. M lies between 10⁻⁶ and 10⁶. A profile that never rises above that of one common rate is no_overdispersion.
// Groups without trials say nothing and are left out. Impossible counts are ErrInput.
// Checked against: scipy 1.17.1, stats.betabinom.logpmf maximised by Nelder-Mead, in shrink_test.go.
func FitBetaBinomial(groups []Counts) (BetaPrior, error) {
	data, pooled, err := tallied(groups)
	if err != nil {
		return BetaPrior{}, err
	}
	if n := sizes(data); n < minGroups {
		return BetaPrior{Reason: ReasonTooFewGroups}, nil
	}
	if pooled.Successes == 0 || pooled.Successes == pooled.Trials {
		return BetaPrior{Reason: ReasonNoOverdispersion}, nil
	}
	mean := pooled.rate()
	profile := func(logM float64) float64 {
		m := math.Exp(logM)
		mean = bestMean(data, m, mean) // near that of the last concentration
		return betaBinomialLog(data, mean*m, (1-mean)*m)
	}
	lo, hi := math.Log(minConcentration), math.Log(10*maxConcentration)
	const scans = 24
	best, top, width := hi, math.Inf(-1), (hi-lo)/scans
	for i := range scans + 1 {
		x := hi - float64(i)*width
		if v := profile(x); v > top {
			best, top = x, v
		}
	}
	logM := Peak(profile, max(lo, best-width), best+width, 1e-6)
	top = profile(logM) // leaves the mean that belongs to it
	m, one := math.Exp(logM), oneRateLog(data, pooled.rate())
	if m > maxConcentration || top <= one+1e-9*math.Abs(one) {
		return BetaPrior{Reason: ReasonNoOverdispersion}, nil
	}
	top += chooseLog(data)
	return BetaPrior{Alpha: num(mean * m), Beta: num((1 - mean) * m), LogLikelihood: num(top)}, nil
}

// alike is a number of groups with equal counts: of many small groups most are.
type alike struct {
	Counts
	times int64
}

// tallied joins equal groups and adds all of them up.
func tallied(groups []Counts) (data []alike, pooled Counts, err error) {
	times := map[Counts]int64{}
	for _, g := range groups {
		if err := g.check(); err != nil {
			return nil, pooled, err
		}
		pooled.Successes += g.Successes
		pooled.Trials += g.Trials
		if g.Trials > 0 {
			times[g]++
		}
	}
	for g, n := range times {
		data = append(data, alike{g, n})
	}
	slices.SortFunc(data, func(a, b alike) int { // so that sums do not depend on the order of a map
		return cmp.Or(cmp.Compare(a.Trials, b.Trials), cmp.Compare(a.Successes, b.Successes))
	})
	return data, pooled, nil
}

func sizes(data []alike) (n int64) {
	for _, d := range data {
		n += d.times
	}
	return n
}

// bestMean solves the score equation of the mean at concentration m, near a guess.
//
//	Σ ψ(a + s) − ψ(a) − ψ(b + n − s) + ψ(b) = 0, falling in the mean
func bestMean(data []alike, m, guess float64) float64 {
	score := func(mean float64) float64 {
		a, b := mean*m, (1-mean)*m
		da, db, sum := mathext.Digamma(a), mathext.Digamma(b), 0.0
		for _, d := range data {
			sum += float64(d.times) * (mathext.Digamma(a+float64(d.Successes)) - da - mathext.Digamma(b+float64(d.Trials-d.Successes)) + db)
		}
		return sum
	}
	const edge = 1e-12
	lo, hi := guess, guess
	for w := 1e-4; lo > edge && score(lo) < 0; w *= 16 {
		lo = max(edge, guess*(1-min(w, 1)))
	}
	for w := 1e-4; hi < 1-edge && score(hi) > 0; w *= 16 {
		hi = min(1-edge, 1-(1-guess)*(1-min(w, 1)))
	}
	if x, ok := root(score, lo, hi); ok {
		return x
	}
	return guess
}

// betaBinomialLog is the log-likelihood of a beta prior without the part that no prior changes, chooseLog.
func betaBinomialLog(data []alike, a, b float64) float64 {
	ga, gb, gab, sum := logGamma(a), logGamma(b), logGamma(a+b), 0.0
	for _, d := range data {
		s, n := float64(d.Successes), float64(d.Trials)
		sum += float64(d.times) * (rising(a, s, ga) + rising(b, n-s, gb) - rising(a+b, n, gab))
	}
	return sum
}

// oneRateLog is that of one common rate, the limit of large concentrations.
func oneRateLog(data []alike, rate float64) float64 {
	sum := 0.0
	for _, d := range data {
		s, n := float64(d.Successes), float64(d.Trials)
		sum += float64(d.times) * (s*math.Log(rate) + (n-s)*math.Log1p(-rate))
	}
	return sum
}

func chooseLog(data []alike) float64 {
	sum := 0.0
	for _, d := range data {
		s, n := float64(d.Successes), float64(d.Trials)
		sum += float64(d.times) * (logGamma(n+1) - logGamma(s+1) - logGamma(n-s+1))
	}
	return sum
}

// rising is ln x(x+1)…(x+k−1), given ln Γ(x). Few factors are added one by one, because the difference of
// two log-gammas of large numbers has lost their digits.
func rising(x, k, logGammaOfX float64) float64 {
	if k <= 8 {
		sum := 0.0
		for i := 0.0; i < k; i++ {
			sum += math.Log(x + i)
		}
		return sum
	}
	return logGamma(x+k) - logGammaOfX
}

func logGamma(x float64) float64 {
	v, _ := math.Lgamma(x) // positive arguments only: the sign is +
	return v
}

// Peak returns the place of the maximum of f between lo and hi, where f rises and then falls, to within
// tol, by golden sections.
// Source: Kiefer (1953), Proceedings of the AMS 4, 502–506.
func Peak(f func(float64) float64, lo, hi, tol float64) float64 {
	const ratio = 0.6180339887498949
	x, y := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fx, fy := f(x), f(y)
	for hi-lo > tol {
		if fx < fy {
			lo, x, fx = x, y, fy
			y = lo + ratio*(hi-lo)
			fy = f(y)
		} else {
			hi, y, fy = y, x, fx
			x = hi - ratio*(hi-lo)
			fx = f(x)
		}
	}
	return (lo + hi) / 2
}
