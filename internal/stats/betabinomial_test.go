package stats

import (
	"errors"
	"math"
	"testing"
)

// Reference: mpmath 1.4.1 at 120 digits, Miller's finite sum for whole parameters, and the losses from
// E max(y − x, 0) = E y · P(y' > x) − E x · P(y > x') with one success more in x', y'; and quad at 40 digits
// of the definitions for the fractional ones.
func TestBayesShares(t *testing.T) {
	for _, w := range []struct {
		c, t            BetaParams
		win, keep, ship float64
	}{
		{BetaParams{21, 81}, BetaParams{61, 41}, 0.999999997363371, 0.392156862774944, 2.98461363995211e-11},
		{BetaParams{601, 401}, BetaParams{201, 801}, 2.90537358717578e-77, 3.4646380759982e-80, 0.399201596806387},
		{BetaParams{1, 41}, BetaParams{1, 41}, 0.5, 0.0117613310384395, 0.0117613310384395},
		{BetaParams{2, 1}, BetaParams{1, 900}, 2.46092663731601e-6, 2.72527866812405e-9, 0.665556791478516},
		{BetaParams{0.5, 40.5}, BetaParams{3.5, 39.5}, 0.966090638217797, 0.0698664520232506, 0.000666225137260832},
		{BetaParams{3.2, 0.4}, BetaParams{1.7, 2.9}, 0.0308707637752183, 0.0042000017426933, 0.523523673240278},
	} {
		// The parameters as a prior without data, and with the control's data on top of the rest.
		win := probabilityAbove(w.t, w.c)
		checkNear(t, "win", win, w.win, 1e-8)
		checkNear(t, "keep", expectedExcess(w.t, w.c), w.keep, 1e-8)
		checkNear(t, "ship", expectedExcess(w.c, w.t), w.ship, 1e-8)
		checkNear(t, "lose", probabilityAbove(w.c, w.t), 1-w.win, 1e-6)
		best, err := ProbabilityBest([]BetaParams{w.c, w.t})
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "best of two", best[1], w.win, 1e-8)
	}
}

// The parts belong together: exchanging the arms exchanges the answers, losses differ by the difference of
// the means, and the smaller side keeps its digits.
func TestBayesShares_relations(t *testing.T) {
	flat := BetaParams{1, 1}
	for _, w := range []struct{ c, t Counts }{
		{Counts{20, 100}, Counts{60, 100}},
		{Counts{600, 1000}, Counts{200, 1000}},
		{Counts{0, 0}, Counts{3, 4}},
		{Counts{5_000_000, 100_000_000}, Counts{5_004_000, 100_000_000}},
		{Counts{3, 1e18}, Counts{4, 1e18}},
		{Counts{0, 10}, Counts{40_000, 900_000}},
	} {
		a, err := BayesShares(w.c, w.t, flat)
		b, err2 := BayesShares(w.t, w.c, flat)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		checkNear(t, "win", *a.ChanceToWin+*b.ChanceToWin, 1, 1e-9)
		checkNear(t, "losses", *a.LossControl, *b.LossTreatment, 1e-9)
		if d := *a.LossControl - *a.LossTreatment; math.Abs(d-*a.Estimate) > 1e-12*math.Abs(*a.Estimate)+1e-25 {
			t.Errorf("%v: losses differ by %v, means by %v", w, d, *a.Estimate)
		}
	}
	// Beside the large counts the normal approximation is good to some thousandths.
	got, err := BayesShares(Counts{5_000_000, 100_000_000}, Counts{5_004_000, 100_000_000}, flat)
	if err != nil {
		t.Fatal(err)
	}
	p := 0.05
	checkNear(t, "normal", *got.ChanceToWin, LowerTail(4e-5/math.Sqrt(2*p*(1-p)/1e8)), 1e-3)
}

// A sharp distribution far from a wide one: the peak is a millionth of the way between them.
func TestBayesShares_sharp(t *testing.T) {
	got, err := BayesShares(Counts{4e12, 9e12}, Counts{3, 9}, BetaParams{1e20, 1e-6})
	if err != nil {
		t.Fatal(err)
	}
	if *got.ChanceToWin != 1 || *got.LossTreatment != 0 || *got.LossControl != *got.Estimate {
		t.Errorf("%v, %v, %v", *got.ChanceToWin, *got.LossControl, *got.LossTreatment)
	}
}

// Reference: scipy 1.17.1, integrate.quad of beta.pdf times the product of beta.cdf.
func TestProbabilityBest(t *testing.T) {
	got, err := ProbabilityBest([]BetaParams{{3.5, 7.5}, {2.5, 8.5}, {3, 11}, {40, 90}})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.4167132854057894, 0.15449497109422775, 0.11052372377216613, 0.3182680197278168} {
		checkNear(t, "best", got[i], want, 1e-9)
	}
	// Arms from very sharp to very wide, in tails and in the middle: something is the largest.
	draw := random(20261121, 4)
	for range 60 {
		var arms []BetaParams
		for range 2 + draw.IntN(6) {
			n := math.Pow(10, 7*draw.Float64())
			p := math.Pow(10, -3*draw.Float64())
			arms = append(arms, BetaParams{0.3 + n*p, 0.3 + n*(1-p)})
		}
		best, err := ProbabilityBest(arms)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "total", Sum(best), 1, 1e-9)
	}
	if one, err := ProbabilityBest([]BetaParams{{1, 1}}); err != nil || one[0] != 1 {
		t.Errorf("%v, %v", one, err)
	}
}

func TestBayesShares_refuses(t *testing.T) {
	ok := Counts{1, 2}
	_, err := BayesShares(Counts{3, 2}, ok, BetaParams{1, 1})
	_, err2 := BayesShares(ok, ok, BetaParams{0, 1})
	_, err3 := BayesShares(ok, ok, BetaParams{1, math.Inf(1)})
	_, err4 := BayesShares(ok, ok, BetaParams{math.NaN(), 1})
	_, err5 := ProbabilityBest(nil)
	_, err6 := ProbabilityBest([]BetaParams{{1, 1}, {-1, 1}})
	_, err7 := ProbabilityBest(make([]BetaParams, 1000))
	for i, err := range []error{err, err2, err3, err4, err5, err6, err7} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("%d accepted: %v", i, err)
		}
	}
}
