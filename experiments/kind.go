package experiments

import (
	"encoding/json"
	"hash/fnv"
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// kind is what is particular to one kind of metric. Everything that is asked of any metric (lift, boundaries,
// belief, margins, strata) is answered from the moments that a kind gives for an arm.
type kind interface {
	// arm is the metric in one arm.
	arm(o outcome, level float64) (sample, error)
	// theory is the distribution by which arms are compared.
	theory() theory
	// contrast is the effect of t over c with its test.
	contrast(c, t sample, level float64) (contrast, error)
	// covaried are the arms' metric beside the same metric from before; without it the reason why there is none.
	covaried(arms []outcome) (v []stats.Covaried, reason string, err error)
}

// sample is one metric in one arm.
type sample struct {
	outcome
	value referral.Estimate
	// units are the moments of as many units whose mean would be the metric, with the same standard error.
	units  stats.Moments
	method string // how units were found
	reason string // why the arm has no value; units then say nothing
	// observed are the units before the covariate was taken out; nil where none was.
	observed *stats.Moments
}

// contrast is the effect of an arm over the control.
type contrast struct {
	effect referral.Estimate
	p      *float64
	method string // of p
	reason string // why there is no p
	// bars is set where nothing at all is to be concluded from the moments.
	bars bool
	// crossing says that test and effect point in opposite directions.
	crossing bool
}

// theory compares moments of units.
type theory struct {
	compare func(c, t stats.Moments, level float64, alt stats.Alternative) (stats.Comparison, error)
	lift    func(c, t stats.Moments, level float64) (stats.Lift, error)
}

// byStudent is for means, byNormal for estimates that come with a standard error of their own.
var (
	byStudent = theory{stats.Welch, stats.LiftFieller}
	byNormal  = theory{stats.WelchNormal, stats.LiftFiellerNormal}
)

// kindOf is the kind of a metric; arms are its outcomes, control first.
func (d Definition) kindOf(m Metric, arms []outcome) (kind, error) {
	switch m.Kind {
	case KindProportion:
		return proportion{}, nil
	case KindRatio:
		h := fnv.New64a()
		h.Write([]byte(d.Name)) //nolint:errcheck,revive // a hash takes every text
		return ratio{seed: h.Sum64()}, nil
	case KindQuantile:
		return quantile{q: m.Quantile}, nil
	case KindTimeToEvent:
		return newLasting(d.window(m).Std().Seconds(), arms)
	}
	return mean{}, nil
}

// contrast compares two samples by their moments.
func (th theory) contrast(c, t sample, level float64, method string) (contrast, error) {
	for _, s := range []sample{c, t} {
		if s.reason != "" {
			return contrast{effect: referral.Undefined(s.reason, method, level), method: method, reason: s.reason, bars: true}, nil
		}
	}
	w, err := th.compare(c.units, t.units, level, stats.TwoSided)
	return contrast{
		effect: referral.Estimate{Value: w.Estimate, Lo: w.Lower, Hi: w.Upper, Confidence: level, Method: method, Reason: w.Reason},
		p:      w.PValue, method: method, reason: w.Reason,
	}, err
}

// whole is the exact sum of variable i; nil where the arm came without sums or in fractions of the unit.
func (o outcome) whole(i int) *json.Number {
	if i >= len(o.joint.sum) || o.joint.scale > 1 {
		return nil
	}
	n := json.Number(o.joint.sum[i].String())
	return &n
}

// meanEstimate is a mean of units with Student's interval.
func meanEstimate(m stats.Moments, level float64, method string) referral.Estimate {
	e := referral.Estimate{Value: referral.Float(m.Mean), Confidence: level, Method: method, Denominator: referral.Whole(m.N)}
	switch {
	case m.N < 2:
		e.Reason = referral.ReasonNoData
	case m.Variance == 0:
		e.Reason = referral.ReasonZeroVariance
	default:
		h := -stats.StudentQuantile((1-level)/2, float64(m.N-1)) * math.Sqrt(m.Variance/float64(m.N))
		e.Lo, e.Hi = referral.Float(m.Mean-h), referral.Float(m.Mean+h)
	}
	return e
}

// standing are the moments of n units that stand for an estimate with a standard error.
func standing(n int64, estimate, se float64) stats.Moments {
	return stats.Moments{N: n, Mean: estimate, Variance: se * se * float64(n)}
}

// covariedBy pairs each arm with its covariate; all of them or none.
func covariedBy(arms []outcome, of func(o outcome) (stats.Covaried, string, error)) (out []stats.Covaried, reason string, err error) {
	for _, o := range arms {
		v, reason, err := of(o)
		if err != nil || reason != "" {
			return nil, reason, err
		}
		out = append(out, v)
	}
	return out, "", nil
}

// empty is the sample of an arm of which nothing is known.
func (o outcome) empty(reason, method string, level float64) sample {
	return sample{outcome: o, value: referral.Undefined(reason, method, level), reason: reason}
}
