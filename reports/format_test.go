package reports

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vouch/referral"
)

var eur = Numbers{Currency: "EUR"}

// plainText makes no-break spaces and minus signs comparable with what a test can show.
func plainText(s string) string { return strings.NewReplacer(nbsp, " ", minus, "-").Replace(s) }

func est(v, lo, hi float64) referral.Estimate {
	return referral.Estimate{Value: &v, Lo: &lo, Hi: &hi, Confidence: 0.95}
}

func TestNumbers_write(t *testing.T) {
	yen, dinar := Numbers{Currency: "JPY"}, Numbers{Currency: "KWD"}
	for _, c := range []struct{ got, want string }{
		{eur.Count(0), "0"},
		{eur.Count(1234567), "1,234,567"},
		{eur.Count(-1234), "-1,234"},
		{eur.Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{eur.Micro(1_234_500_000), "1,234.5"},
		{eur.Micro(-500_000), "-0.5"},
		{eur.Exact(123456), "EUR 1,234.56"},
		{eur.Exact(-5), "-EUR 0.05"},
		{yen.Exact(123456), "JPY 123,456"},
		{dinar.Exact(1234), "KWD 1.234"},
		{eur.Money(410), "EUR 4.10"},
		{eur.Money(4099.4), "EUR 40.99"},
		{eur.Money(12345), "EUR 123"},
		{eur.Money(1234567), "EUR 12,300"},
		{eur.Money(123456789), "EUR 1.23 million"},
		{eur.Money(-123456789012), "-EUR 1.23 billion"},
		{eur.Money(0), "EUR 0.00"},
		{yen.Money(123456), "JPY 123,000"},
		{eur.Gain(410), "+EUR 4.10"},
		{eur.Gain(-410), "-EUR 4.10"},
		{eur.Gain(0), "EUR 0.00"},
		{eur.Percent(0.1234), "12.3 %"},
		{eur.Percent(0.00421), "0.42 %"},
		{eur.Percent(1), "100 %"},
		{eur.Percent(0), "0 %"},
		{eur.Percent(0.0999949), "10.0 %"},
		{eur.Points(0.0123), "+1.23 pp"},
		{eur.Points(-0.0123), "-1.23 pp"},
		{eur.Points(0), "0 pp"},
		{eur.Ratio(2.5), "2.50×"},
		{eur.Number(0.0312), "0.0312"},
		{eur.Number(0.0004), "0.000400"},
		{eur.Number(-0.0004), "-0.000400"},
		{eur.Number(0.09999), "0.100"},
		{eur.Number(0.9999), "1.00"},
		{eur.Number(0.25), "0.250"},
		{eur.Number(9.999), "10.0"},
		{eur.Number(99.96), "100"},
		{eur.Number(2.5e-9), "2.50e-09"},
		{eur.Number(-2.5e-9), "-2.50e-09"},
		{eur.Number(0), "0"},
		{eur.Percent(0.00004), "0.0040 %"},
		{eur.Points(-0.000001), "-0.00010 pp"},
		{eur.Percent(0.0005), "0.05 %"},
		{eur.Number(49), "49"},
		{eur.Number(97.63), "97.6"},
		{eur.Number(12345), "12,300"},
		{eur.PValue(0.0004), "< 0.001"},
		{eur.PValue(0.0341), "0.034"},
		{eur.PValue(1), "1.000"},
		{eur.Seconds(4.2 * 86400), "4.2 d"},
		{eur.Seconds(5400), "1.5 h"},
		{eur.Seconds(90), "2 min"},
		{eur.Seconds(3), "3 s"},
		{eur.Value(0.25, KindLift), "+25.0 %"},
		{eur.Value(3, KindMonths), "3 months"},
		{eur.Value(-7, KindDelta), "-7"},
		{fixed(-0.0001, 2), "0.00"},
	} {
		if plainText(c.got) != c.want {
			t.Errorf("got %q, want %q", plainText(c.got), c.want)
		}
	}
}

func TestNumbers_estimates(t *testing.T) {
	rate := est(0.123, 0.117, 0.13)
	rate.Numerator, rate.Denominator = referral.Whole(1234), referral.Whole(10021)
	weak := est(0.5, 0.1, 0.9)
	weak.Numerator, weak.Denominator = referral.Whole(3), referral.Whole(7)
	open := est(300, 200, 0)
	open.Hi = nil
	for _, c := range []struct{ got, want string }{
		{eur.Rate(rate), "12.3 % (1,234 of 10,021)"},
		{eur.Interval(rate, KindRate), "11.7 to 13.0"},
		{eur.Rate(weak), "n = 7, too few"},
		{eur.Interval(weak, KindRate), ""},
		{eur.Estimate(referral.Undefined(referral.ReasonNoAcquisitions, "", 0.95), KindMoney), "no customers"},
		{eur.Estimate(referral.Undefined("some_new_code", "", 0.95), KindMoney), "some new code"},
		{eur.Interval(open, KindMoney), "at least EUR 2.00"},
		{eur.Interval(est(410, 120, 700), KindGain), "+1.20 to +7.00"},
		{eur.Interval(est(5, 5, 5), KindMoney), ""},
	} {
		if plainText(c.got) != c.want {
			t.Errorf("got %q, want %q", plainText(c.got), c.want)
		}
	}
}

// Every reason code of the vocabulary has words.
func TestReason_coversTheVocabulary(t *testing.T) {
	for _, code := range []string{
		referral.ReasonNoData, referral.ReasonNoEntrants, referral.ReasonNoAcquisitions, referral.ReasonNoCost, referral.ReasonNoRevenue,
		referral.ReasonZeroVariance, referral.ReasonZeroControl, referral.ReasonUnbounded, referral.ReasonNotWithinHorizon, referral.ReasonNotYet,
	} {
		if _, ok := reasons[code]; !ok {
			t.Errorf("reason %q has no words", code)
		}
	}
}

// Grouping only adds commas: without them the number is the one that went in.
func TestGroup_addsOnlyCommas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		got := plainText(strings.ReplaceAll(eur.Count(n), ",", ""))
		if want := json.Number(plainText(got)).String(); got != want {
			t.Fatalf("%q", got)
		}
		back, err := json.Number(got).Int64()
		if err != nil || back != n {
			t.Fatalf("%d came back as %q", n, got)
		}
		for i, part := range strings.Split(strings.TrimPrefix(plainText(eur.Count(n)), "-"), ",") {
			if i > 0 && len(part) != 3 {
				t.Fatalf("%q", eur.Count(n))
			}
		}
	})
}

func TestPrettyMoney(t *testing.T) {
	w := &writer{b: &Bundle{}, n: eur}
	for in, want := range map[string]string{
		"cost of EUR 25174.80, at most EUR 900.00": "cost of EUR 25,174.80, at most EUR 900.00",
		"USD 25174.80 in P0008 of 2026":            "USD 25174.80 in P0008 of 2026",
		"at EUR -1234":                             "at EUR -1,234",
	} {
		if got := plainText(w.prettyMoney(in)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestContribution_roundsHalfAwayFromZeroExactly(t *testing.T) {
	for _, c := range []struct {
		minor  int64
		margin string
		want   int64
	}{{100, "0.8", 80}, {1, "0.5", 1}, {-1, "0.5", -1}, {3, "0.5", 2}, {9007199254740993, "1", 9007199254740993}, {7, "0.333333", 2}} {
		got, ok := contribution(c.minor, c.margin)
		if !ok || got != c.want {
			t.Errorf("contribution(%d, %s) = %d, %v; want %d", c.minor, c.margin, got, ok, c.want)
		}
	}
	if _, ok := contribution(1, "much"); ok {
		t.Error("a margin that is no number was read")
	}
}

func TestTable_CSVFile(t *testing.T) {
	tab := &Table{ID: "t", Columns: []Column{textColumn("Partner"), countColumn("Customers"), eur.moneyColumn("Cost"), eur.estimateColumn("CPA", KindMoney)}}
	e := est(1234.5, 1000, 1500)
	e.Numerator, e.Denominator = referral.Whole(12345), referral.Whole(10)
	tab.Rows = [][]Cell{
		{text(`=cmd|' /C calc'!A0`), eur.countCell(-5), eur.moneyCell(-123456), eur.estimateCell(e, KindMoney)},
		{text("a,\"b\"\nc"), eur.countCell(0), eur.moneyCell(0), eur.estimateCell(referral.Undefined(referral.ReasonNoCost, "", 0.95), KindMoney)},
	}
	got, err := tab.CSVFile()
	if err != nil {
		t.Fatal(err)
	}
	want := "partner,customers,cost (EUR),cpa (EUR),cpa_lo,cpa_hi,cpa_numerator,cpa_denominator,cpa_reason\r\n" +
		"'=cmd|' /C calc'!A0,-5,-1234.56,12.345,10,15,12345,10,\r\n" +
		"\"a,\"\"b\"\"\r\nc\",0,0.00,,,,,,zero_cost\r\n"
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Error(d)
	}
	tab.Rows[0] = tab.Rows[0][:3]
	if _, err := tab.CSVFile(); err == nil {
		t.Error("a row with missing fields was written")
	}
}

func TestNeutral(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "-12.5": "-12.5", "+3": "+3", "=1+1": "'=1+1", "@x": "'@x", "-x": "'-x", "\tx": "'\tx", "\rx": "'\rx",
		"-inf": "'-inf", "+nan": "'+nan", "-0x1p4": "'-0x1p4", "1=1": "1=1",
	} {
		if got := Neutral(in); got != want {
			t.Errorf("Neutral(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestMethod_hasWordsForEveryName wants words that are not the code itself.
func TestMethod_hasWordsForEveryName(t *testing.T) {
	for _, m := range referral.Methods() {
		if w := Method(m); w == m || strings.Contains(w, "_") {
			t.Errorf("method %s is shown as %q", m, w)
		}
	}
}
