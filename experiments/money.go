package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// gain is the difference in profit of an arm to the control per unit, and what the verdict derives from it.
type gain struct {
	referral.Estimate
	se *float64 // of the estimate; nil where there is no interval
}

// moneyOf is what the arms earn and cost per unit whose window is closed, and the gain of every arm beside the control.
// Without money in the data the money is absent; costs, rewards and customers are known all the same. The gains
// are always there, without a value where they are not known.
func moneyOf(def Definition, arms []arm, level float64) (*Money, map[string]gain, error) {
	gains := map[string]gain{}
	for _, a := range arms[1:] {
		gains[a.name] = gain{Estimate: referral.Undefined(referral.ReasonNoRevenue, referral.MethodWelch, level)}
	}
	known := false
	for _, a := range arms {
		known = known || a.money.n > 0
	}
	if !known {
		return nil, gains, nil
	}
	out := &Money{Arms: []ArmMoney{}, Comparisons: []MoneyComparison{}}
	for _, a := range arms {
		m, err := a.armMoney(def, level)
		if err != nil {
			return nil, nil, err
		}
		out.Arms = append(out.Arms, m)
	}
	for _, a := range arms[1:] {
		m, g, err := compareMoney(def, arms[0], a, level)
		if err != nil {
			return nil, nil, err
		}
		out.Comparisons = append(out.Comparisons, m)
		gains[a.name] = g
	}
	return out, gains, nil
}

// otherCost is what a unit of the arm costs beside its rewards and commission: the same for each unit, so it moves
// means and no variance. The fixed part is spread over all analysed units, since it is paid for those with an open window too.
func (a arm) otherCost(def Definition) float64 {
	c := def.Costs[a.name]
	if a.n == 0 {
		return float64(c.PerUnit)
	}
	return float64(c.PerUnit) + float64(c.Fixed)/float64(a.n)
}

// profit are the moments of contribution less all costs per mature unit, in minor units.
func (a arm) profit(def Definition) (stats.Moments, error) {
	m, err := a.money.combined(map[int]int64{moneyContribution: 1, moneyRewards: -1, moneyCommission: -1})
	m.Mean -= a.otherCost(def)
	return m, err
}

// spending are the moments of all costs per mature unit, in minor units.
func (a arm) spending(def Definition) (stats.Moments, error) {
	m, err := a.money.combined(map[int]int64{moneyRewards: 1, moneyCommission: 1})
	m.Mean += a.otherCost(def)
	return m, err
}

// costPerCustomer are cost and newly acquired customers per mature unit, as a ratio.
func (a arm) costPerCustomer(def Definition) (stats.RatioMoments, error) {
	cost, err := a.spending(def)
	if err != nil {
		return stats.RatioMoments{}, err
	}
	customers, err := a.money.moments(moneyCustomers)
	return stats.RatioMoments{
		N: a.money.n, MeanNumerator: cost.Mean, MeanDenominator: customers.Mean, VarNumerator: cost.Variance, VarDenominator: customers.Variance,
		Covariance: a.money.covariance(moneyRewards, moneyCustomers) + a.money.covariance(moneyCommission, moneyCustomers),
	}, err
}

// armMoney is the arm's row.
func (a arm) armMoney(def Definition, level float64) (ArmMoney, error) {
	out := ArmMoney{Variant: a.name}
	for i, e := range []*referral.Estimate{moneyContribution: &out.Contribution, moneyRewards: &out.Rewards, moneyCommission: &out.Commission, moneyCustomers: &out.Customers} {
		m, err := a.money.moments(i)
		if err != nil {
			return out, err
		}
		*e = perUnit(m, level)
	}
	if a.money.n > 0 {
		out.Other = referral.Float(a.otherCost(def))
	}
	p, err := a.profit(def)
	if err != nil {
		return out, err
	}
	out.Profit = perUnit(p, level)
	if !a.hasNet {
		out.Contribution = referral.Undefined(referral.ReasonNoRevenue, referral.MethodStudent, level)
		out.Profit = referral.Undefined(referral.ReasonNoRevenue, referral.MethodStudent, level)
	}
	return out, nil
}

// perUnit is a mean of units with Student's interval.
func perUnit(m stats.Moments, level float64) referral.Estimate {
	if m.N == 0 {
		return referral.Undefined(referral.ReasonNoData, referral.MethodStudent, level)
	}
	return meanEstimate(m, level, referral.MethodStudent)
}

// compareMoney is one arm's money against the control's: what it brings more, what it costs more and both together.
func compareMoney(def Definition, control, a arm, level float64) (MoneyComparison, gain, error) {
	out := MoneyComparison{Arm: a.name, Control: control.name}
	difference := func(of func(arm) (stats.Moments, error)) (gain, error) {
		c, err := of(control)
		if err != nil {
			return gain{}, err
		}
		t, err := of(a)
		if err != nil {
			return gain{}, err
		}
		w, err := stats.Welch(c, t, level, stats.TwoSided)
		return gain{Estimate: estimateOf(w, referral.MethodWelch, level), se: w.SE}, err
	}
	unknown := gain{Estimate: referral.Undefined(referral.ReasonNoRevenue, referral.MethodWelch, level)}
	parts := []struct {
		to *referral.Estimate
		of func(arm) (stats.Moments, error)
	}{
		{&out.Cost, func(x arm) (stats.Moments, error) { return x.spending(def) }},
		{&out.Customers, func(x arm) (stats.Moments, error) { return x.money.moments(moneyCustomers) }},
		{&out.Contribution, func(x arm) (stats.Moments, error) { return x.money.moments(moneyContribution) }},
		{&out.Profit, func(x arm) (stats.Moments, error) { return x.profit(def) }},
	}
	var g gain
	for _, p := range parts {
		var err error
		if g, err = difference(p.of); err != nil {
			return out, g, err
		}
		*p.to = g.Estimate
	}
	if !a.hasNet {
		g, out.Contribution, out.Profit = unknown, unknown.Estimate, unknown.Estimate
	}
	var err error
	out.IncrementalCPA, err = incrementalCPA(def, control, a, level)
	return out, g, err
}

// incrementalCPA is the further cost per further customer. Where neither arm costs anything there is no price.
func incrementalCPA(def Definition, control, a arm, level float64) (referral.Estimate, error) {
	c, err := control.costPerCustomer(def)
	if err != nil {
		return referral.Estimate{}, err
	}
	t, err := a.costPerCustomer(def)
	if err != nil {
		return referral.Estimate{}, err
	}
	if c.MeanNumerator == 0 && t.MeanNumerator == 0 && c.VarNumerator == 0 && t.VarNumerator == 0 && c.N > 0 && t.N > 0 {
		return referral.Undefined(referral.ReasonNoCost, referral.MethodFieller, level), nil
	}
	r, err := stats.IncrementalCPA(c, t, level)
	return referral.Estimate{Value: r.Estimate, Lo: r.Lower, Hi: r.Upper, Confidence: level, Method: referral.MethodFieller, Reason: r.Reason}, err
}

// estimateOf is a comparison as the result shows it.
func estimateOf(c stats.Comparison, method string, level float64) referral.Estimate {
	return referral.Estimate{Value: c.Estimate, Lo: c.Lower, Hi: c.Upper, Confidence: level, Method: method, Reason: c.Reason}
}

// projection is what a newly acquired customer is expected to contribute after the window of the experiment, in
// minor units, with the standard error of that expectation.
type projection struct{ mean, se float64 }

// longRun is the difference in profit when every newly acquired customer is worth the projection on top.
//
//	d = ΔP + mΔC,  variance Σ over arms of var(P + mC)/n + s²(ΔC² + var ΔC), Welch's degrees of freedom of the first part
//
// P profit and C customers per unit, m and s the projection; the same projection holds in both arms, so its error grows with the
// difference in customers. Assumes that the projection was made from other customers, and that those an arm brings are worth as much as others:
// larger rewards may bring worse ones (Wolters, Schulze, Gedenk 2020).
// Source: the variance of a product of independent estimates, Goodman (1960), JASA 55, 708–713.
// Checked against: simulation, in money_test.go.
func longRun(def Definition, control, a arm, p projection, level float64) (referral.Estimate, error) {
	worth := func(x arm) (stats.Moments, stats.Moments, error) {
		m, err := x.profit(def)
		if err != nil {
			return m, m, err
		}
		c, err := x.money.moments(moneyCustomers)
		cov := x.money.covariance(moneyContribution, moneyCustomers) - x.money.covariance(moneyRewards, moneyCustomers) - x.money.covariance(moneyCommission, moneyCustomers)
		m.Mean += p.mean * c.Mean
		m.Variance = math.Max(0, m.Variance+p.mean*p.mean*c.Variance+2*p.mean*cov)
		return m, c, err
	}
	cp, cc, err := worth(control)
	if err != nil {
		return referral.Estimate{}, err
	}
	tp, tc, err := worth(a)
	if err != nil {
		return referral.Estimate{}, err
	}
	w, err := stats.Welch(cp, tp, level, stats.TwoSided)
	e := estimateOf(w, referral.MethodWelch, level)
	if err != nil || w.DF == nil {
		return e, err
	}
	d := tc.Mean - cc.Mean
	varD := cc.Variance/float64(cc.N) + tc.Variance/float64(tc.N)
	h := -stats.StudentQuantile((1-level)/2, *w.DF) * math.Sqrt(*w.SE**w.SE+p.se*p.se*(d*d+varD))
	e.Lo, e.Hi = referral.Float(*w.Estimate-h), referral.Float(*w.Estimate+h)
	return e, nil
}
