package experiments

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// richWorld is a random world with what only some definitions ask for: strata, attributes, households, costs of
// partners, exposures without a time.
func richWorld(r *rand.Rand) world {
	w := randomWorld(r)
	for i := range w.persons {
		w.persons[i].region = []string{"", "north", "south", "it''s"}[r.IntN(4)]
		w.persons[i].household = []string{"", "h1", "h2", "h3", "h4", "h5", "h6"}[r.IntN(7)]
	}
	for range 30 {
		variant := []string{"none", "ten", "gift"}
		house := r.IntN(9)
		e := exposureRow{experiment: "attribute.household", unit: fmt.Sprint("h", house), at: at(r.IntN(66), r.IntN(3)), variant: variant[house%3]}
		if r.IntN(15) == 0 {
			e.variant = variant[r.IntN(3)]
		}
		w.exposures = append(w.exposures, e)
	}
	for range 25 { // an unknown variant before the first of the plan
		e := w.exposures[r.IntN(len(w.exposures))]
		e.variant, e.at = "typo", e.at.Add(-time.Duration(r.IntN(5))*24*time.Hour)
		w.exposures = append(w.exposures, e)
	}
	for i := range w.exposures { // at every hour of the day, so that the zone matters
		w.exposures[i].at = w.exposures[i].at.Add(time.Duration(r.IntN(24)) * time.Hour)
	}
	w.strata = map[int]string{}
	for i := range w.exposures {
		if r.IntN(4) > 0 {
			w.strata[i] = []string{"a", "b", ""}[r.IntN(3)]
		}
	}
	for range 40 {
		c := costRow{partner: r.IntN(partners), day: at(r.IntN(64), 0).Format(time.DateOnly), kind: []string{"commission", "commission", "fixed"}[r.IntN(3)]}
		if r.IntN(6) > 0 {
			c.value = minor(r.Int64N(4000))
		}
		w.costs = append(w.costs, c)
	}
	w.untimed = r.IntN(3)
	return w
}

// fullDefinition is a definition with each kind of metric, each cap, metrics with windows of their own, and metrics that
// ask the same of the events.
func fullDefinition(unit string) Definition {
	control, weights := even("none", "ten", "gift")
	where := func(pairs ...string) map[string]json.RawMessage {
		out := map[string]json.RawMessage{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = json.RawMessage(`"` + pairs[i+1] + `"`)
		}
		return out
	}
	return Definition{
		Name: unit, Unit: unit, Control: control, Weights: weights, Window: 20 * referral.DayLen,
		Rewards: map[string]int64{"ten": 1000, "gift": 250},
		Metrics: []Metric{
			{Name: "paid", Kind: KindProportion, Event: "purchase", Role: RolePrimary},
			{Name: "paid pro soon", Kind: KindProportion, Event: "purchase", Where: where("status", "paid", "prop.plan", "pro"), Window: 3 * referral.DayLen},
			{Name: "revenue", Kind: KindMean, Event: "purchase"},
			{Name: "revenue limited", Kind: KindMean, Event: "purchase", Cap: &Cap{At: minor(60_000)}},
			{Name: "revenue trimmed", Kind: KindMean, Event: "purchase", Cap: &Cap{Quantile: 0.8}, Window: 7 * referral.DayLen},
			{Name: "orders trimmed", Kind: KindMean, Event: "purchase", Value: ValueCount, Cap: &Cap{Quantile: 0.55}},
			{Name: "refunds", Kind: KindMean, Event: "refund", Value: ValueCount},
			{Name: "basket", Kind: KindRatio, Event: "purchase", Per: &Part{Event: "purchase"}},
			{Name: "basket of paid", Kind: KindRatio, Event: "purchase", Where: where("status", "paid"), Per: &Part{Event: "purchase", Where: where("status", "open"), Value: ValueAmount}, Window: 7 * referral.DayLen},
			{Name: "refunds an order", Kind: KindRatio, Event: "refund", Value: ValueCount, Per: &Part{Event: "purchase"}},
			{Name: "wait", Kind: KindTimeToEvent, Event: "used", Window: 10 * referral.DayLen},
			{Name: "typical", Kind: KindQuantile, Event: "purchase", Quantile: 0.5},
			{Name: "typical orders", Kind: KindQuantile, Event: "purchase", Value: ValueCount, Quantile: 0.9, Window: 5 * referral.DayLen},
		},
	}
}

// sorted puts what has no order of its own into one, and leaves out what is a function of the sums.
func sorted(r read) read {
	for i := range r.arms {
		for k := range r.arms[i].metrics {
			o := &r.arms[i].metrics[k]
			o.Moments = stats.Moments{}
			slices.SortFunc(o.times, func(x, y stats.Lifetime) int { return int(x.Time - y.Time) })
			slices.SortFunc(o.spread, func(x, y count) int { return int(x.value - y.value) })
			pairs := make([][2]float64, len(o.clusters.Sums))
			for n := range pairs {
				pairs[n] = [2]float64{o.clusters.Sums[n], o.clusters.Sizes[n]}
			}
			slices.SortFunc(pairs, func(x, y [2]float64) int { return slices.Compare(x[:], y[:]) })
			for n := range pairs {
				o.clusters.Sums[n], o.clusters.Sizes[n] = pairs[n][0], pairs[n][1]
			}
		}
	}
	slices.SortFunc(r.cells, func(x, y cell) int {
		return slices.Compare([]string{fmt.Sprint(x.arm), x.stratum, x.day}, []string{fmt.Sprint(y.arm), y.stratum, y.day})
	})
	for i := range r.findings {
		r.findings[i] = referral.Finding{Code: r.findings[i].Code}
	}
	r.interference, r.novelty = nil, nil // read by statements of their own
	return r
}

// exactly compares readings to the last unit of every sum.
var exactly = cmp.Options{
	cmp.AllowUnexported(read{}, arm{}, outcome{}, joint{}, cell{}, count{}),
	cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }),
	cmpopts.EquateEmpty(),
}

// TestReadExposures_agreesWithBruteForce compares every sum, distribution and count with loops over the same raw
// rows: each unit, with and without windows, covariates and strata, in a zone whose clocks change on the way.
func TestReadExposures_agreesWithBruteForce(t *testing.T) {
	west, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	scope := testScope()
	scope.Calendar.Zone = west
	var seen struct{ times, spread, clusters, capped, valueless, commission, strata, covariate, household int }
	for seed := range worlds(t, 2) {
		w := richWorld(rand.New(rand.NewPCG(seed, 7)))
		db := w.open(t)
		for n, unit := range []string{UnitPerson, UnitReferrer, UnitPartner, "attribute.household"} {
			for variety := range 3 {
				def := fullDefinition(unit)
				if variety == 1 {
					def.Window = 0
				}
				if variety > 0 {
					def.Cuped.Before = 10 * referral.DayLen
				}
				switch {
				case (int(seed)+n)%2 == 0:
					def.Strata = StrataExposure
				case n < 2 && variety != 1:
					def.Strata = "attribute.region"
				}
				got, err := readExposures(t.Context(), db, def, scope)
				if err != nil {
					t.Fatal(err)
				}
				b := brute{world: w, def: def, scope: scope}
				b.run()
				if d := cmp.Diff(sorted(b.needed()), sorted(got), exactly); d != "" {
					t.Fatalf("seed %d, %s, window %s, before %s, strata %q (-want +got)\n%s", seed, unit, def.Window, def.Cuped.Before, def.Strata, d)
				}
				if variety == 2 {
					sameWithoutKeys(t, db, def, scope)
				}
				for _, a := range got.arms {
					for _, o := range a.metrics {
						seen.times += len(o.times)
						seen.spread += len(o.spread)
						seen.clusters += len(o.clusters.Sums)
						seen.capped += int(o.capped)
						seen.valueless += int(o.valueless)
						if len(o.joint.sum) == 4 && o.joint.sum[2].Sign() > 0 {
							seen.covariate++
						}
					}
					seen.commission += a.money.sum[moneyCommission].Sign()
					if n == 3 && a.n > 0 {
						seen.household++
					}
				}
				for _, c := range got.cells {
					if c.stratum != "" {
						seen.strata++
					}
				}
			}
		}
	}
	t.Logf("%+v", seen)
	if min(seen.times, seen.spread, seen.clusters, seen.capped, seen.valueless, seen.commission, seen.strata, seen.covariate, seen.household) == 0 {
		t.Errorf("the worlds do not cover everything: %+v", seen)
	}
}

// sameWithoutKeys wants the statement that joins the dictionary of events, as it is shown and as it runs where no
// keys are known, to return what the other returns.
func sameWithoutKeys(t *testing.T, db engine.DB, def Definition, scope referral.Scope) {
	t.Helper()
	keys, err := catalogue(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var rows [2][]group
	for i := range rows {
		q, err := def.ask(scope)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			q.learn(keys)
		}
		if rows[i], err = readout(t.Context(), db, q); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(rows[0], rows[1], exactly, cmp.AllowUnexported(group{})); d != "" {
		t.Fatalf("%s with keys and without (-with +without)\n%s", def.Unit, d)
	}
}

// needed leaves out the times of shares all of whose windows are closed: there the share says it all.
func (b *brute) needed() read {
	for k, m := range b.def.Metrics {
		open := false
		for _, a := range b.read.arms {
			open = open || a.metrics[k].joint.n < a.n
		}
		for i := range b.read.arms {
			if m.Kind == KindProportion && !open {
				b.read.arms[i].metrics[k].times = nil
			}
		}
	}
	return b.read
}
