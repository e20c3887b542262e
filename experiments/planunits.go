package experiments

import (
	"math"

	"vouch/internal/stats"
	"vouch/referral"
)

// need is the number of units per arm at which the power for an effect is reached, and by how much looks inflate it.
func (q planner) need(effect, power float64) (units int64, inflation float64, err error) {
	each, err := stats.GuardrailPower(int64(q.Metrics), int64(q.Guardrails), power)
	if err != nil {
		return 0, 0, planError("%v", err)
	}
	n, err := q.design(effect, q.level).SampleSize(effect, each, 1)
	switch {
	case err != nil:
		return 0, 0, planError("%v", err)
	case n.Control == nil:
		return 0, 0, planError("no number of units is enough: %s", n.Reason)
	}
	factor, inflation, err := q.factor(each)
	if err != nil {
		return 0, 0, err
	}
	if *n.Control*factor > maxUnits {
		return 0, 0, planError("more than a million billion units are needed")
	}
	return max(2, roundUp(*n.Control*factor)), inflation, nil
}

// factor multiplies the units of a plain test.
func (q planner) factor(power float64) (factor, inflation float64, err error) {
	deff, err := stats.DesignEffect(q.ClusterSize, q.CV, q.ICC)
	if err != nil {
		return 0, 0, planError("%v", err)
	}
	inflation, ok := q.inflations[power]
	if !ok {
		if inflation, err = q.inflation(power, q.level); err != nil {
			return 0, 0, err
		}
		q.inflations[power] = inflation
	}
	return deff * inflation * (1 - q.VarianceReduction), inflation, nil
}

// inflation is by how much the looks multiply the units: that of the boundary which spends the error rate as the
// experiment would.
//
// The boundary of a spending function is a shape like any other: its critical values times a constant, which at the least
// of them is the one that keeps the error rate.
func (q Question) inflation(power, level float64) (float64, error) {
	if q.Looks == 1 {
		return 1, nil
	}
	critical, err := q.boundary(level)
	if err != nil {
		return 0, err
	}
	least := math.Inf(1)
	for _, c := range critical {
		least = math.Min(least, c)
	}
	plan := stats.Looks{Looks: q.Looks, AlphaPerSide: (1 - level) / 2, Sides: 2}
	f, err := plan.Inflation(func(constant float64, k, _ int) float64 { return constant * critical[k-1] / least }, power)
	if err != nil || f == nil {
		return 0, planError("no inflation for %d looks at a power of %g", q.Looks, power)
	}
	return *f, nil
}

// boundary are the critical values at equally spaced looks.
func (q Question) boundary(level float64) ([]float64, error) {
	spend, err := Stopping{Spending: q.Spending, Parameter: q.Parameter}.spending((1 - level) / 2)
	if err != nil {
		return nil, planError("%v", err)
	}
	information := make([]float64, q.Looks)
	for i := range information {
		information[i] = float64(i+1) / float64(q.Looks)
	}
	b, err := spend.Boundary(information, 2)
	if err != nil {
		return nil, planError("%v", err)
	}
	out := make([]float64, q.Looks)
	for i, c := range b.Critical {
		if out[i] = math.MaxFloat64; c != nil { // a look that may spend nothing is never crossed
			out[i] = *c
		}
	}
	return out, nil
}

// reached is the power that the units of the question have for the plan's effect.
func (q planner) reached(p *Plan) (*float64, error) {
	if q.Looks == 1 {
		return q.reachedAtOnce(p)
	}
	short := func(power float64) (float64, error) {
		n, _, err := q.need(p.Effect, power)
		return float64(n) - float64(q.Units), err
	}
	lo, hi := 1-p.TestLevel+1e-9, 1-1e-9
	if each := float64(q.Guardrails); each > 0 { // the power of all together may be below that of one
		lo = math.Max(1e-6, 1-(1-lo)*(each+1)+1e-9)
	}
	if d, err := short(lo); err != nil || d > 0 {
		return nil, err
	}
	for hi-lo > 1e-7 {
		mid := (lo + hi) / 2
		d, err := short(mid)
		if err != nil {
			return nil, err
		}
		if d <= 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return referral.Float(lo), nil
}

// reachedAtOnce is that of one look, which does not depend on the power asked for; nil where all together come out right
// no more often than the test errs.
func (q planner) reachedAtOnce(p *Plan) (*float64, error) {
	factor, _, err := q.factor(q.Power)
	if err != nil {
		return nil, err
	}
	n := float64(q.Units) / factor
	each, err := q.design(p.Effect, q.level).Power(p.Effect, n, n)
	if err != nil {
		return nil, planError("%v", err)
	}
	if each == nil {
		return nil, nil
	}
	if all := 1 - (1-*each)*float64(q.Guardrails+1); all > 1-q.level {
		return referral.Float(all), nil
	}
	return nil, nil
}

// smallest is the effect upwards that the units of the question find with its power.
func (q planner) smallest() (float64, error) {
	if !q.Share {
		return q.smallestMean()
	}
	room := (1 - q.Baseline) * (1 - 1e-9)
	enough := func(effect float64) (bool, error) {
		n, _, err := q.need(effect, q.Power)
		return n <= q.Units, err
	}
	lo, hi := 0.0, room
	if ok, err := enough(hi); err != nil || !ok {
		return 0, q.tooFew()
	}
	for range 200 {
		if hi-lo <= 1e-12*hi {
			break
		}
		mid := (lo + hi) / 2
		ok, err := enough(mid)
		if err != nil { // so small that no number of units is enough
			ok = false
		}
		if ok {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

func (q planner) tooFew() error {
	return planError("%d units per arm are too few to find any effect with a power of %g", q.Units, q.Power)
}

// smallestMean is that of a mean, whose variance does not depend on the effect.
func (q planner) smallestMean() (float64, error) {
	each, err := stats.GuardrailPower(int64(q.Metrics), int64(q.Guardrails), q.Power)
	if err != nil {
		return 0, planError("%v", err)
	}
	factor, _, err := q.factor(each)
	if err != nil {
		return 0, err
	}
	n := float64(q.Units) / factor
	d, err := q.design(0, q.level).MDE(n, n, each)
	if err != nil || d == nil {
		return 0, q.tooFew()
	}
	return *d, nil
}

// pay is the smallest effect that pays and the worth of the planned one.
//
//	per unit: margin · value · d − reward · (baseline + d) − cost
func (q planner) pay(p *Plan) error {
	x := q.Price
	if x == nil {
		return nil
	}
	each := x.Margin*x.Value - x.Reward
	fixed := x.Reward*q.Baseline + x.Cost
	p.Payback = &Payback{Worth: each*p.Effect - fixed}
	if each <= 0 {
		p.Payback.Reason = ReasonNeverPays
		return nil
	}
	d := fixed / each
	if q.Share && q.Baseline+d >= 1 {
		p.Payback.Reason = ReasonNeverPays
		return nil
	}
	p.Payback.Effect = referral.Float(d)
	if q.Baseline != 0 {
		p.Payback.Lift = referral.Float(d / math.Abs(q.Baseline))
	}
	if d > 0 {
		n, _, err := q.need(d, q.Power)
		if err != nil {
			return err
		}
		p.Payback.Units = &n
	}
	return nil
}
