package funnel

import (
	"testing"
	"time"

	"vouch/referral"
)

// TestBuckets walks over the borders of periods, in order, so that a remembered bucket must be let go at
// exactly its end. Berlin leaves standard time on 2026-03-29 at 01:00 UTC: that day has 23 hours.
func TestBuckets(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		interval, at, label string
	}{
		{"week", "2026-03-08T22:59:59Z", "2026-03-02"},
		{"week", "2026-03-08T23:00:00Z", "2026-03-09"},
		{"week", "2026-03-29T21:59:59Z", "2026-03-23"},
		{"week", "2026-03-29T22:00:00Z", "2026-03-30"},
		{"day", "2026-03-28T22:59:59Z", "2026-03-28"},
		{"day", "2026-03-28T23:00:00Z", "2026-03-29"},
		{"day", "2026-03-29T21:59:59Z", "2026-03-29"},
		{"day", "2026-03-29T22:00:00Z", "2026-03-30"},
		{"month", "2026-03-31T21:59:59Z", "2026-03-01"},
		{"month", "2026-03-31T22:00:00Z", "2026-04-01"},
		{"hour", "2026-03-29T00:59:59Z", "2026-03-29T01"},
		{"hour", "2026-03-29T01:00:00Z", "2026-03-29T03"},
		{"hour", "2026-10-25T00:59:59Z", "2026-10-25T02"},
		{"hour", "2026-10-25T01:00:00Z", "2026-10-25T02"},
		{"hour", "2026-10-25T02:00:00Z", "2026-10-25T03"},
		{"day", "1969-12-31T22:59:59Z", "1969-12-31"},
		{"day", "1969-12-31T23:00:00Z", "1970-01-01"},
	} {
		for _, unit := range []int64{1, 1_000_000} {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			b := newBuckets(c.interval, referral.Calendar{Zone: berlin, WeekStart: time.Monday}, unit)
			b.of((at.Unix() - 1) * unit) // remembered
			label, start, next := b.of(at.Unix() * unit)
			if label != c.label || at.Unix()*unit < start || at.Unix()*unit >= next {
				t.Errorf("%s of %s: %s [%d, %d), want %s", c.interval, c.at, label, start, next, c.label)
			}
		}
	}
}
