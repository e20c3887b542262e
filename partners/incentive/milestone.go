package incentive

import "fmt"

// SignedUp is the event from which a milestone's days are counted.
const SignedUp = "signed_up"

// Per says how often a milestone pays.
type Per string

// The frequencies of a milestone.
const (
	PerCustomer Per = "customer" // once for each customer
	PerPartner  Per = "partner"  // once
	PerEvent    Per = "event"    // for each event, up to Limit for each customer
)

// Milestone pays for an event in a customer's life: a fixed bonus, or a rate of what the customer's
// amount has risen by.
type Milestone struct {
	Name  string
	Event string
	Bonus *int64   // minor units; or
	Rate  *Decimal // of the rise over the customer's highest earlier amount on such an event
	Per   Per
	Limit *int64 // with PerEvent; nil is no limit
	// WithinDays pays only that many days after the customer signed up; nil is no limit. A customer
	// whose sign-up is not known by then earns nothing.
	WithinDays *int64
}

// CustomerEvent is one event; the first amount of a customer is the baseline of its rises.
type CustomerEvent struct {
	Day      int64
	Customer string
	Event    string
	Amount   *int64
}

// Achieved is what milestones pay.
type Achieved struct {
	Paid        []int64 // per event
	Total       int64
	ByMilestone map[string]int64
}

// Achieve pays milestones for events, which come in the order of days.
func Achieve(milestones []Milestone, events []CustomerEvent, mode Rounding) (Achieved, error) {
	out := Achieved{Paid: make([]int64, len(events)), ByMilestone: map[string]int64{}}
	if err := validMilestones(milestones); err != nil {
		return Achieved{}, err
	}
	signedUp := map[string]int64{}
	for i, e := range events {
		if i > 0 && e.Day < events[i-1].Day {
			return Achieved{}, fmt.Errorf("event %d of day %d comes after one of day %d", i+1, e.Day, events[i-1].Day)
		}
		if e.Customer == "" || e.Event == "" {
			return Achieved{}, fmt.Errorf("event %d names no customer or no event", i+1)
		}
		if _, known := signedUp[e.Customer]; e.Event == SignedUp && !known {
			signedUp[e.Customer] = e.Day
		}
	}
	for _, m := range milestones {
		paid, err := m.pay(events, signedUp, mode)
		if err != nil {
			return Achieved{}, err
		}
		if out.ByMilestone[m.Name], err = sum(paid); err != nil {
			return Achieved{}, err
		}
		for i, p := range paid {
			if out.Paid[i], err = sum([]int64{out.Paid[i], p}); err != nil {
				return Achieved{}, err
			}
		}
	}
	var err error
	out.Total, err = sum(out.Paid)
	return out, err
}

// pay returns what one milestone pays per event.
func (m Milestone) pay(events []CustomerEvent, signedUp map[string]int64, mode Rounding) ([]int64, error) {
	paid, times, highest := make([]int64, len(events)), map[string]int64{}, map[string]int64{}
	for i, e := range events {
		if e.Event != m.Event {
			continue
		}
		due, err := m.due(e, highest, mode)
		if err != nil {
			return nil, err
		}
		if !m.inTime(e, signedUp) || due == 0 {
			continue
		}
		who, limit := e.Customer, int64(1)
		switch m.Per {
		case PerPartner:
			who = ""
		case PerEvent:
			limit = 1<<63 - 1
			if m.Limit != nil {
				limit = *m.Limit
			}
		case PerCustomer:
		}
		if times[who] < limit {
			times[who]++
			paid[i] = due
		}
	}
	return paid, nil
}

// due returns what the event is worth and remembers the customer's highest amount.
func (m Milestone) due(e CustomerEvent, highest map[string]int64, mode Rounding) (int64, error) {
	if m.Bonus != nil {
		return *m.Bonus, nil
	}
	if e.Amount == nil {
		return 0, nil
	}
	before, known := highest[e.Customer]
	if known && *e.Amount <= before {
		return 0, nil
	}
	highest[e.Customer] = *e.Amount
	if !known {
		return 0, nil
	}
	rise, err := sum([]int64{*e.Amount, -before})
	if err != nil {
		return 0, err
	}
	return mode.product(rise, *m.Rate)
}

// inTime reports whether the event is close enough to the customer's sign-up.
func (m Milestone) inTime(e CustomerEvent, signedUp map[string]int64) bool {
	if m.WithinDays == nil {
		return true
	}
	day, known := signedUp[e.Customer]
	// A difference that overflows is negative and beyond any limit.
	return known && day <= e.Day && e.Day-day >= 0 && e.Day-day <= *m.WithinDays
}

func validMilestones(milestones []Milestone) error {
	seen := map[string]bool{}
	for i, m := range milestones {
		switch {
		case m.Name == "" || seen[m.Name]:
			return fmt.Errorf("milestone %d is named %q, which is empty or taken", i+1, m.Name)
		case m.Event == "":
			return fmt.Errorf("milestone %q names no event", m.Name)
		case (m.Bonus == nil) == (m.Rate == nil):
			return fmt.Errorf("milestone %q needs either a bonus or a rate", m.Name)
		case m.Bonus != nil && *m.Bonus < 0 || m.Rate != nil && m.Rate.Sign() < 0:
			return fmt.Errorf("milestone %q pays less than nothing", m.Name)
		case m.Per != PerCustomer && m.Per != PerPartner && m.Per != PerEvent:
			return fmt.Errorf("milestone %q: per %q is not one of customer, partner, event", m.Name, string(m.Per))
		case m.Limit != nil && (*m.Limit < 0 || m.Per != PerEvent):
			return fmt.Errorf("milestone %q: a limit is 0 or more and belongs to per event", m.Name)
		case m.WithinDays != nil && *m.WithinDays < 0:
			return fmt.Errorf("milestone %q: within %d days", m.Name, *m.WithinDays)
		}
		seen[m.Name] = true
	}
	return nil
}
