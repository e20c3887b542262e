package reports

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/funnel"
	"vouch/referral"
)

func TestNounOf(t *testing.T) {
	totals := map[string]string{"counting": "totals"}
	for _, c := range []struct {
		f    funnel.Result
		want string
	}{
		{funnel.Result{}, "1 person, 1,234 persons who lose people"},
		{funnel.Result{Unit: "person"}, "1 person, 1,234 persons who lose people"},
		{funnel.Result{Unit: "referrer_id"}, "1 referrer, 1,234 referrers who lose referrers"},
		{funnel.Result{Unit: "partner_id"}, "1 partner, 1,234 partners that lose partners"},
		{funnel.Result{Unit: "order_id"}, "1 order, 1,234 orders that lose orders"},
		{funnel.Result{Unit: "referral_code"}, "1 referral code, 1,234 referral codes that lose referral codes"},
		{funnel.Result{Unit: "person", Options: totals}, "1 attempt, 1,234 attempts that lose attempts"},
		{funnel.Result{Unit: "order_id", Options: totals}, "1 attempt, 1,234 attempts that lose attempts"},
	} {
		u := nounOf(&c.f)
		if got := fmt.Sprintf("%s, %s %s lose %s", u.count(eur, 1), u.count(eur, 1234), u.who, u.people()); got != c.want {
			t.Errorf("unit %q: %q, want %q", c.f.Unit, got, c.want)
		}
	}
}

func TestByName(t *testing.T) {
	for by, want := range map[string]string{
		"partner_id": "partners|Partners", "partner.industry": "industries|Industries", "cohort.month": "cohorts by month|Cohorts by month",
		"acquired.week": "acquisitions by week|Acquisitions by week", "prop.device": "values of device|Device", "person.plan": "values of plan|Plan",
		"referral_code": "referral codes|Referral codes",
	} {
		if got := byName(by) + "|" + byHead(by); got != want {
			t.Errorf("%s: %q, want %q", by, got, want)
		}
	}
}

// A loss is counted from the required step before; optional steps lose nobody.
func TestWidest_optionalSteps(t *testing.T) {
	s := steps(100, 2, 90, 50)
	s[1].Optional = true
	if got := widest(s); got != 3 {
		t.Errorf("widest is %d, want 3: 40 are lost there, and nobody at the optional step", got)
	}
	if got := before(s, 2); got != 0 {
		t.Errorf("before step 3 comes step %d, want 1", got+1)
	}
	s[0].Optional = true // not possible, but no reason to run off the list
	if got := before(s, 2); got != 0 {
		t.Errorf("before step 3 comes %d", got)
	}
}

func TestBinText(t *testing.T) {
	end := func(s int64) *int64 { return &s }
	for want, b := range map[string]funnel.Bin{
		"under 1 min": {ToSeconds: end(60)}, "1–5 min": {FromSeconds: 60, ToSeconds: end(300)}, "30 min–1 h": {FromSeconds: 1800, ToSeconds: end(3600)},
		"6 h–1 d": {FromSeconds: 21600, ToSeconds: end(86400)}, "1–2 d": {FromSeconds: 86400, ToSeconds: end(2 * 86400)}, "30 d and more": {FromSeconds: 30 * 86400},
		"0 s and more": {}, "10–90 s": {FromSeconds: 10, ToSeconds: end(90)}, "90 s–2 min": {FromSeconds: 90, ToSeconds: end(120)}, "36 h–2 d": {FromSeconds: 36 * 3600, ToSeconds: end(48 * 3600)},
	} {
		if got := plainText(binText(b)); got != want {
			t.Errorf("%+v is %q, want %q", b, got, want)
		}
	}
}

func TestWithin_saysTooFew(t *testing.T) {
	w := testWriter(&Bundle{})
	day := referral.Float(86400)
	for _, c := range []struct {
		q          funnel.Quantiles
		n          int64
		half, nine string
	}{
		{funnel.Quantiles{"0.5": day, "0.9": nil}, 100, "1.0 d", "not observed yet"},
		{funnel.Quantiles{"0.5": day, "0.9": day}, 9, "n = 9, too few", "n = 9, too few"},
		{funnel.Quantiles{"0.5": nil, "0.9": nil}, 0, "n = 0, too few", "n = 0, too few"},
		{nil, 100, "", ""},
	} {
		half, nine := w.within(c.q, c.n)
		if plainText(half.Text) != c.half || plainText(nine.Text) != c.nine {
			t.Errorf("%v of %d: %q and %q", c.q, c.n, half.Text, nine.Text)
		}
		if known := c.n >= TooFew && c.q["0.5"] != nil; (half.Sort != "") != known {
			t.Errorf("%v of %d: sorted by %q", c.q, c.n, half.Sort)
		}
		if len(half.CSV) != 1 || len(nine.CSV) != 1 {
			t.Errorf("%v: fields %v and %v", c.q, half.CSV, nine.CSV)
		}
	}
}

// Where the options leave the curve no meaning, no time is still to be observed.
func TestOnCurve(t *testing.T) {
	w := testWriter(&Bundle{})
	q := funnel.Quantiles{"0.5": nil, "0.9": nil}
	for _, c := range []struct {
		curve *funnel.Censoring
		want  string
	}{{nil, ""}, {&funnel.Censoring{}, "not observed yet"}} {
		if half, _ := w.within(onCurve(&funnel.Result{Censoring: c.curve}, q), 100); plainText(half.Text) != c.want {
			t.Errorf("%v: %q, want %q", c.curve, half.Text, c.want)
		}
	}
}

// flowRows are two steps with nine events after the first, the smallest of which have no name of their own.
func flowRows() []funnel.FlowRow {
	rows := []funnel.FlowRow{{Step: 1, Name: "a", Next: "nothing", Persons: 50}, {Step: 1, Name: "a", Next: "open", Persons: 7}}
	for i := range 8 {
		rows = append(rows, funnel.FlowRow{Step: 1, Name: "a", Next: "event", Event: fmt.Sprintf("e%d", i), Persons: int64(20 - i)})
	}
	return append(rows,
		funnel.FlowRow{Step: 1, Name: "a", Next: "event", Persons: 3},
		funnel.FlowRow{Step: 2, Name: "b", Next: "event", Event: "e7", Persons: 100},
		funnel.FlowRow{Step: 3, Name: "c", Next: "converted", Persons: 11})
}

func TestFlowChart_addsUp(t *testing.T) {
	rows := flowRows()
	var all int64
	for _, r := range rows {
		all += r.Persons
	}
	f := &funnel.Result{Name: "x", Unit: "person", Persons: all, Flow: rows}
	c := testWriter(&Bundle{}).flowChart(f)
	left, right, total := map[string]float64{}, map[string]float64{}, 0.0
	for _, x := range c.Flows {
		left[c.Left[x.From].Name] += x.Value
		right[c.Right[x.To].Name] += x.Value
		total += x.Value
	}
	if total != float64(all) {
		t.Errorf("the streams hold %v of %d", total, all)
	}
	if d := cmp.Diff(map[string]float64{"a": 50 + 7 + 132 + 3, "b": 100, "c": 11}, left); d != "" {
		t.Error(d)
	}
	// e7 comes first with 13 + 100, then e0 to e4; e5 and e6 share a place with the events without a name.
	want := map[string]float64{"nothing more": 50, "nothing yet": 7, "came through": 11, "e7": 113, "e0": 20, "e1": 19, "e2": 18, "e3": 17, "e4": 16, "other events": 15 + 14 + 3}
	if d := cmp.Diff(want, right); d != "" {
		t.Error(d)
	}
	if _, err := c.Option(); err != nil {
		t.Error(err)
	}
}

func TestFlowReading(t *testing.T) {
	w := testWriter(&Bundle{})
	f := &funnel.Result{Persons: 303, Flow: flowRows()}
	want := "Most stop after a: 192 persons. Of them 26.0 % did nothing more within the window, 10.4 % went on to e0, 9.90 % went on to e1."
	if got := plainText(w.flowReading(f)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	f.Flow = []funnel.FlowRow{{Step: 1, Name: "a", Next: "event", Event: "a", Persons: 30}, {Step: 1, Name: "a", Next: "open", Persons: 20}, {Step: 1, Name: "a", Next: "event", Persons: 10}}
	want = "Most stop after a: 60 persons. Of them 50.0 % did a again, 33.3 % did nothing yet and still have time, 16.7 % went on to other events."
	if got := plainText(w.flowReading(f)); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	f.Flow = []funnel.FlowRow{{Step: 1, Name: "a", Next: "nothing", Persons: 9}}
	if got := plainText(w.flowReading(f)); got != "Most stop after a: 9 persons." {
		t.Errorf("shares of nine: %q", got)
	}
	f.Flow = []funnel.FlowRow{{Step: 2, Name: "b", Next: "converted", Persons: 9}}
	if got := w.flowReading(f); got != "All that entered came through." {
		t.Errorf("%q", got)
	}
}

func TestArgument(t *testing.T) {
	for name, want := range map[string]string{"invite_sent": "invite_sent", "ü-1.b": "ü-1.b", "a b": "'a b'", "": "''", "it's $(rm)": `'it'\''s $(rm)'`} {
		if got := argument(name); got != want {
			t.Errorf("%q is written %s, want %s", name, got, want)
		}
	}
}

// Every option in force has a row, also one that this package has no words for, and every setting of
// those it knows has a meaning.
func TestReadings_nameEveryOption(t *testing.T) {
	w := testWriter(&Bundle{})
	f := &funnel.Result{Name: "x", Steps: steps(50, 20), Options: map[string]string{"order": "unordered", "zone_of_heart": "left", "conditions": "b: channel = \"web\"", "breakdown": "prop.x, step 2", "late": "drop"}}
	s := section{ID: "x"}
	w.readings(&s, f)
	var got []string
	for _, b := range s.Blocks {
		if b.Table == nil {
			continue
		}
		for _, r := range b.Table.Rows {
			got = append(got, r[0].Text+": "+r[1].Text+": "+r[2].Text)
		}
	}
	want := []string{
		"Order: unordered: the steps in any order", "Conditions of steps: b: channel = \"web\": an event serves the step only if it meets them", "Late events: drop: events received at the as-of time or later are left out, as a report made then had to",
		"Groups: prop.x, step 2: each counts under the value at that step; who never got there is in no group", "Zone of heart: left: ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestDependences(t *testing.T) {
	w := testWriter(&Bundle{})
	n := func(v int64) *int64 { return &v }
	f := &funnel.Result{
		Unit: "referral_code", Steps: steps(500, 200), Options: map[string]string{"tolerance": "5s", "counting": "totals", "late": "drop", "hold_constant": "channel"},
		TieDependent: n(38), ToleranceDependent: n(0), Late: n(1234), WithoutUnit: n(7), WithoutHeld: n(9),
	}
	got := w.dependences(f)
	for i := range got {
		got[i] = plainText(got[i])
	}
	want := []string{
		"38 of 200 conversions (19.0 %) exist only because events of equal time may be read in any order.",
		"0 of 200 conversions exist only thanks to the tolerance for clock noise of 5s.",
		"1,234 events of the funnel were received at the as-of time or later; such events are left out.",
		"7 events carry no referral code and count for nobody.",
		"9 events of the steps carry no channel, which is held along the path, and serve no step.",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := w.dependences(&funnel.Result{Steps: steps(5, 2), Late: n(3), Options: map[string]string{"late": "keep"}}); len(got) != 1 || !strings.HasSuffix(got[0], "such events count by when they happened.") {
		t.Errorf("late events that are kept: %q", got)
	}
	if got := w.dependences(&funnel.Result{Steps: steps(5, 2), Late: n(0)}); len(got) != 1 || !strings.HasPrefix(got[0], "No event") {
		t.Errorf("no late events: %q", got)
	}
	if got := w.dependences(&funnel.Result{Steps: steps(5, 2)}); got != nil {
		t.Errorf("nothing depends on anything, and the page says %q", got)
	}
}

func TestCostNote_unknownIsNotZero(t *testing.T) {
	w := testWriter(&Bundle{})
	cost, paid := int64(123_456), int64(100)
	for want, c := range map[string]*funnel.Cost{
		"": nil,
		"What the entrants cost is not known: no costs loaded.":                                                                                  {Reason: "no_costs_loaded"},
		"Cost is all that was spent from 2026-01-01 to 2026-02-01: EUR 1,234.56.":                                                                {CostMinor: &cost, From: "2026-01-01", To: "2026-02-01"},
		"Cost is all that was spent from 2026-01-01 to 2026-02-01: EUR 1,234.56, of which EUR 1.00 was paid out as commission, bonus or reward.": {CostMinor: &cost, PayoutMinor: &paid, From: "2026-01-01", To: "2026-02-01"},
	} {
		if got := plainText(w.costNote(&funnel.Result{Cost: c})); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Who spent and won nobody has a least cost, not an unknown one, and never one of zero.
func TestCostCell(t *testing.T) {
	w := testWriter(&Bundle{})
	none := referral.Undefined(referral.ReasonNoEntrants, referral.MethodGarwood, 0.95)
	least := none
	least.Lo = referral.Float(311_748)
	known := est(1234, 1000, 2000)
	for want, e := range map[string]*referral.Estimate{"": nil, "nobody got there": &none, "at least 3,120": &least, "12.34": &known} {
		if c := w.costCell(e); plainText(c.Text) != want || len(c.CSV) != 6 {
			t.Errorf("%q with %d fields, want %q", c.Text, len(c.CSV), want)
		}
	}
}

func TestTrendReading(t *testing.T) {
	w := testWriter(&Bundle{})
	b := func(day string, complete bool) funnel.Bucket {
		return funnel.Bucket{Start: day, Entered: 100, Converted: 20, Rate: est(0.2, 0.13, 0.29), Complete: complete}
	}
	for want, trend := range map[string][]funnel.Bucket{
		"No period is complete yet: all rates can still rise.":                                                                           {b("a", false)},
		"The last complete period, from b, stands at 20.0 %, 13.0 to 29.0 %.":                                                            {b("a", true), b("b", true)},
		"The last complete period, from a, stands at 20.0 %, 13.0 to 29.0 %; 1 period after it can only rise, because windows are open.": {b("a", true), b("b", false)},
	} {
		if got := plainText(w.trendReading(&funnel.Result{Trend: trend})); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Keys that point to a single person never reach a page, a file or a chart.
func TestImpersonal(t *testing.T) {
	b := &Bundle{Funnels: []funnel.Result{
		{By: "referrer_id", Groups: []funnel.Group{{Key: "anna"}, {Key: ""}, {Key: "bert"}}},
		{By: "partner_id", Groups: []funnel.Group{{Key: "acme"}}},
		{By: "order_id", Groups: []funnel.Group{{Key: "o-1"}}},
		{By: "referral_code", Groups: []funnel.Group{{Key: "ANNA10"}}},
	}}
	var got []string
	for _, f := range impersonal(cleaned(b, true)).Funnels {
		for _, g := range f.Groups {
			got = append(got, g.Key)
		}
	}
	if d := cmp.Diff([]string{"referrer 1", "", "referrer 3", "acme", "order 1", "referral code 1"}, got); d != "" {
		t.Error(d)
	}
	if b.Funnels[0].Groups[0].Key != "anna" {
		t.Error("the bundle itself was changed")
	}
}
