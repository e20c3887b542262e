package experiments

import (
	"encoding/json"
	"math"

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

// compareAll computes every metric in every arm and against the control, then adjusts p-values and
// decides.
func compareAll(def Definition, arms []arm, level float64) ([]MetricResult, error) {
	var out []MetricResult
	for i, m := range def.Metrics {
		mr := MetricResult{Name: m.Name, Kind: m.Kind, Value: m.Value, Role: m.role(), Comparisons: []Comparison{}}
		for _, a := range arms {
			v, err := armValue(m, a.metrics[i], level)
			if err != nil {
				return nil, err
			}
			mr.Arms = append(mr.Arms, ArmValue{Variant: a.name, Value: v})
		}
		for _, a := range arms[1:] {
			c, err := compare(m, arms[0].metrics[i], a.metrics[i], level)
			if err != nil {
				return nil, err
			}
			c.Arm, c.Control = a.name, arms[0].name
			mr.Comparisons = append(mr.Comparisons, c)
		}
		out = append(out, mr)
	}
	if err := adjust(out); err != nil {
		return nil, err
	}
	for i, m := range def.Metrics {
		for k := range out[i].Comparisons {
			out[i].Comparisons[k].decide(m.LowerIsBetter, 1-level)
		}
	}
	return out, nil
}

// armValue is the metric's mean per mature unit: a share with Wilson's interval, a mean with Student's.
func armValue(m Metric, o outcome, level float64) (referral.Estimate, error) {
	method := referral.MethodStudent
	if m.Kind == KindProportion {
		method = referral.MethodWilson
	}
	if o.missing || o.N == 0 {
		return referral.Undefined(referral.ReasonNoData, method, level), nil
	}
	e := referral.Estimate{Value: referral.Float(o.Mean), Confidence: level, Method: method, Denominator: referral.Whole(o.N)}
	if len(o.joint.sum) > 0 {
		n := json.Number(o.joint.sum[0].String())
		e.Numerator = &n
	}
	switch {
	case m.Kind == KindProportion:
		lo, hi, err := stats.WilsonInterval(o.successes().Successes, o.N, level)
		if err != nil {
			return e, err
		}
		e.Lo, e.Hi = referral.Float(lo), referral.Float(hi)
	case o.N < 2:
		e.Reason = referral.ReasonNoData
	case o.Variance == 0:
		e.Reason = referral.ReasonZeroVariance
	default:
		h := -stats.StudentQuantile((1-level)/2, float64(o.N-1)) * math.Sqrt(o.Variance/float64(o.N))
		e.Lo, e.Hi = referral.Float(o.Mean-h), referral.Float(o.Mean+h)
	}
	return e, nil
}

// compare is one arm against the control.
//
// The p-value is Welch's for both kinds: one question, one answer, with which Fieller's interval of
// the lift always agrees. Shares get Newcombe's interval for the difference, which keeps its width
// when nobody or everybody converts.
func compare(m Metric, c, t outcome, level float64) (Comparison, error) {
	effectMethod := referral.MethodWelch
	if m.Kind == KindProportion {
		effectMethod = referral.MethodNewcombe
	}
	out := Comparison{Method: referral.MethodWelch}
	if c.missing || t.missing || c.N == 0 || t.N == 0 {
		out.Effect = referral.Undefined(referral.ReasonNoData, effectMethod, level)
		out.Lift = referral.Undefined(referral.ReasonNoData, referral.MethodFieller, level)
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	w, err := stats.Welch(c.Moments, t.Moments, level, stats.TwoSided)
	if err != nil {
		return out, err
	}
	out.PValue, out.Reason = w.PValue, w.Reason
	out.Effect = referral.Estimate{Value: w.Estimate, Lo: w.Lower, Hi: w.Upper, Confidence: level, Method: effectMethod, Reason: w.Reason}
	if m.Kind == KindProportion {
		d, err := stats.Newcombe(c.successes(), t.successes(), level)
		if err != nil {
			return out, err
		}
		out.Effect = referral.Estimate{Value: d.Estimate, Lo: d.Lower, Hi: d.Upper, Confidence: level, Method: effectMethod, Reason: d.Reason}
	}
	l, err := stats.LiftFieller(c.Moments, t.Moments, level)
	if err != nil {
		return out, err
	}
	out.Lift = referral.Estimate{Value: l.Estimate, Lo: l.Lower, Hi: l.Upper, Confidence: level, Method: referral.MethodFieller, Reason: l.Reason}
	return out, nil
}

// adjust corrects p-values for the number of questions asked. Primary metrics: Holm over arms ×
// primary metrics, because any false "better" would ship. Secondary metrics: Benjamini–Hochberg over
// theirs. Guardrails are not adjusted: there an overlooked harm is the costly error.
func adjust(ms []MetricResult) error {
	families := map[string]func([]float64) ([]float64, error){
		RolePrimary:   stats.Holm,
		RoleSecondary: stats.BenjaminiHochberg,
		RoleGuardrail: func(p []float64) ([]float64, error) { return p, nil },
	}
	for _, role := range []string{RolePrimary, RoleSecondary, RoleGuardrail} {
		var ps []float64
		var at []*Comparison
		for i := range ms {
			for k := range ms[i].Comparisons {
				if c := &ms[i].Comparisons[k]; ms[i].Role == role && c.PValue != nil {
					ps, at = append(ps, *c.PValue), append(at, c)
				}
			}
		}
		if len(ps) == 0 {
			continue
		}
		adjusted, err := families[role](ps)
		if err != nil {
			return err
		}
		for i, c := range at {
			c.AdjustedP = referral.Float(adjusted[i])
		}
	}
	return nil
}

// decide names what the adjusted p-value allows to say.
func (c *Comparison) decide(lowerIsBetter bool, alpha float64) {
	c.Decision = DecisionUnclear
	if c.AdjustedP == nil || *c.AdjustedP > alpha+1e-12 {
		return
	}
	c.Decision = DecisionBetter
	if (*c.Effect.Value < 0) != lowerIsBetter {
		c.Decision = DecisionWorse
	}
}
