package ingest

import (
	"fmt"
	"strings"
)

// isoPattern is ISO 8601 as exports write it: a date, or a date and a time to the minute, second or
// fraction, after "T" or a space, with "Z", "UTC" or an offset if any. DuckDB's cast alone is laxer
// than a contract may be: it takes "epoch", "infinity", hour 24 and zone abbreviations.
const isoPattern = `\d{4}-\d{1,2}-\d{1,2}([T ]([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?(Z|z|UTC|[+-]\d\d(:?\d\d)?))?)?`

// datePattern is a date alone.
const datePattern = `\d{4}-\d{1,2}-\d{1,2}`

// zonedPattern finds the zone at the end of a time that has one.
const zonedPattern = `:\d\d([.,]\d+)? ?(Z|z|UTC|[+-]\d\d(:?\d\d)?)$`

// Times outside [firstYear, lastYear] are mistakes: 1970 is where integer clocks begin, and nothing
// that has happened lies beyond 2200.
const (
	firstTime = "TIMESTAMP '1970-01-01 00:00:00'"
	lastTime  = "TIMESTAMP '2200-01-01 00:00:00'" // exclusive
)

// timeSQL converts the expression r of the given class to a UTC TIMESTAMP without looking at its
// range; NULL where it is not a time. Fractions beyond microseconds are cut.
func timeSQL(r string, c class, format, zone string) string {
	switch c {
	case classTimestamp:
		return localSQL(r, zone)
	case classTimestampTZ:
		return utcSQL(r)
	case classDate:
		return localSQL("CAST("+r+" AS TIMESTAMP)", zone)
	default: // texts, and numbers through their text
	}
	switch format {
	case "unix", "unix_ms", "unix_us":
		return unixSQL(r, c, format)
	case "":
		return isoSQL(asText(r, c), zone)
	}
	text := asText(r, c)
	parsed := fmt.Sprintf("try_strptime(%s, %s)", text, literal(format))
	if strings.Contains(format, "%z") || strings.Contains(format, "%Z") {
		return utcSQL(parsed)
	}
	return localSQL(parsed, zone)
}

// isoSQL reads ISO 8601. The cast goes through TIMESTAMPTZ even for texts without a zone, because
// DuckDB's cast to TIMESTAMP drops an offset silently. What it does not read (minutes followed by an
// offset, a decimal comma, a small z) is rewritten, lazily, for those texts alone.
func isoSQL(t, zone string) string {
	rewritten := fmt.Sprintf("regexp_replace(regexp_replace(replace(upper(%s), ',', '.'), '^([^ T]+[T ][0-9]+:[0-9]+)( ?)(Z|UTC|[+-].*)$', '\\1:00\\3'), ' ([+-][0-9:]+|Z)$', '\\1')", t)
	instant := fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN coalesce(TRY_CAST(%s AS TIMESTAMPTZ), TRY_CAST(%s AS TIMESTAMPTZ)) END",
		t, literal(isoPattern), t, rewritten)
	utc := utcSQL(instant)
	if isUTC(zone) {
		return utc
	}
	return fmt.Sprintf("CASE WHEN regexp_matches(%s, %s) THEN %s ELSE %s END", t, literal(zonedPattern), utc, localSQL(utc, zone))
}

// unixSQL reads a count of seconds (with a fraction if any), milliseconds or microseconds since 1970.
func unixSQL(r string, c class, format string) string {
	t := asText(r, c)
	if format == "unix" {
		form := fmt.Sprintf(`regexp_full_match(%s, '[+-]?[0-9]{1,12}(\.[0-9]+)?')`, t)
		return fmt.Sprintf("CASE WHEN %s THEN make_timestamp(CAST(TRY_CAST(%s AS DECIMAL(24,6)) * 1000000 AS BIGINT)) END", form, t)
	}
	factor := map[string]string{"unix_ms": "1000", "unix_us": "1"}[format]
	form := fmt.Sprintf(`regexp_full_match(%s, '[+-]?[0-9]{1,16}(\.0+)?')`, t)
	return fmt.Sprintf("CASE WHEN %s THEN make_timestamp(TRY_CAST(CAST(split_part(%s, '.', 1) AS HUGEINT) * %s AS BIGINT)) END", form, t, factor)
}

// utcSQL turns an instant into its UTC clock reading.
func utcSQL(instant string) string { return "make_timestamp(epoch_us(" + instant + "))" }

// localSQL turns a clock reading of a zone into UTC.
func localSQL(clock, zone string) string {
	if isUTC(zone) {
		return "CAST(" + clock + " AS TIMESTAMP)"
	}
	return utcSQL(fmt.Sprintf("timezone(%s, CAST(%s AS TIMESTAMP))", literal(zone), clock))
}

func isUTC(zone string) bool { return zone == "" || zone == "UTC" }

// inRange keeps a TIMESTAMP inside the contract's years.
func inRange(v string) string {
	return fmt.Sprintf("CASE WHEN %s >= %s AND %s < %s THEN %s END", v, firstTime, v, lastTime, v)
}

// dateSQL converts to a DATE without looking at its range. A time in a date column counts as its day:
// that written, if it has no zone, and the day in the reporting zone if it has one.
func dateSQL(r string, c class, format, zone, reporting string) string {
	switch {
	case c == classDate:
		return r
	case c == classTimestamp:
		return "CAST(" + r + " AS DATE)"
	case c == classTimestampTZ:
		return dayOf(utcSQL(r), reporting)
	case strings.HasPrefix(format, "unix"):
		return dayOf(unixSQL(r, c, format), reporting)
	case format != "" && (strings.Contains(format, "%z") || strings.Contains(format, "%Z")):
		return dayOf(timeSQL(r, c, format, zone), reporting)
	case format != "":
		return fmt.Sprintf("CAST(try_strptime(%s, %s) AS DATE)", asText(r, c), literal(format))
	}
	t := asText(r, c)
	return fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN TRY_CAST(%s AS DATE) WHEN regexp_matches(%s, %s) THEN %s ELSE CAST(%s AS DATE) END",
		t, literal(datePattern), t, t, literal(zonedPattern), dayOf(isoSQL(t, ""), reporting), isoSQL(t, ""))
}

// dayOf is the local day of a UTC clock reading in a zone.
func dayOf(utc, zone string) string {
	if isUTC(zone) {
		return "CAST(" + utc + " AS DATE)"
	}
	return fmt.Sprintf("CAST(timezone(%s, timezone('UTC', %s)) AS DATE)", literal(zone), utc)
}
