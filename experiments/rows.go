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
	Sums        []sum
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

// sum is one aggregate of the statement: of a variable of the units, or of the product of two.
type sum struct{ Name, First, Second string }

// sumsOf lists the sums and products of the variables of one measure in the order of a joint.
func sumsOf(variables ...string) []sum {
	var out []sum
	for _, v := range variables {
		out = append(out, sum{Name: "sum_" + v, First: v})
	}
	for i, v := range variables {
		for _, w := range variables[i:] {
			out = append(out, sum{Name: "sum_" + v + "_" + w, First: v, Second: w})
		}
	}
	return out
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
	for i := range q.Metrics {
		q.Sums = append(q.Sums, sumsOf(fmt.Sprintf("y_%d", i))...)
	}
	q.Sums = append(q.Sums, sumsOf("contribution", "rewards", "commission", "customers")...)
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
	valueless []int64         // per metric: events whose amount has no value in the project's currency
	metrics   []joint
	money     joint
	withMoney int64
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
	g := group{valueless: make([]int64, metrics)}
	var name sql.Null[string]
	dest := []any{&g.status, &name, &g.units, &g.sightings, &g.unknown, &g.mature, &g.from, &g.to}
	for i := range g.valueless {
		dest = append(dest, &g.valueless[i])
	}
	var sums []*big.Int
	for range metrics {
		g.metrics = append(g.metrics, newJoint(1))
	}
	g.money = newJoint(moneyVariables)
	g.money.scale = referral.MicroScale
	for _, j := range append(slices.Clone(g.metrics), g.money) {
		sums = append(append(sums, j.sum...), j.product...)
	}
	texts := make([]sql.Null[string], len(sums))
	for i := range texts {
		dest = append(dest, &texts[i])
	}
	if err := r.Scan(append(dest, &g.withMoney)...); err != nil {
		return g, err
	}
	g.variant = name.V
	for i, text := range texts {
		if !text.Valid { // the sum over no units
			continue
		}
		if _, ok := sums[i].SetString(text.V, 10); !ok {
			return g, fmt.Errorf("sum %q is not a whole number", text.V)
		}
	}
	for i := range g.metrics {
		g.metrics[i].n = g.mature
	}
	g.money.n = g.mature
	return g, nil
}
