package incentive

import (
	"fmt"
	"time"
)

// ParseDay reads a calendar day, "2024-02-29". A day that does not exist is an error.
func ParseDay(text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a day: write it like 2024-02-29", text)
	}
	return t, nil
}

// lastDay returns the number of days of a month; months beyond 12 run into later years.
func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Anniversary returns the day n months after first: the same day of the month, or the last day of a
// month that is shorter. It always counts from first, so that the 31st is the 31st again after a
// short month.
func Anniversary(first time.Time, n int) time.Time {
	y, m, d := first.Date()
	m += time.Month(n)
	return time.Date(y, m, min(d, lastDay(y, m)), 0, 0, 0, 0, time.UTC)
}

// WholeMonths returns how many anniversaries of first have come by day; −1 if day is before first.
func WholeMonths(first, day time.Time) int {
	if day.Before(first) {
		return -1
	}
	n := (day.Year()-first.Year())*12 + int(day.Month()) - int(first.Month())
	if day.Before(Anniversary(first, n)) {
		n--
	}
	return n
}

// Recurring says which of a customer's payments earn commission. Months limits by the age of the
// customer: nil for ever, 0 only the first payment, else payments of whole months below it.
type Recurring struct{ Months *int64 }

// Pays decides by whole months since the first payment, in order of the payments. With Months 0 the
// first payment with 0 months is the first one.
func (r Recurring) Pays(months []int64) ([]bool, error) {
	if r.Months != nil && *r.Months < 0 {
		return nil, fmt.Errorf("%d months", *r.Months)
	}
	pays, paid := make([]bool, len(months)), false
	for i, m := range months {
		switch {
		case m < 0:
			return nil, fmt.Errorf("payment %d is before the first", i+1)
		case r.Months == nil:
			pays[i] = true
		case *r.Months == 0:
			pays[i] = m == 0 && !paid
			paid = paid || pays[i]
		default:
			pays[i] = m < *r.Months
		}
	}
	return pays, nil
}

// PaysOn decides by days: the day of the first payment and those of all payments in order. With
// Months 0 only a payment on the first day itself pays, and only one.
func (r Recurring) PaysOn(first time.Time, days []time.Time) (months []int64, pays []bool, err error) {
	months = make([]int64, len(days))
	for i, d := range days {
		months[i] = int64(WholeMonths(first, d))
	}
	if pays, err = r.Pays(months); err != nil || r.Months == nil || *r.Months > 0 {
		return months, pays, err
	}
	paid := false
	for i, d := range days {
		pays[i] = d.Equal(first) && !paid
		paid = paid || pays[i]
	}
	return months, pays, nil
}

// Schedule says when an action can no longer change and when it is paid. Each pair counts whole
// months first, to the end of that month, and then days.
type Schedule struct{ LockMonths, LockDays, PayMonths, PayDays int }

// maxSpan bounds a schedule's months and days, so that a mistake does not lead out of the calendar.
const maxSpan = 10_000

// Dates of an action.
type Dates struct {
	LastOpen   time.Time // last day on which the action may be changed
	LockedFrom time.Time // the day after
	PayOn      time.Time
}

// Of returns the dates of an action:
//
//	LastOpen = last day of (action's month + LockMonths) + LockDays
//	PayOn    = last day of (LastOpen's month + PayMonths) + PayDays
//
// Checked against impact.com's help page on locking and payment scheduling: an action of January
// with 0 months and 27 days is open until 27 February and, with 0 months and 20 days, paid on 20
// March.
func (s Schedule) Of(action time.Time) (Dates, error) {
	for _, n := range []int{s.LockMonths, s.LockDays, s.PayMonths, s.PayDays} {
		if n < 0 || n > maxSpan {
			return Dates{}, fmt.Errorf("a span of %d is not between 0 and %d", n, maxSpan)
		}
	}
	after := func(t time.Time, months, days int) time.Time {
		y, m, _ := t.Date()
		m += time.Month(months)
		return time.Date(y, m, lastDay(y, m)+days, 0, 0, 0, 0, time.UTC)
	}
	d := Dates{LastOpen: after(action, s.LockMonths, s.LockDays)}
	d.LockedFrom = d.LastOpen.AddDate(0, 0, 1)
	d.PayOn = after(d.LastOpen, s.PayMonths, s.PayDays)
	return d, nil
}
