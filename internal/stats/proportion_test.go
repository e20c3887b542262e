package stats

import (
	"errors"
	"math"
	"testing"
)

// Reference: statsmodels 0.15.0, proportion_confint with method wilson, beta and jeffreys; the first
// four rows are those of Newcombe (1998), table I. Jeffreys' limits are set to 0 and 1 at the ends.
func TestProportionIntervals(t *testing.T) {
	for _, c := range []struct {
		x, n                       int64
		wilson, exact, jeffreysLim [2]float64
	}{
		{81, 263, [2]float64{0.2552885198782742, 0.36620957698280004}, [2]float64{0.25273674558527126, 0.3676219226013514}, [2]float64{0.2545219349910236, 0.36564749917408246}},
		{15, 148, [2]float64{0.06238639953073628, 0.16048724172330803}, [2]float64{0.05784401008344857, 0.161650490349479}, [2]float64{0.060448517009296425, 0.15764314347874112}},
		{0, 20, [2]float64{0, 0.1611251580528194}, [2]float64{0, 0.16843347098308534}, [2]float64{0, 0.11663898290487543}},
		{1, 29, [2]float64{0.006113214292762667, 0.17175521879320294}, [2]float64{0.000872646883579922, 0.17764429548872293}, [2]float64{0.003746173649057073, 0.15007768600223176}},
		{29, 29, [2]float64{0.8830302015002592, 1}, [2]float64{0.8805551309304973, 1}, [2]float64{0.9177135170761761, 1}},
		{5, 1_000_000, [2]float64{2.1357029684685578e-06, 1.1705702681035748e-05}, [2]float64{1.6234883192411703e-06, 1.1668293175208818e-05}, [2]float64{1.9078765988486266e-06, 1.0959989229536586e-05}},
	} {
		for _, m := range []struct {
			name string
			f    func(int64, int64, float64) (float64, float64, error)
			want [2]float64
		}{{"Wilson", WilsonInterval, c.wilson}, {"Clopper–Pearson", ClopperPearsonInterval, c.exact}, {"Jeffreys", JeffreysInterval, c.jeffreysLim}} {
			lo, hi, err := m.f(c.x, c.n, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			// 1e-9: the references lose digits for 5 in a million.
			checkNear(t, m.name+" lower", lo, m.want[0], 1e-9)
			checkNear(t, m.name+" upper", hi, m.want[1], 1e-9)
		}
	}
}

func TestProportionIntervals_refuse(t *testing.T) {
	for _, f := range []func(int64, int64, float64) (float64, float64, error){WilsonInterval, ClopperPearsonInterval, JeffreysInterval} {
		if _, _, err := f(0, 0, 0.95); !errors.Is(err, ErrNoData) {
			t.Errorf("no trials: %v", err)
		}
		for _, c := range []struct {
			x, n  int64
			level float64
		}{{-1, 5, 0.95}, {6, 5, 0.95}, {0, -1, 0.95}, {1, 5, 0}, {1, 5, 1}, {1, 5, math.NaN()}} {
			if _, _, err := f(c.x, c.n, c.level); !errors.Is(err, ErrInput) {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
}

// Over a grid the limits enclose the observed share, mirror when successes and failures are swapped,
// and satisfy the equation that defines them: the score at a limit is ±z.
func TestWilsonInterval_definition(t *testing.T) {
	z := NormalQuantile(0.95)
	for n := int64(1); n <= 60; n++ {
		for x := int64(0); x <= n; x++ {
			lo, hi, err := WilsonInterval(x, n, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			mlo, mhi, err := WilsonInterval(n-x, n, 0.9)
			if err != nil {
				t.Fatal(err)
			}
			p := float64(x) / float64(n)
			if lo > p || hi < p || math.Abs(lo-(1-mhi)) > 1e-15 || math.Abs(hi-(1-mlo)) > 1e-15 {
				t.Fatalf("%d of %d: [%v, %v], mirrored [%v, %v]", x, n, lo, hi, mlo, mhi)
			}
			for _, limit := range []float64{lo, hi} {
				if limit == 0 || limit == 1 {
					continue
				}
				score := math.Abs(p-limit) / math.Sqrt(limit*(1-limit)/float64(n))
				checkNear(t, "score at the limit", score, z, 1e-9)
			}
		}
	}
}
