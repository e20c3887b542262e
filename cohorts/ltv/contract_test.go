package ltv

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The survivors of two segments of Fader and Hardie (2007), table 1, years 0 to 7 of 1,000 subscribers each.
var (
	highEnd = []float64{1000, 869, 743, 653, 593, 551, 517, 491}
	regular = []float64{1000, 631, 468, 382, 326, 289, 262, 241}
)

func renewals(t rapid.TB, cohorts ...[]float64) Renewals {
	t.Helper()
	s, err := NewRenewals(cohorts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Published: High End (.668, 3.806; −1611.2), Regular (.704, 1.182; −1680.3) of Fader and Hardie (2007); with c, the
// log-likelihoods −1605.3 and −1679.6 of Fader and others (2018). Hardie's note 017 for cohorts of unequal age.
func TestFitContracts_published(t *testing.T) {
	parameters(t, "High End", FitSBG(renewals(t, highEnd)), 2e-4, -1611.1581, 0.66809, 3.80610)
	parameters(t, "Regular", FitSBG(renewals(t, regular)), 2e-4, -1680.2652, 0.70408, 1.18204)
	young := renewals(t, []float64{10000, 8000, 6480, 5307, 4391}, []float64{10000, 8000, 6480, 5307}, []float64{10000, 8000, 6480}, []float64{10000, 8000})
	parameters(t, "four cohorts", FitSBG(young), 1e-4, -40255.8373, 3.79812, 15.19189)
	for _, c := range []struct {
		survivors []float64
		c, want   float64
	}{{regular, 1.283, -1679.603}, {highEnd, 1.724, -1605.314}} {
		f := FitBDW(renewals(t, c.survivors))
		near(t, "c", f.Model.C, c.c, 1e-3, 0)
		near(t, "log-likelihood", *f.LogLikelihood, c.want, 0, 1e-3)
	}
}

// A customer's own probability of leaving, integrated; and the likelihood term by term.
func TestBDW_integrated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := BDW{logRange(t, "alpha", 0.2, 10), logRange(t, "beta", 0.2, 10), logRange(t, "c", 0.3, 2)}
		age := rapid.Float64Range(0, 12).Draw(t, "age")
		theta := betaMass(m.Alpha, m.Beta, coarse)
		stay := func(u float64) float64 {
			sum := 0.0
			for i, stay := range theta.rest {
				sum += theta.weight[i] * math.Pow(stay, math.Pow(u, m.C))
			}
			return sum
		}
		near(t, "survival", m.Survival(age), stay(age), 1e-9, 1e-9)
		n := []float64{90, 60, 50, 45}
		want := 30*math.Log(1-stay(1)) + 10*math.Log(stay(1)-stay(2)) + 5*math.Log(stay(2)-stay(3)) + 45*math.Log(stay(3))
		near(t, "log-likelihood", m.LogLikelihood(renewals(t, n)), want, 1e-7, 1e-6)
		s := renewals(t, n, []float64{20, 20, 7})
		slopes(t, "BdW", s.likelihood(3), []float64{m.Alpha, m.Beta, m.C})
		slopes(t, "sBG", s.likelihood(2), []float64{m.Alpha, m.Beta})
	})
}

// The sum of discounted survival, term by term, and the published 7.530 of High End after 7 renewals at 10 %.
func TestSBG_DERL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := SBG{logRange(t, "alpha", 0.1, 10), logRange(t, "beta", 0.1, 50)}
		n, d := float64(rapid.IntRange(0, 9).Draw(t, "n")), logRange(t, "d", 0.03, 1)
		sum, whole := 0.0, 1.0
		for k := 0; k < 2000; k++ {
			sum += m.Survival(n+1+float64(k)) / m.Survival(n) * math.Pow(1+d, -float64(k))
			whole += m.Survival(float64(k+1)) * math.Pow(1+d, -float64(k+1))
		}
		got, ok := m.DERL(n, d)
		near(t, "DERL", got, sum, 1e-10, 0)
		ofNew, okNew := m.New(d)
		near(t, "new", ofNew, whole, 1e-10, 0)
		if !ok || !okNew {
			t.Error("a discounted sum is finite")
		}
		// The formula without a discount is the limit of the one with.
		if m.Alpha > 1.5 {
			free, _ := m.DERL(n, 0)
			little, _ := m.DERL(n, 1e-9)
			near(t, "no discount", little, free, 1e-3, 0)
			freeNew, _ := m.New(0)
			littleNew, _ := m.New(1e-9)
			near(t, "no discount, new", littleNew, freeNew, 1e-3, 0)
		}
	})
	got, _ := SBG{0.66808839, 3.8060955}.DERL(7, 0.1)
	near(t, "High End", got, 7.530, 0, 5e-4)
	if _, ok := (SBG{0.9, 3}).DERL(2, 0); ok {
		t.Error("for α ≤ 1 the sum without discount is infinite")
	}
}

func TestContracts_edges(t *testing.T) {
	for _, cohorts := range [][][]float64{
		nil, {{}}, {{5}}, {{5, 6}}, {{-1, -2}}, {{math.NaN(), 1}}, {{math.Inf(1), 1}}, {{0, 0}}, {{5, 4}, {3}},
	} {
		if _, err := NewRenewals(cohorts); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", cohorts, err)
		}
	}
	f := FitSBG(renewals(t, []float64{9, 9, 9}))
	if f.Usable() || f.Reason != ReasonNoChurn || f.LogLikelihood != nil || f.Customers != 9 {
		t.Errorf("nobody left: %+v", f)
	}
	// Everyone leaves with the same probability: no heterogeneity to tell.
	g := FitSBG(renewals(t, []float64{1 << 20, 1 << 19, 1 << 18, 1 << 17}))
	if g.Reason != ReasonNotIdentified || !g.Usable() {
		t.Errorf("a geometric lifetime: %+v", g)
	}
	near(t, "geometric survival", g.Model.Survival(5), math.Pow(2, -5), 1e-3, 0)
}
