package referral

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones must not depend on the machine

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPeriod_isHalfOpen(t *testing.T) {
	from, to := instant(t, "2026-01-01T00:00:00Z"), instant(t, "2026-02-01T00:00:00Z")
	p := Period{from, to}
	for at, want := range map[time.Time]bool{
		from: true, from.Add(-1): false, to: false, to.Add(-1): true, from.In(zone(t, "Asia/Tokyo")): true,
	} {
		if got := p.Contains(at); got != want {
			t.Errorf("%v: %v", at, got)
		}
	}
	if (Period{from, from}).Contains(from) {
		t.Error("an empty period contains its start")
	}
}

func TestCalendar_start(t *testing.T) {
	for _, c := range []struct {
		zone  string
		week  time.Weekday
		at    string
		grain Grain
		want  string
	}{
		{"Europe/Berlin", time.Monday, "2026-11-15T23:30:00Z", Day, "2026-11-16T00:00:00+01:00"},
		{"Europe/Berlin", time.Monday, "2026-11-15T22:59:59Z", Day, "2026-11-15T00:00:00+01:00"},
		{"Europe/Berlin", time.Monday, "2026-03-29T12:00:00Z", Day, "2026-03-29T00:00:00+01:00"}, // 23 hours long
		{"Europe/Berlin", time.Monday, "2026-10-25T12:00:00Z", Day, "2026-10-25T00:00:00+02:00"}, // 25 hours long
		{"Europe/Berlin", time.Monday, "2026-03-30T12:00:00Z", Week, "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", time.Monday, "2026-03-29T21:59:00Z", Week, "2026-03-23T00:00:00+01:00"},
		{"Europe/Berlin", time.Sunday, "2026-03-29T21:59:00Z", Week, "2026-03-29T00:00:00+01:00"},
		{"Europe/Berlin", time.Saturday, "2026-11-20T12:00:00Z", Week, "2026-11-14T00:00:00+01:00"},
		{"Europe/Berlin", time.Monday, "2026-12-31T23:30:00Z", Month, "2027-01-01T00:00:00+01:00"},
		{"Europe/Berlin", time.Monday, "2026-11-16T12:00:00Z", Quarter, "2026-10-01T00:00:00+02:00"},
		{"UTC", time.Monday, "2026-01-01T00:00:00Z", Quarter, "2026-01-01T00:00:00Z"},
		{"UTC", time.Monday, "2026-03-31T23:59:59Z", Quarter, "2026-01-01T00:00:00Z"},
		{"UTC", time.Monday, "2026-04-01T00:00:00Z", Quarter, "2026-04-01T00:00:00Z"},
		{"America/Sao_Paulo", time.Monday, "2018-11-04T12:00:00Z", Day, "2018-11-04T01:00:00-02:00"}, // its midnight was skipped
		{"Africa/Cairo", time.Monday, "2026-04-24T12:00:00Z", Day, "2026-04-24T01:00:00+03:00"},
		{"America/Havana", time.Monday, "2026-11-01T12:00:00Z", Day, "2026-11-01T00:00:00-04:00"}, // the first of two midnights
		{"Australia/Lord_Howe", time.Monday, "2026-04-05T12:00:00Z", Day, "2026-04-05T00:00:00+11:00"},
	} {
		cal := Calendar{zone(t, c.zone), c.week}
		if got := cal.Start(instant(t, c.at), c.grain); !got.Equal(instant(t, c.want)) {
			t.Errorf("%s, %s, %s: %s, want %s", c.zone, c.at, c.grain, got.Format(time.RFC3339), c.want)
		}
	}
}

func TestCalendar_next(t *testing.T) {
	for _, c := range []struct {
		zone  string
		start string
		grain Grain
		n     int
		want  string
	}{
		{"Europe/Berlin", "2026-03-29T00:00:00+01:00", Day, 1, "2026-03-30T00:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25T00:00:00+02:00", Day, 1, "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", "2026-10-19T00:00:00+02:00", Week, 1, "2026-10-26T00:00:00+01:00"},
		{"Europe/Berlin", "2026-12-01T00:00:00+01:00", Month, 2, "2027-02-01T00:00:00+01:00"},
		{"Europe/Berlin", "2026-10-01T00:00:00+02:00", Quarter, 1, "2027-01-01T00:00:00+01:00"},
		{"Europe/Berlin", "2026-10-01T00:00:00+02:00", Month, 0, "2026-10-01T00:00:00+02:00"},
		{"Europe/Berlin", "2026-01-01T00:00:00+01:00", Month, -1, "2025-12-01T00:00:00+01:00"},
		{"Europe/Berlin", "2026-01-01T00:00:00+01:00", Quarter, -5, "2024-10-01T00:00:00+02:00"},
		{"America/Sao_Paulo", "2018-11-04T01:00:00-02:00", Day, 1, "2018-11-05T00:00:00-02:00"},
		{"America/Sao_Paulo", "2018-11-03T00:00:00-03:00", Day, 1, "2018-11-04T01:00:00-02:00"},
		{"Pacific/Apia", "2011-12-29T00:00:00-10:00", Day, 1, "2011-12-31T00:00:00+14:00"}, // the 30th did not happen
		{"Pacific/Apia", "2011-12-29T00:00:00-10:00", Day, 2, "2011-12-31T00:00:00+14:00"},
	} {
		cal := Calendar{zone(t, c.zone), time.Monday}
		if got := cal.Next(instant(t, c.start), c.grain, c.n); !got.Equal(instant(t, c.want)) {
			t.Errorf("%s, %s, %d %s on: %s, want %s", c.zone, c.start, c.n, c.grain, got.Format(time.RFC3339), c.want)
		}
	}
}

func calendars(t *rapid.T) Calendar {
	name := rapid.SampledFrom([]string{
		"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "America/Havana", "Asia/Kathmandu",
		"Australia/Lord_Howe", "Pacific/Chatham", "Asia/Kolkata", "Africa/Casablanca",
	}).Draw(t, "zone")
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return Calendar{z, time.Weekday(rapid.IntRange(0, 6).Draw(t, "week start"))}
}

// TestCalendar_startIsTheFirstInstantOfItsPeriod compares with a walk over the clock: the instant
// before the start shows another label, the start and the asked instant the same.
func TestCalendar_startIsTheFirstInstantOfItsPeriod(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := calendars(t)
		at := time.Unix(rapid.Int64Range(0, 7_258_118_400).Draw(t, "at"), 0)
		day := func(x time.Time) string { return x.In(c.Zone).Format("2006-01-02") }
		start := c.Start(at, Day)
		if day(start) != day(at) || start.After(at) || day(start.Add(-time.Second)) == day(at) {
			t.Fatalf("the day of %v starts at %v", at.In(c.Zone), start)
		}
		for _, g := range []Grain{Day, Week, Month, Quarter} {
			start := c.Start(at, g)
			next := c.Next(start, g, 1)
			if start.After(at) || !at.Before(next) {
				t.Fatalf("%s of %v is %v to %v", g, at.In(c.Zone), start, next)
			}
			if !c.Start(start, g).Equal(start) || !c.Start(next.Add(-time.Second), g).Equal(start) || !c.Next(next, g, -1).Equal(start) {
				t.Fatalf("%s from %v to %v does not hold together", g, start, next)
			}
			local := start.In(c.Zone)
			if g == Week && local.Weekday() != c.WeekStart || (g == Month || g == Quarter) && local.Day() != 1 || g == Quarter && (int(local.Month())-1)%3 != 0 {
				t.Fatalf("%s starts at %v", g, local)
			}
		}
	})
}

func TestCalendar_label(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct {
		week  time.Weekday
		start string
		grain Grain
		want  string
	}{
		{time.Monday, "2026-11-16T00:00:00+01:00", Day, "2026-11-16"},
		{time.Monday, "2026-11-16T00:00:00+01:00", Week, "2026-W47"},
		{time.Monday, "2026-12-28T00:00:00+01:00", Week, "2026-W53"}, // ISO 8601: 2026 has 53 weeks
		{time.Monday, "2027-01-04T00:00:00+01:00", Week, "2027-W01"},
		{time.Monday, "2024-12-30T00:00:00+01:00", Week, "2025-W01"},
		{time.Monday, "2020-12-28T00:00:00+01:00", Week, "2020-W53"},
		{time.Sunday, "2026-11-15T00:00:00+01:00", Week, "2026-W47"},
		{time.Monday, "2026-11-01T00:00:00+01:00", Month, "2026-11"},
		{time.Monday, "2026-10-01T00:00:00+02:00", Quarter, "2026-Q4"},
		{time.Monday, "2026-01-01T00:00:00+01:00", Quarter, "2026-Q1"},
	} {
		cal := Calendar{berlin, c.week}
		// The instant may come in UTC: the label is that of the local date.
		if got := cal.Label(instant(t, c.start).UTC(), c.grain); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.start, c.grain, got, c.want)
		}
	}
	sao := Calendar{zone(t, "America/Sao_Paulo"), time.Monday}
	if got := sao.Label(sao.Start(instant(t, "2018-11-04T12:00:00Z"), Day), Day); got != "2018-11-04" {
		t.Errorf("a day without midnight is called %s", got)
	}
}
