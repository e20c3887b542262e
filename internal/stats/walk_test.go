package stats

import (
	"math"
	"testing"
)

func walkThrough(sides int, t, c []float64) *walk {
	w := &walk{sides: sides}
	for i := range t {
		w.add(t[i], c[i])
	}
	return w
}

// Reference: scipy 1.17.1, stats.multivariate_normal.cdf with the covariances √(t_i/t_j) and lower_limit,
// abseps = releps = 1e-10, good to about nine digits.
func TestWalk_multivariateNormal(t *testing.T) {
	one := walkThrough(1, []float64{0.1, 0.3, 0.8}, []float64{2.5, 2.2, 2})
	checkNear(t, "one side, no drift", one.stay(0), 0.9631403884703269, 1e-8)
	checkNear(t, "one side, drift 2", one.stay(2), 0.5541727620462642, 1e-8)
	two := walkThrough(2, []float64{0.2, 0.25, 0.6, 1}, []float64{2.9, 2.7, 2.4, 2.1})
	checkNear(t, "two sides, drift 1.5", two.stay(1.5), 0.7028256085675224, 1e-8)
	two = walkThrough(2, []float64{0.2, 0.25, 0.6}, []float64{2.9, 2.7, 2.4})
	checkNear(t, "stopped last, drift 1.5", two.exit(1, 2.1, 1.5), 0.17726433586531803, 1e-7)
}

// Reference: numpy 2.4.6, the density of B(t_k) carried from look to look on 6000 Gauss–Legendre nodes (8000
// for the last), polynomial.legendre.leggauss, with scipy 1.17.1 stats.norm.pdf and sf.
func TestWalk_denseDensity(t *testing.T) {
	for _, c := range []struct {
		sides    int
		theta    float64
		at, c    []float64
		upper    []float64
		stay     float64
		accuracy float64
	}{
		{2, 1.5, []float64{0.2, 0.25, 0.6, 1}, []float64{2.9, 2.7, 2.4, 2.1}, []float64{0.012900978429390234, 0.01596156291811493, 0.09038233730480386, 0.17726433804797553}, 0.7028256082083828, 1e-11},
		{1, 2, []float64{0.1, 0.3, 0.8}, []float64{2.5, 2.2, 2}, []float64{0.03091279652302973, 0.11637608889989053, 0.29853835259364614}, 0.5541727619827348, 1e-11},
		{1, 0, []float64{0.1, 0.3, 0.8}, []float64{2.5, 2.2, 2}, []float64{0.006209665325776132, 0.012371867538080072, 0.01827807868831332}, 0.9631403884486298, 1e-11},
		{2, 0.5, []float64{0.3, 0.3001, 0.31, 1}, []float64{2, 2.05, 2.1, 1.9}, []float64{0.0421612295783318, 1.4781656158954203e-06, 0.002804379715655863, 0.06323528649772477}, 0.8728553691620464, 1e-9},
	} {
		w := &walk{sides: c.sides}
		for k := range c.at {
			checkNear(t, "upper", w.exit(c.at[k], c.c[k], c.theta), c.upper[k], c.accuracy)
			w.add(c.at[k], c.c[k])
		}
		checkNear(t, "stay", w.stay(c.theta), c.stay, c.accuracy)
	}
}

// Reference: mpmath 1.4.1, quad of φ(x) erfc((c₂ − r x)/(q√2))/2 over the values that go on, in 200 parts at
// 40 digits.
func TestWalk_deepTails(t *testing.T) {
	for _, c := range []struct {
		t1, t2, c1, c2 float64
		sides          int
		want           float64
	}{
		{0.3, 1, 20, 21, 1, 3.2792780189791559095e-98},
		{0.5, 0.500001, 2.5, 2.5, 2, 9.8892728122605510715e-6},
		{0.5, 1, 2.178, 2.178, 2, 0.010313517043275168478},
		{0.01, 1, 9, 37, 1, 5.725570931873041728e-300},
		{0.9, 1, 30, 12, 1, 1.776482112077681681e-33},
		{0.25, 0.5, 0.5, 0.4, 2, 0.11231322351747540544},
	} {
		w := walkThrough(c.sides, []float64{c.t1}, []float64{c.c1})
		// A difference of 1e-6 between the looks has lost digits by itself.
		checkNear(t, "exit", w.exit(c.t2, c.c2, 0), c.want, 1e-12+1e-15/(c.t2-c.t1))
	}
}

// Where a walk ends adds up to 1, whatever the looks, the boundary and the drift.
func TestWalk_addsUp(t *testing.T) {
	r := random(5, 12)
	for range 60 {
		w := &walk{sides: 1 + r.IntN(2)}
		at, theta := 0.0, 0.0
		if r.IntN(2) == 0 {
			theta = 8 * (r.Float64() - 0.3)
		}
		for range 1 + r.IntN(6) {
			at += math.Pow(10, -6*r.Float64()) // looks a millionth apart and far apart
			c := 0.1 + 3*r.Float64()
			if r.IntN(8) == 0 {
				c = math.Inf(1)
			}
			w.add(at, c)
		}
		sum := w.stay(theta) + w.upper(theta)
		if w.sides == 2 {
			sum += w.upper(-theta)
		}
		if math.Abs(sum-1) > 1e-11 {
			t.Errorf("%d sides, drift %v: %v", w.sides, theta, sum-1)
		}
	}
}

// A look that cannot stop changes nothing, nor does one boundary of Brownian motion seen at two scales.
func TestWalk_idleLooks(t *testing.T) {
	inf := math.Inf(1)
	few := walkThrough(2, []float64{0.3, 0.7}, []float64{2.2, 2.1})
	many := walkThrough(2, []float64{0.1, 0.3, 0.30001, 0.5, 0.7}, []float64{inf, 2.2, inf, inf, 2.1})
	scaled := walkThrough(2, []float64{0.03, 0.07}, []float64{2.2, 2.1})
	checkNear(t, "idle looks", many.stay(1), few.stay(1), 1e-12)
	checkNear(t, "scale", scaled.stay(math.Sqrt(10)), few.stay(1), 1e-12)
	checkNear(t, "a look alone", walkThrough(1, []float64{0.5}, []float64{2}).stay(0), LowerTail(2), 1e-13)
}

// Few looks by plain simulation, at three standard errors.
func TestWalk_simulated(t *testing.T) {
	at, c := []float64{0.2, 0.5, 1}, []float64{2.5, 2, 1.8}
	r := random(77, 1)
	const runs = 200000
	stayed, above := 0, 0
	for range runs {
		b, before, stopped := 0.0, 0.0, false
		for k := range at {
			b += 1.2*(at[k]-before) + math.Sqrt(at[k]-before)*r.NormFloat64()
			before = at[k]
			if z := b / math.Sqrt(at[k]); math.Abs(z) >= c[k] {
				stopped = true
				if z > 0 {
					above++
				}
				break
			}
		}
		if !stopped {
			stayed++
		}
	}
	w := walkThrough(2, at, c)
	for what, p := range map[string][2]float64{"stay": {w.stay(1.2), float64(stayed)}, "upper": {w.upper(1.2), float64(above)}} {
		if se := math.Sqrt(p[0] * (1 - p[0]) / runs); math.Abs(p[1]/runs-p[0]) > 3*se {
			t.Errorf("%s %v, simulated %v", what, p[0], p[1]/runs)
		}
	}
}
