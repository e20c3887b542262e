package experiments

import (
	"vouch/internal/stats"
	"vouch/referral"
)

// Reasons that only experiments give.
const (
	ReasonFewUnits = "few_units" // too few units to tell anything
)

const (
	// leastUnits is the number of units in an arm below which a ratio is not tested: of 5 and 5 units no permutation
	// is rarer than 2 in 252, and the jackknife has four degrees of freedom.
	leastUnits = 6
	// exactUnits is the number of units in both arms up to which all assignments are gone through, at most 705,432.
	exactUnits = 22
	// draws of assignments beyond that: at p = 0.05 the error is 0.0022.
	draws = 10_000
	// permutedUnits is the number of units in both arms beyond which that takes longer than about a second; so many are read one by
	// one only because of a large unit, and the jackknife's own p-value stands.
	permutedUnits = 4_000
)

// ratio is a sum over units divided by another: conversions per invitation of referrers. The variance is that of
// units: linearised, or by jackknife where the reading brings the single units, because they are few or one of them
// makes up much of an arm. The p-value is then that of the studentised permutation.
type ratio struct{ seed uint64 }

func (ratio) theory() theory { return byStudent }

func (ratio) arm(o outcome, level float64) (sample, error) {
	m, method, reason, err := ratioUnits(o, level)
	if err != nil || reason != "" {
		return o.empty(reason, method, level), err
	}
	e := meanEstimate(m, level, method)
	e.Numerator, e.Denominator = o.whole(0), o.whole(1)
	if method == referral.MethodJackknife && len(o.clusters.Sums) < leastUnits {
		e.Lo, e.Hi, e.Reason = nil, nil, ReasonFewUnits
	}
	return sample{outcome: o, value: e, units: m, method: method}, nil
}

// ratioUnits are the moments that stand for a ratio.
func ratioUnits(o outcome, level float64) (m stats.Moments, method, reason string, err error) {
	if n := len(o.clusters.Sums); n > 0 {
		// Against itself the jackknife gives an arm's variance twice.
		j, err := stats.CompareJackknife(o.clusters, o.clusters, level, stats.TwoSided)
		switch {
		case err != nil || j.Control == nil:
			return m, referral.MethodJackknife, stats.ReasonZeroDenominator, err
		case j.SE == nil:
			return stats.Moments{N: min(int64(n), 1), Mean: *j.Control}, referral.MethodJackknife, "", nil
		}
		v := *j.SE * *j.SE / 2
		return stats.Moments{N: int64(n), Mean: *j.Control, Variance: v * float64(n)}, referral.MethodJackknife, "", nil
	}
	if o.missing || len(o.joint.sum) < 2 || o.joint.n == 0 {
		return m, referral.MethodDelta, referral.ReasonNoData, nil
	}
	r, err := o.joint.ratio(0, 1)
	if err != nil {
		return m, referral.MethodDelta, referral.ReasonNoData, err
	}
	m, ok := r.Linear()
	if !ok {
		reason = stats.ReasonZeroDenominator
	}
	return m, referral.MethodDelta, reason, nil
}

func (k ratio) contrast(c, t sample, level float64) (contrast, error) {
	method := referral.MethodDelta
	if c.method == referral.MethodJackknife || t.method == referral.MethodJackknife {
		method = referral.MethodJackknife
	}
	out, err := byStudent.contrast(c, t, level, method)
	if err != nil || out.bars {
		return out, err
	}
	if min(c.units.N, t.units.N) < leastUnits {
		out.effect.Lo, out.effect.Hi, out.effect.Reason = nil, nil, ReasonFewUnits
		out.p, out.reason, out.bars = nil, ReasonFewUnits, true
		return out, nil
	}
	if out.p == nil || c.method != t.method || method != referral.MethodJackknife || len(c.clusters.Sums)+len(t.clusters.Sums) > permutedUnits {
		return out, nil
	}
	p, err := k.permute(c.clusters, t.clusters)
	out.p, out.method, out.reason = p.PValue, referral.MethodPermutation, p.Reason
	return out, err
}

func (k ratio) permute(c, t stats.Clusters) (stats.Permutation, error) {
	if len(c.Sums)+len(t.Sums) <= exactUnits {
		return stats.ComparePermuted(c, t)
	}
	return stats.ComparePermutedDraws(c, t, draws, k.seed)
}

func (ratio) covaried(arms []outcome) ([]stats.Covaried, string, error) {
	return covariedBy(arms, func(o outcome) (stats.Covaried, string, error) {
		switch {
		case len(o.clusters.Sums) > 0:
			return stats.Covaried{}, ReasonFewUnits, nil
		case len(o.joint.sum) < 4:
			return stats.Covaried{}, referral.ReasonNoData, nil
		}
		r, err := o.joint.covariedRatio()
		if err != nil {
			return stats.Covaried{}, "", err
		}
		v, ok, err := r.Linear()
		if !ok {
			return v, stats.ReasonZeroDenominator, err
		}
		return v, "", err
	})
}
