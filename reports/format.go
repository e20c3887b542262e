package reports

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"vouch/referral"
)

// TooFew is the number of cases below which a rate is not shown: with fewer than ten people a single
// one moves it by more than ten points, and a reader takes noise for news.
const TooFew = 10

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// minus is the sign that has the width of a digit.
const minus = "\u2212"

// Numbers writes numbers for readers. Text functions round to three significant digits; Exact ones
// write everything that is known. Money is in minor units of Currency.
type Numbers struct {
	Currency string
}

// decimals returns the decimals of the currency.
func (n Numbers) decimals() int {
	e, err := referral.Exponent(n.Currency)
	if err != nil {
		return 2 // an unknown code is written like most currencies, as Money.Decimal does
	}
	return e
}

// Count writes a whole number with thousands separators.
func (n Numbers) Count(v int64) string { return group(strconv.FormatInt(v, 10)) }

// Micro writes a count in millionths: "1,234.5".
func (n Numbers) Micro(v int64) string { return group(referral.Micros(v).String()) }

// Exact writes minor units as money with all decimals: "EUR 1,234.56".
func (n Numbers) Exact(minor int64) string {
	return signed(n.Currency+nbsp, group(referral.Money{Minor: minor, Currency: n.Currency}.Decimal()))
}

// Money writes an amount of minor units, possibly fractional, to three significant digits, and with
// the currency's decimals below 100: "EUR 4.10", "EUR 12,300", "EUR 1.23 million".
func (n Numbers) Money(minor float64) string { return signed(n.Currency+nbsp, n.major(minor)) }

// Gain writes money with its sign: "+EUR 4.10".
func (n Numbers) Gain(minor float64) string { return plus(minor, n.Money(minor)) }

// major writes minor units in major ones without the currency.
func (n Numbers) major(minor float64) string {
	v := minor / math.Pow10(n.decimals())
	a := math.Abs(v)
	switch {
	case a < 100:
		return fixed(v, n.decimals())
	case a < 1e6:
		return group(strconv.FormatFloat(significant(v), 'f', 0, 64))
	case a < 1e9:
		return fixed(significant(v)/1e6, digitsFor(a/1e6)) + nbsp + "million"
	}
	return group(fixed(significant(v)/1e9, digitsFor(a/1e9))) + nbsp + "billion"
}

// Number writes a plain number to three significant digits with thousands separators; whole numbers
// below a thousand are written as they are, and what is below a millionth with its power of ten.
func (n Numbers) Number(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e3 {
		return fixed(v, 0)
	}
	if math.Abs(v) < tiny {
		return strings.ReplaceAll(strconv.FormatFloat(v, 'e', 2, 64), "-", minus)
	}
	return group(fixed(significant(v), digitsFor(math.Abs(v))))
}

// tiny is where zeros after the point become too many to count.
const tiny = 1e-6

// Percent writes a share of one: "12.3 %", "0.42 %".
func (n Numbers) Percent(v float64) string { return percentDigits(v) + nbsp + "%" }

// Points writes a difference of shares with its sign, in percentage points: "+1.23 pp".
func (n Numbers) Points(v float64) string { return plus(v, percentDigits(v)) + nbsp + "pp" }

// percentDigits writes the number before the sign: three significant digits, at most two decimals, but
// never so few that something is written as nothing.
func percentDigits(v float64) string {
	p := v * 100
	a := math.Abs(p)
	switch {
	case a == 0 || a >= 99.95:
		return group(fixed(p, 0))
	case a >= 9.995:
		return fixed(p, 1)
	case a < 0.0095:
		return fixed(p, min(12, digitsFor(a)-1))
	}
	return fixed(p, 2)
}

// Ratio writes a multiple: "2.50×".
func (n Numbers) Ratio(v float64) string { return n.Number(v) + "×" }

// PValue writes a probability: "0.034", "< 0.001".
func (n Numbers) PValue(p float64) string {
	if p < 0.001 {
		return "<" + nbsp + "0.001"
	}
	return fixed(p, 3)
}

// Chance writes a probability of an event as a share: "2.31 %", "< 0.1 %", "> 99.9 %".
func (n Numbers) Chance(p float64) string {
	switch {
	case p < 0.001:
		return "<" + nbsp + "0.1" + nbsp + "%"
	case p > 0.999:
		return ">" + nbsp + "99.9" + nbsp + "%"
	}
	return fixed(100*p, 1) + nbsp + "%"
}

// Delay writes a difference of times with its sign: "+4.2 d".
func (n Numbers) Delay(s float64) string {
	text := n.Seconds(math.Abs(s))
	switch {
	case strings.HasPrefix(text, "0"+nbsp):
		return text
	case s < 0:
		return minus + text
	}
	return "+" + text
}

// Seconds writes elapsed time in the unit that fits: "4.2 d".
func (n Numbers) Seconds(s float64) string {
	switch {
	case s >= 86400:
		return fixed(s/86400, 1) + nbsp + "d"
	case s >= 3600:
		return fixed(s/3600, 1) + nbsp + "h"
	case s >= 60:
		return fixed(s/60, 0) + nbsp + "min"
	}
	return fixed(s, 0) + nbsp + "s"
}

// significant rounds to three significant digits.
func significant(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 2, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// digitsFor returns the decimals that show three significant digits of a, which is not negative.
func digitsFor(a float64) int {
	if a = significant(a); a == 0 || a >= 100 {
		return 0
	}
	return 2 - int(math.Floor(math.Log10(a)))
}

// fixed writes v with the given decimals and a true minus sign; a result of zero has no sign.
func fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if t, neg := strings.CutPrefix(s, "-"); neg {
		if strings.Trim(t, "0.") == "" {
			return t
		}
		return minus + t
	}
	return s
}

// group puts thousands separators into a decimal number.
func group(s string) string {
	sign := ""
	for _, m := range []string{"-", minus} {
		if t, ok := strings.CutPrefix(s, m); ok {
			sign, s = minus, t
		}
	}
	whole, frac, point := strings.Cut(s, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if point {
		b.WriteString("." + frac)
	}
	return b.String()
}

// signed puts a prefix between the sign and the digits: "−EUR 4.10".
func signed(prefix, number string) string {
	if t, ok := strings.CutPrefix(number, minus); ok {
		return minus + prefix + t
	}
	return prefix + number
}

// plus puts a plus sign before a positive number.
func plus(v float64, text string) string {
	if v > 0 && strings.Trim(text, "0.%p ,"+nbsp) != "" {
		return "+" + text
	}
	return text
}

// reasons says in words why a number is absent.
var reasons = map[string]string{
	referral.ReasonNoData:           "not enough data",
	referral.ReasonNoEntrants:       "nobody entered",
	referral.ReasonNoAcquisitions:   "no customers",
	referral.ReasonNoCost:           "no cost",
	referral.ReasonNoRevenue:        "no revenue",
	referral.ReasonZeroVariance:     "no variation",
	referral.ReasonZeroControl:      "control is zero",
	referral.ReasonUnbounded:        "no upper limit",
	referral.ReasonNotWithinHorizon: "not within the horizon",
	referral.ReasonNotYet:           "not observed yet",
	"no_costs_loaded":               "no costs loaded",
	"negative_cost":                 "costs below zero",
	"units_differ":                  "no rest to compare with",
	"no_window":                     "no time limit",
	"few_units":                     "too few units for a test",
	"not_finished":                  "the planned units are not reached yet",
	"zero_denominator":              "nothing to divide by",
}

// Reason writes a reason code in words; a code without words is shown with spaces.
func Reason(code string) string {
	if w, ok := reasons[code]; ok {
		return w
	}
	if code == "" {
		return "not known"
	}
	return strings.NewReplacer("_", " ", "-", " ").Replace(code)
}

// methods are the words for the names of methods.
var methods = map[string]string{
	referral.MethodWilson:          "Wilson's score interval",
	referral.MethodNewcombe:        "Newcombe's interval",
	referral.MethodWelch:           "Welch's t",
	referral.MethodStudent:         "Student's t",
	referral.MethodFieller:         "Fieller's interval",
	referral.MethodGarwood:         "exact Poisson limits (Garwood)",
	referral.MethodCompoundPoisson: "compound Poisson",
	referral.MethodRatioOfSums:     "ratio of sums",
	referral.MethodKaplanMeier:     "Kaplan–Meier, log-log limits",
	referral.MethodJoinedIntervals: "limits joined from both intervals",
	referral.MethodFirstCrossing:   "first crossing over complete months",
	referral.MethodBooked:          "as booked",
	referral.MethodChiSquare:       "chi-square test",
	referral.MethodBetaBinomial:    "evened out by a beta prior fitted to all groups (empirical Bayes)",
	referral.MethodDelta:           "ratio by unit (delta method)",
	referral.MethodJackknife:       "leaving out one unit at a time (jackknife)",
	referral.MethodPermutation:     "permutation of units between arms",
	referral.MethodFisher:          "Fisher's exact test",
	referral.MethodOrderStatistics: "order statistics",
	referral.MethodGreenwood:       "Kaplan–Meier, Greenwood's variance",
	referral.MethodRestrictedMean:  "restricted mean time",
	referral.MethodLogRank:         "log-rank test",
	referral.MethodPostStratified:  "weighted over strata",
	referral.MethodScore:           "score test",
	referral.MethodExactBinomial:   "exact binomial test",
}

// Method writes the name of a method in words; an unknown one is shown as it is.
func Method(name string) string {
	if w, ok := methods[name]; ok {
		return w
	}
	return name
}

// Kind names how an estimate's number is written.
type Kind string

// The kinds of estimates.
const (
	KindRate   Kind = "rate"
	KindPoints Kind = "points" // difference of rates
	KindMoney  Kind = "money"
	KindGain   Kind = "gain" // difference of money
	KindCount  Kind = "count"
	KindDelta  Kind = "delta" // difference of counts
	KindRatio  Kind = "ratio"
	KindMonths Kind = "months"
	KindLift   Kind = "lift"  // relative difference, signed percent
	KindTime   Kind = "time"  // seconds
	KindDelay  Kind = "delay" // difference of times
)

// Value writes a number of the given kind to three significant digits.
func (n Numbers) Value(v float64, k Kind) string {
	switch k {
	case KindRate:
		return n.Percent(v)
	case KindPoints:
		return n.Points(v)
	case KindMoney:
		return n.Money(v)
	case KindGain:
		return n.Gain(v)
	case KindDelta:
		return plus(v, n.Number(v))
	case KindRatio:
		return n.Ratio(v)
	case KindMonths:
		return n.Number(v) + nbsp + "months"
	case KindLift:
		return plus(v, percentDigits(v)) + nbsp + "%"
	case KindTime:
		return n.Seconds(v)
	case KindDelay:
		return n.Delay(v)
	case KindCount:
	}
	return n.Number(v)
}

// Estimate writes the value, or the reason why there is none.
func (n Numbers) Estimate(e referral.Estimate, k Kind) string {
	if k == KindRate {
		if d, ok := wholeOf(e.Denominator); ok && d < TooFew {
			return few(d)
		}
	}
	if e.Value == nil {
		return Reason(e.Reason)
	}
	return n.Value(*e.Value, k)
}

// few says that there are too few cases for a rate.
func few(d int64) string { return fmt.Sprintf("n%s=%s%d, too few", nbsp, nbsp, d) }

// Rate writes a rate with its origin: "12.3 % (1,234 of 10,021)".
func (n Numbers) Rate(e referral.Estimate) string {
	s := n.Estimate(e, KindRate)
	num, ok1 := wholeOf(e.Numerator)
	den, ok2 := wholeOf(e.Denominator)
	if e.Value != nil && ok1 && ok2 && den >= TooFew {
		s += " (" + n.Count(num) + " of " + n.Count(den) + ")"
	}
	return s
}

// Interval writes the interval, "1.20 to 7.00" in the unit of the kind, or nothing when neither
// side is known or the value itself is not shown.
func (n Numbers) Interval(e referral.Estimate, k Kind) string {
	if e.Value == nil || e.Lo == nil && e.Hi == nil {
		return ""
	}
	if e.Lo != nil && e.Hi != nil && *e.Lo == *e.Value && *e.Hi == *e.Value {
		return "" // a number that is known exactly
	}
	if d, ok := wholeOf(e.Denominator); k == KindRate && ok && d < TooFew {
		return ""
	}
	switch {
	case e.Lo == nil:
		return "at most " + n.Value(*e.Hi, k)
	case e.Hi == nil:
		return "at least " + n.Value(*e.Lo, k)
	}
	return n.bound(*e.Lo, k) + " to " + n.bound(*e.Hi, k)
}

// bound writes one end of an interval without repeating the unit of the value beside it.
func (n Numbers) bound(v float64, k Kind) string {
	switch k {
	case KindMoney:
		return n.major(v)
	case KindGain:
		return plus(v, n.major(v))
	case KindRate:
		return percentDigits(v)
	case KindPoints, KindLift:
		return plus(v, percentDigits(v))
	case KindDelta:
		return plus(v, n.Number(v))
	case KindTime:
		return n.Seconds(v)
	case KindDelay:
		return n.Delay(v)
	case KindCount, KindRatio, KindMonths:
	}
	return n.Number(v)
}

// wholeOf reads an exact JSON number as a whole one.
func wholeOf(v *json.Number) (int64, bool) {
	if v == nil {
		return 0, false
	}
	w, err := strconv.ParseInt(v.String(), 10, 64)
	return w, err == nil
}
