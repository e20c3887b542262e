package cli

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"vouch/experiments"
	"vouch/referral"
	"vouch/reports/reportstest"
)

func textOf(a *app, r experiments.Result, explain bool) string {
	var b strings.Builder
	a.experimentText(&b, r, explain)
	return b.String()
}

// The answer comes first: what to do, what it is worth, how sure; then the evidence; nothing that is not known.
func TestExperimentText_order(t *testing.T) {
	text := textOf(&app{}, reportstest.Rich().Experiments[0], true)
	at := 0
	for _, must := range []string{
		"reward · unit referrer · 2026-07-01 to 2026-10-30 · window 30d\n",
		"SHIP ten: the primary metric is better and no guardrail is worse\n",
		"worth a month        +6,980.00 EUR (+2,800.00 to +11,160.00)\n",
		"worth per referrer   +3.42 EUR (+1.37 to +5.46)\n",
		"probability of loss  < 0.1 %, on average 0.37 EUR a month if shipped\n",
		"still needed         nothing\n",
		"What would change it:\n  - complaints worse than 1 pp would stop it\n",
		"metric", "paid", "+3.01 pp", "+1.51 to +4.51", "+25.1 %", "+12.0 to +39.0", "< 0.0001", "better",
		"complaints", "unclear, within margin", "+4.10 EUR", "-13.9 h", "-2.2 d to +1.0 d", "+0.016", "at least +10.0", "time without the event; sooner is better",
		"variant", "none", "4,102", "50.0 %", "Sample ratio: p = 0.7800. Parts (strata, days) that are split otherwise than planned: 1 of 5.",
		"Stopping rule group_sequential: 7,771 of 10,000 planned units are mature (78 %), look 3 of 4, the next at 10,000.",
		"3.1 % of referees were touched", "contribution", "16.70", "15.10 to 18.29",
		"a further customer costs 74.26 EUR (41.00 to 198.00); in the long run +6.90 EUR (+1.50 to +12.30).",
		"Rules of the verdict", "passed      split: the sample ratio holds", "not passed  worth, ten: EUR 12500.50",
		"Other readings", "unadjusted", "adjustment explains 14.3 %", "at all looks", "z 3.94, limit 2.34, crossed", "better with probability > 99.9 %",
		"Kaplan–Meier", "14 units above the cap", "larger in 52.3 % of pairs, p", "Primary metrics by stratum", "gold", "Sides of the incentive", "referrer × referee", "By day since exposure",
		"touched by two arms", "primary holm, secondary bh, guardrail none",
	} {
		i := strings.Index(text[at:], must)
		if i < 0 {
			t.Fatalf("no %q after\n%s\nin\n%s", must, text[max(0, at-200):at], text)
		}
		at += i
	}
	if strings.Contains(textOf(&app{}, reportstest.Rich().Experiments[0], false), "Other readings") {
		t.Error("the other readings are shown without --explain")
	}
}

// A terminal shows no line wider than it is; a file has every column.
func TestExperimentText_fits(t *testing.T) {
	for _, width := range []int{80, 100, 120} {
		for _, r := range reportstest.Rich().Experiments {
			for line := range strings.Lines(textOf(&app{env: Env{Terminal: true, Width: width}}, r, false)) {
				if n := cells(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%d columns: %d in %q", width, n, line)
				}
			}
		}
		var b strings.Builder
		(&app{env: Env{Terminal: true, Width: width}}).verdictsText(&b, reportstest.Rich().Experiments)
		for line := range strings.Lines(b.String()) {
			if n := cells(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%d columns: %d in %q", width, n, line)
			}
		}
	}
}

// What an experiment does not have is left out, and what cannot be known says why.
func TestExperimentText_absent(t *testing.T) {
	r := reportstest.Hollow().Experiments[0]
	text := textOf(&app{}, r, true)
	for _, must := range []string{"HOLD: nobody was exposed", "Sample ratio: not tested, insufficient data."} {
		if !strings.Contains(text, must) {
			t.Errorf("no %q in\n%s", must, text)
		}
	}
	for _, not := range []string{"worth", "loss", "needed", "Rules", "Other readings", "contribution", "NaN", "0001-01-01", " to \n", "p = –"} {
		if strings.Contains(text, not) {
			t.Errorf("%q in\n%s", not, text)
		}
	}
	r.Money = &experiments.Money{
		Arms: []experiments.ArmMoney{{Variant: "none", Profit: referral.Undefined(referral.ReasonNoRevenue, "", 0.95)}},
		Comparisons: []experiments.MoneyComparison{{
			Arm: "ten", Control: "none", Profit: referral.Undefined(referral.ReasonNoRevenue, "", 0.95), IncrementalCPA: referral.Undefined(referral.ReasonUnbounded, "", 0.95),
		}},
	}
	if text := textOf(&app{}, r, false); !strings.Contains(text, "ten against none: profit not known (no revenue); what a further customer costs cannot be said: the difference in customers is not told apart from 0.") {
		t.Errorf("no reason in\n%s", text)
	}
}

func TestVerdictsText(t *testing.T) {
	var b strings.Builder
	(&app{}).verdictsText(&b, reportstest.Rich().Experiments)
	for _, must := range []string{"SHIP ten", "+6,980.00 EUR (+2,800.00 to +11,160.00)", "< 0.1 %", "HOLD", "2,120", "INVALID", "18,040"} {
		if !strings.Contains(b.String(), must) {
			t.Errorf("no %q in\n%s", must, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.Contains(line, "INVALID") && strings.Contains(line, "0.03") {
			t.Errorf("the effect of an invalid experiment is shown: %q", line)
		}
	}
	b.Reset()
	(&app{}).verdictsText(&b, nil)
	if !strings.Contains(b.String(), "No experiment is defined") {
		t.Error(b.String())
	}
	var buf bytes.Buffer
	if err := writeCSV(&buf, []table{exactVerdicts(reportstest.Rich().Experiments)}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&buf).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != "reward" || rows[1][3] != "698000" || rows[2][8] != "2120" || rows[3][3] != "" {
		t.Errorf("%v %q", err, rows)
	}
}

// Names of the data cannot steer the terminal.
func TestExperimentText_hostile(t *testing.T) {
	r := reportstest.Rich().Experiments[0]
	r.Verdict.Arm, r.Metrics[0].Comparisons[0].Arm, r.Arms[1].Variant = "\x1b[2J", "\x1b]0;x\a", "a\nb"
	r.Metrics[0].Comparisons[0].Strata.Parts[0].Stratum = "\x1b[31m"
	if text := textOf(&app{}, r, true); strings.ContainsAny(text, "\x1b\a") {
		t.Errorf("escape sequences in %q", text)
	}
}
