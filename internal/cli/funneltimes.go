package cli

import (
	"fmt"
	"io"
	"strconv"

	"vouch/funnel"
	"vouch/referral"
)

// timesText shows how long conversions took, in classes that people name.
func (a *app) timesText(w io.Writer, r funnel.Result) {
	if len(r.Histogram) == 0 {
		fmt.Fprintln(w, "  No times: nobody has come through.")
		return
	}
	total, most := int64(0), int64(0)
	for _, b := range r.Histogram {
		total, most = total+b.Persons, max(most, b.Persons)
	}
	t := newTable("", 1, "took", r.Noun(2), "share", "up to here")
	sum := int64(0)
	for _, b := range r.Histogram {
		sum += b.Persons
		t.add(b.String(), referral.Thousands(b.Persons), part(b.Persons, total), part(sum, total))
	}
	a.withBars(&t, func(i int) (n, of int64) { return r.Histogram[i].Persons, most })
	writeTables(w, []table{t})
}

// part is the percentage of a whole that is not a rate to be estimated.
func part(n, of int64) string {
	return percent(&referral.Estimate{Value: referral.Float(float64(n) / float64(of))})
}

// exactTimes has a row for each class of times; the last has no end.
func exactTimes(r funnel.Result) table {
	t := newTable("", 0, "from_seconds", "to_seconds", "persons")
	for _, b := range r.Histogram {
		to := ""
		if b.ToSeconds != nil {
			to = strconv.FormatInt(*b.ToSeconds, 10)
		}
		t.add(strconv.FormatInt(b.FromSeconds, 10), to, strconv.FormatInt(b.Persons, 10))
	}
	return t
}
