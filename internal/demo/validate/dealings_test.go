package validate

import (
	"encoding/json"

	"vouch/experiments"
	"vouch/referral"
)

// arms is a plan of k equal variants.
func arms(k int) (control string, weights map[string]json.Number) {
	weights = map[string]json.Number{}
	for i := range k {
		weights["v"+string(rune('0'+i))] = "1"
	}
	return "v0", weights
}

// demoDealings are referrers and their invitees' purchases with every kind of metric, and few of them.
func demoDealings() []dealing {
	control, weights := arms(2)
	base := experiments.Definition{
		Name: "dealt", Unit: experiments.UnitReferrer, Control: control, Weights: weights, Window: 30 * referral.DayLen,
		Rewards: map[string]int64{"v0": 500, "v1": 500},
	}
	signUps := &experiments.Part{Event: "signed_up"}
	many := base
	many.Metrics = []experiments.Metric{
		{Name: "share", Kind: experiments.KindProportion, Event: "purchase", Role: experiments.RolePrimary},
		{Name: "mean", Kind: experiments.KindMean, Event: "purchase", Value: experiments.ValueAmount},
		{Name: "capped mean", Kind: experiments.KindMean, Event: "purchase", Value: experiments.ValueAmount, Cap: &experiments.Cap{Quantile: 0.99}},
		{Name: "ratio", Kind: experiments.KindRatio, Event: "purchase", Value: experiments.ValueCount, Per: signUps},
		{Name: "median", Kind: experiments.KindQuantile, Quantile: 0.5, Event: "purchase", Value: experiments.ValueAmount},
		{Name: "time", Kind: experiments.KindTimeToEvent, Event: "purchase"},
		{Name: "sign-ups", Kind: experiments.KindMean, Event: "signed_up", Value: experiments.ValueCount, Role: experiments.RoleGuardrail},
	}
	few := base
	few.Metrics = []experiments.Metric{
		{Name: "ratio", Kind: experiments.KindRatio, Event: "purchase", Value: experiments.ValueCount, Per: signUps, Role: experiments.RolePrimary},
	}
	return []dealing{
		{name: "demo, referrers", experiment: "reward", sizes: equal(2), def: many},
		{
			name: "demo, 30 referrers with most sign-ups", experiment: "reward", sizes: equal(2), def: few,
			condition: `AND unit_id IN (SELECT x.unit_id FROM exposures AS x JOIN persons AS r ON r.person_id = x.unit_id
JOIN persons AS p ON p.referrer_key = r.person_key JOIN event_facts AS e ON e.person_key = p.person_key JOIN event_names AS n ON n.event_key = e.event_key
WHERE x.experiment = 'reward' AND x.exposed_at < TIMESTAMP '2026-08-01' AND n.event = 'signed_up'
AND e.occurred_at BETWEEN x.exposed_at AND x.exposed_at + INTERVAL 30 DAY
GROUP BY x.unit_id ORDER BY count(*) DESC, x.unit_id LIMIT 30)`,
		},
	}
}

// hillstromDealing deals the customers of the public e-mail test to three variants.
func hillstromDealing() dealing {
	control, weights := arms(3)
	visits, purchases := &experiments.Part{Event: "visit"}, &experiments.Part{Event: "purchase"}
	return dealing{name: "hillstrom", experiment: "mailing", sizes: equal(3), def: experiments.Definition{
		Name: "dealt", Control: control, Weights: weights, Window: 14 * referral.DayLen, Strata: "stratum",
		Cuped: experiments.Cuped{Before: 365 * referral.DayLen}, Multiplicity: experiments.Multiplicity{Primary: "dunnett"},
		Metrics: []experiments.Metric{
			{Name: "share", Kind: experiments.KindProportion, Event: "visit", Role: experiments.RolePrimary},
			{Name: "CUPED mean", Kind: experiments.KindMean, Event: "purchase", Value: experiments.ValueAmount, Role: experiments.RolePrimary},
			{Name: "capped mean", Kind: experiments.KindMean, Event: "purchase", Value: experiments.ValueAmount, Cap: &experiments.Cap{Quantile: 0.998}},
			{Name: "ratio", Kind: experiments.KindRatio, Event: "purchase", Value: experiments.ValueAmount, Per: visits},
			{Name: "CUPED ratio", Kind: experiments.KindRatio, Event: "purchase", Value: experiments.ValueAmount, Per: purchases},
			{Name: "median", Kind: experiments.KindQuantile, Quantile: 0.5, Event: "purchase", Value: experiments.ValueAmount},
			{Name: "buyers", Kind: experiments.KindProportion, Event: "purchase", Role: experiments.RoleGuardrail},
		},
	}}
}
