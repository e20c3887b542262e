package validate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"vouch/cohorts"
	"vouch/experiments"
	"vouch/funnel"
	"vouch/internal/demo"
	"vouch/referral"
)

// Interval is one estimate against the value its data were drawn from.
type Interval struct {
	Family string // estimates of one kind, counted together
	Name   string
	Truth  float64
	Lo, Hi *float64 // an absent side is unbounded
}

// Covers reports whether the interval holds the truth.
func (i Interval) Covers() bool {
	return (i.Lo == nil || *i.Lo <= i.Truth) && (i.Hi == nil || i.Truth <= *i.Hi)
}

// String shows the interval.
func (i Interval) String() string {
	side := func(v *float64) string {
		if v == nil {
			return "unbounded"
		}
		return fmt.Sprintf("%.5g", *v)
	}
	return fmt.Sprintf("%s %s: truth %.5g, interval %s to %s", i.Family, i.Name, i.Truth, side(i.Lo), side(i.Hi))
}

// The families of intervals.
const (
	FamilyMatured    = "funnel, matured entrants"
	FamilyKM         = "funnel, Kaplan–Meier"
	FamilySteps      = "funnel steps, closed windows"
	FamilyPartner    = "funnel by partner"
	FamilyLTV        = "lifetime value, all"
	FamilyLTVPartner = "lifetime value by partner"
	FamilyRetention  = "retention, all"
	FamilyEffect     = "experiment, effect"
	FamilyLift       = "experiment, lift"
	FamilyNull       = "experiment, no effect"
	FamilySRM        = "sample ratio as planned, p ≥ 0.05"
)

// minEntrants and minCustomers are the sizes from which a partner enters the families by partner: an
// interval for fewer people is honest but says nothing.
const (
	minEntrants  = 30
	minCustomers = 25
)

// Intervals collects every estimate whose truth is known.
func (p *Project) Intervals(ctx context.Context) ([]Interval, error) {
	var out []Interval
	for _, f := range []func(context.Context) ([]Interval, error){p.rates, p.values, p.effects} {
		is, err := f(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, is...)
	}
	return out, nil
}

// add appends an estimate if it is known.
func add(out []Interval, family, name string, truth *float64, e *referral.Estimate) []Interval {
	if truth == nil || e == nil || e.Value == nil || e.Lo == nil && e.Hi == nil {
		return out
	}
	return append(out, Interval{family, name, *truth, e.Lo, e.Hi})
}

// rates are those of the referral funnel: as it is, and over the entrants whose window is closed,
// for which the step rates have no censoring either.
func (p *Project) rates(ctx context.Context) ([]Interval, error) {
	def := p.Cfg.Funnels["referral"]
	truth := p.Truth.Funnels["referral"]
	last := truth.Steps[len(truth.Steps)-1]
	var out []Interval
	whole, err := funnel.Compute(ctx, p.DB, def, p.Scope)
	if err != nil {
		return nil, err
	}
	if c := whole.Censoring; c != nil {
		out = add(out, FamilyMatured, last.Name, last.MaturedRate, &c.Matured)
		out = add(out, FamilyKM, last.Name, last.Rate, &c.KaplanMeier)
	}
	def.EntryTo = p.Scope.AsOf.Add(-30*24*time.Hour + time.Microsecond).Format("2006-01-02T15:04:05.000000Z")
	closed, err := funnel.Compute(ctx, p.DB, def, p.Scope)
	if err != nil {
		return nil, err
	}
	for i, s := range closed.Steps {
		out = add(out, FamilySteps, s.Name, truth.Steps[i].MaturedRate, s.FromFirst)
	}
	for _, g := range closed.Groups {
		if g.Steps[0].Persons < minEntrants {
			continue
		}
		for i, s := range g.Steps {
			out = add(out, FamilyPartner, g.Key+" "+s.Name, truth.By[g.Key][i].MaturedRate, s.FromFirst)
		}
	}
	return out, nil
}

// values are lifetime value and retention at some ages. The partner whose link the fraud ring used
// is left out: what the ring did is not what the partner's customers are worth.
func (p *Project) values(ctx context.Context) ([]Interval, error) {
	var out []Interval
	t := p.Truth.LTV
	grouped, err := cohorts.Compute(ctx, p.DB, p.Cfg.Cohorts["monthly"], p.Scope)
	if err != nil {
		return nil, err
	}
	for _, v := range grouped.LTV {
		truth, ok := t.ByPartner[v.Key]
		if !ok || v.Customers < minCustomers || v.Key == p.Truth.Special["fraud_ring"] || !(v.Age == 1 || v.Age == 4) {
			continue
		}
		out = add(out, FamilyLTVPartner, fmt.Sprintf("%s age %d", v.Key, v.Age), &truth[v.Age], &v.Value)
	}
	def := p.Cfg.Cohorts["monthly"]
	def.Group = ""
	all, err := cohorts.Compute(ctx, p.DB, def, p.Scope)
	if err != nil {
		return nil, err
	}
	for _, v := range all.LTV {
		if v.Age >= 1 && v.Age <= demo.Horizon && v.Age%3 == 1 {
			out = add(out, FamilyLTV, fmt.Sprintf("age %d", v.Age), &t.All[v.Age], &v.Value)
			out = add(out, FamilyRetention, fmt.Sprintf("age %d", v.Age), &t.Retention[v.Age], &v.Retention)
		}
	}
	return out, nil
}

// effects are those of the experiments.
func (p *Project) effects(ctx context.Context) ([]Interval, error) {
	var out []Interval
	for _, name := range slices.Sorted(maps.Keys(p.Truth.Experiments)) {
		truth := p.Truth.Experiments[name]
		res, err := experiments.Compute(ctx, p.DB, p.Cfg.Experiments[name], p.Scope)
		if err != nil {
			return nil, err
		}
		if res.SRM.PValue != nil && !truth.SRM {
			five := 0.05
			out = append(out, Interval{FamilySRM, name, *res.SRM.PValue, &five, nil})
		}
		for _, m := range res.Metrics {
			want, ok := truth.Effects[m.Name]
			if !ok {
				continue
			}
			for _, x := range m.Comparisons {
				if want.Effect == 0 {
					out = add(out, FamilyNull, name+" "+m.Name, &want.Effect, &x.Effect)
					continue
				}
				out = add(out, FamilyEffect, name+" "+m.Name, &want.Effect, &x.Effect)
				out = add(out, FamilyLift, name+" "+m.Name, &want.Lift, &x.Lift)
			}
		}
	}
	return out, nil
}
