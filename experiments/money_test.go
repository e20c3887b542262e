package experiments

import (
	"math"
	"math/rand/v2"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"
)

// moneyRow is one unit's money: contribution, rewards and commission in minor units, and new customers.
type moneyRow struct{ contribution, rewards, commission, customers int64 }

// moneyArm is an arm with these units, as a read-out would bring it.
func moneyArm(name string, rows ...moneyRow) arm {
	a := arm{name: name, weight: 1, n: int64(len(rows)), mature: int64(len(rows)), hasNet: true}
	variables := make([][]int64, moneyVariables)
	for _, r := range rows {
		for i, x := range []int64{moneyContribution: r.contribution, moneyRewards: r.rewards, moneyCommission: r.commission, moneyCustomers: r.customers} {
			variables[i] = append(variables[i], x*referral.MicroScale)
		}
	}
	a.money = jointOf(variables...)
	a.money.scale = referral.MicroScale
	return a
}

// column is one figure of every unit.
func column(rows []moneyRow, f func(moneyRow) float64) []float64 {
	var out []float64
	for _, r := range rows {
		out = append(out, f(r))
	}
	return out
}

func randomMoney(r *rand.Rand, n int) []moneyRow {
	var out []moneyRow
	for range n {
		c := int64(max(0, r.IntN(6)-3))
		out = append(out, moneyRow{contribution: c * r.Int64N(5000), rewards: 250 * c, commission: c * r.Int64N(300), customers: c})
	}
	return out
}

// Every figure against plain loops over the units; the costs per unit and fixed are spread over the analysed units, of which
// there are more than have a closed window.
func TestMoney_agreesWithUnits(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 1))
	for range 50 {
		control, treatment := randomMoney(r, 5+r.IntN(40)), randomMoney(r, 5+r.IntN(40))
		def := Definition{Control: "none", Costs: map[string]Cost{"ten": {PerUnit: 30, Fixed: 1000}, "none": {PerUnit: 5}}}
		c, a := moneyArm("none", control...), moneyArm("ten", treatment...)
		a.n += 7
		m, gains, err := moneyOf(def, []arm{c, a}, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		other := 30 + 1000/float64(a.n)
		profit := func(x moneyRow) float64 { return float64(x.contribution - x.rewards - x.commission) }
		cost := func(x moneyRow) float64 { return float64(x.rewards + x.commission) }
		ten := m.Arms[1]
		for name, pair := range map[string][2]*float64{
			"contribution": {ten.Contribution.Value, &stats0(column(treatment, func(x moneyRow) float64 { return float64(x.contribution) })).Mean},
			"rewards":      {ten.Rewards.Value, &stats0(column(treatment, func(x moneyRow) float64 { return float64(x.rewards) })).Mean},
			"commission":   {ten.Commission.Value, &stats0(column(treatment, func(x moneyRow) float64 { return float64(x.commission) })).Mean},
			"customers":    {ten.Customers.Value, &stats0(column(treatment, func(x moneyRow) float64 { return float64(x.customers) })).Mean},
			"other":        {ten.Other, &other},
		} {
			if !agree(pair[0], pair[1]) {
				t.Fatalf("%s: %v, want %v", name, *pair[0], *pair[1])
			}
		}
		shifted := func(rows []moneyRow, f func(moneyRow) float64, by float64) stats.Moments {
			x := stats.MomentsOf(column(rows, f))
			x.Mean += by
			return x
		}
		w, err := stats.Welch(shifted(control, profit, -5), shifted(treatment, profit, -other), 0.9, stats.TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		got := m.Comparisons[0]
		if !agree(got.Profit.Value, w.Estimate) || !agree(got.Profit.Lo, w.Lower) || !agree(got.Profit.Hi, w.Upper) || !agree(gains["ten"].se, w.SE) {
			t.Fatalf("profit %+v, want %+v", got.Profit, w)
		}
		ratio := func(rows []moneyRow, by float64) stats.RatioMoments {
			x, err := stats.RatioMomentsOf(column(rows, cost), column(rows, func(x moneyRow) float64 { return float64(x.customers) }))
			if err != nil {
				t.Fatal(err)
			}
			x.MeanNumerator += by
			return x
		}
		cpa, err := stats.IncrementalCPA(ratio(control, 5), ratio(treatment, other), 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if g := got.IncrementalCPA; !agree(g.Value, cpa.Estimate) || !agree(g.Lo, cpa.Lower) || !agree(g.Hi, cpa.Upper) || g.Reason != cpa.Reason {
			t.Fatalf("incremental CPA %+v, want %+v", g, cpa)
		}
		// The two legs make the profit.
		if d := *got.Contribution.Value - *got.Cost.Value - *got.Profit.Value; math.Abs(d) > 1e-6 {
			t.Fatalf("contribution %v less cost %v is not profit %v", *got.Contribution.Value, *got.Cost.Value, *got.Profit.Value)
		}
	}
}

func stats0(values []float64) *stats.Moments {
	m := stats.MomentsOf(values)
	return &m
}

// What is not known has a reason: no money in the data, no cost in either arm, as many customers in both, no closed window.
func TestMoney_reasons(t *testing.T) {
	free := []moneyRow{{100, 0, 0, 1}, {0, 0, 0, 0}, {300, 0, 0, 2}}
	paid := []moneyRow{{100, 50, 0, 1}, {0, 0, 0, 0}, {300, 100, 0, 2}}
	of := func(c, a []moneyRow, net bool) (*Money, map[string]gain) {
		t.Helper()
		arms := []arm{moneyArm("none", c...), moneyArm("ten", a...)}
		arms[0].hasNet, arms[1].hasNet = net, net
		m, g, err := moneyOf(Definition{Control: "none"}, arms, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		return m, g
	}
	m, g := of(free, paid, false)
	if m.Comparisons[0].Profit.Reason != referral.ReasonNoRevenue || g["ten"].Value != nil || m.Arms[1].Profit.Value != nil || m.Comparisons[0].Contribution.Value != nil {
		t.Errorf("without money: %+v", m)
	}
	if m.Arms[1].Rewards.Value == nil || *m.Arms[1].Rewards.Value != 50 || *m.Comparisons[0].Cost.Value != 50 {
		t.Errorf("rewards are known without money: %+v", m.Arms[1])
	}
	if m, _ := of(free, free, true); m.Comparisons[0].IncrementalCPA.Reason != referral.ReasonNoCost {
		t.Errorf("no cost: %+v", m.Comparisons[0].IncrementalCPA)
	}
	if m, _ := of(free, paid, true); m.Comparisons[0].IncrementalCPA.Reason != stats.ReasonZeroDenominator || m.Comparisons[0].IncrementalCPA.Value != nil {
		t.Errorf("no further customer: %+v", m.Comparisons[0].IncrementalCPA)
	}
	more := []moneyRow{{100, 50, 0, 1}, {50, 50, 0, 1}, {300, 100, 0, 2}}
	if m, _ := of(free, more, true); m.Comparisons[0].IncrementalCPA.Reason != referral.ReasonUnbounded || !agree(m.Comparisons[0].IncrementalCPA.Value, referral.Float(200)) {
		t.Errorf("customers not told apart: %+v", m.Comparisons[0].IncrementalCPA)
	}
	if m, g := of(nil, nil, true); m != nil || g["ten"].Reason == "" {
		t.Errorf("no closed window: %+v, %+v", m, g)
	}
	if m, _ := of(nil, paid, true); m.Arms[0].Profit.Reason != referral.ReasonNoData || m.Comparisons[0].Profit.Value != nil {
		t.Errorf("an empty control: %+v", m)
	}
}

// All money times 100 multiplies the values by 100 and nothing else.
func TestMoney_scales(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 2))
	control, treatment := randomMoney(r, 60), randomMoney(r, 50)
	scaled := func(rows []moneyRow) []moneyRow {
		var out []moneyRow
		for _, x := range rows {
			out = append(out, moneyRow{100 * x.contribution, 100 * x.rewards, 100 * x.commission, x.customers})
		}
		return out
	}
	def := Definition{Control: "none", Costs: map[string]Cost{"ten": {PerUnit: 3, Fixed: 700}}}
	large := Definition{Control: "none", Costs: map[string]Cost{"ten": {PerUnit: 300, Fixed: 70_000}}}
	a, ga, err := moneyOf(def, []arm{moneyArm("none", control...), moneyArm("ten", treatment...)}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	b, gb, err := moneyOf(large, []arm{moneyArm("none", scaled(control)...), moneyArm("ten", scaled(treatment)...)}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	x, y := a.Comparisons[0], b.Comparisons[0]
	for name, pair := range map[string][2]*float64{
		"profit": {x.Profit.Value, y.Profit.Value}, "lower": {x.Profit.Lo, y.Profit.Lo}, "cost": {x.Cost.Hi, y.Cost.Hi},
		"price": {x.IncrementalCPA.Value, y.IncrementalCPA.Value}, "of an arm": {a.Arms[1].Profit.Hi, b.Arms[1].Profit.Hi},
	} {
		if math.Abs(*pair[1]/(100**pair[0])-1) > 1e-9 {
			t.Errorf("%s: %v and %v", name, *pair[0], *pair[1])
		}
	}
	if !agree(x.Customers.Value, y.Customers.Value) || !agree(ga["ten"].probabilityOfLoss(), gb["ten"].probabilityOfLoss()) {
		t.Errorf("customers or the probability of loss depend on the scale of money")
	}
}

// The interval of the long run covers the truth as often as it says, over projections that are drawn with their error.
func TestLongRun_covers(t *testing.T) {
	const runs = 800
	r := rand.New(rand.NewPCG(20261121, 3))
	draw := func(n int, rate float64) []moneyRow {
		var out []moneyRow
		for range n {
			x := moneyRow{}
			if r.Float64() < rate {
				x = moneyRow{contribution: 500 + r.Int64N(1000), rewards: 200, customers: 1}
			}
			out = append(out, x)
		}
		return out
	}
	const mean, se = 4000.0, 900.0
	truth := 0.1 * (999.5 - 200 + mean) // 0.3 of the units against 0.2
	covered := 0
	for range runs {
		p := projection{mean: mean + se*r.NormFloat64(), se: se}
		e, err := longRun(Definition{}, moneyArm("none", draw(400, 0.2)...), moneyArm("ten", draw(400, 0.3)...), p, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if *e.Lo <= truth && truth <= *e.Hi {
			covered++
		}
	}
	// 90 % of 800 is 720, standard deviation 8.5.
	if covered < 690 || covered > 750 {
		t.Errorf("covered %d of %d", covered, runs)
	}
}

// A projection of nothing leaves the profit of the window; one that is certain moves the value only.
func TestLongRun_edges(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 4))
	c, a := moneyArm("none", randomMoney(r, 30)...), moneyArm("ten", randomMoney(r, 40)...)
	m, _, err := moneyOf(Definition{}, []arm{c, a}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	same, err := longRun(Definition{}, c, a, projection{}, 0.95)
	if err != nil || !agree(same.Value, m.Comparisons[0].Profit.Value) || !agree(same.Lo, m.Comparisons[0].Profit.Lo) {
		t.Errorf("%+v, %v; profit %+v", same, err, m.Comparisons[0].Profit)
	}
	sure, err := longRun(Definition{}, c, a, projection{mean: 1000}, 0.95)
	if err != nil || math.Abs(*sure.Value-*same.Value-1000**m.Comparisons[0].Customers.Value) > 1e-6 {
		t.Errorf("%+v, %v", sure, err)
	}
	vague, err := longRun(Definition{}, c, a, projection{mean: 1000, se: 500}, 0.95)
	if err != nil || *vague.Hi-*vague.Lo <= *sure.Hi-*sure.Lo || *vague.Value != *sure.Value {
		t.Errorf("%+v against %+v", vague, sure)
	}
	if e, err := longRun(Definition{}, moneyArm("none"), a, projection{mean: 1}, 0.95); err != nil || e.Value != nil || e.Reason == "" {
		t.Errorf("an empty arm: %+v, %v", e, err)
	}
}
