package funnel

import (
	"math/rand/v2"
	"testing"
	"time"

	"vouch/internal/ingest/ingesttest"
	"vouch/referral"
)

// conversions counts complete units of one person by exhaustive search.
func conversions(r Rules, es []Event) int64 {
	var seen []Event
	for _, e := range es {
		if e.TS <= *r.ObservationEnd {
			seen = append(seen, e)
		}
	}
	o, n := &oracle{r: &r}, int64(0)
	for _, u := range o.person(oracleEvents(&r, seen)) {
		if u.level > 0 && u.level == o.full() {
			n++
		}
	}
	return n
}

// TestCompute_dependent asks an exhaustive search how many conversions there are by each reading, and wants the number that
// the stricter one lacks.
func TestCompute_dependent(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	csv, events := world(rng, 200, 6, []string{"a", "a", "b", "b", "c", "x"})
	byPerson := map[string][]Event{}
	for _, e := range events {
		byPerson[e.Person] = append(byPerson[e.Person], e)
	}
	db := ingesttest.Load(t, map[string]string{"events.csv": csv})
	scope := ingesttest.DefaultScope()
	tied, tolerated := int64(0), int64(0)
	for n := range 80 {
		scope.AsOf = time.Date(2026, 3, 1, 0, 6+rng.IntN(8), 0, 0, time.UTC)
		d := drawDefinition(rng)
		if n%3 == 0 {
			d.Order, d.Ties, d.Counting, d.Exclusions, d.Tolerance = "", "", "", nil, referral.Duration(1+rng.IntN(2))*referral.Minute
		}
		r, err := d.rules(scope)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Compute(t.Context(), db, d, scope)
		if err != nil {
			t.Fatal(err)
		}
		if (got.TieDependent == nil) != (d.Ties == "increasing" || d.Tolerance > 0) || (got.ToleranceDependent == nil) != (d.Tolerance == 0) {
			t.Fatalf("%+v: ties %v, tolerance %v", d, got.TieDependent, got.ToleranceDependent)
		}
		stricter, answer := *r, got.TieDependent
		if stricter.Ties = "increasing"; d.Tolerance > 0 {
			stricter.Ties, stricter.Tolerance, answer = "", 0, got.ToleranceDependent
		}
		if answer == nil {
			continue
		}
		want := int64(0)
		for _, es := range byPerson {
			want += max(0, conversions(*r, es)-conversions(stricter, es))
		}
		if *answer != want {
			t.Fatalf("question %d, %+v as of %s: %d conversions depend, want %d", n, d, scope.AsOf, *answer, want)
		}
		if d.Tolerance > 0 {
			tolerated += want
		} else {
			tied += want
		}
	}
	if tied < 100 || tolerated < 100 {
		t.Errorf("only %d and %d conversions depend on a reading: the questions are too easy", tied, tolerated)
	}
}
