package experiments

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"
)

const (
	// noveltyLimit is the number of days since exposure that are told apart.
	noveltyLimit = 28
	// noveltyAlpha is the p-value of unequal days below which the read-out says so: it asks at every look and of every arm, and
	// nothing is decided by it.
	noveltyAlpha = 0.01
	// noveltySure is how many standard errors a day's mean must lie above 0 for its lift to be near normal.
	noveltySure = 3
)

// noveltyDaysOf is the number of days that are told apart; 0 where the window is shorter than two.
func (d Definition) noveltyDaysOf() int {
	n := noveltyLimit
	if w := d.window(d.Metrics[d.firstPrimary()]); w > 0 {
		n = int(min(int64(n), int64(w/referral.DayLen)))
	}
	if n < 2 || d.Metrics[d.firstPrimary()].Kind == KindQuantile {
		return 0
	}
	return n
}

// noveltyQuery is what the statement is rendered with.
type noveltyQuery struct {
	*question
	Parts []noveltyPart // y, and z of a ratio
	Sums  []sum
	Ends  []dayEnd
	Last  int64 // microseconds after which no day is told apart
}

type noveltyPart struct {
	Column, Kind string
	Selector     *selector
}

// dayEnd is where a day since exposure ends.
type dayEnd struct{ Micros, Day int64 }

// noveltyAsk compiles the question. Whole days that a unit was seen are windows of one day, two days and so on that are closed.
func (d Definition) noveltyAsk(scope referral.Scope) (*noveltyQuery, error) {
	q, err := d.question(scope)
	if err != nil {
		return nil, err
	}
	a := &noveltyQuery{question: q}
	q.windows, q.Closings = nil, nil
	for i := range d.noveltyDaysOf() {
		end := referral.Duration(i+1) * referral.DayLen
		q.Closings = slices.Insert(q.Closings, 0, closing{At: q.AsOfMicros - int64(end), Level: i + 1})
		a.Ends = append(a.Ends, dayEnd{int64(end), int64(i)})
		a.Last = int64(end)
	}
	m := d.Metrics[d.firstPrimary()]
	s, err := q.selector(m.Event, m.Where)
	if err != nil {
		return nil, err
	}
	a.Parts = append(a.Parts, noveltyPart{"y", m.variableKind(), s})
	if m.Kind == KindRatio {
		if s, err = q.selector(m.Per.Event, m.Per.Where); err != nil {
			return nil, err
		}
		a.Parts = append(a.Parts, noveltyPart{"z", m.Per.kind(), s})
	}
	for _, p := range a.Parts {
		a.Sums = append(a.Sums, sum{Name: "sum_" + p.Column, First: p.Column})
	}
	for i, p := range a.Parts {
		for _, o := range a.Parts[i:] {
			a.Sums = append(a.Sums, sum{Name: "sum_" + p.Column + "_" + o.Column, First: p.Column, Second: o.Column})
		}
	}
	return a, nil
}

// readNovelty adds up the first primary metric by day since exposure, over the units that were seen for all of the day.
func readNovelty(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) ([]noveltyCell, error) {
	days := def.noveltyDaysOf()
	if days == 0 {
		return nil, nil
	}
	a, err := def.noveltyAsk(scope)
	if err != nil {
		return nil, err
	}
	st, err := statements.Render(db.Dialect(), "novelty", a)
	if err != nil {
		return nil, err
	}
	var out []noveltyCell
	for i := range len(def.variants()) * days {
		out = append(out, noveltyCell{arm: i / days, day: i % days, joint: newJoint(len(a.Parts))})
	}
	type row struct {
		arm, days, day int
		units          int64
		sums           []string
	}
	rows, err := engine.Collect(ctx, db, st, func(r *sql.Rows) (x row, err error) {
		x.sums = make([]string, len(a.Sums))
		dest := []any{&x.arm, &x.days, &x.day, &x.units}
		for i := range x.sums {
			dest = append(dest, &x.sums[i])
		}
		return x, r.Scan(dest...)
	})
	if err != nil {
		return nil, err
	}
	for _, x := range rows {
		if x.day < 0 {
			for d := range x.days {
				out[x.arm*days+d].n += x.units
			}
			continue
		}
		c := out[x.arm*days+x.day]
		for i, s := range append(slices.Clone(c.sum), c.product...) {
			if _, ok := s.SetString(x.sums[i], 10); !ok {
				return nil, fmt.Errorf("%s: %q is not a whole number", a.Sums[i].Name, x.sums[i])
			}
		}
	}
	return out, nil
}

// noveltyOf is the kind by which a day of the metric is compared: what happened on the day, whatever comes later.
func (d Definition) noveltyOf() Metric {
	m := d.Metrics[d.firstPrimary()]
	m.Cap = nil
	if m.Kind == KindTimeToEvent {
		m.Kind = KindProportion
	}
	return m
}

// noveltyDays is the effect of every arm by day since exposure, the days on which both arms have at least two units.
func noveltyDays(def Definition, r read, level float64) ([]NoveltyDay, error) {
	samples, err := noveltySamples(def, r, level)
	if err != nil {
		return nil, err
	}
	var out []NoveltyDay
	for i := range r.arms[1:] {
		for day, s := range samples {
			c, t := s[0], s[i+1]
			if c.joint.n < 2 || t.joint.n < 2 {
				continue
			}
			k, err := def.kindOf(def.noveltyOf(), nil)
			if err != nil {
				return nil, err
			}
			e, err := k.contrast(c, t, level)
			if err != nil {
				return nil, err
			}
			out = append(out, NoveltyDay{Arm: r.arms[i+1].name, Day: day, Units: c.joint.n + t.joint.n, Effect: e.effect})
		}
	}
	return out, nil
}

// noveltySamples are the arms on each day.
func noveltySamples(def Definition, r read, level float64) ([][]sample, error) {
	if len(r.novelty) == 0 {
		return nil, nil
	}
	k, err := def.kindOf(def.noveltyOf(), nil)
	if err != nil {
		return nil, err
	}
	var out [][]sample
	for _, c := range r.novelty {
		if c.day == len(out) {
			out = append(out, make([]sample, len(r.arms)))
		}
		o := outcome{joint: c.joint}
		if o.Moments, err = c.moments(0); err != nil {
			return nil, err
		}
		if out[c.day][c.arm], err = k.arm(o, level); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// noveltyFindings says of each arm whether its relative effect is not the same on every day: an effect in absolute terms
// falls by itself where most of the events happen soon after exposure, with no novelty in it.
//
// Of each day on which both arms' means lie well above 0 the logarithm of their ratio is taken, with the standard error
// √(v_T/(n_T m_T²) + v_C/(n_C m_C²)); Cochran's Q over the days, and the first day against the weighted mean of the others. Days share
// units; the errors of such sums are nearly uncorrelated where a unit's events are rare, and positively correlated where they
// are not, which makes Q smaller and the test cautious.
func (j judgement) noveltyFindings(r read) ([]referral.Finding, error) {
	samples, err := noveltySamples(j.def, r, j.res.Confidence)
	if err != nil || j.res.Verdict.Action == ActionInvalid {
		return nil, err
	}
	var out collector
	name := j.def.Metrics[j.def.firstPrimary()].Name
	for i, a := range j.arms[1:] {
		var lifts, errors []float64
		first := false
		for day, s := range samples {
			c, t := s[0].units, s[i+1].units
			if !sure(c) || !sure(t) {
				continue
			}
			first = first || day == 0
			lifts = append(lifts, math.Log(t.Mean/c.Mean))
			errors = append(errors, math.Hypot(relativeError(c), relativeError(t)))
		}
		h, err := stats.Heterogeneity(lifts, errors)
		if err != nil {
			return nil, err
		}
		if h.PValue == nil || *h.PValue >= noveltyAlpha {
			continue
		}
		rest, err := stats.Heterogeneity(lifts[1:], errors[1:])
		if err != nil {
			return nil, err
		}
		text := fmt.Sprintf("The relative effect of %s on %s is not the same on every day since exposure: p = %.2g.", a.name, name, *h.PValue)
		if first && rest.Estimate != nil && rest.SE != nil {
			z := (lifts[0] - *rest.Estimate) / math.Hypot(errors[0], *rest.SE)
			if 2*stats.UpperTail(math.Abs(z)) < noveltyAlpha {
				text += fmt.Sprintf(" It is %s on the first day and %s on the later ones.", percent(math.Expm1(lifts[0])), percent(math.Expm1(*rest.Estimate)))
				if math.Abs(lifts[0]) > math.Abs(*rest.Estimate) {
					text += " An effect that wears off is worth less in the long run than the window says."
				}
			}
		}
		out.add("novelty", a.name, "%s", text)
	}
	return out, nil
}

// sure reports whether a mean lies so far above 0 that its logarithm is near normal.
func sure(m stats.Moments) bool {
	return m.N >= 2 && m.Mean > 0 && m.Variance > 0 && relativeError(m) <= 1.0/noveltySure
}

// relativeError is the standard error of a mean as a share of it.
func relativeError(m stats.Moments) float64 {
	return math.Sqrt(m.Variance/float64(m.N)) / math.Abs(m.Mean)
}

// percent writes a relative effect with its sign.
func percent(x float64) string {
	s := signed(100*x, 1) + " %"
	if x > 0 {
		s = "+" + s
	}
	return s
}
