package funnel

import (
	"fmt"

	"vouch/internal/stats"
	"vouch/referral"
)

// groupCounts is what a group is judged by.
type groupCounts struct {
	entered   int64 // units that entered under the value
	converted int64 // of them complete on events with the value
	through   int64 // of them complete over all values
}

// reasonUnitsDiffer says that the units under one value are not among the units over all values.
const reasonUnitsDiffer = "units_differ"

// leastExpected is the expected count of a cell of the two by two table below which the exact test is taken.
// Source: Cochran (1954), Biometrics 10, 417–451.
const leastExpected = 5

// The names of the tests.
const (
	testFisher  = "fisher"
	testPooledZ = "z_pooled"
)

// nested reports whether the units counted under a value are among those counted over all values, so that the
// others are the rest. An exclusion that takes whole units away may spare one in its value alone; attempts
// split at other times when only one value's events are seen.
func (p *plan) nested() bool {
	switch p.attribution {
	case "first_touch", "last_touch":
		return true
	case "all":
		if p.totals {
			return false
		}
	case "step":
		if p.totals {
			return true
		}
	}
	for _, x := range p.exclusions {
		if x.policy != endAttempt {
			return false
		}
	}
	return true
}

// versusRest compares each group with the units that entered, but not under its value.
//
// Both sides count complete units over all values: where a unit may carry several, the funnel on the events of
// one value alone would be held to a stricter rule than the rest. Difference of shares with Newcombe's interval;
// two-sided p-value by Fisher's exact test where a cell of the table expects fewer than five units, else by the
// normal test with the pooled variance; adjusted by Benjamini and Hochberg over all groups that have a rest. A
// group is above or below when its adjusted p-value is at most 1 − level.
//
// Not Welch's test, which experiments use: a small group beside a large rest would be judged by the spread
// it happens to show, and with few conversions that is far too small (compare_test.go shows how much).
// Source: Newcombe (1998); Fisher (1935); Benjamini and Hochberg (1995); see package stats.
func versusRest(all stats.Counts, groups []groupCounts, level float64) ([]*Comparison, error) {
	out := make([]*Comparison, len(groups))
	var p []float64
	var tested []int
	for i, g := range groups {
		c, err := compare(all, g, level)
		if err != nil {
			return nil, err
		}
		if out[i] = c; c.PValue != nil {
			p, tested = append(p, *c.PValue), append(tested, i)
		}
	}
	if len(p) == 0 {
		return out, nil
	}
	adjusted, err := stats.BenjaminiHochberg(p)
	if err != nil {
		return nil, fmt.Errorf("comparison of groups: %w", err)
	}
	for k, i := range tested {
		c := out[i]
		c.AdjustedP = &adjusted[k]
		if d := c.Difference.Value; adjusted[k] <= 1-level && *d != 0 {
			c.Decision = "above"
			if *d < 0 {
				c.Decision = "below"
			}
		}
	}
	return out, nil
}

// compare sets one group against the rest, without the adjustment.
func compare(all stats.Counts, g groupCounts, level float64) (*Comparison, error) {
	out := &Comparison{
		Entered: g.entered, Converted: g.through, RestEntered: all.Trials - g.entered, RestConverted: all.Successes - g.through,
		Decision: "unclear", Difference: referral.Estimate{Confidence: level, Method: referral.MethodNewcombe},
	}
	rest, own := stats.Counts{Successes: out.RestConverted, Trials: out.RestEntered}, stats.Counts{Successes: out.Converted, Trials: out.Entered}
	d, err := stats.Newcombe(rest, own, level)
	if err != nil {
		return nil, fmt.Errorf("comparison of %d of %d with %d of %d: %w", own.Successes, own.Trials, rest.Successes, rest.Trials, err)
	}
	out.Difference.Value, out.Difference.Lo, out.Difference.Hi, out.Difference.Reason = d.Estimate, d.Lower, d.Upper, d.Reason
	if d.Reason != "" {
		return out, nil
	}
	test := stats.PooledZ
	if out.Test = testPooledZ; expected(all, g.entered) < leastExpected {
		test, out.Test = stats.Fisher, testFisher
	}
	p, err := test(rest, own, stats.TwoSided)
	out.PValue = p.PValue
	return out, err
}

// expected is the smallest count that a cell of the table of a group and its rest expects if both convert alike.
func expected(all stats.Counts, entered int64) float64 {
	row, column := min(entered, all.Trials-entered), min(all.Successes, all.Trials-all.Successes)
	return float64(row) * float64(column) / float64(all.Trials)
}

// notCompared stands where a group has no rest by the options.
func notCompared(g groupCounts, level float64) *Comparison {
	return &Comparison{
		Entered: g.entered, Converted: g.converted, Decision: "unclear",
		Difference: referral.Undefined(reasonUnitsDiffer, referral.MethodNewcombe, level),
	}
}

// shrunkRates pulls the conversion rate of each group towards those of all, by a beta prior fitted to them: a
// group of three with three conversions is judged mostly by what groups are like. Groups that differ no more than chance
// makes them all have the rate of the pool, with its Wilson interval. Fewer than three say nothing of their spread.
func shrunkRates(groups []groupCounts, level float64) ([]*referral.Estimate, string, error) {
	counts := make([]stats.Counts, len(groups))
	var pool stats.Counts
	for i, g := range groups {
		counts[i] = stats.Counts{Successes: g.converted, Trials: g.entered}
		pool.Successes += g.converted
		pool.Trials += g.entered
	}
	prior, err := stats.FitBetaBinomial(counts)
	if err != nil {
		return nil, "", fmt.Errorf("shrunk rates: %w", err)
	}
	out := make([]*referral.Estimate, len(groups))
	for i, c := range counts {
		e := referral.Estimate{Confidence: level, Method: referral.MethodBetaBinomial, Numerator: referral.Whole(c.Successes), Denominator: referral.Whole(c.Trials)}
		switch prior.Reason {
		case "":
			s, err := stats.BetaBinomial(*prior.Alpha, *prior.Beta, c, level)
			if err != nil {
				return nil, "", fmt.Errorf("shrunk rates: %w", err)
			}
			e.Value, e.Lo, e.Hi = referral.Float(s.Value), referral.Float(s.Lower), referral.Float(s.Upper)
		case stats.ReasonNoOverdispersion:
			e = rate(pool.Successes, pool.Trials, level)
		default:
			e.Reason = prior.Reason
		}
		out[i] = &e
	}
	return out, prior.Reason, nil
}
