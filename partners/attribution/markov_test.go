package attribution_test

import (
	"errors"
	"fmt"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vouch/partners/attribution"
)

// exact computes the chance of converting in fractions by Gauss-Jordan elimination, with the states
// that hold a removed channel sent to the null end. States are the last channels of a journey.
func exact(journeys []attribution.MarkovJourney, order, removed int) *big.Rat {
	type step struct{ from, to string }
	weight, out := map[step]int64{}, map[string]int64{}
	holds := map[string]bool{}
	names := []string{"start"}
	seen := map[string]bool{"start": true}
	for _, j := range journeys {
		at := "start"
		move := func(to string, w int64) {
			weight[step{at, to}] += w
			out[at] += w
		}
		w := int64(j.Conversions + j.Nulls)
		for k := range j.Path {
			last := j.Path[max(0, k+1-order) : k+1]
			to := fmt.Sprint(last)
			for _, c := range last {
				holds[to] = holds[to] || c == removed
			}
			move(to, w)
			if at = to; !seen[to] {
				seen[to] = true
				names = append(names, to)
			}
		}
		move("conv", int64(j.Conversions))
		move("null", int64(j.Nulls))
	}
	n := len(names)
	rows := make([][]*big.Rat, n)
	for i, from := range names {
		rows[i] = make([]*big.Rat, n+1)
		for j, to := range names {
			rows[i][j] = new(big.Rat)
			if i == j {
				rows[i][j].SetInt64(1)
			}
			if out[from] > 0 && !holds[to] {
				rows[i][j].Sub(rows[i][j], big.NewRat(weight[step{from, to}], out[from]))
			}
		}
		rows[i][n] = new(big.Rat)
		if out[from] > 0 {
			rows[i][n].SetFrac64(weight[step{from, "conv"}], out[from])
		}
	}
	for i := range n {
		p := i
		for rows[p][i].Sign() == 0 {
			p++
		}
		rows[i], rows[p] = rows[p], rows[i]
		inverse := new(big.Rat).Inv(rows[i][i])
		for j := range rows[i] {
			rows[i][j].Mul(rows[i][j], inverse)
		}
		for k := range n {
			if k == i || rows[k][i].Sign() == 0 {
				continue
			}
			factor := new(big.Rat).Set(rows[k][i])
			for j := range rows[k] {
				rows[k][j].Sub(rows[k][j], new(big.Rat).Mul(factor, rows[i][j]))
			}
		}
	}
	return rows[0][n]
}

// Effects are what solving the chain in fractions, once with and once without each channel, gives,
// for every order.
func TestRemoval_againstFractions(t *testing.T) {
	names := []string{"a", "b", "c"}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.IntRange(1, 4).Draw(t, "order")
		journeys := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) attribution.MarkovJourney {
			return attribution.MarkovJourney{
				Path:        rapid.SliceOfN(rapid.IntRange(0, 2), 1, 6).Draw(t, "path"),
				Conversions: float64(rapid.IntRange(0, 3).Draw(t, "conversions")), Nulls: float64(rapid.IntRange(1, 4).Draw(t, "nulls")),
			}
		}), 1, 6).Draw(t, "journeys")
		chain, err := attribution.NewChain(names, journeys, order)
		if err != nil {
			t.Fatal(err)
		}
		got, err := chain.Removal()
		if err != nil {
			t.Fatal(err)
		}
		p := exact(journeys, order, -1)
		want := attribution.Removal{}
		want.PConversion, _ = p.Float64()
		if p.Sign() > 0 {
			sum := 0.0
			for ch := range names {
				e := new(big.Rat).Quo(exact(journeys, order, ch), p)
				f, _ := e.Sub(big.NewRat(1, 1), e).Float64()
				want.Effects = append(want.Effects, f)
				sum += f
			}
			for _, e := range want.Effects {
				want.Shares = append(want.Shares, e/sum)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-10)); diff != "" {
			t.Fatalf("order %d (-fractions +computed):\n%s", order, diff)
		}
	})
}

// A worked example (C1 > C2 > C3 converts; C1 and C2 > C3 do not): removal effects one half, one, one.
func TestRemoval_workedFromTransitions(t *testing.T) {
	steps := []attribution.Transition{
		{"(start)", "C1", 2},
		{"(start)", "C2", 1},
		{"C1", "C2", 1},
		{"C1", "(null)", 1},
		{"C2", "C3", 2},
		{"C3", "(conv)", 1},
		{"C3", "(null)", 1},
	}
	chain, err := attribution.ChainOf(steps)
	if err != nil {
		t.Fatal(err)
	}
	got, err := chain.Removal()
	if err != nil {
		t.Fatal(err)
	}
	want := attribution.Removal{PConversion: 1. / 3, Effects: []float64{.5, 1, 1}, Shares: []float64{.2, .4, .4}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	first := chain.Transitions()[0]
	if want := (attribution.Transition{From: "(start)", To: "C1", Count: 2. / 3}); first != want {
		t.Errorf("first transition %+v, want %+v", first, want)
	}
}

func TestChain_refused(t *testing.T) {
	one := []attribution.MarkovJourney{{Path: []int{0}, Conversions: 1}}
	build := func(js []attribution.MarkovJourney, order int) error {
		_, err := attribution.NewChain([]string{"a"}, js, order)
		return err
	}
	removal := func(steps ...attribution.Transition) error {
		c, err := attribution.ChainOf(steps)
		if err == nil {
			_, err = c.Removal()
		}
		return err
	}
	for name, err := range map[string]error{
		"order 0": build(one, 0), "order 5": build(one, 5), "nothing": build(nil, 1),
		"empty path":    build([]attribution.MarkovJourney{{Conversions: 1}}, 1),
		"negative":      build([]attribution.MarkovJourney{{Path: []int{0}, Conversions: -1}}, 1),
		"only zeros":    build([]attribution.MarkovJourney{{Path: []int{0}}}, 1),
		"out of an end": removal(attribution.Transition{From: "(conv)", To: "a", Count: 1}),
		"never ends":    removal(attribution.Transition{From: "(start)", To: "a", Count: 1}, attribution.Transition{From: "a", To: "a", Count: 1}),
		"dead end":      removal(attribution.Transition{From: "(start)", To: "a", Count: 1}),
	} {
		if !errors.Is(err, attribution.ErrInput) {
			t.Errorf("%s: error %v, want ErrInput", name, err)
		}
	}
}
