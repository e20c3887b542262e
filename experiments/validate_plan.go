package experiments

import "slices"

// validateStopping asks for what the rule needs and refuses what it has no use for.
func (d Definition) validateStopping(c *checker) {
	s := d.Stopping
	c.oneOf("stopping.rule", s.Rule, allRules...)
	if s.Units < 0 {
		c.add("stopping.units", "", "%d units are fewer than none", s.Units)
	}
	if s.Units == 0 && slices.Contains(allRules[1:], s.Rule) {
		c.add("stopping.units", "the mature units over all arms at which the experiment ends", "rule %s needs the planned number of units", s.Rule)
	}
	if s.Rule != RuleGroupSequential {
		if len(s.Looks) > 0 {
			c.add("stopping.looks", "leave it out, or make it rule: group_sequential", "only a group-sequential test has planned looks")
		}
		if s.Spending != "" || s.Parameter != 0 {
			c.add("stopping.spending", "leave it out, or make it rule: group_sequential", "only a group-sequential test spends its error rate over looks")
		}
		return
	}
	s.validateLooks(c)
	c.oneOf("stopping.spending", s.Spending, allSpendings...)
	switch s.Spending {
	case SpendingKimDeMets:
		if !(s.Parameter > 0 && s.Parameter <= maxParameter) {
			c.add("stopping.parameter", "such as 3", "kim_demets needs its power, above 0 and at most %d", maxParameter)
		}
	case SpendingHwangShihDeCani:
		if s.Parameter == 0 || !(s.Parameter >= -maxParameter && s.Parameter <= maxParameter) {
			c.add("stopping.parameter", "such as -4", "hwang_shih_decani needs its parameter, not 0 and within ±%d", maxParameter)
		}
	default:
		if s.Parameter != 0 {
			c.add("stopping.parameter", "leave it out", "this spending has no parameter")
		}
	}
}

// maxParameter bounds the parameter of spending functions: beyond it the first looks spend nothing, or all.
const maxParameter = 50

// validateLooks asks for shares of the planned units that rise to 1.
func (s Stopping) validateLooks(c *checker) {
	const hint = "a whole number of equally spaced looks, or shares of the planned units such as [0.5, 1]"
	switch n := len(s.Looks); {
	case n == 0:
		c.add("stopping.looks", hint, "a group-sequential test needs its planned looks")
	case n > maxLooks:
		c.add("stopping.looks", hint, "%d looks are more than %d", n, maxLooks)
	case s.Looks[n-1] != 1:
		c.add("stopping.looks", hint, "the last look is at %g of the planned units, not at 1", s.Looks[n-1])
	default:
		before := 0.0
		for _, t := range s.Looks {
			if !(t > before) {
				c.add("stopping.looks", hint, "the looks do not rise: %g after %g", t, before)
				return
			}
			before = t
		}
	}
}

func (d Definition) validateMultiplicity(c *checker) {
	c.oneOf("multiplicity.primary", d.Multiplicity.Primary, allPrimary...)
	c.oneOf("multiplicity.secondary", d.Multiplicity.Secondary, allSecondary...)
}

func (d Definition) validateDecide(c *checker) {
	c.share("decide.srm", "write it like 0.001", d.Decide.SRM)
	c.share("decide.mixed_share", "write it like 0.05", d.Decide.MixedShare)
	if p := d.Decide.MaxLoss; p != nil && !(*p > 0 && *p <= 1) {
		c.add("decide.max_loss", "the largest probability of losing money, such as 0.1", "%g is not above 0 and at most 1", *p)
	}
}
