package reports

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/experiments"
	"vouch/referral"
)

// sectionOf renders one experiment beside another, and returns its sub-headings and all its words.
func sectionOf(t *testing.T, r experiments.Result) (heads []string, words string) {
	t.Helper()
	w := testWriter(&Bundle{Experiments: []experiments.Result{r, {Name: "other"}}})
	s, err := w.experimentSection(&r)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, x := range s.Blocks {
		if x.Head != "" {
			heads = append(heads, x.Head)
		}
		fmt.Fprintln(&b, x.Text, x.Note)
		if x.Answer != nil {
			fmt.Fprintln(&b, x.Answer.Verdict, x.Answer.Text, x.Answer.Changes, x.Answer.Figures)
		}
		for _, c := range x.Strip {
			fmt.Fprintln(&b, c.Name, c.Value, c.Mark)
		}
		if x.Table != nil {
			for _, row := range x.Table.Rows {
				for _, c := range row {
					fmt.Fprint(&b, c.Text, " ", c.Sub, " | ")
				}
				fmt.Fprintln(&b)
			}
		}
	}
	return heads, plainText(b.String())
}

// small is an experiment of two arms with a primary metric and a guardrail and nothing else.
func small() experiments.Result {
	return experiments.Result{
		Name: "reward", Unit: "referrer", Control: "none", Confidence: 0.95, Arms: []experiments.Arm{{Variant: "none", N: 100, Mature: 90}, {Variant: "ten", N: 101, Mature: 91}},
		SRM: experiments.SRM{PValue: referral.Float(0.5)},
		Metrics: []experiments.MetricResult{
			{Name: "paid", Kind: "proportion", Role: "primary", MeasuredIn: experiments.InShares, Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: est(0.03, 0.01, 0.05), Lift: est(0.3, 0.1, 0.5), Decision: "better", PValue: referral.Float(0.002)}}},
			{Name: "refunds", Kind: "mean", Role: "guardrail", MeasuredIn: experiments.InMinor, LowerIsBetter: true, Comparisons: []experiments.Comparison{{Arm: "ten", Control: "none", Effect: est(20, -30, 70), Lift: est(0.1, -0.1, 0.3), Decision: "unclear", PValue: referral.Float(0.4)}}},
		},
		Verdict: experiments.Verdict{Action: "ship", Arm: "ten", Reason: "ten: better on paid."},
	}
}

// What an experiment does not have takes no room on the page, and what is not known is not invented.
func TestExperimentSection_leavesOutWhatIsAbsent(t *testing.T) {
	heads, words := sectionOf(t, small())
	want := []string{"Effect on shares, in percentage points", "Effect on money, per referrer", "Do the guardrails hold?", "Each metric by arm"}
	if d := cmp.Diff(want, heads); d != "" {
		t.Error(d)
	}
	for _, not := range []string{"Worth", "Probability of loss", "Still needed", "NaN", "Inf", "Nothing known of", "Looks"} {
		if strings.Contains(words, not) {
			t.Errorf("%q in\n%s", not, words)
		}
	}
	if _, words := sectionOf(t, experiments.Result{Name: "empty", Verdict: experiments.Verdict{Action: "hold", Reason: "nobody was exposed"}}); !strings.Contains(words, "There is nothing to compare yet.") {
		t.Errorf("of nothing it says\n%s", words)
	}
}

// An experiment that is invalid shows no worth and no effect as if they could be read.
func TestExperimentSection_invalid(t *testing.T) {
	r := small()
	r.Verdict = experiments.Verdict{Action: "invalid", Reason: "the split differs", ValueMinor: est(300, 100, 500), MonthMinor: est(9e5, 1, 2e6), ProbabilityOfLoss: referral.Float(0.01)}
	r.Money = &experiments.Money{Arms: []experiments.ArmMoney{{Variant: "none", Profit: est(1, 0, 2)}, {Variant: "ten", Profit: est(3, 2, 4)}}}
	heads, words := sectionOf(t, r)
	if slices.Contains(heads, "Does it pay?") || slices.Contains(heads, "Do the guardrails hold?") {
		t.Errorf("headings %q", heads)
	}
	for _, must := range []string{"Do not read", "The split differs.", "not to be compared", "no comparison is read"} {
		if !strings.Contains(words, must) {
			t.Errorf("no %q in\n%s", must, words)
		}
	}
	if strings.Contains(words, "Probability of loss") || strings.Contains(words, "Worth") {
		t.Errorf("worth of an invalid experiment in\n%s", words)
	}
	line := testWriter(&Bundle{}).verdictTable([]*experiments.Result{&r}).Rows[0]
	if line[2].Text != "" && strings.Contains(line[5].Text, "pp") {
		t.Errorf("the index shows the effect %q", line[5].Text)
	}
}

func TestAnswerFigures(t *testing.T) {
	w := testWriter(&Bundle{})
	names := func(v experiments.Verdict) (out []string) {
		r := small()
		r.Verdict = v
		for _, f := range w.answerFigures(&r) {
			out = append(out, plainText(fmt.Sprintf("%s: %s %s, %s, %s", f.Name, f.Unit, f.Value, f.Sub, f.ChangeSub)))
		}
		return out
	}
	effect := "Effect on paid:  +3.00 pp, +1.00 to +5.00, lift +30.0 % (+10.0 to +50.0)"
	none := referral.Undefined(referral.ReasonNoRevenue, "", 0.95)
	for name, c := range map[string]struct {
		v    experiments.Verdict
		want []string
	}{
		"nothing known": {experiments.Verdict{Action: "hold", ValueMinor: none, MonthMinor: none}, []string{effect}},
		"per unit only": {experiments.Verdict{Action: "hold", ValueMinor: est(300, 100, 500), MonthMinor: none}, []string{"Worth per referrer: EUR +3.00, +1.00 to +5.00, ", effect}},
		"everything": {
			experiments.Verdict{
				Action: "hold", ValueMinor: est(-300, -500, 100), MonthMinor: est(-123_400, -200_000, 50_000), ProbabilityOfLoss: referral.Float(0.87),
				ExpectedLossMinor: referral.Float(130_000), MoreUnits: ptr[int64](1234), MoreDays: ptr[int64](1),
			},
			[]string{
				"Worth a month: EUR -1,230, -2,000 to +500, -EUR 3.00 per referrer", "Probability of loss:  87.0 %, expected loss if shipped EUR 1,300 a month, ", effect,
				"Still needed:  1,234, referrers, about 1 day at the present rate, ",
			},
		},
		"nothing more": {experiments.Verdict{Action: "ship", MoreUnits: ptr[int64](0)}, []string{effect, "Still needed:  nothing, no further referrers, "}},
		"no days":      {experiments.Verdict{Action: "hold", MoreUnits: ptr[int64](40)}, []string{effect, "Still needed:  40, referrers, "}},
	} {
		if d := cmp.Diff(c.want, names(c.v)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// A guardrail holds only when it is shown to; what decides is its margin where it has one.
func TestGuardrail(t *testing.T) {
	w := testWriter(&Bundle{})
	m := experiments.MetricResult{Name: "refunds", Role: "guardrail", MeasuredIn: experiments.InMinor, LowerIsBetter: true}
	for name, c := range map[string]struct {
		c                       experiments.Comparison
		holds, tolerated, worst string
	}{
		"no margin, unclear":  {experiments.Comparison{Effect: est(1, -1, 3), Decision: "unclear"}, "not worse", "no margin", "–"},
		"no margin, worse":    {experiments.Comparison{Effect: est(3, 1, 5), Decision: "worse"}, "no, it is worse", "no margin", "–"},
		"no margin, unknown":  {experiments.Comparison{Effect: referral.Undefined(referral.ReasonNoData, "", 0.95)}, "not measured", "no margin", "–"},
		"within":              {experiments.Comparison{Effect: est(1, -1, 3), Noninferiority: &experiments.Noninferiority{Margin: 500, Limit: referral.Float(300), Noninferior: ptr(true)}}, "yes, within its margin", "+EUR 5.00", "+EUR 3.00"},
		"not shown":           {experiments.Comparison{Effect: est(1, -1, 3), Noninferiority: &experiments.Noninferiority{Margin: 500, Limit: referral.Float(800), Noninferior: ptr(false)}}, "not shown", "+EUR 5.00", "+EUR 8.00"},
		"not shown and worse": {experiments.Comparison{Effect: est(9, 8, 10), Decision: "worse", Noninferiority: &experiments.Noninferiority{Margin: 500, Noninferior: ptr(false)}}, "no, it is worse", "+EUR 5.00", "–"},
		"no test":             {experiments.Comparison{Effect: est(1, 1, 1), Noninferiority: &experiments.Noninferiority{Margin: 500, Reason: referral.ReasonZeroVariance}}, "not shown", "+EUR 5.00", "–"},
	} {
		holds, tolerated, worst, _ := w.guardrail(m, c.c, KindGain)
		if holds.Text != c.holds || plainText(tolerated.Text) != c.tolerated || plainText(worst.Text) != c.worst {
			t.Errorf("%s: %q, %q, %q", name, holds.Text, tolerated.Text, worst.Text)
		}
	}
	if got := *margin(experiments.MetricResult{}, &experiments.Noninferiority{Margin: 0.01}); got != -0.01 {
		t.Errorf("where higher is better a loss of 0.01 lies at %v", got)
	}
}

// The price of a further customer, or why there is none.
func TestMoneyText(t *testing.T) {
	w := testWriter(&Bundle{})
	for want, e := range map[string]referral.Estimate{
		"Each further customer costs EUR 74.26 (41.00 to 198).":                                                       est(7426, 4100, 19800),
		"What a further customer costs cannot be said: the difference in customers is not told apart from 0.":         referral.Undefined(referral.ReasonUnbounded, "", 0.95),
		"Each further customer costs EUR 74.26, without limits: the difference in customers is not told apart from 0": {Value: referral.Float(7426), Reason: referral.ReasonUnbounded},
		"What a further customer costs cannot be said: both arms bring equally many customers.":                       referral.Undefined("zero_denominator", "", 0.95),
		"What a further customer costs cannot be said: no cost.":                                                      referral.Undefined(referral.ReasonNoCost, "", 0.95),
	} {
		r := small()
		r.Money = &experiments.Money{Comparisons: []experiments.MoneyComparison{{Arm: "ten", Control: "none", Profit: est(342, 137, 546), IncrementalCPA: e}}}
		got := plainText(w.moneyText(&r))
		if !strings.Contains(got, "Against none, ten changes it by +EUR 3.42 (+1.37 to +5.46).") || !strings.Contains(got, want) {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
	}
}

func TestStoppingText(t *testing.T) {
	w := testWriter(&Bundle{})
	say := func(x *experiments.StoppingState) (string, *progress) {
		var s section
		r := small()
		r.Stopping = x
		w.addStopping(&s, &r)
		var text string
		var p *progress
		for _, b := range s.Blocks {
			text += b.Text
			if b.Progress != nil {
				p = b.Progress
			}
		}
		return plainText(text), p
	}
	text, p := say(&experiments.StoppingState{Rule: "group_sequential", Units: 1000, Mature: 620, Look: 2, Looks: 4, NextUnits: ptr[int64](750)})
	if text != "620 of 1,000 planned referrers have a closed window: 62.0 % of the way; rule: planned looks (group sequential). The next look is due at 750." {
		t.Errorf("%q", text)
	}
	if p == nil || p.Share != 62 || !slices.Equal(p.Ticks, []float64{75}) {
		t.Errorf("%+v", p)
	}
	text, p = say(&experiments.StoppingState{Rule: "always_valid", Units: 1000, Mature: 1300, Final: true})
	if text != "All 1,000 planned referrers have a closed window (1,300 in all); rule: looks at any time (confidence sequence)." || p.Share != 100 || p.Ticks != nil {
		t.Errorf("%q, %+v", text, p)
	}
	if text, p := say(&experiments.StoppingState{Rule: "fixed", Mature: 12}); text != "" || p != nil {
		t.Errorf("without a plan: %q", text)
	}
}

func TestStrataText(t *testing.T) {
	w := testWriter(&Bundle{})
	for want, x := range map[string]*experiments.StrataResult{
		"": nil,
		"The effect on paid differs between the 2 strata (Cochran's Q 7.90, p = 0.005; 87.0 % of the variation between them is more than chance).": {Q: ptr(7.9), PValue: ptr(0.005), ISquared: ptr(0.87), Parts: make([]experiments.StratumEffect, 2)},
		"The effect on paid does not clearly differ between the 2 strata (Cochran's Q 0.100, p = 0.750).":                                          {Q: ptr(0.1), PValue: ptr(0.75), Parts: make([]experiments.StratumEffect, 2)},
		"Whether the effect on paid differs between strata cannot be said: not enough data.":                                                       {Reason: referral.ReasonNoData},
	} {
		r := small()
		r.Metrics[0].Comparisons[0].Strata = x
		if got := plainText(w.strataText(&r)); got != want {
			t.Errorf("got\n%q, want\n%q", got, want)
		}
	}
}

// A heading says what its numbers are of, and an arm on hold which one the figures are of.
func TestExperiments_ofWhat(t *testing.T) {
	r := small()
	if got := perUnit(&r, ", ", anyMetric); got != ", per referrer" {
		t.Errorf("shares and means are of %q", got)
	}
	r.Metrics = append(r.Metrics, experiments.MetricResult{Name: "basket", Kind: "ratio"})
	if got := perUnit(&r, ", ", anyMetric); got != "" {
		t.Errorf("with a ratio they are of %q", got)
	}
	if got := perUnit(&r, ", ", func(experiments.MetricResult) bool { return false }); got != "" {
		t.Errorf("nothing is of %q", got)
	}
	r.Arms, r.Verdict.Action = make([]experiments.Arm, 3), "hold"
	if got := testWriterAt(t, &Bundle{}).answerFigures(&r); len(got) == 0 || got[0].Name != "Effect on paid, ten" {
		t.Errorf("figures %+v", got)
	}
}

// Checks that nobody made are not said to hold, and the split is judged as the verdict judged it.
func TestValidity(t *testing.T) {
	w, r := testWriterAt(t, &Bundle{}), small()
	r.SRM.PValue = referral.Float(0.004)
	r.From = ""
	if got := w.validity(&r); len(got) != 2 || got[0].Mark != "holds" || got[1].Mark != "referrers" {
		t.Errorf("counted elsewhere: %+v", got)
	}
	r.From = "2026-03-01"
	r.Verdict.Rules = []experiments.Rule{{Name: "split"}}
	if got := w.validity(&r); len(got) < 6 || got[0].Tone != "worse" {
		t.Errorf("a limit of one's own: %+v", got)
	}
}

// Of several experiments each has a line: what to do, and what that is worth where it is known.
func TestVerdictLine(t *testing.T) {
	for _, c := range []struct {
		action string
		arms   int
		want   string
	}{
		{"ship", 2, "Reward: ship ten, worth −EUR 5,570 a month (−6,470 to −4,670)."},
		{"hold", 2, "Reward: hold, worth −EUR 5,570 a month (−6,470 to −4,670)."},
		{"hold", 3, "Reward: hold, ten worth −EUR 5,570 a month (−6,470 to −4,670)."},
		{"invalid", 3, "Reward: do not read."},
	} {
		r := small()
		r.Arms = make([]experiments.Arm, c.arms)
		r.Verdict.Action, r.Verdict.MonthMinor = c.action, est(-557_000, -647_000, -467_000)
		if got := testWriterAt(t, &Bundle{}).verdictLine(&r); plainText(got) != plainText(c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// Many experiments: the verdicts are counted, the evidence is folded; a few are open.
func TestExperiments_manyFold(t *testing.T) {
	for _, c := range []struct {
		n     int
		lead  string
		open  bool
		folds bool
	}{{2, "Reward: ship ten, paid +3.00 pp (+1.00 to +5.00). Reward: ship ten, paid +3.00 pp (+1.00 to +5.00).", true, true}, {5, "5 experiments: 4 to ship, 1 to hold.", false, true}} {
		b := &Bundle{}
		for i := range c.n {
			r := small()
			if i == 4 {
				r.Verdict.Action = "hold"
			}
			b.Experiments = append(b.Experiments, r)
		}
		p, err := testWriterAt(t, b).experiments()
		if err != nil {
			t.Fatal(err)
		}
		if plainText(p.Lead) != c.lead || len(p.Sections) != c.n || p.Top == nil || len(p.Top.Blocks[0].Table.Rows) != c.n {
			t.Errorf("%d: %q, %d sections", c.n, plainText(p.Lead), len(p.Sections))
		}
		for _, s := range p.Sections {
			if s.Open != c.open || s.Folds != c.folds || s.Summary == nil || s.Summary.Verdict == "" {
				t.Errorf("%d: section %+v", c.n, s.Summary)
			}
		}
	}
	p, err := testWriterAt(t, &Bundle{Experiments: []experiments.Result{small()}}).experiments()
	if err != nil || p.Top != nil || len(p.Figures) == 0 || p.Sections[0].Folds {
		t.Errorf("one experiment: %v, %+v", err, p)
	}
}

// testWriterAt is a writer that can head a page.
func testWriterAt(t *testing.T, b *Bundle) *writer {
	t.Helper()
	b.Project = Project{Name: "x", Timezone: "UTC", Currency: "EUR"}
	w, err := newWriter(b)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestStatement(t *testing.T) {
	r := small()
	r.Families, r.Window = experiments.Families{Primary: "dunnett", Secondary: "by", Guardrail: "none"}, "30d"
	r.Metrics[0].Comparisons[0].Method = referral.MethodWelch
	want := "Primary p-values are corrected by Dunnett; guardrail p-values are not corrected; tests: Welch's t; intervals at 95.0 %; outcomes count for 30d after the first exposure."
	if got := plainText(testWriter(&Bundle{}).statement(&r)); got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

func TestSplitTable_mostUnevenFirst(t *testing.T) {
	r := small()
	for i := range 14 {
		r.SplitBy = append(r.SplitBy, experiments.SplitPart{By: "day", Key: fmt.Sprint(i), Units: []int64{5, int64(i)}, PValue: ptr(1 / float64(i+1)), AdjustedP: ptr(1.0)})
	}
	r.SplitBy = append(r.SplitBy, experiments.SplitPart{By: "stratum", Key: "x", Units: []int64{1}, PValue: ptr(1e-9), AdjustedP: ptr(1e-8)})
	var s section
	testWriter(&Bundle{}).addSplit(&s, &r)
	table := s.Blocks[2].Table
	if s.Blocks[1].Text != "In 1 of 15 parts the units are split otherwise than planned: look there for the cause." || table.Rows[0][1].Text != "x" || table.Rows[1][1].Text != "13" {
		t.Errorf("%q, first %+v", s.Blocks[1].Text, table.Rows[0])
	}
	if len(table.Shown()) != 10 || len(table.Rows) != 15 || !strings.Contains(table.Caption, "the file has all 15") || table.Rows[0][3].Text != "–" {
		t.Errorf("%d of %d rows: %s", len(table.Shown()), len(table.Rows), table.Caption)
	}
}

func TestChanceAndDelay(t *testing.T) {
	for p, want := range map[float64]string{0: "< 0.1 %", 0.0009: "< 0.1 %", 0.001: "0.1 %", 0.5: "50.0 %", 0.999: "99.9 %", 1: "> 99.9 %"} {
		if got := plainText(eur.Chance(p)); got != want {
			t.Errorf("%v: %q, want %q", p, got, want)
		}
	}
	for s, want := range map[float64]string{0: "0 s", -90: "-2 min", 86_400 * 1.5: "+1.5 d", -3700: "-1.0 h"} {
		if got := plainText(eur.Delay(s)); got != want {
			t.Errorf("%v: %q, want %q", s, got, want)
		}
	}
}

// Which way is better is said where more is not, and what stands beside a quantile where there is one.
func TestExperimentSection_directionAndRanks(t *testing.T) {
	r := small()
	sooner := experiments.MetricResult{Name: "wait", Role: "secondary", MeasuredIn: experiments.InSeconds, LowerIsBetter: true, Comparisons: r.Metrics[0].Comparisons}
	later := sooner
	later.Name, later.LowerIsBetter = "stay", false
	r.Metrics = append(r.Metrics, sooner, later)
	heads, words := sectionOf(t, r)
	if slices.Contains(heads, "All values by their order") {
		t.Errorf("ranks without a quantile: %q", heads)
	}
	r.Metrics[2].Comparisons = slices.Clone(r.Metrics[2].Comparisons)
	r.Metrics[2].Comparisons[0].Ranks = &experiments.Ranks{Larger: referral.Float(0.41), PValue: referral.Float(0.031)}
	heads, ranked := sectionOf(t, r)
	if !slices.Contains(heads, "All values by their order") {
		t.Errorf("no ranks: %q", heads)
	}
	for text, must := range map[string][]string{words: {"refunds lower is better |", "wait sooner is better |", "stay later is better |"}, ranked: {"wait  | ten  | 41.0 %  | 0.031"}} {
		for _, m := range must {
			if !strings.Contains(text, m) {
				t.Errorf("no %q in\n%s", m, text)
			}
		}
	}
}
