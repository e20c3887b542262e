package demo

import (
	"fmt"
	"time"
)

// The period of the demo, in local days of its zone. lastDay is the as-of date: it is seen whole.
const (
	zoneName = "Europe/Berlin"
	firstDay = "2025-09-01"
	lastDay  = "2026-11-16"
)

// calendar knows the days of the demo and how busy each is.
type calendar struct {
	zone       *time.Location
	start, end time.Time // the local midnights that bound the period; end is exclusive
	days       int
	busy       []float64 // weight of each day by its weekday
}

// weekdays are the weights of Sunday to Saturday: people of a business product work on workdays.
var weekdays = [7]float64{0.5, 1.15, 1.2, 1.2, 1.15, 1, 0.6}

// hours are the weights of the local hours of a day.
var hours = [24]float64{2, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 19, 16, 17, 19, 18, 16, 14, 12, 12, 11, 9, 6, 4}

func newCalendar() (calendar, error) {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return calendar{}, fmt.Errorf("demo: %w", err)
	}
	c := calendar{zone: zone}
	c.start = c.date(firstDay)
	c.end = c.date(lastDay).AddDate(0, 0, 1)
	for d := c.start; d.Before(c.end); d = d.AddDate(0, 0, 1) {
		c.busy = append(c.busy, weekdays[d.Weekday()])
	}
	c.days = len(c.busy)
	return c, nil
}

// date is the local midnight of a day written in this file; a day that cannot be read is a mistake
// of ours and panics in every test.
func (c calendar) date(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, c.zone)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return t
}

// dayIndex counts local days since the first day of the period; it is negative before.
func (c calendar) dayIndex(t time.Time) int {
	y, m, d := t.In(c.zone).Date()
	y0, m0, d0 := c.start.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(y0, m0, d0, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

// day is the local midnight of a day by its index.
func (c calendar) day(i int) time.Time { return c.start.AddDate(0, 0, i) }

// within draws a moment of the days from ≤ day < to: busier weekdays more often, and a linear growth
// that makes the last day twice as busy as the first.
func (c calendar) within(s stream, from, to int) time.Time {
	total := 0.0
	weight := func(i int) float64 {
		return c.busy[i] * (2 + float64(2*(i-from))/float64(to-from))
	}
	for i := from; i < to; i++ {
		total += weight(i)
	}
	u, day := s.Float64()*total, from
	for ; day < to-1; day++ {
		if u -= weight(day); u < 0 {
			break
		}
	}
	y, m, d := c.day(day).Date()
	return time.Date(y, m, d, s.pick(hours[:]...), s.IntN(60), s.IntN(60), s.IntN(1000)*1e6, c.zone).UTC()
}

// after adds a delay in seconds, to the millisecond: the finest that every source can write.
func after(t time.Time, seconds float64) time.Time {
	return t.Add(time.Duration(seconds*1000) * time.Millisecond)
}

// monthsAfter is the same local time n months later; the 31st becomes the last day of a shorter
// month. It is the anniversary of a subscription.
func (c calendar) monthsAfter(t time.Time, n int) time.Time {
	l := t.In(c.zone)
	y, m, d := l.Date()
	if last := time.Date(y, m+time.Month(n)+1, 0, 0, 0, 0, 0, c.zone).Day(); d > last {
		d = last
	}
	return time.Date(y, m+time.Month(n), d, l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), c.zone).UTC()
}

// unambiguous moves a time out of the hour that local clocks show twice in autumn, since a source
// that writes local times without a zone cannot tell the two apart. It also cuts to whole seconds.
func (c calendar) unambiguous(t time.Time) time.Time {
	t = t.Truncate(time.Second)
	h := t.In(c.zone).Hour()
	if t.Add(time.Hour).In(c.zone).Hour() == h || t.Add(-time.Hour).In(c.zone).Hour() == h {
		return t.Add(2 * time.Hour)
	}
	return t
}

// sameMonth moves a later time back into the local month of t if it lies beyond: the books of a month
// are closed at its end, so every payment belongs to the month of age it was made in.
func (c calendar) sameMonth(t, at time.Time) time.Time {
	y, m, _ := t.In(c.zone).Date()
	if end := time.Date(y, m+1, 1, 0, 0, 0, 0, c.zone); !at.Before(end) {
		return t.Add(end.Sub(t) / 2)
	}
	return at
}

// month counts local calendar months since the first of the period.
func (c calendar) month(t time.Time) int {
	l := t.In(c.zone)
	return l.Year()*12 + int(l.Month()) - c.start.Year()*12 - int(c.start.Month())
}
