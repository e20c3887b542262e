package cli

import (
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vouch/funnel"
	"vouch/referral"
	"vouch/reports"
)

// wideFunnel has everything that text shows, with names and sums as long as they get.
func wideFunnel() funnel.Result {
	n := func(v int64) *int64 { return &v }
	f := referral.Float
	share := func(v float64) *referral.Estimate {
		return &referral.Estimate{Value: f(v), Lo: f(v * .9), Hi: f(v * 1.1), Confidence: .95, Method: referral.MethodWilson}
	}
	steps := func(first int64) []funnel.StepResult {
		var out []funnel.StepResult
		for i, name := range []string{"invite_sent", "onboarding_completed", "purchase"} {
			s := funnel.StepResult{Name: name, Persons: first >> i, AmountMinor: n(123_456_789), CostPerPerson: share(4711), Velocity: funnel.Quantiles{}}
			if i > 0 {
				s.FromFirst, s.FromPrevious, s.VelocityConverting = share(1/float64(int(1)<<i)), share(.5), funnel.Quantiles{"0.5": f(86_400)}
			}
			out = append(out, s)
		}
		return out
	}
	r := funnel.Result{
		Name: "referral", Window: "30d", Currency: "EUR", By: "partner_id", Unit: "person", From: "2025-09-01", To: "2026-11-16", CompleteTo: "2026-10-17",
		Options: map[string]string{"counting": "uniques", "top": "2", "window": "30d", "ties": "any_order", "tolerance": "30s", "trend": "week"}, Steps: steps(15_582_000), Persons: 15_582_000,
		Velocity: funnel.Quantiles{}, VelocityConverting: funnel.Quantiles{"0.5": f(309_733), "0.9": f(900_213)},
		Censoring: &funnel.Censoring{Naive: *share(.1), Matured: *share(.11), KaplanMeier: *share(.12), OpenPersons: 1144},
		Cost:      &funnel.Cost{CostMinor: n(230_209_63), PayoutMinor: n(55_263_40), From: "2025-09-01", To: "2026-11-16"},
		Other:     &funnel.Other{Values: 2, Steps: steps(900)},
		Flow: []funnel.FlowRow{
			{Step: 1, Name: "invite_sent", Next: "event", Event: "an_event_with_a_name_that_never_ends_at_all", Persons: 5},
			{Step: 1, Name: "invite_sent", Next: "event", Persons: 2},
			{Step: 1, Name: "invite_sent", Next: "nothing", Persons: 2},
			{Step: 1, Name: "invite_sent", Next: "open", Persons: 1},
			{Step: 3, Name: "purchase", Next: "converted", Persons: 7},
		},
	}
	for i := range 14 {
		b := funnel.Bucket{Start: fmt.Sprintf("2026-01-%02d", i+1), Entered: 1000, Converted: 100, Rate: *share(.1), Complete: i < 13}
		if !b.Complete {
			b.Reason = referral.ReasonNotYet
		}
		r.Trend = append(r.Trend, b)
	}
	for i, key := range []string{"P1", "", "P3", "P4"} {
		decision := []string{"above", "below", "unclear", "unclear"}[i]
		r.Groups = append(r.Groups, funnel.Group{
			Key: key, Steps: steps(int64(4000 >> i)), Shrunk: share(.2), Cost: r.Cost, VelocityConverting: funnel.Quantiles{"0.5": f(5)},
			VersusRest: &funnel.Comparison{Difference: *share(.05), PValue: f(.01), AdjustedP: f(.02), Decision: decision},
		})
	}
	return r
}

// A terminal shows no line wider than it is, whatever it has to leave out; a file has it all.
func TestFunnelText_fits(t *testing.T) {
	for _, width := range []int{80, 100, 120, 160} {
		for _, all := range []bool{false, true} {
			var b strings.Builder
			(&app{env: Env{Terminal: true, Width: width}}).funnelText(&b, wideFunnel(), funnelFlags{groups: all, trend: all})
			for line := range strings.Lines(b.String()) {
				if n := cells(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%d columns: %d in %q", width, n, line)
				}
			}
			for _, must := range []string{"█", "from first", "95 %", "expected", "above", "below", "1,144 windows are still open", "half within 3.6 d, nine in", "tolerance 30s", "2026-01-14", "windows open", "230,209.63 EUR"} {
				if !strings.Contains(b.String(), must) {
					t.Errorf("%d columns: no %q in\n%s", width, must, b.String())
				}
			}
			if strings.Contains(b.String(), "\x1b") {
				t.Error("escape sequences")
			}
		}
	}
	var b strings.Builder
	(&app{}).funnelText(&b, wideFunnel(), funnelFlags{})
	for _, must := range []string{"adjusted p", "amount, EUR", "per purchase, EUR", "half after", "cost each, EUR", "(2 others)", "(none)", "--groups shows all 4", "(other events)", "(nothing so far, window open)", "the latest 13 of 14 periods; --trend shows all"} {
		if !strings.Contains(b.String(), must) {
			t.Errorf("not in a file: %q\n%s", must, b.String())
		}
	}
	if strings.Contains(b.String(), "█") {
		t.Error("bars in a file")
	}
}

// A period that no window closes says so, and a file has every period with its reason.
func TestTrend(t *testing.T) {
	r := wideFunnel()
	r.Trend[0].Complete, r.Trend[0].Reason = false, funnel.ReasonNoWindow
	var b strings.Builder
	trendText(&b, r, true)
	if text := b.String(); strings.Count(text, "2026-01-") != 14 || !strings.Contains(text, "no window") || strings.Contains(text, "latest") {
		t.Errorf("all periods:\n%s", text)
	}
	b.Reset()
	if err := writeCSV(&b, []table{exactTrend(r)}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"start,entered,converted,rate,rate_lo,rate_hi,complete,reason\n2026-01-01,1000,100,0.1,", ",false,no_window\n2026-01-02,1000,100,", ",true,\n2026-01-14", ",false,not_yet_observed\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// The weekly trend that every funnel has is shown where it is asked for, and its absence is told.
func TestFunnelText_trendAskedFor(t *testing.T) {
	r := wideFunnel()
	delete(r.Options, "trend")
	text := func(f funnelFlags) string {
		var b strings.Builder
		(&app{}).funnelText(&b, r, f)
		return b.String()
	}
	if strings.Contains(text(funnelFlags{}), "entered from") || strings.Count(text(funnelFlags{trend: true}), "2026-01-") != 14 {
		t.Error(text(funnelFlags{}), text(funnelFlags{trend: true}))
	}
	r.Trend, r.Options["counting"] = nil, "totals"
	if !strings.Contains(text(funnelFlags{trend: true}), "No trend: attempts have no entry period.") {
		t.Error(text(funnelFlags{trend: true}))
	}
}

// Roads are taken by units, also where attempts are counted.
func TestRoadsText_countsUnits(t *testing.T) {
	var b strings.Builder
	roadsText(&b, funnel.Result{Unit: "person", Options: map[string]string{"counting": "totals"}, Roads: &funnel.Roads{SQL: 1, Kernel: 2}})
	if !strings.Contains(b.String(), "of 3 persons") {
		t.Error(b.String())
	}
}

// The findings of a run name the funnel they are of: several may have a step of one name.
func TestAllFindings_nameTheFunnel(t *testing.T) {
	b := &reports.Bundle{Funnels: []funnel.Result{
		{Name: "one", Findings: []referral.Finding{{Code: "order-of-ties", Subject: "click"}, {Code: "late-events", Subject: "one"}}},
		{Name: "two", Findings: []referral.Finding{{Code: "order-of-ties", Subject: "click"}}},
	}}
	var got []string
	for _, f := range allFindings(b) {
		got = append(got, f.Subject)
	}
	if want := []string{"one, click", "one", "two, click"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if b.Funnels[0].Findings[0].Subject != "click" {
		t.Error("the funnel's own findings were changed")
	}
}

// Attempts are attempts in every line, and orders orders.
func TestFunnelText_nouns(t *testing.T) {
	for _, c := range []struct{ unit, counting, want string }{{"person", "totals", "attempt"}, {"order_id", "uniques", "order"}} {
		r := wideFunnel()
		r.Unit, r.Options["counting"] = c.unit, c.counting
		var b strings.Builder
		(&app{}).funnelText(&b, r, funnelFlags{})
		if text := b.String(); strings.Contains(text, "person") || !strings.Contains(text, "15,582,000 "+c.want+"s") || !strings.Contains(text, "first entry of each "+c.want) {
			t.Errorf("%+v:\n%s", c, text)
		}
	}
}

// By the value at a step the money of the others is not known: their cell is empty, and the rest is there.
func TestFunnelText_othersWithoutMoney(t *testing.T) {
	r := wideFunnel()
	for i := range r.Other.Steps {
		r.Other.Steps[i].AmountMinor = nil
	}
	var b strings.Builder
	(&app{}).funnelText(&b, r, funnelFlags{})
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, "(2 others)") && !strings.Contains(line, "1,234,567.89") && strings.Contains(line, "225") {
			return
		}
	}
	t.Errorf("the others are not told apart:\n%s", b.String())
}

// Readings other than the defaults are named, also where nobody entered; periods where the definition asks.
func TestFunnelText_readingsAndPeriods(t *testing.T) {
	r := wideFunnel()
	r.Options = map[string]string{"order": "strict", "ties": "any_order", "trend": "week", "window": "30d"}
	r.Trend = nil
	for i := range 15 {
		r.Trend = append(r.Trend, funnel.Bucket{Start: fmt.Sprintf("2026-01-%02d", i+1), Entered: 1000, Converted: int64(i), Rate: *r.Steps[1].FromFirst, Complete: i < 13})
	}
	r.Trend[14].Reason = funnel.ReasonNoWindow
	var b strings.Builder
	(&app{}).funnelText(&b, r, funnelFlags{})
	for _, must := range []string{"Counted with order strict; trend week.", "2026-01-03", "windows open", "no window", "the latest 13 of 15 periods"} {
		if !strings.Contains(b.String(), must) {
			t.Errorf("no %q in\n%s", must, b.String())
		}
	}
	if strings.Contains(b.String(), "2026-01-02 ") || strings.Contains(b.String(), "any_order") {
		t.Errorf("an early period, or a default:\n%s", b.String())
	}
	delete(r.Options, "trend")
	r.Steps[0].Persons = 0
	b.Reset()
	(&app{}).funnelText(&b, r, funnelFlags{})
	if text := b.String(); strings.Contains(text, "2026-01-03") || !strings.Contains(text, "Nobody entered this funnel.\n\n  Counted with order strict.") {
		t.Errorf("nobody entered:\n%s", text)
	}
}

// What stands in a group's row of a file is what the answer holds, and every row has all columns.
func TestExactGroups(t *testing.T) {
	r := wideFunnel()
	r.Groups[1].Cost = nil
	var b strings.Builder
	if err := writeCSV(&b, []table{exactGroups(r)}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	at := map[string]string{}
	for i, h := range rows[0] {
		at[h] = rows[1][i]
	}
	for h, want := range map[string]string{"group": "P1", "entered": "4000", "converted": "1000", "rate": "0.25", "shrunk": "0.2", "difference": "0.05", "adjusted_p": "0.02", "decision": "above", "cost_minor": "23020963", "half_after_seconds": "5"} {
		if at[h] != want {
			t.Errorf("%s is %q, want %q", h, at[h], want)
		}
	}
}

func TestListText(t *testing.T) {
	l := &funnel.List{Name: "f", Unit: "person", Step: "a", Status: "dropped", Limit: 1, Total: 2, Units: []funnel.Listed{{ID: "p\x1b1", LastStep: "a", EnteredAt: time.Unix(0, 0).UTC(), LastAt: time.Unix(0, 1000).UTC(), Status: "dropped"}}}
	var b strings.Builder
	(&app{}).listText(&b, l)
	for _, must := range []string{"f · dropped out at a · 2, the first 1 in order of their ids", "1970-01-01T00:00:00.000001Z"} {
		if !strings.Contains(b.String(), must) || strings.Contains(b.String(), "\x1b") {
			t.Errorf("%q is not in %s", must, b.String())
		}
	}
}

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{{0, "aa bb cc"}, {8, "aa bb cc"}, {7, "aa bb\n--cc"}, {4, "aa\n--bb\n--cc"}, {1, "aa\n--bb\n--cc"}} {
		if got := broken([]string{"aa", "bb", "cc"}, " ", c.width, "--"); got != c.want {
			t.Errorf("%d: %q", c.width, got)
		}
	}
	if got := fmt.Sprint(broken(nil, " ", 4, "")); got != "" {
		t.Errorf("%q of nothing", got)
	}
}
