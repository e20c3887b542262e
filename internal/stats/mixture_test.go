package stats

import (
	"errors"
	"math"
	"testing"

	"vouch/referral"
)

// Reference: mpmath 1.4.1, the formulas and findroot at 40 digits.
func TestNormalMixture(t *testing.T) {
	for _, c := range []struct {
		s, v, tuning, level float64
		alt                 Alternative
		rho, log, bound     float64
	}{
		{10, 100, 100, 0.95, Greater, 15.8006349068505322, -0.0650239124290113727, 27.6607088306732013},
		{10, 100, 100, 0.95, TwoSided, 12.6005609792563394, -0.651005160007182036, 30.3520899037625291},
		{-3000, 100, 7, 0.99, Greater, 0.699893160813511265, -8.41058390035740706, 35.892765439107434},
		{0.5, 1000000, 50, 0.6, Greater, 61.3281150714689373, -4.84926777414494079, 3185.543711107626},
	} {
		got, err := NormalMixture(c.s, c.v, c.tuning, c.level, c.alt)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "rho", *got.Rho, c.rho, 1e-12)
		checkNear(t, "log mixture", *got.LogMixture, c.log, 1e-12)
		checkNear(t, "bound", *got.Bound, c.bound, 1e-12)
	}
}

// The mixture is a martingale that starts at 1: its mean over a sum without drift is 1, at any time. At the
// bound its logarithm is that of one over the error rate, and the directions mirror each other.
func TestNormalMixture_definition(t *testing.T) {
	for _, v := range []float64{0.3, 10, 500} {
		for _, alt := range []Alternative{TwoSided, Greater, Less} {
			at := func(s float64) Mixture {
				m, err := NormalMixture(s, v, 20, 0.9, alt)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
			rho := *at(0).Rho
			// Written so that the density and the mixture, which grows, are taken together.
			sd := math.Sqrt(v * (v + rho) / rho)
			mean := integrate(func(s float64) float64 {
				return math.Exp(*at(s).LogMixture-s*s/(2*v)) / math.Sqrt(2*math.Pi*v)
			}, -12*sd, 12*sd, 40)
			checkNear(t, "mean", mean, 1, 1e-10)
			bound := *at(0).Bound
			checkNear(t, "at the bound", *at(bound).LogMixture, math.Log(10), 1e-9)
			if (bound < 0) != (alt == Less) {
				t.Errorf("%s: bound %v", alt, bound)
			}
		}
	}
}

func TestNormalMixture_edges(t *testing.T) {
	if got, err := NormalMixture(1e200, 1, 1, 0.95, TwoSided); err != nil || got.LogMixture != nil || got.Bound == nil || got.Reason != ReasonOutOfRange {
		t.Errorf("overflow: %+v, %v", got, err)
	}
	if got, err := NormalMixture(0, 0, 1, 0.95, TwoSided); err != nil || *got.LogMixture != 0 {
		t.Errorf("no time: %+v, %v", got, err)
	}
	if got, err := NormalMixture(-1e150, 1, 1, 0.95, Greater); err != nil || got.LogMixture == nil || !(*got.LogMixture < -300) {
		t.Errorf("far on the other side: %+v, %v", got, err)
	}
	_, err := NormalMixture(1, -1, 1, 0.95, TwoSided)
	_, err2 := NormalMixture(1, 1, 0, 0.95, TwoSided)
	_, err3 := NormalMixture(math.NaN(), 1, 1, 0.95, TwoSided)
	_, err4 := NormalMixture(1, 1, 1, 0.4, Less)
	_, err5 := NormalMixture(1, 1, 1, 0, TwoSided)
	for _, err := range []error{err, err2, err3, err4, err5} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}

// The ratio is the likelihood integrated over effects drawn from the mixing distribution.
func TestMSPRT_definition(t *testing.T) {
	for _, c := range []struct {
		z         float64
		n         int64
		sigma, mx float64
	}{{3, 500, 1, 1}, {1.96, 30, 2, 0.5}, {-4, 1000, 1, 0.1}, {0, 100, 1, 0.1}, {2, 7, 30, 0.001}} {
		got, err := MSPRT(c.z, c.n, c.sigma, c.mx)
		if err != nil {
			t.Fatal(err)
		}
		se := math.Sqrt(c.sigma / float64(c.n))
		mean := c.z * se
		// The integrand is a normal density around the shrunk mean; times its height.
		spread := math.Sqrt(1 / (1/c.mx + 1/(se*se)))
		centre := mean * c.mx / (c.mx + se*se)
		want := integrate(func(theta float64) float64 {
			log := (mean*theta - theta*theta/2) / (se * se)
			return math.Exp(log-theta*theta/(2*c.mx)) / math.Sqrt(2*math.Pi*c.mx)
		}, centre-12*spread, centre+12*spread, 16)
		checkNear(t, "ratio", *got.Ratio, want, 1e-11)
		checkNear(t, "p", *got.PValue, math.Min(1, 1/want), 1e-11)
		checkNear(t, "log", *got.LogRatio, math.Log(want), 1e-10)
	}
}

// Reference: golden files of kaizen-experimentation (msprt_large_tau, msprt_strong_effect).
func TestMSPRT(t *testing.T) {
	for _, c := range []struct {
		z        float64
		n        int64
		s, mx, p float64
	}{{3, 500, 1, 1, 0.2508964653658543}, {4, 1000, 1, 0.1, 0.0036492565364194584}} {
		got, err := MSPRT(c.z, c.n, c.s, c.mx)
		if err != nil {
			t.Fatal(err)
		}
		checkNear(t, "p", *got.PValue, c.p, 1e-12)
	}
	far, err := MSPRT(37.5, 1000000, 1, 1)
	if err != nil || far.Ratio == nil || !(*far.PValue > 0 && *far.PValue < 1e-300) {
		t.Errorf("far: %+v, %v", far, err)
	}
	if over, err := MSPRT(100, 1000, 1, 1); err != nil || over.Ratio != nil || over.LogRatio == nil || *over.PValue != 0 || over.Reason != "" {
		t.Errorf("overflow: %+v, %v", over, err)
	}
	if none, err := MSPRT(2, 0, 1, 1); err != nil || none.Reason != referral.ReasonNoData || none.PValue != nil {
		t.Errorf("no observation: %+v, %v", none, err)
	}
	if flat, err := MSPRT(2, 5, 0, 1); err != nil || flat.Reason != referral.ReasonZeroVariance {
		t.Errorf("no variance: %+v, %v", flat, err)
	}
	if null, err := MSPRT(2, 5, 1, 0); err != nil || *null.Ratio != 1 || *null.PValue != 1 {
		t.Errorf("no alternatives: %+v, %v", null, err)
	}
	_, err1 := MSPRT(math.NaN(), 5, 1, 1)
	_, err2 := MSPRT(1, -5, 1, 1)
	_, err3 := MSPRT(1, 5, -1, 1)
	_, err4 := MSPRT(1, 5, 1, -1)
	for _, err := range []error{err1, err2, err3, err4} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("accepted: %v", err)
		}
	}
}
