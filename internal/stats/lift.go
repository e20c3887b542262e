package stats

import (
	"math"

	"vouch/referral"
)

// Lift is the relative difference (T − C)/|C| with an interval. Which of SE, SELog, G and Bounded are
// set depends on the method. PValue is that of the absolute difference: the question whether
// there is an effect is asked once, so a lift and a difference cannot disagree about it.
type Lift struct {
	Estimate *float64 `json:"estimate"`
	SE       *float64 `json:"se,omitempty"`
	SELog    *float64 `json:"se_log,omitempty"`
	G        *float64 `json:"g,omitempty"`
	Bounded  *bool    `json:"bounded,omitempty"`
	DF       *float64 `json:"df"`
	PValue   *float64 `json:"p_value,omitempty"`
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
	Reason   string   `json:"reason,omitempty"`
}

// LiftPoint returns (T − C)/|C|: the sign of the difference, whatever the sign of the control. A
// control of exactly 0 has no lift (zero_control); one so close to 0 that the lift is no number has none
// either (out_of_range).
// Source: the definition.
// Checked against: hand-worked edges, in lift_test.go, and the cases of mean.lift.point in
// internal/calc/testdata/cases/experiments.jsonl.
func LiftPoint(c, t float64) Lift {
	if c == 0 {
		return Lift{Reason: referral.ReasonZeroControl}
	}
	e := num((t - c) / math.Abs(c))
	if e == nil {
		return Lift{Reason: ReasonOutOfRange}
	}
	return Lift{Estimate: e}
}

// settle ends a lift with limits: rounding must not put the estimate outside of them, and limits too large
// for a number leave a reason. A one-sided interval has one limit.
func (out *Lift) settle(alt Alternative) {
	if out.Reason == "" && (out.Lower == nil && alt != Less || out.Upper == nil && alt != Greater) {
		out.Lower, out.Upper, out.Reason = nil, nil, ReasonOutOfRange
	}
	if out.Estimate == nil {
		return
	}
	// A one-sided limit of a level below one half does leave the estimate out, by far more than rounding.
	e := *out.Estimate
	rounding := 1e-12 * (1 + math.Abs(e))
	if l := out.Lower; l != nil && *l > e && *l-e <= rounding {
		out.Lower = num(e)
	}
	if u := out.Upper; u != nil && *u < e && e-*u <= rounding {
		out.Upper = num(e)
	}
}

// startLift is what the lift methods share: the estimate, the Welch test and early endings.
func startLift(c, t Moments, level float64, alt Alternative) (Lift, Comparison, error) {
	w, err := Welch(c, t, level, alt)
	if err != nil {
		return Lift{}, w, err
	}
	if c.N == 0 || t.N == 0 {
		return Lift{Reason: referral.ReasonNoData}, w, nil
	}
	out := LiftPoint(c.Mean, t.Mean)
	out.DF, out.PValue = w.DF, w.PValue
	if out.Reason == "" {
		out.Reason = w.Reason
	}
	return out, w, nil
}

// LiftDelta returns the lift with the interval of the delta method.
//
//	se² = v_T/(n_T C²) + v_C T²/(n_C C⁴), degrees of freedom those of Welch's difference
//
// Assumes a control mean many standard errors away from 0; LiftFieller does not. Edges as Welch, and
// zero_control.
// Source: delta method, as in the documentation of growthbook's statistics engine.
// Checked against: the cases of mean.lift.delta in internal/calc/testdata/cases/experiments.jsonl.
func LiftDelta(c, t Moments, level float64, alt Alternative) (Lift, error) {
	alt, err := checkAlternative(alt)
	if err != nil {
		return Lift{}, err
	}
	out, _, err := startLift(c, t, level, alt)
	if err != nil || out.Estimate == nil || out.Reason != "" && out.Reason != referral.ReasonZeroVariance {
		return out, err
	}
	r := t.Mean / c.Mean
	se := math.Sqrt(t.Variance/float64(t.N)+r*r*c.Variance/float64(c.N)) / math.Abs(c.Mean)
	out.SE = num(se)
	switch {
	case out.SE == nil || out.Reason == "" && out.DF == nil:
		out.Reason = ReasonOutOfRange
	case out.Reason == "":
		out.Lower, out.Upper = studentLimits(*out.Estimate, se, *out.DF, level, alt)
		out.settle(alt)
	}
	return out, nil
}

// LiftFieller returns the lift with Fieller's interval, which stays right when the control mean is
// close to 0 and excludes 0 exactly when Welch's interval does.
//
//	all r with (T − rC)² ≤ q² (v_T/n_T + r² v_C/n_C), q the t quantile with Welch's df
//	g = q² v_C/(n_C C²); g ≥ 1: the control mean is not told apart from 0 and the set has no finite
//	limits (bounded false, unbounded)
//
// C > 0: the limits are r−1; C < 0: 1−r with the ends exchanged.
// Source: Fieller (1954), JRSS B 16, 175–185.
// Checked against: the roots of the quadratic by bisection, in lift_test.go.
func LiftFieller(c, t Moments, level float64) (Lift, error) {
	return liftFieller(c, t, level, nil)
}

// LiftFiellerNormal is LiftFieller with the normal quantile, as used for shares.
// Source: Fieller (1954), JRSS B 16, 175–185.
// Checked against: the roots of the quadratic by bisection, in lift_test.go, and the cases of
// proportion.lift.fieller in internal/calc/testdata/cases/experiments.jsonl.
func LiftFiellerNormal(c, t Moments, level float64) (Lift, error) {
	inf := math.Inf(1)
	return liftFieller(c, t, level, &inf)
}

func liftFieller(c, t Moments, level float64, df *float64) (Lift, error) {
	out, w, err := startLift(c, t, level, TwoSided)
	if err != nil || out.Reason != "" || w.DF == nil {
		return out, err
	}
	if df == nil {
		df = w.DF
	}
	q := criticalT(level, *df)
	set := fieller(t.Mean, c.Mean, t.Variance/float64(t.N), c.Variance/float64(c.N), 0, q)
	out.G, out.Bounded = num(set.g), &set.bounded
	if !set.bounded {
		out.Reason = referral.ReasonUnbounded
		return out, nil
	}
	if c.Mean > 0 {
		out.Lower, out.Upper = num(set.lo-1), num(set.hi-1)
	} else {
		out.Lower, out.Upper = num(1-set.hi), num(1-set.lo)
	}
	out.settle(TwoSided)
	return out, nil
}

// fiellerSet is the confidence set of a ratio of two normal means.
type fiellerSet struct {
	g       float64
	bounded bool
	lo, hi  float64
}

// fieller solves (N − rD)² = q² (vN − 2 r cND + r² vD) for r. The set is an interval only if
// g = q² vD/D² < 1.
func fieller(n, d, vn, vd, cov, q float64) fiellerSet {
	q2 := q * q
	g := q2 * vd / (d * d)
	// At g = 1 one limit goes to infinity; what is nearer to 1 than rounding is 1, or the other limit is rounding too.
	s := fiellerSet{g: g, bounded: g < 1-1e-12}
	if !s.bounded {
		return s
	}
	// Scaled by D²: (1−g) r² − 2 (ρ − q² c/D²) r + ρ² − q² vN/D² = 0 with ρ = N/D.
	rho := n / d
	mid := rho - q2*cov/(d*d)
	// The discriminant divided by q², written so that its large terms do not cancel:
	// (N² vD − 2 N D c + D² vN − q² (vN vD − c²)) / D⁴.
	disc := rho*rho*vd/(d*d) - 2*rho*cov/(d*d) + vn/(d*d) - q2*(vn*vd-cov*cov)/(d*d)/(d*d)
	h := q * math.Sqrt(math.Max(0, disc))
	s.lo, s.hi = (mid-h)/(1-g), (mid+h)/(1-g)
	return s
}

// LiftLog returns the lift with an interval on the logarithm of the ratio.
//
//	ln(T/C) ∓ q s,  s² = x + y,  x = v_T/(n_T T²),  y = v_C/(n_C C²)
//	df = s⁴/(x²/(n_T−1) + y²/(n_C−1)); limits by expm1
//
// Needs both means positive (non_positive_mean); the estimate is kept either way.
// Source: delta method on the logarithm, as in tea-tasting.
// Checked against: the cases of mean.lift.log in internal/calc/testdata/cases/experiments.jsonl.
func LiftLog(c, t Moments, level float64, alt Alternative) (Lift, error) {
	alt, err := checkArms(c, t, level, alt)
	if err != nil {
		return Lift{}, err
	}
	if c.N == 0 || t.N == 0 {
		return Lift{Reason: referral.ReasonNoData}, nil
	}
	out := LiftPoint(c.Mean, t.Mean)
	switch {
	case c.Mean <= 0 || t.Mean <= 0:
		out.Reason = ReasonNonPositiveMean
		return out, nil
	case out.Reason != "":
		return out, nil
	case c.N < 2 || t.N < 2:
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	// Divided one after the other: the square of a small mean is 0.
	x, y := t.Variance/float64(t.N)/t.Mean/t.Mean, c.Variance/float64(c.N)/c.Mean/c.Mean
	s := math.Sqrt(x + y)
	out.SELog = num(s)
	if s == 0 {
		out.Reason = referral.ReasonZeroVariance
		return out, nil
	}
	if math.IsInf(s, 0) {
		out.Reason = ReasonOutOfRange
		return out, nil
	}
	df := welchDF(x, y, float64(t.N-1), float64(c.N-1))
	out.DF = num(df)
	lo, hi := studentLimits(math.Log(t.Mean/c.Mean), s, df, level, alt)
	out.Lower, out.Upper = expm1(lo), expm1(hi)
	out.settle(alt)
	return out, nil
}

func expm1(x *float64) *float64 {
	if x == nil {
		return nil
	}
	return num(math.Expm1(*x))
}
