package experiments

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"
)

// edge is an arm of bad or barely usable input, per kind of metric.
type edge struct {
	name string
	arm  func(t *testing.T, kind string) outcome
}

// unitsOf makes an arm of any kind from the values of its units; a share has the outcome where the value is positive.
func unitsOf(t *testing.T, kind string, values ...int64) outcome {
	t.Helper()
	ones, two, zero := make([]int64, len(values)), make([]int64, len(values)), make([]int64, len(values))
	days, event := make([]int, len(values)), make([]int, len(values))
	for i, v := range values {
		ones[i], two[i], days[i], event[i] = min(1, max(0, v)), 2, int(max(v, -v))%30+1, i%2
	}
	switch kind {
	case KindProportion:
		o := outcomeOf(t, ones, zero)
		o.times = timed(days, event).times
		return o
	case KindRatio:
		return outcomeOf(t, values, two, values, two)
	case KindQuantile:
		var o outcome
		for _, v := range slices.Sorted(slices.Values(values)) {
			o.spread = append(o.spread, count{float64(v), 1})
		}
		return o
	case KindTimeToEvent:
		return timed(days, event)
	}
	o := outcomeOf(t, values, zero)
	o.uncapped = jointOf(values)
	return o
}

func repeated(v int64, n int) []int64 { return slices.Repeat([]int64{v}, n) }

func edges() []edge {
	of := func(values ...int64) func(*testing.T, string) outcome {
		return func(t *testing.T, kind string) outcome { return unitsOf(t, kind, values...) }
	}
	return []edge{
		{"sound", of(3, 0, 7, 1, 12, 0, 4, 9, 0, 2, 5, 8)},
		{"empty", func(t *testing.T, kind string) outcome {
			if kind == KindQuantile || kind == KindTimeToEvent {
				return outcome{}
			}
			return outcome{joint: newJoint(4)}
		}},
		{"missing", func(*testing.T, string) outcome { return outcome{missing: true} }},
		{"of summary without sums", func(_ *testing.T, kind string) outcome {
			if kind == KindProportion {
				x := big.NewInt(3)
				return outcome{Moments: stats.Moments{N: 9, Mean: 1. / 3, Variance: 0.25}, joint: joint{n: 9, sum: []*big.Int{x}, product: []*big.Int{x}}}
			}
			return outcome{Moments: stats.Moments{N: 9, Mean: 2.5, Variance: 1}}
		}},
		{"one unit", of(5)},
		{"two units", of(5, 1)},
		{"all zero", of(repeated(0, 40)...)},
		{"all converted, all the same", of(repeated(1, 40)...)},
		{"one of forty", of(append(repeated(0, 39), 6)...)},
		{"huge", of(1e15, 3, 2e15, 7, 5, 9e14, 0, 1, 3e15, 4)},
		{"negative", of(-5, 3, -9, 4, -2, -7, 0, -1)},
		{"denominators of zero", func(t *testing.T, kind string) outcome {
			if kind == KindRatio {
				zero := repeated(0, 10)
				return outcomeOf(t, zero, zero, zero, zero)
			}
			return unitsOf(t, kind, 0, 0, 0)
		}},
		{"few units of a ratio, one without denominator", func(t *testing.T, kind string) outcome {
			if kind != KindRatio {
				return unitsOf(t, kind, 1, 2, 3)
			}
			return clustered(outcome{}, []int64{1, 2, 0, 3, 1, 4, 2}, []int64{2, 5, 0, 4, 9, 4, 3})
		}},
		{"clusters with one denominator", func(t *testing.T, kind string) outcome {
			if kind != KindRatio {
				return unitsOf(t, kind, 1)
			}
			return clustered(outcome{}, []int64{1, 0, 0, 0, 0, 0, 0}, []int64{2, 0, 0, 0, 0, 0, 0})
		}},
		{"equal clusters", func(t *testing.T, kind string) outcome {
			if kind != KindRatio {
				return unitsOf(t, kind, repeated(2, 7)...)
			}
			return clustered(outcome{}, repeated(1, 7), repeated(2, 7))
		}},
	}
}

// Every kind of metric, under every rule, with a covariate, a cap, a margin and strata, in every pair of bad arms: all numbers are
// finite, what is absent has a reason, and no p-value is made out of nothing.
func TestCompare_badInput(t *testing.T) {
	seen := 0
	for _, kind := range allKinds {
		for _, c := range edges() {
			for _, x := range edges() {
				// Rules, roles and corrections take turns, so that every arm meets each of them.
				rule, guardrail, correction := allRules[seen%len(allRules)], seen/len(allRules)%2 == 1, allPrimary[seen%len(allPrimary)]
				where := fmt.Sprintf("%s, %s against %s, %s", kind, x.name, c.name, rule)
				r := readOf(c.arm(t, kind), x.arm(t, kind), unitsOf(t, kind, 3, 0, 7, 1, 12, 0, 4, 9, 0, 2, 5, 8))
				r.cells = cellsOf(r, c.name == "empty")
				def := everything(kind, rule, guardrail)
				def.Multiplicity.Primary = correction
				m, _ := compared(t, def, r)
				if _, err := json.Marshal(m); err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				for _, got := range m.Comparisons {
					checkAbsent(t, where, reflect.ValueOf(got))
					checkPValue(t, where, got)
				}
				seen++
			}
		}
	}
}

// everything is a definition that asks for all there is.
func everything(kind, rule string, guardrail bool) Definition {
	limit := int64(1e9)
	def := asked(Metric{Kind: kind, Quantile: 0.5, Cap: &Cap{At: &limit}, Margin: &Margin{Relative: 0.1}}, 3)
	def.Window, def.Strata, def.Cuped.Before, def.Multiplicity.Primary = 30*referral.DayLen, StrataExposure, referral.DayLen, CorrectDunnett
	def.Stopping = Stopping{Rule: rule, Units: 24}
	if rule == RuleGroupSequential {
		def.Stopping.Looks = Looks{0.5, 1}
	}
	if guardrail {
		m := &def.Metrics[0]
		m.Role, m.Margin, m.LowerIsBetter = RoleGuardrail, &Margin{Absolute: 0.05}, true
	}
	return def
}

// cellsOf puts each arm into a stratum of its own beside one that all share; lone leaves the shared one out.
func cellsOf(r read, lone bool) []cell {
	var out []cell
	for i, a := range r.arms {
		j := a.metrics[0].joint
		if len(j.sum) == 0 {
			continue
		}
		out = append(out, cell{arm: i, stratum: a.name, n: j.n, mature: j.n, metrics: []joint{j}})
		if !lone {
			out = append(out, cell{arm: i, stratum: "shared", n: j.n, mature: j.n, metrics: []joint{j}})
		}
	}
	return out
}

// checkAbsent wants a reason beside every number that is null, wherever the shape has one.
func checkAbsent(t *testing.T, where string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkAbsent(t, where, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkAbsent(t, where, v.Index(i))
		}
	case reflect.Struct:
		absent := func(names ...string) bool {
			for _, n := range names {
				if f := v.FieldByName(n); f.IsValid() && f.Kind() == reflect.Pointer && f.IsNil() {
					return true
				}
			}
			return false
		}
		if v.Type() != reflect.TypeFor[StrataResult]() && v.Type() != reflect.TypeFor[StratumEffect]() &&
			absent("Value", "Lo", "Hi", "PValue", "Better", "LossShip", "Noninferior", "Limit", "Z") && v.FieldByName("Reason").IsValid() && v.FieldByName("Reason").String() == "" {
			if s, ok := v.Interface().(Sequential); !ok || s.Z == nil || s.Critical == nil {
				t.Fatalf("%s: a number is absent without a reason in %s %+v", where, v.Type().Name(), v.Interface())
			}
		}
		for i := range v.NumField() {
			checkAbsent(t, where, v.Field(i))
		}
	default:
	}
}

// checkPValue refuses a p-value of 0, or one where there is no effect to speak of or no variance to test with.
func checkPValue(t *testing.T, where string, c Comparison) {
	t.Helper()
	for name, p := range map[string]*float64{"p": c.PValue, "adjusted p": c.AdjustedP} {
		if p == nil {
			continue
		}
		if !(*p > 0 && *p <= 1) {
			t.Fatalf("%s: %s is %g", where, name, *p)
		}
	}
	if c.PValue == nil && (c.Decision != DecisionUnclear || c.AdjustedP != nil) || c.PValue != nil && c.Effect.Value == nil {
		t.Fatalf("%s: %+v", where, c)
	}
	if c.PValue != nil && *c.PValue == 1 && *c.Effect.Value != 0 && c.Method != referral.MethodFisher && c.Method != referral.MethodPermutation && c.Method != referral.MethodLogRank {
		t.Fatalf("%s: p is 1 with an effect of %g", where, *c.Effect.Value)
	}
}

// Small random worlds, read out with every kind of metric and every option at once: numbers or reasons, whatever the world.
func TestCompute_everyKind(t *testing.T) {
	tested := map[string]int{}
	check := func(r read, name, unit, rule string) {
		res, err := judge(mixedDefinition(name, unit, rule), testScope(), r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(res); err != nil {
			t.Fatal(err)
		}
		for _, m := range res.Metrics {
			for _, c := range m.Comparisons {
				where := fmt.Sprintf("%s, %s, %s", rule, unit, m.Name)
				if c.Decision != DecisionInvalid {
					checkPValue(t, where, c)
				}
				checkAbsent(t, where, reflect.ValueOf(c))
				if c.PValue != nil {
					tested[m.Kind+", "+c.Method]++
				}
			}
		}
	}
	// The rule is no part of what is read.
	everyRule := func(db engine.DB, name, unit string) {
		r, err := readExposures(t.Context(), db, mixedDefinition(name, unit, RuleFixed), testScope())
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range allRules {
			check(r, name, unit, rule)
		}
	}
	everyRule(simple(cohort{"none", 60, 30, 5, 1000}, cohort{"ten", 70, 45, 6, 1200}, cohort{"gift", 65, 35, 5, 900}).open(t), "reward", UnitPerson)
	for seed := range worlds(t, 4) {
		db := randomWorld(rand.New(rand.NewPCG(seed, 21))).open(t)
		for _, unit := range allUnits {
			everyRule(db, unit, unit)
		}
	}
	for _, want := range []string{"proportion, welch_t", "mean, welch_t", "ratio, permutation", "time_to_event, log_rank", "quantile, order_statistics"} {
		if tested[want] == 0 {
			t.Errorf("no %s among %v", want, tested)
		}
	}
}

// mixedDefinition asks for every kind of metric and every option.
func mixedDefinition(name, unit, rule string) Definition {
	def := everything(KindMean, rule, false)
	def.Name, def.Unit = name, unit
	def.Control, def.Weights = even("none", "ten", "gift")
	def.Window, def.Cuped.Before = 20*referral.DayLen, 30*referral.DayLen
	if unit == UnitPartner {
		def.Strata = ""
	}
	def.Metrics = []Metric{
		{Name: "paid", Kind: KindProportion, Event: "purchase", Role: RolePrimary},
		{Name: "revenue", Kind: KindMean, Event: "purchase", Role: RolePrimary, Cap: &Cap{Quantile: 0.9}},
		{Name: "basket", Kind: KindRatio, Event: "purchase", Per: &Part{Event: "purchase"}},
		{Name: "wait", Kind: KindTimeToEvent, Event: "purchase", LowerIsBetter: true},
		{Name: "typical", Kind: KindQuantile, Event: "purchase", Quantile: 0.5},
		{Name: "refunds", Kind: KindMean, Event: "refund", Value: ValueCount, Role: RoleGuardrail, LowerIsBetter: true, Margin: &Margin{Relative: 0.1}},
	}
	return def
}
