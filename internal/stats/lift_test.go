package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"vouch/referral"
)

// The limits are the roots of (T − rC)² − q²(vT/nT + r² vC/nC), found here by bisection.
func TestLiftFieller_roots(t *testing.T) {
	r := random(11, 2)
	for range 300 {
		c := Moments{N: 20 + r.Int64N(500), Mean: 1 + 4*r.Float64(), Variance: 9 * r.Float64()}
		tr := Moments{N: 20 + r.Int64N(500), Mean: 6 * r.NormFloat64(), Variance: 9 * r.Float64()}
		if r.IntN(2) == 0 {
			c.Mean = -c.Mean
		}
		got, err := LiftFieller(c, tr, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		q := -StudentQuantile(0.025, value(t, "df", got.DF))
		if g := value(t, "g", got.G); g >= 1 {
			if *got.Bounded || got.Lower != nil || got.Upper != nil || got.Reason != referral.ReasonUnbounded {
				t.Fatalf("g = %v gives %+v", g, got)
			}
			continue
		}
		inside := func(lift float64) float64 {
			ratio := 1 + lift
			if c.Mean < 0 {
				ratio = 1 - lift
			}
			d := tr.Mean - ratio*c.Mean
			return d*d - q*q*(tr.Variance/float64(tr.N)+ratio*ratio*c.Variance/float64(c.N))
		}
		for _, side := range []struct{ got, away float64 }{{*got.Lower, -1}, {*got.Upper, 1}} {
			in, out := *got.Estimate, *got.Estimate+side.away
			for inside(out) < 0 {
				out += out - in
			}
			for range 200 {
				if mid := (in + out) / 2; inside(mid) < 0 {
					in = mid
				} else {
					out = mid
				}
			}
			if math.Abs(side.got-in) > 1e-7*math.Max(1, math.Abs(in)) {
				t.Fatalf("limit %v, by bisection %v (C %+v, T %+v)", side.got, in, c, tr)
			}
		}
	}
}

// Fieller's interval excludes 0 exactly when Welch's does: one question, one answer.
func TestLiftFieller_agreesWithWelch(t *testing.T) {
	r := random(12, 2)
	decided := map[bool]int{}
	for range 2000 {
		c := Moments{N: 50, Mean: 5, Variance: 4}
		tr := Moments{N: 60, Mean: 5 + r.NormFloat64(), Variance: 3}
		l, err := LiftFieller(c, tr, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		w, err := Welch(c, tr, 0.95, TwoSided)
		if err != nil {
			t.Fatal(err)
		}
		excludes := *l.Lower > 0 || *l.Upper < 0
		if excludes != (*w.PValue < 0.05) || *l.PValue != *w.PValue {
			t.Fatalf("lift [%v, %v] with p %v", *l.Lower, *l.Upper, *w.PValue)
		}
		decided[excludes]++
	}
	if decided[true] < 100 || decided[false] < 100 {
		t.Errorf("the cases do not cover both answers: %v", decided)
	}
}

func TestLift_edges(t *testing.T) {
	zero := Moments{N: 10, Mean: 0, Variance: 1}
	some := Moments{N: 10, Mean: 2, Variance: 1}
	methods := map[string]func(c, t Moments) (Lift, error){
		"delta":   func(c, t Moments) (Lift, error) { return LiftDelta(c, t, 0.95, TwoSided) },
		"fieller": func(c, t Moments) (Lift, error) { return LiftFieller(c, t, 0.95) },
	}
	for name, f := range methods {
		got, err := f(zero, some)
		if err != nil || got.Estimate != nil || got.Lower != nil || got.Reason != referral.ReasonZeroControl {
			t.Errorf("%s with a control of 0: %+v, %v", name, got, err)
		}
		got, err = f(Moments{}, some)
		if err != nil || got.Estimate != nil || got.Reason != referral.ReasonNoData {
			t.Errorf("%s without a control: %+v, %v", name, got, err)
		}
	}
	got, err := LiftLog(Moments{N: 9, Mean: -2, Variance: 1}, some, 0.95, TwoSided)
	if err != nil || got.Reason != ReasonNonPositiveMean || *got.Estimate != 2 || got.Lower != nil {
		t.Errorf("log lift of a negative control: %+v, %v", got, err)
	}
	if got := LiftPoint(-4, -2); *got.Estimate != 0.5 {
		t.Errorf("a loss halved is a lift of %v", *got.Estimate)
	}
}

// Extreme inputs give no panic, no number that is none, and limits around the estimate; what cannot be
// written has a reason.
func TestLift_extremeArms(t *testing.T) {
	values := []float64{0, 1e-320, -1e-320, 1e-160, 0.5, -0.5, 3, 1e160, 1e308, -1e308, math.MaxFloat64}
	sizes := []int64{0, 1, 2, 2507, math.MaxInt64}
	draw := rand.New(rand.NewPCG(1, 2))
	arm := func() Moments {
		return Moments{N: sizes[draw.IntN(len(sizes))], Mean: values[draw.IntN(len(values))], Variance: math.Abs(values[draw.IntN(len(values))])}
	}
	methods := map[string]func(c, t Moments, level float64, alt Alternative) (Lift, error){
		"delta": LiftDelta, "log": LiftLog,
		"fieller": func(c, t Moments, level float64, _ Alternative) (Lift, error) { return LiftFieller(c, t, level) },
		"normal":  func(c, t Moments, level float64, _ Alternative) (Lift, error) { return LiftFiellerNormal(c, t, level) },
	}
	for range 20_000 {
		c, x := arm(), arm()
		alt := []Alternative{TwoSided, Greater, Less}[draw.IntN(3)]
		level := []float64{0.5, 0.95, 0.9999}[draw.IntN(3)]
		for name, method := range methods {
			l, err := method(c, x, level, alt)
			if err != nil {
				t.Fatalf("%s %+v %+v: %v", name, c, x, err)
			}
			if l.Estimate == nil && l.Reason == "" {
				t.Fatalf("%s %+v %+v: no estimate and no reason", name, c, x)
			}
			for _, v := range []*float64{l.Estimate, l.SE, l.SELog, l.G, l.DF, l.PValue, l.Lower, l.Upper} {
				if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
					t.Fatalf("%s %+v %+v: %v", name, c, x, l)
				}
			}
			if e := l.Estimate; e != nil && (l.Lower != nil && *l.Lower > *e || l.Upper != nil && *l.Upper < *e) {
				t.Fatalf("%s %+v %+v: %g outside its limits", name, c, x, *e)
			}
			if l.Lower == nil && l.Upper == nil && l.Reason == "" {
				t.Fatalf("%s %+v %+v %s: no limits and no reason", name, c, x, alt)
			}
		}
	}
}

// The two lifts that once ended in a nil pointer.
func TestLiftDelta_outOfRange(t *testing.T) {
	x := Moments{N: 2461, Mean: 0.78, Variance: 37.8}
	l, err := LiftDelta(Moments{N: 2507, Mean: 1e-320, Variance: 14.6}, x, 0.95, TwoSided)
	if err != nil || l.Estimate != nil || l.Reason != ReasonOutOfRange {
		t.Errorf("%+v, %v", l, err)
	}
	e, err := MidExperiment(Moments{N: 2507, Mean: 1e-320, Variance: 14.6}, x, 0.05, 0.8, 0.95, 0)
	if err != nil || e.Factor != nil || e.Reason != ReasonOutOfRange {
		t.Errorf("%+v, %v", e, err)
	}
}

// A control whose interval ends at 0 exactly has no finite limits, whatever rounding makes of g.
func TestLiftFieller_controlEndsAtZero(t *testing.T) {
	z := -NormalQuantile(0.025)
	for _, half := range []float64{0.1, 1. / 3, 1, 3, 7.5, 12, 1100, 1e9 / 7} {
		se := half / z
		c := Moments{N: 9, Mean: half, Variance: 9 * se * se}
		got, err := LiftFiellerNormal(c, Moments{N: 9, Mean: 2 * half, Variance: se * se}, 0.95)
		if err != nil || got.Reason != referral.ReasonUnbounded || got.Lower != nil || got.Upper != nil {
			t.Errorf("%g: %+v, %v", half, got, err)
		}
	}
}
