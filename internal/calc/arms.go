package calc

import (
	"encoding/json"
	"math"

	"vouch/internal/stats"
)

// number is an optional number that tells "left out" from 0 and refuses null.
type number struct {
	set bool
	v   float64
}

// UnmarshalJSON reads a finite number.
func (n *number) UnmarshalJSON(b []byte) error {
	var v *float64
	if err := json.Unmarshal(b, &v); err != nil || v == nil {
		return Invalid("want a number, got %s", b)
	}
	n.set, n.v = true, *v
	return nil
}

func (number) describe() string { return "a number" }

// or is the number, or a default if it was left out.
func (n number) or(v float64) float64 {
	if n.set {
		return n.v
	}
	return v
}

// level is the confidence of intervals.
type level struct {
	Confidence number `json:"confidence" calc:"optional"`
}

func (l level) level() float64 { return l.Confidence.or(0.95) }

// options are the confidence and the direction of a test.
type options struct {
	level
	Alternative string `json:"alternative" calc:"optional"`
}

func (o options) alternative() stats.Alternative { return stats.Alternative(o.Alternative) }

// shareArm is an arm of successes.
type shareArm struct {
	Successes int64 `json:"successes"`
	Trials    int64 `json:"trials"`
}

func (a shareArm) counts() stats.Counts {
	return stats.Counts{Successes: a.Successes, Trials: a.Trials}
}

// shareArms are the two arms of a comparison of shares.
type shareArms struct {
	Control   shareArm `json:"control"`
	Treatment shareArm `json:"treatment"`
}

// meanArm is an arm of values: as n, mean and variance, as the values themselves, or as a share.
type meanArm struct {
	N         *int64    `json:"n" calc:"optional"`
	Mean      *float64  `json:"mean" calc:"optional"`
	Variance  *float64  `json:"variance" calc:"optional"`
	Values    []float64 `json:"values" calc:"optional"`
	Successes *int64    `json:"successes" calc:"optional"`
	Trials    *int64    `json:"trials" calc:"optional"`
}

// meanArms are the two arms of a comparison of means.
type meanArms struct {
	Control   meanArm `json:"control"`
	Treatment meanArm `json:"treatment"`
}

func (a meanArm) moments() (stats.Moments, error) {
	switch {
	case a.Values != nil:
		return stats.MomentsOf(a.Values), nil
	case a.Successes != nil && a.Trials != nil:
		if *a.Successes < 0 || *a.Trials < *a.Successes {
			return stats.Moments{}, Invalid("%d successes in %d trials", *a.Successes, *a.Trials)
		}
		return stats.Share(*a.Successes, *a.Trials), nil
	case a.N != nil && a.Mean != nil && a.Variance != nil:
		return stats.Moments{N: *a.N, Mean: *a.Mean, Variance: *a.Variance}, nil
	}
	return stats.Moments{}, Invalid("an arm needs n, mean and variance, or values, or successes and trials")
}

func (a meanArms) moments() (c, t stats.Moments, err error) {
	if c, err = a.Control.moments(); err != nil {
		return c, t, err
	}
	t, err = a.Treatment.moments()
	return c, t, err
}

// ratioArm is an arm of a ratio metric: moments, or one numerator and denominator per randomised unit.
type ratioArm struct {
	N               *int64    `json:"n" calc:"optional"`
	MeanNumerator   *float64  `json:"mean_numerator" calc:"optional"`
	MeanDenominator *float64  `json:"mean_denominator" calc:"optional"`
	VarNumerator    *float64  `json:"var_numerator" calc:"optional"`
	VarDenominator  *float64  `json:"var_denominator" calc:"optional"`
	Covariance      *float64  `json:"covariance" calc:"optional"`
	Numerator       []float64 `json:"numerator" calc:"optional"`
	Denominator     []float64 `json:"denominator" calc:"optional"`
}

func (a ratioArm) moments() (stats.RatioMoments, error) {
	if a.Numerator != nil || a.Denominator != nil {
		return stats.RatioMomentsOf(a.Numerator, a.Denominator)
	}
	if a.N == nil || a.MeanNumerator == nil || a.MeanDenominator == nil || a.VarNumerator == nil || a.VarDenominator == nil || a.Covariance == nil {
		return stats.RatioMoments{}, Invalid("an arm needs n, mean_numerator, mean_denominator, var_numerator, var_denominator and covariance, or numerator and denominator")
	}
	return stats.RatioMoments{
		N: *a.N, MeanNumerator: *a.MeanNumerator, MeanDenominator: *a.MeanDenominator,
		VarNumerator: *a.VarNumerator, VarDenominator: *a.VarDenominator, Covariance: *a.Covariance,
	}, nil
}

// ratioArms are the two arms of a comparison of ratio metrics.
type ratioArms struct {
	Control   ratioArm `json:"control"`
	Treatment ratioArm `json:"treatment"`
}

func (a ratioArms) moments() (c, t stats.RatioMoments, err error) {
	if c, err = a.Control.moments(); err != nil {
		return c, t, err
	}
	t, err = a.Treatment.moments()
	return c, t, err
}

// known is a result field: nil unless finite.
func known(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// orInfinite reads absent degrees of freedom as those of the normal distribution.
func orInfinite(df *float64) float64 {
	if df == nil {
		return math.Inf(1)
	}
	return *df
}
