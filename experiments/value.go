package experiments

import (
	"fmt"
	"math"
	"strings"

	"vouch/internal/stats"
	"vouch/referral"
)

const (
	day = 24 * 60 * 60.0
	// month is the mean length of a month, a twelfth of 365.25 days.
	month = 30.4375 * day
)

// unitsPerDay is the rate at which units arrived; nil when they arrived within less than a day, which tells no rate.
func (j judgement) unitsPerDay() *float64 {
	n := int64(0)
	for _, a := range j.arms {
		n += a.n
	}
	if j.seconds < day || n == 0 {
		return nil
	}
	return referral.Float(float64(n) / j.seconds * day)
}

// appraise adds what the arm of the verdict is worth: per unit, a month, and how likely it is to lose.
func (j judgement) appraise(v *Verdict) error {
	g := j.gains[v.Arm]
	v.ValueMinor = g.Estimate
	v.MonthMinor = referral.Undefined(referral.ReasonNoData, referral.MethodWelch, j.res.Confidence)
	if g.Value == nil {
		v.MonthMinor.Reason = g.Reason
	}
	v.ProbabilityOfLoss = g.probabilityOfLoss()
	rate := j.unitsPerDay()
	if rate == nil {
		return nil
	}
	units := *rate * month / day
	v.UnitsPerMonth = referral.Float(units)
	v.MonthMinor = g.times(units)
	if g.se == nil {
		return nil
	}
	b, ok, err := stats.NormalBelief(*g.Value*units, *g.se*units)
	if err == nil && ok {
		v.ExpectedLossMinor = b.LossTreatment
	}
	return err
}

// times is the gain of that many units.
func (g gain) times(units float64) referral.Estimate {
	e := g.Estimate
	scale := func(x *float64) *float64 {
		if x == nil {
			return nil
		}
		return referral.Float(*x * units)
	}
	e.Value, e.Lo, e.Hi = scale(e.Value), scale(e.Lo), scale(e.Hi)
	return e
}

// probabilityOfLoss is the chance that the true gain is below 0, with a flat prior; nil where it has no standard error.
func (g gain) probabilityOfLoss() *float64 {
	if g.Value == nil || g.se == nil || *g.se <= 0 {
		return nil
	}
	return referral.Float(stats.LowerTail(-*g.Value / *g.se))
}

// limits writes the interval of a value in brackets, or nothing without one.
func (j judgement) limits(value referral.Estimate) string {
	if value.Lo == nil || value.Hi == nil {
		return ""
	}
	return fmt.Sprintf(" (%s to %s)", j.major(*value.Lo, "+"), j.major(*value.Hi, "+"))
}

// major writes minor units as decimal text with a typographic minus; plus goes before what is above zero.
func (j judgement) major(minor float64, plus string) string {
	n := referral.Money{Minor: int64(math.Round(minor)), Currency: j.res.Currency}
	s := n.Decimal()
	if n.Minor > 0 {
		return plus + s
	}
	return strings.Replace(s, "-", "−", 1)
}

// amount writes a size of a metric in its unit.
func (j judgement) amount(m MetricResult, x float64) string {
	switch m.MeasuredIn {
	case InShares:
		if text := referral.Significant(100*x, 3); text != "1" {
			return text + " percentage points"
		}
		return "1 percentage point"
	case InMinor:
		return j.res.Currency + " " + j.major(x, "")
	}
	return referral.Significant(x, 3)
}

// signed writes a number with a typographic minus.
func signed(x float64, decimals int) string {
	return strings.Replace(fmt.Sprintf("%.*f", decimals, x), "-", "−", 1)
}
