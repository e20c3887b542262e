package partners

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math"
	"math/big"
	"slices"

	"vouch/cohorts"
	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"
)

// weeksShown is the length of the series of a weekly figure: a quarter of a year.
const weeksShown = 13

// moversShown is the number of partners named as movers.
const moversShown = 5

// Week compares the last complete calendar week before scope.AsOf with the one before it. A figure
// of a week before the first data of the project is unknown, not zero.
//
// Counts are taken as Poisson; the interval of their change, and of the change of CPA, joins the
// single intervals (see movedBy). Revenue varies as a compound Poisson sum of single amounts. Cost is
// what was booked and has no interval. Conversion is the share of the week's sign-ups who became
// customers before that week ended: late sign-ups have little time, but in every week alike.
func Week(ctx context.Context, db engine.DB, scope referral.Scope) (Weekly, error) {
	p := newParams(db.Dialect(), scope)
	weeks, err := readWeeks(ctx, db, p)
	if err != nil {
		return Weekly{}, fmt.Errorf("week: %w", err)
	}
	current := lastCompleteWeek(scope)
	out := Weekly{
		Week:    cohorts.PeriodLabel(scope.Calendar, referral.Week, current),
		From:    dateText(cohorts.PeriodStart(scope.Calendar, referral.Week, current)),
		To:      dateText(cohorts.PeriodStart(scope.Calendar, referral.Week, current+1) - 1),
		Figures: []WeeklyFigure{}, Movers: []Mover{},
	}
	f := figures{weeks: weeks, current: current, level: scope.Confidence}
	if f.costs, err = costsLoaded(ctx, db, p); err != nil {
		return Weekly{}, fmt.Errorf("week: %w", err)
	}
	f.first, f.any = span(weeks)
	if out.Figures, err = f.all(); err != nil {
		return Weekly{}, fmt.Errorf("week: %w", err)
	}
	p.Current = current * cohorts.PeriodStep(referral.Week)
	p.Previous = p.Current - cohorts.PeriodStep(referral.Week)
	if out.Movers, err = movers(ctx, db, p); err != nil {
		return Weekly{}, fmt.Errorf("week: %w", err)
	}
	return out, nil
}

// figures computes the weekly figures from the weeks.
type figures struct {
	weeks          map[int64]week
	current, first int64
	any, costs     bool // the project has data, and a cost line
	level          float64
}

// known reports whether the project had data by that week.
func (f figures) known(i int64) bool { return f.any && i >= f.first }

// at returns a week; one without data happened without anything.
func (f figures) at(i int64) week {
	if w, ok := f.weeks[i]; ok {
		return w
	}
	zero := new(big.Int)
	return week{micro: zero, cost: zero, revenue: zero, squares: zero}
}

// figure says how one number of a week is estimated and how two are compared.
type figure struct {
	name, unit string
	// method and changed are the methods of the figure and of its change, named even where both are unknown.
	method, changed string
	costs           bool // unknown without costs
	estimate        func(w week, level float64) (referral.Estimate, error)
	change          func(now, before week, a, b referral.Estimate, level float64) (referral.Estimate, error)
}

func (f figures) all() ([]WeeklyFigure, error) {
	moved := func(_, _ week, a, b referral.Estimate, level float64) (referral.Estimate, error) {
		return movedBy(a, b, level), nil
	}
	list := []figure{
		{"signups", "count", referral.MethodGarwood, referral.MethodJoinedIntervals, false, func(w week, level float64) (referral.Estimate, error) {
			return count(w.signups*referral.MicroScale, level)
		}, moved},
		{"customers", "count", referral.MethodGarwood, referral.MethodJoinedIntervals, false, func(w week, level float64) (referral.Estimate, error) { return count(w.micro.Int64(), level) }, moved},
		{"revenue", "money", referral.MethodCompoundPoisson, referral.MethodJoinedIntervals, false, revenue, moved},
		{"cost", "money", referral.MethodBooked, referral.MethodJoinedIntervals, true, booked, moved},
		{"cpa", "money", referral.MethodGarwood, referral.MethodJoinedIntervals, true, func(w week, level float64) (referral.Estimate, error) {
			return CPA(w.cost.Int64(), w.micro.Int64(), level)
		}, moved},
		{"conversion", "rate", referral.MethodWilson, referral.MethodNewcombe, false, conversion, conversionChange},
	}
	out := make([]WeeklyFigure, 0, len(list))
	for _, g := range list {
		w, err := f.one(g)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", g.name, err)
		}
		out = append(out, w)
	}
	return out, nil
}

func (f figures) one(g figure) (WeeklyFigure, error) {
	out := WeeklyFigure{Name: g.name, Unit: g.unit}
	est := func(i int64) (referral.Estimate, error) {
		if !f.known(i) {
			return referral.Undefined(referral.ReasonNoData, g.method, f.level), nil
		}
		if g.costs && !f.costs {
			return referral.Undefined(reasonNoCosts, g.method, f.level), nil
		}
		return g.estimate(f.at(i), f.level)
	}
	var err error
	if out.Value, err = est(f.current); err != nil {
		return out, err
	}
	if out.Previous, err = est(f.current - 1); err != nil {
		return out, err
	}
	if out.Value.Known() && out.Previous.Known() {
		if out.Change, err = g.change(f.at(f.current), f.at(f.current-1), out.Value, out.Previous, f.level); err != nil {
			return out, err
		}
	} else {
		out.Change = referral.Undefined(cmp.Or(out.Value.Reason, out.Previous.Reason), g.changed, f.level)
	}
	out.Clear = out.Change.Lo != nil && *out.Change.Lo > 0 || out.Change.Hi != nil && *out.Change.Hi < 0
	for i := f.current - weeksShown + 1; i <= f.current; i++ {
		e, err := est(i)
		if err != nil {
			return out, err
		}
		out.Series = append(out.Series, e.Value)
	}
	return out, nil
}

// costsLoaded reports whether any cost line lies before as-of: without one, costs are not zero but unknown.
func costsLoaded(ctx context.Context, db engine.DB, p params) (bool, error) {
	st, err := statements.Render(db.Dialect(), "costlines", p)
	if err != nil {
		return false, err
	}
	var n int64
	err = engine.One(ctx, db, st, &n)
	return n > 0, err
}

// count is a number of people with Garwood's limits.
func count(micro int64, level float64) (referral.Estimate, error) {
	lo, hi, err := stats.GarwoodInterval(micro, level)
	return referral.Estimate{
		Value: referral.Float(float64(micro) / referral.MicroScale), Lo: referral.Float(lo), Hi: referral.Float(hi),
		Confidence: level, Method: referral.MethodGarwood, Numerator: referral.Micros(micro),
	}, err
}

// revenue is a sum of independent amounts that come as a Poisson process: its variance is estimated
// by the sum of their squares.
func revenue(w week, level float64) (referral.Estimate, error) {
	sum, half := float(w.revenue), -stats.NormalQuantile((1-level)/2)*math.Sqrt(float(w.squares))
	return referral.Estimate{
		Value: referral.Float(sum), Lo: referral.Float(sum - half), Hi: referral.Float(sum + half),
		Confidence: level, Method: referral.MethodCompoundPoisson, Numerator: referral.Whole(w.revenue.Int64()),
	}, nil
}

// booked is a cost: it is known, so its limits are the value itself.
func booked(w week, level float64) (referral.Estimate, error) {
	v := referral.Float(float(w.cost))
	return referral.Estimate{Value: v, Lo: v, Hi: v, Confidence: level, Method: referral.MethodBooked, Numerator: referral.Whole(w.cost.Int64())}, nil
}

// conversion is the share of the week's sign-ups who became customers before the week ended.
func conversion(w week, level float64) (referral.Estimate, error) {
	e := referral.Estimate{Confidence: level, Method: referral.MethodWilson, Numerator: referral.Whole(w.converted), Denominator: referral.Whole(w.signups)}
	if w.signups == 0 {
		e.Reason = referral.ReasonNoEntrants
		return e, nil
	}
	lo, hi, err := stats.WilsonInterval(w.converted, w.signups, level)
	e.Value = referral.Float(float64(w.converted) / float64(w.signups))
	e.Lo, e.Hi = referral.Float(lo), referral.Float(hi)
	return e, err
}

func conversionChange(now, before week, _, _ referral.Estimate, level float64) (referral.Estimate, error) {
	d, err := stats.Newcombe(
		stats.Counts{Successes: before.converted, Trials: before.signups},
		stats.Counts{Successes: now.converted, Trials: now.signups}, level)
	return referral.Estimate{Value: d.Estimate, Lo: d.Lower, Hi: d.Upper, Confidence: level, Method: referral.MethodNewcombe, Reason: d.Reason}, err
}

// movedBy returns a − b of two independent estimates with the interval that joins theirs.
//
//	lo = d − √((a−l_a)² + (u_b−b)²),   hi = d + √((u_a−a)² + (b−l_b)²)
//
// Each side keeps the skewness of the single intervals, as for the difference of two shares. A side
// that needs an absent limit is absent. Both values must be known.
// Source: Zou and Donner (2008), Statistics in Medicine 27, 1693–1702; for Poisson rates Li, Tang and
// Wong (2014), Computational Statistics 29, 869–889.
// Checked against: hand-worked values and Newcombe's interval from Wilson's limits, in week_test.go.
func movedBy(a, b referral.Estimate, level float64) referral.Estimate {
	d := *a.Value - *b.Value
	e := referral.Estimate{Value: &d, Confidence: level, Method: referral.MethodJoinedIntervals}
	if a.Lo != nil && b.Hi != nil {
		e.Lo = referral.Float(d - math.Hypot(*a.Value-*a.Lo, *b.Hi-*b.Value))
	}
	if a.Hi != nil && b.Lo != nil {
		e.Hi = referral.Float(d + math.Hypot(*a.Hi-*a.Value, *b.Value-*b.Lo))
	}
	return e
}

// movers lists the partners whose customers changed most between the two weeks, largest change
// first, then everyone else as one, so that the changes add up to that of the programme.
func movers(ctx context.Context, db engine.DB, p params) ([]Mover, error) {
	var all []Mover
	_, err := each(ctx, db, "movers", p, func(r *sql.Rows) error {
		var id, name sql.Null[string]
		var m Mover
		if err := r.Scan(&id, &name, &m.Previous, &m.Current); err != nil {
			return err
		}
		m.Key, m.Name = id.V, cmp.Or(name.V, id.V, "No partner")
		all = append(all, m)
		return nil
	})
	change := func(m Mover) Micro { return max(m.Current-m.Previous, m.Previous-m.Current) }
	slices.SortFunc(all, func(a, b Mover) int { return cmp.Or(cmp.Compare(change(b), change(a)), cmp.Compare(a.Key, b.Key)) })
	if len(all) <= moversShown {
		return append([]Mover{}, all...), err
	}
	rest := Mover{Key: othersKey, Name: "all others"}
	for _, m := range all[moversShown:] {
		rest.Previous += m.Previous
		rest.Current += m.Current
	}
	return append(all[:moversShown:moversShown], rest), err
}

// othersKey is the key of the mover that sums up the partners not named.
const othersKey = "(others)"
