package experiments

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

// twoSided is a two by two design: neither side is paid, the sender, the friend, both.
func twoSided() (Definition, []arm) {
	control, weights := even("none", "sender", "friend", "both")
	def := Definition{
		Name: "sides", Control: control, Weights: weights, Metrics: []Metric{{Name: "invites", Kind: KindMean, Value: ValueCount, Event: "invite", Role: RolePrimary}},
		Factors: map[string]map[string]string{
			"none": {"referrer": "nothing", "referee": "nothing"}, "sender": {"referrer": "ten", "referee": "nothing"},
			"friend": {"referrer": "nothing", "referee": "ten"}, "both": {"referrer": "ten", "referee": "ten"},
		},
	}
	var arms []arm
	for _, v := range def.variants() {
		values := map[string][]int64{"none": {3, 1, 4, 1, 5, 9}, "sender": {2, 6, 5, 3, 5}, "friend": {8, 9, 7, 9, 3, 2, 3}, "both": {8, 4, 6, 2, 6, 4, 3, 38}}[v]
		var rows []moneyRow
		for _, x := range values {
			rows = append(rows, moneyRow{contribution: 100 * x})
		}
		a := moneyArm(v, rows...)
		a.metrics = []outcome{{joint: jointOf(values)}}
		a.metrics[0].Moments, _ = a.metrics[0].joint.moments(0)
		arms = append(arms, a)
	}
	return def, arms
}

// Reference: statsmodels 0.15.0, OLS on four dummies, fit(cov_type="HC2").t_test(weights), with Satterthwaite's degrees of
// freedom; see internal/stats/contrast_test.go, which has the same numbers.
func TestFactorial_twoByTwo(t *testing.T) {
	def, arms := twoSided()
	got, err := factorial(def, arms, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		metric, term  string
		effect, lo, p float64
	}{
		{"invites", "referee", 3.3494047619047604, -1.7927024462585237, 0.17670876738359317},
		{"invites", "referrer", 1.6922619047619039, -3.4498453034013803, 0.47914302947078224},
		{"invites", "referee × referrer", 2.651190476190477, -7.633023940136091, 0.5773930316189055},
		// A hundred minor units an invitation: the same in money.
		{"profit", "referee", 334.94047619047604, -179.27024462585237, 0.17670876738359317},
		{"profit", "referrer", 169.22619047619039, -344.98453034013803, 0.47914302947078224},
		{"profit", "referee × referrer", 265.1190476190477, -763.3023940136091, 0.5773930316189055},
	}
	if len(got) != len(want) {
		t.Fatalf("%d effects: %+v", len(got), got)
	}
	for i, w := range want {
		g := got[i]
		if g.Metric != w.metric || g.Term != w.term || !agree(g.Effect.Value, &w.effect) || !agree(g.Effect.Lo, &w.lo) || !agree(g.PValue, &w.p) {
			t.Errorf("%+v, effect %v, p %v; want %+v", g, *g.Effect.Value, *g.PValue, w)
		}
	}
}

// What an arm costs beside its rewards moves the main effects on profit by that much, and the interaction by what only both cost.
func TestFactorial_costs(t *testing.T) {
	def, arms := twoSided()
	before, err := factorial(def, arms, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	def.Costs = map[string]Cost{"sender": {PerUnit: 40}, "both": {PerUnit: 40}}
	after, err := factorial(def, arms, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for i, move := range []float64{0, 0, 0, 0, -40, 0} {
		if d := *after[i].Effect.Value - *before[i].Effect.Value; math.Abs(d-move) > 1e-9 {
			t.Errorf("%s, %s: moved by %v, want %v", after[i].Metric, after[i].Term, d, move)
		}
	}
}

// Three levels by two: every level against the control's, averaged over the other side, and what each changes with it.
// By hand: cell means 1, 2, 4 without the second side and 11, 15, 27 with it.
func TestFactorial_threeLevels(t *testing.T) {
	def := Definition{Control: "a0", Weights: map[string]json.Number{}, Factors: map[string]map[string]string{}, Metrics: []Metric{{Name: "m", Kind: KindMean, Value: ValueCount, Role: RolePrimary}}}
	cells := map[string][]int64{"a0": {0, 2}, "b0": {1, 3}, "c0": {3, 5}, "a1": {10, 12}, "b1": {14, 16}, "c1": {26, 28}}
	for v := range cells {
		def.Weights[v] = "1"
		def.Factors[v] = map[string]string{"reward": map[string]string{"a": "none", "b": "ten", "c": "five"}[v[:1]], "access": v[1:]}
	}
	var arms []arm
	for _, v := range def.variants() {
		a := moneyArm(v)
		a.metrics = []outcome{{joint: jointOf(cells[v])}}
		a.metrics[0].Moments, _ = a.metrics[0].joint.moments(0)
		a.hasNet = false
		arms = append(arms, a)
	}
	got, err := factorial(def, arms, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"access": (10.0 + 13 + 23) / 3, "reward: ten": (1.0 + 4) / 2, "reward: five": (3.0 + 16) / 2, "access × reward: ten": 4 - 1, "access × reward: five": 16 - 3,
	}
	for _, g := range got {
		switch w, ok := want[g.Term]; {
		case g.Metric == ProfitMetric:
			if g.Effect.Reason != referral.ReasonNoRevenue || g.PValue != nil {
				t.Errorf("profit without money: %+v", g)
			}
		case !ok || !agree(g.Effect.Value, &w):
			t.Errorf("%s: %v, want %v", g.Term, *g.Effect.Value, w)
		default:
			delete(want, g.Term)
		}
	}
	if got[1].Term != "reward: five" || got[3].Term != "access × reward: five" {
		t.Errorf("levels are not in order of their names: %+v", got)
	}
	if len(want) > 0 || len(got) != 10 {
		t.Errorf("missing %v of %+v", want, got)
	}
}

// A two by two design in which one arm is doubled tells the same effects; swapping the sides mirrors nothing but the names.
func TestFactorial_properties(t *testing.T) {
	def, arms := twoSided()
	for _, term := range def.terms() {
		if s := stats.Sum(term.weights); math.Abs(s) > 1e-12 {
			t.Errorf("%s: the weights add up to %v", term.name, s)
		}
	}
	for v := range def.Factors {
		f := def.Factors[v]
		f["referrer"], f["referee"] = f["referee"], f["referrer"]
	}
	got, err := factorial(def, arms, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got, func(f Factorial) bool { return f.Term == "referrer" })
	if want := 3.3494047619047604; !agree(got[i].Effect.Value, &want) {
		t.Errorf("swapped: %+v", got[i])
	}
	if out, err := factorial(Definition{}, arms, 0.95); len(out) != 0 || err != nil {
		t.Errorf("without factors: %+v, %v", out, err)
	}
	arms[2].metrics[0] = outcome{missing: true}
	arms[1].n, arms[1].money = 0, newJoint(moneyVariables)
	got, err = factorial(def, arms, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range got {
		if g.Effect.Value != nil && (g.Metric == "invites" || math.IsNaN(*g.Effect.Value)) || g.Effect.Reason == "" || g.PValue != nil {
			t.Errorf("with an arm that is not measured: %+v", g)
		}
	}
}

// Through the database: 400 persons an arm of whom 40, 60, 60 and 120 buy, so each side adds 10 points on average and both together
// 10 more than their sum.
func TestCompute_factors(t *testing.T) {
	def := rewardDefinition("none", "sender", "friend", "both")
	def.Metrics = def.Metrics[:1]
	def.Factors = map[string]map[string]string{
		"none": {"referrer": "nothing", "referee": "nothing"}, "sender": {"referrer": "ten", "referee": "nothing"},
		"friend": {"referrer": "nothing", "referee": "ten"}, "both": {"referrer": "ten", "referee": "ten"},
	}
	w := simple(cohort{"none", 400, 40, 0, 1000}, cohort{"sender", 400, 60, 0, 1000}, cohort{"friend", 400, 60, 0, 1000}, cohort{"both", 400, 120, 0, 1000})
	res := compute(t, w.open(t), def, testScope())
	want := map[string]float64{"referee": 0.1, "referrer": 0.1, "referee × referrer": 0.1}
	for _, f := range res.Factorial[:3] {
		if x := want[f.Term]; f.Metric != "paid" || !agree(f.Effect.Value, &x) || f.PValue == nil {
			t.Errorf("%+v", f)
		}
	}
	if len(res.Factorial) != 6 || res.Factorial[3].Metric != ProfitMetric || res.Factorial[3].Effect.Value == nil {
		t.Errorf("%+v", res.Factorial)
	}
}
