package cohorts

import (
	"errors"
	"fmt"
	"math"

	"vouch/referral"
)

// ErrInput says that a calculation was asked with values it has no meaning for.
var ErrInput = errors.New("invalid input")

// Payback is when cumulative contribution per customer covers the cost of acquiring one.
type Payback struct {
	// Periods is the number of periods until it is covered: 1 means within the first. Nil with
	// Reason never_within_horizon if the periods given do not suffice.
	Periods    *int
	Cumulative []float64 // by period, discounted
	LTV        float64   // contribution over all periods given
	LTVToCAC   *float64  // nil for a cost of 0
	Reason     string
}

// paybackSlack is the relative shortfall below which a cost counts as covered. Twelve payments of a
// twelfth do not add up to one in floating point; a billionth is far below a cent of any real cost.
const paybackSlack = 1e-9

// PaybackOf returns the first period at which the running sum of contributions covers cac.
//
//	smallest k with Σ_{j<k} c_j/(1+d)^j ≥ cac (1 − 10⁻⁹)
//
// The first period is not discounted. A later refund that takes the sum below the cost again does
// not undo the crossing. A cost of 0 is covered after 0 periods and has no ratio. Units: money in any
// one unit, d per period. A negative cost, no period, d ≤ −1 or a number that is not finite wraps
// ErrInput.
// Checked against: hand-worked cases and an annuity computed to 30 digits, in payback_test.go.
func PaybackOf(cac float64, contribution []float64, discount float64) (Payback, error) {
	if !(cac >= 0) || math.IsInf(cac, 0) {
		return Payback{}, fmt.Errorf("%w: an acquisition cost of %v", ErrInput, cac)
	}
	if len(contribution) == 0 {
		return Payback{}, fmt.Errorf("%w: no period", ErrInput)
	}
	if !(discount > -1) || math.IsInf(discount, 0) {
		return Payback{}, fmt.Errorf("%w: a discount of %v per period", ErrInput, discount)
	}
	out := Payback{Cumulative: make([]float64, len(contribution)), Reason: referral.ReasonNotWithinHorizon}
	sum, factor := 0.0, 1.0
	reach := func(k int) {
		if out.Periods == nil && sum >= cac*(1-paybackSlack) {
			out.Periods, out.Reason = &k, ""
		}
	}
	if cac == 0 {
		reach(0)
	}
	for i, c := range contribution {
		if math.IsNaN(c) || math.IsInf(c, 0) {
			return Payback{}, fmt.Errorf("%w: a contribution of %v", ErrInput, c)
		}
		sum += c * factor
		factor /= 1 + discount
		out.Cumulative[i] = sum
		reach(i + 1)
	}
	out.LTV = sum
	if cac > 0 {
		out.LTVToCAC = referral.Float(sum / cac)
	}
	return out, nil
}

// RetentionCurve returns the contributions of a customer who stays each period with the same
// probability: margin · retention^k for k from 0.
// It assumes constant churn; real customers churn early, so an early rate understates the value and a
// late one overstates it.
func RetentionCurve(margin, retention float64, periods int) ([]float64, error) {
	if !(retention >= 0 && retention <= 1) || math.IsNaN(margin) || math.IsInf(margin, 0) || periods < 1 {
		return nil, fmt.Errorf("%w: retention must lie in [0,1] and periods be at least 1", ErrInput)
	}
	out := make([]float64, periods)
	for k := range out {
		out[k] = margin * math.Pow(retention, float64(k))
	}
	return out, nil
}
