package stats

import (
	"fmt"
	"math"
	"testing"

	"vouch/referral"
)

// Newcombe (1998), Statistics in Medicine 17, 873, table II: methods 1 (Wald), 5 (Mee), 6
// (Miettinen–Nurminen) and 11, to the four decimals printed there; Agresti–Caffo by hand.
func TestShareDifferences_published(t *testing.T) {
	type method = func(c, t Counts, level float64) (ShareDifference, error)
	for _, c := range []struct {
		name   string
		f      method
		t, c   Counts
		lo, hi float64
	}{
		{"wald", WaldDifference, Counts{56, 70}, Counts{48, 80}, 0.0575, 0.3425},
		{"mee", Mee, Counts{56, 70}, Counts{48, 80}, 0.0533, 0.3377},
		{"mn", MiettinenNurminen, Counts{56, 70}, Counts{48, 80}, 0.0528, 0.3382},
		{"newcombe cc", NewcombeCC, Counts{56, 70}, Counts{48, 80}, 0.0428, 0.3422},
		{"mn", MiettinenNurminen, Counts{9, 10}, Counts{3, 10}, 0.1700, 0.8406},
		{"mee", Mee, Counts{9, 10}, Counts{3, 10}, 0.1821, 0.8370},
		{"newcombe cc", NewcombeCC, Counts{9, 10}, Counts{3, 10}, 0.1013, 0.8387},
		{"mee", Mee, Counts{0, 10}, Counts{0, 20}, -0.1611, 0.2775},
	} {
		got, err := c.f(c.c, c.t, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if lo, hi := value(t, "lower", got.Lower), value(t, "upper", got.Upper); math.Abs(lo-c.lo) > 6e-5 || math.Abs(hi-c.hi) > 6e-5 {
			t.Errorf("%s: [%.5f, %.5f], want [%.4f, %.4f]", c.name, lo, hi, c.lo, c.hi)
		}
	}
	got, err := AgrestiCaffo(Counts{2, 7}, Counts{6, 7}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	d, h := 7.0/9-3.0/9, 1.959963984540054*math.Sqrt(14.0/81/9+18.0/81/9)
	checkNear(t, "lower", *got.Lower, d-h, 1e-12)
	checkNear(t, "upper", *got.Upper, d+h, 1e-12)
	checkNear(t, "estimate", *got.Estimate, 4.0/7, 1e-15)
}

// The constrained estimates maximise the likelihood: no point of a fine grid does better.
func TestConstrainedControl_maximises(t *testing.T) {
	r := random(4, 4)
	for range 300 {
		c := Counts{Trials: 1 + r.Int64N(40)}
		c.Successes = r.Int64N(c.Trials + 1)
		tr := Counts{Trials: 1 + r.Int64N(40)}
		tr.Successes = r.Int64N(tr.Trials + 1)
		delta := 1.98*r.Float64() - 0.99
		ll := func(pc float64) float64 {
			term := func(n int64, p float64) float64 {
				if n == 0 {
					return 0
				}
				return float64(n) * math.Log(math.Max(0, p))
			}
			return term(c.Successes, pc) + term(c.Trials-c.Successes, 1-pc) + term(tr.Successes, pc+delta) + term(tr.Trials-tr.Successes, 1-pc-delta)
		}
		lo, hi := math.Max(0, -delta), math.Min(1, 1-delta)
		best := ll(constrainedControl(c, tr, delta))
		for i := range 1001 {
			if got := ll(lo + (hi-lo)*float64(i)/1000); got > best+1e-9*math.Abs(best)+1e-9 {
				t.Fatalf("%+v, %+v, delta %v: log likelihood %v, at grid point %d %v", c, tr, delta, best, i, got)
			}
		}
	}
}

// A limit of a score interval is where the score is z, or an end of the range; exchanging the arms mirrors it.
func TestScoreDifference_definition(t *testing.T) {
	z := criticalZ(0.9)
	for x := range int64(9) {
		for y := range int64(12) {
			c, tr := Counts{x, 8}, Counts{y, 11}
			got, err := Mee(c, tr, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			for _, limit := range []float64{*got.Lower, *got.Upper} {
				if math.Abs(limit) == 1 {
					continue
				}
				score := math.Abs(*got.Estimate-limit) / math.Sqrt(scoreVariance(c, tr, limit))
				checkNear(t, "score at the limit", score, z, 1e-6)
			}
			mirrored, err := Mee(tr, c, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(*got.Lower+*mirrored.Upper) > 1e-9 || math.Abs(*got.Upper+*mirrored.Lower) > 1e-9 {
				t.Fatalf("%+v, %+v: [%v, %v] and mirrored [%v, %v]", c, tr, *got.Lower, *got.Upper, *mirrored.Lower, *mirrored.Upper)
			}
		}
	}
}

// At Koopman's limits the hypothesis p_T = r p_C, fitted by a search for the greatest likelihood, has the chi-square z²:
// also where everybody or nobody in an arm converts.
func TestKoopman_limitsByLikelihood(t *testing.T) {
	z2 := criticalZ(0.95) * criticalZ(0.95)
	chiSquare := func(c, x Counts, r float64) float64 {
		logTimes := func(k, p float64) float64 { // k ln p
			if k == 0 {
				return 0
			}
			return k * math.Log(p)
		}
		likelihood := func(p float64) float64 {
			q := r * p
			return logTimes(float64(c.Successes), p) + logTimes(float64(c.Trials-c.Successes), 1-p) +
				logTimes(float64(x.Successes), q) + logTimes(float64(x.Trials-x.Successes), 1-q)
		}
		lo, hi := 0.0, math.Min(1, 1/r)
		for range 300 { // ternary search: the likelihood is concave
			a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
			if likelihood(a) < likelihood(b) {
				lo = a
			} else {
				hi = b
			}
		}
		sum := 0.0
		for _, arm := range []struct {
			x Counts
			p float64
		}{{c, lo}, {x, r * lo}} {
			n := float64(arm.x.Trials)
			if d := float64(arm.x.Successes) - n*arm.p; math.Abs(d) > 1e-7 {
				sum += d * d / (n * arm.p * (1 - arm.p))
			}
		}
		return sum
	}
	for _, k := range [][2]int64{{0, 5}, {5, 0}, {0, 10}, {10, 10}, {9, 10}, {10, 9}, {5, 10}, {10, 5}, {1, 1}, {7, 3}, {0, 1}} {
		c, x := Counts{k[0], 10}, Counts{k[1], 10}
		got, err := Koopman(c, x, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for _, limit := range []*float64{got.Lower, got.Upper} {
			if limit != nil && *limit > 0 {
				checkNear(t, fmt.Sprintf("%v: chi-square at %v", k, *limit), chiSquare(c, x, *limit), z2, 1e-5)
			}
		}
		back, err := Koopman(x, c, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if got.Lower != nil && back.Upper != nil && *got.Lower > 0 {
			checkNear(t, fmt.Sprintf("%v: the other way round", k), *got.Lower**back.Upper, 1, 1e-7)
		}
	}
}

// Koopman's limits are where its chi-square is z²; the ratio's edges are stated.
func TestShareRatios(t *testing.T) {
	z2 := criticalZ(0.95) * criticalZ(0.95)
	for _, c := range []struct{ t, c Counts }{{Counts{7, 34}, Counts{1, 34}}, {Counts{90, 100}, Counts{40, 55}}, {Counts{3, 1000}, Counts{30, 9000}}} {
		got, err := Koopman(c.c, c.t, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		for _, limit := range []float64{*got.Lower, *got.Upper} {
			checkNear(t, "chi-square at the limit", koopmanScore(c.c, c.t, limit), z2, 1e-7)
		}
		if !(*got.Lower < *got.Estimate && *got.Estimate < *got.Upper) {
			t.Errorf("%+v", got)
		}
	}
	none, err := Koopman(Counts{5, 50}, Counts{0, 40}, 0.95)
	if err != nil || *none.Lower != 0 || *none.Estimate != 0 || !(*none.Upper > 0 && *none.Upper < 2) {
		t.Errorf("no success in the treatment: %+v, %v", none, err)
	}
	open, err := Koopman(Counts{0, 50}, Counts{5, 40}, 0.95)
	if err != nil || open.Upper != nil || open.Estimate != nil || open.Reason != referral.ReasonUnbounded || !(*open.Lower > 0) {
		t.Errorf("no success in the control: %+v, %v", open, err)
	}
	katz, err := KatzLog(Counts{0, 50}, Counts{5, 40}, 0.95)
	if err != nil || katz.Lower != nil || katz.Reason != ReasonZeroCount {
		t.Errorf("Katz without a success: %+v, %v", katz, err)
	}
}
