package cohorts

import (
	"fmt"
	"math"

	"vouch/internal/stats"
)

// Scales on which the interval of a survival curve is symmetric.
const (
	LogLog = "log_log"
	Log    = "log"
	Plain  = "plain"
)

// Survived is a retention curve at one time. Absent limits are nil.
type Survived struct {
	Survival         *float64
	SE, Lower, Upper *float64
	AtRisk           int64
}

// SurvivalAt returns the curve at time t with Greenwood's error and an interval.
//
//	log_log  S^exp(±z √V/|ln S|)     log  S·exp(±z √V), at most 1     plain  S ± z S√V, within [0,1]
//
// V = Σ d/(n(n−d)). Before the first event the curve is 1 for certain: error 0, limits 1. Once it is
// 0 the error and the limits are unknown. atRisk counts those under observation just before t.
// Beyond the last observation of a curve above 0 everything is unknown.
// Source: Kalbfleisch and Prentice (2002), The Statistical Analysis of Failure Time Data, 2nd ed., 1.4.
// Checked against: R survival::survfit, in survival_test.go and the conformance cases.
func SurvivalAt(c stats.SurvivalCurve, t float64, scale string, level float64) (Survived, error) {
	var out Survived
	if scale != LogLog && scale != Log && scale != Plain {
		return out, fmt.Errorf("%w: interval %q: log_log, log or plain", ErrInput, scale)
	}
	if !(level > 0 && level < 1) {
		return out, fmt.Errorf("%w: level %v is not in (0,1)", ErrInput, level)
	}
	s, se, ok := c.At(t)
	if !ok {
		return out, nil
	}
	out.Survival = &s
	if s == 0 {
		return out, nil
	}
	out.SE = &se
	lo, hi := s, s
	if se > 0 {
		z, root := -stats.NormalQuantile((1-level)/2), se/s
		switch scale {
		case LogLog:
			w := z * root / math.Abs(math.Log(s))
			lo, hi = math.Pow(s, math.Exp(w)), math.Pow(s, math.Exp(-w))
		case Log:
			lo, hi = s*math.Exp(-z*root), math.Min(1, s*math.Exp(z*root))
		case Plain:
			lo, hi = math.Max(0, s-z*se), math.Min(1, s+z*se)
		}
	}
	out.Lower, out.Upper = &lo, &hi
	return out, nil
}

// RMST returns the mean time retained within tau, the area under the curve up to tau, and its error.
//
//	value = ∫₀^τ S(u) du,   se² = Σ over event times t_i < τ of A_i² d_i/(n_i(n_i − d_i)),   A_i = ∫_{t_i}^τ S
//
// ok is false when tau lies beyond the last observation of a curve that has not reached 0: drawing
// the curve on flat would be a guess. Units: those of the times.
// Source: Klein and Moeschberger (2003), Survival Analysis, 2nd ed., section 4.5.
// Checked against: R survival::survfit, print with rmean, in survival_test.go.
func RMST(c stats.SurvivalCurve, tau float64) (value, se float64, ok bool) {
	if _, _, known := c.At(tau); !known {
		return 0, 0, false
	}
	// areas[i] is the area of the step that begins with event i, cut at tau.
	var areas []float64
	value, last, height := 0.0, 0.0, 1.0
	for _, s := range c.Steps {
		if s.Time >= tau {
			break
		}
		if n := len(areas); n > 0 {
			areas[n-1] = height * (s.Time - last)
		} else {
			value += height * (s.Time - last)
		}
		areas = append(areas, 0)
		last, height = s.Time, s.Survival
	}
	if n := len(areas); n > 0 {
		areas[n-1] = height * (tau - last)
	} else {
		value += height * (tau - last)
	}
	rest, variance := 0.0, 0.0
	for i := len(areas) - 1; i >= 0; i-- {
		rest += areas[i]
		s := c.Steps[i]
		if rest > 0 {
			d, n := float64(s.Events), float64(s.AtRisk)
			variance += rest * rest * d / (n * (n - d))
		}
	}
	return value + rest, math.Sqrt(variance), true
}
