package incentive

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// oneUnitAtATime pays positive amounts unit by unit while both caps have room.
func oneUnitAtATime(c Cap, amounts []int64, periods []string) Capped {
	out := Capped{Paid: []int64{}, Withheld: []int64{}, Reasons: []string{}}
	booked, lifetime := map[string]int64{}, c.PriorLifetime
	for i, a := range amounts {
		if i == 0 {
			booked[periods[i]] = c.PriorPeriod
		}
		p, paid, reason := periods[i], int64(0), ""
		if a < 0 {
			paid = a
		}
		for range max(0, a) {
			noPeriod := c.Period != nil && booked[p]+paid >= *c.Period
			noLifetime := c.Lifetime != nil && lifetime+paid >= *c.Lifetime
			if !noPeriod && !noLifetime {
				paid++
				continue
			}
			reason = CapPeriod
			if !noPeriod || noLifetime && *c.Lifetime-lifetime < *c.Period-booked[p] {
				reason = CapLifetime
			}
			break
		}
		booked[p] += paid
		lifetime += paid
		out.Paid, out.Withheld, out.Reasons = append(out.Paid, paid), append(out.Withheld, a-paid), append(out.Reasons, reason)
		out.Total += paid
	}
	return out
}

func TestCap_unitByUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := func(name string) *int64 {
			if rapid.Bool().Draw(t, name+"?") {
				return nil
			}
			n := rapid.Int64Range(0, 60).Draw(t, name)
			return &n
		}
		c := Cap{
			Period: limit("period"), Lifetime: limit("lifetime"),
			PriorPeriod:   rapid.Int64Range(-5, 70).Draw(t, "prior period"),
			PriorLifetime: rapid.Int64Range(-5, 70).Draw(t, "prior lifetime"),
		}
		amounts := rapid.SliceOfN(rapid.Int64Range(-20, 40), 0, 10).Draw(t, "amounts")
		periods := make([]string, len(amounts))
		for i := range periods {
			periods[i] = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "label")
		}
		got, err := c.Apply(amounts, periods)
		if d := cmp.Diff(oneUnitAtATime(c, amounts, periods), got); err != nil || d != "" {
			t.Fatalf("%v\n%s", err, d)
		}
	})
}

func TestCap_hand(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	for name, c := range map[string]struct {
		cap     Cap
		amounts []int64
		periods []string
		paid    []int64
		reasons []string
	}{
		"none":                   {Cap{}, []int64{900, 1}, nil, []int64{900, 1}, []string{"", ""}},
		"zero pays nothing":      {Cap{Lifetime: n(0)}, []int64{900}, nil, []int64{0}, []string{CapLifetime}},
		"clamped rows stay":      {Cap{Period: n(5000), PriorPeriod: 4200}, []int64{1500, 500}, nil, []int64{800, 0}, []string{CapPeriod, CapPeriod}},
		"a new period":           {Cap{Period: n(10), PriorPeriod: 9}, []int64{5, 5}, []string{"q1", "q2"}, []int64{1, 5}, []string{CapPeriod, ""}},
		"back in an old period":  {Cap{Period: n(10)}, []int64{8, 8, 8}, []string{"q1", "q2", "q1"}, []int64{8, 8, 2}, []string{"", "", CapPeriod}},
		"a refund gives back":    {Cap{Lifetime: n(10)}, []int64{10, -4, 6}, nil, []int64{10, -4, 4}, []string{"", "", CapLifetime}},
		"a tie is the period's":  {Cap{Period: n(3), Lifetime: n(3)}, []int64{5}, nil, []int64{3}, []string{CapPeriod}},
		"above the cap already":  {Cap{Period: n(3), PriorPeriod: 7}, []int64{5}, nil, []int64{0}, []string{CapPeriod}},
		"exactly full":           {Cap{Period: n(5)}, []int64{5, 0}, nil, []int64{5, 0}, []string{"", ""}},
		"no amounts":             {Cap{Period: n(5)}, nil, nil, []int64{}, []string{}},
		"far beyond 64-bit room": {Cap{Lifetime: n(5), PriorLifetime: -1 << 63}, []int64{1<<63 - 1}, nil, []int64{1<<63 - 1}, []string{""}},
	} {
		got, err := c.cap.Apply(c.amounts, c.periods)
		if d := cmp.Diff([]any{c.paid, c.reasons}, []any{got.Paid, got.Reasons}); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
	if _, err := (Cap{Period: n(-1)}).Apply(nil, nil); err == nil {
		t.Error("a negative cap was accepted")
	}
	if _, err := (Cap{}).Apply([]int64{1, 2}, []string{"a"}); err == nil {
		t.Error("a label was missing")
	}
}

func TestClawback_conserves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mode := rapid.SampledFrom([]Rounding{"", HalfEven, HalfUp}).Draw(t, "mode")
		refunds := rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 12).Draw(t, "refunds")
		amount := rapid.Int64Range(0, 500).Draw(t, "kept")
		for _, r := range refunds {
			amount += r
		}
		if amount == 0 {
			t.Skip("no sale")
		}
		commission := rapid.Int64Range(0, 1<<50).Draw(t, "commission")
		entries, remaining, err := Clawback(amount, commission, refunds, mode)
		if err != nil {
			t.Fatal(err)
		}
		total, refunded := int64(0), int64(0)
		for i, e := range entries {
			total, refunded = total+e, refunded+refunds[i]
			if e > 0 {
				t.Fatalf("a refund paid out %d", e)
			}
			// Splitting a refund does not change what it takes back in sum.
			once, left, err := Clawback(amount, commission, []int64{refunded}, mode)
			if err != nil || once[0] != total || left != commission+total {
				t.Fatalf("after %d: %d in parts, %v at once, %v", refunded, total, once, err)
			}
		}
		if remaining != commission+total || refunded == amount && remaining != 0 {
			t.Fatalf("remaining %d", remaining)
		}
	})
}

func TestClawback_hand(t *testing.T) {
	entries, remaining, err := Clawback(4, 2, []int64{1, 1, 1, 1}, HalfAway) // targets 0.5, 1, 1.5, 2
	if d := cmp.Diff([]int64{-1, 0, -1, 0}, entries); err != nil || d != "" || remaining != 0 {
		t.Errorf("%v, %d\n%s", err, remaining, d)
	}
	for name, f := range map[string]func() ([]int64, int64, error){
		"no sale":             func() ([]int64, int64, error) { return Clawback(0, 1, nil, "") },
		"negative commission": func() ([]int64, int64, error) { return Clawback(10, -1, nil, "") },
		"negative refund":     func() ([]int64, int64, error) { return Clawback(10, 1, []int64{5, -1}, "") },
		"more than the sale":  func() ([]int64, int64, error) { return Clawback(1000, 100, []int64{600, 401}, "") },
		"unknown rounding":    func() ([]int64, int64, error) { return Clawback(10, 1, []int64{1}, "x") },
	} {
		if got, _, err := f(); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
