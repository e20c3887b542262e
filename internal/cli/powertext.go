package cli

import (
	"fmt"
	"math"
	"strconv"

	"vouch/experiments"
	"vouch/referral"
)

// planTable is the plan, what was assumed first and what follows from it last.
func (p powerPlan) planTable() table {
	t := newTable("", 2, "plan", "value")
	if o := p.Observed; o != nil {
		t.add("from experiment", fmt.Sprintf("%s, %s of %s %s", o.Experiment, o.Metric, referral.Thousands(o.N), experiments.UnitName(o.Unit)+"s in the control"))
		if o.DesignEffect != nil {
			t.add("design effect seen", number(*o.DesignEffect))
		}
	}
	if p.share() {
		t.add("rates", fmt.Sprintf("%.4g against %.4g", p.Baseline, p.Treatment))
	} else {
		t.add("means", p.amount(p.Baseline)+" against "+p.amount(p.Treatment))
		t.add("standard deviation", p.amount(p.SD))
	}
	lift := "effect"
	if p.Reached == nil && p.Observed != nil && p.Observed.Pays != nil && *p.Observed.Pays == p.Effect {
		lift = "smallest effect that pays"
	}
	t.add(lift, p.effect(p.Effect)+", lift "+referral.SignedSignificant(100*p.Lift, 3)+" %")
	t.add("power at confidence", fmt.Sprintf("%g at %g", p.Power, p.Confidence))
	if p.Correction != experiments.CorrectNone {
		t.add("arms", fmt.Sprintf("%d, each tested at %s (%s)", p.Arms, number(p.TestLevel), p.Correction))
	} else if p.Arms > 2 {
		t.add("arms", fmt.Sprintf("%d, not corrected", p.Arms))
	}
	if p.Guardrails > 0 {
		t.add("power per metric", fmt.Sprintf("%s, with %s", number(p.TestPower), count(p.Guardrails, "guardrail", "guardrails")))
	}
	if p.Looks > 1 {
		t.add("looks", fmt.Sprintf("%d (%s), units × %s", p.Looks, p.Spending, number(p.Inflation)))
	}
	if p.Reduction > 0 {
		t.add("variance explained", fmt.Sprintf("%.1f %%", 100*p.Reduction))
	}
	t.add("design effect", number(p.DesignEffect))
	t.add("units per arm", referral.Thousands(p.Units))
	if p.Clusters > 0 {
		t.add("referrers per arm", referral.Thousands(p.Clusters))
	}
	switch {
	case p.Reached != nil:
		t.add("power of these units", number(*p.Reached))
	case p.asked:
		t.add("power of these units", "not assured: that all come out right together is no likelier than an error of the test")
	}
	if p.Days > 0 {
		t.add("days", referral.Thousands(p.Days))
	}
	if p.DaysToRead > p.Days {
		t.add("days until the last window closes", referral.Thousands(p.DaysToRead))
	}
	p.payRows(&t)
	return t
}

// payRows say which effect pays.
func (p powerPlan) payRows(t *table) {
	x := p.Payback
	switch {
	case x == nil:
		return
	case x.Effect == nil:
		t.add("smallest effect that pays", "none: the reward is at least what a unit of the metric earns")
	default:
		s := p.effect(*x.Effect)
		if x.Lift != nil {
			s += ", lift " + referral.SignedSignificant(100**x.Lift, 3) + " %"
		}
		t.add("smallest effect that pays", s)
		if x.Units != nil {
			t.add("units per arm to find it", referral.Thousands(*x.Units))
		}
	}
	worth := fmt.Sprintf("%+.4g", x.Worth)
	if p.currency != "" && p.Observed.MeasuredIn == experiments.InMinor {
		worth = p.effect(x.Worth)
	}
	t.add("worth of the effect per unit", worth)
}

// needTable lists what each power takes.
func (p powerPlan) needTable() table {
	head := []string{"power", "units per arm", "units"}
	if p.Days > 0 {
		head = append(head, "days")
	}
	t := newTable("", 0, head...)
	for _, n := range p.Table {
		row := []string{strconv.FormatFloat(100*n.Power, 'g', 4, 64) + " %", referral.Thousands(n.Units), referral.Thousands(n.AllUnits)}
		if p.Days > 0 {
			row = append(row, referral.Thousands(n.Days))
		}
		t.add(row...)
	}
	return t
}

// share reports whether the metric is a share of units.
func (p powerPlan) share() bool {
	if p.Observed != nil {
		return p.Observed.MeasuredIn == experiments.InShares
	}
	return p.ofShares
}

// amount writes a number of the metric.
func (p powerPlan) amount(v float64) string {
	if p.Observed != nil {
		switch p.Observed.MeasuredIn {
		case experiments.InMinor:
			return money(int64(math.Round(v)), p.currency) + " " + p.currency
		case experiments.InSeconds:
			return seconds(v)
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// effect writes a difference of the metric.
func (p powerPlan) effect(v float64) string {
	if p.share() {
		return referral.SignedSignificant(100*v, 3) + " pp"
	}
	switch s := p.amount(math.Abs(v)); {
	case v < 0:
		return "-" + s
	case v > 0:
		return "+" + s
	default:
		return s
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
