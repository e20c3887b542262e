package experiments

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/internal/stats"
	"vouch/referral"
)

//go:embed sql/*.sql
var files embed.FS

var statements = sqltext.MustLoad("experiments", files)

// question is what the read-out statement is rendered with.
type question struct {
	Name        string
	Unit        string
	ByPerson    bool // the unit is a person: identities and flags apply
	Key         string
	KeyTable    string
	KeyID       string
	AsOf        time.Time
	Window      referral.Duration
	Variants    []variant
	Events      []string
	Metrics     []measure
	Acquisition string
	Margin      int64
}

type variant struct {
	Name         string
	RewardMicros int64
}

type measure struct {
	Kind  string
	Value string
	Event string
	Where []filter
}

// IsAmount reports whether the metric adds up money rather than counting events.
func (m measure) IsAmount() bool { return m.Kind == KindMean && m.Value != ValueCount }

// Statements returns the SQL behind the read-out: one statement.
func Statements(d sqltext.Dialect, def Definition, scope referral.Scope) ([]sqltext.Stmt, error) {
	if err := def.Validate().Err(); err != nil {
		return nil, err
	}
	if def.Source == SourceSummary {
		s, err := statements.Render(d, "summary", def)
		return []sqltext.Stmt{s}, err
	}
	q, err := def.question(scope)
	if err != nil {
		return nil, err
	}
	s, err := statements.Render(d, "readout", q)
	return []sqltext.Stmt{s}, err
}

func (d Definition) question(scope referral.Scope) (question, error) {
	q := question{
		Name: d.Name, Unit: d.Unit, ByPerson: true, Key: "person_key", KeyTable: "persons", KeyID: "person_id",
		AsOf: scope.AsOf, Window: d.Window, Acquisition: scope.Acquisition, Margin: scope.MarginMicros,
	}
	if d.Unit == UnitPartner {
		q.ByPerson, q.Key, q.KeyTable, q.KeyID = false, "partner_key", "partner_keys", "partner_id"
	}
	for _, v := range d.variants() {
		if d.Rewards[v] > 1<<43 {
			return q, fmt.Errorf("reward of %s: %d: %w", v, d.Rewards[v], referral.ErrRange)
		}
		q.Variants = append(q.Variants, variant{Name: v, RewardMicros: d.Rewards[v] * referral.MicroScale})
	}
	events := map[string]bool{scope.Acquisition: true}
	for _, m := range d.Metrics {
		x := measure{Kind: m.Kind, Value: m.Value, Event: m.Event}
		for _, key := range slices.Sorted(maps.Keys(m.Where)) {
			f, err := condition(key, m.Where[key])
			if err != nil {
				return q, err
			}
			x.Where = append(x.Where, f)
		}
		q.Metrics = append(q.Metrics, x)
		events[m.Event] = true
	}
	q.Events = slices.Sorted(maps.Keys(events))
	return q, nil
}

// group is one row of the read-out: the units of one status in one variant.
type group struct {
	status    string
	variant   string
	units     int64
	sightings int64
	unknown   int64
	mature    int64
	from, to  sql.Null[int64] // microseconds of the first and the last entry
	metrics   []sums
	withMoney int64
	net       sums
}

// sums are the exact sums of one metric over mature units.
type sums struct {
	sum, squares *big.Int
	valueless    int64 // events of the metric whose amount has no value in the project's currency
}

// readout runs the one statement of an experiment.
func readout(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) ([]group, error) {
	st, err := Statements(db.Dialect(), def, scope)
	if err != nil {
		return nil, err
	}
	return engine.Collect(ctx, db, st[0], func(r *sql.Rows) (group, error) { return scanGroup(r, len(def.Metrics)) })
}

func scanGroup(r *sql.Rows, metrics int) (group, error) {
	g := group{metrics: make([]sums, metrics)}
	var name sql.Null[string]
	texts := make([]sql.Null[string], 2*metrics+2)
	dest := []any{&g.status, &name, &g.units, &g.sightings, &g.unknown, &g.mature, &g.from, &g.to}
	for i := range metrics {
		dest = append(dest, &texts[2*i], &texts[2*i+1], &g.metrics[i].valueless)
	}
	dest = append(dest, &g.withMoney, &texts[2*metrics], &texts[2*metrics+1])
	if err := r.Scan(dest...); err != nil {
		return g, err
	}
	g.variant = name.V
	all := append(slices.Clone(g.metrics), g.net)
	for i := range all {
		var err error
		if all[i].sum, err = whole(texts[2*i]); err != nil {
			return g, err
		}
		if all[i].squares, err = whole(texts[2*i+1]); err != nil {
			return g, err
		}
	}
	g.metrics, g.net = all[:metrics], all[metrics]
	return g, nil
}

// whole reads an exact sum; the sum over no units is 0.
func whole(text sql.Null[string]) (*big.Int, error) {
	if !text.Valid {
		return new(big.Int), nil
	}
	n, ok := new(big.Int).SetString(text.V, 10)
	if !ok {
		return nil, fmt.Errorf("sum %q is not a whole number", text.V)
	}
	return n, nil
}

// moments finishes the sums over n mature units.
func (s sums) moments(n int64) (stats.Moments, error) {
	return stats.MomentsOfSums(n, s.sum, s.squares)
}
