package experiments

import (
	"math/big"

	"vouch/internal/stats"
)

// joint are exact sums over the units of one arm: of every variable of a metric and of every product of two. All that
// is said about means, ratios and covariates is finished from them, and those of parts add up to those of the whole.
//
// The variables of a metric in order: the value y; of a ratio the denominator z; with a covariate the same
// from before the first exposure, y₀ and z₀.
type joint struct {
	n       int64
	scale   int64      // the sums are in 1/scale of the metric's unit; 0 means 1
	sum     []*big.Int // per variable
	product []*big.Int // of variables i ≤ k at position at(i, k)
}

// newJoint is the sums over no units.
func newJoint(variables int) joint {
	j := joint{sum: make([]*big.Int, variables), product: make([]*big.Int, variables*(variables+1)/2)}
	for i := range j.sum {
		j.sum[i] = new(big.Int)
	}
	for i := range j.product {
		j.product[i] = new(big.Int)
	}
	return j
}

// at is the position of the product of variables i ≤ k: row by row of the upper triangle.
func (j joint) at(i, k int) int { return i*len(j.sum) - i*(i-1)/2 + k - i }

// add puts the units of o beside those of j.
func (j *joint) add(o joint) {
	if j.sum == nil {
		*j = newJoint(len(o.sum))
		j.scale = o.scale
	}
	j.n += o.n
	for i := range j.sum {
		j.sum[i].Add(j.sum[i], o.sum[i])
	}
	for i := range j.product {
		j.product[i].Add(j.product[i], o.product[i])
	}
}

func (j joint) unit() float64 { return float64(max(j.scale, 1)) }

// moments are those of variable i.
func (j joint) moments(i int) (stats.Moments, error) {
	m, err := stats.MomentsOfSums(j.n, j.sum[i], j.product[j.at(i, i)])
	m.Mean /= j.unit()
	m.Variance /= j.unit() * j.unit()
	return m, err
}

// covariance of variables i and k, with divisor n − 1; 0 below two units.
//
//	(n Σxy − Σx Σy) / (n(n−1)), the difference taken in integers
func (j joint) covariance(i, k int) float64 {
	if j.n < 2 {
		return 0
	}
	n := big.NewInt(j.n)
	centred := new(big.Int).Mul(n, j.product[j.at(min(i, k), max(i, k))])
	centred.Sub(centred, new(big.Int).Mul(j.sum[i], j.sum[k]))
	c, _ := new(big.Rat).SetFrac(centred, n.Mul(n, big.NewInt(j.n-1))).Float64()
	return c / j.unit() / j.unit()
}

// ratio is that of variables num over den.
func (j joint) ratio(num, den int) (stats.RatioMoments, error) {
	y, err := j.moments(num)
	if err != nil {
		return stats.RatioMoments{}, err
	}
	z, err := j.moments(den)
	return stats.RatioMoments{
		N: j.n, MeanNumerator: y.Mean, MeanDenominator: z.Mean,
		VarNumerator: y.Variance, VarDenominator: z.Variance, Covariance: j.covariance(num, den),
	}, err
}

// covaried is variable 0 with variable 1 as its covariate.
func (j joint) covaried() (stats.Covaried, error) {
	y, err := j.moments(0)
	if err != nil {
		return stats.Covaried{}, err
	}
	pre, err := j.moments(1)
	return stats.Covaried{Moments: y, MeanPre: pre.Mean, VarPre: pre.Variance, Cov: j.covariance(0, 1)}, err
}

// covariedRatio is variable 0 over 1 with 2 over 3 as its covariate.
func (j joint) covariedRatio() (stats.CovariedRatio, error) {
	r, err := j.ratio(0, 1)
	if err != nil {
		return stats.CovariedRatio{}, err
	}
	pre, err := j.ratio(2, 3)
	return stats.CovariedRatio{
		RatioMoments: r, Pre: pre,
		Cov: [2][2]float64{{j.covariance(0, 2), j.covariance(0, 3)}, {j.covariance(1, 2), j.covariance(1, 3)}},
	}, err
}

// mapped are the sums of new variables that are weighed sums of the present ones; each list has a whole weight per
// variable, those beyond the last variable not counting.
//
//	Σ(Σw x) = Σ w Σx,   Σ(Σw x)(Σv x) = Σ w v Σxx'
func (j joint) mapped(weights [][]int64) joint {
	out := newJoint(len(weights))
	out.n, out.scale = j.n, j.scale
	for a, w := range weights {
		for i := range j.sum {
			out.sum[a].Add(out.sum[a], new(big.Int).Mul(big.NewInt(w[i]), j.sum[i]))
		}
		for b := a; b < len(weights); b++ {
			p := out.product[out.at(a, b)]
			for i := range j.sum {
				for k := range j.sum {
					factor := new(big.Int).Mul(big.NewInt(w[i]), big.NewInt(weights[b][k]))
					p.Add(p, factor.Mul(factor, j.product[j.at(min(i, k), max(i, k))]))
				}
			}
		}
	}
	return out
}

// float is the nearest floating point number.
func float(x *big.Int) float64 {
	f, _ := new(big.Float).SetInt(x).Float64()
	return f
}

// combined are the moments of the sum of variables times whole weights, such as profit from revenue and costs.
func (j joint) combined(weights map[int]int64) (stats.Moments, error) {
	w := make([]int64, len(j.sum))
	for i, x := range weights {
		w[i] = x
	}
	return j.mapped([][]int64{w}).moments(0)
}
