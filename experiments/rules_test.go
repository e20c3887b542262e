package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"vouch/referral"
)

// trial is a judgement of 400 units an arm that arrived over ten days: ten is better on paid, harms nothing, and each
// person brings 30 minor units more, give or take 10.
func trial() judgement {
	def := rewardDefinition("none", "ten")
	def.Rewards["ten"] = 50
	res := &Result{Unit: UnitPerson, Currency: "EUR", Confidence: 0.95, SRM: SRM{PValue: referral.Float(1)}, Hygiene: Hygiene{Exposures: 800, Immature: 40}}
	j := judgement{def: def, res: res, seconds: 10 * day, gains: map[string]gain{"ten": gainOf(30, 10)}}
	for i, paid := range []int64{40, 80} {
		a := moneyArm([]string{"none", "ten"}[i])
		rows := make([]moneyRow, 400)
		for k := range paid {
			rows[k] = moneyRow{contribution: 1000, rewards: 50 * int64(i), customers: 1}
		}
		a = moneyArm(a.name, rows...)
		ones := func(n int64) outcome {
			values := make([]int64, 400)
			for k := range n {
				values[k] = 1
			}
			o := outcome{joint: jointOf(values)}
			o.Moments, _ = o.joint.moments(0)
			return o
		}
		a.metrics = []outcome{ones(paid), ones(4)}
		j.arms = append(j.arms, a)
		res.Arms = append(res.Arms, Arm{Variant: a.name, N: a.n, Mature: a.mature, Share: 0.5})
	}
	res.Metrics = []MetricResult{
		{Name: "paid", Kind: KindProportion, Role: RolePrimary, MeasuredIn: InShares, Comparisons: []Comparison{comparisonOf(DecisionBetter, 0.1)}},
		{Name: "refunded", Kind: KindProportion, Role: RoleGuardrail, MeasuredIn: InShares, LowerIsBetter: true, Comparisons: []Comparison{comparisonOf(DecisionUnclear, 0)}},
	}
	return j
}

func gainOf(value, se float64) gain {
	return gain{Estimate: referral.Estimate{Value: &value, Lo: referral.Float(value - 1.96*se), Hi: referral.Float(value + 1.96*se), Confidence: 0.95, Method: referral.MethodWelch}, se: &se}
}

func comparisonOf(decision string, effect float64) Comparison {
	return Comparison{
		Arm: "ten", Control: "none", Decision: decision, PValue: referral.Float(0.01), AdjustedP: referral.Float(0.02),
		Effect: referral.Estimate{Value: &effect, Lo: referral.Float(effect - 0.02), Hi: referral.Float(effect + 0.02)},
	}
}

// withMargin is a guardrail that has a margin of 0.03, with the limit of its loss where the data leave it.
func withMargin(noninferior bool, effect, limit float64) Comparison {
	c := comparisonOf(DecisionUnclear, effect)
	c.Noninferiority = &Noninferiority{Margin: 0.03, Limit: &limit, Noninferior: &noninferior}
	return c
}

// Every rule by itself: what makes it fail, what follows, and what the reader is told.
func TestVerdict_rules(t *testing.T) {
	unknown := gain{Estimate: referral.Undefined(referral.ReasonNoRevenue, referral.MethodWelch, 0.95)}
	for _, c := range []struct {
		name   string
		change func(j *judgement)
		action string
		failed []string // rules
		reason string   // a part
	}{
		{"all pass", func(*judgement) {}, ActionShip, nil, "ten: better on paid, no guardrail worse."},
		{"no guardrail", func(j *judgement) { j.res.Metrics = j.res.Metrics[:1]; j.def.Metrics = j.def.Metrics[:1] }, ActionShip, nil, "ten: better on paid, no guardrail was set."},
		{"worse within the margin", func(j *judgement) {
			j.res.Metrics[1].Comparisons[0] = withMargin(true, -0.01, -0.02)
			j.res.Metrics[1].Comparisons[0].Decision = DecisionWorse
		}, ActionShip, nil, "ten: better on paid, no guardrail worse than its margin allows."},
		{"counted elsewhere", func(j *judgement) { j.def.Source = SourceSummary; j.res.Hygiene.TwoVariants = 500 }, ActionShip, nil, ""},
		{"the split", func(j *judgement) { j.res.SRM.PValue = referral.Float(0.0009) }, ActionInvalid, []string{"split"}, "below 0.001"},
		{"the split at its limit", func(j *judgement) { j.res.SRM.PValue = referral.Float(0.001) }, ActionShip, nil, ""},
		{"the split at a limit of one's own", func(j *judgement) { j.res.SRM.PValue = referral.Float(0.004); j.def.Decide.SRM = 0.005 }, ActionInvalid, []string{"split"}, "below 0.005"},
		{"a stratum", func(j *judgement) {
			j.res.SplitBy = []SplitPart{{By: "stratum", Key: "new", Units: []int64{200, 90}, AdjustedP: referral.Float(1e-6)}, {By: "stratum", Key: "old", Units: []int64{200, 310}, AdjustedP: referral.Float(1e-5)}}
		}, ActionInvalid, []string{"split by stratum"}, "in stratum new: none 200, ten 90 units"},
		{"a day decides nothing", func(j *judgement) {
			j.res.SplitBy = []SplitPart{{By: "day", Key: "2026-03-01", Units: []int64{90, 10}, AdjustedP: referral.Float(1e-9)}}
		}, ActionShip, nil, ""},
		{"two variants", func(j *judgement) { j.res.Hygiene.TwoVariants = 43 }, ActionInvalid, []string{"two variants"}, "43 of 843 units saw two variants, more than 5 %"},
		{"two variants at the limit", func(j *judgement) { j.res.Hygiene.TwoVariants = 42 }, ActionShip, nil, ""},
		{"two variants by a limit of one's own", func(j *judgement) { j.res.Hygiene.TwoVariants = 42; j.def.Decide.MixedShare = 0.01 }, ActionInvalid, []string{"two variants"}, "more than 1 %"},
		{"unknown variants", func(j *judgement) { j.res.Hygiene.UnknownVariants = 41 }, ActionInvalid, []string{"unknown variants"}, "41 of 800 exposures name a variant"},
		{"unknown variants at the limit", func(j *judgement) { j.res.Hygiene.UnknownVariants = 40 }, ActionShip, nil, ""},
		{"six units", func(j *judgement) { j.arms[1].n = 6 }, ActionShip, nil, ""},
		{"five units", func(j *judgement) { j.arms[1].n = 5 }, ActionInvalid, []string{"enough units"}, "ten has 5 units: below 6"},
		{"an arm of weight 0 needs none", func(j *judgement) { j.arms[1].n, j.arms[1].weight = 0, 0 }, ActionShip, nil, ""},
		{"not finished", func(j *judgement) { j.res.Stopping = &StoppingState{Rule: RuleFixed, Units: 2000, Mature: 800} }, ActionHold, []string{"finished"}, "800 of 2,000 planned units have a closed window. Nothing is decided before."},
		{"finished", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleFixed, Units: 800, Mature: 800, Final: true}
		}, ActionShip, nil, ""},
		{"before the first look", func(j *judgement) {
			next := int64(1000)
			j.res.Stopping = &StoppingState{Rule: RuleGroupSequential, Units: 2000, Mature: 800, Looks: 2, NextUnits: &next}
		}, ActionHold, []string{"look"}, "The first of 2 looks is due at 1,000 units"},
		{"at a look", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleGroupSequential, Units: 1600, Mature: 800, Look: 1, Looks: 2}
		}, ActionShip, nil, ""},
		{"beyond the boundary", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleGroupSequential, Units: 1600, Mature: 800, Look: 1, Looks: 2}
			j.res.Metrics[0].Comparisons[0].Sequential = &Sequential{Z: referral.Float(4.8), Critical: referral.Float(2.963), Crossed: true}
		}, ActionShip, nil, ""},
		{"within the boundary", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleAlwaysValid, Units: 1600, Mature: 800}
			j.res.Metrics[0].Comparisons[0].Decision = DecisionUnclear
			j.res.Metrics[0].Comparisons[0].Sequential = &Sequential{Z: referral.Float(-2.5), Critical: referral.Float(2.963)}
		}, ActionHold, []string{ruleBetter, ruleBoundary}, "no clear effect"},
		{"without a boundary", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleMSPRT, Units: 1600, Mature: 800}
			j.res.Metrics[0].Comparisons[0].Decision = DecisionUnclear
			j.res.Metrics[0].Comparisons[0].Sequential = &Sequential{Reason: referral.ReasonZeroVariance}
		}, ActionHold, []string{ruleBetter, ruleBoundary}, "no clear effect"},
		{"any look", func(j *judgement) { j.res.Stopping = &StoppingState{Rule: RuleAlwaysValid, Units: 1600, Mature: 800} }, ActionShip, nil, ""},
		{"worse on the primary metric", func(j *judgement) { j.res.Metrics[0].Comparisons[0] = comparisonOf(DecisionWorse, -0.1) }, ActionStop, []string{ruleHarm, ruleBetter}, "ten: worse on paid."},
		{"a guardrail worse", func(j *judgement) { j.res.Metrics[1].Comparisons[0] = comparisonOf(DecisionWorse, 0.1) }, ActionStop, []string{"guardrail refunded"}, "ten: worse on refunded."},
		{"a guardrail not measured", func(j *judgement) { j.res.Metrics[1].Comparisons[0].Effect = referral.Undefined("", "", 0.95) }, ActionHold, []string{"guardrail refunded"}, "but refunded is not measured."},
		{"a guardrail within its margin", func(j *judgement) { j.res.Metrics[1].Comparisons[0] = withMargin(true, 0, 0.02) }, ActionShip, nil, ""},
		{"a loss that is certain but within the margin", func(j *judgement) {
			j.res.Metrics[1].Comparisons[0] = withMargin(true, 0.025, 0.029)
			j.res.Metrics[1].Comparisons[0].Decision = DecisionWorse
		}, ActionShip, nil, ""},
		{"a guardrail that may be beyond its margin", func(j *judgement) { j.res.Metrics[1].Comparisons[0] = withMargin(false, 0.02, 0.04) }, ActionHold, []string{"guardrail refunded"}, "but refunded is not shown to stay within its margin of 3 percentage points."},
		{"a guardrail that is worse, but perhaps within its margin", func(j *judgement) {
			j.res.Metrics[1].Comparisons[0] = withMargin(false, 0.04, 0.06)
			j.res.Metrics[1].Comparisons[0].Decision = DecisionWorse
		}, ActionHold, []string{"guardrail refunded"}, "not shown to stay within"},
		{"a guardrail beyond its margin", func(j *judgement) { j.res.Metrics[1].Comparisons[0] = withMargin(false, 0.06, 0.08) }, ActionStop, []string{"guardrail refunded"}, "ten: worse on refunded."},
		{"beyond, but not by the limits that hold under looks", func(j *judgement) {
			c := withMargin(false, 0.06, 0.08)
			c.Sequential = &Sequential{Lo: referral.Float(0), Hi: referral.Float(0.12)}
			j.res.Metrics[1].Comparisons[0] = c
		}, ActionHold, []string{"guardrail refunded"}, "not shown to stay within"},
		{"a margin where more is better", func(j *judgement) {
			j.res.Metrics[1].LowerIsBetter = false
			j.res.Metrics[1].Comparisons[0] = withMargin(false, -0.06, -0.08)
		}, ActionStop, []string{"guardrail refunded"}, "ten: worse on refunded."},
		{"no clear effect", func(j *judgement) { j.res.Metrics[0].Comparisons[0] = comparisonOf(DecisionUnclear, 0.01) }, ActionHold, []string{ruleBetter}, "ten: no clear effect on paid."},
		{"a loss", func(j *judgement) { j.gains["ten"] = gainOf(-30, 10) }, ActionHold, []string{ruleValue}, "after its cost it is worth EUR −0.30 per person (−0.50 to −0.10): each one loses money."},
		{"a value of nothing", func(j *judgement) { j.gains["ten"] = gainOf(0, 10) }, ActionHold, []string{ruleValue}, "the value is not clear"},
		{"no money", func(j *judgement) { j.gains["ten"] = unknown }, ActionShip, nil, ""},
		{"a value that may be nothing", func(j *judgement) { j.gains["ten"] = gainOf(15, 10) }, ActionShip, nil, "not yet told apart from 0"},
		// Φ(−3) = 0.00135, Φ(−1.5) = 0.0668.
		{"a probability of loss that is small enough", func(j *judgement) { j.def.Decide.MaxLoss = referral.Float(0.0014) }, ActionShip, nil, ""},
		{"a probability of loss that is too large", func(j *judgement) { j.def.Decide.MaxLoss = referral.Float(0.05); j.gains["ten"] = gainOf(15, 10) }, ActionHold, []string{ruleLoss}, "the probability that it loses money is 0.067, above 0.05"},
		{"a probability of loss that is not known", func(j *judgement) { j.def.Decide.MaxLoss = referral.Float(0.05); j.gains["ten"] = unknown }, ActionHold, []string{ruleLoss}, "cannot be reckoned"},
		{"two reasons to hold", func(j *judgement) {
			j.gains["ten"] = gainOf(-30, 10)
			j.res.Metrics[1].Comparisons[0].Effect = referral.Undefined("", "", 0.95)
		}, ActionHold, []string{"guardrail refunded", ruleValue}, "but refunded is not measured, and after its cost it is worth"},
	} {
		j := trial()
		c.change(&j)
		v, err := j.verdict()
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var failed []string
		for _, r := range v.Rules {
			if !r.Passed {
				failed = append(failed, r.Name)
			}
			if r.Detail == "" {
				t.Errorf("%s: rule %s says nothing", c.name, r.Name)
			}
		}
		if v.Action != c.action || !slices.Equal(failed, c.failed) || !strings.Contains(v.Reason, c.reason) {
			t.Errorf("%s: %s, failed %v, %q", c.name, v.Action, failed, v.Reason)
		}
		if (v.Arm == "") != (v.Action == ActionInvalid) {
			t.Errorf("%s: arm %q", c.name, v.Arm)
		}
	}
}

// Every combination of what the rules may find, against the rules as docs/statistics.md tells them: invalid beats
// everything, nothing is decided before the plan says so, a harmed guardrail never ships, and what ships has passed every rule.
func TestVerdict_exhaustive(t *testing.T) {
	values := map[string]gain{"gain": gainOf(30, 10), "loss": gainOf(-30, 10), "maybe": gainOf(5, 10), "unknown": {Estimate: referral.Undefined(referral.ReasonNoRevenue, "", 0.95)}}
	guards := map[string]Comparison{
		"fine": comparisonOf(DecisionUnclear, 0), "worse": comparisonOf(DecisionWorse, 0.1), "unmeasured": {Decision: DecisionUnclear},
		"inside": withMargin(true, 0, 0.02), "open": withMargin(false, 0.02, 0.04), "beyond": withMargin(false, 0.06, 0.08),
	}
	limit := 0.05
	n := 0
	for _, broken := range []bool{false, true} {
		for _, waiting := range []bool{false, true} {
			for _, primary := range []string{DecisionBetter, DecisionWorse, DecisionUnclear} {
				for guard, g := range guards {
					for value, gn := range values {
						for _, max := range []*float64{nil, &limit} {
							j := trial()
							if broken {
								j.res.SRM.PValue = referral.Float(1e-9)
							}
							if waiting {
								j.res.Stopping = &StoppingState{Rule: RuleFixed, Units: 5000, Mature: 800}
							}
							j.res.Metrics[0].Comparisons[0] = comparisonOf(primary, 0.1)
							j.res.Metrics[1].Comparisons[0] = g
							j.gains["ten"], j.def.Decide.MaxLoss = gn, max
							want := ActionHold
							switch {
							case broken:
								want = ActionInvalid
							case waiting:
							case primary == DecisionWorse || guard == "worse" || guard == "beyond":
								want = ActionStop
							case primary == DecisionBetter && (guard == "fine" || guard == "inside") && value != "loss" && (max == nil || value == "gain"):
								want = ActionShip
							}
							v, err := j.verdict()
							if err != nil {
								t.Fatal(err)
							}
							where := fmt.Sprintf("broken %v, waiting %v, primary %s, guardrail %s, value %s, limit %v", broken, waiting, primary, guard, value, max != nil)
							if v.Action != want {
								t.Errorf("%s: %s, want %s (%s)", where, v.Action, want, v.Reason)
							}
							if failed := slices.ContainsFunc(v.Rules, func(r Rule) bool { return !r.Passed }); failed == (v.Action == ActionShip) {
								t.Errorf("%s: %s, with the rules %+v", where, v.Action, v.Rules)
							}
							if v.Reason == "" || v.Rules == nil || v.Changes == nil {
								t.Errorf("%s: %+v", where, v)
							}
							n++
						}
					}
				}
			}
		}
	}
	if n != 576 {
		t.Errorf("%d combinations", n)
	}
}

// Several arms: each has its rules; of those that ship the richest does, and one that may go on keeps the others from stopping all.
func TestVerdict_severalArms(t *testing.T) {
	three := func() judgement {
		j := trial()
		j.def.Control, j.def.Weights = even("none", "ten", "vip")
		vip := j.arms[1]
		vip.name = "vip"
		j.arms = append(j.arms, vip)
		j.res.Arms = append(j.res.Arms, Arm{Variant: "vip", N: 400, Mature: 400})
		for i := range j.res.Metrics {
			c := j.res.Metrics[i].Comparisons[0]
			c.Arm = "vip"
			j.res.Metrics[i].Comparisons = append(j.res.Metrics[i].Comparisons, c)
		}
		j.gains["vip"] = gainOf(20, 10)
		return j
	}
	for _, c := range []struct {
		name        string
		change      func(j *judgement)
		action, arm string
	}{
		{"the richest of two", func(*judgement) {}, ActionShip, "ten"},
		{"the richest, though its effect is smaller", func(j *judgement) { j.res.Metrics[0].Comparisons[1] = armComparison("vip", DecisionBetter, 0.3) }, ActionShip, "ten"},
		{"the larger effect where a value is not known", func(j *judgement) {
			j.res.Metrics[0].Comparisons[1] = armComparison("vip", DecisionBetter, 0.3)
			j.gains["vip"] = gain{Estimate: referral.Undefined("", "", 0.95)}
		}, ActionShip, "vip"},
		{"one stops, the other ships", func(j *judgement) { j.res.Metrics[0].Comparisons[0] = armComparison("ten", DecisionWorse, -0.1) }, ActionShip, "vip"},
		{"one stops, the other is open", func(j *judgement) {
			j.res.Metrics[0].Comparisons[0] = armComparison("ten", DecisionWorse, -0.1)
			j.res.Metrics[0].Comparisons[1] = armComparison("vip", DecisionUnclear, 0.01)
		}, ActionHold, "vip"},
		{"both stop", func(j *judgement) {
			j.res.Metrics[0].Comparisons[0] = armComparison("ten", DecisionWorse, -0.1)
			j.res.Metrics[0].Comparisons[1] = armComparison("vip", DecisionWorse, -0.05)
		}, ActionStop, "vip"},
	} {
		j := three()
		c.change(&j)
		v, err := j.verdict()
		if err != nil || v.Action != c.action || v.Arm != c.arm {
			t.Errorf("%s: %s %s, %v", c.name, v.Action, v.Arm, err)
		}
		for _, a := range []string{"ten", "vip"} {
			if !slices.ContainsFunc(v.Rules, func(r Rule) bool { return r.Arm == a && r.Name == ruleValue }) {
				t.Errorf("%s: no rules of %s", c.name, a)
			}
		}
	}
}

func armComparison(arm, decision string, effect float64) Comparison {
	c := comparisonOf(decision, effect)
	c.Arm = arm
	return c
}

// 800 units in ten days are 80 a day and 2435 a month. The expected loss is the integral of its definition.
func TestVerdict_month(t *testing.T) {
	j := trial()
	v, err := j.verdict()
	if err != nil {
		t.Fatal(err)
	}
	lost := 0.0
	for x := -200.0; x < 0; x += 0.001 {
		z := (x + 0.0005 - 30) / 10
		lost += -(x + 0.0005) * math.Exp(-z*z/2) / 10 / math.Sqrt(2*math.Pi) * 0.001
	}
	for name, pair := range map[string][2]float64{
		"units": {*v.UnitsPerMonth, 2435}, "value": {*v.MonthMinor.Value, 30 * 2435}, "lower": {*v.MonthMinor.Lo, (30 - 19.6) * 2435},
		"probability of loss": {*v.ProbabilityOfLoss, 0.0013498980316300946}, "expected loss": {*v.ExpectedLossMinor, lost * 2435},
	} {
		if math.Abs(pair[0]/pair[1]-1) > 1e-6 {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	j.seconds = day - 1
	if v, err = j.verdict(); err != nil || v.UnitsPerMonth != nil || v.MonthMinor.Value != nil || v.MonthMinor.Reason == "" || v.ExpectedLossMinor != nil || v.ProbabilityOfLoss == nil {
		t.Errorf("units of less than a day tell no rate: %+v, %v", v, err)
	}
	j.gains["ten"] = gain{Estimate: referral.Undefined(referral.ReasonNoRevenue, "", 0.95)}
	if v, err = j.verdict(); err != nil || v.MonthMinor.Reason != referral.ReasonNoRevenue || v.ProbabilityOfLoss != nil {
		t.Errorf("without money: %+v, %v", v, err)
	}
}

// Findings about the split of parts, exposures without a time, arms that influence each other and rewards in every arm.
func TestFindings_reach(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(j *judgement)
		code   string // empty: none of these
		detail string
	}{
		{"nothing", func(*judgement) {}, "", ""},
		{"a day", func(j *judgement) {
			j.res.SplitBy = []SplitPart{{By: ByDay, Key: "2026-03-01", Units: []int64{90, 10}, AdjustedP: referral.Float(1e-9)}}
		}, "srm-day", "in day 2026-03-01: none 90, ten 10 units, adjusted p = 1e-09"},
		{"a day that is even", func(j *judgement) {
			j.res.SplitBy = []SplitPart{{By: ByDay, Key: "2026-03-01", Units: []int64{55, 45}, AdjustedP: referral.Float(0.9)}, {By: ByDay, Key: "2026-03-02"}}
		}, "", ""},
		{"a stratum", func(j *judgement) {
			j.res.SplitBy = []SplitPart{{By: ByStratum, Key: "new", Units: []int64{90, 10}, AdjustedP: referral.Float(1e-9)}}
		}, "srm-stratum", "in stratum new"},
		{"no time", func(j *judgement) { j.res.Hygiene.WithoutTime = 3 }, "exposures-without-time", "left out: 3"},
		{"interference", func(j *judgement) { j.res.Interference = &Interference{Warning: "they meet"} }, "interference", "they meet"},
		{"interference within bounds", func(j *judgement) { j.res.Interference = &Interference{Referees: 9} }, "", ""},
		{"no free arm", func(j *judgement) { j.def.Rewards["none"] = 10 }, "no-free-arm", "only one reward is held against another"},
		{"no rewards at all", func(j *judgement) { j.def.Rewards = nil }, "", ""},
	} {
		j := trial()
		c.change(&j)
		fs, err := j.findings(read{arms: j.arms})
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, f := range fs {
			if slices.Contains([]string{"srm-day", "srm-stratum", "exposures-without-time", "interference", "no-free-arm"}, f.Code) {
				found = f.Code
				if !strings.Contains(f.Detail, c.detail) {
					t.Errorf("%s: %q", c.name, f.Detail)
				}
			}
		}
		if found != c.code {
			t.Errorf("%s: finding %q", c.name, found)
		}
	}
}

// The boundary is told with the statistic that is held against it.
func TestVerdict_boundaryDetail(t *testing.T) {
	j := trial()
	j.res.Stopping = &StoppingState{Rule: RuleAlwaysValid, Units: 1600, Mature: 800}
	for _, c := range []struct {
		q      Sequential
		detail string
	}{
		{Sequential{Z: referral.Float(-2.5), Critical: referral.Float(2.963)}, "paid: z = −2.50 is within the boundary 2.96."},
		{Sequential{Z: referral.Float(4.8), Critical: referral.Float(2.963), Crossed: true}, "paid: z = 4.80 is beyond the boundary 2.96."},
		{Sequential{Reason: referral.ReasonZeroVariance}, "paid has no boundary (zero_variance)."},
	} {
		j.res.Metrics[0].Comparisons[0].Sequential = &c.q
		if r, ok := j.boundaryRule(0); !ok || r.Detail != c.detail || r.Passed != c.q.Crossed {
			t.Errorf("%+v, want %q", r, c.detail)
		}
	}
	j.res.Stopping.Rule = RuleFixed
	if r, ok := j.boundaryRule(0); ok {
		t.Errorf("of one look: %+v", r)
	}
}
