package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"vouch/internal/stats"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// oracleArm is what loops over raw rows find in one variant.
type oracleArm struct {
	n, mature int64
	values    [][]float64 // per metric, one value per mature unit
	valueless []int       // per metric, events of mature units without an amount
	net       []float64
}

// worthless: something happened that should have an amount, and no unit has one.
func (a oracleArm) worthless(k int) bool {
	return a.valueless[k] > 0 && !slices.ContainsFunc(a.values[k], func(x float64) bool { return x != 0 })
}

// oracle counts an experiment by plain loops, one unit at a time.
func (w world) oracle(def Definition, scope referral.Scope) (map[string]*oracleArm, Hygiene) {
	arms := map[string]*oracleArm{}
	for v := range def.Weights {
		arms[v] = &oracleArm{values: make([][]float64, len(def.Metrics)), valueless: make([]int, len(def.Metrics))}
	}
	var h Hygiene
	type unit struct {
		variants []string
		first    time.Time
	}
	units := map[string]*unit{}
	for _, e := range w.exposures {
		if e.experiment != def.Name || !e.at.Before(scope.AsOf) {
			continue
		}
		h.Exposures++
		if _, ok := def.Weights[e.variant]; !ok {
			h.UnknownVariants++
			continue
		}
		id := e.unit
		if canonical, ok := w.aliases[id]; ok && def.Unit != UnitPartner {
			id = canonical
		}
		u := units[id]
		if u == nil {
			u = &unit{first: e.at}
			units[id] = u
		}
		if e.at.Before(u.first) {
			u.first = e.at
		}
		if !slices.Contains(u.variants, e.variant) {
			u.variants = append(u.variants, e.variant)
		}
	}
	for id, u := range units {
		if len(u.variants) > 1 {
			h.TwoVariants++
			continue
		}
		person := slices.IndexFunc(w.persons, func(p personRow) bool { return p.id == id })
		if def.Unit != UnitPartner && person >= 0 && (w.persons[person].flags == "bot" || w.persons[person].flags == "self_referral,internal") {
			h.ExcludedUnits++
			continue
		}
		if def.Unit != UnitPartner && person < 0 {
			h.UnknownUnits++
		}
		a := arms[u.variants[0]]
		a.n++
		if end := u.first.Add(def.Window.Std()); def.Window > 0 && end.After(scope.AsOf) {
			h.Immature++
			continue
		}
		a.mature++
		w.measure(a, def, scope, id, person, u.first, def.Rewards[u.variants[0]])
	}
	return arms, h
}

// isOf reports whether an event is one of a unit.
func (w world) isOf(e eventRow, unit, id string, person int) bool {
	switch unit {
	case UnitPartner:
		return e.partner >= 0 && partnerID(e.partner) == id
	case UnitReferrer:
		return person >= 0 && w.persons[e.person].referrer == person
	}
	return e.person == person
}

// measure adds the values of one unit.
func (w world) measure(a *oracleArm, def Definition, scope referral.Scope, id string, person int, first time.Time, reward int64) {
	counts, amounts, money := make([]float64, len(def.Metrics)), make([]float64, len(def.Metrics)), 0.0
	acquired := 0
	for i, e := range w.events {
		mine := w.isOf(e, def.Unit, id, person)
		inWindow := !e.at.Before(first) && e.at.Before(scope.AsOf) && (def.Window == 0 || !e.at.After(first.Add(def.Window.Std())))
		if !mine || !inWindow {
			continue
		}
		if e.value != nil {
			money += float64(*e.value)
		}
		if e.event == "purchase" && w.firstPurchase(e.person) == i {
			acquired++
		}
		for k, m := range def.Metrics {
			if e.event != m.Event || !matches(e, m) {
				continue
			}
			counts[k]++
			if e.value != nil {
				amounts[k] += float64(*e.value)
			} else if m.Kind != KindProportion && m.Value != ValueCount {
				a.valueless[k]++
			}
		}
	}
	for k, m := range def.Metrics {
		x := amounts[k]
		switch {
		case m.Kind == KindProportion:
			x = math.Min(1, counts[k])
		case m.Value == ValueCount:
			x = counts[k]
		}
		a.values[k] = append(a.values[k], x)
	}
	a.net = append(a.net, 0.8*money-float64(reward)*float64(acquired))
}

func (w world) firstPurchase(person int) int {
	best := -1
	for i, e := range w.events {
		if e.person == person && e.event == "purchase" && (best < 0 || e.at.Before(w.events[best].at)) {
			best = i
		}
	}
	return best
}

func matches(e eventRow, m Metric) bool {
	for key, raw := range m.Where {
		var want string
		if json.Unmarshal(raw, &want) != nil {
			panic("oracle knows texts only")
		}
		if key == "status" && e.status != want || key == "prop.plan" && e.property != want {
			return false
		}
	}
	return true
}

// randomWorld draws a small world with every oddity the hygiene rules name: repeated and late
// exposures, units in two variants, unknown variants, aliases, bots, units that nobody knows, events on
// the edges of the window, amounts without a value, refunds.
func randomWorld(r *rand.Rand) world {
	w := world{aliases: map[string]string{}}
	n := 12 + r.IntN(25)
	for i := range n {
		p := personRow{id: fmt.Sprintf("p%02d", i), referrer: r.IntN(n+4) - 4}
		if p.referrer < 0 || p.referrer == i {
			p.referrer = -1
		}
		p.flags = []string{"", "", "", "", "", "", "self_referral", "bot", "self_referral,internal"}[r.IntN(9)]
		w.persons = append(w.persons, p)
		if r.IntN(6) == 0 {
			w.aliases["alias-"+p.id] = p.id
		}
	}
	variants := []string{"none", "ten", "ten", "gift", "none", "gift", "typo"}
	for _, unit := range []string{UnitPerson, UnitReferrer, UnitPartner} {
		for range n * 3 / 2 {
			e := exposureRow{experiment: unit, unit: fmt.Sprintf("p%02d", r.IntN(n+2)), at: at(r.IntN(66), r.IntN(3))}
			if unit == UnitPartner {
				e.unit = partnerID(r.IntN(partners))
			} else if r.IntN(8) == 0 {
				e.unit = "alias-" + e.unit
			}
			// Mostly the variant of the unit, sometimes another.
			e.variant = variants[int(e.unit[len(e.unit)-1])%6]
			if r.IntN(12) == 0 {
				e.variant = variants[r.IntN(len(variants))]
			}
			w.exposures = append(w.exposures, e)
		}
	}
	// No two events of a person share a microsecond, so a first purchase is well defined.
	used := map[[2]int64]bool{}
	for range n * 12 {
		e := eventRow{
			person: r.IntN(n), partner: r.IntN(partners+3) - 3, at: at(r.IntN(68), r.IntN(3)),
			event: []string{"signed_up", "purchase", "purchase", "refund", "used"}[r.IntN(5)], status: []string{"paid", "open"}[r.IntN(2)],
			property: []string{"", "pro", "free"}[r.IntN(3)],
		}
		if e.partner < 0 {
			e.partner = -1
		}
		if used[[2]int64{int64(e.person), e.at.UnixMicro()}] {
			continue
		}
		used[[2]int64{int64(e.person), e.at.UnixMicro()}] = true
		switch {
		case e.event == "purchase" && r.IntN(6) > 0:
			e.value = minor(r.Int64N(90_000))
		case e.event == "refund":
			e.value = minor(-r.Int64N(5_000))
		}
		w.events = append(w.events, e)
	}
	return w
}

func oracleDefinition(unit string) Definition {
	control, weights := even("none", "ten", "gift")
	return Definition{
		Name: unit, Unit: unit, Control: control, Weights: weights, Window: 20 * referral.DayLen,
		Rewards: map[string]int64{"ten": 1000, "gift": 250},
		Metrics: []Metric{
			{Name: "paid", Kind: KindProportion, Event: "purchase", Role: RolePrimary},
			{Name: "paid pro", Kind: KindProportion, Event: "purchase", Where: map[string]json.RawMessage{"status": []byte(`"paid"`), "prop.plan": []byte(`"pro"`)}},
			{Name: "revenue", Kind: KindMean, Event: "purchase", Role: RolePrimary},
			{Name: "refunds", Kind: KindMean, Event: "refund", Value: ValueCount, Role: RoleGuardrail, LowerIsBetter: true},
		},
	}
}

// TestCompute_agreesWithBruteForce compares the read-out with loops over the same raw rows.
func TestCompute_agreesWithBruteForce(t *testing.T) {
	seen := Hygiene{}
	for seed := range worlds(t, 6) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 5)))
		db := w.open(t)
		for _, unit := range []string{UnitPerson, UnitReferrer, UnitPartner} {
			for _, window := range []referral.Duration{20 * referral.DayLen, 0} {
				def := oracleDefinition(unit)
				def.Window = window
				arms, hygiene := w.oracle(def, testScope())
				res := compute(t, db, def, testScope())
				if d := cmp.Diff(hygiene, res.Hygiene, cmpopts.IgnoreFields(Hygiene{}, "EarlyOutcomes")); d != "" {
					t.Fatalf("seed %d, %s, window %s: hygiene (-want +got)\n%s", seed, unit, window, d)
				}
				for i, a := range res.Arms {
					if o := arms[a.Variant]; a.N != o.n || a.Mature != o.mature {
						t.Fatalf("seed %d, %s: arm %+v, want n %d, mature %d", seed, unit, a, o.n, o.mature)
					}
					checkMetrics(t, fmt.Sprintf("seed %d, %s, %s", seed, unit, a.Variant), res, i, arms)
				}
				seen.TwoVariants += hygiene.TwoVariants
				seen.UnknownVariants += hygiene.UnknownVariants
				seen.ExcludedUnits += hygiene.ExcludedUnits
				seen.Immature += hygiene.Immature
			}
		}
	}
	if seen.TwoVariants == 0 || seen.UnknownVariants == 0 || seen.ExcludedUnits == 0 || seen.Immature == 0 {
		t.Errorf("the worlds do not cover every rule: %+v", seen)
	}
}

// checkMetrics compares the values of arm i, and its effects when it is not the control.
func checkMetrics(t *testing.T, where string, res Result, i int, arms map[string]*oracleArm) {
	t.Helper()
	o, control := arms[res.Arms[i].Variant], arms[res.Control]
	for k, m := range res.Metrics {
		want := stats.MomentsOf(o.values[k])
		got := m.Arms[i].Value
		if (got.Value == nil) != (want.N == 0) || got.Value != nil && math.Abs(*got.Value-want.Mean) > 1e-9*math.Abs(want.Mean) {
			t.Fatalf("%s, %s: mean %v, want %v", where, m.Name, got.Value, want.Mean)
		}
		if i == 0 {
			continue
		}
		c := m.Comparisons[i-1]
		w, err := stats.Welch(stats.MomentsOf(control.values[k]), want, 0.95, stats.TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		if x, y := total(control.values[k]), total(o.values[k]); m.Kind == KindProportion && w.PValue != nil {
			if nc, nt := float64(len(control.values[k])), float64(len(o.values[k])); math.Min(x+y, nc+nt-x-y)*math.Min(nc, nt)/(nc+nt) < 5 {
				f, err := stats.Fisher(stats.Counts{Successes: int64(x), Trials: int64(nc)}, stats.Counts{Successes: int64(y), Trials: int64(nt)}, stats.TwoSided)
				if err != nil {
					t.Fatal(err)
				}
				w.PValue = f.PValue
			}
		}
		if control.worthless(k) || o.worthless(k) {
			w = stats.Comparison{}
		}
		if !agree(c.Effect.Value, w.Estimate) || !agree(c.PValue, w.PValue) {
			t.Fatalf("%s, %s: effect %v, p %v; want %v, %v", where, m.Name, c.Effect.Value, c.PValue, w.Estimate, w.PValue)
		}
	}
}

func total(values []float64) (out float64) {
	for _, x := range values {
		out += x
	}
	return out
}

// agree compares two optional numbers to nine digits; near 0 to nine decimals.
func agree(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= 1e-9*math.Max(1, math.Abs(*b))
}

// TestCompute_value compares the money effect with loops over the same raw rows.
func TestCompute_value(t *testing.T) {
	known := 0
	for seed := range worlds(t, 6) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 6)))
		db := w.open(t)
		def := oracleDefinition(UnitReferrer)
		arms, _ := w.oracle(def, testScope())
		r, err := readExposures(t.Context(), db, def, testScope())
		if err != nil {
			t.Fatal(err)
		}
		_, got, err := moneyOf(def, r.arms, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{"ten", "gift"} {
			want, err := stats.Welch(stats.MomentsOf(arms["none"].net), stats.MomentsOf(arms[v].net), 0.95, stats.TwoSided)
			if err != nil {
				t.Fatal(err)
			}
			g := got[v]
			if !agree(g.Value, want.Estimate) || !agree(g.Lo, want.Lower) || !agree(g.Hi, want.Upper) {
				t.Errorf("seed %d, %s: %+v, want %v [%v, %v]", seed, v, g, want.Estimate, want.Lower, want.Upper)
			}
			if g.Lo != nil {
				known++
			}
		}
	}
	if known < 5 {
		t.Errorf("only %d money effects have an interval", known)
	}
}
