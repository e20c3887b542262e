package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

func oneVariance(level float64, alt Alternative) MeanDesign {
	return MeanDesign{VarianceControl: 1, VarianceTreatment: 1, Level: level, Alternative: alt}
}

// Reference: statsmodels 0.15.0, TTestIndPower().power and NormalIndPower().power. With equal arms the
// degrees of freedom of Welch and of the pooled test agree.
func TestMeanDesign_Power(t *testing.T) {
	for _, c := range []struct {
		d           MeanDesign
		effect, n   float64
		want, digit float64
	}{
		{oneVariance(0.95, TwoSided), 0.2, 400, 0.8064972788078826, 1e-9},
		{oneVariance(0.95, Less), -0.5, 20, 0.4633743492964085, 1e-9},
		{oneVariance(0.95, TwoSided), 0, 20, 0.05, 1e-9},
		{MeanDesign{VarianceControl: 1, VarianceTreatment: 1, Level: 0.95, Normal: true}, 0.2, 400, 0.807430419432557, 1e-9},
	} {
		p, err := c.d.Power(c.effect, c.n, c.n)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "power", value(t, "power", p), c.want, c.digit)
	}
}

// Reference: statsmodels 0.15.0, TTestIndPower().solve_power.
func TestMeanDesign_SampleSize(t *testing.T) {
	n, err := oneVariance(0.95, TwoSided).SampleSize(0.2, 0.8, 1)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "n", value(t, "n", n.Control), 393.4056930002526, 1e-8)
	m, err := oneVariance(0.95, TwoSided).MDE(64, 64, 0.8)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "mde", value(t, "mde", m), 0.499069177194551, 1e-8)
}

// Sample size, smallest effect and power are inverses of each other, for every direction and allocation.
func TestMeanDesign_inverses(t *testing.T) {
	r := random(9, 9)
	for range 60 {
		d := MeanDesign{VarianceControl: 0.1 + r.ExpFloat64(), VarianceTreatment: 0.1 + r.ExpFloat64(), Level: 0.8 + 0.19*r.Float64(), Normal: r.IntN(2) == 0}
		d.Alternative = []Alternative{TwoSided, Greater, Less}[r.IntN(3)]
		effect, want := 0.05+r.Float64(), 0.5+0.45*r.Float64()
		if d.Alternative == Less {
			effect = -effect
		}
		n, err := d.SampleSize(effect, want, 0.5+r.Float64())
		if err != nil {
			t.Fatal(err)
		}
		nc, nt := value(t, "n", n.Control), value(t, "n", n.Treatment)
		p, err := d.Power(effect, nc, nt)
		if err != nil {
			t.Fatal(err)
		}
		m, err := d.MDE(nc, nt, want)
		if err != nil {
			t.Fatal(err)
		}
		if p == nil {
			continue // so large an effect that an arm needs less than two units
		}
		if *p > want+1e-9 { // the smallest design the method can make already exceeds the power
			continue
		}
		checkNear(t, "power at the sample size", *p, want, 1e-7)
		checkNear(t, "smallest effect at the sample size", value(t, "mde", m), effect, 1e-6)
	}
}

func TestMeanDesign_edges(t *testing.T) {
	d := oneVariance(0.95, Greater)
	for _, effect := range []float64{0, -1} {
		if n, err := d.SampleSize(effect, 0.8, 1); err != nil || n.Control != nil || n.Reason != referral.ReasonUnbounded {
			t.Errorf("effect %v: %+v, %v", effect, n, err)
		}
	}
	if n, err := (MeanDesign{Level: 0.95}).SampleSize(1, 0.8, 1); err != nil || n.Reason != referral.ReasonZeroVariance {
		t.Errorf("no variance: %+v, %v", n, err)
	}
	if p, err := d.Power(1, 1, 5); err != nil || p != nil {
		t.Errorf("one unit has a power of %v, %v", p, err)
	}
	bad := []error{}
	for _, power := range []float64{0.05, 1, math.NaN()} {
		_, err := d.SampleSize(1, power, 1)
		bad = append(bad, err)
	}
	_, err := d.Power(math.NaN(), 5, 5)
	_, err2 := (MeanDesign{VarianceControl: -1, Level: 0.95}).Power(1, 5, 5)
	_, err3 := (MeanDesign{VarianceControl: 1, Level: 1.5}).MDE(5, 5, 0.8)
	for _, err := range append(bad, err, err2, err3) {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}

// Sample size for shares inverts the power; R's power.prop.test(n = 50, p1 = .50, p2 = .75) gives 0.740
// and power = .90 gives n = 76.7 (help page of the function).
func TestSharePower(t *testing.T) {
	p, err := SharePower(0.5, 0.75, 50, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(*p-0.740) > 5e-4 {
		t.Errorf("power %v", *p)
	}
	n, err := ShareSampleSize(0.5, 0.75, 0.9, 0.95, TwoSided, false)
	if err != nil || math.Abs(*n.N-76.7) > 0.05 || *n.Ceil != 77 {
		t.Errorf("%+v, %v", n, err)
	}
	back, err := SharePower(0.5, 0.75, *n.N, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	checkNear(t, "power at the sample size", *back, 0.9, 1e-12)
	if n, err := ShareSampleSize(0.2, 0.2, 0.8, 0.95, TwoSided, true); err != nil || n.N != nil || n.Reason != referral.ReasonUnbounded {
		t.Errorf("equal shares: %+v, %v", n, err)
	}
	for _, bad := range [][2]float64{{-0.1, 0.2}, {0.1, 1.2}, {math.NaN(), 0.5}} {
		if _, err := SharePower(bad[0], bad[1], 10, 0.95, TwoSided); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestDesignEffect(t *testing.T) {
	for _, c := range []struct{ m, cv, icc, want float64 }{{1, 0, 0.3, 1}, {3, 1.5, 0.2, 2.75}, {8, 2, 0.1, 4.9}, {5, 0, 0.05, 1.2}} {
		got, err := DesignEffect(c.m, c.cv, c.icc)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "design effect", got, c.want, 1e-14)
	}
	if _, err := DesignEffect(0, 0, 0); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

func TestGuardrailPower(t *testing.T) {
	for _, c := range []struct {
		s, g int64
		want float64
	}{{1, 0, 0.8}, {3, 0, 0.8}, {1, 2, 1 - 0.2/3}, {0, 2, 0.9}} {
		got, err := GuardrailPower(c.s, c.g, 0.8)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "power", got, c.want, 1e-14)
	}
	if _, err := GuardrailPower(0, 0, 0.8); !errors.Is(err, ErrInput) {
		t.Errorf("%v", err)
	}
}

// With f more units the power is the one asked for; always-valid tests need more.
func TestMidExperiment(t *testing.T) {
	c, tr := Moments{500, 1, 2}, Moments{500, 1.05, 2.1}
	fixed, err := MidExperiment(c, tr, 0.1, 0.8, 0.95, 0)
	if err != nil {
		t.Fatal(err)
	}
	f := value(t, "f", fixed.Factor)
	l, err := LiftDelta(c, tr, 0.95, TwoSided)
	if err != nil {
		t.Fatal(err)
	}
	d := 0.1 / (*l.SE / math.Sqrt(1+f))
	checkNear(t, "power", UpperTail(criticalZ(0.95)-d)+UpperTail(criticalZ(0.95)+d), 0.8, 1e-10)
	valid, err := MidExperiment(c, tr, 0.1, 0.8, 0.95, 5000)
	if err != nil || !(*valid.Factor > f) {
		t.Errorf("always valid %v, fixed %v, %v", valid.Factor, f, err)
	}
	if done, err := MidExperiment(c, tr, 5, 0.8, 0.95, 0); err != nil || *done.Factor != 0 {
		t.Errorf("already reached: %+v, %v", done, err)
	}
	if z, err := MidExperiment(Moments{5, 0, 1}, tr, 0.1, 0.8, 0.95, 0); err != nil || z.Reason != referral.ReasonZeroControl {
		t.Errorf("control of 0: %+v, %v", z, err)
	}
}
