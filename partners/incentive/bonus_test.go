package incentive

import (
	"errors"
	"testing"

	"vouch/referral"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func ladder() Ladder {
	return Ladder{Levels: []Level{{"member", 0, 0}, {"bronze", 5, 1000}, {"silver", 20, 5000}, {"gold", 50, 20000}}}
}

func TestLadder_hand(t *testing.T) {
	for name, c := range map[string]struct {
		keep    Keep
		points  []int64
		opening int64
		want    Recognised
	}{
		"at thresholds": {
			"",
			[]int64{4, 1, 14, 1, 30},
			0,
			Recognised{[]string{"member", "bronze", "bronze", "silver", "gold"}, []int64{0, 1000, 0, 5000, 20000}, []int64{4, 5, 19, 20, 50}, 26000},
		},
		"every level passed pays": {"", []int64{60}, 0, Recognised{[]string{"gold"}, []int64{26000}, []int64{60}, 26000}},
		"a level regained pays nothing": {
			Current,
			[]int64{20, -10, 10},
			0,
			Recognised{[]string{"silver", "bronze", "silver"}, []int64{6000, 0, 0}, []int64{20, 10, 20}, 6000},
		},
		"high water stays": {
			HighWater,
			[]int64{20, -30, 1},
			0,
			Recognised{[]string{"silver", "silver", "silver"}, []int64{6000, 0, 0}, []int64{20, -10, -9}, 6000},
		},
		"the opening is paid already": {"", []int64{1}, 19, Recognised{[]string{"silver"}, []int64{5000}, []int64{20}, 5000}},
		"no events":                   {"", nil, 19, Recognised{[]string{}, []int64{}, []int64{}, 0}},
	} {
		l := ladder()
		l.Keep = c.keep
		got, err := l.Climb(c.points, c.opening)
		if d := cmp.Diff(c.want, got); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
}

// Whatever the path, the bonuses paid are those of the levels between the start and the highest
// point reached.
func TestLadder_paysEachLevelOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := ladder()
		l.Keep = rapid.SampledFrom([]Keep{"", HighWater, Current}).Draw(t, "keep")
		points := rapid.SliceOf(rapid.Int64Range(-30, 30)).Draw(t, "points")
		opening := rapid.Int64Range(-5, 60).Draw(t, "opening")
		got, err := l.Climb(points, opening)
		if err != nil {
			t.Fatal(err)
		}
		total, highest := opening, opening
		for _, p := range points {
			total += p
			highest = max(highest, total)
		}
		want := int64(0)
		for _, level := range l.Levels[1:] {
			if level.From > opening && level.From <= highest {
				want += level.Bonus
			}
		}
		if got.TotalBonus != want {
			t.Fatalf("paid %d, want %d", got.TotalBonus, want)
		}
	})
}

func TestLadder_refuses(t *testing.T) {
	for name, l := range map[string]Ladder{
		"no levels":      {},
		"not from zero":  {Levels: []Level{{"a", 1, 0}}},
		"unsorted":       {Levels: []Level{{"a", 0, 0}, {"b", 5, 0}, {"c", 4, 0}}},
		"no name":        {Levels: []Level{{"", 0, 0}}},
		"name twice":     {Levels: []Level{{"a", 0, 0}, {"a", 1, 0}}},
		"negative bonus": {Levels: []Level{{"a", 0, -1}}},
		"unknown keep":   {Levels: []Level{{"a", 0, 0}}, Keep: "never"},
	} {
		if got, err := l.Climb([]int64{1}, 0); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := ladder().Climb([]int64{1 << 62, 1 << 62}, 0); !errors.Is(err, referral.ErrRange) {
		t.Errorf("overflow: %v", err)
	}
}

func TestAchieve_hand(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	rate := dec(t, "0.1")
	event := func(day int64, customer, name string, amount ...int64) CustomerEvent {
		e := CustomerEvent{Day: day, Customer: customer, Event: name}
		if len(amount) > 0 {
			e.Amount = &amount[0]
		}
		return e
	}
	for name, c := range map[string]struct {
		milestones []Milestone
		events     []CustomerEvent
		paid       []int64
	}{
		"once for each customer": {
			[]Milestone{{Name: "m", Event: "activated", Bonus: n(100), Per: PerCustomer}},
			[]CustomerEvent{event(1, "a", "activated"), event(2, "a", "activated"), event(2, "b", "activated"), event(3, "b", "other")},
			[]int64{100, 0, 100, 0},
		},
		"once for the partner": {
			[]Milestone{{Name: "m", Event: "activated", Bonus: n(100), Per: PerPartner}},
			[]CustomerEvent{event(1, "a", "activated"), event(2, "b", "activated")},
			[]int64{100, 0},
		},
		"each event up to a limit": {
			[]Milestone{{Name: "m", Event: "used", Bonus: n(5), Per: PerEvent, Limit: n(2)}},
			[]CustomerEvent{event(1, "a", "used"), event(1, "b", "used"), event(1, "a", "used"), event(9, "a", "used"), event(9, "b", "used")},
			[]int64{5, 5, 5, 0, 5},
		},
		"each event": {
			[]Milestone{{Name: "m", Event: "used", Bonus: n(5), Per: PerEvent}},
			[]CustomerEvent{event(1, "a", "used"), event(1, "a", "used"), event(1, "a", "used")},
			[]int64{5, 5, 5},
		},
		"days since sign-up, inclusive": {
			[]Milestone{{Name: "m", Event: "onboarded", Bonus: n(7), Per: PerCustomer, WithinDays: n(14)}},
			[]CustomerEvent{
				event(1, "a", SignedUp), event(2, "b", SignedUp), event(3, "unknown", "onboarded"),
				event(15, "a", "onboarded"), event(17, "b", "onboarded"), event(20, "late", "onboarded"), event(21, "late", SignedUp),
			},
			[]int64{0, 0, 0, 7, 0, 0, 0},
		},
		"an event too late leaves the milestone open for none": {
			[]Milestone{{Name: "m", Event: "onboarded", Bonus: n(7), Per: PerCustomer, WithinDays: n(0)}},
			[]CustomerEvent{event(5, "a", SignedUp), event(5, "a", "onboarded"), event(5, "a", "onboarded")},
			[]int64{0, 7, 0},
		},
		"a rate of the rise over the highest": {
			[]Milestone{{Name: "m", Event: "plan", Rate: &rate, Per: PerEvent}},
			[]CustomerEvent{
				event(1, "a", "plan", 4000), event(2, "a", "plan", 4500), event(3, "a", "plan", 3000), event(4, "a", "plan", 4500),
				event(5, "a", "plan", 4605), event(6, "a", "plan"), event(7, "b", "plan", 9000),
			},
			[]int64{0, 50, 0, 0, 11, 0, 0},
		},
		"two milestones of one event": {
			[]Milestone{{Name: "x", Event: "e", Bonus: n(1), Per: PerEvent}, {Name: "y", Event: "e", Bonus: n(2), Per: PerPartner}},
			[]CustomerEvent{event(1, "a", "e"), event(1, "a", "e")},
			[]int64{3, 1},
		},
		"nothing": {nil, nil, []int64{}},
	} {
		got, err := Achieve(c.milestones, c.events, "")
		if d := cmp.Diff(c.paid, got.Paid); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
		events, byMilestone := int64(0), int64(0)
		for _, p := range got.Paid {
			events += p
		}
		for _, p := range got.ByMilestone {
			byMilestone += p
		}
		if got.Total != events || got.Total != byMilestone || len(got.ByMilestone) != len(c.milestones) {
			t.Errorf("%s: total %d, by event %d, by milestone %v", name, got.Total, events, got.ByMilestone)
		}
	}
}

func TestAchieve_refuses(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	negative, half := dec(t, "-1"), dec(t, "0.5")
	ok := Milestone{Name: "m", Event: "e", Bonus: n(1), Per: PerCustomer}
	with := func(change func(*Milestone)) []Milestone {
		m := ok
		change(&m)
		return []Milestone{m}
	}
	for name, ms := range map[string][]Milestone{
		"no name":             with(func(m *Milestone) { m.Name = "" }),
		"a name twice":        {ok, ok},
		"no event":            with(func(m *Milestone) { m.Event = "" }),
		"neither":             with(func(m *Milestone) { m.Bonus = nil }),
		"both":                with(func(m *Milestone) { m.Rate = &half }),
		"negative bonus":      with(func(m *Milestone) { m.Bonus = n(-1) }),
		"negative rate":       with(func(m *Milestone) { m.Bonus, m.Rate = nil, &negative }),
		"unknown per":         with(func(m *Milestone) { m.Per = "day" }),
		"limit of a customer": with(func(m *Milestone) { m.Limit = n(1) }),
		"negative limit":      with(func(m *Milestone) { m.Per, m.Limit = PerEvent, n(-1) }),
		"negative days":       with(func(m *Milestone) { m.WithinDays = n(-1) }),
	} {
		if got, err := Achieve(ms, nil, ""); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, events := range map[string][]CustomerEvent{
		"unsorted":    {{5, "a", "e", nil}, {2, "a", "e", nil}},
		"no customer": {{1, "", "e", nil}},
		"no event":    {{1, "a", "", nil}},
	} {
		if got, err := Achieve([]Milestone{ok}, events, ""); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPayout(t *testing.T) {
	n := func(x int64) *int64 { return &x }
	for name, c := range map[string]struct {
		in     Payout
		payout int64
		source string
	}{
		"default":           {Payout{Default: 200}, 200, SourceDefault},
		"default with tier": {Payout{Default: 5, TierIncrease: dec(t, "0.1")}, 6, SourceDefault}, // 5.5
		"custom with tier":  {Payout{Default: 200, Custom: n(300), TierIncrease: dec(t, "0.1")}, 330, SourceCustom},
		"custom of nothing": {Payout{Default: 200, Custom: n(0)}, 0, SourceCustom},
		"user as it is":     {Payout{Default: 200, Custom: n(300), User: n(250), TierIncrease: dec(t, "0.1")}, 250, SourceUser},
	} {
		payout, source, err := c.in.Resolve("")
		if err != nil || payout != c.payout || source != c.source {
			t.Errorf("%s: %d from %s, %v", name, payout, source, err)
		}
	}
	for _, bad := range []Payout{{Default: -1}, {Custom: n(-1)}, {User: n(-1)}, {TierIncrease: dec(t, "-0.1")}} {
		if _, _, err := bad.Resolve(""); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// The figures are arithmetic on the plan of impact.com's Performance Bonus FAQ: 4 %, 6 % from $200,
// 8 % from $400.
func TestBacktest(t *testing.T) {
	tiers := []Tier{{0, dec(t, "0.04")}, {20000, dec(t, "0.06")}, {40000, dec(t, "0.08")}}
	got, err := Backtest([]int64{15000, 19000, 21000, 39000, 41000, 90000}, []Candidate{
		{"flat", KindFlat, Plan{Tiers: []Tier{{0, dec(t, "0.05")}}}},
		{"marginal", KindMarginal, Plan{Tiers: tiers}},
		{"retroactive", KindRetroactive, Plan{Tiers: tiers}},
		{"forward", KindForward, Plan{Tiers: tiers}},
	})
	want := []Replay{
		{"flat", []int64{750, 950, 1050, 1950, 2050, 4500}, 11250, 0, 0, []int64{}},
		{"marginal", []int64{600, 760, 860, 1940, 2080, 6000}, 12240, 990, 6, []int64{}},
		{"retroactive", []int64{600, 760, 1260, 2340, 3280, 7200}, 15440, 4190, 6, []int64{400, 800}},
		{"forward", []int64{600, 760, 840, 1560, 1640, 3600}, 9000, -2250, 6, []int64{}},
	}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v\n%s", err, d)
	}
	for name, cs := range map[string][]Candidate{
		"none":         nil,
		"no name":      {{"", KindMarginal, Plan{Tiers: tiers}}},
		"name twice":   {{"a", KindMarginal, Plan{Tiers: tiers}}, {"a", KindMarginal, Plan{Tiers: tiers}}},
		"flat of many": {{"a", KindFlat, Plan{Tiers: tiers}}},
		"unknown kind": {{"a", "magic", Plan{Tiers: tiers}}},
		"no tiers":     {{"a", KindForward, Plan{}}},
	} {
		if got, err := Backtest(nil, cs); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := Backtest([]int64{-1}, []Candidate{{"a", KindMarginal, Plan{Tiers: tiers}}}); err == nil {
		t.Error("negative revenue was accepted")
	}
}
