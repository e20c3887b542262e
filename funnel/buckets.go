package funnel

import (
	"math"
	"slices"
	"sort"
	"time"

	"vouch/referral"
)

// buckets groups start times by local calendar periods. Calendars are slow to ask, so each period of the
// data is asked for once. From then on it is known by the slots of time that lie in it whole, and elsewhere by
// its spans.
type buckets struct {
	interval string
	calendar referral.Calendar
	unit     int64 // times per second: 1, or 1,000,000 for microseconds
	shift    uint  // a slot is 2^shift times long
	list     []bucket
	number   map[string]int
	slots    []int32 // from slot base on: number of the bucket that holds the whole slot, −1: not known
	base     int64
	known    []knownSpan // ascending
}

// knownSpan is an unbroken span of a bucket.
type knownSpan struct {
	span
	bucket int
}

// bucket is one period. Two hours of one name, when clocks are put back, are one bucket.
type bucket struct {
	label string
	in    span
	next  int64 // the first time after it
}

// maxSlots bounds the table: 8 years of hours, 136 years of all else.
const maxSlots = 1 << 20

func newBuckets(interval string, cal referral.Calendar, unit int64) *buckets {
	b := &buckets{interval: interval, calendar: cal, unit: unit, shift: 12, number: map[string]int{}} // 68 minutes
	if interval == "hour" {
		b.shift = 8 // 4 minutes
	}
	if unit > 1 {
		b.shift += 20
	}
	return b
}

// of returns the number of the bucket that holds t.
func (b *buckets) of(t int64) int {
	if i := t>>b.shift - b.base; uint64(i) < uint64(len(b.slots)) && b.slots[i] >= 0 {
		return int(b.slots[i])
	}
	return b.find(t)
}

// find looks among the spans, and in the calendar if t lies in none.
func (b *buckets) find(t int64) int {
	i := sort.Search(len(b.known), func(i int) bool { return b.known[i].hi >= t })
	if i < len(b.known) && b.known[i].lo <= t {
		return b.known[i].bucket
	}
	n, in := b.ask(t)
	b.known = slices.Insert(b.known, i, knownSpan{in, n})
	const most = 1 << 13 // a year has no more slots
	at := t >> b.shift
	whole := func(slot int64) bool { return in.contains(slot<<b.shift) && in.contains(slot<<b.shift+(1<<b.shift-1)) }
	for s := at; s > at-most && whole(s); s-- {
		b.remember(s, n)
	}
	for s := at + 1; s < at+most && whole(s); s++ {
		b.remember(s, n)
	}
	return n
}

// remember notes the bucket of a slot, unless the slots of the data lie too far apart.
func (b *buckets) remember(slot int64, n int) {
	if len(b.slots) == 0 {
		b.base = slot
	}
	if before := b.base - slot; before > 0 && before+int64(len(b.slots)) <= maxSlots {
		before = min(maxSlots-int64(len(b.slots)), before+int64(len(b.slots)))
		b.slots = append(unknownSlots(before), b.slots...)
		b.base -= before
	}
	i := slot - b.base
	if i < 0 || i >= maxSlots {
		return
	}
	if more := i + 1 - int64(len(b.slots)); more > 0 {
		b.slots = append(b.slots, unknownSlots(more)...)
	}
	b.slots[i] = int32(n)
}

func unknownSlots(n int64) []int32 {
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
		// Where clocks are set by half an hour, the hour begins or ends there.
		start, end := at.ZoneBounds()
		if !start.IsZero() && from.Before(start) {
			from = start
		}
		if !end.IsZero() && to.After(end) {
			to = end
		}
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
