package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"vouch/referral"
)

// money writes minor units with separators: "12,345.67"; the heading names the currency.
func money(minor int64, currency string) string {
	d := referral.Money{Minor: minor, Currency: currency}.Decimal()
	sign := ""
	if d[0] == '-' {
		sign, d = "-", d[1:]
	}
	whole, frac, point := strings.Cut(d, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return sign + d
	}
	if point {
		return sign + referral.Thousands(n) + "." + frac
	}
	return sign + referral.Thousands(n)
}

// moneyOf writes an estimate in minor units, or its reason.
func moneyOf(e referral.Estimate, currency string) string {
	if e.Value == nil {
		return reason(e)
	}
	return money(int64(math.Round(*e.Value)), currency)
}

// percent writes a rate in percent with one decimal, or the reason why there is none.
func percent(e *referral.Estimate) string {
	switch {
	case e == nil:
		return ""
	case e.Value == nil:
		return reason(*e)
	}
	return fmt.Sprintf("%.1f %%", 100**e.Value)
}

// percentRange writes the interval of a rate: "44.0–45.0".
func percentRange(e *referral.Estimate) string {
	if e == nil || e.Lo == nil || e.Hi == nil {
		return ""
	}
	return fmt.Sprintf("%.1f–%.1f", 100**e.Lo, 100**e.Hi)
}

// pValue writes a p-value; small ones as an upper bound.
func pValue(p *float64) string {
	switch {
	case p == nil:
		return "–"
	case *p < 0.0001:
		return "< 0.0001"
	}
	return strconv.FormatFloat(*p, 'f', 4, 64)
}

// reason writes why an estimate is absent in words.
func reason(e referral.Estimate) string {
	if e.Reason == "" {
		return "–"
	}
	return strings.ReplaceAll(e.Reason, "_", " ")
}

// exact writes a number for CSV: all digits, empty if unknown.
func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// seconds writes a duration in the largest fitting unit: "4.2 d", "3.5 h", "12 s".
func seconds(s float64) string {
	switch {
	case s >= 86400:
		return fmt.Sprintf("%.1f d", s/86400)
	case s >= 3600:
		return fmt.Sprintf("%.1f h", s/3600)
	case s >= 60:
		return fmt.Sprintf("%.1f min", s/60)
	}
	return fmt.Sprintf("%.0f s", s)
}

// asOfText names the last day that is seen, or the instant if it is not a local midnight.
func asOfText(sc referral.Scope) string {
	t := sc.AsOf.In(sc.Calendar.Zone)
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 && t.Nanosecond() == 0 {
		return "end of " + t.AddDate(0, 0, -1).Format("2006-01-02")
	}
	return t.Format(time.RFC3339)
}
