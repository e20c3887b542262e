package cli

import (
	"fmt"
	"io"
	"strings"

	"vouch/funnel"
)

// shownPeriods is the number of entry periods in the text: a quarter of weeks. JSON and the page have all.
const shownPeriods = 13

// trendText lists the conversion by entry period, of many the latest.
func (a *app) trendText(w io.Writer, r funnel.Result) {
	latest := r.Trend[max(0, len(r.Trend)-shownPeriods):]
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
		t.add(b.Start, thousands(b.Entered), thousands(b.Converted), percent(&b.Rate), percentRange(&b.Rate), open)
	}
	writeTables(w, []table{t})
	if n := len(r.Trend); n > len(latest) {
		fmt.Fprintf(w, "  the latest %d of %s periods; --format json has all\n", len(latest), thousands(int64(n)))
	}
}

// readingNotes says how the funnel was counted where that is not by the defaults.
func readingNotes(r funnel.Result) []string {
	if list := r.Readings(); len(list) > 0 {
		return []string{"Counted with " + strings.Join(list, "; ") + "."}
	}
	return nil
}
