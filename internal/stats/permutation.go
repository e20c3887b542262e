package stats

import (
	"math"
	"math/rand/v2"

	"vouch/referral"
)

// Permutation is a permutation test: exact over all assignments, or over some drawn ones.
type Permutation struct {
	Statistic    *float64 `json:"statistic"`
	Permutations *int64   `json:"permutations"`
	Extreme      *int64   `json:"extreme"`
	PValue       *float64 `json:"p_value"`
	Reason       string   `json:"reason,omitempty"`
}

// maxPermutations bounds the work of an exact test to some seconds.
const maxPermutations = 20_000_000

// ComparePermuted tests two arms of clusters by all assignments of the same arm sizes.
//
//	statistic estimate/se of CompareClusters; extreme: |stat| ≥ |observed| − 1e-9 max(1, |observed|)
//	p = extreme / assignments, the observed one included
//
// Studentised, so it holds its level for differences in means even when variances differ. A difference
// without a standard error counts as infinite. Arms with fewer than two clusters: insufficient_data.
// Source: Chung and Romano (2013), Annals of Statistics 41, 484–507.
// Checked against: the formula written out in numpy 2, in cluster_test.go.
func ComparePermuted(c, t Clusters) (Permutation, error) {
	a, out, err := assign(c, t)
	if err != nil || out.Reason != "" {
		return out, err
	}
	k, n := len(t.Sums), len(a.sums)
	if choices(n, k) > maxPermutations {
		return Permutation{}, invalid("%d clusters have more than %d assignments", n, maxPermutations)
	}
	pick := make([]int, k)
	for i := range pick {
		pick[i] = i
	}
	var total, extreme int64
	for more := true; more; more = nextChoice(pick, n) {
		total++
		if a.extreme(pick) {
			extreme++
		}
	}
	out.Permutations, out.Extreme, out.PValue = &total, &extreme, num(float64(extreme)/float64(total))
	return out, nil
}

// ComparePermutedDraws is ComparePermuted over assignments drawn at random, for arms of which all are too many.
//
//	p = (1 + extreme) / (1 + draws): the observed assignment counts as one draw, so p is never 0 and the level holds for any draws
//
// The same seed gives the same p. Its error is that of a share of draws: at 10,000 draws and p = 0.05, 0.0022.
// Source: Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.
// Checked against: ComparePermuted, and the level on clusters without an effect, in permutation_test.go.
func ComparePermutedDraws(c, t Clusters, draws int64, seed uint64) (Permutation, error) {
	if draws < 1 {
		return Permutation{}, invalid("%d draws", draws)
	}
	a, out, err := assign(c, t)
	if err != nil || out.Reason != "" {
		return out, err
	}
	k, n := len(t.Sums), len(a.sums)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	r := rand.New(rand.NewPCG(seed, seed^0x9e3779b97f4a7c15))
	extreme := int64(1)
	for range draws {
		// The first k of a shuffle: any order to begin with will do.
		for i := range k {
			j := i + r.IntN(n-i)
			order[i], order[j] = order[j], order[i]
		}
		if a.extreme(order[:k]) {
			extreme++
		}
	}
	total := draws + 1
	out.Permutations, out.Extreme, out.PValue = &total, &extreme, num(float64(extreme)/float64(total))
	return out, nil
}

// assignment is what the assignments of clusters to two arms are held against.
type assignment struct {
	sums, sizes []float64 // the treatment's clusters first
	chosen      []bool
	limit       float64 // statistics from here are at least as extreme as the observed one
}

// assign starts a permutation test; the Permutation has the observed statistic, or the reason why there is none.
func assign(c, t Clusters) (*assignment, Permutation, error) {
	start, _, err := startClusters(c, t, 0.95, TwoSided)
	if err != nil || start.Reason != "" {
		return nil, Permutation{Reason: start.Reason}, err
	}
	a := &assignment{
		sums:  append(append([]float64{}, t.Sums...), c.Sums...),
		sizes: append(append([]float64{}, t.Sizes...), c.Sizes...),
	}
	a.chosen = make([]bool, len(a.sums))
	pick := make([]int, len(t.Sums))
	for i := range pick {
		pick[i] = i
	}
	observed := a.studentised(pick)
	if math.IsNaN(observed) {
		return nil, Permutation{Reason: referral.ReasonZeroVariance}, nil
	}
	a.limit = math.Abs(observed) - 1e-9*math.Max(1, math.Abs(observed))
	if math.IsInf(observed, 0) {
		a.limit = math.Inf(1)
	}
	return a, Permutation{Statistic: num(observed)}, nil
}

func (a *assignment) extreme(pick []int) bool { return math.Abs(a.studentised(pick)) >= a.limit }

// choices is the number of ways to choose k of n, at most a little beyond maxPermutations.
func choices(n, k int) int64 {
	out := int64(1)
	for i := 1; i <= min(k, n-k); i++ {
		out = out * int64(n-i+1) / int64(i)
		if out > maxPermutations {
			return out
		}
	}
	return out
}

// nextChoice advances to the next combination in lexicographic order.
func nextChoice(pick []int, n int) bool {
	for i := len(pick) - 1; i >= 0; i-- {
		if pick[i] < n-len(pick)+i {
			pick[i]++
			for j := i + 1; j < len(pick); j++ {
				pick[j] = pick[j-1] + 1
			}
			return true
		}
	}
	return false
}

// studentised is the delta-method statistic of the assignment; ±∞ for a difference without a standard
// error, NaN when there is neither or an arm has no members.
func (a *assignment) studentised(pick []int) float64 {
	clear(a.chosen)
	for _, i := range pick {
		a.chosen[i] = true
	}
	var arms [2]struct{ k, s, m, ratio, squares float64 }
	for i, in := range a.chosen {
		x := &arms[0]
		if in {
			x = &arms[1]
		}
		x.k++
		x.s += a.sums[i]
		x.m += a.sizes[i]
	}
	for i := range arms {
		arms[i].ratio = arms[i].s / arms[i].m
	}
	for i, in := range a.chosen {
		x := &arms[0]
		if in {
			x = &arms[1]
		}
		e := a.sums[i] - x.ratio*a.sizes[i]
		x.squares += e * e
	}
	variance := 0.0
	for _, x := range arms {
		variance += x.squares / (x.k - 1) / x.k / (x.m / x.k) / (x.m / x.k)
	}
	return (arms[1].ratio - arms[0].ratio) / math.Sqrt(variance)
}
