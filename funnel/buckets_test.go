package funnel

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"vouch/referral"
)

// TestBuckets_remembered asks for times in any order, far apart and at the ends of the range, and
// compares with a calendar that remembers nothing.
func TestBuckets_remembered(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{"Asia/Kathmandu", "Australia/Lord_Howe"} { // 5 h 45 min; clocks go forward by half an hour
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		cal := referral.Calendar{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), WeekStart: time.Monday}
		interval := rapid.SampledFrom([]string{"hour", "day", "week", "month"}).Draw(t, "interval")
		b := newBuckets(interval, cal, 1)
		near := rapid.Int64Range(1_700_000_000, 1_700_000_000+40*86400)
		forward := rapid.Int64Range(1_696_087_800-7200, 1_696_087_800+7200) // 2023-10-01 02:00 at Lord Howe
		any := rapid.OneOf(near, near, near, forward, forward, rapid.Int64Range(-1<<40, 1<<40))
		for _, at := range rapid.SliceOfN(any, 1, 60).Draw(t, "times") {
			got := b.list[b.of(at)]
			fresh := newBuckets(interval, cal, 1)
			if want := fresh.list[fresh.of(at)]; got.label != want.label {
				t.Fatalf("%s of %d is %s, want %s", interval, at, got.label, want.label)
			}
		}
	})
}

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
			for range 2 {                // asked, then remembered
				k := b.list[b.of(at.Unix()*unit)]
				if k.label != c.label || at.Unix()*unit < k.in.lo || at.Unix()*unit >= k.next {
					t.Errorf("%s of %s: %s [%d, %d), want %s", c.interval, c.at, k.label, k.in.lo, k.next, c.label)
				}
			}
		}
	}
}
