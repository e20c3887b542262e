package reportstest

import (
	"fmt"
	"math"

	"vouch/experiments"
	"vouch/referral"
	"vouch/reports"
)

// readInFull fills every part that the read-out of an experiment of two arms, none and ten, can have.
func readInFull(r *experiments.Result) {
	p := referral.Float
	r.Window, r.Families = "30d", experiments.Families{Primary: "holm", Secondary: "bh", Guardrail: "none"}
	r.Hygiene.UnknownUnits, r.Hygiene.EarlyOutcomes = 31, 7
	for i, day := range []string{"2026-07-01", "2026-07-02", "2026-07-03"} {
		r.SplitBy = append(r.SplitBy, experiments.SplitPart{By: "day", Key: day, Units: []int64{61 + int64(i), 64}, PValue: p(0.7 / float64(i+1)), AdjustedP: p(1)})
	}
	r.SplitBy = append(r.SplitBy,
		experiments.SplitPart{By: "stratum", Key: Hostile, Units: []int64{900, 610}, PValue: p(1e-9), AdjustedP: p(4e-9)},
		experiments.SplitPart{By: "stratum", Key: "empty", Units: []int64{0, 0}, Reason: referral.ReasonNoData})
	r.Stopping = &experiments.StoppingState{
		Rule: "group_sequential", Units: 10_000, Mature: 7771, Information: p(0.7771), Look: 3, Looks: 4, NextUnits: some[int64](10_000),
	}
	paid, complaints, revenue := &r.Metrics[0].Comparisons[0], &r.Metrics[1].Comparisons[0], &r.Metrics[2].Comparisons[0]
	r.Metrics[0].MeasuredIn, r.Metrics[1].MeasuredIn, r.Metrics[2].MeasuredIn = experiments.InShares, experiments.InShares, experiments.InMinor
	r.Metrics[1].LowerIsBetter = true
	before := Known(0.0288, 0.0126, 0.045)
	paid.Unadjusted, paid.VarianceReduction = &before, p(0.143)
	paid.Sequential = &experiments.Sequential{Rule: "group_sequential", Lo: p(0.0118), Hi: p(0.0484), Z: p(3.94), Critical: p(2.34), Crossed: true}
	paid.Belief = &experiments.Belief{Better: p(0.99996), LossShip: p(0.0000004), LossKeep: p(0.0301)}
	paid.Strata = strata()
	paid.Delayed = &experiments.Delayed{
		KaplanMeier: Known(0.0295, 0.0148, 0.0442), RestrictedMean: Known(-51_000, -82_000, -20_000), LogRank: p(0.0002), Naive: p(0.0262),
		Matured: p(0.0301), OpenControl: 202, OpenTreatment: 206,
	}
	complaints.Noninferiority = &experiments.Noninferiority{Margin: 0.01, PValue: p(0.000002), Limit: p(0.0045), Noninferior: some(true)}
	revenue.Ranks = &experiments.Ranks{Larger: p(0.523), PValue: p(0.0031)}
	revenue.Capped = &experiments.Capped{At: 60_000, Units: 14, Uncapped: Known(433, 60, 806)}
	revenue.Sequential = &experiments.Sequential{Rule: "group_sequential", Z: p(2.77), Critical: p(2.34), Crossed: true, Reason: referral.ReasonUnbounded}
	r.Metrics = append(r.Metrics,
		experiments.MetricResult{
			Name: "days_to_paid", Kind: "time_to_event", Role: "secondary", MeasuredIn: experiments.InSeconds, LowerIsBetter: true,
			Arms:        []experiments.ArmValue{{Variant: "none", Value: Known(2_300_000, 2_200_000, 2_400_000)}, {Variant: "ten", Value: Known(2_250_000, 2_150_000, 2_350_000)}},
			Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: Known(-50_000, -190_000, 90_000), Lift: Known(-0.02, -0.08, 0.04), PValue: p(0.48), AdjustedP: p(0.48), Decision: "unclear"}},
		},
		experiments.MetricResult{
			Name: "paid_per_invitee", Kind: "ratio", Role: "secondary", MeasuredIn: experiments.InRatio,
			Arms: []experiments.ArmValue{{Variant: "none", Value: Known(0.081, 0.077, 0.085)}, {Variant: "ten", Value: Known(0.097, 0.092, 0.102)}},
			Comparisons: []experiments.Comparison{{
				Arm: "ten", Control: "none", Effect: Known(0.016, 0.009, 0.023), Lift: referral.Estimate{Value: p(0.2), Lo: p(0.1), Reason: referral.ReasonUnbounded, Confidence: 0.95},
				PValue: p(0.00001), AdjustedP: p(0.00003), Decision: "better", Method: "delta_method",
			}},
		})
	long := Known(690, 150, 1230)
	r.Money = &experiments.Money{
		Arms: []experiments.ArmMoney{
			{Variant: "none", Contribution: Known(1448, 1312, 1584), Rewards: Known(0, 0, 0), Commission: Known(120, 110, 130), Other: p(0), Profit: Known(1328, 1200, 1456), Customers: Known(0.131, 0.12, 0.142)},
			{Variant: "ten", Contribution: Known(1990, 1830, 2150), Rewards: Known(158, 146, 170), Commission: Known(150, 139, 161), Other: p(12.5), Profit: Known(1669.5, 1510, 1829), Customers: Known(0.158, 0.146, 0.17)},
		},
		Comparisons: []experiments.MoneyComparison{{Arm: "ten", Control: "none", Profit: Known(341.5, 137, 546), IncrementalCPA: Known(7426, 4100, 19_800), LongRun: &long}},
	}
	r.Factorial = []experiments.Factorial{
		{Metric: "paid", Term: "referrer", Effect: Known(0.021, 0.004, 0.038), PValue: p(0.015)},
		{Metric: "paid", Term: "referee", Effect: Known(0.012, -0.005, 0.029), PValue: p(0.17)},
		{Metric: "paid", Term: "referrer × referee", Effect: Known(-0.003, -0.037, 0.031), PValue: p(0.86)},
	}
	r.Interference = &experiments.Interference{Referees: 20_411, TwoArms: 630, Randomised: 1200, CrossArm: 588, Warning: "3.1 % of referees were touched by two arms: the difference between them is drawn towards 0"}
	for d := range 30 {
		e, h := 0.004*math.Exp(-float64(d)/6), 0.0011
		r.Novelty = append(r.Novelty, experiments.NoveltyDay{Arm: "ten", Day: d, Units: 8000 - 40*int64(d), Effect: Known(e, e-h, e+h)})
	}
	r.Verdict.ValueMinor = Known(341.5, 137, 546)
	r.Verdict.MonthMinor, r.Verdict.UnitsPerMonth = Known(698_000, 280_000, 1_116_000), p(2044)
	r.Verdict.ProbabilityOfLoss, r.Verdict.ExpectedLossMinor = p(0.0005), p(37)
	r.Verdict.Rules = []experiments.Rule{
		{Name: "split", Passed: true, Detail: "the sample ratio holds, p = 0.78"},
		{Name: "primary_better", Arm: "ten", Passed: true, Detail: "paid is better at look 3 of 4"},
		{Name: "guardrails", Arm: "ten", Passed: true, Detail: "complaints is non-inferior to its margin of 1 pp"},
		{Name: "worth", Arm: "ten", Passed: false, Detail: "EUR 12500.50 was asked for"},
	}
	r.Verdict.Changes = []string{"complaints worse than 1 pp would stop it", "a reward of EUR 31.60 or more would eat the whole gain"}
	r.Verdict.MoreUnits, r.Verdict.MoreDays = some[int64](0), some[int64](0)
}

// strata is the effect in four strata, of which one is too small for a test.
func strata() *experiments.StrataResult {
	p := referral.Float
	out := &experiments.StrataResult{PostStratified: Known(0.0297, 0.0148, 0.0446), CMH: p(0.0001), Q: p(7.9), PValue: p(0.048), ISquared: p(0.62)}
	for i, key := range []string{"gold", Hostile, "北京"} {
		v := 0.01 + 0.02*float64(i)
		out.Parts = append(out.Parts, experiments.StratumEffect{
			Stratum: key, Control: int64(1900 - 400*i), Treatment: int64(1880 - 390*i), Effect: Known(v, v-0.02, v+0.02), PValue: p(0.2 / float64(i+1)), AdjustedP: p(0.4 / float64(i+1)),
		})
	}
	out.Parts = append(out.Parts, experiments.StratumEffect{Stratum: "new", Control: 3, Treatment: 2, Effect: referral.Undefined("few_units", "", 0.95)})
	return out
}

// Many returns a bundle of n experiments with all kinds of verdicts.
func Many(n int) *reports.Bundle {
	b := Rich()
	few := b.Experiments
	b.Experiments = nil
	for i := range n {
		x := few[i%len(few)]
		x.Name = fmt.Sprintf("%s_%02d", x.Name, i)
		if i%7 == 6 {
			x.Verdict.Action, x.Verdict.Arm = "stop", "ten"
		}
		b.Experiments = append(b.Experiments, x)
	}
	return b
}
