package config

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"

	_ "time/tzdata" // zones must not depend on what the machine has installed

	"vouch/referral"
)

// Confidence is the level of intervals unless a definition sets its own.
const Confidence = 0.95

var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "tuesday": time.Tuesday, "wednesday": time.Wednesday, "thursday": time.Thursday,
	"friday": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
}

// Scope returns what every analysis shares. asOf is a date, whose end in the project's zone is
// meant, or a time; empty, it is the project's as_of, and without one the end of the last complete
// local day before now. The error says which text is not a date or time.
func (c *Config) Scope(now time.Time, asOf string) (referral.Scope, error) {
	zone, err := zone(c.Timezone)
	if err != nil {
		return referral.Scope{}, err
	}
	margin, err := marginMicros(string(c.Margin))
	if err != nil {
		return referral.Scope{}, err
	}
	s := referral.Scope{
		Calendar:     referral.Calendar{Zone: zone, WeekStart: weekdays[c.WeekStart]},
		Currency:     c.Currency,
		MarginMicros: margin,
		Acquisition:  c.Acquisition.Event,
		Signup:       c.Signup.Event,
		Confidence:   Confidence,
	}
	if asOf == "" {
		asOf = c.AsOf
	}
	if asOf == "" {
		s.AsOf = s.Calendar.Start(now, referral.Day).UTC()
		return s, nil
	}
	s.AsOf, err = parseAsOf(asOf, s.Calendar)
	return s, err
}

// zone returns the IANA zone of that name.
func zone(name string) (*time.Location, error) {
	// The empty name and Local mean whatever the machine is set to.
	if name == "" || strings.EqualFold(name, "local") {
		return nil, fmt.Errorf("%q is not a time zone", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time zone", name)
	}
	return loc, nil
}

// asOfLayouts are the ways to write a time; those without an offset are local to the project.
var asOfLayouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04",
}

// parseAsOf returns the exclusive end of what is seen: the next local midnight for a date, the time
// itself otherwise, rounded up to the microsecond, which is what events are stored in.
func parseAsOf(text string, cal referral.Calendar) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, cal.Zone)
	if err == nil {
		t = cal.Next(t, referral.Day, 1)
	} else {
		for _, layout := range asOfLayouts {
			if t, err = time.ParseInLocation(layout, text, cal.Zone); err == nil {
				break
			}
		}
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date or time: write it like 2026-11-16 or 2026-11-16T12:00:00+01:00", text)
	}
	t = t.UTC()
	if up := t.Truncate(time.Microsecond); up.Before(t) {
		t = up.Add(time.Microsecond)
	}
	if t.Year() < 1970 || t.Year() > 2200 {
		return time.Time{}, fmt.Errorf("%q is not between 1970 and 2200", text)
	}
	return t, nil
}

var share = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// marginMicros reads a decimal between 0 and 1 with at most six decimals as millionths.
func marginMicros(text string) (int64, error) {
	r, ok := new(big.Rat), share.MatchString(text) && len(text) <= 64
	if ok {
		r, ok = r.SetString(text)
	}
	if !ok {
		return 0, fmt.Errorf("%q is not a share: write it like 0.8", text)
	}
	if r.Cmp(big.NewRat(1, 1)) > 0 {
		return 0, fmt.Errorf("%s is more than 1: it is a share of revenue, 0.8 for 80 %%", text)
	}
	r.Mul(r, big.NewRat(referral.MicroScale, 1))
	if !r.IsInt() {
		return 0, fmt.Errorf("%s has more than six decimals", text)
	}
	return r.Num().Int64(), nil
}
