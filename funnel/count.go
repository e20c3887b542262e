package funnel

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"vouch/internal/engine"
	"vouch/referral"
)

// Counted is the answer to plain rules over loaded events.
type Counted struct {
	StepCounts    []int64
	Optional      map[string]int64 // nil without optional steps
	PersonLevel   map[string]int
	TimeToConvert map[string]Durations
	Breakdown     map[string][]int64     // nil without a breakdown
	Trend         map[string]TrendCounts // nil without a trend
	Censoring     *CensoringCounts       // nil where it is not defined
}

// Durations are times between steps in the unit of the events, ascending.
type Durations struct {
	Times
	Values []int64
}

// TrendCounts are the entrants of a bucket and those of them who converted.
type TrendCounts struct{ Entered, Converted int64 }

// CensoringCounts tells apart who did not convert and who could not have yet.
type CensoringCounts struct {
	Naive, Matured TrendCounts
	Survival       Survival
	OpenPersons    []string
}

// CountRules evaluates plain rules over the events that LoadEvents put into the database, whose times are
// integers of any unit. It takes the road of a project: the same statements, the same kernel, and on a
// portable engine the same twin. Bad rules return referral.Problems. Trend buckets need times in UTC
// seconds.
func CountRules(ctx context.Context, db engine.DB, r *Rules) (*Counted, error) {
	if err := r.Validate().Err(); err != nil {
		return nil, err
	}
	cat, err := readCatalogue(ctx, db, Definition{}.unit())
	if err != nil {
		return nil, err
	}
	ids, err := personIDs(ctx, db)
	if err != nil {
		return nil, err
	}
	q := newCount(r, cat.names)
	t, err := q.read(ctx, db, Definition{}, cat)
	if err != nil {
		return nil, err
	}
	return q.counted(t, ids)
}

// newCount is the query behind a count.
func newCount(r *Rules, names map[int64]string) *query {
	p := newPlan(r)
	m := newMatcherSet(p, r, names)
	q := &query{rules: r, plan: p, matchers: m, params: newRowsParams(m, r, Definition{}, referral.Scope{}, false), seen: newSeen()}
	q.params.Ticks, q.params.End = true, r.ObservationEnd
	if r.Trend != nil {
		zone, err := time.LoadLocation(r.Trend.Timezone)
		if err != nil {
			panic("funnel: the zone was validated")
		}
		q.buckets = func() *buckets {
			return newBuckets(r.Trend.Interval, referral.Calendar{Zone: zone, WeekStart: time.Monday}, 1)
		}
	}
	q.censor = p.window != noLimit && r.ObservationEnd != nil && p.order == ordered && !p.totals && len(p.exclusions) == 0 && !p.hold
	if r.ObservationEnd != nil {
		q.end = *r.ObservationEnd
	}
	return q
}

// personIDs lists the persons by key.
func personIDs(ctx context.Context, db engine.DB) ([]string, error) {
	st, err := statements.Render(db.Dialect(), "person_ids", nil)
	if err != nil {
		return nil, err
	}
	return engine.Collect(ctx, db, st, func(r *sql.Rows) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	})
}

// seen notes the best level of each person and the persons with an open window, by key.
type seen struct {
	levels map[int64]int
	open   []int64
}

func newSeen() *seen { return &seen{levels: map[int64]int{}} }

func (s *seen) add(o *seen) {
	maps.Copy(s.levels, o.levels)
	s.open = append(s.open, o.open...)
}

// counted turns the tally of a count into its answer; ids are those of all persons, by key.
func (q *query) counted(t *tally, ids []string) (*Counted, error) {
	out := &Counted{PersonLevel: make(map[string]int, len(ids))}
	for key, id := range ids {
		out.PersonLevel[id] = q.seen.levels[int64(key)]
	}
	var open []string
	for _, key := range q.seen.open {
		open = append(open, ids[key])
	}
	slices.Sort(open)
	return out, q.finish(t, out, open)
}

// finish writes the tally into the answer.
func (q *query) finish(t *tally, out *Counted, open []string) error {
	p := q.plan
	out.StepCounts = persons(t.steps)
	if p.optional {
		out.Optional = map[string]int64{}
		for i, s := range t.steps {
			if p.steps[i].optional {
				out.Optional[q.rules.stepName(i)] = s.persons
			}
		}
	}
	out.TimeToConvert = map[string]Durations{}
	add := func(key string, d *pieces[int64]) {
		if read := readTimes(d.list(), nil, false, 1); read.N > 0 {
			out.TimeToConvert[key] = Durations{read.Times, sortedTimes(d)}
		}
	}
	add("total", &t.total)
	for i := range t.durations {
		add(fmt.Sprint(i+1), &t.durations[i])
	}
	if p.attribution != "" {
		out.Breakdown = map[string][]int64{}
		for key, g := range t.groups {
			if g.steps[0].persons > 0 {
				out.Breakdown[key] = persons(g.steps)
			}
		}
	}
	if q.buckets != nil {
		out.Trend = map[string]TrendCounts{}
		for key, b := range t.trend {
			out.Trend[key] = TrendCounts{b.entered, b.converted}
		}
	}
	if !q.censor {
		return nil
	}
	out.Censoring = &CensoringCounts{
		Naive: TrendCounts{t.cens.entered, t.cens.converted}, Matured: TrendCounts{t.cens.matured, t.cens.maturedIn}, OpenPersons: open,
	}
	if t.cens.entered > 0 {
		out.Censoring.Survival = survivalAt(t.cens.curve(p).End(), 0.95)
	}
	return nil
}

func persons(steps []stepTally) []int64 {
	out := make([]int64, len(steps))
	for i, s := range steps {
		out[i] = s.persons
	}
	return out
}
