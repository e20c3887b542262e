package calc

import (
	"math/big"

	"vouch/partners/incentive"
)

// bonusMethods are the rules of recognition, milestones and payouts, and the replay of plans.
func bonusMethods() []Method {
	return []Method{
		method("commission.recognition", "Pays bonuses for levels reached by points, each once.",
			[]string{"level", "bonus", "points", "total_bonus"}, commissionRecognition),
		method("commission.milestone", "Pays bonuses for events in a customer's life.",
			[]string{"paid", "total", "by_milestone"}, commissionMilestone),
		method("commission.priority", "Says which of several fixed payouts applies.",
			[]string{"payout", "source"}, commissionPriority),
		method("commission.backtest", "Replays revenue under several plans, behaviour held fixed.",
			[]string{"names", "per_row", "totals", "change", "rows_changed", "effective_rates", "cliffs"}, commissionBacktest),
	}
}

type recognitionInput struct {
	Levels []struct {
		Name  string `json:"name"`
		From  int64  `json:"from"`
		Bonus int64  `json:"bonus" calc:"optional"`
	} `json:"levels"`
	Points  []int64        `json:"points"`
	Opening int64          `json:"opening_points" calc:"optional"`
	Keep    incentive.Keep `json:"keep" calc:"optional"`
}

func commissionRecognition(in recognitionInput) (any, error) {
	l := incentive.Ladder{Keep: in.Keep}
	for _, x := range in.Levels {
		l.Levels = append(l.Levels, incentive.Level{Name: x.Name, From: x.From, Bonus: x.Bonus})
	}
	got, err := l.Climb(in.Points, in.Opening)
	return struct {
		Level  []string `json:"level"`
		Bonus  []int64  `json:"bonus"`
		Points []int64  `json:"points"`
		Total  int64    `json:"total_bonus"`
	}{got.Level, got.Bonus, got.Points, got.TotalBonus}, err
}

type milestoneInput struct {
	Milestones []struct {
		Name       string             `json:"name"`
		Event      string             `json:"event"`
		Bonus      *int64             `json:"bonus" calc:"optional"`
		Rate       *incentive.Decimal `json:"rate" calc:"optional"`
		Per        incentive.Per      `json:"per"`
		Limit      *int64             `json:"limit" calc:"optional"`
		WithinDays *int64             `json:"within_days" calc:"optional"`
	} `json:"milestones"`
	Events []struct {
		Day      int64  `json:"day"`
		Customer string `json:"customer"`
		Event    string `json:"event"`
		Amount   *int64 `json:"amount" calc:"optional"`
	} `json:"events"`
	Rounding incentive.Rounding `json:"rounding" calc:"optional"`
}

func commissionMilestone(in milestoneInput) (any, error) {
	if err := in.Rounding.Valid(); err != nil {
		return nil, err
	}
	var milestones []incentive.Milestone
	for _, m := range in.Milestones {
		milestones = append(milestones, incentive.Milestone{
			Name: m.Name, Event: m.Event, Bonus: m.Bonus, Rate: m.Rate, Per: m.Per, Limit: m.Limit, WithinDays: m.WithinDays,
		})
	}
	events := make([]incentive.CustomerEvent, len(in.Events))
	for i, e := range in.Events {
		events[i] = incentive.CustomerEvent{Day: e.Day, Customer: e.Customer, Event: e.Event, Amount: e.Amount}
	}
	got, err := incentive.Achieve(milestones, events, in.Rounding)
	return struct {
		Paid        []int64          `json:"paid"`
		Total       int64            `json:"total"`
		ByMilestone map[string]int64 `json:"by_milestone"`
	}{got.Paid, got.Total, got.ByMilestone}, err
}

type priorityInput struct {
	Default      int64              `json:"default"`
	Custom       *int64             `json:"custom" calc:"optional"`
	User         *int64             `json:"user" calc:"optional"`
	TierIncrease *incentive.Decimal `json:"tier_increase" calc:"optional"`
	Rounding     incentive.Rounding `json:"rounding" calc:"optional"`
}

func commissionPriority(in priorityInput) (any, error) {
	if err := in.Rounding.Valid(); err != nil {
		return nil, err
	}
	p := incentive.Payout{Default: in.Default, Custom: in.Custom, User: in.User}
	if in.TierIncrease != nil {
		p.TierIncrease = *in.TierIncrease
	}
	payout, source, err := p.Resolve(in.Rounding)
	return struct {
		Payout int64  `json:"payout"`
		Source string `json:"source"`
	}{payout, source}, err
}

type backtestInput struct {
	Revenue []int64 `json:"revenue"`
	Plans   []struct {
		Name  string             `json:"name"`
		Kind  incentive.Kind     `json:"kind"`
		Rate  *incentive.Decimal `json:"rate" calc:"optional"`
		Tiers *[]tierRow         `json:"tiers" calc:"optional"`
	} `json:"plans"`
	Boundary incentive.Boundary `json:"boundary" calc:"optional"`
	Rounding incentive.Rounding `json:"rounding" calc:"optional"`
}

type backtestResult struct {
	Names          []string   `json:"names"`
	PerRow         [][]int64  `json:"per_row"`
	Totals         []int64    `json:"totals"`
	Change         []int64    `json:"change"`
	RowsChanged    []int      `json:"rows_changed"`
	EffectiveRates []*float64 `json:"effective_rates"`
	Reason         *string    `json:"reason"`
	Cliffs         [][]int64  `json:"cliffs"`
}

func commissionBacktest(in backtestInput) (any, error) {
	var candidates []incentive.Candidate
	for i, p := range in.Plans {
		c := incentive.Candidate{Name: p.Name, Kind: p.Kind, Plan: incentive.Plan{Boundary: in.Boundary, Rounding: in.Rounding}}
		switch {
		case (p.Rate == nil) == (p.Tiers == nil) || (p.Kind == incentive.KindFlat) != (p.Rate != nil):
			return nil, Invalid("plans[%d]: a flat plan has a rate, any other has tiers", i)
		case p.Rate != nil:
			c.Plan.Tiers = []incentive.Tier{{Rate: *p.Rate}}
		default:
			c.Plan.Tiers = tiersOf(*p.Tiers)
		}
		candidates = append(candidates, c)
	}
	replays, err := incentive.Backtest(in.Revenue, candidates)
	if err != nil {
		return nil, err
	}
	revenue := new(big.Int)
	for _, r := range in.Revenue {
		revenue.Add(revenue, big.NewInt(r))
	}
	var out backtestResult
	for _, r := range replays {
		rate, reason := ratio(r.Total, revenue)
		out.Names, out.PerRow = append(out.Names, r.Name), append(out.PerRow, r.PerRow)
		out.Totals, out.Change = append(out.Totals, r.Total), append(out.Change, r.Change)
		out.RowsChanged, out.Cliffs = append(out.RowsChanged, r.RowsChanged), append(out.Cliffs, r.Cliffs)
		out.EffectiveRates, out.Reason = append(out.EffectiveRates, rate), reason
	}
	return out, nil
}
