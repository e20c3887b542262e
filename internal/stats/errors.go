package stats

import (
	"errors"
	"fmt"

	"vouch/referral"
)

// Errors callers branch on.
var (
	// ErrInput says that an argument lies outside its domain.
	ErrInput = errors.New("invalid input")
	// ErrNoData says that there is nothing to compute from, such as no trials.
	ErrNoData = errors.New("no data")
)

// Reasons for which a figure is absent, beside those of package referral.
const (
	ReasonNonPositiveMean    = "non_positive_mean"
	ReasonOutOfRange         = "out_of_range" // the figure is too large to be written as a number
	ReasonZeroCount          = "zero_count"
	ReasonZeroDenominator    = "zero_denominator"
	ReasonZeroWeightObserved = "zero_weight_observed"
)

// num is the number as a result field: nil unless it is finite.
func num(x float64) *float64 { return referral.Float(x) }

// invalid returns an error that wraps ErrInput.
func invalid(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, ErrInput)...)
}

// checkLevel refuses a confidence level outside the open interval (0,1).
func checkLevel(level float64) error {
	if !(level > 0 && level < 1) {
		return invalid("confidence %g is not between 0 and 1", level)
	}
	return nil
}
