package calc

import (
	"errors"

	"vouch/internal/stats"
	"vouch/referral"
)

// interval is an estimate with limits.
type interval struct {
	Estimate *float64 `json:"estimate"`
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
	Reason   string   `json:"reason,omitempty"`
}

type shareQuestion struct {
	shareArm
	level
}

type sharesQuestion struct {
	shareArms
	level
}

type sharesTest struct {
	shareArms
	Alternative string `json:"alternative" calc:"optional"`
}

type sharesOptions struct {
	shareArms
	options
}

var (
	intervalFields   = []string{"estimate", "lower", "upper", "reason"}
	differenceFields = []string{"control", "treatment", "estimate", "lower", "upper", "reason"}
	testFields       = []string{"statistic", "p_value", "reason"}
	chiSquareFields  = []string{"statistic", "df", "p_value", "reason"}
	comparisonFields = []string{"control", "treatment", "estimate", "se", "df", "statistic", "p_value", "lower", "upper", "reason"}
)

// proportionMethods are about one and two shares.
func proportionMethods() []Method {
	var out []Method
	for _, m := range []struct {
		name, doc string
		f         func(hits, n int64, level float64) (lo, hi float64, err error)
	}{
		{"wald", "Textbook interval of a share.", stats.WaldInterval},
		{"wilson", "Score interval of a share.", stats.WilsonInterval},
		{"wilson_cc", "Score interval of a share with continuity correction.", stats.WilsonCCInterval},
		{"clopper_pearson", "Exact interval of a share.", stats.ClopperPearsonInterval},
		{"jeffreys", "Bayesian interval of a share under Jeffreys' prior.", stats.JeffreysInterval},
		{"agresti_coull", "Wald's interval of a share around the score centre.", stats.AgrestiCoullInterval},
		{"mid_p", "Mid-p interval of a share.", stats.MidPInterval},
	} {
		out = append(out, method("proportion.interval."+m.name, m.doc, intervalFields, func(q shareQuestion) (any, error) {
			lo, hi, err := m.f(q.Successes, q.Trials, q.level.level())
			if errors.Is(err, stats.ErrNoData) {
				return interval{Reason: referral.ReasonNoData}, nil
			}
			if err != nil {
				return nil, err
			}
			return interval{Estimate: known(float64(q.Successes) / float64(q.Trials)), Lower: &lo, Upper: &hi}, nil
		}))
	}
	for _, m := range []struct {
		name, doc string
		f         func(c, t stats.Counts, level float64) (stats.ShareDifference, error)
	}{
		{"wald", "Difference of two shares with the textbook interval.", stats.WaldDifference},
		{"newcombe", "Difference of two shares with the hybrid score interval.", stats.Newcombe},
		{"newcombe_cc", "Difference of two shares with the continuity-corrected hybrid score interval.", stats.NewcombeCC},
		{"agresti_caffo", "Difference of two shares with one success and one failure added to each arm.", stats.AgrestiCaffo},
		{"mee", "Difference of two shares with the score interval.", stats.Mee},
		{"miettinen_nurminen", "Difference of two shares with the score interval and its small-sample factor.", stats.MiettinenNurminen},
	} {
		out = append(out, method("proportion.difference."+m.name, m.doc, differenceFields, func(q sharesQuestion) (any, error) {
			return m.f(q.Control.counts(), q.Treatment.counts(), q.level.level())
		}))
	}
	for _, m := range []struct {
		name, doc string
		f         func(c, t stats.Counts, level float64) (stats.ShareRatio, error)
	}{
		{"katz_log", "Ratio of two shares with the interval on the logarithm.", stats.KatzLog},
		{"koopman", "Ratio of two shares with the score interval.", stats.Koopman},
	} {
		out = append(out, method("proportion.ratio."+m.name, m.doc, differenceFields, func(q sharesQuestion) (any, error) {
			return m.f(q.Control.counts(), q.Treatment.counts(), q.level.level())
		}))
	}
	return append(append(out, shareTests()...), shareMeans()...)
}

// shareTests are the tests of two shares.
func shareTests() []Method {
	table := func(q shareArms) [][]int64 {
		return [][]int64{{q.Control.Successes, q.Control.Trials - q.Control.Successes}, {q.Treatment.Successes, q.Treatment.Trials - q.Treatment.Successes}}
	}
	// A table without successes or without failures has no variance; one without trials no data.
	independence := func(f func([][]int64) (stats.ChiSquare, error)) func(sharesTest) (any, error) {
		return func(q sharesTest) (any, error) {
			r, err := f(table(q.shareArms))
			if err == nil && r.Reason != "" && q.Control.Trials > 0 && q.Treatment.Trials > 0 {
				r.Reason = referral.ReasonZeroVariance
			}
			return r, err
		}
	}
	pair := func(f func(c, t stats.Counts, alt stats.Alternative) (stats.Test, error)) func(sharesTest) (any, error) {
		return func(q sharesTest) (any, error) {
			return f(q.Control.counts(), q.Treatment.counts(), stats.Alternative(q.Alternative))
		}
	}
	return []Method{
		method("proportion.test.z_pooled", "Normal test of two shares with the pooled variance.", testFields, pair(stats.PooledZ)),
		method("proportion.test.fisher", "Exact test of two shares given both margins.", []string{"p_value", "reason"}, pair(stats.Fisher)),
		method("proportion.test.barnard", "Exact test of two shares by the pooled normal statistic, no margins given.", testFields, pair(stats.Barnard)),
		method("proportion.test.boschloo", "Exact test of two shares by Fisher's p-value as the statistic, no margins given.", []string{"p_value", "reason"}, pair(stats.Boschloo)),
		method("proportion.test.pearson", "Chi-square test of two shares without continuity correction.", chiSquareFields, independence(stats.PearsonTest)),
		method("proportion.test.g", "Likelihood-ratio test of two shares.", chiSquareFields, independence(stats.GTest)),
	}
}

// shareMeans treat shares as means with variance p(1−p).
func shareMeans() []Method {
	arms := func(q shareArms) (c, t stats.Moments, err error) {
		for _, a := range []shareArm{q.Control, q.Treatment} {
			if a.Successes < 0 || a.Trials < a.Successes {
				return c, t, Invalid("%d successes in %d trials", a.Successes, a.Trials)
			}
		}
		return stats.Share(q.Control.Successes, q.Control.Trials), stats.Share(q.Treatment.Successes, q.Treatment.Trials), nil
	}
	return []Method{
		method("proportion.difference.welch", "Difference of two shares by Welch's test.", comparisonFields, func(q sharesOptions) (any, error) {
			c, t, err := arms(q.shareArms)
			if err != nil {
				return nil, err
			}
			return stats.Welch(c, t, q.level.level(), q.alternative())
		}),
		method("proportion.lift.delta", "Relative difference of two shares by the delta method.", liftDeltaFields, func(q sharesOptions) (any, error) {
			c, t, err := arms(q.shareArms)
			if err != nil {
				return nil, err
			}
			return stats.LiftDelta(c, t, q.level.level(), q.alternative())
		}),
		method("proportion.lift.fieller", "Relative difference of two shares with Fieller's interval.", liftFiellerFields, func(q sharesQuestion) (any, error) {
			c, t, err := arms(q.shareArms)
			if err != nil {
				return nil, err
			}
			return stats.LiftFiellerNormal(c, t, q.level.level())
		}),
	}
}

type tableQuestion struct {
	Table [][]int64 `json:"table"`
}

type srmQuestion struct {
	Observed []int64   `json:"observed"`
	Weights  []float64 `json:"weights"`
}

// contingencyMethods are about tables of counts and planned shares.
func contingencyMethods() []Method {
	return []Method{
		method("contingency.test.pearson", "Whether rows and columns of a table of counts are independent.", chiSquareFields, func(q tableQuestion) (any, error) {
			return stats.PearsonTest(q.Table)
		}),
		method("srm.chi_square", "Whether units arrived in the planned shares.", chiSquareFields, func(q srmQuestion) (any, error) {
			return stats.SRM(q.Observed, q.Weights)
		}),
		method("srm.exact_binomial", "Whether units of two arms arrived in the planned shares, exactly.", []string{"p_value", "reason"}, func(q srmQuestion) (any, error) {
			if len(q.Observed) != 2 || len(q.Weights) != 2 {
				return nil, Invalid("two counts and two weights are needed")
			}
			return stats.SRMExact([2]int64(q.Observed), [2]float64(q.Weights))
		}),
	}
}
