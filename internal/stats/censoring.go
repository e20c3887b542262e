package stats

import (
	"math"
	"slices"

	"vouch/referral"
)

// LogRankTest compares two survival curves.
type LogRankTest struct {
	Observed  *float64 `json:"observed"` // events in the treatment
	Expected  *float64 `json:"expected"` // events there if both curves were one
	Statistic *float64 `json:"statistic"`
	DF        *float64 `json:"df"`
	PValue    *float64 `json:"p_value"`
	Reason    string   `json:"reason,omitempty"`
}

// LogRank tests whether two groups have the event at the same rate at all times.
//
//	(O − E)² / V over the event times, V the hypergeometric variance; df 1
//
// No events, or none at a time when both groups are at risk: insufficient_data.
// Source: Mantel (1966), Cancer Chemotherapy Reports 50, 163–170.
// Checked against: statsmodels 0.15.0, survdiff, in censoring_test.go.
func LogRank(control, treatment []Lifetime) (LogRankTest, error) {
	for _, group := range [][]Lifetime{control, treatment} {
		if err := checkLifetimes(group); err != nil {
			return LogRankTest{}, err
		}
	}
	c, t := atRisk(control), atRisk(treatment)
	var observed, expected, variance float64
	for _, at := range eventTimes(control, treatment) {
		dt, rt := t(at)
		dc, rc := c(at)
		d, r := dt+dc, rt+rc
		observed += dt
		expected += d * rt / r
		if r > 1 {
			variance += d * (rt / r) * (rc / r) * (r - d) / (r - 1)
		}
	}
	if variance == 0 {
		return LogRankTest{Reason: referral.ReasonNoData}, nil
	}
	stat := (observed - expected) * (observed - expected) / variance
	return LogRankTest{Observed: num(observed), Expected: num(expected), Statistic: num(stat), DF: num(1), PValue: num(ChiSquareTail(stat, 1))}, nil
}

// checkLifetimes refuses negative counts and times that are negative or no numbers.
func checkLifetimes(ls []Lifetime) error {
	for _, l := range ls {
		if l.Events < 0 || l.Censored < 0 || !(l.Time >= 0) || math.IsInf(l.Time, 0) {
			return invalid("lifetime %+v", l)
		}
	}
	return nil
}

// eventTimes lists the distinct times with events, ascending.
func eventTimes(groups ...[]Lifetime) []float64 {
	var out []float64
	for _, g := range groups {
		for _, l := range g {
			if l.Events > 0 {
				out = append(out, l.Time)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// atRisk returns a function that gives the events at a time and the units at risk just before it, for
// ascending times.
func atRisk(group []Lifetime) func(t float64) (events, risk float64) {
	sorted := slices.Clone(group)
	slices.SortFunc(sorted, func(a, b Lifetime) int {
		switch {
		case a.Time < b.Time:
			return -1
		case a.Time > b.Time:
			return 1
		}
		return 0
	})
	left := 0.0
	for _, l := range sorted {
		left += float64(l.Events + l.Censored)
	}
	i := 0
	return func(t float64) (events, risk float64) {
		for ; i < len(sorted) && sorted[i].Time < t; i++ {
			left -= float64(sorted[i].Events + sorted[i].Censored)
		}
		risk = left
		for ; i < len(sorted) && sorted[i].Time == t; i++ {
			events += float64(sorted[i].Events)
			left -= float64(sorted[i].Events + sorted[i].Censored)
		}
		return events, risk
	}
}

// RestrictedMean returns the area under the curve up to tau, the mean time without the event within the
// horizon, and its variance.
//
//	variance Σ (area from t to tau)² d/(r(r−d)) over event times t ≤ tau
//
// ok is false if tau lies beyond the last observation of a curve that has not reached 0.
// Source: Irwin (1949), Journal of Hygiene 47, 188–189; Royston and Parmar (2013), BMC Medical Research
// Methodology 13, 152.
// Checked against: the mean of uncensored times cut at tau, in censoring_test.go.
func (c SurvivalCurve) RestrictedMean(tau float64) (mean, variance float64, ok bool) {
	if _, _, known := c.At(tau); !known || !(tau > 0) {
		return 0, 0, false
	}
	// Areas of the pieces between steps, then from each step on.
	var from []float64 // area from step i to tau
	area, upTo, s := 0.0, 0.0, 1.0
	for _, st := range c.Steps {
		if st.Time > tau {
			break
		}
		area += s * (st.Time - upTo)
		from = append(from, area)
		upTo, s = st.Time, st.Survival
	}
	area += s * (tau - upTo)
	for i, before := range from {
		st := c.Steps[i]
		r, d := float64(st.AtRisk), float64(st.Events)
		if r > d {
			rest := area - before
			variance += rest * rest * d / (r * (r - d))
		}
	}
	return area, variance, true
}

// CompareRestrictedMeans is the difference of two restricted means with a normal interval. A horizon
// beyond either curve leaves it out (insufficient_data).
// Source: Royston and Parmar (2013), BMC Medical Research Methodology 13, 152.
// Checked against: the mean of uncensored times in one arm, in censoring_test.go, and the cases of
// censoring.rmst in internal/calc/testdata/cases/experiments.jsonl.
func CompareRestrictedMeans(control, treatment []Lifetime, tau, level float64) (Comparison, error) {
	if err := checkLevel(level); err != nil {
		return Comparison{}, err
	}
	if !(tau > 0) || math.IsInf(tau, 0) {
		return Comparison{}, invalid("tau is %g", tau)
	}
	var means, variances [2]float64
	var known [2]bool
	for i, group := range [][]Lifetime{control, treatment} {
		if err := checkLifetimes(group); err != nil {
			return Comparison{}, err
		}
		curve, err := KaplanMeier(group)
		if err != nil {
			continue // nobody: the arm stays unknown
		}
		means[i], variances[i], known[i] = curve.RestrictedMean(tau)
	}
	var out Comparison
	if known[0] {
		out.Control = num(means[0])
	}
	if known[1] {
		out.Treatment = num(means[1])
	}
	if !known[0] || !known[1] {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	se := math.Sqrt(variances[0] + variances[1])
	out.Estimate, out.SE = num(means[1]-means[0]), num(se)
	if se == 0 {
		out.Reason = referral.ReasonZeroVariance
		return out, nil
	}
	out.Lower, out.Upper = studentLimits(means[1]-means[0], se, math.Inf(1), level, TwoSided)
	return out, nil
}

// Maturity shows a conversion rate three ways while windows are still open.
type Maturity struct {
	Units       int64    `json:"units"`
	Matured     int64    `json:"matured_units"`
	NaiveRate   *float64 `json:"naive_rate"`   // over all units: too low
	MaturedRate *float64 `json:"matured_rate"` // over units whose window has closed
	KMRate      *float64 `json:"km_rate"`      // over all units, by 1 − Kaplan–Meier at the window
	Reason      string   `json:"reason,omitempty"`
}

// ConversionMaturity returns the rate of conversion within a window as of a time. after[i] is the time
// from enrolment to conversion, nil for never.
//
// A conversion counts if it lies within the window and was seen by asOf; a unit is mature when
// enrolled + window ≤ asOf. Without a mature unit only the naive rate is known (insufficient_data). A unit
// enrolled after asOf or a negative delay is ErrInput.
// Source: the definition above; the third rate is Kaplan and Meier's.
// Checked against: six units by hand, in censoring_test.go, and the cases of censoring.maturity in
// internal/calc/testdata/cases/experiments.jsonl.
func ConversionMaturity(enrolled []float64, after []*float64, asOf, window float64) (Maturity, error) {
	if len(enrolled) != len(after) || !(window > 0) {
		return Maturity{}, invalid("%d units, %d conversions, window %g", len(enrolled), len(after), window)
	}
	out := Maturity{Units: int64(len(enrolled))}
	var converted, maturedConverted float64
	var lifetimes []Lifetime
	for i, at := range enrolled {
		if at > asOf || after[i] != nil && *after[i] < 0 {
			return Maturity{}, invalid("unit %d enrolled at %g, as of %g", i, at, asOf)
		}
		follow := math.Min(window, asOf-at)
		counts := after[i] != nil && *after[i] <= follow
		mature := at+window <= asOf
		l := Lifetime{Time: follow, Censored: 1}
		if counts {
			converted++
			l = Lifetime{Time: *after[i], Events: 1}
		}
		if mature {
			out.Matured++
			if counts {
				maturedConverted++
			}
		}
		lifetimes = append(lifetimes, l)
	}
	if out.Units > 0 {
		out.NaiveRate = num(converted / float64(out.Units))
	}
	if out.Matured == 0 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	out.MaturedRate = num(maturedConverted / float64(out.Matured))
	curve, err := KaplanMeier(lifetimes)
	if err != nil {
		return out, err
	}
	if s, _, ok := curve.At(window); ok {
		out.KMRate = num(1 - s)
	}
	return out, nil
}
