package cli

import (
	"fmt"
	"io"
	"strings"

	"vouch/experiments"
	"vouch/referral"
)

// explainText shows why the verdict is what it is: its rules, and what the other readings of the same effects say.
func (a *app) explainText(w io.Writer, r experiments.Result) {
	if len(r.Verdict.Rules) > 0 {
		fmt.Fprint(w, "\n  Rules of the verdict, in their order\n\n")
		for _, x := range r.Verdict.Rules {
			mark := "not passed"
			if x.Passed {
				mark = "passed    "
			}
			name := x.Name
			if x.Arm != "" {
				name += ", " + x.Arm
			}
			a.lines(w, mark+"  "+name+": "+x.Detail)
		}
	}
	for _, t := range []table{readingsTable(r), strataTable(r), factorialTable(r), noveltyTable(r), contactTable(r)} {
		if len(t.rows) > 0 {
			t.squeeze()
			fmt.Fprintln(w)
			writeTables(w, []table{t})
		}
	}
	if x := r.Interference; x != nil && x.Referees > 0 && x.TwoArms+x.Randomised == 0 {
		a.paragraph(w, []string{fmt.Sprintf("None of %s referees was touched by two arms or is randomised too.", referral.Thousands(x.Referees))})
	}
	f := r.Families
	if f.Primary != "" {
		a.paragraph(w, []string{fmt.Sprintf("p-values are corrected within the metrics of a role: primary %s, secondary %s, guardrail %s.", f.Primary, f.Secondary, f.Guardrail)})
	}
}

// readingsTable lists the other readings of each effect: one a row, those that there are.
func readingsTable(r experiments.Result) table {
	t := newTable("  Other readings of the effects", 3, "metric", "arm", "reading", "effect", "interval", "note")
	t.left[5] = true
	for _, m := range r.Metrics {
		for _, c := range m.Comparisons {
			add := func(reading, value, between, note string) {
				t.add(shorten(m.Name, 32), shorten(printable(c.Arm), 24), reading, value, between, note)
			}
			if u := c.Unadjusted; u != nil {
				note := ""
				if c.VarianceReduction != nil {
					note = fmt.Sprintf("adjustment explains %.1f %% of the variance", 100*max(0, *c.VarianceReduction))
				}
				add("unadjusted", effect(m, *u, r.Currency), effectRange(m, *u, r.Currency), note)
			}
			if x := c.Capped; x != nil {
				add("uncapped", effect(m, x.Uncapped, r.Currency), effectRange(m, x.Uncapped, r.Currency), count(int(x.Units), "unit", "units")+" above the cap")
			}
			sequentialReading(c.Sequential, func(value, between, note string) { add("at all looks", value, between, note) }, m, r.Currency)
			if b := c.Belief; b != nil && b.Better != nil {
				add("belief", "", "", "better with probability "+chance(*b.Better))
			}
			if n := c.Noninferiority; n != nil {
				add("margin", "", "", fmt.Sprintf("tolerates %s, %s", strings.TrimPrefix(effect(m, referral.Estimate{Value: &n.Margin}, r.Currency), "+"), pEquals(n.PValue)))
			}
			if s := c.Strata; s != nil && s.PostStratified.Known() {
				add("post-stratified", effect(m, s.PostStratified, r.Currency), effectRange(m, s.PostStratified, r.Currency), "strata differ: "+pEquals(s.PValue))
			}
			if d := c.Delayed; d != nil {
				share := experiments.MetricResult{MeasuredIn: experiments.InShares}
				add("Kaplan–Meier", effect(share, d.KaplanMeier, ""), effectRange(share, d.KaplanMeier, ""), "log-rank "+pEquals(d.LogRank)+", windows open: "+referral.Thousands(d.OpenControl+d.OpenTreatment))
			}
			if x := c.Ranks; x != nil && x.Larger != nil {
				add("by ranks", "", "", fmt.Sprintf("larger in %.1f %% of pairs, %s", 100**x.Larger, pEquals(x.PValue)))
			}
		}
	}
	return t
}

// sequentialReading is the read-out under looks before the end.
func sequentialReading(q *experiments.Sequential, add func(value, between, note string), m experiments.MetricResult, currency string) {
	if q == nil {
		return
	}
	between := ""
	if q.Lo != nil && q.Hi != nil {
		between = difference(m, *q.Lo, currency) + " to " + difference(m, *q.Hi, currency)
	}
	var notes []string
	if q.Z != nil && q.Critical != nil {
		notes = append(notes, fmt.Sprintf("z %.2f, limit %.2f", *q.Z, *q.Critical))
	}
	if q.PValue != nil {
		notes = append(notes, "always-valid "+pEquals(q.PValue))
	}
	if q.Crossed {
		notes = append(notes, "crossed")
	} else {
		notes = append(notes, "not crossed")
	}
	if q.Reason != "" {
		notes = append(notes, strings.ReplaceAll(q.Reason, "_", " "))
	}
	add("", between, strings.Join(notes, ", "))
}

// strataTable lists the effects within strata.
func strataTable(r experiments.Result) table {
	t := newTable("  Primary metrics by stratum; these explore", 3, "metric", "arm", "stratum", "control", "arm units", "effect", "interval", "adjusted p")
	for _, m := range r.Metrics {
		for _, c := range m.Comparisons {
			if c.Strata == nil || m.Role != experiments.RolePrimary { // of all metrics they are in the JSON and on the page
				continue
			}
			for _, p := range c.Strata.Parts {
				t.add(shorten(m.Name, 32), shorten(printable(c.Arm), 24), shorten(printable(p.Stratum), 32), referral.Thousands(p.Control), referral.Thousands(p.Treatment),
					effect(m, p.Effect, r.Currency), effectRange(m, p.Effect, r.Currency), pValue(p.AdjustedP))
			}
		}
	}
	return t
}

// factorialTable lists the sides of a both-sided incentive.
func factorialTable(r experiments.Result) table {
	t := newTable("  Sides of the incentive", 2, "metric", "term", "effect", "interval", "p")
	for _, x := range r.Factorial {
		m := experiments.MetricResult{Name: x.Metric}
		for _, y := range r.Metrics {
			if y.Name == x.Metric {
				m = y
			}
		}
		t.add(shorten(x.Metric, 32), x.Term, effect(m, x.Effect, r.Currency), effectRange(m, x.Effect, r.Currency), pValue(x.PValue))
	}
	return t
}

// noveltyTable lists the effect by day since exposure.
func noveltyTable(r experiments.Result) table {
	t := newTable("  By day since exposure", 1, "arm", "day", "units", "effect", "interval")
	m, _, ok := primaryOf(r)
	if !ok {
		return t
	}
	for _, d := range r.Novelty {
		t.add(shorten(printable(d.Arm), 24), plain(int64(d.Day)), referral.Thousands(d.Units), effect(m, d.Effect, r.Currency), effectRange(m, d.Effect, r.Currency))
	}
	return t
}

// contactTable counts referees that more than one arm may have touched.
func contactTable(r experiments.Result) table {
	t := newTable("  Referees that more than one arm may have touched", 1, "referees", "persons")
	if x := r.Interference; x != nil && x.TwoArms+x.Randomised > 0 {
		for _, row := range []struct {
			name string
			n    int64
		}{{"all", x.Referees}, {"touched by two arms", x.TwoArms}, {"themselves randomised", x.Randomised}, {"randomised into another arm", x.CrossArm}} {
			t.add(row.name, referral.Thousands(row.n))
		}
	}
	return t
}
