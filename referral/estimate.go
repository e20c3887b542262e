package referral

import (
	"encoding/json"
	"math"
	"strconv"
)

// Estimate is a number with its uncertainty and its origin: a rate, a cost per acquisition, a
// difference between arms. Value, Lo and Hi are absent, never zero or NaN, where they are not
// defined; Reason then holds a code such as "no_acquisitions". An unbounded side of an interval is
// absent as well.
type Estimate struct {
	Value       *float64     `json:"value"`
	Lo          *float64     `json:"lo"`
	Hi          *float64     `json:"hi"`
	Confidence  float64      `json:"confidence"`
	Method      string       `json:"method"`
	Numerator   *json.Number `json:"numerator"`
	Denominator *json.Number `json:"denominator"`
	Reason      string       `json:"reason,omitempty"`
}

// Reason codes of estimates that are absent. Each names why a number cannot be known.
const (
	ReasonNoData           = "insufficient_data"
	ReasonNoEntrants       = "no_entrants"
	ReasonNoAcquisitions   = "no_acquisitions"
	ReasonNoCost           = "zero_cost"
	ReasonNoRevenue        = "no_revenue"
	ReasonZeroVariance     = "zero_variance"
	ReasonZeroControl      = "zero_control"
	ReasonUnbounded        = "unbounded"
	ReasonNotWithinHorizon = "never_within_horizon"
	ReasonNotYet           = "not_yet_observed"
)

// Undefined returns an estimate without a value and with the reason for it.
func Undefined(reason, method string, confidence float64) Estimate {
	return Estimate{Reason: reason, Method: method, Confidence: confidence}
}

// Known reports whether the estimate has a value.
func (e Estimate) Known() bool { return e.Value != nil }

// Float returns a pointer to x, or nil if x is NaN or infinite: a number that is not finite is a
// number that is not known.
func Float(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// Whole returns n as an exact JSON number.
func Whole(n int64) *json.Number {
	v := json.Number(strconv.FormatInt(n, 10))
	return &v
}

// MicroScale is the number of micro-units in one: credit weights and fractional acquisitions are
// counted in millionths, so that they add up exactly.
const MicroScale = 1_000_000

// Micros returns n millionths as an exact decimal JSON number: 2500000 is 2.5.
func Micros(n int64) *json.Number {
	sign := ""
	u := uint64(n)
	if n < 0 {
		sign, u = "-", -u
	}
	s := sign + strconv.FormatUint(u/MicroScale, 10)
	if f := u % MicroScale; f != 0 {
		frac := strconv.FormatUint(MicroScale+f, 10)[1:]
		for frac[len(frac)-1] == '0' {
			frac = frac[:len(frac)-1]
		}
		s += "." + frac
	}
	v := json.Number(s)
	return &v
}
