package experiments

import (
	"context"
	"database/sql"
	"slices"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/internal/stats"
	"vouch/referral"
)

// mostClusters is the number of units in an arm up to which their sums are read one by one because of a large
// unit; above it the delta method stands.
const mostClusters = 20_000

// spread is the question of distributions, and what each of its parts is.
type spread struct {
	*question
	Parts []spreadPart
}

type spreadPart struct {
	Kind          string // times, values, ratio
	Metric, Level int
	First         string // column of the age of the first event
	Window        int64
	Value, Second string
	Has           string // column that is above 0 for units that count
}

// isTimed reports whether a metric is read with its open windows.
func (d Definition) isTimed(m Metric) bool {
	return m.Kind == KindTimeToEvent || m.Kind == KindProportion && d.window(m) > 0
}

// spread renders the distributions of some metrics as one statement; keys are those of events, if they are known.
func (d Definition) spread(dialect sqltext.Dialect, scope referral.Scope, metrics []int, keys map[string]int64) (sqltext.Stmt, []spreadPart, error) {
	q, err := d.question(scope)
	if err != nil {
		return sqltext.Stmt{}, nil, err
	}
	s := spread{question: q}
	q.Latest = latest(d)
	for _, i := range metrics {
		m := d.Metrics[i]
		w := d.window(m)
		events, err := q.selector(m.Event, m.Where)
		if err != nil {
			return sqltext.Stmt{}, nil, err
		}
		after := tally{Selector: events, To: int64(w)}
		p := spreadPart{Metric: i, Level: q.level(w), Window: int64(w)}
		switch m.Kind {
		case KindRatio:
			den, err := q.selector(m.Per.Event, m.Per.Where)
			if err != nil {
				return sqltext.Stmt{}, nil, err
			}
			p.Kind, p.Value = "ratio", q.part(m.variableKind(), after)
			p.Second = q.part(m.Per.kind(), tally{Selector: den, To: int64(w)})
		case KindQuantile:
			p.Kind, p.Value = "values", q.part(m.variableKind(), after)
			has := after
			has.Of, has.Kept = "count", true
			if m.isAmount() {
				has.Of = "valued"
			}
			p.Has = q.tally(has).Column
		default:
			first := after
			first.Of, first.Kept = "first", true
			p.Kind, p.First = "times", q.tally(first).Column
		}
		s.Parts = append(s.Parts, p)
	}
	if keys != nil {
		q.learn(keys)
	}
	st, err := statements.Render(dialect, "spread", s)
	return st, s.Parts, err
}

// needSpread lists the metrics of which sums are not enough: quantiles; times while some windows are open, or
// where the time is the metric; ratios in arms of few units or with a unit that outweighs the others.
func (r *reader) needSpread() []int {
	var out []int
	for i, m := range r.def.Metrics {
		need := false
		for _, a := range r.arms {
			o := a.metrics[i]
			switch {
			case a.n == 0:
			case m.Kind == KindQuantile || m.Kind == KindTimeToEvent:
				need = true
			case m.Kind == KindProportion:
				need = need || o.N < a.n
			case m.Kind == KindRatio:
				need = need || o.N < fewUnits || o.largestShare(1) > largeShare
			}
		}
		if m.Kind == KindRatio {
			for _, a := range r.arms {
				need = need && a.metrics[i].N <= mostClusters
			}
		}
		if need {
			out = append(out, i)
		}
	}
	return out
}

// spread reads the distributions that are needed, in one statement.
func (r *reader) spread(ctx context.Context, db engine.DB) error {
	metrics := r.needSpread()
	if len(metrics) == 0 {
		return nil
	}
	st, parts, err := r.def.spread(db.Dialect(), r.scope, metrics, r.keys)
	if err != nil {
		return err
	}
	type row struct{ metric, arm, value, second, units, others int64 }
	rows, err := engine.Collect(ctx, db, st, func(s *sql.Rows) (x row, err error) {
		return x, s.Scan(&x.metric, &x.arm, &x.value, &x.second, &x.units, &x.others)
	})
	if err != nil {
		return err
	}
	kinds := map[int64]string{}
	for _, p := range parts {
		kinds[int64(p.Metric)] = p.Kind
	}
	for _, x := range rows {
		o := &r.arms[x.arm].metrics[x.metric]
		switch kinds[x.metric] {
		case "times":
			o.times = append(o.times, stats.Lifetime{Time: float64(x.value / 1e6), Events: x.units, Censored: x.others})
		case "values":
			o.spread = append(o.spread, count{float64(x.value), x.units})
		default:
			o.clusters.Sums = append(o.clusters.Sums, slices.Repeat([]float64{float64(x.value)}, int(x.units))...)
			o.clusters.Sizes = append(o.clusters.Sizes, slices.Repeat([]float64{float64(x.second)}, int(x.units))...)
		}
	}
	return nil
}
