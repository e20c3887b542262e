package experiments

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"vouch/referral"
)

// clusteredWorld has referrers whose invitees resemble each other: few referrers bring many people, and
// each referrer's audience has a conversion rate of its own, whatever the variant.
func clusteredWorld(r *rand.Rand, referrers int) world {
	var w world
	for i := range referrers {
		w.persons = append(w.persons, personRow{id: fmt.Sprintf("r%03d", i), referrer: -1})
	}
	for i := range referrers {
		rate := r.Float64()
		rate *= rate
		for k := range 1 + int(r.ExpFloat64()*6) {
			p := len(w.persons)
			w.persons = append(w.persons, personRow{id: fmt.Sprintf("r%03d-%d", i, k), referrer: i})
			if r.Float64() < rate {
				w.events = append(w.events, eventRow{person: p, partner: -1, event: "purchase", at: at(2, p), value: minor(1000 + r.Int64N(500))})
			}
		}
	}
	return w
}

// TestCompute_clusteredOutcomes re-randomises referrers many times with no effect at all. Analysed per
// referrer the test rejects at its level; per invitee, as if independent, far too often: the reason for
// the unit of the definition.
//
// With 40 runs at 5 % the count of rejections is Binomial(40, 0.05), at most 7 with probability 0.999; the seed is fixed, so the
// result is the same at every run.
func TestCompute_clusteredOutcomes(t *testing.T) {
	const runs, referrers = 40, 80
	r := rand.New(rand.NewPCG(20261116, 1))
	w := clusteredWorld(r, referrers)
	control, weights := even("none", "ten")
	for run := range runs {
		order := r.Perm(referrers)
		variantOf := func(ref int) string { return []string{"none", "ten"}[order[ref]%2] }
		for i, p := range w.persons {
			if p.referrer < 0 {
				w.exposures = append(w.exposures, exposureRow{fmt.Sprint("right-", run), p.id, variantOf(i), at(1, 0)})
			} else {
				w.exposures = append(w.exposures, exposureRow{fmt.Sprint("wrong-", run), p.id, variantOf(p.referrer), at(1, 0)})
			}
		}
	}
	db := w.open(t)
	rejected := map[string]int{}
	for run := range runs {
		for unit, name := range map[string]string{UnitReferrer: "right-", UnitPerson: "wrong-"} {
			m := Metric{Name: "purchases", Kind: KindMean, Value: ValueCount, Event: "purchase", Role: RolePrimary}
			res := compute(t, db, Definition{
				Name: fmt.Sprint(name, run), Unit: unit, Control: control, Weights: weights, Window: 30 * referral.DayLen, Metrics: []Metric{m},
			}, testScope())
			if p := res.Metrics[0].Comparisons[0].PValue; p == nil {
				t.Fatalf("run %d: no p-value", run)
			} else if *p < 0.05 {
				rejected[unit]++
			}
		}
	}
	t.Logf("rejections of %d: %v", runs, rejected)
	if rejected[UnitReferrer] > 7 {
		t.Errorf("per referrer %d of %d tests without an effect reject at 5 %%", rejected[UnitReferrer], runs)
	}
	if rejected[UnitPerson] < 12 {
		t.Errorf("per invitee only %d of %d tests reject: the data are not clustered enough to show anything", rejected[UnitPerson], runs)
	}
}
