package experiments

import (
	"fmt"
	"math"

	"vouch/referral"
)

// outlook adds what would change the verdict, and how many more units and days that takes: none where nothing is open.
func (j judgement) outlook(v *Verdict, unfinished bool) error {
	i := j.index(v.Arm)
	a := j.arms[i+1]
	v.Changes = append(v.Changes, j.rewardChange(a)...)
	v.Changes = append(v.Changes, j.marginChanges(i)...)
	v.Changes = append(v.Changes, j.openValue(v, i)...)
	none := int64(0)
	switch {
	case unfinished:
		s := j.res.Stopping
		more := s.Units - s.Mature
		if s.NextUnits != nil {
			more = *s.NextUnits - s.Mature
		}
		v.MoreUnits = &more
	case v.Action != ActionHold:
		v.MoreUnits = &none
	default:
		var err error
		if v.MoreUnits, err = j.needToDecide(i); err != nil {
			return err
		}
		seen, err := j.detectable(i)
		if err != nil {
			return err
		}
		v.Changes = append(v.Changes, seen...)
	}
	if v.MoreUnits == nil {
		return nil
	}
	v.MoreDays = &none
	if *v.MoreUnits > 0 {
		v.MoreDays = j.days(*v.MoreUnits)
		v.Changes = append(v.Changes, "More data: "+arrival(*v.MoreUnits, v.MoreDays)+".")
	}
	return nil
}

// arrival writes units and the days they take.
func arrival(units int64, days *int64) string {
	s := fmt.Sprintf("about %s more mature units", referral.Thousands(units))
	if days != nil {
		s += fmt.Sprintf(", %s days at the rate at which they arrived", referral.Thousands(*days))
	}
	return s
}

// detectable is the effect on the first primary metric that the units seen would have shown, where that metric is unclear: who
// needs no smaller one need not wait.
func (j judgement) detectable(i int) ([]string, error) {
	p := j.def.firstPrimary()
	if j.res.Metrics[p].Comparisons[i].Decision != DecisionUnclear {
		return nil, nil
	}
	c, t, known, err := j.units(p, i)
	if err != nil || !known {
		return nil, err
	}
	d := j.design(c, t)
	if plannedPower <= 1-d.Level {
		return nil, nil
	}
	x, err := d.MDE(float64(c.N), float64(t.N), plannedPower)
	if err != nil || x == nil || *x == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("The %s mature units seen would have shown an effect of %s on %s with %.0f %% power; a smaller one needs more.",
		referral.Thousands(c.N+t.N), j.amount(j.res.Metrics[p], *x), j.res.Metrics[p].Name, 100*plannedPower)}, nil
}

// needToDecide is the largest of the needs of what is open about an arm: an unclear primary metric, a guardrail not
// shown to stay within its margin, a value not told apart from 0. nil where one of them cannot be named, and where
// what is open is no matter of more units.
func (j judgement) needToDecide(i int) (*int64, error) {
	var all []*int64
	better := false
	for _, m := range j.res.Metrics {
		better = better || m.Role == RolePrimary && m.Comparisons[i].Decision == DecisionBetter
	}
	if !better {
		n, err := j.need(j.def.firstPrimary(), i)
		if err != nil {
			return nil, err
		}
		all = append(all, n.units)
	}
	for k, m := range j.res.Metrics {
		c := m.Comparisons[i]
		if n := c.Noninferiority; m.Role == RoleGuardrail && n != nil && (n.Noninferior == nil || !*n.Noninferior) {
			units, err := j.needForMargin(k, i, n.Margin)
			if err != nil {
				return nil, err
			}
			all = append(all, units)
		}
	}
	switch g := j.gains[j.arms[i+1].name]; {
	case g.Value == nil || !better:
	case *g.Value <= 0 && (g.Hi == nil || *g.Hi >= 0):
		all = append(all, j.needForValue(i))
	case *g.Value > 0 && j.def.Decide.MaxLoss != nil:
		if p := g.probabilityOfLoss(); p == nil || *p > *j.def.Decide.MaxLoss {
			all = append(all, j.needForLoss(i))
		}
	}
	var most *int64
	for _, n := range all {
		if n == nil {
			return nil, nil
		}
		if most == nil || *n > *most {
			most = n
		}
	}
	return most, nil
}

// openValue names what would tell the value of an arm that ships apart from 0.
func (j judgement) openValue(v *Verdict, i int) []string {
	if g := j.gains[v.Arm]; v.Action != ActionShip || g.Lo == nil || *g.Lo > 0 {
		return nil
	}
	n := j.needForValue(i)
	if n == nil || *n == 0 {
		return nil
	}
	return []string{fmt.Sprintf("The value may be below 0: %s would tell, if the true value is the one seen.", arrival(*n, j.days(*n)))}
}

// rewardChange is the cost at which the arm breaks even: of a reward, else of a unit. The same people are taken to come
// at that cost.
//
//	ΔP = 0 at reward r + ΔP/q, q rewards per unit
func (j judgement) rewardChange(a arm) []string {
	g := j.gains[a.name]
	if g.Value == nil {
		return nil
	}
	reward, perUnit := float64(j.def.Rewards[a.name]), float64(j.def.Costs[a.name].PerUnit)
	paid, err := a.money.moments(moneyRewards)
	switch {
	case err == nil && reward > 0 && paid.Mean > 0:
		return j.breakEven(a, reward, reward+*g.Value*reward/paid.Mean, "reward", *g.Value)
	case reward == 0 && perUnit > 0:
		return j.breakEven(a, perUnit, perUnit+*g.Value, UnitName(j.res.Unit), *g.Value)
	}
	return nil
}

func (j judgement) breakEven(a arm, cost, limit float64, per string, value float64) []string {
	money := func(x float64) string { return j.res.Currency + " " + j.major(x, "") }
	switch {
	case value > 0:
		return []string{fmt.Sprintf("If %s cost more than %s per %s it would lose money; it costs %s.", a.name, money(limit), per, money(cost))}
	case limit > 0:
		return []string{fmt.Sprintf("If %s cost less than %s per %s it would pay for itself; it costs %s.", a.name, money(limit), per, money(cost))}
	}
	return []string{fmt.Sprintf("%s would not pay for itself even if it cost nothing per %s.", a.name, per)}
}

// marginChanges are the margins at which a guardrail of an arm would be judged otherwise.
func (j judgement) marginChanges(i int) []string {
	var out []string
	for _, m := range j.res.Metrics {
		n := m.Comparisons[i].Noninferiority
		if m.Role != RoleGuardrail || n == nil || n.Limit == nil {
			continue
		}
		limit := math.Max(0, loss(m, *n.Limit))
		switch {
		case n.Noninferior == nil:
		case *n.Noninferior && limit > 0:
			out = append(out, fmt.Sprintf("With a margin below %[2]s the guardrail %[1]s would not pass; it has %[3]s.", m.Name, j.amount(m, limit), j.amount(m, n.Margin)))
		case !*n.Noninferior:
			out = append(out, fmt.Sprintf("With a margin above %[2]s the guardrail %[1]s would pass; it has %[3]s.", m.Name, j.amount(m, limit), j.amount(m, n.Margin)))
		}
	}
	return out
}
