package stats

import (
	"math"

	"vouch/referral"
)

// maxUnconditional bounds the trials of both arms of an unconditional test; there it takes about a second.
const maxUnconditional = 20_000

// extremeTables are the tables of two arms that count as extreme. By x_T successes of the treatment these are
// all tables with at most upTo[x_T] successes of the control (−1: none) and, of a two-sided test, all with
// at least from[x_T] (n_C+1: none): both statistics grow with x_T and fall with x_C (Barnard's convexity).
type extremeTables struct {
	nc, nt     int64
	upTo, from []int64
}

// newExtremeTables finds the tables whose statistic high (or low) calls extreme, walking along the border:
// high must stay true as x_T grows and x_C falls, low as x_T falls and x_C grows.
func newExtremeTables(nc, nt int64, high, low func(xc, xt int64) bool) extremeTables {
	e := extremeTables{nc: nc, nt: nt, upTo: make([]int64, nt+1), from: make([]int64, nt+1)}
	last := int64(-1)
	for xt := range e.upTo {
		for last < nc && high(last+1, int64(xt)) {
			last++
		}
		e.upTo[xt] = last
	}
	first := nc + 1
	for xt := nt; xt >= 0; xt-- {
		e.from[xt] = nc + 1
		if low != nil {
			// The larger x_T, the fewer tables are low: going down, first can only fall.
			for first > 0 && low(first-1, xt) {
				first--
			}
			e.from[xt] = first
		}
	}
	return e
}

// probability of an extreme table when both arms convert with probability p = 1 − q.
func (e extremeTables) probability(p, q float64, work *[2][]float64) float64 {
	c, t := binomialWeights(e.nc, p, q, work[0]), binomialWeights(e.nt, p, q, work[1])
	work[0], work[1] = c, t
	// Sums from each end are of positive terms: neither tail is one minus the other.
	total, below, at := 0.0, 0.0, int64(0)
	for xt, w := range t {
		for ; at <= e.upTo[xt]; at++ {
			below += c[at]
		}
		total += w * below
	}
	above, at := 0.0, e.nc
	for xt := e.nt; xt >= 0; xt-- {
		for ; at >= e.from[xt]; at-- {
			above += c[at]
		}
		if e.from[xt] <= e.upTo[xt] {
			return 1 // every table of this row is extreme on both counts: the statistic is 0
		}
		total += t[xt] * above
	}
	return total
}

// binomialWeights fills out with the probabilities of 0…n successes, by ratios from the mode outwards until
// they underflow.
func binomialWeights(n int64, p, q float64, out []float64) []float64 {
	if out == nil {
		out = make([]float64, n+1)
	}
	clear(out)
	mode := min(n, int64(float64(n+1)*p))
	out[mode] = binomialProb(mode, n, p, q)
	for k := mode; k < n && out[k] > 0; k++ {
		out[k+1] = out[k] * (float64(n-k) / float64(k+1)) * (p / q)
	}
	for k := mode; k > 0 && out[k] > 0; k-- {
		out[k-1] = out[k] * (float64(k) / float64(n-k+1)) * (q / p)
	}
	return out
}

// supremum is the largest probability of an extreme table over the common p, which is a nuisance.
//
// With p = sin²θ a binomial proportion has the same spread everywhere, about 1/(2√N), and the probability
// cannot change within less. A grid 20 times as fine finds every peak; all within 2 % of the highest are
// then climbed by golden sections.
func (e extremeTables) supremum() float64 {
	points := 200 + int(64*math.Sqrt(float64(e.nc+e.nt)))
	var work [2][]float64
	f := func(theta float64) float64 {
		s, c := math.Sincos(theta)
		return e.probability(s*s, c*c, &work)
	}
	h := math.Pi / 2 / float64(points)
	grid, best := make([]float64, points+1), 0.0
	for i := range grid {
		grid[i] = f(float64(i) * h)
		best = math.Max(best, grid[i])
	}
	if best > 1-1e-12 {
		return 1
	}
	coarse := best
	for i, v := range grid {
		left, right := max(0, i-1), min(points, i+1)
		if v >= 0.98*coarse && v >= grid[left] && v >= grid[right] {
			best = math.Max(best, f(Peak(f, float64(left)*h, float64(right)*h, 1e-9)))
		}
	}
	return math.Min(1, best)
}

// checkUnconditional refuses arms that are too large.
func checkUnconditional(c, t Counts, alt Alternative) (Alternative, bool, error) {
	alt, empty, err := checkShares(c, t, alt)
	if err == nil && (c.Trials > maxUnconditional || t.Trials > maxUnconditional-c.Trials) {
		return "", false, invalid("%d and %d trials are too many for an unconditional test, which takes %d in all", c.Trials, t.Trials, maxUnconditional)
	}
	return alt, empty, err
}

// Barnard tests two shares by the pooled normal statistic with its exact distribution.
//
//	p = sup over the common p in [0,1] of P(statistic at least as extreme); two-sided: of its absolute value
//
// The statistic is 0 where its variance is. Tables that tie with the observed one within 1e-12 count as
// extreme. It rejects more often than Fisher's test, whose margins are fixed. Arms without trials:
// insufficient_data; more than 20,000 trials in all: ErrInput.
// Source: Barnard (1947), Biometrika 34, 123–138; Suissa and Shuster (1985), JRSS A 148, 317–327.
// Checked against: the enumeration of all tables over a fine grid of p, and scipy 1.17.1, stats.barnard_exact,
// in unconditional_test.go.
func Barnard(c, t Counts, alt Alternative) (Test, error) {
	alt, empty, err := checkUnconditional(c, t, alt)
	if err != nil {
		return Test{}, err
	}
	if empty {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	const tie = 1e-12
	nc, nt := c.Trials, t.Trials
	z := func(xc, xt int64) float64 { return pooledStatistic(Counts{xc, nc}, Counts{xt, nt}) }
	observed := z(c.Successes, t.Successes)
	never := func(_, _ int64) bool { return false }
	high, low := never, never
	switch alt {
	case Greater:
		high = func(xc, xt int64) bool { return z(xc, xt) >= observed-tie }
	case Less:
		low = func(xc, xt int64) bool { return z(xc, xt) <= observed+tie }
	case TwoSided:
		high = func(xc, xt int64) bool { return z(xc, xt) >= math.Abs(observed)-tie }
		low = func(xc, xt int64) bool { return z(xc, xt) <= tie-math.Abs(observed) }
	}
	return Test{Statistic: num(observed), PValue: num(newExtremeTables(nc, nt, high, low).supremum())}, nil
}

// pooledStatistic is PooledZ's, 0 where nobody or everybody converts.
func pooledStatistic(c, t Counts) float64 {
	x, n := float64(c.Successes+t.Successes), float64(c.Trials+t.Trials)
	if x == 0 || x == n {
		return 0
	}
	nc, nt := float64(c.Trials), float64(t.Trials)
	// (p_T − p_C) with one rounding: tables that tie must come out equal.
	d := (float64(t.Successes)*nc - float64(c.Successes)*nt) / (nc * nt)
	return d / math.Sqrt(x*(n-x)/n/(nc*nt))
}

// Boschloo tests two shares by Fisher's one-sided p-value as the statistic, with its exact distribution.
//
//	p = sup over the common p in [0,1] of P(Fisher's p ≤ the observed one); two-sided: twice the smaller
//	of both directions, at most 1
//
// Never larger than Fisher's one-sided p. Values within 1e-10 of each other tie. Limits as Barnard.
// Source: Boschloo (1970), Statistica Neerlandica 24, 1–9.
// Checked against: the enumeration of all tables over a fine grid of p, and scipy 1.17.1,
// stats.boschloo_exact, in unconditional_test.go.
func Boschloo(c, t Counts, alt Alternative) (Test, error) {
	alt, empty, err := checkUnconditional(c, t, alt)
	if err != nil {
		return Test{}, err
	}
	if empty {
		return Test{Reason: referral.ReasonNoData}, nil
	}
	greater := func() float64 { return boschlooGreater(c, t) }
	// The treatment is smaller exactly when the control is larger.
	less := func() float64 { return boschlooGreater(t, c) }
	p := 0.0
	switch alt {
	case Greater:
		p = greater()
	case Less:
		p = less()
	case TwoSided:
		p = math.Min(1, 2*math.Min(greater(), less()))
	}
	return Test{PValue: num(p)}, nil
}

func boschlooGreater(c, t Counts) float64 {
	limit := fisherGreater(c, t) * (1 + 1e-10)
	high := func(xc, xt int64) bool { return fisherGreater(Counts{xc, c.Trials}, Counts{xt, t.Trials}) <= limit }
	return newExtremeTables(c.Trials, t.Trials, high, nil).supremum()
}

// fisherGreater is P(x_T or more successes of the treatment) given both margins, from the shorter side; the
// sum stops where a term no longer counts.
func fisherGreater(c, t Counts) float64 {
	x := c.Successes + t.Successes
	lo, hi := max(0, x-c.Trials), min(x, t.Trials)
	// Ratio of the probabilities of k+1 and k successes.
	up := func(k int64) float64 {
		return float64(t.Trials-k) * float64(x-k) / (float64(k+1) * float64(c.Trials-x+k+1))
	}
	at, above, below := 1.0, 0.0, 0.0
	for k := t.Successes; k < hi; k++ {
		at *= up(k)
		above += at
		if at < 1e-18*(1+above) && up(k) < 1 {
			break
		}
	}
	at = 1
	for k := t.Successes; k > lo; k-- {
		at /= up(k - 1)
		below += at
		if at < 1e-18*(1+below) && up(k-1) > 1 {
			break
		}
	}
	if math.IsInf(above, 1) {
		return 1
	}
	return (1 + above) / (1 + above + below)
}
