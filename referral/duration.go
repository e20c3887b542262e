package referral

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is elapsed time in microseconds, written as text: "30d", "36h", "90m", "15s", "2w" or
// sums such as "1d12h". A day is 24 hours and a week seven days, whatever the clocks do. Zero means
// none was given.
type Duration int64

// The units of Duration, in microseconds.
const (
	Second  Duration = 1_000_000
	Minute           = 60 * Second
	Hour             = 60 * Minute
	DayLen           = 24 * Hour
	WeekLen          = 7 * DayLen
)

var durationUnits = []struct {
	suffix string
	size   Duration
}{{"w", WeekLen}, {"d", DayLen}, {"h", Hour}, {"m", Minute}, {"s", Second}, {"us", 1}}

// ParseDuration reads "7d", "36h" or "1d12h". Negative, fractional and unit-less numbers are
// refused, as is a sum beyond 64 bits.
func ParseDuration(s string) (Duration, error) {
	bad := func() (Duration, error) {
		return 0, fmt.Errorf("%q is not a duration: write it like 30d, 36h, 90m or 1d12h", s)
	}
	rest, total := s, Duration(0)
	if rest == "" {
		return bad()
	}
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if n <= 0 {
			return bad()
		}
		count, err := strconv.ParseInt(rest[:n], 10, 64)
		if err != nil {
			return bad()
		}
		rest = rest[n:]
		end := strings.IndexFunc(rest, func(r rune) bool { return r >= '0' && r <= '9' })
		if end < 0 {
			end = len(rest)
		}
		size := Duration(0)
		for _, u := range durationUnits {
			if u.suffix == rest[:end] {
				size = u.size
			}
		}
		if size == 0 || count > int64((1<<63-1-total)/size) {
			return bad()
		}
		total += Duration(count) * size
		rest = rest[end:]
	}
	return total, nil
}

// UnmarshalText reads the text form, for JSON and YAML. Zero is refused: it would read as a window
// into which nothing fits, and mean that none was given.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := ParseDuration(string(b))
	if err != nil {
		return err
	}
	if v == 0 {
		return fmt.Errorf("%q is no time at all: leave the key out for none", b)
	}
	*d = v
	return nil
}

// MarshalText writes the text form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes the text form without weeks: "7d", "1d12h", "0s". A negative duration, which no
// input can give, is written with a sign.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		if d == math.MinInt64 { // has no positive counterpart
			d++
		}
		d = -d
	}
	for _, u := range durationUnits {
		if u.suffix == "w" {
			continue // people say 14 days of a window, not two weeks
		}
		if n := d / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", int64(n), u.suffix)
			d -= n * u.size
		}
	}
	return b.String()
}

// Micros returns the duration in microseconds.
func (d Duration) Micros() int64 { return int64(d) }

// Std returns the duration as the standard library's type, cut at its range of 292 years.
func (d Duration) Std() time.Duration {
	if int64(d) > (1<<63-1)/1000 {
		return 1<<63 - 1
	}
	return time.Duration(d) * time.Microsecond
}
