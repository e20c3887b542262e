package experiments

import (
	"fmt"
	"slices"

	"vouch/referral"
)

// findings lists what a reader must know about the read-out.
func (j judgement) findings(r read) ([]referral.Finding, error) {
	small, err := j.smallSample()
	if err != nil {
		return nil, err
	}
	novelty, err := j.noveltyFindings(r)
	return slices.Concat(j.hygieneFindings(), j.splitFindings(), j.armFindings(), j.comparisonFindings(), small, j.reachFindings(), novelty), err
}

// collector gathers findings.
type collector []referral.Finding

func (c *collector) add(code, subject, format string, args ...any) {
	*c = append(*c, referral.Finding{Code: code, Subject: subject, Detail: fmt.Sprintf(format, args...)})
}

// hygieneFindings are about the assignment and what was put aside.
func (j judgement) hygieneFindings() []referral.Finding {
	var out collector
	name, h := j.def.Name, j.res.Hygiene
	if p := j.res.SRM.PValue; p != nil && *p < j.def.srmLimit() {
		out.add("srm", name, "Sample-ratio mismatch: p = %.2g against the planned shares, below %g.", *p, j.def.srmLimit())
	}
	if h.WithoutTime > 0 {
		out.add("exposures-without-time", name, "Exposures without a time, which say nothing and are left out: %d.", h.WithoutTime)
	}
	if h.TwoVariants > 0 {
		out.add("two-variants", name, "Units that saw two variants and are put aside: %d.", h.TwoVariants)
	}
	if h.UnknownVariants > 0 {
		out.add("unknown-variant", name, "Exposures that name a variant which the plan does not have and are put aside: %d.", h.UnknownVariants)
	}
	if h.ExcludedUnits > 0 {
		out.add("excluded-units", name, "Units marked internal or bot and put aside: %d.", h.ExcludedUnits)
	}
	var n int64
	for _, a := range j.arms {
		n += a.n
	}
	if n > 0 && h.UnknownUnits == n {
		out.add("unknown-units", name, "Nothing else is known of any of the %d units, so all count as zeros: the unit_id of the exposures must be the id of a %s.", n, UnitName(j.def.Unit))
	}
	if h.Immature > 0 {
		out.add("immature-units", name, "Units still within their outcome window of %s and not yet in the metrics: %d of %d.", j.def.Window, h.Immature, n)
	}
	return out
}

// splitFindings name the strata and days whose split differs from the plan.
func (j judgement) splitFindings() []referral.Finding {
	var out collector
	for _, p := range j.res.SplitBy {
		if p.AdjustedP != nil && *p.AdjustedP < j.def.srmLimit() {
			out.add("srm-"+p.By, p.Key, "Sample-ratio mismatch in %s %s: %s units, adjusted p = %.2g, below %g. Look for what was released or broken there.",
				p.By, p.Key, j.split(func(i int) string { return referral.Thousands(p.Units[i]) }), *p.AdjustedP, j.def.srmLimit())
		}
	}
	return out
}

// reachFindings are about what the arms cannot tell by themselves: whether they influence each other, and what rewards bring
// over none.
func (j judgement) reachFindings() []referral.Finding {
	var out collector
	if x := j.res.Interference; x != nil && x.Warning != "" {
		out.add("interference", j.def.Name, "%s", x.Warning)
	}
	for _, v := range j.def.variants() {
		if j.def.Rewards[v] == 0 {
			return out
		}
	}
	out.add("no-free-arm", j.def.Name, "Every variant pays a reward, so only one reward is held against another: what rewards bring over none stays unknown, also how many of the people would have come without.")
	return out
}

// armFindings are about single variants.
func (j judgement) armFindings() []referral.Finding {
	var out collector
	for _, a := range j.arms {
		switch {
		case a.n == 0:
			out.add("empty-arm", a.name, "No unit was assigned to variant %s.", a.name)
		case a.mature == 0:
			out.add("no-mature-units", a.name, "No unit of variant %s has a closed outcome window yet.", a.name)
		case a.mature < fewUnits:
			out.add("few-units", a.name, "Variant %s has fewer than %d mature units (%d): intervals and p-values are rough.", a.name, fewUnits, a.mature)
		}
		for i, o := range a.metrics {
			if m := j.def.Metrics[i]; o.valueless > 0 {
				out.add("no-value", m.Name, "Events of metric %s in variant %s without an amount in %s, which add nothing: %d.", m.Name, a.name, j.res.Currency, o.valueless)
			}
		}
	}
	return out
}

// comparisonFindings names comparisons without a test and lifts without limits.
func (j judgement) comparisonFindings() []referral.Finding {
	var out collector
	for _, m := range j.res.Metrics {
		for _, c := range m.Comparisons {
			switch {
			case c.Reason == referral.ReasonZeroVariance:
				out.add("zero-variance", m.Name, "No unit of %s differs from another in %s, nor does one of %s: there is no test.", c.Arm, m.Name, c.Control)
			case c.Lift.Reason == referral.ReasonUnbounded:
				out.add("unbounded-lift", m.Name, "The mean of %s in %s is not told apart from 0, so its lift in %s has no limits; read the difference.", m.Name, c.Control, c.Arm)
			}
		}
	}
	return out
}

// smallSample names the further units that an unclear primary metric needs.
func (j judgement) smallSample() ([]referral.Finding, error) {
	var out collector
	for i, m := range j.def.Metrics {
		if m.role() != RolePrimary {
			continue
		}
		for k, c := range j.res.Metrics[i].Comparisons {
			if c.Decision != DecisionUnclear || c.PValue == nil {
				continue
			}
			n, err := j.need(i, k)
			if err != nil {
				return nil, err
			}
			if n.units != nil {
				out.add("small-sample", j.def.Name, "%s is unclear in %s. %s", m.Name, c.Arm, n.text)
			}
		}
	}
	return out, nil
}
