package experiments

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"vouch/internal/stats"
	"vouch/referral"

	"github.com/google/go-cmp/cmp"
)

// onDay sums up one day of one unit by plain loops: the value, and the denominator of a ratio.
func (w world) onDay(def Definition, m Metric, u plainUnit, day int, scope referral.Scope) (y, z float64) {
	from := u.first.AddDate(0, 0, day)
	n := 0
	for _, e := range w.events {
		if !w.isOf(e, def.Unit, u.id, u.person) || e.at.Before(from) || !e.at.Before(from.AddDate(0, 0, 1)) || !e.at.Before(scope.AsOf) {
			continue
		}
		if m.Per != nil && e.event == m.Per.Event {
			z++
		}
		if e.event != m.Event || !matches(e, m) {
			continue
		}
		n++
		if e.value != nil {
			y += float64(*e.value)
		}
	}
	switch {
	case m.Kind == KindProportion || m.Kind == KindTimeToEvent:
		return math.Min(1, float64(n)), z
	case m.Value == ValueCount:
		return float64(n), z
	}
	return y, z
}

// TestNovelty_agreesWithBruteForce compares the sums of every arm and day with loops over the same raw rows.
func TestNovelty_agreesWithBruteForce(t *testing.T) {
	metrics := []Metric{
		{Name: "paid", Kind: KindProportion, Event: "purchase", Where: map[string]json.RawMessage{"status": []byte(`"paid"`)}},
		{Name: "revenue", Kind: KindMean, Event: "purchase", Cap: &Cap{At: minor(500)}},
		{Name: "orders", Kind: KindMean, Value: ValueCount, Event: "purchase"},
		{Name: "time", Kind: KindTimeToEvent, Event: "purchase"},
		{Name: "rate", Kind: KindRatio, Value: ValueCount, Event: "purchase", Per: &Part{Event: "signed_up"}},
	}
	events := 0.0
	for seed := range worlds(t, 3) {
		w := randomWorld(rand.New(rand.NewPCG(seed, 27)))
		db := w.open(t)
		for _, unit := range []string{UnitPerson, UnitReferrer, UnitPartner} {
			for i, m := range metrics {
				def := oracleDefinition(unit)
				m.Role = RolePrimary
				def.Metrics, def.Window = []Metric{m}, []referral.Duration{0, 5*referral.DayLen + referral.Second}[i%2]
				days := map[bool]int{true: 5, false: 28}[def.Window > 0]
				cells, err := readNovelty(t.Context(), db, def, testScope())
				if err != nil {
					t.Fatal(err)
				}
				if len(cells) != 3*days {
					t.Fatalf("%d cells", len(cells))
				}
				units := w.analysed(def, testScope())
				for k, c := range cells {
					if c.arm != k/days || c.day != k%days {
						t.Fatalf("cell %d is arm %d, day %d", k, c.arm, c.day)
					}
					var ys, zs []float64
					for _, u := range units {
						if u.variant != def.variants()[c.arm] || u.first.AddDate(0, 0, c.day+1).After(testScope().AsOf) {
							continue
						}
						y, z := w.onDay(def, m, u, c.day, testScope())
						ys, zs = append(ys, y), append(zs, z)
						events += y
					}
					want := stats.MomentsOf(ys)
					got, err := c.moments(0)
					if err != nil || got.N != want.N || math.Abs(got.Mean-want.Mean) > 1e-9*math.Abs(want.Mean) || math.Abs(got.Variance-want.Variance) > 1e-9*want.Variance {
						t.Fatalf("seed %d, %s, %s, arm %d, day %d: %+v, want %+v", seed, unit, m.Name, c.arm, c.day, got, want)
					}
					if m.Per == nil {
						continue
					}
					pair, err := stats.RatioMomentsOf(ys, zs)
					if err != nil {
						t.Fatal(err)
					}
					if r, err := c.ratio(0, 1); err != nil || math.Abs(r.MeanDenominator-pair.MeanDenominator) > 1e-9 || math.Abs(r.Covariance-pair.Covariance) > 1e-9 {
						t.Fatalf("seed %d, %s, day %d: ratio %+v, want %+v", seed, unit, c.day, r, pair)
					}
				}
			}
		}
	}
	if events < 100 {
		t.Errorf("only %v events fall on a day", events)
	}
}

// Days end to the microsecond, and a unit counts on a day only when it was seen for all of it.
func TestNovelty_edges(t *testing.T) {
	w := world{}
	for i, bought := range []time.Time{at(1, 0), at(2, -1), at(2, 0), at(28, 0), at(29, -1), at(29, 0)} {
		w.persons = append(w.persons, personRow{id: fmt.Sprint("p", i), referrer: -1})
		w.exposures = append(w.exposures, exposureRow{"reward", fmt.Sprint("p", i), "ten", at(1, 0)})
		w.events = append(w.events, eventRow{person: i, partner: -1, event: "purchase", at: bought})
	}
	w.persons = append(w.persons, personRow{id: "late", referrer: -1})
	w.exposures = append(w.exposures, exposureRow{"reward", "late", "ten", at(57, 1)}) // two whole days before as-of, less a microsecond
	w.events = append(w.events, eventRow{person: 6, partner: -1, event: "purchase", at: at(58, 2)})
	cells, err := readNovelty(t.Context(), w.open(t), rewardDefinition("none", "ten"), testScope())
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, c := range cells {
		if c.arm == 1 && (c.n != 6 || c.sum[0].Sign() > 0) {
			got[c.day] = fmt.Sprint(c.sum[0], " of ", c.n)
		}
	}
	if d := cmp.Diff(map[int]string{0: "2 of 7", 1: "2 of 7", 27: "2 of 6"}, got); d != "" {
		t.Error(d)
	}
}

// noveltyRead is a reading whose arms have a share of n units on every day, by hand.
func noveltyRead(n int64, control, treatment []int64) (Definition, read) {
	def := rewardDefinition("none", "ten")
	var r read
	for i, counts := range [][]int64{control, treatment} {
		r.arms = append(r.arms, arm{name: []string{"none", "ten"}[i], weight: 1, n: n, metrics: make([]outcome, 2)})
		for day, x := range counts {
			ones := []*big.Int{big.NewInt(x)} // a one is its own square
			r.novelty = append(r.novelty, noveltyCell{i, day, joint{n: n, sum: ones, product: ones}})
		}
	}
	return def, r
}

// An effect that wears off is told; one that keeps its ratio while both arms' events run out is not, though its difference falls.
func TestNovelty_finding(t *testing.T) {
	for _, c := range []struct {
		name               string
		control, treatment []int64
		want               string // part of the finding; empty: none
	}{
		{"wears off", []int64{200, 100, 100, 50}, []int64{400, 102, 98, 51}, "It is +100.0 % on the first day and +0."},
		{"the same ratio", []int64{400, 100, 40, 20}, []int64{600, 150, 60, 30}, ""},
		{"no effect", []int64{200, 100, 50, 25}, []int64{210, 95, 52, 24}, ""},
		{"comes with time", []int64{300, 200, 200, 200}, []int64{300, 300, 310, 290}, "It is 0.0 % on the first day and +50.0 %"},
		{"too few events", []int64{4, 8, 8, 8}, []int64{80, 8, 8, 8}, ""},
		{"one day", []int64{200}, []int64{400}, ""},
	} {
		def, r := noveltyRead(2000, c.control, c.treatment)
		j := judgement{def: def, arms: r.arms, res: &Result{Confidence: 0.95}}
		fs, err := j.noveltyFindings(r)
		if err != nil {
			t.Fatal(err)
		}
		if (len(fs) > 0) != (c.want != "") || len(fs) > 0 && !strings.Contains(fs[0].Detail, c.want) {
			t.Errorf("%s: %+v", c.name, fs)
		}
		if wears := strings.Contains(fmt.Sprint(fs), "wears off"); wears != (c.name == "wears off") {
			t.Errorf("%s: %+v", c.name, fs)
		}
		days, err := noveltyDays(def, r, 0.95)
		if err != nil || len(days) != len(c.control) {
			t.Fatalf("%s: %d days, %v", c.name, len(days), err)
		}
		for i, d := range days {
			want := float64(c.treatment[i]-c.control[i]) / 2000
			if d.Arm != "ten" || d.Day != i || d.Units != 4000 || !agree(d.Effect.Value, &want) {
				t.Errorf("%s: %+v", c.name, d)
			}
		}
	}
}

// Without any effect the finding comes at most as often as its level says.
func TestNovelty_falseAlarms(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 5))
	const runs, n = 400, 1000
	alarms := 0
	for range runs {
		var counts [2][]int64
		for a := range counts {
			days := make([]int64, 7)
			for range n { // each unit buys on one of the days, or never
				if d := int(r.ExpFloat64() * 4); d < 7 {
					days[d]++
				}
			}
			counts[a] = days
		}
		def, x := noveltyRead(n, counts[0], counts[1])
		fs, err := judgement{def: def, arms: x.arms, res: &Result{Confidence: 0.95}}.noveltyFindings(x)
		if err != nil {
			t.Fatal(err)
		}
		alarms += len(fs)
	}
	// Binomial(400, 0.01) is at most 10 with probability 0.998.
	if alarms > 10 {
		t.Errorf("%d false alarms of %d", alarms, runs)
	}
}
