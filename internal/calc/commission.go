package calc

import (
	"errors"
	"time"

	"vouch/partners/incentive"
)

// commissionMethods are the rules of commission plans that do not depend on a running total.
func commissionMethods() []Method {
	return []Method{
		method("commission.percent", "Pays each amount at a rate.",
			[]string{"commissions", "total"}, commissionPercent),
		method("commission.cap", "Bounds what is paid in a period and in a lifetime.",
			[]string{"paid", "withheld", "reasons", "total"}, commissionCap),
		method("commission.recurring", "Says which payments of a customer earn commission by the customer's age.",
			[]string{"months", "pays"}, commissionRecurring),
		method("commission.lock_and_pay", "Says when an action is locked and when it is paid.",
			[]string{"last_open_day", "locked_from", "pay_on"}, commissionLockAndPay),
		method("commission.clawback", "Takes back commission as a sale is refunded in parts.",
			[]string{"entries", "remaining_commission"}, commissionClawback),
	}
}

type percentInput struct {
	Amounts  []int64                      `json:"amounts"`
	Rate     oneOrMany[incentive.Decimal] `json:"rate"`
	Rounding incentive.Rounding           `json:"rounding" calc:"optional"`
	Currency string                       `json:"currency" calc:"optional"`
}

func commissionPercent(in percentInput) (any, error) {
	if err := errors.Join(in.Rounding.Valid(), checkCurrency(in.Currency)); err != nil {
		return nil, err
	}
	if !in.Rate.single && len(in.Rate.list) != len(in.Amounts) {
		return nil, Invalid("rate: %d rates for %d amounts", len(in.Rate.list), len(in.Amounts))
	}
	if len(in.Amounts) == 0 && !in.Rate.single { // nothing to pay at no rate
		in.Rate.list = []incentive.Decimal{{}}
	}
	commissions, total, err := incentive.Percent(in.Amounts, in.Rate.list, in.Rounding)
	return struct {
		Commissions []int64 `json:"commissions"`
		Total       int64   `json:"total"`
	}{commissions, total}, err
}

type capInput struct {
	Amounts       []int64  `json:"amounts"`
	Periods       []string `json:"periods" calc:"optional"`
	PeriodCap     *int64   `json:"period_cap" calc:"optional"`
	LifetimeCap   *int64   `json:"lifetime_cap" calc:"optional"`
	PriorPeriod   int64    `json:"prior_period" calc:"optional"`
	PriorLifetime int64    `json:"prior_lifetime" calc:"optional"`
}

func commissionCap(in capInput) (any, error) {
	c := incentive.Cap{Period: in.PeriodCap, Lifetime: in.LifetimeCap, PriorPeriod: in.PriorPeriod, PriorLifetime: in.PriorLifetime}
	got, err := c.Apply(in.Amounts, in.Periods)
	reasons := make([]*string, len(got.Reasons))
	for i := range got.Reasons {
		if got.Reasons[i] != "" {
			reasons[i] = &got.Reasons[i]
		}
	}
	return struct {
		Paid     []int64   `json:"paid"`
		Withheld []int64   `json:"withheld"`
		Reasons  []*string `json:"reasons"`
		Total    int64     `json:"total"`
	}{got.Paid, got.Withheld, reasons, got.Total}, err
}

type recurringInput struct {
	MaxMonths *int64   `json:"max_months"`
	Since     []int64  `json:"months_since_first" calc:"optional"`
	First     string   `json:"first" calc:"optional"`
	Sales     []string `json:"sales" calc:"optional"`
}

func commissionRecurring(in recurringInput) (any, error) {
	rule := incentive.Recurring{Months: in.MaxMonths}
	out := struct {
		Months []int64 `json:"months"`
		Pays   []bool  `json:"pays"`
	}{Months: in.Since}
	var err error
	switch {
	case in.Since != nil && in.First == "" && in.Sales == nil:
		out.Pays, err = rule.Pays(in.Since)
		return out, err
	case in.Since != nil || in.First == "" || in.Sales == nil:
		return nil, Invalid("give either months_since_first, or first and sales")
	}
	first, err := incentive.ParseDay(in.First)
	if err != nil {
		return nil, Invalid("first: %v", err)
	}
	days := make([]time.Time, len(in.Sales))
	for i, s := range in.Sales {
		if days[i], err = incentive.ParseDay(s); err != nil {
			return nil, Invalid("sales[%d]: %v", i, err)
		}
	}
	out.Months, out.Pays, err = rule.PaysOn(first, days)
	return out, err
}

type lockInput struct {
	ActionDate string `json:"action_date"`
	LockMonths int    `json:"lock_months" calc:"optional"`
	LockDays   int    `json:"lock_days" calc:"optional"`
	PayMonths  int    `json:"pay_months" calc:"optional"`
	PayDays    int    `json:"pay_days" calc:"optional"`
}

func commissionLockAndPay(in lockInput) (any, error) {
	action, err := incentive.ParseDay(in.ActionDate)
	if err != nil {
		return nil, Invalid("action_date: %v", err)
	}
	s := incentive.Schedule{LockMonths: in.LockMonths, LockDays: in.LockDays, PayMonths: in.PayMonths, PayDays: in.PayDays}
	d, err := s.Of(action)
	return struct {
		LastOpen   string `json:"last_open_day"`
		LockedFrom string `json:"locked_from"`
		PayOn      string `json:"pay_on"`
	}{d.LastOpen.Format(time.DateOnly), d.LockedFrom.Format(time.DateOnly), d.PayOn.Format(time.DateOnly)}, err
}

type clawbackInput struct {
	Amount     int64              `json:"original_amount"`
	Commission int64              `json:"original_commission"`
	Refunds    []int64            `json:"refunds"`
	Rounding   incentive.Rounding `json:"rounding" calc:"optional"`
}

func commissionClawback(in clawbackInput) (any, error) {
	if err := in.Rounding.Valid(); err != nil {
		return nil, err
	}
	entries, remaining, err := incentive.Clawback(in.Amount, in.Commission, in.Refunds, in.Rounding)
	return struct {
		Entries   []int64 `json:"entries"`
		Remaining int64   `json:"remaining_commission"`
	}{entries, remaining}, err
}
