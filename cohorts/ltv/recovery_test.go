package ltv

import (
	"math"
	"math/rand/v2"
	"testing"
)

// gammaDraw draws from the gamma distribution with scale 1 (Marsaglia and Tsang 2000).
func gammaDraw(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gammaDraw(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// A shop is customers who live through a model: purchases up to calibration, and what they buy in the time after it.
type shop struct {
	outcomes []Outcome
}

// simulate draws customers first seen evenly over the first quarter of the calibration time, with purchases of the rate λ until
// they leave: leaves decides at each purchase, the first (0) included, or gives a time of leaving.
func simulate(r *rand.Rand, n int, calibration, after float64, rate func() float64, law func() (leaves func(purchase int) bool, until float64)) shop {
	var out shop
	for range n {
		lambda := rate()
		leaves, until := law()
		age := calibration * (0.75 + 0.25*r.Float64())
		o := Outcome{Pattern: Pattern{History{Age: age}, 1}}
		gone := leaves(0)
		for now := 0.0; !gone; {
			if now += r.ExpFloat64() / lambda; now > age+after || now > until {
				break
			}
			if now <= age {
				o.Repeats++
				o.Recency = now
			} else {
				o.Bought++
			}
			gone = leaves(1)
		}
		out.outcomes = append(out.outcomes, o)
	}
	return out
}

func (s shop) sample(t testing.TB) Sample {
	p := make([]Pattern, len(s.outcomes))
	for i, o := range s.outcomes {
		p[i] = o.Pattern
	}
	out, err := NewSample(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// coin is a customer who leaves with probability p at each occasion from the given purchase on.
func coin(r *rand.Rand, p float64, first int) (func(int) bool, float64) {
	return func(purchase int) bool { return purchase >= first && r.Float64() < p }, math.Inf(1)
}

func betaDraw(r *rand.Rand, a, b float64) float64 {
	x, y := gammaDraw(r, a), gammaDraw(r, b)
	return x / (x + y)
}

// recovered checks that true parameters lie within four standard errors: by chance one in some four thousand tests fails,
// and the seed is fixed.
func recovered[M any](t *testing.T, f Fit[M], want ...float64) {
	t.Helper()
	if !f.Usable() || !f.Converged {
		t.Fatalf("%+v", f)
	}
	for i, p := range f.Parameters {
		if p.SE == nil {
			t.Errorf("%s has no standard error", p.Name)
		} else if z := (p.Value - want[i]) / *p.SE; math.Abs(z) > 4 {
			t.Errorf("%s is %v ± %v, want %v", p.Name, p.Value, *p.SE, want[i])
		}
	}
}

func TestFit_recoversSimulated(t *testing.T) {
	const n = 20_000
	r := rand.New(rand.NewPCG(20261121, 6))
	rate := func(shape, alpha float64) func() float64 {
		return func() float64 { return gammaDraw(r, shape) / alpha }
	}
	t.Run("BG/NBD", func(t *testing.T) {
		s := simulate(r, n, 78, 39, rate(0.6, 5), func() (func(int) bool, float64) { return coin(r, betaDraw(r, 0.9, 2.5), 1) })
		recovered(t, FitBGNBD(s.sample(t)), 0.6, 5, 0.9, 2.5)
	})
	t.Run("MBG/NBD", func(t *testing.T) {
		s := simulate(r, n, 78, 39, rate(0.8, 6), func() (func(int) bool, float64) { return coin(r, betaDraw(r, 0.9, 2.5), 0) })
		recovered(t, FitMBGNBD(s.sample(t)), 0.8, 6, 0.9, 2.5)
	})
	t.Run("Pareto/NBD", func(t *testing.T) {
		s := simulate(r, n, 78, 39, rate(0.8, 6), func() (func(int) bool, float64) {
			return func(int) bool { return false }, r.ExpFloat64() * 20 / gammaDraw(r, 1.2)
		})
		recovered(t, FitParetoNBD(s.sample(t)), 0.8, 6, 1.2, 20)
	})
	t.Run("Gamma-Gamma", func(t *testing.T) {
		var rows []Spend
		for range n {
			x, nu := 1+r.IntN(6), gammaDraw(r, 3.5)/15
			rows = append(rows, Spend{int64(x), gammaDraw(r, 5*float64(x)) / nu / float64(x), 1})
		}
		recovered(t, FitGammaGamma(spends(t, rows...)), 5, 3.5, 15)
	})
	t.Run("BdW", func(t *testing.T) {
		survivors := make([]float64, 11)
		for range n {
			theta := betaDraw(r, 0.7, 2)
			for age := range survivors {
				survivors[age]++
				// The chance to pass from one age to the next of (1−θ)^(t^c).
				power := math.Pow(float64(age+1), 1.3) - math.Pow(float64(age), 1.3)
				if r.Float64() > math.Pow(1-theta, power) {
					break
				}
			}
		}
		recovered(t, FitBDW(renewals(t, survivors)), 0.7, 2, 1.3)
	})
}

// Customers who differ by chance alone, and such as never leave, are at the edges of their models: the parameters say so, and the
// predictions stand.
func TestFit_edges(t *testing.T) {
	r := rand.New(rand.NewPCG(20261121, 7))
	alike := simulate(r, 4000, 52, 52, func() float64 { return 0.1 }, func() (func(int) bool, float64) {
		return func(int) bool { return false }, math.Inf(1)
	})
	bought := 0.0
	for _, o := range alike.outcomes {
		bought += o.Bought
	}
	for i, o := range alike.outcomes { // in whole days, as shops know them
		alike.outcomes[i].Age, alike.outcomes[i].Recency = math.Ceil(o.Age*7)/7, math.Ceil(o.Recency*7)/7
	}
	s := alike.sample(t)
	bg, pareto := FitBGNBD(s), FitParetoNBD(s)
	for _, f := range []struct {
		usable bool
		reason string
		model  Repeat
	}{
		{bg.Usable(), bg.Reason, bg.Model},
		{pareto.Usable(), pareto.Reason, pareto.Model},
	} {
		if !f.usable || f.reason != ReasonNotIdentified {
			t.Fatalf("%T: %v %q", f.model, f.usable, f.reason)
		}
		classes, err := ByFrequency(f.model, alike.outcomes, 52, 0)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "purchases", classes[0].Expected, bought, 0.05, 0)
	}
	none, err := NewSample([]Pattern{{History{Age: 9}, 5}})
	if err != nil {
		t.Fatal(err)
	}
	if f := FitBGNBD(none); f.Usable() || f.Reason != ReasonNoRepeats || f.Customers != 5 || f.LogLikelihood != nil {
		t.Errorf("nobody came back: %+v", f)
	}
}

// The search by way of a thinned sample ends where the one over the whole does.
func TestSearch_thinned(t *testing.T) {
	s, err := NewSample(customers(60_000, 1.0/7))
	if err != nil {
		t.Fatal(err)
	}
	if few, ok := s.thin(); !ok || few.customers != s.customers || few.repeats != s.repeats {
		t.Fatalf("thinned to %d of %d patterns: %v", len(few.patterns), len(s.patterns), ok)
	}
	for what, c := range map[string]struct {
		got    *float64
		of     likelihood
		scale  []float64
		starts [][]float64
	}{
		"BG/NBD":     {FitBGNBD(s).LogLikelihood, s.betaGeometric(0), []float64{1, s.life, 1, 1}, betaGeometricStarts},
		"Pareto/NBD": {FitParetoNBD(s).LogLikelihood, s.pareto(), []float64{1, s.life, 1, s.life}, [][]float64{{1, 1, 1, 1}}},
		"NBD":        {FitNBD(s).LogLikelihood, s.nbd(), []float64{1, s.life}, [][]float64{{1, 1}}},
	} {
		whole, err := maximise(c.of, float64(s.customers), c.scale, c.starts)
		if err != nil || c.got == nil {
			t.Fatalf("%s: %v", what, err)
		}
		near(t, what, *c.got, whole.value, 0, 1e-5)
	}
}
