package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// enumerated is the definition: all tables, the extreme ones added for each p of a grid.
func enumerated(nc, nt int64, extreme func(c, t Counts) bool, points int) float64 {
	var tables [][2]int64
	for xc := range nc + 1 {
		for xt := range nt + 1 {
			if extreme(Counts{xc, nc}, Counts{xt, nt}) {
				tables = append(tables, [2]int64{xc, xt})
			}
		}
	}
	best := 0.0
	for i := range points + 1 {
		p := float64(i) / float64(points)
		var terms []float64
		for _, x := range tables {
			terms = append(terms, binomialProb(x[0], nc, p, 1-p)*binomialProb(x[1], nt, p, 1-p))
		}
		best = math.Max(best, Sum(terms))
	}
	return math.Min(1, best)
}

// handZ is the pooled statistic from its textbook form.
func handZ(c, t Counts) float64 {
	p := float64(c.Successes+t.Successes) / float64(c.Trials+t.Trials)
	if p == 0 || p == 1 {
		return 0
	}
	return (t.rate() - c.rate()) / math.Sqrt(p*(1-p)*(1/float64(c.Trials)+1/float64(t.Trials)))
}

// Every table of small arms agrees with the enumeration on a grid of 400 points, which lies below the
// supremum by less than the grid's width explains.
func TestUnconditional_enumerated(t *testing.T) {
	const points = 400
	for _, n := range [][2]int64{{3, 3}, {4, 7}, {9, 5}, {1, 8}} {
		nc, nt := n[0], n[1]
		for xc := range nc + 1 {
			for xt := range nt + 1 {
				c, tr := Counts{xc, nc}, Counts{xt, nt}
				z := handZ(c, tr)
				for alt, extreme := range map[Alternative]func(c, t Counts) bool{
					TwoSided: func(c, t Counts) bool { return math.Abs(handZ(c, t)) >= math.Abs(z)-1e-12 },
					Greater:  func(c, t Counts) bool { return handZ(c, t) >= z-1e-12 },
					Less:     func(c, t Counts) bool { return handZ(c, t) <= z+1e-12 },
				} {
					got, err := Barnard(c, tr, alt)
					if err != nil {
						t.Fatal(err)
					}
					checkSupremum(t, "Barnard", value(t, "p", got.PValue), enumerated(nc, nt, extreme, points))
				}
				sides := map[Alternative]float64{}
				for _, alt := range []Alternative{Greater, Less} {
					fisher := func(c, t Counts) float64 {
						r, _ := Fisher(c, t, alt)
						return *r.PValue
					}
					limit := fisher(c, tr) * (1 + 1e-9)
					sides[alt] = enumerated(nc, nt, func(c, t Counts) bool { return fisher(c, t) <= limit }, points)
				}
				sides[TwoSided] = math.Min(1, 2*math.Min(sides[Greater], sides[Less]))
				for alt, want := range sides {
					got, err := Boschloo(c, tr, alt)
					if err != nil {
						t.Fatal(err)
					}
					checkSupremum(t, "Boschloo", value(t, "p", got.PValue), want)
				}
			}
		}
	}
}

// checkSupremum fails if got is not the maximum on a grid or a little more.
func checkSupremum(t *testing.T, what string, got, grid float64) {
	t.Helper()
	if got < grid*(1-1e-12) || got > grid*(1+3e-4) {
		t.Errorf("%s: %.12g, on the grid %.12g", what, got, grid)
	}
}

// Reference: scipy 1.17.1, stats.barnard_exact and stats.boschloo_exact([[x_T, x_C], [n_T−x_T, n_C−x_C]],
// alternative=…, n=512), whose maximum falls short by up to 3e-6.
func TestUnconditional(t *testing.T) {
	for _, w := range []struct {
		t, c              Counts
		alt               Alternative
		barnard, boschloo float64
	}{
		{Counts{7, 12}, Counts{2, 8}, TwoSided, 0.17716955214596206, 0.19147348618369284},
		{Counts{7, 12}, Counts{2, 8}, Greater, 0.09573674491672955, 0.09573674309184642},
		{Counts{12, 100}, Counts{3, 95}, TwoSided, 0.021969731426305806, 0.02667233932894133},
		{Counts{12, 100}, Counts{3, 95}, Greater, 0.011670982535183574, 0.013336169664470664},
		{Counts{0, 30}, Counts{5, 25}, Less, 0.006463346429754382, 0.009336538476518675},
		{Counts{40, 120}, Counts{60, 130}, Less, 0.020819743290657333, 0.0205052787523265},
		{Counts{30, 300}, Counts{55, 310}, TwoSided, 0.005828779246463278, 0.006455793905128899},
	} {
		for what, f := range map[string]func(c, t Counts, alt Alternative) (Test, error){"Barnard": Barnard, "Boschloo": Boschloo} {
			got, err := f(w.c, w.t, w.alt)
			if err != nil {
				t.Fatal(err)
			}
			want := w.barnard
			if what == "Boschloo" {
				want = w.boschloo
			}
			checkNear(t, what, value(t, "p", got.PValue), want, 1e-5)
		}
	}
}

// Barnard's own example, 3 of 3 against 0 of 3: 1/64 at p = ½ (Barnard 1945, Nature 156, 177), and the table
// (3, 8) of 15 and 15 ties with (7, 12): counted it gives 0.034109, left out 0.034077.
func TestBarnard_published(t *testing.T) {
	got, err := Barnard(Counts{0, 3}, Counts{3, 3}, Greater)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "3 against 0", value(t, "p", got.PValue), 1.0/64, 1e-12)
	if got, err = Barnard(Counts{7, 15}, Counts{12, 15}, Greater); err != nil {
		t.Fatal(err)
	}
	checkNear(t, "12 against 7", value(t, "p", got.PValue), 0.034109, 2e-5)
	checkNear(t, "statistic", value(t, "z", got.Statistic), 1.8943380760602064, 1e-12)
}

// With hundreds per arm the maximum is that of a grid ten times as fine, also for tails of 1e-20; Boschloo's
// p is never above Fisher's; exchanging the arms mirrors both.
func TestUnconditional_large(t *testing.T) {
	for _, w := range []struct{ c, t Counts }{
		{Counts{30, 300}, Counts{55, 310}}, {Counts{2, 400}, Counts{11, 350}}, {Counts{250, 500}, Counts{430, 500}}, {Counts{0, 200}, Counts{1, 600}},
	} {
		z := pooledStatistic(w.c, w.t)
		e := newExtremeTables(w.c.Trials, w.t.Trials,
			func(xc, xt int64) bool {
				return pooledStatistic(Counts{xc, w.c.Trials}, Counts{xt, w.t.Trials}) >= z-1e-12
			},
			func(xc, xt int64) bool {
				return pooledStatistic(Counts{xc, w.c.Trials}, Counts{xt, w.t.Trials}) <= 1e-12-z
			})
		fine := 0.0
		var work [2][]float64
		for i := range 20_001 {
			s, c := math.Sincos(math.Pi / 2 * float64(i) / 20_000)
			fine = math.Max(fine, e.probability(s*s, c*c, &work))
		}
		got, err := Barnard(w.c, w.t, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		if p := value(t, "p", got.PValue); p < fine*(1-1e-12) || p > fine*(1+1e-4) {
			t.Errorf("%v: %.12g, fine grid %.12g", w, p, fine)
		}
		for _, f := range []func(c, t Counts, alt Alternative) (Test, error){Barnard, Boschloo} {
			a, err := f(w.c, w.t, Greater)
			b, err2 := f(w.t, w.c, Less)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			checkNear(t, "mirrored", *b.PValue, *a.PValue, 1e-9)
		}
		b, err := Boschloo(w.c, w.t, Greater)
		f, err2 := Fisher(w.c, w.t, Greater)
		if err != nil || err2 != nil || *b.PValue > *f.PValue*(1+1e-9) {
			t.Errorf("%v: Boschloo %v, Fisher %v", w, *b.PValue, *f.PValue)
		}
	}
}

// The tables that count as extreme are those a plain look at each would find.
func TestExtremeTables(t *testing.T) {
	draw := random(20261121, 3)
	for range 200 {
		nc, nt := 1+draw.Int64N(25), 1+draw.Int64N(25)
		limit := draw.Float64() * 3
		z := func(xc, xt int64) float64 { return handZ(Counts{xc, nc}, Counts{xt, nt}) }
		e := newExtremeTables(nc, nt, func(xc, xt int64) bool { return z(xc, xt) >= limit }, func(xc, xt int64) bool { return z(xc, xt) <= -limit })
		for xc := range nc + 1 {
			for xt := range nt + 1 {
				if got, want := xc <= e.upTo[xt] || xc >= e.from[xt], math.Abs(z(xc, xt)) >= limit; got != want {
					t.Fatalf("%d/%d, %d/%d at %v: %v, want %v", xc, nc, xt, nt, limit, got, want)
				}
			}
		}
	}
}

// fisherGreater is the one-sided Fisher test, also where one is nearly all and the other tail long.
func TestFisherGreater(t *testing.T) {
	for _, w := range []struct{ c, t Counts }{{Counts{3, 20}, Counts{9, 25}}, {Counts{20, 20}, Counts{0, 25}}, {Counts{0, 30}, Counts{30, 30}}, {Counts{150, 400}, Counts{160, 390}}} {
		want, err := Fisher(w.c, w.t, Greater)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "p", fisherGreater(w.c, w.t), *want.PValue, 1e-11)
	}
}

func TestUnconditional_edges(t *testing.T) {
	for name, f := range map[string]func(c, t Counts, alt Alternative) (Test, error){"Barnard": Barnard, "Boschloo": Boschloo} {
		for _, alt := range []Alternative{TwoSided, Greater, Less} {
			if got, err := f(Counts{0, 40}, Counts{0, 50}, alt); err != nil || *got.PValue != 1 {
				t.Errorf("%s, nobody converts: %+v, %v", name, got, err)
			}
		}
		if got, err := f(Counts{}, Counts{1, 2}, TwoSided); err != nil || got.PValue != nil || got.Reason != referral.ReasonNoData {
			t.Errorf("%s, no trials: %+v, %v", name, got, err)
		}
		for _, bad := range []func() (Test, error){
			func() (Test, error) { return f(Counts{3, 2}, Counts{1, 2}, TwoSided) },
			func() (Test, error) { return f(Counts{1, 2}, Counts{1, 2}, "both") },
			func() (Test, error) { return f(Counts{1, 15_000}, Counts{1, 15_000}, TwoSided) },
			func() (Test, error) { return f(Counts{1, math.MaxInt64}, Counts{1, math.MaxInt64}, TwoSided) },
		} {
			if _, err := bad(); !errors.Is(err, ErrInput) {
				t.Errorf("%s accepted: %v", name, err)
			}
		}
	}
}
