package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// ranks is the test of Mann and Whitney beside a quantile, whose values are read one by one: one point of a distribution may
// stay where it is while the rest moves. It is over units with a value, like the quantile, and decides nothing. nil where no values
// were read.
func ranks(c, t sample) (*Ranks, error) {
	if len(c.spread) == 0 || len(t.spread) == 0 {
		return nil, nil
	}
	of := func(spread []count) (out []stats.Tied, n float64) {
		for _, x := range spread {
			out, n = append(out, stats.Tied{Value: x.value, N: x.units}), n+float64(x.units)
		}
		return out, n
	}
	cs, n := of(c.spread)
	ts, m := of(t.spread)
	w, err := stats.MannWhitneyTied(cs, ts, stats.TwoSided)
	if err != nil || w.Statistic == nil {
		return nil, err
	}
	out := &Ranks{Larger: referral.Float(*w.Statistic / n / m), Reason: w.Reason}
	if w.PValue != nil {
		out.PValue = referral.Float(math.Max(*w.PValue, leastP))
	}
	return out, nil
}
