package ingest

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/referral"
)

// convert is the oracle of the conversion: exact fractions, rounded half away from zero.
func convert(minor int64, rate string, from, to string) *big.Int {
	r, ok := new(big.Rat).SetString(rate)
	if !ok {
		panic("not a rate: " + rate)
	}
	r.Mul(r, new(big.Rat).SetInt64(minor))
	ef, _ := referral.Exponent(from)
	et, _ := referral.Exponent(to)
	ten := func(n int) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
	}
	r.Mul(r, ten(et))
	r.Quo(r, ten(ef))
	neg := r.Sign() < 0
	r.Abs(r)
	r.Add(r, big.NewRat(1, 2))
	n := new(big.Int).Quo(r.Num(), r.Denom())
	if neg {
		n.Neg(n)
	}
	return n
}

func TestValue_isExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, home := range []string{"EUR", "JPY", "KWD"} {
		var ev, rates strings.Builder
		ev.WriteString("event_id,person_id,event,occurred_at,amount_minor,currency\n")
		rates.WriteString("day,from_currency,to_currency,rate\n")
		type key struct{ day, currency string }
		byDay := map[key]string{}
		var want []string
		for _, c := range []string{"USD", "JPY", "KWD", "EUR", "UYW"} {
			for d := 1; d <= 9; d++ {
				if c == home {
					continue
				}
				day := fmt.Sprintf("2026-01-%02d", d)
				rate := fmt.Sprintf("%d.%09d", rng.IntN(200), rng.IntN(1_000_000_000))
				if d%3 == 0 {
					rate = "0.5" // halves, to see the rounding
				}
				byDay[key{day, c}] = rate
				fmt.Fprintf(&rates, "%s,%s,%s,%s\n", day, c, home, rate)
			}
		}
		for i := range 600 {
			c := []string{"USD", "JPY", "KWD", "EUR", "UYW"}[rng.IntN(5)]
			day := fmt.Sprintf("2026-01-%02d", 1+rng.IntN(9))
			minor := rng.Int64N(2_000_001) - 1_000_000
			if i%50 == 0 {
				minor = rng.Int64N(1_000_000_000_000_000)
			}
			fmt.Fprintf(&ev, "%04d,ann,purchase,%sT12:00:00Z,%d,%s\n", i, day, minor, c)
			value := big.NewInt(minor)
			if c != home {
				value = convert(minor, byDay[key{day, c}], c, home)
			}
			text := value.String()
			if value.CmpAbs(big.NewInt(largest)) > 0 {
				text = "∅"
			}
			want = append(want, fmt.Sprintf("%04d|%s", i, text))
		}
		p := newProject(t, map[string]string{"events.csv": ev.String(), "rates.csv": rates.String()}, csvSource("events"), csvSource("rates"))
		p.plan.Scope.Currency = home
		p.mustLoad()
		p.expect("SELECT event_id, value_minor FROM events ORDER BY event_id", want...)
	}
}

func TestValue_rateOfTheDayOrEarlier(t *testing.T) {
	p := newProject(t, map[string]string{
		"rates.csv": "day,from_currency,to_currency,rate\n2026-01-02,USD,EUR,0.5\n2026-01-04,USD,EUR,0.25\n2026-01-01,EUR,USD,9\n2026-01-01,CHF,USD,9\n",
		"events.csv": events(
			"e1,ann,purchase,2026-01-01T12:00:00Z,100,USD", // before the first rate
			"e2,ann,purchase,2026-01-02T12:00:00Z,100,USD",
			"e3,ann,purchase,2026-01-03T12:00:00Z,100,USD", // the rate of the day before
			"e4,ann,purchase,2026-01-03T23:30:00Z,100,USD", // already the 4th in Berlin
			"e5,ann,purchase,2026-01-04T12:00:00Z,100,CHF", // no rate to EUR
			"e6,ann,used,2026-01-04T12:00:00Z,,"),
		"costs.csv":      "partner_id,day,kind,amount_minor,currency\nacme,2026-01-03,fixed,1001,USD\nacme,2026-01-03,fixed,7,\nacme,2026-01-01,fixed,7,USD\n",
		"payouts.csv":    "payout_id,partner_id,day,amount_minor,currency\np1,acme,2026-01-05,10,USD\n",
		"aggregates.csv": "partner_id,day,revenue_minor,currency\nacme,2026-01-05,10,USD\nacme,2026-01-06,,\n",
	}, csvSource("rates"), csvSource("events"), csvSource("costs"), csvSource("payouts"), csvSource("aggregates"))
	p.plan.Scope.Calendar.Zone = zoneOf(t, "Europe/Berlin")
	r := p.mustLoad()
	p.expect("SELECT event_id, value_minor, currency FROM events ORDER BY event_id", "e1|∅|USD", "e2|50|USD", "e3|50|USD", "e4|25|USD", "e5|∅|CHF", "e6|∅|∅")
	p.expect("SELECT day, amount_minor, currency, value_minor FROM costs ORDER BY amount_minor, day", "2026-01-01T00:00:00|7|USD|∅", "2026-01-03T00:00:00|7|EUR|7", "2026-01-03T00:00:00|1001|USD|501")
	p.expect("SELECT value_minor FROM payouts", "3") // 2.5 away from zero
	p.expect("SELECT revenue_minor, value_minor FROM aggregates ORDER BY day", "10|3", "∅|∅")
	var got []string
	for _, f := range r.Findings {
		got = append(got, f.Code+" "+f.Subject)
	}
	if strings.Join(got, ", ") != "rate-missing CHF, rate-missing USD" {
		t.Errorf("findings %+v", r.Findings)
	}
}

// What cannot be converted is named, in a sentence for one day and in one for more.
func TestValue_ratesThatAreMissing(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": events(
		"e1,ann,purchase,2026-02-03,100,USD", "e2,bob,purchase,2026-02-03,100,USD",
		"e3,ann,purchase,2026-02-03,100,CHF", "e4,ann,purchase,2026-02-09,100,CHF")}, csvSource("events"))
	var got []string
	for _, f := range p.mustLoad().Findings {
		got = append(got, f.Code+": "+f.Detail)
	}
	want := []string{
		"rate-missing: no rate from CHF to EUR on 2 days between 2026-02-03 and 2026-02-09, nor before them; amounts of these days have no value",
		"rate-missing: no rate from USD to EUR on or before 2026-02-03; amounts of this day have no value",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A value beyond the range is named, not silently absent.
func TestValue_beyondTheRange(t *testing.T) {
	p := newProject(t, map[string]string{
		"rates.csv":  "day,from_currency,to_currency,rate\n2026-01-01,USD,EUR,2\n2026-01-01,CHF,EUR,900000000000000000000\n",
		"events.csv": events("e1,ann,purchase,2026-01-02,499999999999999,USD", "e2,ann,purchase,2026-01-02,500000000000000,USD", "e3,ann,purchase,2026-01-02,1,CHF"),
		"costs.csv":  "day,kind,amount_minor,currency\n2026-01-05,fixed,-999999999999999,USD\n2026-01-05,fixed,0,CHF\n",
	}, csvSource("rates"), csvSource("events"), csvSource("costs"))
	r := p.mustLoad()
	p.expect("SELECT event_id, value_minor FROM events ORDER BY event_id", "e1|999999999999998", "e2|∅", "e3|∅")
	p.expect("SELECT value_minor FROM costs ORDER BY currency", "0", "∅")
	var got []string
	for _, f := range r.Findings {
		got = append(got, f.Code+" "+f.Subject+": "+f.Detail)
	}
	want := []string{
		"value-out-of-range CHF: 1 amount in CHF on 2026-01-02 would be more than 15 digits of minor units in EUR and has no value; check the rates and the unit",
		"value-out-of-range USD: 2 amounts in USD between 2026-01-02 and 2026-01-05 would be more than 15 digits of minor units in EUR and have no value; check the rates and the unit",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Costs whose sum passes 64 bits are loaded as long as each is an amount.
func TestValue_largeAmountsAddUp(t *testing.T) {
	var rows strings.Builder
	for range 10_000 {
		rows.WriteString("2026-01-01,fixed,999999999999999\n")
	}
	p := newProject(t, map[string]string{"costs.csv": "day,kind,amount_minor\n" + rows.String()}, csvSource("costs"))
	p.mustLoad()
	p.expect("SELECT CAST(sum(value_minor) AS VARCHAR) FROM costs", "9999999999999990000")
}

func TestValue_laterRateChangesWhatWasLoaded(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": events("e1,ann,purchase,2026-01-02,100,USD")}, csvSource("events"))
	p.mustLoad()
	p.expect("SELECT value_minor FROM event_facts", "∅")
	p.write(map[string]string{"rates.csv": "day,from_currency,to_currency,rate\n2026-01-02,USD,EUR,0.9\n"})
	p.plan.Sources = append(p.plan.Sources, csvSource("rates"))
	if r := p.mustLoad(); len(r.Findings) != 0 {
		t.Errorf("findings %+v", r.Findings)
	}
	p.expect("SELECT value_minor FROM event_facts", "90")
}

// A refund takes away whatever sign its source gives it; other money keeps its sign and is remarked on.
func TestValue_signs(t *testing.T) {
	files := map[string]string{"events.csv": events(
		"e1,ann,purchase,2026-01-01,100,EUR", "e2,ann,refund,2026-01-02,30,EUR", "e3,ann,refund,2026-01-02,-30,EUR", "e4,ann,purchase,2026-01-03,-5,EUR",
		"e5,ann,upgrade,2026-01-03,7,EUR", "e6,ann,chargeback,2026-01-03,1,EUR", "e7,ann,void,2026-01-03,2,EUR")}
	p := newProject(t, files, csvSource("events"))
	r := p.mustLoad()
	p.expect("SELECT event_id, amount_minor, value_minor FROM events ORDER BY event_id", "e1|100|100", "e2|30|-30", "e3|-30|-30", "e4|-5|-5", "e5|7|7", "e6|1|-1", "e7|2|2")
	if len(r.Findings) != 1 || r.Findings[0].Code != "negative-revenue" || !strings.HasPrefix(r.Findings[0].Detail, "1 events") {
		t.Errorf("findings %+v", r.Findings)
	}
	p.plan.RevenueEvents, p.plan.Refunds = []string{"purchase"}, []string{"void"}
	p.mustLoad()
	p.expect("SELECT event_id, value_minor FROM events ORDER BY event_id", "e1|100", "e2|∅", "e3|∅", "e4|-5", "e5|∅", "e6|∅", "e7|-2")
}

// Amounts in each unit, per column and per source; a column named *_minor is in minor units.
func TestUnits(t *testing.T) {
	text := "event_id,person_id,event,occurred_at,amount_minor,price,currency\ne1,ann,purchase,2026-01-01,1250, 12.50 ,EUR\ne2,ann,purchase,2026-01-01,1250,12,JPY\n"
	for _, c := range []struct {
		m    Mapped
		unit referral.Unit
		want [2]string
	}{
		{Mapped{}, "", [2]string{"1250", "1250"}},
		{Mapped{Column: "price"}, "", [2]string{"1250", "12"}},
		{Mapped{Column: "amount_minor"}, referral.UnitMajor, [2]string{"125000", "1250"}},
		{Mapped{Column: "amount_minor", Unit: referral.UnitMinor}, referral.UnitMajor, [2]string{"1250", "1250"}},
	} {
		src := csvSource("events")
		src.Unit = c.unit
		if c.m.Column != "" {
			src.Map = map[string]Mapped{"amount_minor": c.m}
		}
		p := newProject(t, map[string]string{"events.csv": text}, src)
		p.mustLoad()
		p.expect("SELECT amount_minor FROM events ORDER BY event_id", c.want[0], c.want[1])
	}
	src := csvSource("costs")
	src.Map = map[string]Mapped{"amount_minor": {Column: "cost_micros", Unit: referral.UnitMicros}, "kind": {Const: text1("fixed")}}
	p := newProject(t, map[string]string{"costs.csv": "day,cost_micros\n2026-01-01,12340000\n"}, src)
	p.mustLoad()
	p.expect("SELECT amount_minor, currency, kind FROM costs", "1234|EUR|fixed")
	p.write(map[string]string{"costs.csv": "day,cost_micros\n2026-01-01,12345678\n"})
	checkRejection(t, p.refusal().Problems[0], Rejection{Row: 1, Column: "amount_minor", Code: CodePrecision, Message: "micros"})
}

func text1(s string) *string { return &s }
