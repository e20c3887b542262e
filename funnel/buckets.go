package funnel

import (
	"math"
	"time"

	"vouch/referral"
)

// buckets groups start times by local calendar periods. Calendars are slow to ask, so each period of the
// data is asked for once, and known by its hours from then on.
type buckets struct {
	interval string
	calendar referral.Calendar
	unit     int64 // times per second: 1, or 1,000,000 for microseconds
	list     []bucket
	number   map[string]int
	hours    []int32 // from hour base on: number of the bucket that holds the whole hour, −1: not known
	base     int64
}

// bucket is one period. Two hours of one name, when clocks are put back, are one bucket.
type bucket struct {
	label string
	in    span
	next  int64 // the first time after it
}

// maxHours bounds the table: 120 years.
const maxHours = 1 << 20

func newBuckets(interval string, cal referral.Calendar, unit int64) *buckets {
	return &buckets{interval: interval, calendar: cal, unit: unit, number: map[string]int{}}
}

// of returns the number of the bucket that holds t.
func (b *buckets) of(t int64) int {
	hour := floorDiv(t, 3600*b.unit)
	i := hour - b.base
	if uint64(i) < uint64(len(b.hours)) && b.hours[i] >= 0 {
		return int(b.hours[i])
	}
	n, in := b.ask(t)
	// All hours that lie in the bucket whole are known now; a month has no more than 745 of them.
	const most = 31*24 + 1
	for h := hour; h > hour-most && in.contains(scaled(h, 3600*b.unit)) && in.contains(scaled(h+1, 3600*b.unit)-1); h-- {
		b.remember(h, n)
	}
	for h := hour + 1; h < hour+most && in.contains(scaled(h, 3600*b.unit)) && in.contains(scaled(h+1, 3600*b.unit)-1); h++ {
		b.remember(h, n)
	}
	return n
}

// remember notes the bucket of an hour, unless the hours of the data lie too far apart.
func (b *buckets) remember(hour int64, n int) {
	if len(b.hours) == 0 {
		b.base = hour
	}
	if before := b.base - hour; before > 0 && before+int64(len(b.hours)) <= maxHours {
		before = min(maxHours-int64(len(b.hours)), before+int64(len(b.hours)))
		b.hours = append(unknownHours(before), b.hours...)
		b.base -= before
	}
	i := hour - b.base
	if i < 0 || i >= maxHours {
		return
	}
	if more := i + 1 - int64(len(b.hours)); more > 0 {
		b.hours = append(b.hours, unknownHours(more)...)
	}
	b.hours[i] = int32(n)
}

func unknownHours(n int64) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = -1
	}
	return out
}

// ask finds the bucket of t by the calendar, with the unbroken span of time that t lies in.
func (b *buckets) ask(t int64) (int, span) {
	at := time.Unix(floorDiv(t, b.unit), 0).In(b.calendar.Zone)
	var from, to time.Time
	var label string
	if b.interval == "hour" {
		y, m, d := at.Date()
		// Local hours of zones with half-hour offsets begin at half hours of UTC.
		from = at.Add(-time.Duration(at.Minute())*time.Minute - time.Duration(at.Second())*time.Second)
		to = from.Add(time.Hour)
		label = time.Date(y, m, d, at.Hour(), 0, 0, 0, time.UTC).Format("2006-01-02T15")
	} else {
		g := referral.Grain(b.interval)
		from = b.calendar.Start(at, g)
		to = b.calendar.Next(from, g, 1)
		label = from.Format("2006-01-02")
	}
	next := scaled(to.Unix(), b.unit)
	in := span{scaled(from.Unix(), b.unit), next - 1}
	n, ok := b.number[label]
	if !ok {
		n = len(b.list)
		b.number[label] = n
		b.list = append(b.list, bucket{label, in, next})
	} else {
		k := &b.list[n]
		k.in.lo, k.in.hi, k.next = min(k.in.lo, in.lo), max(k.in.hi, in.hi), max(k.next, next)
	}
	return n, in
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
