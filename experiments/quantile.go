package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// quantile is a quantile of the values of units that have one. Its interval lies between two of the values, without
// any assumption about their distribution; half its width over z is the standard error by which arms are compared, as normal.
// So the p-value is below 1 − level exactly when the interval of the difference leaves out 0.
type quantile struct{ q float64 }

func (quantile) theory() theory { return byNormal }

func (k quantile) arm(o outcome, level float64) (sample, error) {
	n := int64(0)
	for _, c := range o.spread {
		n += c.units
	}
	if o.missing || n == 0 {
		return o.empty(referral.ReasonNoData, referral.MethodOrderStatistics, level), nil
	}
	value, err := k.of(o.spread, n)
	if err != nil {
		return sample{}, err
	}
	e := referral.Estimate{Value: referral.Float(value), Confidence: level, Method: referral.MethodOrderStatistics, Denominator: referral.Whole(n)}
	ranks, err := stats.OrderStatisticInterval(n, k.q, level)
	if err != nil {
		return sample{}, err
	}
	s := sample{outcome: o, value: e, units: standing(1, value, 0)} // one unit: a value without a test
	if ranks.Reason != "" {
		s.value.Reason = ranks.Reason
		return s, nil
	}
	lo, hi := ranked(o.spread, *ranks.LowerRank), ranked(o.spread, *ranks.UpperRank)
	s.value.Lo, s.value.Hi = referral.Float(lo), referral.Float(hi)
	s.units = standing(n, value, (hi-lo)/2/-stats.NormalQuantile((1-level)/2))
	return s, nil
}

// of is the quantile by definition 7: between the values around rank 1 + (n−1)q.
func (k quantile) of(spread []count, n int64) (float64, error) {
	at := float64(n-1) * k.q
	below := math.Floor(at)
	return stats.Quantile([]float64{ranked(spread, int64(below)+1), ranked(spread, min(n, int64(below)+2))}, at-below)
}

// ranked is the value of a rank from 1.
func ranked(spread []count, rank int64) float64 {
	for _, c := range spread {
		if rank -= c.units; rank <= 0 {
			return c.value
		}
	}
	return spread[len(spread)-1].value
}

func (quantile) contrast(c, t sample, level float64) (contrast, error) {
	return byNormal.contrast(c, t, level, referral.MethodOrderStatistics)
}

func (quantile) covaried([]outcome) ([]stats.Covaried, string, error) {
	return nil, referral.ReasonNoData, nil
}
