package experiments

import (
	"fmt"

	"vouch/internal/stats"
	"vouch/referral"
)

// Decisions about one comparison.
const (
	DecisionBetter  = "better"
	DecisionWorse   = "worse"
	DecisionUnclear = "unclear"
	DecisionInvalid = "invalid"
)

// reading is one metric in every arm, with what is concluded from it.
type reading struct {
	def      Definition
	metric   Metric
	kind     kind
	level    float64
	arms     []sample // control first
	cuped    adjustment
	uncapped []sample     // of a metric with a cap
	results  []Comparison // of arms[1:]
	effects  []contrast   // beside results
	split    []stratum
}

// compareAll computes every metric in every arm and against the control, then adjusts p-values and decides.
func compareAll(def Definition, r read, level float64) ([]MetricResult, []referral.Finding, error) {
	var out []MetricResult
	var readings []*reading
	var found collector
	for i, m := range def.Metrics {
		x, err := readMetric(def, m, metricOutcomes(r.arms, i), level)
		if err != nil {
			return nil, nil, fmt.Errorf("metric %s: %w", m.Name, err)
		}
		if x.split, err = x.strata(r.cells, i); err != nil {
			return nil, nil, fmt.Errorf("metric %s: %w", m.Name, err)
		}
		mr := MetricResult{Name: m.Name, Kind: m.Kind, Value: m.Value, Role: m.role(), Comparisons: []Comparison{}}
		for k, a := range r.arms {
			mr.Arms = append(mr.Arms, ArmValue{Variant: a.name, Value: x.arms[k].value})
			if k > 0 {
				c, err := x.compare(k)
				if err != nil {
					return nil, nil, fmt.Errorf("metric %s in %s: %w", m.Name, a.name, err)
				}
				c.Arm, c.Control = a.name, r.arms[0].name
				mr.Comparisons = append(mr.Comparisons, c)
			}
		}
		x.largeUnits(r.arms, &found)
		if err := x.cupedFindings(r.arms, &found); err != nil {
			return nil, nil, err
		}
		x.results = mr.Comparisons
		out, readings = append(out, mr), append(readings, x)
	}
	err := correct(def.families(), readings)
	if err != nil {
		return nil, nil, err
	}
	stop := newStopper(def, def.stopping(r.arms), level, len(r.arms))
	for _, x := range readings {
		for k := range x.results {
			c, weight := &x.results[k], pairWeight(r.arms, k+1)
			if c.Sequential, err = stop.judge(x, k, weight); err != nil {
				return nil, nil, fmt.Errorf("metric %s: %w", x.metric.Name, err)
			}
			c.Decision = x.decision(*c, x.effects[k])
		}
	}
	return out, found, nil
}

func metricOutcomes(arms []arm, i int) []outcome {
	out := make([]outcome, len(arms))
	for k, a := range arms {
		out[k] = a.metrics[i]
	}
	return out
}

// readMetric makes samples of a metric's outcomes, and of those without its cap.
func readMetric(def Definition, m Metric, outcomes []outcome, level float64) (*reading, error) {
	k, err := def.kindOf(m, outcomes)
	if err != nil {
		return nil, err
	}
	x := &reading{def: def, metric: m, kind: k, level: level}
	if x.arms, x.cuped, err = x.samples(outcomes); err != nil || m.Cap == nil {
		return x, err
	}
	uncapped, err := withoutCap(outcomes)
	if err != nil {
		return nil, err
	}
	x.uncapped, _, err = x.samples(uncapped)
	return x, err
}

// samples are the arms, adjusted by the covariate where the definition asks for it.
func (x *reading) samples(outcomes []outcome) (arms []sample, a adjustment, err error) {
	for _, o := range outcomes {
		s, err := x.kind.arm(o, x.level)
		if err != nil {
			return nil, a, err
		}
		arms = append(arms, s)
	}
	if x.def.Cuped.Before > 0 && x.metric.hasCovariate() {
		a, err = adjust(x.kind, arms, nil)
	}
	return arms, a, err
}

// compare is arm i against the control.
func (x *reading) compare(i int) (Comparison, error) {
	c, t := x.arms[0], x.arms[i]
	e, err := x.contrast(c, t)
	if err != nil {
		return Comparison{}, err
	}
	x.effects = append(x.effects, e)
	out := Comparison{Effect: e.effect, PValue: e.p, Method: e.method, Reason: e.reason}
	if out.Lift, err = x.lift(c, t, e); err != nil {
		return out, err
	}
	if err = x.beforeAdjustment(&out, c, t); err != nil {
		return out, err
	}
	if out.Capped, err = x.capped(i); err != nil {
		return out, err
	}
	if out.Belief, err = x.belief(c, t, e); err != nil {
		return out, err
	}
	if out.Noninferiority, err = x.noninferiority(c, t, e); err != nil {
		return out, err
	}
	if out.Delayed, err = x.delayed(c, t); err != nil {
		return out, err
	}
	if out.Ranks, err = ranks(c, t); err != nil {
		return out, err
	}
	out.Strata, err = x.stratified(x.split, i)
	return out, err
}

// leastP stands for p-values that are smaller still: a p-value is not 0.
const leastP = 1e-300

func notZero(p *float64) *float64 {
	if p == nil {
		return nil
	}
	return referral.Float(max(*p, leastP))
}

// contrast is the effect of t over c with its test.
func (x *reading) contrast(c, t sample) (contrast, error) {
	e, err := x.kind.contrast(c, t, x.level)
	if err == nil && !e.bars && x.metric.isAmount() && (c.worthless() || t.worthless()) {
		return contrast{effect: referral.Undefined(referral.ReasonNoData, e.method, x.level), method: e.method, reason: referral.ReasonNoData, bars: true}, nil
	}
	e.p = notZero(e.p)
	return e, err
}

// worthless reports whether the metric's events happened but none tells an amount: what they are worth is not known, and
// not nothing, so an arm of them is compared with none.
func (o outcome) worthless() bool {
	return o.valueless > 0 && o.joint.product[0].Sign() == 0
}

// lift is the effect relative to the control, by Fieller.
func (x *reading) lift(c, t sample, e contrast) (referral.Estimate, error) {
	if e.bars {
		return referral.Undefined(e.reason, referral.MethodFieller, x.level), nil
	}
	l, err := x.kind.theory().lift(c.units, t.units, x.level)
	return referral.Estimate{Value: l.Estimate, Lo: l.Lower, Hi: l.Upper, Confidence: x.level, Method: referral.MethodFieller, Reason: l.Reason}, err
}

// beforeAdjustment adds the effect without the covariate.
func (x *reading) beforeAdjustment(out *Comparison, c, t sample) error {
	out.CovariateReason = x.cuped.reason
	if c.observed == nil || t.observed == nil {
		return nil
	}
	adjusted := [2]stats.Moments{c.units, t.units}
	c.units, t.units, c.observed, t.observed = *c.observed, *t.observed, nil, nil
	e, err := x.contrast(c, t)
	if err != nil {
		return err
	}
	out.Unadjusted = &e.effect
	after, before := squaredError(adjusted[0], adjusted[1]), squaredError(c.units, t.units)
	if before > 0 {
		out.VarianceReduction = referral.Float(1 - after/before)
	}
	return nil
}

// squaredError is the variance of a difference of means.
func squaredError(c, t stats.Moments) float64 {
	return c.Variance/float64(c.N) + t.Variance/float64(t.N)
}

// pairWeight is the planned share of the control and arm i among all arms; 1 for two arms that no unit should be in.
func pairWeight(arms []arm, i int) float64 {
	total := 0.0
	for _, a := range arms {
		total += a.weight
	}
	if both := arms[0].weight + arms[i].weight; both > 0 {
		return both / total
	}
	return 1
}

// decision names what the stopping rule, or without one the adjusted p-value, allows to say.
func (x *reading) decision(c Comparison, e contrast) string {
	clear := c.AdjustedP != nil && *c.AdjustedP <= 1-x.level+1e-12
	if c.Sequential != nil {
		clear = c.Sequential.Crossed
	}
	switch {
	case !clear || c.Effect.Value == nil || *c.Effect.Value == 0 || e.crossing:
		return DecisionUnclear
	case (*c.Effect.Value < 0) != x.metric.LowerIsBetter:
		return DecisionWorse
	}
	return DecisionBetter
}
