package experiments

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vouch/internal/stats"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

// group of equal units: how many, of which how many buy, for how much, and how many ask their money back.
type cohort struct {
	variant              string
	units, buy, refunded int
	price                int64
}

// simple makes persons with one exposure each on day 1 and their events on day 2.
func simple(cohorts ...cohort) world {
	var w world
	for _, c := range cohorts {
		for i := range c.units {
			p := len(w.persons)
			id := fmt.Sprintf("p%05d", p)
			w.persons = append(w.persons, personRow{id: id, referrer: -1})
			w.exposures = append(w.exposures, exposureRow{"reward", id, c.variant, at(1, 0)})
			if i < c.buy {
				// Prices differ by a few minor units, so that a mean has a variance.
				w.events = append(w.events, eventRow{person: p, partner: -1, event: "purchase", at: at(2, p), value: minor(c.price + int64(i%7))})
			}
			if i < c.refunded {
				w.events = append(w.events, eventRow{person: p, partner: -1, event: "refund", at: at(3, p), value: minor(-c.price)})
			}
		}
	}
	return w
}

func rewardDefinition(variants ...string) Definition {
	control, weights := even(variants...)
	return Definition{
		Name: "reward", Control: control, Weights: weights, Window: 30 * referral.DayLen, Rewards: map[string]int64{},
		Metrics: []Metric{
			{Name: "paid", Kind: KindProportion, Event: "purchase", Role: RolePrimary},
			{Name: "refunded", Kind: KindProportion, Event: "refund", Role: RoleGuardrail, LowerIsBetter: true},
		},
	}
}

func codes(fs []referral.Finding) []string {
	var out []string
	for _, f := range fs {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

// One row per rule of the verdict, each on the database.
func TestCompute_verdict(t *testing.T) {
	for _, c := range []struct {
		name    string
		world   world
		change  func(*Definition)
		action  string
		arm     string
		reason  string // a part of it
		codes   []string
		primary string // decision on the primary metric of the first arm
	}{
		{
			name:   "better and no guardrail worse ships",
			world:  simple(cohort{"none", 400, 40, 4, 1000}, cohort{"ten", 400, 90, 5, 1000}),
			action: ActionShip, arm: "ten", reason: "ten: better on paid", primary: DecisionBetter,
		},
		{
			name:   "a worse guardrail stops, however good the primary metric",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 40, 1000}),
			action: ActionStop, arm: "ten", reason: "ten: worse on refunded", primary: DecisionBetter,
		},
		{
			name:   "worse on the primary metric stops",
			world:  simple(cohort{"none", 400, 90, 4, 1000}, cohort{"ten", 400, 40, 4, 1000}),
			action: ActionStop, arm: "ten", reason: "ten: worse on paid", primary: DecisionWorse,
		},
		{
			name:   "unclear holds and says what is missing",
			world:  simple(cohort{"none", 400, 40, 4, 1000}, cohort{"ten", 400, 48, 4, 1000}),
			action: ActionHold, arm: "ten", reason: "more mature units for 80 % power", codes: []string{"small-sample"}, primary: DecisionUnclear,
		},
		{
			name:   "better at a loss holds",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Rewards["ten"] = 5000 },
			action: ActionHold, arm: "ten", reason: ": each one loses money.", primary: DecisionBetter,
		},
		{
			// Minor units: ten brings 90,267 − 6,000 and none 40,115 − 6,000, so each of 400 persons 125.38 more,
			// of which the margin leaves 100.304; ninety rewards of 460 cost each 103.5: −3.196.
			name:   "better but worth less than its cost holds, though the loss is not certain",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Rewards["ten"] = 460 },
			action: ActionHold, arm: "ten", reason: "ten: better on paid, but after its cost it is worth EUR −0.03 per person (−0.30 to +0.23): the value is not clear", primary: DecisionBetter,
		},
		{
			name:   "better with less money holds without a reward too, and speaks of no cost",
			world:  simple(cohort{"none", 400, 40, 6, 3000}, cohort{"ten", 400, 90, 6, 1000}),
			action: ActionHold, arm: "ten", reason: "better on paid, but it is worth EUR −", primary: DecisionBetter,
		},
		{
			name: "better without any money ships: nothing is known against it",
			world: func() world {
				w := simple(cohort{"none", 400, 40, 0, 1000}, cohort{"ten", 400, 90, 0, 1000})
				for i := range w.events {
					w.events[i].value = nil
				}
				return w
			}(),
			change: func(d *Definition) { d.Rewards["ten"] = 600; d.Metrics = d.Metrics[:1] },
			action: ActionShip, arm: "ten", reason: "ten: better on paid", primary: DecisionBetter,
		},
		{
			name:   "better with an open value ships and says so",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Rewards["ten"] = 400 },
			action: ActionShip, arm: "ten", reason: "not yet told apart from 0", primary: DecisionBetter,
		},
		{
			name:   "a broken split is invalid, whatever the effect",
			world:  simple(cohort{"none", 400, 40, 4, 1000}, cohort{"ten", 520, 120, 5, 1000}),
			action: ActionInvalid, reason: "The split differs from the plan", codes: []string{"srm"}, primary: DecisionInvalid,
		},
		{
			name:   "of two good arms the better one ships",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}, cohort{"vip", 400, 110, 6, 1000}),
			change: func(d *Definition) { d.Control, d.Weights = even("none", "ten", "vip") },
			action: ActionShip, arm: "vip", reason: "vip: better on paid", primary: DecisionBetter,
		},
		{
			name:   "before the planned units are there nothing is decided",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Stopping = Stopping{Units: 1000} },
			action: ActionHold, arm: "ten", reason: "not finished: 800 of 1,000 planned units", codes: []string{"small-sample"}, primary: DecisionUnclear,
		},
		{
			// By O'Brien and Fleming's spending |z| must reach 2.96 at half of the units; z is 4.8.
			name:  "at a planned look a boundary that is crossed ships",
			world: simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) {
				d.Stopping = Stopping{Rule: RuleGroupSequential, Units: 1600, Looks: []float64{0.5, 1}}
			},
			action: ActionShip, arm: "ten", reason: "ten: better on paid", primary: DecisionBetter,
		},
		{
			// 4 of 400 against 60 of 400 asked back: far beyond two points, though nobody is told worse of a primary metric.
			name:   "a guardrail beyond its margin stops",
			world:  simple(cohort{"none", 400, 40, 4, 1000}, cohort{"ten", 400, 90, 60, 1000}),
			change: func(d *Definition) { d.Metrics[1].Margin = &Margin{Absolute: 0.02} },
			action: ActionStop, arm: "ten", reason: "ten: worse on refunded", primary: DecisionBetter,
		},
		{
			name:   "a guardrail that may be beyond its margin holds",
			world:  simple(cohort{"none", 400, 40, 4, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Metrics[1].Margin = &Margin{Absolute: 0.01} },
			action: ActionHold, arm: "ten", reason: "but refunded is not shown to stay within its margin of 1 percentage point.", primary: DecisionBetter,
		},
		{
			// The same gain of 1.00 per person as without it, less 1.50 for each person exposed.
			name:   "better, but worth less than its cost per person",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Costs = map[string]Cost{"ten": {PerUnit: 150}} },
			action: ActionHold, arm: "ten", reason: "after its cost it is worth EUR −0.50 per person", primary: DecisionBetter,
		},
		{
			name:   "better at a probability of loss above the limit",
			world:  simple(cohort{"none", 400, 40, 6, 1000}, cohort{"ten", 400, 90, 6, 1000}),
			change: func(d *Definition) { d.Rewards["ten"] = 400; d.Decide.MaxLoss = referral.Float(0.1) },
			action: ActionHold, arm: "ten", reason: "the probability that it loses money is 0.", primary: DecisionBetter,
		},
		{
			name:   "nobody was exposed",
			world:  world{},
			action: ActionHold, arm: "ten", reason: "at least two mature units", codes: []string{"empty-arm"}, primary: DecisionUnclear,
		},
		{
			name:   "nobody converts",
			world:  simple(cohort{"none", 200, 0, 0, 0}, cohort{"ten", 200, 0, 0, 0}),
			action: ActionHold, arm: "ten", reason: "no number of units can be named", codes: []string{"zero-variance"}, primary: DecisionUnclear,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			def := rewardDefinition("none", "ten")
			if c.change != nil {
				c.change(&def)
			}
			res := compute(t, c.world.open(t), def, testScope())
			v := res.Verdict
			if v.Action != c.action || v.Arm != c.arm || !strings.Contains(v.Reason, c.reason) {
				t.Errorf("verdict %+v", v)
			}
			if d := cmp.Diff(c.codes, codes(res.Findings)); d != "" {
				t.Errorf("findings (-want +got)\n%s%+v", d, res.Findings)
			}
			if got := res.Metrics[0].Comparisons[0].Decision; got != c.primary {
				t.Errorf("decision on the primary metric: %s", got)
			}
		})
	}
}

// Units in two variants: a few are named, many make the experiment invalid.
func TestCompute_twoVariants(t *testing.T) {
	for _, c := range []struct {
		mixed   int
		invalid bool
	}{{10, false}, {60, true}} {
		w := simple(cohort{"none", 500, 40, 0, 1000}, cohort{"ten", 500, 41, 0, 1000})
		for i := range c.mixed {
			other := "ten"
			if i%2 == 1 {
				i, other = 999-i, "none"
			}
			w.exposures = append(w.exposures, exposureRow{"reward", w.persons[i].id, other, at(4, 0)})
		}
		res := compute(t, w.open(t), rewardDefinition("none", "ten"), testScope())
		if res.Hygiene.TwoVariants != int64(c.mixed) || (res.Verdict.Action == ActionInvalid) != c.invalid || !slices.Contains(codes(res.Findings), "two-variants") {
			t.Errorf("%d mixed: %+v, %+v, %v", c.mixed, res.Hygiene, res.Verdict, codes(res.Findings))
		}
	}
}

// The window and as-of are exact to the microsecond: the last instant of a window counts, one
// microsecond later does not, and an event before the exposure never does.
func TestCompute_windowEdges(t *testing.T) {
	w := world{}
	add := func(variant string, exposed, bought int, micros int) {
		p := len(w.persons)
		id := fmt.Sprintf("p%d", p)
		w.persons = append(w.persons, personRow{id: id, referrer: -1})
		w.exposures = append(w.exposures, exposureRow{"reward", id, variant, at(exposed, 0)})
		w.events = append(w.events, eventRow{person: p, partner: -1, event: "purchase", at: at(bought, micros), value: minor(100)})
	}
	add("ten", 1, 31, 0)   // the last instant
	add("ten", 1, 31, 1)   // too late
	add("ten", 1, 1, 0)    // with the exposure
	add("ten", 1, 0, 0)    // before it
	add("ten", 30, 31, 0)  // mature at as-of exactly
	add("ten", 31, 32, 0)  // immature: not a failure, not a success
	add("none", 1, 59, 0)  // far outside
	add("none", 60, 61, 0) // exposed at as-of: not seen at all
	res := compute(t, w.open(t), rewardDefinition("none", "ten"), testScope())
	want := []Arm{{Variant: "none", N: 1, Mature: 1, Share: 0.5}, {Variant: "ten", N: 6, Mature: 5, Share: 0.5}}
	if d := cmp.Diff(want, res.Arms); d != "" {
		t.Error(d)
	}
	ten := res.Metrics[0].Arms[1].Value
	if string(*ten.Numerator) != "3" || string(*ten.Denominator) != "5" || res.Hygiene.Immature != 1 || res.Hygiene.Exposures != 7 {
		t.Errorf("%s of %s, %+v", *ten.Numerator, *ten.Denominator, res.Hygiene)
	}
	if res.From != "2026-03-02" || res.To != "2026-04-01" {
		t.Errorf("from %s to %s", res.From, res.To)
	}
}

// The further units of an unclear test would make it clear: at that size it has the planned power.
func TestMissing(t *testing.T) {
	c, tr := stats.Share(40, 400), stats.Share(48, 400)
	d := stats.MeanDesign{VarianceControl: c.Variance, VarianceTreatment: tr.Variance, Level: 0.95, Normal: true}
	more, err := missing(d, tr.Mean-c.Mean, 400, 400)
	if err != nil || more == nil {
		t.Fatal(more, err)
	}
	n := float64(800+*more) / 2
	power, err := d.Power(tr.Mean-c.Mean, n, n)
	if err != nil || *power < 0.7999 || *power > 0.8005 {
		t.Errorf("with %d more units the power is %v, %v", *more, *power, err)
	}
	d.Level = 0.15 // a coin would have the power
	if more, err := missing(d, 0.1, 400, 400); more != nil || err != nil {
		t.Error(more, err)
	}
}
