package stats

import (
	"math"
	"slices"
)

// Lifetime counts the units whose follow-up ended at Time: with the event, or censored (still
// waiting when last seen).
type Lifetime struct {
	Time     float64
	Events   int64
	Censored int64
}

// SurvivalStep is the curve just after the events at one time.
type SurvivalStep struct {
	Time     float64
	AtRisk   int64 // units under observation just before Time
	Events   int64
	Survival float64
	// Hazard is the running Greenwood sum Σ d/(r(r−d)), infinite once the curve has reached 0.
	Hazard float64
}

// SurvivalCurve is a Kaplan–Meier curve: the share of units still without the event.
type SurvivalCurve struct {
	Steps []SurvivalStep // at the times with events, ascending
	N     int64
	Last  float64 // the last time anything was seen; the curve is unknown beyond it unless it is 0
}

// KaplanMeier returns the product-limit curve of right-censored lifetimes.
//
//	S(t) = Π over event times ≤ t of (1 − d/r)
//
// with d events among r units at risk; units censored at an event's time still count as at risk.
// Entries may come in any order and repeat a time. Assumes that censoring tells nothing about the
// event. No units is ErrNoData; negative counts or a time that is not a number ErrInput.
// Source: Kaplan and Meier (1958), JASA 53, 457–481.
// Checked against: Freireich's leukaemia remission data by statsmodels 0.15.0, SurvfuncRight, in survival_test.go.
func KaplanMeier(lifetimes []Lifetime) (SurvivalCurve, error) {
	sorted := slices.Clone(lifetimes)
	var atRisk int64
	for _, l := range sorted {
		if l.Events < 0 || l.Censored < 0 || math.IsNaN(l.Time) || math.IsInf(l.Time, 0) {
			return SurvivalCurve{}, invalid("lifetime %+v", l)
		}
		atRisk += l.Events + l.Censored
	}
	if atRisk == 0 {
		return SurvivalCurve{}, ErrNoData
	}
	slices.SortFunc(sorted, func(a, b Lifetime) int {
		switch {
		case a.Time < b.Time:
			return -1
		case a.Time > b.Time:
			return 1
		}
		return 0
	})
	c := SurvivalCurve{N: atRisk}
	s, hazard := 1.0, 0.0
	for i := 0; i < len(sorted); {
		t := sorted[i].Time
		var events, gone int64
		for ; i < len(sorted) && sorted[i].Time == t; i++ {
			events += sorted[i].Events
			gone += sorted[i].Events + sorted[i].Censored
		}
		if gone > 0 {
			c.Last = t
		}
		if events > 0 {
			r, d := float64(atRisk), float64(events)
			s *= (r - d) / r
			hazard += d / (r * (r - d))
			c.Steps = append(c.Steps, SurvivalStep{Time: t, AtRisk: atRisk, Events: events, Survival: s, Hazard: hazard})
		}
		atRisk -= gone
	}
	return c, nil
}

// At returns the curve at time t and Greenwood's standard error S √Σ d/(r(r−d)). ok is false beyond
// the last observation of a curve that has not reached 0: nobody was watched that long.
// Source: Greenwood (1926), Reports on Public Health and Medical Subjects 33.
// Checked against: statsmodels 0.15.0, SurvfuncRight, in survival_test.go.
func (c SurvivalCurve) At(t float64) (survival, se float64, ok bool) {
	step, found := c.step(t)
	switch {
	case found && step.Survival == 0:
		return 0, 0, true
	case t > c.Last || math.IsNaN(t):
		return 0, 0, false
	case !found:
		return 1, 0, true
	}
	return step.Survival, step.Survival * math.Sqrt(step.Hazard), true
}

// step returns the last step at or before t.
func (c SurvivalCurve) step(t float64) (SurvivalStep, bool) {
	i, exact := slices.BinarySearchFunc(c.Steps, t, func(s SurvivalStep, t float64) int {
		switch {
		case s.Time < t:
			return -1
		case s.Time > t:
			return 1
		}
		return 0
	})
	if !exact {
		i--
	}
	if i < 0 {
		return SurvivalStep{}, false
	}
	return c.Steps[i], true
}

// Interval returns the interval of the curve at t on the log-log scale, which stays in [0,1].
//
//	S^exp(∓z σ),  σ = √Σ d/(r(r−d)) / |ln S|
//
// ok is false where the curve is unknown, and before the first event or once the curve is 0, where
// this interval has no width to give.
// Source: Kalbfleisch and Prentice (1980), The Statistical Analysis of Failure Time Data, section 1.3.
func (c SurvivalCurve) Interval(t, level float64) (lo, hi float64, ok bool) {
	s, se, known := c.At(t)
	if !known || s <= 0 || s >= 1 || checkLevel(level) != nil {
		return 0, 0, false
	}
	sigma := se / s / math.Abs(math.Log(s))
	z := criticalZ(level)
	return math.Pow(s, math.Exp(z*sigma)), math.Pow(s, math.Exp(-z*sigma)), true
}

// Quantile returns the first time by which at least the share q of all units have had the event: the
// smallest t with S(t) ≤ 1−q. ok is false if the curve never falls that far.
//
// A curve that equals 1−q up to rounding counts as having reached it.
// Source: the definition.
// Checked against: hand-worked curves, in survival_test.go.
func (c SurvivalCurve) Quantile(q float64) (t float64, ok bool) {
	if !(q > 0 && q <= 1) {
		return 0, false
	}
	for _, s := range c.Steps {
		if s.Survival <= 1-q+1e-12 {
			return s.Time, true
		}
	}
	return 0, false
}
