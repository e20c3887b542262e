package cohorts_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"vouch/cohorts"
	"vouch/referral"
)

// Days and periods are those of the calendar, for every first day of the week, from 1970 on.
func TestPeriods_areThoseOfTheCalendar(t *testing.T) {
	// In the last two the clocks changed at midnight: some days have none.
	var zones []*time.Location
	for _, name := range []string{"Europe/Berlin", "America/Asuncion", "Africa/Cairo"} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, z)
	}
	grains := []referral.Grain{referral.Day, referral.Week, referral.Month, referral.Quarter}
	rapid.Check(t, func(t *rapid.T) {
		zone := zones[rapid.IntRange(0, len(zones)-1).Draw(t, "zone")]
		cal := referral.Calendar{Zone: zone, WeekStart: time.Weekday(rapid.IntRange(0, 6).Draw(t, "week start"))}
		g := rapid.SampledFrom(grains).Draw(t, "grain")
		at := time.Date(1970, 1, 1, 0, 0, 0, 0, zone).AddDate(0, 0, rapid.IntRange(0, 60_000).Draw(t, "day")).Add(7 * time.Hour)
		first := cal.Start(at, g)
		day := cohorts.LocalDay(cal, at)
		i := cohorts.PeriodIndex(cal, g, day)
		if got, want := cohorts.PeriodStart(cal, g, i), cohorts.LocalDay(cal, first); got != want {
			t.Fatalf("%s of %s begins on day %d, want %d", g, at, got, want)
		}
		if got, want := cohorts.PeriodStart(cal, g, i+1), cohorts.LocalDay(cal, cal.Next(first, g, 1)); got != want {
			t.Fatalf("the next %s after %s begins on day %d, want %d", g, at, got, want)
		}
		if got, want := cohorts.PeriodLabel(cal, g, i), cal.Label(first, g); got != want {
			t.Fatalf("%s of %s is called %s, want %s", g, at, got, want)
		}
	})
}
