package stats

import (
	"math"
	"testing"
)

// Newcombe (1998), Statistics in Medicine 17, 857, table I, to the four decimals printed there.
func TestMoreProportionIntervals(t *testing.T) {
	for _, c := range []struct {
		name   string
		f      func(int64, int64, float64) (float64, float64, error)
		x, n   int64
		lo, hi float64
	}{
		{"wald", WaldInterval, 81, 263, 0.2522, 0.3638},
		{"wald", WaldInterval, 0, 20, 0, 0},
		{"wald", WaldInterval, 1, 29, 0, 0.1009},
		{"wilson cc", WilsonCCInterval, 81, 263, 0.2535, 0.3682},
		{"wilson cc", WilsonCCInterval, 15, 148, 0.0598, 0.1644},
		{"wilson cc", WilsonCCInterval, 0, 20, 0, 0.2005},
		{"wilson cc", WilsonCCInterval, 1, 29, 0.0018, 0.1963},
		{"mid-p", MidPInterval, 81, 263, 0.2544, 0.3658},
		{"mid-p", MidPInterval, 15, 148, 0.0601, 0.1581},
		{"mid-p", MidPInterval, 0, 20, 0, 0.1391},
		{"mid-p", MidPInterval, 1, 29, 0.0017, 0.1585},
	} {
		lo, hi, err := c.f(c.x, c.n, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(lo-c.lo) > 6e-5 || math.Abs(hi-c.hi) > 6e-5 {
			t.Errorf("%s of %d/%d: [%.5f, %.5f], want [%.4f, %.4f]", c.name, c.x, c.n, lo, hi, c.lo, c.hi)
		}
	}
}

// Mid-p: the probability beyond the limit, with half of the observed count, is the tail.
func TestMidPInterval_definition(t *testing.T) {
	for n := int64(2); n < 60; n += 7 {
		for x := int64(1); x <= n; x++ {
			lo, _, err := MidPInterval(x, n, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			tail := binomialProb(x, n, lo, 1-lo) / 2
			for k := x + 1; k <= n; k++ {
				tail += binomialProb(k, n, lo, 1-lo)
			}
			checkNear(t, "tail at the lower limit", tail, 0.05, 1e-9)
		}
	}
}

// Agresti and Coull: Wald's interval around Wilson's centre, whose limits enclose Wilson's.
func TestAgrestiCoull_aroundWilson(t *testing.T) {
	for x := range int64(31) {
		lo, hi, err := AgrestiCoullInterval(x, 30, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		wlo, whi, err := WilsonInterval(x, 30, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if lo > wlo+1e-12 || hi < whi-1e-12 {
			t.Errorf("%d of 30: [%v, %v] does not enclose [%v, %v]", x, lo, hi, wlo, whi)
		}
	}
}
