package experiments

import (
	"fmt"
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// need is how many further units an answer takes.
type need struct {
	units *int64 // mature units over both arms; nil where no number can be named
	text  string
}

// need reckons the further units for an answer on a metric in the i-th arm beside the control: for the planned power at
// the smallest effect that pays for the arm's cost, where one is known, else at the effect seen. The level is Bonferroni's for the
// family, the cautious side of the other corrections.
func (j judgement) need(metric, i int) (need, error) {
	c, t, known, err := j.units(metric, i)
	if err != nil {
		return need{}, err
	}
	if !known {
		return need{text: "It needs at least two mature units in each arm."}, nil
	}
	effect, at := t.Mean-c.Mean, "the true effect is the one seen"
	if x := j.smallestPaying(metric, i); x != nil {
		effect, at = *x, fmt.Sprintf("the true effect is the smallest that pays, %s", j.amount(j.res.Metrics[metric], *x))
	}
	more, err := missing(j.design(c, t), effect, c.N, t.N)
	if err != nil || more == nil {
		return need{text: fmt.Sprintf("At the %s mature units seen no number of units can be named.", referral.Thousands(c.N+t.N))}, err
	}
	if *more == 0 {
		return need{more, fmt.Sprintf("The %s mature units seen were enough: at least %.0f %% power if %s.", referral.Thousands(c.N+t.N), 100*plannedPower, at)}, nil
	}
	return need{more, fmt.Sprintf("It needs about %s more mature units for %.0f %% power if %s.", referral.Thousands(*more), 100*plannedPower, at)}, nil
}

// units are the moments of a metric, as it is compared, in the control and in the i-th arm beside it; known is false where
// one of them tells nothing of its spread.
func (j judgement) units(metric, i int) (c, t stats.Moments, known bool, err error) {
	x, err := readMetric(j.def, j.def.Metrics[metric], metricOutcomes(j.arms, metric), j.res.Confidence)
	if err != nil {
		return c, t, false, err
	}
	a, b := x.arms[0], x.arms[i+1]
	return a.units, b.units, a.reason == "" && b.reason == "" && a.units.N >= 2 && b.units.N >= 2, nil
}

// design is the test of a primary metric, to be planned with the variances seen.
func (j judgement) design(c, t stats.Moments) stats.MeanDesign {
	return stats.MeanDesign{VarianceControl: c.Variance, VarianceTreatment: t.Variance, Level: 1 - (1-j.res.Confidence)/float64(j.family()), Normal: true}
}

// smallestPaying is the smallest effect on a metric at which the i-th arm earns its further cost; nil where nothing is to be
// earned, or no effect would, or no money is seen.
//
//	δ = (m_C (k − r_C) − o_C + o_T)/(k − r_T) − m_C
//
// m_C is the metric in the control, k the contribution per unit of the metric over all arms together (one figure, because
// the arms differ in it mostly by chance), r rewards and commission per unit of the metric in each arm, o the other costs. It
// takes for granted that contribution and rewards follow the metric.
func (j judgement) smallestPaying(metric, i int) *float64 {
	m := j.def.Metrics[metric]
	if m.LowerIsBetter || m.Kind != KindProportion && m.Kind != KindMean || !j.arms[0].hasNet {
		return nil
	}
	var contribution, units float64
	perMetric := func(a arm) (float64, bool) {
		y := a.metrics[metric]
		cost, err := a.money.combined(map[int]int64{moneyRewards: 1, moneyCommission: 1})
		return cost.Mean / y.Mean, err == nil && y.Mean > 0 && y.N > 0 && a.money.n > 0
	}
	for _, a := range j.arms {
		if a.money.n == 0 {
			continue
		}
		earned, err := a.money.moments(moneyContribution)
		if err != nil {
			return nil
		}
		contribution += earned.Mean * float64(earned.N)
		units += a.metrics[metric].Mean * float64(a.metrics[metric].N)
	}
	c, t := j.arms[0], j.arms[i+1]
	rc, okC := perMetric(c)
	rt, okT := perMetric(t)
	if units <= 0 || !okC || !okT {
		return nil
	}
	k, base := contribution/units, c.metrics[metric].Mean
	if k <= rt {
		return nil
	}
	x := (base*(k-rc)-c.otherCost(j.def)+t.otherCost(j.def))/(k-rt) - base
	if x <= 1e-12*base || m.Kind == KindProportion && base+x >= 1 { // no share reaches beyond all units
		return nil
	}
	return referral.Float(x)
}

// missing is how many further units over both arms an effect takes; nil where no number can be named, as with a level
// so low that a test of no data at all has the power.
func missing(d stats.MeanDesign, effect float64, control, treatment int64) (*int64, error) {
	if plannedPower <= 1-d.Level {
		return nil, nil
	}
	n, err := d.SampleSize(effect, plannedPower, float64(treatment)/float64(control))
	if err != nil || n.Control == nil || n.Treatment == nil {
		return nil, err
	}
	more := math.Max(0, math.Ceil(*n.Control)-float64(control)) + math.Max(0, math.Ceil(*n.Treatment)-float64(treatment))
	if more > 1e12 {
		return nil, nil
	}
	units := int64(more)
	return &units, nil
}

// needForMargin reckons the further units for a guardrail that is not shown to stay within its margin, if the arm does not
// change it at all.
func (j judgement) needForMargin(metric, i int, margin float64) (*int64, error) {
	c, t, known, err := j.units(metric, i)
	if err != nil || !known {
		return nil, err
	}
	d := stats.MeanDesign{VarianceControl: c.Variance, VarianceTreatment: t.Variance, Level: j.res.Confidence, Normal: true}
	return missing(d, margin, c.N, t.N)
}

// needForValue reckons the further units that tell the gain of the i-th arm apart from 0 with the planned power, if it is
// the one seen.
func (j judgement) needForValue(i int) *int64 {
	return j.needForGain(i, -stats.NormalQuantile((1-j.res.Confidence)/2)+stats.NormalQuantile(plannedPower))
}

// needForLoss reckons the further units at which the probability of loss falls to the limit, if the gain is the one seen.
func (j judgement) needForLoss(i int) *int64 {
	limit := j.def.Decide.MaxLoss
	if limit == nil || !(*limit > 0 && *limit < 0.5) {
		return nil
	}
	return j.needForGain(i, -stats.NormalQuantile(*limit))
}

// needForGain is how many further units bring the gain of the i-th arm to so many of its standard errors, which fall with the
// square root of the units; nil where no number can be named.
func (j judgement) needForGain(i int, errors float64) *int64 {
	g := j.gains[j.arms[i+1].name]
	if g.Value == nil || g.se == nil || *g.se <= 0 || *g.Value == 0 {
		return nil
	}
	ratio := errors * *g.se / *g.Value
	more := math.Ceil((ratio*ratio - 1) * float64(j.arms[0].money.n+j.arms[i+1].money.n))
	if !(more < 1e12) {
		return nil
	}
	units := max(int64(more), 0)
	return &units
}

// days is how long so many further units take to arrive at the rate of those seen; nil when the rate is not known, or
// when nobody has been exposed for a whole window, so that nothing arrives any more.
func (j judgement) days(units int64) *int64 {
	rate := j.unitsPerDay()
	if rate == nil || j.def.Window > 0 && j.res.Hygiene.Immature == 0 {
		return nil
	}
	n := int64(math.Ceil(float64(units) / *rate))
	return &n
}
