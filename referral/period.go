package referral

import (
	"fmt"
	"time"
)

// Period is a half-open interval of time: From ≤ t < To, both UTC.
type Period struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Contains reports whether t lies in the period.
func (p Period) Contains(t time.Time) bool { return !t.Before(p.From) && t.Before(p.To) }

// Grain is a calendar unit in the reporting zone.
type Grain string

// The calendar units analyses group by.
const (
	Day     Grain = "day"
	Week    Grain = "week"
	Month   Grain = "month"
	Quarter Grain = "quarter"
)

// Calendar turns instants into local calendar periods: it holds the reporting zone and the first
// day of the week.
type Calendar struct {
	Zone      *time.Location
	WeekStart time.Weekday
}

// Start returns the local midnight at which the period of the given grain that holds t begins.
// Days of 23 or 25 hours at clock changes are days like others.
func (c Calendar) Start(t time.Time, g Grain) time.Time {
	y, m, d := t.In(c.Zone).Date()
	switch g {
	case Week:
		wd := t.In(c.Zone).Weekday()
		d -= (int(wd) - int(c.WeekStart) + 7) % 7
	case Month:
		d = 1
	case Quarter:
		d, m = 1, m-(m-1)%3
	case Day:
	}
	return c.Midnight(y, m, d)
}

// Next returns the start of the period after the one that begins at start, n periods on.
func (c Calendar) Next(start time.Time, g Grain, n int) time.Time {
	y, m, d := start.In(c.Zone).Date()
	switch g {
	case Day:
		d += n
	case Week:
		d += 7 * n
	case Month:
		m += time.Month(n)
	case Quarter:
		m += time.Month(3 * n)
	}
	return c.Midnight(y, m, d)
}

// Midnight returns the first instant of a local day. Where the clocks change at midnight, time.Date
// alone gives 23:00 of the day before for a midnight that was skipped (Cairo, Beirut, until 2018 São
// Paulo), and is free to give the second of two (Havana).
func (c Calendar) Midnight(y int, m time.Month, d int) time.Time {
	t := time.Date(y, m, d, 0, 0, 0, 0, c.Zone)
	start, end := t.ZoneBounds()
	switch wall := wallClock(t); wall.Compare(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) {
	case -1:
		return end // midnight was skipped and t lies before the gap
	case 1:
		return start // or after it
	}
	if !start.IsZero() {
		_, now := t.Zone()
		_, before := start.Add(-time.Second).Zone()
		if first := t.Add(time.Duration(now-before) * time.Second); before > now && first.Before(start) {
			return first
		}
	}
	return t
}

// wallClock is what a clock on the wall shows, as if the wall were in Greenwich.
func wallClock(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// Label names the period that begins at start: 2026-11-16, 2026-W47 (ISO number of the week's
// Thursday, or of its first day plus three when weeks start elsewhere), 2026-11, 2026-Q4.
func (c Calendar) Label(start time.Time, g Grain) string {
	t := start.In(c.Zone)
	switch g {
	case Week:
		y, w := t.AddDate(0, 0, 3).ISOWeek()
		return fmt.Sprintf("%04d-W%02d", y, w)
	case Month:
		return t.Format("2006-01")
	case Quarter:
		return fmt.Sprintf("%04d-Q%d", t.Year(), (int(t.Month())-1)/3+1)
	case Day:
	}
	return t.Format("2006-01-02")
}
