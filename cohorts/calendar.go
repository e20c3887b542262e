package cohorts

import (
	"fmt"
	"time"

	"vouch/internal/sqltext"
	"vouch/referral"
)

// dayOf returns the number of a local date.
func dayOf(y int, m time.Month, d int) int64 {
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86_400
}

// LocalDay returns the local date on which t falls as the number of days since 1970-01-01. Days are
// numbers here, so that the calendar in Go and in SQL is integer arithmetic; events before 1970 are
// refused by ingest.
func LocalDay(c referral.Calendar, t time.Time) int64 {
	y, m, d := t.In(c.Zone).Date()
	return dayOf(y, m, d)
}

// weekAnchor is a day before 1970 on which a week begins, so that no day of ours lies before it.
func weekAnchor(c referral.Calendar) int64 {
	monday := dayOf(1969, time.December, 22)
	return monday + int64((c.WeekStart-time.Monday+7)%7)
}

// PeriodIndex returns the number of the calendar period of grain g that holds a day. Periods are
// numbered without gaps, so that a difference of numbers is an age.
func PeriodIndex(c referral.Calendar, g referral.Grain, day int64) int64 {
	t := time.Unix(day*86_400, 0).UTC()
	switch g {
	case referral.Week:
		return (day - weekAnchor(c)) / 7
	case referral.Month:
		return int64(t.Year())*12 + int64(t.Month()) - 1
	case referral.Quarter:
		return int64(t.Year())*4 + int64(t.Month()-1)/3
	default:
		return day
	}
}

// PeriodStart returns the first day of a period.
func PeriodStart(c referral.Calendar, g referral.Grain, i int64) int64 {
	switch g {
	case referral.Week:
		return weekAnchor(c) + 7*i
	case referral.Month:
		return dayOf(int(i/12), time.Month(i%12+1), 1)
	case referral.Quarter:
		return dayOf(int(i/4), time.Month(3*(i%4)+1), 1)
	default:
		return i
	}
}

// PeriodLabel names a period as the reports do: 2026-01, 2026-W05.
func PeriodLabel(c referral.Calendar, g referral.Grain, i int64) string {
	t := time.Unix(PeriodStart(c, g, i)*86_400, 0).UTC()
	return c.Label(c.Midnight(t.Date()), g)
}

// PeriodSQL is PeriodIndex in SQL over a DATE column, times PeriodStep: a week's is a multiple of 7,
// because SQL here takes remainders but does not divide.
func PeriodSQL(d sqltext.Dialect, c referral.Calendar, g referral.Grain, column string) string {
	switch g {
	case referral.Week:
		a := time.Unix(weekAnchor(c)*86_400, 0).UTC().Format("2006-01-02")
		n := d.DaysBetween("DATE '"+a+"'", column)
		return fmt.Sprintf("(%s - mod(%s, 7))", n, n)
	case referral.Month:
		return fmt.Sprintf("(extract(YEAR FROM %s) * 12 + extract(MONTH FROM %s) - 1)", column, column)
	case referral.Quarter:
		return fmt.Sprintf("(extract(YEAR FROM %s) * 4 + extract(QUARTER FROM %s) - 1)", column, column)
	default:
		return d.DaysBetween("DATE '1970-01-01'", column)
	}
}

// PeriodStep is what PeriodSQL counts in.
func PeriodStep(g referral.Grain) int64 {
	if g == referral.Week {
		return 7
	}
	return 1
}
