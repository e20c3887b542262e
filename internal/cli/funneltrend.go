package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"vouch/funnel"
	"vouch/referral"
)

// shownPeriods is the number of entry periods in the text where not all are asked for: a quarter of weeks.
const shownPeriods = 13

// trendText lists the conversion by entry period, of many the latest, or all of them.
func trendText(w io.Writer, r funnel.Result, all bool) {
	if len(r.Trend) == 0 {
		fmt.Fprintf(w, "  No trend: %s have no entry period.\n", r.Noun(2))
		return
	}
	latest := r.Trend
	if !all {
		latest = latest[max(0, len(latest)-shownPeriods):]
	}
	t := newTable("", 1, "entered from", "entered", "converted", "rate", "95 %", "")
	t.left[len(t.head)-1] = true
	for i := range latest {
		b := &latest[i]
		open := ""
		if !b.Complete {
			open = "windows open"
		}
		if b.Reason == funnel.ReasonNoWindow {
			open = "no window"
		}
		t.add(b.Start, referral.Thousands(b.Entered), referral.Thousands(b.Converted), percent(&b.Rate), percentRange(&b.Rate), open)
	}
	writeTables(w, []table{t})
	if n := len(r.Trend); n > len(latest) {
		fmt.Fprintf(w, "  the latest %d of %s periods; --trend shows all\n", len(latest), referral.Thousands(int64(n)))
	}
}

// exactTrend has a row for each entry period.
func exactTrend(r funnel.Result) table {
	t := newTable("", 1, "start", "entered", "converted", "rate", "rate_lo", "rate_hi", "complete", "reason")
	t.left[6], t.left[7] = true, true
	for _, b := range r.Trend {
		row := append([]string{b.Start, strconv.FormatInt(b.Entered, 10), strconv.FormatInt(b.Converted, 10)}, withLimits(&b.Rate)...)
		t.add(append(row, strconv.FormatBool(b.Complete), b.Reason)...)
	}
	return t
}

// readingNotes says how the funnel was counted where that is not by the defaults.
func readingNotes(r funnel.Result) []string {
	if list := r.Readings(); len(list) > 0 {
		return []string{"Counted with " + strings.Join(list, "; ") + "."}
	}
	return nil
}
