package experiments

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// plain is a question about two arms and one metric.
func plain(share bool, baseline, variance, effect, power float64) Question {
	q := Question{
		Share: share, Baseline: baseline, Variance: variance, Power: power, Confidence: 0.95, Arms: 2, Metrics: 1, Correction: CorrectBonferroni, Looks: 1, ClusterSize: 1,
	}
	if effect != 0 {
		q.Effect = &effect
	}
	return q
}

func planOf(t *testing.T, q Question) Plan {
	t.Helper()
	p, err := q.Answer()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Units per arm against other programs.
func TestPlan_units(t *testing.T) {
	threeArms := plain(true, 0.1, 0, 0.02, 0.8)
	threeArms.Arms = 3
	fourArms := plain(true, 0.1, 0, 0.02, 0.9)
	fourArms.Arms = 4
	for name, c := range map[string]struct {
		q    Question
		want int64
	}{
		// scipy 1.17.1: the two-sided normal power with unpooled variance, solved by brentq.
		"10 % against 12 %":           {plain(true, 0.1, 0, 0.02, 0.8), 3839},
		"10 % against 11.5 %":         {plain(true, 0.1, 0, 0.015, 0.8), 6690},
		"2 % against 1.8 %":           {plain(true, 0.02, 0, -0.002, 0.8), 73_144},
		"three arms, level 0.975":     {threeArms, 4648},
		"four arms, level 1 - 0.05/3": {fourArms, 6607},
		// statsmodels 0.15.0: TTestIndPower().solve_power(effect_size, alpha=.05, power): 6491.10, 8689.43, 16.71.
		"means":              {plain(false, 24.5, 61*61, 3, 0.8), 6492},
		"means, 90 %":        {plain(false, 24.5, 61*61, 3, 0.9), 8690},
		"means, few units":   {plain(false, 0, 1, 1, 0.8), 17},
		"a fall is the same": {plain(false, 24.5, 61*61, -3, 0.8), 6492},
	} {
		if got := planOf(t, c.q).Units; got != c.want {
			t.Errorf("%s: %d units, want %d", name, got, c.want)
		}
	}
}

// The smallest effect of given units: statsmodels 0.15.0, TTestIndPower().power(10.818857661/61, 500, .05) = 0.8 to ten
// digits (its solve_power stops at 10.818864, where the power is 0.8000004); of shares the effect that 3,839 units were planned for.
func TestPlan_smallest(t *testing.T) {
	q := plain(false, 24.5, 61*61, 0, 0.8)
	q.Units = 500
	if got := planOf(t, q).Effect; math.Abs(got-10.818857661) > 1e-8 {
		t.Errorf("a mean: %.9f", got)
	}
	q = plain(true, 0.1, 0, 0, 0.8)
	q.Units = 3839
	if got := planOf(t, q).Effect; got > 0.02 || got < 0.02-1e-5 {
		t.Errorf("a share: %.9f", got)
	}
}

// Looks multiply the units as an independent recursion over a grid says: scipy 1.17.1, Simpson's rule on 1001 points of the
// score, whose boundaries for O'Brien and Fleming at four looks are those of rpact 3.3.4 (4.333, 2.963, 2.359, 2.014).
func TestPlan_looks(t *testing.T) {
	for _, c := range []struct {
		spending  string
		parameter float64
		looks     int
		power     float64
		want      float64
	}{
		{SpendingOBrienFleming, 0, 2, 0.8, 1.0037250},
		{SpendingOBrienFleming, 0, 4, 0.8, 1.0196373},
		{SpendingOBrienFleming, 0, 5, 0.8, 1.0247199},
		{SpendingOBrienFleming, 0, 4, 0.9, 1.0182800},
		{SpendingPocock, 0, 2, 0.8, 1.1225502},
		{SpendingPocock, 0, 4, 0.8, 1.1963101},
		{SpendingPocock, 0, 5, 0.8, 1.2126259},
		{SpendingKimDeMets, 3, 4, 0.8, 1.0269474},
		{SpendingHwangShihDeCani, -4, 5, 0.8, 1.0253893},
		{SpendingHwangShihDeCani, 5, 2, 0.8, 1.3613185},
		{SpendingHwangShihDeCani, 5, 5, 0.8, 1.6159645}, // spends early: the first limit is the least
	} {
		q := plain(true, 0.1, 0, 0.02, c.power)
		plainUnits := planOf(t, q).Units
		q.Looks, q.Spending, q.Parameter = c.looks, c.spending, c.parameter
		p := planOf(t, q)
		if math.Abs(p.Inflation-c.want) > 2e-5 {
			t.Errorf("%s %g, %d looks: inflation %.7f, want %.7f", c.spending, c.parameter, c.looks, p.Inflation, c.want)
		}
		if want := float64(plainUnits) * p.Inflation; math.Abs(float64(p.Units)-want) > 2 {
			t.Errorf("%s: %d units, want about %.1f", c.spending, p.Units, want)
		}
	}
}

// Dunnett's level lies between none and Bonferroni's; the critical value for three treatments is 2.35 in his table.
func TestPlan_correction(t *testing.T) {
	q := plain(true, 0.1, 0, 0.02, 0.8)
	q.Arms = 4
	level := map[string]float64{}
	for _, c := range []string{CorrectNone, CorrectDunnett, CorrectBonferroni} {
		q.Correction = c
		level[c] = planOf(t, q).TestLevel
	}
	if level[CorrectNone] != 0.95 || math.Abs(level[CorrectBonferroni]-(1-0.05/3)) > 1e-12 || math.Abs(level[CorrectDunnett]-0.98117) > 2e-4 {
		t.Errorf("levels %v", level)
	}
	q.Arms, q.Correction = 2, CorrectDunnett
	if p := planOf(t, q); p.Correction != CorrectNone || math.Abs(p.TestLevel-0.95) > 1e-9 {
		t.Errorf("of one treatment Dunnett asks for %v at %v", p.Correction, p.TestLevel)
	}
	q.Metrics, q.Correction = 2, CorrectBonferroni
	if p := planOf(t, q); math.Abs(p.TestLevel-0.975) > 1e-12 {
		t.Errorf("two primary metrics are tested at %v", p.TestLevel)
	}
}

// Clusters, covariates and arrivals multiply units and days by hand-worked factors.
func TestPlan_factors(t *testing.T) {
	base := planOf(t, plain(true, 0.1, 0, 0.015, 0.8))
	q := plain(true, 0.1, 0, 0.015, 0.8)
	q.ClusterSize, q.CV, q.ICC, q.PerDay = 3, 1.5, 0.2, 40
	p := planOf(t, q)
	if math.Abs(p.DesignEffect-2.75) > 1e-12 { // 1 + ((2.25 + 1)·3 − 1)·0.2
		t.Errorf("design effect %v", p.DesignEffect)
	}
	if want := int64(math.Ceil(6689.845440782366 * 2.75)); p.Units != want || p.AllUnits != 2*want || p.Clusters != (want+2)/3 || p.Days != (2*want+39)/40 {
		t.Errorf("%d units, %d clusters, %d days; want %d units", p.Units, p.Clusters, p.Days, want)
	}
	q = plain(true, 0.1, 0, 0.015, 0.8)
	q.VarianceReduction = 0.25
	if p := planOf(t, q); p.Units != int64(math.Ceil(6689.845440782366*0.75)) || p.Units >= base.Units {
		t.Errorf("a covariate leaves %d of %d units", p.Units, base.Units)
	}
	q = plain(true, 0.1, 0, 0.015, 0.8)
	q.Guardrails = 1
	if p := planOf(t, q); p.TestPower != 0.9 || p.Units != base.Table[2].Units {
		t.Errorf("one guardrail asks for a power of %v and %d units; 90 %% takes %d", p.TestPower, p.Units, base.Table[2].Units)
	}
}

// Whatever is asked, the numbers answer each other: the units of a plan have its power, one fewer has not, and the smallest
// effect of these units is the one they were planned for.
func TestPlan_inverse(t *testing.T) {
	for _, q := range []Question{
		plain(true, 0.1, 0, 0.015, 0.8), plain(true, 0.5, 0, 0.07, 0.9), plain(true, 0.01, 0, 0.004, 0.6), plain(false, -7, 4, 0.5, 0.95), plain(false, 0, 1, 0.9, 0.8),
	} {
		for i, more := range []func(*Question){
			func(*Question) {}, func(q *Question) { q.Arms, q.Correction = 5, CorrectDunnett }, func(q *Question) { q.Guardrails = 3 },
			func(q *Question) { q.Looks, q.Spending = 2, SpendingPocock }, func(q *Question) { q.ClusterSize, q.ICC = 4, 0.1 },
		} {
			if !q.Share && i%2 > 0 { // the noncentral t takes its time
				continue
			}
			q := q
			more(&q)
			p := planOf(t, q)
			asked := q
			asked.Units = p.Units
			r := planOf(t, asked)
			if r.Reached == nil || *r.Reached < q.Power-1e-6 {
				t.Errorf("%+v: %d units reach %v", q, p.Units, r.Reached)
			}
			if asked.Units--; asked.Units > 2 {
				if r := planOf(t, asked); r.Reached != nil && *r.Reached > q.Power {
					t.Errorf("%+v: a unit less than %d still reaches %v", q, p.Units, *r.Reached)
				}
			}
			asked.Units, asked.Effect = p.Units, nil
			r = planOf(t, asked)
			if r.Effect > p.Effect || r.Effect < p.Effect*(1-2/math.Sqrt(float64(p.Units))) {
				t.Errorf("%+v: %d units find %v, they were planned for %v", q, p.Units, r.Effect, p.Effect)
			}
		}
	}
}

func TestPlan_table(t *testing.T) {
	q := plain(true, 0.1, 0, 0.015, 0.85)
	q.PerDay = 100
	p := planOf(t, q)
	var powers []float64
	for i, n := range p.Table {
		powers = append(powers, n.Power)
		if i > 0 && (n.Units <= p.Table[i-1].Units || n.Days < p.Table[i-1].Days) || n.AllUnits != 2*n.Units {
			t.Errorf("row %+v after %+v", n, p.Table[max(0, i-1)])
		}
		if n.Power == 0.85 && (n.Units != p.Units || n.Days != p.Days) {
			t.Errorf("the row of the plan is %+v, the plan %d units in %d days", n, p.Units, p.Days)
		}
	}
	if len(powers) != 5 || powers[2] != 0.85 {
		t.Errorf("powers %v", powers)
	}
	if p := planOf(t, plain(true, 0.1, 0, 0.015, 0.99)); p.Table[len(p.Table)-1].Power != 0.99 {
		t.Errorf("the power asked for is missing: %+v", p.Table)
	}
}

// The smallest effect that pays, by hand: 60 a customer at a margin of 0.8 earns 48; a reward of 10 for everyone leaves 38 for
// a further one and costs 1 on the 10 % that come anyway: 1/38.
func TestPlan_payback(t *testing.T) {
	q := plain(true, 0.1, 0, 0.05, 0.8)
	q.Price = &Price{Value: 60, Margin: 0.8, Reward: 10}
	x := planOf(t, q).Payback
	if x.Effect == nil || math.Abs(*x.Effect-1.0/38) > 1e-12 || math.Abs(*x.Lift-10.0/38) > 1e-12 || math.Abs(x.Worth-(38*0.05-1)) > 1e-12 {
		t.Errorf("%+v", x)
	}
	exactly := q
	exactly.Effect = x.Effect
	if p := planOf(t, exactly); *x.Units != p.Units || math.Abs(p.Payback.Worth) > 1e-12 {
		t.Errorf("the effect that just pays takes %d units and is worth %v, said %d", p.Units, p.Payback.Worth, *x.Units)
	}
	q.Price.Cost = 2
	if x := planOf(t, q).Payback; math.Abs(*x.Effect-3.0/38) > 1e-12 {
		t.Errorf("with costs %+v", x)
	}
	for name, price := range map[string]Price{"reward eats all": {Value: 10, Margin: 0.8, Reward: 8}, "beyond 100 %": {Value: 1, Margin: 1, Cost: 5}} {
		q.Price = &price
		if x := planOf(t, q).Payback; x.Effect != nil || x.Units != nil || x.Reason != ReasonNeverPays {
			t.Errorf("%s: %+v", name, x)
		}
	}
	free := plain(false, 10, 4, 1, 0.8)
	free.Price = &Price{Value: 1, Margin: 1}
	if x := planOf(t, free).Payback; *x.Effect != 0 || x.Units != nil || x.Worth != 1 {
		t.Errorf("what costs nothing pays at once: %+v", x)
	}
}

func TestPlan_refuses(t *testing.T) {
	for name, change := range map[string]func(*Question){
		"no share":         func(q *Question) { q.Baseline = 1.2 },
		"beyond one":       func(q *Question) { q.Effect = referral.Float(0.95) },
		"no effect":        func(q *Question) { q.Effect = referral.Float(0) },
		"nothing asked":    func(q *Question) { q.Effect = nil },
		"no variance":      func(q *Question) { q.Share = false },
		"not a number":     func(q *Question) { q.PerDay = math.NaN() },
		"confidence":       func(q *Question) { q.Confidence = 1 },
		"power":            func(q *Question) { q.Power = 0 },
		"power below α":    func(q *Question) { q.Power = 0.01 },
		"one arm":          func(q *Question) { q.Arms = 1 },
		"no metric":        func(q *Question) { q.Metrics = 0 },
		"guardrails":       func(q *Question) { q.Guardrails = -1 },
		"no look":          func(q *Question) { q.Looks = 0 },
		"spending":         func(q *Question) { q.Looks, q.Spending = 2, "all" },
		"rho":              func(q *Question) { q.Looks, q.Spending = 2, SpendingKimDeMets },
		"cluster":          func(q *Question) { q.ClusterSize = 0.5 },
		"icc":              func(q *Question) { q.ClusterSize, q.ICC = 3, 2 },
		"all explained":    func(q *Question) { q.VarianceReduction = 1 },
		"correction":       func(q *Question) { q.Arms, q.Correction = 3, "most" },
		"too few to test":  func(q *Question) { q.Effect, q.Units = nil, 1 },
		"too few to find":  func(q *Question) { q.Effect, q.Units, q.ClusterSize, q.ICC = nil, 2, 50, 1 },
		"endless ICC":      func(q *Question) { q.ICC = math.NaN() },
		"explained NaN":    func(q *Question) { q.VarianceReduction = math.NaN() },
		"effect NaN":       func(q *Question) { q.Effect = referral.Float(math.NaN()) },
		"no value":         func(q *Question) { q.Price = &Price{Value: math.NaN(), Margin: 1} },
		"endless cost":     func(q *Question) { q.Price = &Price{Value: 1, Margin: 1, Cost: math.Inf(1)} },
		"worth overflows":  func(q *Question) { q.Price = &Price{Value: 1e308, Margin: 1e308} },
		"lift overflows":   func(q *Question) { q.Share, q.Baseline, q.Variance, q.Effect = false, 1e-308, 1, referral.Float(3) },
		"too many units":   func(q *Question) { q.Units = math.MaxInt64 },
		"days overflow":    func(q *Question) { q.PerDay = 5e-324 },
		"days without end": func(q *Question) { q.PerDay = 1e-9 },
		"beyond all units": func(q *Question) { q.Share, q.Variance, q.Effect = false, 1e300, referral.Float(1e-9) },
	} {
		q := plain(true, 0.1, 0, 0.02, 0.8)
		change(&q)
		if p, err := q.Answer(); !errors.Is(err, ErrQuestion) {
			t.Errorf("%s: %v, %+v", name, err, p)
		}
	}
}
