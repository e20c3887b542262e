package calc

import (
	"vouch/internal/stats"
)

// referrerRow is what one randomised referrer did.
type referrerRow struct {
	Referrer   string  `json:"referrer"`
	Variant    string  `json:"variant"`
	Invited    int64   `json:"invited"`
	Converted  int64   `json:"converted"`
	LTV        float64 `json:"ltv"`
	RewardCost float64 `json:"reward_cost"`
}

// referrerRows are rows by arm: one per referrer.
type referrerRows []referrerRow

// arms checks the rows and splits them by variant.
func (rows referrerRows) arms() (c, t []referrerRow, err error) {
	seen := map[string]bool{}
	for i, r := range rows {
		switch {
		case seen[r.Referrer]:
			return nil, nil, Invalid("rows[%d]: referrer %q appears twice", i, r.Referrer)
		case r.Invited < 0 || r.Converted < 0 || r.Converted > r.Invited || r.RewardCost < 0:
			return nil, nil, Invalid("rows[%d]: invited %d, converted %d, reward_cost %g", i, r.Invited, r.Converted, r.RewardCost)
		}
		seen[r.Referrer] = true
		switch r.Variant {
		case "control":
			c = append(c, r)
		case "treatment":
			t = append(t, r)
		default:
			return nil, nil, Invalid("rows[%d]: variant %q is not control or treatment", i, r.Variant)
		}
	}
	return c, t, nil
}

// pairs are a numerator and a denominator per referrer of each arm.
func (rows referrerRows) pairs(pick func(referrerRow) (x, y float64)) (c, t stats.RatioMoments, err error) {
	control, treatment, err := rows.arms()
	if err != nil {
		return c, t, err
	}
	var out [2]stats.RatioMoments
	for i, arm := range [][]referrerRow{control, treatment} {
		var xs, ys []float64
		for _, r := range arm {
			x, y := pick(r)
			xs, ys = append(xs, x), append(ys, y)
		}
		if out[i], err = stats.RatioMomentsOf(xs, ys); err != nil {
			return c, t, err
		}
	}
	return out[0], out[1], nil
}

// referralMethods analyse referrers as randomised, zeros included.
func referralMethods() []Method {
	type question struct {
		Rows referrerRows `json:"rows"`
		options
	}
	ratio := func(pick func(referrerRow) (x, y float64)) func(question) (any, error) {
		return func(q question) (any, error) {
			c, t, err := q.Rows.pairs(pick)
			if err != nil {
				return nil, err
			}
			return stats.CompareRatios(c, t, q.level.level(), q.alternative(), stats.Welch)
		}
	}
	type cpa struct {
		Control   *ratioArm    `json:"control" calc:"optional"`
		Treatment *ratioArm    `json:"treatment" calc:"optional"`
		Rows      referrerRows `json:"rows" calc:"optional"`
		level
	}
	return []Method{
		method("referral.profit_per_referrer", "Difference in lifetime value less rewards per randomised referrer.", comparisonFields, func(q question) (any, error) {
			control, treatment, err := q.Rows.arms()
			if err != nil {
				return nil, err
			}
			var m [2]stats.Moments
			for i, arm := range [][]referrerRow{control, treatment} {
				var profit []float64
				for _, r := range arm {
					profit = append(profit, r.LTV-r.RewardCost)
				}
				m[i] = stats.MomentsOf(profit)
			}
			return stats.Welch(m[0], m[1], q.level.level(), q.alternative())
		}),
		method("referral.conversion_per_invite", "Difference in conversions per invite, by randomised referrer.", comparisonFields, ratio(func(r referrerRow) (x, y float64) {
			return float64(r.Converted), float64(r.Invited)
		})),
		method("referral.ltv_per_conversion", "Difference in lifetime value per conversion; descriptive, because who converts depends on the variant.", comparisonFields, ratio(func(r referrerRow) (x, y float64) {
			return r.LTV, float64(r.Converted)
		})),
		method("incremental_cpa.fieller", "What an additional customer cost, with Fieller's interval.", []string{"incremental_cost", "incremental_conversions", "estimate", "g", "bounded", "lower", "upper", "df", "reason"}, func(q cpa) (any, error) {
			var c, t stats.RatioMoments
			var err error
			switch {
			case q.Rows != nil:
				c, t, err = q.Rows.pairs(func(r referrerRow) (x, y float64) { return r.RewardCost, float64(r.Converted) })
			case q.Control != nil && q.Treatment != nil:
				c, t, err = ratioArms{*q.Control, *q.Treatment}.moments()
			default:
				err = Invalid("give control and treatment, or rows")
			}
			if err != nil {
				return nil, err
			}
			return stats.IncrementalCPA(c, t, q.level.level())
		}),
	}
}
