package ltv

import (
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vouch/internal/stats"
)

// The triangles of Mack (1993) and (1994).
var (
	taylorAshe = [][]float64{
		{357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463},
		{352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085},
		{290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315},
		{310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268},
		{443160, 1136350, 2128333, 2897821, 3402672, 3873311},
		{396132, 1333217, 2180715, 2985752, 3691712},
		{440832, 1288463, 2419861, 3483130},
		{359480, 1421128, 2864498},
		{376686, 1363294},
		{344014},
	}
	raa = [][]float64{
		{5012, 8269, 10907, 11805, 13539, 16181, 18009, 18608, 18662, 18834},
		{106, 4285, 5396, 10666, 13782, 15599, 15496, 16169, 16704},
		{3410, 8992, 13873, 16141, 18735, 22214, 22863, 23466},
		{5655, 11555, 15766, 21266, 23425, 26083, 27067},
		{1092, 9565, 15836, 22169, 25955, 26180},
		{1513, 6445, 11702, 12935, 15852},
		{557, 4020, 10946, 12314},
		{1351, 6947, 13112},
		{3133, 5395},
		{2063},
	}
)

func triangle(t rapid.TB, cells [][]float64, tail float64) Triangle {
	t.Helper()
	tr, err := NewTriangle(cells, tail)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// As published: outstanding 18,680,856 with errors of 76 to 1,363 thousand and 2,447,095 in all (Mack 1993, table 3); RAA 52,135 with
// 26,909 by Mack's rule and 26,881 by the line, the default of ChainLadder for R.
func TestMack_published(t *testing.T) {
	m, err := triangle(t, taylorAshe, 1).Mack(MackRule)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "outstanding", *m.TotalOutstanding, 18680856, 0, 0.5)
	near(t, "error of the total", *m.TotalSE, 2447095, 0, 0.5)
	for i, thousands := range []float64{0, 76, 122, 134, 261, 411, 558, 875, 971, 1363} {
		near(t, "error of a cohort", *m.SE[i]/1000, thousands, 0, 0.5)
	}
	for rule, want := range map[SigmaRule]float64{MackRule: 26909.01, LogLinear: 26880.74} {
		m, err := triangle(t, raa, 1).Mack(rule)
		if err != nil {
			t.Fatal(err)
		}
		near(t, string(rule), *m.TotalSE, want, 0, 0.005)
		near(t, "RAA outstanding", *m.TotalOutstanding, 52135.23, 0, 0.005)
	}
}

// aTriangle draws cells above 0.
func aTriangle(t *rapid.T) [][]float64 {
	n := rapid.IntRange(4, 8).Draw(t, "cohorts")
	cells := make([][]float64, n)
	for i := range cells {
		value := 0.0
		for range n - i {
			value += rapid.Float64Range(0.5, 100).Draw(t, "more")
			cells[i] = append(cells[i], value)
		}
	}
	return cells
}

// The chain ladder as the filling of a square by hand; and what all methods have in common.
func TestTriangle_properties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := aTriangle(t)
		n := len(cells)
		tail := rapid.Float64Range(1, 1.5).Draw(t, "tail")
		tr := triangle(t, cells, tail)
		p := tr.Ultimates()
		square := make([][]float64, n)
		for i := range cells {
			square[i] = slices.Clone(cells[i])
		}
		for k := 1; k < n; k++ {
			from, to := 0.0, 0.0
			for i := range n - k {
				from, to = from+cells[i][k-1], to+cells[i][k]
			}
			for i := n - k; i < n; i++ {
				square[i] = append(square[i], square[i][k-1]*to/from)
			}
		}
		total := 0.0
		for i := range cells {
			near(t, "ultimate", *p.Ultimates[i], square[i][n-1]*tail, 1e-12, 0)
			total += square[i][n-1]*tail - cells[i][n-1-i]
		}
		near(t, "outstanding", *p.TotalOutstanding, total, 1e-9, 1e-9)
		// The ladder's own ultimates as the expectation are a fixed point of Bornhuetter and Ferguson.
		own := make([]float64, n)
		for i, u := range p.Ultimates {
			own[i] = *u
		}
		fixed, err := tr.BornhuetterFerguson(own)
		if err != nil {
			t.Fatal(err)
		}
		seven, err := tr.Benktander([]float64{1}, 7)
		if err != nil {
			t.Fatal(err)
		}
		// An exposure in proportion to the ultimates makes Cape Cod the ladder.
		rate, cape, err := tr.CapeCod(own)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "expectation per exposure", *rate, 1, 1e-12, 0)
		for i := range own {
			near(t, "fixed point", *fixed.Ultimates[i], own[i], 1e-12, 0)
			// Each step takes 1 − latest/ultimate of the distance to the ladder.
			far := math.Pow(1-cells[i][n-1-i]/own[i], 7) * (1 - own[i])
			near(t, "seven steps", *seven.Ultimates[i], own[i]+far, 1e-9, 0)
			near(t, "Cape Cod", *cape.Ultimates[i], own[i], 1e-12, 0)
		}
		// Errors grow with the unit and do not depend on it.
		m, err := tr.Mack(MackRule)
		if err != nil {
			t.Fatal(err)
		}
		hundred := make([][]float64, n)
		for i, row := range cells {
			for _, v := range row {
				hundred[i] = append(hundred[i], 100*v)
			}
		}
		big, err := triangle(t, hundred, tail).Mack(MackRule)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "unit", *big.TotalSE, 100**m.TotalSE, 1e-9, 1e-9)
		if *m.SE[0] != 0 {
			t.Errorf("the oldest cohort has an error of %v", *m.SE[0])
		}
	})
}

func TestTriangle_edges(t *testing.T) {
	for _, c := range []struct {
		cells [][]float64
		tail  float64
	}{
		{nil, 1},
		{[][]float64{{1}}, 1},
		{[][]float64{{1, 2}, {1, 2}}, 1},
		{[][]float64{{1}, {1, 2}}, 1},
		{[][]float64{{1, math.NaN()}, {1}}, 1},
		{[][]float64{{1, 2}, {1}}, 0},
		{[][]float64{{1, 2}, {1}}, math.Inf(1)},
	} {
		if _, err := NewTriangle(c.cells, c.tail); !errors.Is(err, ErrInput) {
			t.Errorf("%v with a tail of %v: %v", c.cells, c.tail, err)
		}
	}
	tr := triangle(t, [][]float64{{1, 2}, {1}}, 1)
	for what, err := range map[string]error{
		"no iteration":       second(tr.Benktander([]float64{1}, 0)),
		"three expectations": second(tr.BornhuetterFerguson([]float64{1, 2, 3})),
		"no number":          second(tr.BornhuetterFerguson([]float64{math.NaN()})),
		"no exposure":        third(tr.CapeCod([]float64{0})),
		"an unknown rule":    second(tr.Mack("guess")),
		"a cell of 0":        second(triangle(t, [][]float64{{0, 2}, {1}}, 1).Mack(MackRule)),
	} {
		if !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// A column of refunds has no factor; cohorts past it keep their value.
	p := triangle(t, [][]float64{{-5, 20, 30}, {3, 10}, {4}}, 1).Ultimates()
	if p.Ultimates[2] != nil || p.Reasons[2] != ReasonNonPositiveColumn || *p.Ultimates[1] != 15 || p.TotalOutstanding != nil || p.Reason != ReasonNonPositiveColumn {
		t.Errorf("%+v", p)
	}
	huge := triangle(t, [][]float64{{1e-300, 1e300}, {1e-300}}, 1)
	if d := huge.Development(); d.Factors[0] != nil || d.Reasons[0] != stats.ReasonOutOfRange {
		t.Errorf("%+v", d)
	}
	m, err := triangle(t, [][]float64{{1, 2, 3}, {1, 2}, {1}}, 1).Mack(MackRule)
	if err != nil || m.Reason != ReasonTooFewOrigins || m.TotalSE != nil {
		t.Errorf("three cohorts: %+v, %v", m, err)
	}
	// Cohorts that grow alike have no spread by either rule.
	for _, rule := range []SigmaRule{MackRule, LogLinear} {
		m, err := triangle(t, [][]float64{{1, 2, 4, 8, 16}, {1, 2, 4, 8}, {1, 2, 4}, {1, 2}, {1}}, 1).Mack(rule)
		if err != nil || *m.TotalSE != 0 {
			t.Errorf("%s: %+v, %v", rule, m, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }
