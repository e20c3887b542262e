package stats

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// pairs reads successes and trials in turn.
func pairs(v ...int64) []Counts {
	var out []Counts
	for i := 0; i < len(v); i += 2 {
		out = append(out, Counts{v[i], v[i+1]})
	}
	return out
}

// averages are the batting averages of Efron and Morris (1977): hits after 45 at-bats.
func averages() []Counts {
	var out []Counts
	for _, hits := range []int64{18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7} {
		out = append(out, Counts{hits, 45})
	}
	return out
}

// Expected by scipy 1.17.1: stats.betabinom.logpmf(s, n, exp(x), exp(y)).sum() maximised by
// optimize.minimize(method="Nelder-Mead", xatol=1e-10, fatol=1e-13) from five starts. Where the profile is flat
// that search stops a few parts in 10⁵ beside the maximum.
func TestFitBetaBinomial_scipy(t *testing.T) {
	for _, c := range []struct {
		name               string
		groups             []Counts
		alpha, beta, logL  float64
		toleranceOfFlatTop float64
	}{
		{"six of many sizes", pairs(3, 3, 0, 20, 12, 100, 40, 900, 7, 35, 150, 1000), 0.90731149, 4.14169987, -23.407871944674834, 1e-5},
		{"one tiny and all successes", pairs(16, 702, 32, 682, 31, 681, 44, 582, 82, 453, 2, 3), 1.81782434, 18.37696614, -27.16223761725037, 1e-5},
		{"millions of trials", pairs(1200, 20000, 40000, 500000, 310000, 5000000, 52, 700), 61.72693144, 841.81824527, -31.78400785384335, 1e-3},
		{"single trials", pairs(1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 9, 10, 2, 10), 1.15850146, 0.84679488, -8.135671154807284, 1e-5},
		{"baseball", averages(), 210.55185633, 582.6886992, -45.34389625504974, 1e-4},
	} {
		p, err := FitBetaBinomial(c.groups)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, c.name+": alpha", value(t, "alpha", p.Alpha), c.alpha, c.toleranceOfFlatTop)
		checkNear(t, c.name+": beta", value(t, "beta", p.Beta), c.beta, c.toleranceOfFlatTop)
		checkNear(t, c.name+": log-likelihood", value(t, "log-likelihood", p.LogLikelihood), c.logL, 1e-8)
	}
}

// Two groups of one trial and three of fourteen that all went one way: the likelihood has no maximum inside.
func TestFitBetaBinomial_atTheLeastConcentration(t *testing.T) {
	p, err := FitBetaBinomial(pairs(0, 1, 0, 14, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if m := value(t, "alpha", p.Alpha) + value(t, "beta", p.Beta); m < minConcentration || m > 2*minConcentration {
		t.Errorf("a + b is %v, the least that is searched is %v", m, minConcentration)
	}
	checkNear(t, "log-likelihood", value(t, "log-likelihood", p.LogLikelihood), 2*math.Log(2./3)+math.Log(1./3), 1e-5)
}

// The fit beats every other prior near it and far from it, and the likelihood is that of the beta-binomial
// distribution multiplied out factor by factor.
func TestFitBetaBinomial_isTheMaximum(t *testing.T) {
	logLikelihood := func(a, b float64, groups []Counts) float64 {
		sum := 0.0
		for _, g := range groups {
			for k := range g.Trials { // Π (n−k)/(k+1) over s, (a)…(b)…/(a+b)…
				if k < g.Successes {
					sum += math.Log(float64(g.Trials-k) / float64(k+1) * (a + float64(k)))
				} else {
					sum += math.Log(b + float64(k-g.Successes))
				}
				sum -= math.Log(a + b + float64(k))
			}
		}
		return sum
	}
	rapid.Check(t, func(t *rapid.T) {
		var groups []Counts
		for range rapid.IntRange(3, 12).Draw(t, "groups") {
			n := rapid.Int64Range(0, 60).Draw(t, "trials")
			groups = append(groups, Counts{rapid.Int64Range(0, n).Draw(t, "successes"), n})
		}
		p, err := FitBetaBinomial(groups)
		if err != nil {
			t.Fatal(err)
		}
		if p.Alpha == nil {
			if p.Reason != ReasonTooFewGroups && p.Reason != ReasonNoOverdispersion {
				t.Fatalf("no prior and no reason: %+v", p)
			}
			return
		}
		best := logLikelihood(*p.Alpha, *p.Beta, groups)
		if math.Abs(best-*p.LogLikelihood) > 1e-7*(1+math.Abs(best)) {
			t.Fatalf("log-likelihood %v, factor by factor %v", *p.LogLikelihood, best)
		}
		for range 20 {
			a := *p.Alpha * math.Exp(rapid.Float64Range(-3, 3).Draw(t, "other alpha"))
			b := *p.Beta * math.Exp(rapid.Float64Range(-3, 3).Draw(t, "other beta"))
			if a+b < minConcentration { // not searched
				continue
			}
			if other := logLikelihood(a, b, groups); other > best+1e-6 {
				t.Fatalf("(%v, %v) has %v, the fit (%v, %v) only %v", a, b, other, *p.Alpha, *p.Beta, best)
			}
		}
		slices.Reverse(groups)
		again, err := FitBetaBinomial(groups)
		if err != nil || *again.Alpha != *p.Alpha || *again.Beta != *p.Beta {
			t.Fatalf("in another order %+v, before %+v: %v", again, p, err)
		}
	})
}

func TestFitBetaBinomial_nothingToLearn(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		groups       []Counts
	}{
		{"no groups", ReasonTooFewGroups, nil},
		{"two with trials", ReasonTooFewGroups, pairs(1, 5, 4, 5, 0, 0)},
		{"equal rates", ReasonNoOverdispersion, pairs(10, 100, 20, 200, 5, 50, 1, 10)},
		{"closer than chance", ReasonNoOverdispersion, pairs(50, 100, 51, 100, 49, 100, 50, 100)},
		{"nobody converts", ReasonNoOverdispersion, pairs(0, 100, 0, 20, 0, 3)},
		{"everybody converts", ReasonNoOverdispersion, pairs(100, 100, 20, 20, 3, 3)},
		{"single trials alone have no spread", ReasonNoOverdispersion, pairs(1, 1, 0, 1, 1, 1, 0, 1)},
	} {
		p, err := FitBetaBinomial(c.groups)
		if err != nil || p.Reason != c.reason || p.Alpha != nil || p.Beta != nil {
			t.Errorf("%s: %+v, %v; want %s", c.name, p, err, c.reason)
		}
	}
	if _, err := FitBetaBinomial(pairs(2, 1)); !errors.Is(err, ErrInput) {
		t.Errorf("more successes than trials: %v", err)
	}
}

// A uniform prior alone has its own quantiles; one success of one moves it to the mean of the beta(2, 1), whose
// distribution function is x².
func TestBetaBinomial_worked(t *testing.T) {
	b, err := BetaBinomial(1, 1, Counts{}, .9)
	if err != nil || b.Value != .5 || b.PoolWeight != 1 || math.Abs(b.Lower-.05) > 1e-12 || math.Abs(b.Upper-.95) > 1e-12 {
		t.Errorf("a uniform prior alone: %+v, %v", b, err)
	}
	b, err = BetaBinomial(1, 1, Counts{1, 1}, .9)
	if err != nil || math.Abs(b.Value-2./3) > 1e-15 || math.Abs(b.PoolWeight-2./3) > 1e-15 ||
		math.Abs(b.Lower-math.Sqrt(.05)) > 1e-12 || math.Abs(b.Upper-math.Sqrt(.95)) > 1e-12 {
		t.Errorf("one success of one: %+v, %v", b, err)
	}
	for _, bad := range []struct {
		a, b, level float64
		c           Counts
	}{{0, 1, .9, Counts{}}, {1, math.Inf(1), .9, Counts{}}, {1, 1, 1, Counts{}}, {1, 1, .9, Counts{2, 1}}, {math.NaN(), 1, .9, Counts{}}} {
		if _, err := BetaBinomial(bad.a, bad.b, bad.c, bad.level); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestPeak(t *testing.T) {
	if x := Peak(func(x float64) float64 { return -(x - 2.5) * (x - 2.5) }, -3, 9, 1e-7); math.Abs(x-2.5) > 1e-6 {
		t.Errorf("peak of a parabola at %v", x)
	}
	if x := Peak(func(x float64) float64 { return x }, 0, 1, 1e-7); math.Abs(x-1) > 1e-6 {
		t.Errorf("peak of a rising line at %v", x)
	}
}
