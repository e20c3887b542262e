package funnel

import (
	"math"
	"time"

	"vouch/referral"
)

// buckets groups start times by local calendar periods. It remembers the last one, since the starts
// of one person, and of persons in order, tend to share it.
type buckets struct {
	interval string
	calendar referral.Calendar
	unit     int64 // times per second: 1, or 1,000,000 for microseconds
	label    string
	in       span
	nextAt   int64
}

func newBuckets(interval string, cal referral.Calendar, unit int64) *buckets {
	return &buckets{interval: interval, calendar: cal, unit: unit, in: span{1, 0}}
}

// of returns the label of the bucket that holds t, its first time and the first time after it.
func (b *buckets) of(t int64) (label string, start, next int64) {
	if b.in.lo <= t && t <= b.in.hi {
		return b.label, b.in.lo, b.nextAt
	}
	at := time.Unix(floorDiv(t, b.unit), 0).In(b.calendar.Zone)
	var from, to time.Time
	if b.interval == "hour" {
		y, m, d := at.Date()
		// Local hours of zones with half-hour offsets begin at half hours of UTC.
		from = at.Add(-time.Duration(at.Minute())*time.Minute - time.Duration(at.Second())*time.Second)
		to = from.Add(time.Hour)
		b.label = time.Date(y, m, d, at.Hour(), 0, 0, 0, time.UTC).Format("2006-01-02T15")
	} else {
		g := referral.Grain(b.interval)
		from = b.calendar.Start(at, g)
		to = b.calendar.Next(from, g, 1)
		b.label = from.Format("2006-01-02")
	}
	b.in.lo, b.nextAt = scaled(from.Unix(), b.unit), scaled(to.Unix(), b.unit)
	b.in.hi = b.nextAt - 1
	return b.label, b.in.lo, b.nextAt
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// scaled multiplies, cut at the ends of the range.
func scaled(v, unit int64) int64 {
	switch {
	case v > math.MaxInt64/unit:
		return math.MaxInt64
	case v < math.MinInt64/unit:
		return math.MinInt64
	}
	return v * unit
}
