package experiments

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

// sales is a definition and arms of the given numbers of buyers among 1000 persons; each purchase contributes 30 and each
// variant pays its reward for one.
func sales(reward, cost int64, buyers ...int) (Definition, []arm) {
	def := rewardDefinition("none", "ten")
	def.Metrics = def.Metrics[:1]
	def.Rewards["ten"], def.Costs = reward, map[string]Cost{"ten": {PerUnit: cost}}
	var arms []arm
	for i, n := range buyers {
		rows, bought := make([]moneyRow, 1000), make([]int64, 1000)
		for k := range n {
			rows[k], bought[k] = moneyRow{contribution: 30, rewards: reward * int64(i), customers: 1}, 1
		}
		a := moneyArm([]string{"none", "ten"}[i], rows...)
		a.metrics = []outcome{{joint: jointOf(bought)}}
		a.metrics[0].Moments, _ = a.metrics[0].joint.moments(0)
		arms = append(arms, a)
	}
	return def, arms
}

func judged(t *testing.T, def Definition, arms []arm) judgement {
	t.Helper()
	res, err := judge(def, referral.Scope{Currency: "EUR"}, read{arms: arms, seconds: 10 * day, hygiene: Hygiene{Immature: 1}})
	if err != nil {
		t.Fatal(err)
	}
	_, gains, err := moneyOf(def, arms, res.Confidence)
	if err != nil {
		t.Fatal(err)
	}
	return judgement{def: def, arms: arms, seconds: 10 * day, res: &res, gains: gains}
}

// By hand: 100 of 1000 buy for 30 each without a reward, 3000 in all. With one of 10 a purchase leaves 20, so 150 must buy: 5 points
// more. A cost of 1 for each of 1000 persons asks for 50 purchases more yet. An arm of just that effect then gains nothing.
func TestSmallestPaying(t *testing.T) {
	for _, c := range []struct {
		reward, cost int64
		want         float64 // 0: none
		breakEven    int
	}{{10, 0, 0.05, 150}, {10, 1, 0.1, 200}, {0, 3, 0.1, 200}, {0, 0, 0, 0}, {30, 0, 0, 0}, {45, 0, 0, 0}} {
		def, arms := sales(c.reward, c.cost, 100, 120)
		got := judged(t, def, arms).smallestPaying(0, 0)
		if (got == nil) != (c.want == 0) || got != nil && math.Abs(*got-c.want) > 1e-12 {
			t.Errorf("reward %d, cost %d: %v, want %v", c.reward, c.cost, got, c.want)
		}
		if c.want == 0 {
			continue
		}
		def, arms = sales(c.reward, c.cost, 100, c.breakEven)
		if g := judged(t, def, arms).gains["ten"]; math.Abs(*g.Value) > 1e-9 {
			t.Errorf("reward %d, cost %d: at the smallest effect that pays the gain is %v", c.reward, c.cost, *g.Value)
		}
	}
}

// What the control costs need not be earned: 3000 less 1000 for it, so 2000 and 3000 for the arm's own costs take 250 purchases at 20.
func TestSmallestPaying_costOfControl(t *testing.T) {
	def, arms := sales(10, 3, 100, 120)
	def.Costs["none"] = Cost{PerUnit: 1}
	if got := judged(t, def, arms).smallestPaying(0, 0); got == nil || math.Abs(*got-0.15) > 1e-12 {
		t.Errorf("%v, want 0.15", text0(got))
	}
	def, arms = sales(10, 3, 100, 250)
	def.Costs["none"] = Cost{PerUnit: 1}
	if g := judged(t, def, arms).gains["ten"]; math.Abs(*g.Value) > 1e-9 {
		t.Errorf("at the smallest effect that pays the gain is %v", *g.Value)
	}
}

func text0(x *float64) string {
	if x == nil {
		return "none"
	}
	return fmt.Sprint(*x)
}

// Nothing can be said of what pays where money, the metric or its direction do not allow it.
func TestSmallestPaying_unknown(t *testing.T) {
	for name, change := range map[string]func(d *Definition, arms []arm){
		"no money":                    func(_ *Definition, arms []arm) { arms[0].hasNet, arms[1].hasNet = false, false },
		"lower is better":             func(d *Definition, _ []arm) { d.Metrics[0].LowerIsBetter = true },
		"a kind without a mean":       func(d *Definition, _ []arm) { d.Metrics[0].Kind = KindQuantile },
		"more than every unit":        func(d *Definition, _ []arm) { d.Costs["ten"] = Cost{PerUnit: 20} }, // 115 of 100
		"nobody buys":                 func(_ *Definition, arms []arm) { arms[1].metrics[0].Moments.Mean = 0 },
		"an arm without closed units": func(_ *Definition, arms []arm) { arms[1].money = newJoint(moneyVariables) },
	} {
		def, arms := sales(10, 0, 100, 120)
		j := judged(t, def, arms)
		change(&j.def, j.arms)
		if got := j.smallestPaying(0, 0); got != nil {
			t.Errorf("%s: %v", name, *got)
		}
	}
}

// The cost named as the one at which an arm breaks even is that: charged it, the arm gains nothing.
func TestVerdict_breakEvenReward(t *testing.T) {
	for _, c := range []struct {
		reward, cost int64
		buyers       int
		text         string
		atReward     int64
		atCost       int64
	}{
		// 160 purchases leave 4800 against 3000: 1800 for 160 rewards.
		{10, 0, 160, "If ten cost more than EUR 0.11 per reward it would lose money; it costs EUR 0.10.", 0, 0},
		{10, 0, 200, "If ten cost more than EUR 0.15 per reward it would lose money; it costs EUR 0.10.", 15, 0},
		{10, 0, 125, "If ten cost less than EUR 0.06 per reward it would pay for itself; it costs EUR 0.10.", 6, 0},
		{10, 0, 90, "ten would not pay for itself even if it cost nothing per reward.", 0, 0},
		{0, 2, 200, "If ten cost more than EUR 0.03 per person it would lose money; it costs EUR 0.02.", 0, 3},
		{0, 0, 200, "", 0, 0},
	} {
		def, arms := sales(c.reward, c.cost, 100, c.buyers)
		got := strings.Join(judged(t, def, arms).rewardChange(arms[1]), " ")
		if got != c.text {
			t.Errorf("reward %d, cost %d, %d buyers: %q, want %q", c.reward, c.cost, c.buyers, got, c.text)
		}
		if c.atReward+c.atCost == 0 {
			continue
		}
		def, arms = sales(c.atReward, c.atCost, 100, c.buyers)
		if g := judged(t, def, arms).gains["ten"]; math.Abs(*g.Value) > 1e-9 {
			t.Errorf("charged %d a reward and %d a person the gain is %v", c.atReward, c.atCost, *g.Value)
		}
	}
}

// The further units are planned for the smallest effect that pays where one is known, else for the one seen, and give the power.
func TestNeed(t *testing.T) {
	for _, c := range []struct {
		reward int64
		effect float64
		text   string
	}{{10, 0.05, "the true effect is the smallest that pays, 5 percentage points"}, {0, 0.01, "the true effect is the one seen"}} {
		def, arms := sales(c.reward, 0, 100, 110)
		j := judged(t, def, arms)
		n, err := j.need(0, 0)
		if err != nil || n.units == nil || !strings.Contains(n.text, c.text) {
			t.Fatalf("%+v, %v", n, err)
		}
		x, y := arms[0].metrics[0], arms[1].metrics[0]
		d := stats.MeanDesign{VarianceControl: x.Variance, VarianceTreatment: y.Variance, Level: 0.95, Normal: true}
		size := 1000 + float64(*n.units)/2
		power, err := d.Power(c.effect, size, size)
		if err != nil || (*n.units > 0 && math.Abs(*power-0.8) > 0.001) || *power < 0.799 {
			t.Errorf("reward %d: with %d more units the power is %v, %v", c.reward, *n.units, *power, err)
		}
	}
}

// The effect that the units seen would have shown is the one they have the planned power for.
func TestVerdict_detectable(t *testing.T) {
	def, arms := sales(0, 0, 100, 110)
	j := judged(t, def, arms)
	got, err := j.detectable(0)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	var points float64
	if _, err := fmt.Sscanf(got[0], "The 2,000 mature units seen would have shown an effect of %g percentage points on paid with 80 %% power", &points); err != nil {
		t.Fatalf("%q: %v", got[0], err)
	}
	x, y := arms[0].metrics[0], arms[1].metrics[0]
	d := stats.MeanDesign{VarianceControl: x.Variance, VarianceTreatment: y.Variance, Level: 0.95, Normal: true}
	if power, err := d.Power(points/100, 1000, 1000); err != nil || math.Abs(*power-0.8) > 0.005 {
		t.Errorf("%v points: power %v, %v", points, *power, err)
	}
	j.res.Metrics[0].Comparisons[0].Decision = DecisionBetter
	if got, err := j.detectable(0); len(got) > 0 || err != nil {
		t.Errorf("of a clear effect: %q, %v", got, err)
	}
}

// Margin, value and probability of loss: at the size named each question has its answer in the planned share of cases.
func TestNeed_otherQuestions(t *testing.T) {
	def, arms := sales(10, 0, 100, 160)
	j := judged(t, def, arms)
	units, err := j.needForMargin(0, 0, 0.01)
	if err != nil || units == nil {
		t.Fatal(units, err)
	}
	x, y := arms[0].metrics[0], arms[1].metrics[0]
	n := 1000 + float64(*units)/2
	se := math.Sqrt((x.Variance + y.Variance) / n)
	if p := stats.LowerTail(0.01/se - 1.959963984540054); math.Abs(p-0.8) > 0.001 {
		t.Errorf("with %d more units an arm that changes nothing is shown to stay within a margin of 0.01 with probability %v", *units, p)
	}
	if units = j.needForValue(0); units == nil {
		t.Fatal("no units for a gain")
	}
	g := j.gains["ten"]
	at := *g.se * math.Sqrt(1000/(1000+float64(*units)/2))
	if p := stats.LowerTail(*g.Value/at - 1.959963984540054); math.Abs(p-0.8) > 0.002 {
		t.Errorf("with %d more units a gain of %v is told apart from 0 with probability %v", *units, *g.Value, p)
	}
	j.def.Decide.MaxLoss = referral.Float(0.001)
	more := j.needForLoss(0)
	if more == nil {
		t.Fatal("no units for a probability of loss")
	}
	if p := stats.LowerTail(-*g.Value / *g.se * math.Sqrt(1+float64(*more)/2000)); *more > 0 && math.Abs(p-0.001) > 1e-5 {
		t.Errorf("with %d more units the probability of loss is %v", *more, p)
	}
	for _, limit := range []float64{0, 0.5, 0.9} {
		if j.def.Decide.MaxLoss = referral.Float(limit); j.needForLoss(0) != nil {
			t.Errorf("a limit of %v has units", limit)
		}
	}
}

// More units and more days by what is open; nothing where nothing is, and no days where nobody arrives any more.
func TestVerdict_more(t *testing.T) {
	next := int64(1000)
	for _, c := range []struct {
		name        string
		change      func(j *judgement)
		units, days int64 // −1: not known; −2: some
	}{
		{"ships", func(*judgement) {}, 0, 0},
		{"stops", func(j *judgement) { j.res.Metrics[0].Comparisons[0] = comparisonOf(DecisionWorse, -0.1) }, 0, 0},
		{"not finished", func(j *judgement) { j.res.Stopping = &StoppingState{Rule: RuleFixed, Units: 2000, Mature: 800} }, 1200, 15},
		{"before a look", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleGroupSequential, Units: 2000, Mature: 800, Looks: 2, NextUnits: &next}
		}, 200, 3},
		{"nobody arrives", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleFixed, Units: 2000, Mature: 800}
			j.res.Hygiene.Immature = 0
		}, 1200, -1},
		{"no rate", func(j *judgement) {
			j.res.Stopping = &StoppingState{Rule: RuleFixed, Units: 2000, Mature: 800}
			j.seconds = 0
		}, 1200, -1},
		{"unclear", func(j *judgement) { j.res.Metrics[0].Comparisons[0] = comparisonOf(DecisionUnclear, 0.01) }, -2, -2},
		{"a guardrail open", func(j *judgement) {
			j.res.Metrics[1].Comparisons[0] = withMargin(false, 0, 0.005)
			j.res.Metrics[1].Comparisons[0].Noninferiority.Margin = 0.004
		}, -2, -2},
		{"a certain loss", func(j *judgement) { j.gains["ten"] = gainOf(-50, 10) }, -1, -1},
		{"an open loss", func(j *judgement) { j.gains["ten"] = gainOf(-5, 10) }, -2, -2},
		{"a guardrail that is not measured", func(j *judgement) { j.res.Metrics[1].Comparisons[0].Effect = referral.Undefined("", "", 0.95) }, -1, -1},
	} {
		j := trial()
		c.change(&j)
		v, err := j.verdict()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []struct {
			what string
			got  *int64
			want int64
		}{{"units", v.MoreUnits, c.units}, {"days", v.MoreDays, c.days}} {
			switch {
			case p.want == -1 && p.got != nil, p.want == -2 && (p.got == nil || *p.got <= 0), p.want >= 0 && (p.got == nil || *p.got != p.want):
				t.Errorf("%s: %s %v, want %d", c.name, p.what, text(p.got), p.want)
			}
		}
		if v.MoreUnits != nil && *v.MoreUnits > 0 && !strings.Contains(strings.Join(v.Changes, " "), "More data: about "+referral.Thousands(*v.MoreUnits)+" more mature units") {
			t.Errorf("%s: %q", c.name, v.Changes)
		}
	}
}

func text(n *int64) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

// The margins named are those at which a guardrail would be judged otherwise.
func TestVerdict_marginChanges(t *testing.T) {
	for _, c := range []struct {
		guard Comparison
		lower bool
		text  string
	}{
		{withMargin(true, 0, 0.02), true, "With a margin below 2 percentage points the guardrail refunded would not pass; it has 3 percentage points."},
		{withMargin(false, 0.02, 0.04), true, "With a margin above 4 percentage points the guardrail refunded would pass; it has 3 percentage points."},
		{withMargin(false, -0.02, -0.04), false, "With a margin above 4 percentage points the guardrail refunded would pass; it has 3 percentage points."},
		{withMargin(true, -0.05, -0.01), true, ""}, // better at worst
		{comparisonOf(DecisionUnclear, 0), true, ""},
	} {
		j := trial()
		j.res.Metrics[1].LowerIsBetter = c.lower
		j.res.Metrics[1].Comparisons[0] = c.guard
		if got := strings.Join(j.marginChanges(0), " "); got != c.text {
			t.Errorf("%q, want %q", got, c.text)
		}
	}
}

// All money times 100 multiplies what is worth money by 100, and changes neither verdict nor rules nor what is missing.
func TestVerdict_scales(t *testing.T) {
	for _, buyers := range []int{90, 110, 125, 160, 200} {
		def, arms := sales(10, 1, 100, buyers)
		def.Decide.MaxLoss = referral.Float(0.05)
		small, err := judge(def, referral.Scope{Currency: "EUR"}, read{arms: arms, seconds: 10 * day, hygiene: Hygiene{Immature: 1}})
		if err != nil {
			t.Fatal(err)
		}
		def.Rewards["ten"], def.Costs = 1000, map[string]Cost{"ten": {PerUnit: 100}}
		for i := range arms {
			for _, v := range []int{moneyContribution, moneyRewards, moneyCommission} {
				arms[i].money = scaledVariable(arms[i].money, v, 100)
			}
		}
		large, err := judge(def, referral.Scope{Currency: "EUR"}, read{arms: arms, seconds: 10 * day, hygiene: Hygiene{Immature: 1}})
		if err != nil {
			t.Fatal(err)
		}
		a, b := small.Verdict, large.Verdict
		if a.Action != b.Action || text(a.MoreUnits) != text(b.MoreUnits) || text(a.MoreDays) != text(b.MoreDays) || !agree(a.ProbabilityOfLoss, b.ProbabilityOfLoss) || len(a.Rules) != len(b.Rules) {
			t.Errorf("%d buyers: %+v, times 100 %+v", buyers, a, b)
		}
		for i := range a.Rules {
			if a.Rules[i].Passed != b.Rules[i].Passed {
				t.Errorf("%d buyers: %+v, times 100 %+v", buyers, a.Rules[i], b.Rules[i])
			}
		}
		for name, pair := range map[string][2]*float64{"value": {a.ValueMinor.Value, b.ValueMinor.Value}, "a month": {a.MonthMinor.Hi, b.MonthMinor.Hi}, "loss": {a.ExpectedLossMinor, b.ExpectedLossMinor}} {
			if math.Abs(*pair[1]-100**pair[0]) > 1e-6*math.Abs(*pair[1]) {
				t.Errorf("%d buyers: %s %v and %v", buyers, name, *pair[0], *pair[1])
			}
		}
	}
}

// scaledVariable multiplies a variable of all units.
func scaledVariable(j joint, v int, by int64) joint {
	out := newJoint(len(j.sum))
	out.add(j)
	out.scale = j.scale
	out.sum[v].Mul(out.sum[v], big.NewInt(by))
	for i := range out.sum {
		p := out.product[out.at(min(i, v), max(i, v))]
		p.Mul(p, big.NewInt(by))
		if i == v {
			p.Mul(p, big.NewInt(by))
		}
	}
	return out
}
