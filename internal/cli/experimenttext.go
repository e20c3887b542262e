package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"vouch/experiments"
	"vouch/internal/stats"
	"vouch/referral"
)

// experimentText leads with the verdict, what it is worth and how sure that is, then shows each metric, the arms and
// the money; explain adds the rules of the verdict and the other readings.
func (a *app) experimentText(w io.Writer, r experiments.Result, explain bool) {
	head := []string{r.Name, "unit " + experiments.UnitName(r.Unit)}
	if r.From != "" {
		head = append(head, r.From+" to "+r.To)
	}
	if r.Window != "" {
		head = append(head, "window "+r.Window)
	}
	fmt.Fprintf(w, "%s\n\n", broken(head, " · ", a.env.Width, "  "))
	reason := r.Verdict.Reason
	if len(r.Arms) == 2 {
		reason = strings.TrimPrefix(reason, r.Verdict.Arm+": ")
	}
	if len(r.Arms) > 2 && r.Verdict.Action == experiments.ActionHold { // the reasons name the arms
		a.lines(w, verdictText(r)+".")
		a.lines(w, reason)
	} else {
		a.lines(w, verdictText(r)+": "+reason)
	}
	fmt.Fprintln(w)
	if t := answerTable(r); len(t.rows) > 0 {
		writeTables(w, []table{t})
		fmt.Fprintln(w)
	}
	if len(r.Verdict.Changes) > 0 {
		fmt.Fprintln(w, "  What would change it:")
		for _, c := range r.Verdict.Changes {
			a.lines(w, "- "+c)
		}
		fmt.Fprintln(w)
	}
	writeTables(w, []table{a.metricTable(r)})
	fmt.Fprint(w, "\n  p: probability of a difference at least this large if there were none\n")
	for _, m := range r.Metrics {
		if m.MeasuredIn == experiments.InSeconds {
			fmt.Fprintf(w, "  %s: time without the event; %s is better\n", shorten(m.Name, 32), map[bool]string{true: "sooner", false: "later"}[m.LowerIsBetter])
		}
	}
	fmt.Fprintln(w)
	writeTables(w, []table{armsTable(r)})
	a.paragraph(w, splitNotes(r))
	if r.Money != nil && len(r.Money.Arms) > 0 && r.Verdict.Action != experiments.ActionInvalid {
		fmt.Fprintln(w)
		t := moneyTable(r)
		t.fit(a.env.Width, "other cost", "commission", "rewards", "customers")
		writeTables(w, []table{t})
		a.paragraph(w, moneyNotes(r))
	}
	if explain {
		a.explainText(w, r)
	} else if len(r.Verdict.Rules) > 0 {
		fmt.Fprintf(w, "\n  --explain shows the rules behind the verdict and the other readings\n")
	}
}

// verdictText is the verdict as a headline.
func verdictText(r experiments.Result) string {
	s := strings.ToUpper(r.Verdict.Action)
	if r.Verdict.Arm != "" {
		s += " " + printable(r.Verdict.Arm)
	}
	return s
}

// answerTable says what the verdict is worth, how sure it is and what is missing. It has no heading.
func answerTable(r experiments.Result) table {
	t := newTable("", 2, "", "")
	t.bare = true
	v, unit := r.Verdict, experiments.UnitName(r.Unit)
	if v.MonthMinor.Known() {
		t.add("worth a month", gain(v.MonthMinor, r.Currency))
	}
	if v.ValueMinor.Known() {
		t.add("worth per "+unit, gain(v.ValueMinor, r.Currency))
	}
	if p := v.ProbabilityOfLoss; p != nil {
		s := chance(*p)
		if v.ExpectedLossMinor != nil {
			s += ", on average " + money(int64(math.Round(*v.ExpectedLossMinor)), r.Currency) + " " + r.Currency + " a month if shipped"
		}
		t.add("probability of loss", s)
	}
	if s := needed(v, unit); s != "" {
		t.add("still needed", s)
	}
	return t
}

// needed says how many more units and days a clear answer takes.
func needed(v experiments.Verdict, unit string) string {
	switch {
	case v.MoreUnits == nil:
		return ""
	case *v.MoreUnits == 0:
		return "nothing"
	case v.MoreDays == nil:
		return referral.Thousands(*v.MoreUnits) + " more " + unit + "s"
	}
	return fmt.Sprintf("%s more %ss, about %s at the present rate", referral.Thousands(*v.MoreUnits), unit, count(int(*v.MoreDays), "day", "days"))
}

// gain writes a difference of money with its interval.
func gain(e referral.Estimate, currency string) string {
	m := experiments.MetricResult{MeasuredIn: experiments.InMinor}
	s := effect(m, e, currency)
	if i := effectRange(m, e, currency); i != "" {
		s += " (" + i + ")"
	}
	return s
}

// chance writes a probability for people.
func chance(p float64) string {
	switch {
	case p < 0.001:
		return "< 0.1 %"
	case p > 0.999:
		return "> 99.9 %"
	}
	return fmt.Sprintf("%.1f %%", 100*p)
}

// metricTable lists each metric of each arm against the control; a narrow terminal loses the less important columns.
func (a *app) metricTable(r experiments.Result) table {
	level := strconv.FormatFloat(100*r.Confidence, 'g', 4, 64) + " %"
	t := newTable("", 3, "metric", "role", "arm", "effect", level, "lift", "lift "+level, "p", "adjusted p", "decision")
	t.left[9] = true
	for _, x := range r.Metrics {
		for _, c := range x.Comparisons {
			decision := c.Decision
			if n := c.Noninferiority; n != nil && n.Noninferior != nil {
				decision += map[bool]string{true: ", within margin", false: ", margin not shown"}[*n.Noninferior]
			}
			t.add(shorten(x.Name, 32), x.Role, shorten(printable(c.Arm), 24), effect(x, c.Effect, r.Currency), effectRange(x, c.Effect, r.Currency),
				liftText(c.Lift), liftRange(c.Lift), pValue(c.PValue), pValue(c.AdjustedP), decision)
		}
	}
	t.fit(a.env.Width, "lift "+level, "role", "p", "lift", "adjusted p")
	return t
}

func armsTable(r experiments.Result) table {
	t := newTable("", 1, "variant", "units", "mature", "planned share")
	for _, x := range r.Arms {
		t.add(shorten(printable(x.Variant), 32), referral.Thousands(x.N), referral.Thousands(x.Mature), fmt.Sprintf("%.1f %%", 100*x.Share))
	}
	return t
}

// splitNotes say whether the split is as planned, and how far the experiment is.
func splitNotes(r experiments.Result) []string {
	out := []string{"Sample ratio: " + pEquals(r.SRM.PValue) + "."}
	if r.SRM.PValue == nil {
		out[0] = "Sample ratio: not tested, " + cmp.Or(strings.ReplaceAll(r.SRM.Reason, "_", " "), "no reason given") + "."
	}
	uneven := 0
	for _, p := range r.SplitBy {
		if p.AdjustedP != nil && *p.AdjustedP < 0.001 {
			uneven++
		}
	}
	if len(r.SplitBy) > 0 {
		out[0] += fmt.Sprintf(" Parts (strata, days) that are split otherwise than planned: %d of %s.", uneven, referral.Thousands(int64(len(r.SplitBy))))
	}
	if s := r.Stopping; s != nil && s.Units > 0 {
		note := fmt.Sprintf("Stopping rule %s: %s of %s planned units are mature (%.0f %%)", s.Rule, referral.Thousands(s.Mature), referral.Thousands(s.Units), 100*float64(s.Mature)/float64(s.Units))
		if s.Looks > 0 {
			note += fmt.Sprintf(", look %d of %d", s.Look, s.Looks)
		}
		if s.NextUnits != nil && !s.Final {
			note += ", the next at " + referral.Thousands(*s.NextUnits)
		}
		out = append(out, note+".")
	}
	if x := r.Interference; x != nil && x.Warning != "" {
		out = append(out, x.Warning)
	}
	return out
}

// moneyTable lists what each arm earns and costs per unit.
func moneyTable(r experiments.Result) table {
	t := newTable("", 1, experiments.UnitName(r.Unit)+", "+r.Currency, "contribution", "rewards", "commission", "other cost", "profit", "95 %", "customers")
	t.head[6] = strconv.FormatFloat(100*r.Confidence, 'g', 4, 64) + " %"
	for _, x := range r.Money.Arms {
		other := "–"
		if x.Other != nil {
			other = money(int64(math.Round(*x.Other)), r.Currency)
		}
		between := ""
		if x.Profit.Lo != nil && x.Profit.Hi != nil {
			between = money(int64(math.Round(*x.Profit.Lo)), r.Currency) + " to " + money(int64(math.Round(*x.Profit.Hi)), r.Currency)
		}
		customers := reason(x.Customers)
		if x.Customers.Known() {
			customers = fmt.Sprintf("%.3g", *x.Customers.Value)
		}
		t.add(shorten(printable(x.Variant), 24), moneyOf(x.Contribution, r.Currency), moneyOf(x.Rewards, r.Currency), moneyOf(x.Commission, r.Currency), other,
			moneyOf(x.Profit, r.Currency), between, customers)
	}
	return t
}

// moneyNotes say what each arm changes, and what a further customer costs or why that cannot be said.
func moneyNotes(r experiments.Result) []string {
	var out []string
	for _, c := range r.Money.Comparisons {
		s := printable(c.Arm) + " against " + printable(c.Control) + ": profit "
		if c.Profit.Known() {
			s += gain(c.Profit, r.Currency)
		} else {
			s += "not known (" + reason(c.Profit) + ")"
		}
		switch e := c.IncrementalCPA; {
		case e.Known():
			s += "; a further customer costs " + moneyOf(e, r.Currency) + " " + r.Currency
			if e.Lo != nil && e.Hi != nil {
				s += " (" + money(int64(math.Round(*e.Lo)), r.Currency) + " to " + money(int64(math.Round(*e.Hi)), r.Currency) + ")"
			} else if e.Reason != "" {
				s += ", without limits: " + costReason(e)
			}
		case e.Reason != "":
			s += "; what a further customer costs cannot be said: " + costReason(e)
		}
		if c.LongRun != nil && c.LongRun.Known() {
			s += "; in the long run " + gain(*c.LongRun, r.Currency)
		}
		out = append(out, s+".")
	}
	return out
}

// costReason says why a further customer has no cost, or its cost no limits.
func costReason(e referral.Estimate) string {
	switch e.Reason {
	case referral.ReasonNoCost:
		return "neither arm has a cost"
	case stats.ReasonZeroDenominator:
		return "both arms bring equally many customers"
	case referral.ReasonUnbounded:
		return "the difference in customers is not told apart from 0"
	}
	return reason(e)
}

// verdictsText lists all experiments with what to do.
func (a *app) verdictsText(w io.Writer, rs []experiments.Result) {
	if len(rs) == 0 {
		fmt.Fprintln(w, "No experiment is defined: add one under experiments in vouch.yaml.")
		return
	}
	t := newTable("", 2, "experiment", "verdict", "worth a month", "chance of loss", "effect on the primary metric", "units", "still needed", "days")
	for _, r := range rs {
		main := ""
		if m, c, ok := primaryOf(r); ok && r.Verdict.Action != experiments.ActionInvalid {
			main = effect(m, c.Effect, r.Currency)
			if i := effectRange(m, c.Effect, r.Currency); i != "" {
				main += " (" + i + ")"
			}
		}
		worth, loss := "–", "–"
		if r.Verdict.MonthMinor.Known() {
			worth = gain(r.Verdict.MonthMinor, r.Currency)
		}
		if p := r.Verdict.ProbabilityOfLoss; p != nil {
			loss = chance(*p)
		}
		t.add(shorten(r.Name, 32), shorten(verdictText(r), 32), worth, loss, main, referral.Thousands(unitsOf(r)),
			ifKnown(r.Verdict.MoreUnits, referral.Thousands), ifKnown(r.Verdict.MoreDays, referral.Thousands))
	}
	t.fit(a.env.Width, "units", "days", "chance of loss", "still needed", "worth a month")
	writeTables(w, []table{t})
}

// primaryOf is the comparison the verdict is about.
func primaryOf(r experiments.Result) (m experiments.MetricResult, c experiments.Comparison, ok bool) {
	for _, m := range r.Metrics {
		if m.Role != experiments.RolePrimary || len(m.Comparisons) == 0 {
			continue
		}
		for _, c := range m.Comparisons {
			if c.Arm == r.Verdict.Arm {
				return m, c, true
			}
		}
		return m, m.Comparisons[0], true
	}
	return m, c, false
}

func unitsOf(r experiments.Result) int64 {
	var n int64
	for _, x := range r.Arms {
		n += x.N
	}
	return n
}

// ifKnown writes a whole number that may not be known.
func ifKnown(v *int64, write func(int64) string) string {
	if v == nil {
		return ""
	}
	return write(*v)
}

func plain(n int64) string { return strconv.FormatInt(n, 10) }

// effect writes a difference: percentage points for shares, money for amounts, time for times, else the number itself.
func effect(m experiments.MetricResult, e referral.Estimate, currency string) string {
	if e.Value == nil {
		return reason(e)
	}
	s := difference(m, *e.Value, currency)
	switch m.MeasuredIn {
	case experiments.InShares:
		s += " pp"
	case experiments.InMinor:
		s += " " + currency
	}
	return s
}

func effectRange(m experiments.MetricResult, e referral.Estimate, currency string) string {
	switch {
	case e.Lo == nil && e.Hi == nil:
		return ""
	case e.Lo == nil:
		return "at most " + difference(m, *e.Hi, currency)
	case e.Hi == nil:
		return "at least " + difference(m, *e.Lo, currency)
	}
	return difference(m, *e.Lo, currency) + " to " + difference(m, *e.Hi, currency)
}

// difference writes a signed number of a metric without its unit.
func difference(m experiments.MetricResult, v float64, currency string) string {
	switch m.MeasuredIn {
	case experiments.InShares:
		return fmt.Sprintf("%+.2f", 100*v)
	case experiments.InMinor:
		s := money(int64(math.Round(v)), currency)
		if math.Round(v) > 0 {
			s = "+" + s
		}
		return s
	case experiments.InSeconds:
		s := seconds(math.Abs(v))
		switch {
		case v < 0:
			return "-" + s
		case v > 0:
			return "+" + s
		}
		return s
	}
	return referral.SignedSignificant(v, 3)
}

// liftText writes a relative difference, or why there is none.
func liftText(e referral.Estimate) string {
	if e.Value == nil {
		return reason(e)
	}
	return fmt.Sprintf("%+.1f %%", 100**e.Value)
}

// liftRange writes its interval, of which either side may be open.
func liftRange(e referral.Estimate) string {
	switch {
	case e.Lo == nil && e.Hi == nil:
		return ""
	case e.Lo == nil:
		return fmt.Sprintf("at most %+.1f", 100**e.Hi)
	case e.Hi == nil:
		return fmt.Sprintf("at least %+.1f", 100**e.Lo)
	}
	return fmt.Sprintf("%+.1f to %+.1f", 100**e.Lo, 100**e.Hi)
}

// pEquals writes a p-value behind its name.
func pEquals(p *float64) string {
	if s := pValue(p); strings.HasPrefix(s, "<") {
		return "p " + s
	}
	return "p = " + pValue(p)
}
