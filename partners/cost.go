package partners

import (
	"errors"
	"fmt"
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// ErrInput says that a calculation was asked with values it has no meaning for.
var ErrInput = errors.New("invalid input")

// PerAcquisition is a cost per acquisition with the limits of the count behind it. What is not
// defined is nil.
type PerAcquisition struct {
	CPA                    *float64
	CountLower, CountUpper float64
	Lower, Upper           *float64
	Reason                 string
}

// CostPerAcquisition returns cost/n with the interval that Garwood's limits for n give.
//
//	cost/n,   [cost/u, cost/l],   l = Γ⁻¹((1−level)/2; n),  u = Γ⁻¹((1+level)/2; n+1)
//
// Assumes a cost that is fixed and acquisitions that come independently; a cost that is itself paid
// per acquisition varies with them, and the interval is then too wide. n may be a fraction (shared
// credit): the gamma form joins the limits of the neighbouring whole counts. Units: those of the
// cost per acquisition. Edges: n = 0 gives no value and no upper limit, the reason no_acquisitions,
// and the lower limit that the cost alone proves. Negative or infinite arguments wrap ErrInput.
// Source: Garwood (1936), Biometrika 28, 437–442.
// Checked against: scipy 1.17.1, stats.gamma.ppf, in cost_test.go.
func CostPerAcquisition(cost, n, level float64) (PerAcquisition, error) {
	if !(cost >= 0 && n >= 0) || math.IsInf(cost+n, 0) || !(level > 0 && level < 1) {
		return PerAcquisition{}, fmt.Errorf("%w: a cost of %v for %v acquisitions at level %v", ErrInput, cost, n, level)
	}
	out := PerAcquisition{CountUpper: stats.GammaQuantile((1+level)/2, n+1)}
	out.Lower = referral.Float(cost / out.CountUpper)
	if n == 0 {
		out.Reason = referral.ReasonNoAcquisitions
		return out, nil
	}
	out.CountLower = stats.GammaQuantile((1-level)/2, n)
	out.CPA = referral.Float(cost / n)
	if out.Upper = referral.Float(cost / out.CountLower); cost == 0 {
		out.Upper = referral.Float(0)
	}
	return out, nil
}

// Ratio returns lifetime value per cost of acquisition; nil with the reason zero_cost if acquiring
// was free. The value may be negative, since refunds may exceed revenue; the cost may not.
func Ratio(ltv, cac float64) (*float64, string, error) {
	if !(cac >= 0) || math.IsNaN(ltv) || math.IsInf(ltv+cac, 0) {
		return nil, "", fmt.Errorf("%w: value %v, cost %v", ErrInput, ltv, cac)
	}
	if cac == 0 {
		return nil, referral.ReasonNoCost, nil
	}
	return referral.Float(ltv / cac), "", nil
}

// Marginal returns the average cost of two points and the cost of one more acquisition between them:
// Δcost/Δacquisitions. An average is nil without acquisitions; the marginal cost is nil with the
// reason no_change_in_acquisitions if both points have the same number.
func Marginal(cost, acquisitions [2]float64) (average [2]*float64, marginal *float64, reason string, err error) {
	for i := range 2 {
		if !(cost[i] >= 0 && acquisitions[i] >= 0) || math.IsInf(cost[i]+acquisitions[i], 0) {
			return average, nil, "", fmt.Errorf("%w: a cost of %v for %v acquisitions", ErrInput, cost[i], acquisitions[i])
		}
		if acquisitions[i] > 0 {
			average[i] = referral.Float(cost[i] / acquisitions[i])
		}
	}
	if acquisitions[0] == acquisitions[1] {
		return average, nil, "no_change_in_acquisitions", nil
	}
	return average, referral.Float((cost[1] - cost[0]) / (acquisitions[1] - acquisitions[0])), "", nil
}
