package stats

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// freireich are weeks in remission of 21 leukaemia patients under 6-mercaptopurine (Freireich et al.,
// Blood 1963): the textbook example of the method.
func freireich() []Lifetime {
	times := []float64{6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35}
	event := []int64{1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0}
	var out []Lifetime
	for i, t := range times {
		out = append(out, Lifetime{Time: t, Events: event[i], Censored: 1 - event[i]})
	}
	return out
}

// Reference: statsmodels 0.15.0, SurvfuncRight: surv_times, surv_prob, surv_prob_se.
func TestKaplanMeier(t *testing.T) {
	c, err := KaplanMeier(freireich())
	if err != nil {
		t.Fatal(err)
	}
	times := []float64{6, 7, 10, 13, 16, 22, 23}
	prob := []float64{0.8571428571428572, 0.8067226890756303, 0.7529411764705883, 0.6901960784313725, 0.6274509803921569, 0.5378151260504203, 0.44817927170868355}
	se := []float64{0.07636035483212125, 0.0869352851800572, 0.09634965299432052, 0.10681470777500983, 0.11405386525675254, 0.12823375169303403, 0.13459145675576048}
	if len(c.Steps) != len(times) {
		t.Fatalf("%d steps", len(c.Steps))
	}
	for i, s := range c.Steps {
		gotS, gotSE, ok := c.At(s.Time)
		if s.Time != times[i] || !ok {
			t.Fatalf("step %d at %v", i, s.Time)
		}
		checkNear(t, "survival", gotS, prob[i], 1e-13)
		checkNear(t, "se", gotSE, se[i], 1e-13)
	}
	if m, ok := c.Quantile(0.5); m != 23 || !ok {
		t.Errorf("median %v, %v", m, ok)
	}
	if _, ok := c.Quantile(0.9); ok {
		t.Error("a quantile beyond the curve is known")
	}
	if s, _, ok := c.At(5.9); s != 1 || !ok {
		t.Errorf("before the first event: %v", s)
	}
	if s, _, ok := c.At(35); !ok || !near(s, prob[6], 1e-13) {
		t.Errorf("at the last censored time: %v, %v", s, ok)
	}
	if _, _, ok := c.At(35.1); ok {
		t.Error("beyond the last censored time the curve is known")
	}
}

// The log-log interval is where the complementary log-log of S is z standard errors away.
func TestSurvivalInterval(t *testing.T) {
	c, err := KaplanMeier(freireich())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Steps {
		lo, hi, ok := c.Interval(s.Time, 0.95)
		if !ok || !(0 < lo && lo < s.Survival && s.Survival < hi && hi < 1) {
			t.Fatalf("at %v: [%v, %v], %v", s.Time, lo, hi, ok)
		}
		theta := func(x float64) float64 { return math.Log(-math.Log(x)) }
		sigma := math.Sqrt(s.Hazard) / math.Abs(math.Log(s.Survival))
		checkNear(t, "distance below", theta(lo)-theta(s.Survival), criticalZ(0.95)*sigma, 1e-10)
		checkNear(t, "distance above", theta(s.Survival)-theta(hi), criticalZ(0.95)*sigma, 1e-10)
	}
	if _, _, ok := c.Interval(1, 0.95); ok {
		t.Error("an interval before the first event")
	}
}

// Grouping equal times, splitting groups and the order of entries change nothing.
func TestKaplanMeier_grouping(t *testing.T) {
	want, err := KaplanMeier(freireich())
	if err != nil {
		t.Fatal(err)
	}
	grouped := map[float64]Lifetime{}
	for _, l := range freireich() {
		g := grouped[l.Time]
		grouped[l.Time] = Lifetime{Time: l.Time, Events: g.Events + l.Events, Censored: g.Censored + l.Censored}
	}
	var in []Lifetime
	for _, l := range grouped { // in the random order of a map
		in = append(in, l)
	}
	got, err := KaplanMeier(in)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Steps, want.Steps) || got.N != want.N || got.Last != want.Last {
		t.Errorf("grouped %+v, single %+v", got, want)
	}
}

// Without censoring the curve is one minus the empirical distribution and falls to 0.
func TestKaplanMeier_uncensored(t *testing.T) {
	c, err := KaplanMeier([]Lifetime{{Time: 1, Events: 1}, {Time: 2, Events: 2}, {Time: 4, Events: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []struct{ t, s float64 }{{0, 1}, {1, 0.75}, {2, 0.25}, {3.9, 0.25}, {4, 0}, {99, 0}} {
		if s, _, ok := c.At(w.t); !ok || !near(s, w.s, 1e-15) {
			t.Errorf("S(%v) = %v, %v", w.t, s, ok)
		}
	}
	if q, ok := c.Quantile(1); q != 4 || !ok {
		t.Errorf("the last of all is at %v, %v", q, ok)
	}
	if q, ok := c.Quantile(0.75); q != 2 || !ok {
		t.Errorf("three quarters are done at %v, %v", q, ok)
	}
}

func TestKaplanMeier_refuses(t *testing.T) {
	if _, err := KaplanMeier([]Lifetime{{Time: 3}}); !errors.Is(err, ErrNoData) {
		t.Errorf("nobody: %v", err)
	}
	for _, bad := range []Lifetime{{Time: math.NaN(), Events: 1}, {Time: 1, Events: -1}, {Time: 1, Censored: -1}, {Time: math.Inf(1), Events: 1}} {
		if _, err := KaplanMeier([]Lifetime{bad}); !errors.Is(err, ErrInput) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
