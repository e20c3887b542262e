package demo

import (
	"testing"
	"time"
)

func testCalendar(t *testing.T) calendar {
	t.Helper()
	c, err := newCalendar()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func utc(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func TestCalendar_period(t *testing.T) {
	c := testCalendar(t)
	if want := utc(t, "2026-11-16T23:00:00Z"); !c.end.Equal(want) {
		t.Errorf("end %v, want %v: the midnight after the last day", c.end.UTC(), want)
	}
	if c.days != 442 { // 30+31+30+31 days of 2025, 320 of 2026
		t.Errorf("%d days, want 442", c.days)
	}
	for text, want := range map[string]int{
		"2025-08-31T21:59:59Z": -1, "2025-08-31T22:00:00Z": 0, // summer time
		"2026-03-29T00:30:00Z": 209, "2026-03-29T21:59:00Z": 209, // a day of 23 hours
		"2026-11-16T22:59:59Z": 441,
	} {
		if got := c.dayIndex(utc(t, text)); got != want {
			t.Errorf("day of %s is %d, want %d", text, got, want)
		}
	}
}

func TestCalendar_within(t *testing.T) {
	c := testCalendar(t)
	s := newStream(1, "within", 0)
	byDay := map[time.Weekday]int{}
	early := 0
	for range 20_000 {
		at := c.within(s, 10, 360)
		day := c.dayIndex(at)
		if day < 10 || day >= 360 {
			t.Fatalf("day %d outside 10 to 359", day)
		}
		byDay[at.In(c.zone).Weekday()]++
		if day < 185 {
			early++
		}
	}
	if byDay[time.Sunday]*2 > byDay[time.Tuesday] {
		t.Errorf("%d on Sundays, %d on Tuesdays: no weekly season", byDay[time.Sunday], byDay[time.Tuesday])
	}
	// Weights rise from 2 to 4 over the range: the first half holds 5/12 of them, give or take 0.0035.
	if share := float64(early) / 20_000; share < 0.40 || share > 0.435 {
		t.Errorf("%.3f in the first half, want about 0.417", share)
	}
}

func TestCalendar_monthsAfter(t *testing.T) {
	c := testCalendar(t)
	for _, x := range []struct {
		from   string
		months int
		want   string
	}{
		{"2026-01-31T12:00:00Z", 1, "2026-02-28T12:00:00Z"}, // shorter month
		{"2026-01-31T12:00:00Z", 2, "2026-03-31T11:00:00Z"}, // and back to the 31st, in summer time
		{"2025-11-30T12:00:00Z", 3, "2026-02-28T12:00:00Z"}, // over the year
		{"2025-12-31T23:30:00Z", 1, "2026-01-31T23:30:00Z"}, // 1 January local
	} {
		if got := c.monthsAfter(utc(t, x.from), x.months); !got.Equal(utc(t, x.want)) {
			t.Errorf("%s and %d months: %s, want %s", x.from, x.months, got.Format(time.RFC3339), x.want)
		}
	}
}

func TestCalendar_sameMonth(t *testing.T) {
	c := testCalendar(t)
	from := utc(t, "2026-01-31T21:00:00Z") // two hours before the local month ends
	if got, want := c.sameMonth(from, from.Add(time.Hour)), from.Add(time.Hour); !got.Equal(want) {
		t.Errorf("moved %v, which lies in the month, to %v", want, got)
	}
	for _, late := range []time.Duration{2 * time.Hour, 48 * time.Hour} {
		if got, want := c.sameMonth(from, from.Add(late)), from.Add(time.Hour); !got.Equal(want) {
			t.Errorf("%v later became %v, want halfway to the end of the month, %v", late, got, want)
		}
	}
}

// Each local second of the clock change must be written in a way that reads back to one instant.
func TestCalendar_unambiguous(t *testing.T) {
	c := testCalendar(t)
	for at := utc(t, "2026-10-24T22:00:00Z"); at.Before(utc(t, "2026-10-25T04:00:00Z")); at = at.Add(10 * time.Minute) {
		got := c.unambiguous(at.Add(7 * time.Millisecond))
		if got.Before(at) || got.Sub(at) > 2*time.Hour || got.Nanosecond() != 0 {
			t.Errorf("%v became %v", at, got)
		}
		twin := 0 // instants with the same face on the local clock
		for _, d := range []time.Duration{-time.Hour, 0, time.Hour} {
			if got.Add(d).In(c.zone).Format(localTime) == got.In(c.zone).Format(localTime) {
				twin++
			}
		}
		if twin != 1 {
			t.Errorf("%s is on the clock %d times", got.In(c.zone), twin)
		}
	}
	if plain := utc(t, "2026-03-29T01:00:00Z"); !c.unambiguous(plain).Equal(plain) {
		t.Error("the spring change has no second reading, yet the time was moved")
	}
}
