package validate

import (
	"fmt"
	"math"

	"vouch/internal/stats"
)

// grid are the shares at which coverage of counts is added up.
var grid = []float64{0.005, 0.01, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.97, 0.995}

// binomialWeights are the probabilities of 0 to n successes.
func binomialWeights(n int64, p float64) []float64 {
	out := make([]float64, n+1)
	for k := range out {
		out[k] = binomial(int(n), k, p)
	}
	return out
}

// shareCoverage is the coverage of an interval of a share by enumeration: the least and the average over the grid.
func shareCoverage(interval func(hits, n int64, level float64) (lo, hi float64, err error), n int64) (least, mean float64, err error) {
	los, his := make([]float64, n+1), make([]float64, n+1)
	for x := range n + 1 {
		if los[x], his[x], err = interval(x, n, Level); err != nil {
			return 0, 0, err
		}
	}
	least = 1
	for _, p := range grid {
		covered := 0.0
		for x, w := range binomialWeights(n, p) {
			if los[x] <= p && p <= his[x] {
				covered += w
			}
		}
		least = math.Min(least, covered)
		mean += covered / float64(len(grid))
	}
	return least, mean, nil
}

// pairCoverage is that of an interval for two shares. The truth of a pair is a function of both; pairs without one, such
// as a ratio to 0, are no part of the grid.
func pairCoverage(limits func(c, t stats.Counts) (lo, hi *float64, err error), truth func(c, t float64) float64, nc, nt int64) (least, mean float64, err error) {
	los, his := make([][]*float64, nc+1), make([][]*float64, nc+1)
	for x := range nc + 1 {
		los[x], his[x] = make([]*float64, nt+1), make([]*float64, nt+1)
		for y := range nt + 1 {
			if los[x][y], his[x][y], err = limits(stats.Counts{Successes: x, Trials: nc}, stats.Counts{Successes: y, Trials: nt}); err != nil {
				return 0, 0, err
			}
		}
	}
	least = 1
	for _, pc := range grid {
		wc := binomialWeights(nc, pc)
		for _, pt := range grid {
			wt := binomialWeights(nt, pt)
			want, covered := truth(pc, pt), 0.0
			for x, w := range wc {
				for y, v := range wt {
					if holds(los[x][y], his[x][y], want) {
						covered += w * v
					}
				}
			}
			least = math.Min(least, covered)
			mean += covered / float64(len(grid)*len(grid))
		}
	}
	return least, mean, nil
}

// onlyLeast and onlyMean turn two figures into claims.
func least(f func() (float64, float64, error)) func() (float64, error) {
	return func() (float64, error) { l, _, err := f(); return l, err }
}

func average(f func() (float64, float64, error)) func() (float64, error) {
	return func() (float64, error) { _, m, err := f(); return m, err }
}

// shareClaims are the intervals of one share, of a count and of a quantile, by adding up probabilities.
func shareClaims(large bool) []claim {
	sizes := []int64{10, 50, 200}
	if large {
		sizes = []int64{5, 10, 20, 50, 100, 200, 1000}
	}
	var out []claim
	for _, n := range sizes {
		for _, x := range []struct {
			name     string
			interval func(hits, n int64, level float64) (lo, hi float64, err error)
			sure     bool    // promises at least the level everywhere
			rough    float64 // by how much the average may miss the level
		}{
			{"Clopper–Pearson", stats.ClopperPearsonInterval, true, 0},
			{"Wilson", stats.WilsonInterval, false, 0.015},
			{"Jeffreys", stats.JeffreysInterval, false, 0.04},
		} {
			f := func() (float64, float64, error) { return shareCoverage(x.interval, n) }
			if x.sure {
				out = append(out, claim{what: fmt.Sprintf("%s, n = %d, least over shares", x.name, n), rate: Level, above: free, exact: least(f)})
			} else {
				out = append(out, claim{what: fmt.Sprintf("%s, n = %d, average over shares", x.name, n), rate: Level, below: x.rough, above: x.rough + 0.03, exact: average(f)})
			}
		}
	}
	for _, mean := range []float64{0.5, 3, 20} {
		out = append(out, claim{what: fmt.Sprintf("Garwood, Poisson count of mean %g", mean), rate: Level, above: free, exact: func() (float64, error) { return garwood(mean) }})
	}
	for _, q := range []float64{0.5, 0.9, 0.99} {
		out = append(out, claim{what: fmt.Sprintf("order statistics, quantile %g of 1,000 values", q), rate: Level, above: 0.03, exact: func() (float64, error) { return orderStatistics(1000, q) }})
	}
	return out
}

// garwood is the exact coverage of the interval of a count.
func garwood(mean float64) (float64, error) {
	covered, p := 0.0, math.Exp(-mean)
	for k := range int64(mean + 20*math.Sqrt(mean) + 20) {
		lo, hi, err := stats.GarwoodInterval(k*1_000_000, Level)
		if err != nil {
			return 0, err
		}
		if lo <= mean && mean <= hi {
			covered += p
		}
		p *= mean / float64(k+1)
	}
	return covered, nil
}

// orderStatistics is the exact coverage of the interval between two ranks: the probability that the number of values
// below the quantile lies between them.
func orderStatistics(n int64, q float64) (float64, error) {
	i, err := stats.OrderStatisticInterval(n, q, Level)
	if err != nil || i.LowerRank == nil || i.UpperRank == nil {
		return 0, err
	}
	covered := 0.0
	for k, w := range binomialWeights(n, q) {
		if int64(k) >= *i.LowerRank && int64(k) < *i.UpperRank {
			covered += w
		}
	}
	return covered, nil
}

// pairClaims are the intervals for two shares and the sizes of exact tests.
func pairClaims(large bool) []claim {
	sizes := [][2]int64{{10, 10}, {30, 20}}
	if large {
		sizes = [][2]int64{{10, 10}, {20, 10}, {30, 30}, {50, 100}, {150, 150}}
	}
	difference := func(c, t float64) float64 { return t - c }
	ratio := func(c, t float64) float64 { return t / c }
	var out []claim
	for _, n := range sizes {
		for _, x := range []struct {
			name   string
			limits func(c, t stats.Counts, level float64) (stats.ShareDifference, error)
			truth  func(c, t float64) float64
			rough  float64
		}{
			{"Newcombe, difference", stats.Newcombe, difference, 0.01},
			{"Miettinen–Nurminen, difference", stats.MiettinenNurminen, difference, 0.01},
			{"Agresti–Caffo, difference", stats.AgrestiCaffo, difference, 0.01},
			{"Koopman, ratio", func(c, t stats.Counts, level float64) (stats.ShareDifference, error) {
				r, err := stats.Koopman(c, t, level)
				return stats.ShareDifference(r), err
			}, ratio, 0.01},
		} {
			f := func() (float64, float64, error) {
				return pairCoverage(func(c, t stats.Counts) (lo, hi *float64, err error) {
					d, err := x.limits(c, t, Level)
					return d.Lower, d.Upper, err
				}, x.truth, n[0], n[1])
			}
			// Shares near 0 and 1 in few trials are covered nearly always: the average is above the level.
			out = append(out, claim{what: fmt.Sprintf("%s, %d and %d trials, average over pairs of shares", x.name, n[0], n[1]), rate: Level, below: x.rough, above: 0.04, exact: average(f)})
		}
		wald := func() (float64, float64, error) {
			return pairCoverage(func(c, t stats.Counts) (lo, hi *float64, err error) {
				d, err := stats.WaldDifference(c, t, Level)
				return d.Lower, d.Upper, err
			}, difference, n[0], n[1])
		}
		out = append(out, claim{what: fmt.Sprintf("not used: Wald, %d and %d trials, least over pairs of shares", n[0], n[1]), rate: 0.8, below: free, exact: least(wald)})
	}
	return out
}

// exactTests are tests whose size is at most five percent at every share, by enumeration.
func exactTests(large bool) []claim {
	n := [2]int64{12, 9}
	if large {
		n = [2]int64{20, 15}
	}
	var out []claim
	for _, x := range []struct {
		name string
		test func(c, t stats.Counts, alt stats.Alternative) (stats.Test, error)
	}{{"Fisher", stats.Fisher}, {"Barnard", stats.Barnard}, {"Boschloo", stats.Boschloo}} {
		out = append(out, claim{
			what: fmt.Sprintf("%s, %d and %d trials, most over shares", x.name, n[0], n[1]), rate: alpha, below: free,
			exact: func() (float64, error) { return testSize(x.test, n[0], n[1]) },
		})
	}
	return append(out, claim{what: "sample ratio, exact, 60 units at 2 : 1", rate: alpha, below: free, exact: func() (float64, error) {
		size := 0.0
		for x, w := range binomialWeights(60, 2.0/3) {
			s, err := stats.SRMExact([2]int64{int64(x), 60 - int64(x)}, [2]float64{2, 1})
			if err != nil {
				return 0, err
			}
			if rejects(s.PValue) {
				size += w
			}
		}
		return size, nil
	}})
}

// testSize is the largest probability of rejecting equal shares.
func testSize(test func(c, t stats.Counts, alt stats.Alternative) (stats.Test, error), nc, nt int64) (float64, error) {
	rejected := make([][]bool, nc+1)
	for x := range rejected {
		rejected[x] = make([]bool, nt+1)
		for y := range rejected[x] {
			p, err := test(stats.Counts{Successes: int64(x), Trials: nc}, stats.Counts{Successes: int64(y), Trials: nt}, stats.TwoSided)
			if err != nil {
				return 0, err
			}
			rejected[x][y] = rejects(p.PValue)
		}
	}
	most := 0.0
	for _, p := range grid {
		size := 0.0
		wt := binomialWeights(nt, p)
		for x, w := range binomialWeights(nc, p) {
			for y, v := range wt {
				if rejected[x][y] {
					size += w * v
				}
			}
		}
		most = math.Max(most, size)
	}
	return most, nil
}
