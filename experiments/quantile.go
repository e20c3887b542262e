package experiments

import (
	"math"
	"slices"

	"vouch/internal/stats"
	"vouch/referral"
)

// quantile is a quantile of the values of units that have one. Its interval lies between two of the values, without
// any assumption about their distribution; half its width over z is the standard error by which arms are compared, as normal.
// So the p-value is below 1 − level exactly when the interval of the difference leaves out 0.
//
// Where units share values, as counts and prices do, the limits come in steps, and a step too few makes the standard error too
// small: with medians of small counts the test would reject in up to a third of all cases without an effect. So for the standard error a
// shared value stands for all up to the middle between it and the next.
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
	s.value.Lo, s.value.Hi = referral.Float(o.spread[lo].value), referral.Float(o.spread[hi].value)
	width := o.spread[hi].value - o.spread[lo].value + halfStep(o.spread, lo, -1) + halfStep(o.spread, hi, 1)
	s.units = standing(n, value, width/2/-stats.NormalQuantile((1-level)/2))
	return s, nil
}

// of is the quantile by definition 7: between the values around rank 1 + (n−1)q.
func (k quantile) of(spread []count, n int64) (float64, error) {
	at := float64(n-1) * k.q
	below := math.Floor(at)
	lo, hi := ranked(spread, int64(below)+1), ranked(spread, min(n, int64(below)+2))
	return stats.Quantile([]float64{spread[lo].value, spread[hi].value}, at-below)
}

// ranked is the index of the value of a rank from 1.
func ranked(spread []count, rank int64) int {
	return slices.IndexFunc(spread, func(c count) bool {
		rank -= c.units
		return rank <= 0
	})
}

// halfStep is half the distance of a shared value to the next one up or down; at the end of the values, to the one before.
func halfStep(spread []count, i, direction int) float64 {
	if spread[i].units < 2 || len(spread) < 2 {
		return 0
	}
	next := i + direction
	if next < 0 || next == len(spread) {
		next = i - direction
	}
	return math.Abs(spread[next].value-spread[i].value) / 2
}

func (quantile) contrast(c, t sample, level float64) (contrast, error) {
	return byNormal.contrast(c, t, level, referral.MethodOrderStatistics)
}

func (quantile) covaried([]outcome) ([]stats.Covaried, string, error) {
	return nil, referral.ReasonNoData, nil
}
