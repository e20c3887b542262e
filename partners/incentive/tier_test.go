package incentive

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// plans draws plans with thresholds small enough to be walked unit by unit.
func plans() *rapid.Generator[Plan] {
	return rapid.Custom(func(t *rapid.T) Plan {
		p := Plan{
			Boundary: rapid.SampledFrom([]Boundary{"", Inclusive, Exclusive}).Draw(t, "boundary"),
			Rounding: rapid.SampledFrom([]Rounding{"", HalfAway, HalfEven, HalfUp}).Draw(t, "rounding"),
		}
		from := int64(0)
		for range rapid.IntRange(1, 4).Draw(t, "tiers") {
			p.Tiers = append(p.Tiers, Tier{from, Decimal{big.NewRat(rapid.Int64Range(0, 400).Draw(t, "rate"), 1000)}})
			from += rapid.Int64Range(1, 60).Draw(t, "step")
		}
		return p
	})
}

func actionsOf(t *rapid.T) []int64 {
	return rapid.SliceOfN(rapid.Int64Range(0, 80), 0, 8).Draw(t, "actions")
}

// rateAt is the rate of a total by its definition, read from the top.
func rateAt(p Plan, total int64) (Decimal, int) {
	for i := len(p.Tiers) - 1; i > 0; i-- {
		if total > p.Tiers[i].From || total == p.Tiers[i].From && p.Boundary != Exclusive {
			return p.Tiers[i].Rate, i
		}
	}
	return p.Tiers[0].Rate, 0
}

// TestMarginal_unitByUnit pays every minor unit on its own: unit number u, counted from 0, lies in
// [u, u+1) and so in the band with the highest threshold at or below u.
func TestMarginal_unitByUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, actions, opening := plans().Draw(t, "plan"), actionsOf(t), rapid.Int64Range(0, 100).Draw(t, "opening")
		got, err := p.Marginal(actions, opening)
		if err != nil {
			t.Fatal(err)
		}
		want, total := Tiered{Commissions: []int64{}, Tier: []int{}}, opening
		for _, a := range actions {
			due := new(big.Rat)
			for range a {
				for i := len(p.Tiers) - 1; i >= 0; i-- {
					if p.Tiers[i].From <= total {
						due.Add(due, p.Tiers[i].Rate.Rat())
						break
					}
				}
				total++
			}
			c, err := p.Rounding.Round(due)
			if err != nil {
				t.Fatal(err)
			}
			_, level := rateAt(p, total)
			want.add(t, p, a, c, level)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatal(d)
		}
	})
}

// add appends a line to an expectation.
func (w *Tiered) add(t *rapid.T, p Plan, action, commission int64, level int) {
	base := p.Tiers[0].Rate.Rat()
	first, err := p.Rounding.Round(base.Mul(base, new(big.Rat).SetInt64(action)))
	if err != nil {
		t.Fatal(err)
	}
	w.Commissions, w.Tier = append(w.Commissions, commission), append(w.Tier, level)
	w.Total += commission
	w.Bonus += commission - first
}

func TestRetroactiveForwardAge_byDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, actions, opening := plans().Draw(t, "plan"), actionsOf(t), rapid.Int64Range(0, 100).Draw(t, "opening")
		ages := make([]int64, len(actions))
		for i := range ages {
			ages[i] = rapid.Int64Range(0, 150).Draw(t, "age")
		}
		final := opening
		for _, a := range actions {
			final += a
		}
		before := opening
		var retro, forward, age Tiered
		for _, w := range []*Tiered{&retro, &forward, &age} {
			w.Commissions, w.Tier = []int64{}, []int{}
		}
		for i, a := range actions {
			for w, total := range map[*Tiered]int64{&retro: final, &forward: before, &age: ages[i]} {
				rate, level := rateAt(p, total)
				due := rate.Rat()
				c, err := p.Rounding.Round(due.Mul(due, new(big.Rat).SetInt64(a)))
				if err != nil {
					t.Fatal(err)
				}
				w.add(t, p, a, c, level)
			}
			before += a
		}
		check := func(name string, want Tiered, got Tiered, err error) {
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Fatalf("%s: %v\n%s", name, err, d)
			}
		}
		got, err := p.Retroactive(actions, opening)
		check("retroactive", retro, got, err)
		got, err = p.Forward(actions, opening)
		check("forward", forward, got, err)
		got, err = p.Age(actions, ages)
		check("age", age, got, err)
	})
}

// With rates that only rise and no fractions to round, forward pays no more than marginal, and
// marginal no more than retroactive.
func TestPlans_ordered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plans().Draw(t, "plan")
		rates := make([]*big.Rat, len(p.Tiers))
		for i := range p.Tiers {
			rates[i] = p.Tiers[i].Rate.Rat()
		}
		slices.SortFunc(rates, (*big.Rat).Cmp)
		for i := range p.Tiers {
			p.Tiers[i] = Tier{p.Tiers[i].From * 1000, Decimal{rates[i]}}
		}
		actions := actionsOf(t)
		for i := range actions {
			actions[i] *= 1000
		}
		f, err1 := p.Forward(actions, 0)
		m, err2 := p.Marginal(actions, 0)
		r, err3 := p.Retroactive(actions, 0)
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		if f.Total > m.Total || m.Total > r.Total || f.Bonus < 0 {
			t.Fatalf("forward %d, marginal %d, retroactive %d", f.Total, m.Total, r.Total)
		}
	})
}

func TestPlan_refuses(t *testing.T) {
	ok := Plan{Tiers: []Tier{{0, dec(t, "0.1")}, {100, dec(t, "0.2")}}}
	for name, p := range map[string]Plan{
		"no tiers":         {},
		"not from zero":    {Tiers: []Tier{{1, Decimal{}}}},
		"equal thresholds": {Tiers: []Tier{{0, Decimal{}}, {5, Decimal{}}, {5, Decimal{}}}},
		"falling":          {Tiers: []Tier{{0, Decimal{}}, {5, Decimal{}}, {4, Decimal{}}}},
		"negative rate":    {Tiers: []Tier{{0, dec(t, "-0.1")}}},
		"unknown boundary": {Tiers: ok.Tiers, Boundary: "above"},
		"unknown rounding": {Tiers: ok.Tiers, Rounding: "down"},
	} {
		if _, err := p.Marginal([]int64{1}, 0); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for name, f := range map[string]func() (Tiered, error){
		"negative action":  func() (Tiered, error) { return ok.Forward([]int64{1, -1}, 0) },
		"negative opening": func() (Tiered, error) { return ok.Retroactive(nil, -1) },
		"ages missing":     func() (Tiered, error) { return ok.Age([]int64{1, 2}, []int64{0}) },
		"negative age":     func() (Tiered, error) { return ok.Age([]int64{1}, []int64{-1}) },
		"total overflows":  func() (Tiered, error) { return ok.Marginal([]int64{1 << 62, 1 << 62}, 0) },
	} {
		if got, err := f(); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	big := Plan{Tiers: []Tier{{0, dec(t, "1e10")}}}
	if _, err := big.Forward([]int64{1 << 40}, 0); !errors.Is(err, referral.ErrRange) {
		t.Errorf("a commission beyond 64 bits: %v", err)
	}
}

// TestCountPlan_oneByOne pays actions number 1, 2, 3, … each on its own.
func TestCountPlan_oneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := CountPlan{Boundary: rapid.SampledFrom([]Boundary{"", Inclusive, Exclusive}).Draw(t, "boundary")}
		from := int64(0)
		for range rapid.IntRange(1, 4).Draw(t, "tiers") {
			p.Tiers = append(p.Tiers, CountTier{from, rapid.Int64Range(0, 500).Draw(t, "payout")})
			from += rapid.Int64Range(1, 20).Draw(t, "step")
		}
		count := rapid.Int64Range(0, 80).Draw(t, "count")
		tierOf := func(n int64) int {
			tier := 0
			for i, x := range p.Tiers {
				if x.From < n || x.From == n && p.Boundary != Exclusive {
					tier = i
				}
			}
			return tier
		}
		marginal := Counted{ActionsPerTier: make([]int64, len(p.Tiers))}
		retro := Counted{ActionsPerTier: make([]int64, len(p.Tiers))}
		for a := int64(1); a <= count; a++ {
			for w, tier := range map[*Counted]int{&marginal: tierOf(a), &retro: tierOf(count)} {
				w.ActionsPerTier[tier]++
				w.Total += p.Tiers[tier].Payout
				w.Bonus += p.Tiers[tier].Payout - p.Tiers[0].Payout
			}
		}
		got, err := p.Marginal(count)
		if d := cmp.Diff(marginal, got); err != nil || d != "" {
			t.Fatalf("marginal: %v\n%s", err, d)
		}
		got, err = p.Retroactive(count)
		if d := cmp.Diff(retro, got); err != nil || d != "" {
			t.Fatalf("retroactive: %v\n%s", err, d)
		}
	})
}

func TestCountPlan_refuses(t *testing.T) {
	ok := CountPlan{Tiers: []CountTier{{0, 100}, {10, 200}}}
	if _, err := ok.Marginal(-1); err == nil {
		t.Error("a negative count was accepted")
	}
	for name, p := range map[string]CountPlan{
		"no tiers": {}, "not from zero": {Tiers: []CountTier{{1, 1}}}, "negative payout": {Tiers: []CountTier{{0, -1}}},
		"unknown boundary": {Tiers: ok.Tiers, Boundary: "x"},
	} {
		if _, err := p.Retroactive(1); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	// A count no loop could walk, and one whose payout does not fit.
	got, err := ok.Marginal(1 << 50)
	if err != nil || got.Total != 9*100+(1<<50-9)*200 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := ok.Retroactive(1 << 62); !errors.Is(err, referral.ErrRange) {
		t.Errorf("overflow: %v", err)
	}
}

// Amounts and rates that a float64 rounds to the wrong side of a tie.
func TestPercent(t *testing.T) {
	for name, c := range map[string]struct {
		amounts []int64
		rates   []Decimal
		mode    Rounding
		want    []int64
	}{
		"ties of decimals":         {[]int64{100, 1500, 1700, 2900}, decs(t, "0.145"), "", []int64{15, 218, 247, 421}},
		"a rate each":              {[]int64{1250, 999, -1050}, decs(t, "0.105", "0.075", "0.15"), HalfUp, []int64{131, 75, -157}},
		"refunds mirror sales":     {[]int64{50, -50}, decs(t, "0.01"), HalfAway, []int64{1, -1}},
		"banker's":                 {[]int64{50, 150, 250, -150}, decs(t, "0.01"), HalfEven, []int64{0, 2, 2, -2}},
		"beyond exact floats":      {[]int64{900719925474099}, decs(t, "0.333"), "", []int64{299939735182875}},
		"no amounts, one rate":     {nil, decs(t, "0.1"), "", []int64{}},
		"a rate above one is fine": {[]int64{10}, decs(t, "1.5"), "", []int64{15}},
	} {
		got, total, err := Percent(c.amounts, c.rates, c.mode)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
		want := int64(0)
		for _, x := range c.want {
			want += x
		}
		if total != want {
			t.Errorf("%s: total %d, want %d", name, total, want)
		}
	}
	if _, _, err := Percent([]int64{1, 2}, decs(t, "0.1", "0.1", "0.1"), ""); err == nil {
		t.Error("three rates for two amounts")
	}
	if _, _, err := Percent([]int64{1}, nil, ""); err == nil {
		t.Error("no rate was accepted")
	}
	if _, _, err := Percent([]int64{1}, decs(t, "-0.1"), ""); !errors.Is(err, ErrRate) {
		t.Errorf("negative rate: %v", err)
	}
}
