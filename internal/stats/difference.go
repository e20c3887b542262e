package stats

import (
	"math"

	"vouch/referral"
)

// ShareDifference is the difference of two shares, treatment minus control, with an interval.
type ShareDifference struct {
	Control   *float64 `json:"control"`
	Treatment *float64 `json:"treatment"`
	Estimate  *float64 `json:"estimate"`
	Lower     *float64 `json:"lower"`
	Upper     *float64 `json:"upper"`
	Reason    string   `json:"reason,omitempty"`
}

// Counts is a share: successes of trials.
type Counts struct{ Successes, Trials int64 }

func (c Counts) check() error {
	if c.Successes < 0 || c.Trials < 0 || c.Successes > c.Trials {
		return invalid("%d successes in %d trials", c.Successes, c.Trials)
	}
	return nil
}

// rate is the observed share; trials must be positive.
func (c Counts) rate() float64 { return float64(c.Successes) / float64(c.Trials) }

// Newcombe returns the hybrid score interval for the difference of two shares.
//
//	[d − √((p_T−l_T)² + (u_C−p_C)²), d + √((u_T−p_T)² + (p_C−l_C)²)], l and u Wilson's limits
//
// Assumes independent units. Unlike Wald's interval it has a width when an arm has no success or
// nothing but successes. No trials in an arm: insufficient_data.
// Source: Newcombe (1998), Statistics in Medicine 17, 873–890, method 10.
// Checked against: the table of that paper, in difference_test.go.
func Newcombe(c, t Counts, level float64) (ShareDifference, error) {
	return hybrid(c, t, level, wilson)
}

// hybrid squares and adds the distances to the limits of the single shares.
func hybrid(c, t Counts, level float64, limits func(x, n, z float64) (lo, hi float64)) (ShareDifference, error) {
	out, err := startDifference(c, t, level)
	if err != nil || out.Reason != "" {
		return out, err
	}
	z := criticalZ(level)
	lc, uc := limits(float64(c.Successes), float64(c.Trials), z)
	lt, ut := limits(float64(t.Successes), float64(t.Trials), z)
	pc, pt := c.rate(), t.rate()
	out.limits(pt-pc-math.Hypot(pt-lt, uc-pc), pt-pc+math.Hypot(ut-pt, pc-lc))
	return out, nil
}

// startDifference checks the arms and sets the shares that are known.
func startDifference(c, t Counts, level float64) (ShareDifference, error) {
	var out ShareDifference
	for _, a := range []Counts{c, t} {
		if err := a.check(); err != nil {
			return out, err
		}
	}
	if err := checkLevel(level); err != nil {
		return out, err
	}
	if c.Trials > 0 {
		out.Control = num(c.rate())
	}
	if t.Trials > 0 {
		out.Treatment = num(t.rate())
	}
	if c.Trials == 0 || t.Trials == 0 {
		out.Reason = referral.ReasonNoData
		return out, nil
	}
	out.Estimate = num(t.rate() - c.rate())
	return out, nil
}

// limits sets an interval, clipped to the range of a difference of shares.
func (out *ShareDifference) limits(lo, hi float64) {
	out.Lower, out.Upper = num(math.Max(-1, lo)), num(math.Min(1, hi))
}
