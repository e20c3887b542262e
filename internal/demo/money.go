package demo

import (
	"math"
	"strconv"
	"time"

	"vouch/referral"
)

// home is the currency of the project.
const home = "EUR"

// tariff is what a customer pays in one currency, in minor units by plan.
type tariff struct {
	currency string
	prices   [3]int64
	base     float64 // euros for one unit, around which the daily rate wanders
}

// plans are the three subscriptions with the share of customers on each.
var (
	plans      = [3]string{"basic", "team", "pro"}
	planShares = [3]float64{0.5, 0.35, 0.15}
)

// tariffs are the price lists by currency: yen have no decimals and Kuwaiti dinars three.
var tariffs = []tariff{
	{"EUR", [3]int64{2900, 5900, 11900}, 1},
	{"USD", [3]int64{3200, 6500, 12900}, 0.92},
	{"GBP", [3]int64{2500, 4900, 9900}, 1.17},
	{"JPY", [3]int64{4500, 9200, 18500}, 0.0061},
	{"KWD", [3]int64{9500, 19500, 39000}, 3.02},
}

func tariffOf(currency string) tariff {
	for _, t := range tariffs {
		if t.currency == currency {
			return t
		}
	}
	panic("demo: no tariff in " + currency)
}

// Shares of the price that other payments of a customer cost.
func addOn(price int64) int64     { return price * 6 / 10 }
func expansion(price int64) int64 { return price / 2 }
func partial(price int64) int64   { return price / 2 }

// rateScale is the number of units in a rate of one: rates have six decimals.
const rateScale = 1_000_000

// rateTable holds the euros for one unit of each foreign currency by day. Days without a rate
// (weekends) have none; the rate of a day is then the latest earlier one.
type rateTable struct {
	first time.Time // local midnight of the first day, before the period starts
	cal   calendar
	byDay map[string][]int64 // millionths; 0: no rate on that day
}

// rateLead is how many days before the period the table begins, so that its first days have a rate.
const rateLead = 5

func newRates(seed uint64, c calendar) rateTable {
	t := rateTable{first: c.day(-rateLead), cal: c, byDay: map[string][]int64{}}
	for id, tf := range tariffs {
		if tf.currency == home {
			continue
		}
		s := newStream(seed, kindRates, id)
		x, rates := 0.0, make([]int64, c.days+rateLead)
		for i := range rates {
			x = 0.97*x + 0.003*s.NormFloat64()
			if wd := c.day(i - rateLead).Weekday(); wd != time.Saturday && wd != time.Sunday {
				rates[i] = int64(math.Round(tf.base * math.Exp(x) * rateScale))
			}
		}
		t.byDay[tf.currency] = rates
	}
	return t
}

// at is the rate that holds on a local day: its own, else the latest earlier one.
func (t rateTable) at(currency string, day int) int64 {
	rates := t.byDay[currency]
	for i := min(day+rateLead, len(rates)-1); i >= 0; i-- {
		if rates[i] != 0 {
			return rates[i]
		}
	}
	return 0
}

// euros converts minor units of a currency to cents by the rate of the local day of t, rounding half
// away from zero.
func (t rateTable) euros(minor int64, currency string, at time.Time) int64 {
	if currency == home {
		return minor
	}
	num, den := minor*t.at(currency, t.cal.dayIndex(at)), int64(rateScale)
	switch exp := exponent(currency); {
	case exp < 2:
		num *= pow10(2 - exp)
	case exp > 2:
		den *= pow10(exp - 2)
	}
	if num < 0 {
		return -((-2*num + den) / (2 * den))
	}
	return (2*num + den) / (2 * den)
}

// exponent is the number of decimals of a currency of the demo.
func exponent(currency string) int {
	e, err := referral.Exponent(currency)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return e
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// decimals writes a rate in millionths as decimal text.
func decimals(rate int64) string {
	return strconv.FormatInt(rate/rateScale, 10) + "." + strconv.FormatInt(rateScale+rate%rateScale, 10)[1:]
}
