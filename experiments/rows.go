package experiments

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"math/big"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

//go:embed sql/*.sql
var files embed.FS

var statements = sqltext.MustLoad("experiments", files)

// group is one row of the read-out: the units of one status, arm, stratum and day whose windows are equally far.
type group struct {
	status    string
	arm       int
	stratum   string
	day       int64 // microseconds of the local midnight, as if in UTC
	closed    int   // windows that are over
	units     int64
	sightings int64
	unknown   int64
	known     int64
	from, to  sql.Null[int64] // microseconds of the first and the last entry
	withMoney int64
	counted   map[string]int64
	sums      map[string]*big.Int // with the caps and the largest values; nil where there is none
}

// readout runs the one statement of an experiment.
func readout(ctx context.Context, db engine.DB, a *query) ([]group, error) {
	st, err := statements.Render(db.Dialect(), "readout", a)
	if err != nil {
		return nil, err
	}
	return engine.Collect(ctx, db, st, a.scan)
}

// scan reads a row in the order of readout.sql.
func (a *query) scan(r *sql.Rows) (group, error) {
	g := group{counted: map[string]int64{}, sums: map[string]*big.Int{}}
	var arm sql.Null[int64]
	dest := []any{&g.status, &arm, &g.stratum, new(sql.Null[int64]), &g.closed, &g.units, &g.sightings, &g.unknown, &g.known, &g.from, &g.to, &g.withMoney}
	day := dest[3].(*sql.Null[int64])
	var names []string
	counts := map[string]*int64{}
	texts := map[string]*sql.Null[string]{}
	count := func(name string) {
		counts[name] = new(int64)
		dest = append(dest, counts[name])
	}
	text := func(name string) {
		texts[name] = new(sql.Null[string])
		names = append(names, name)
		dest = append(dest, texts[name])
	}
	for _, c := range a.Counted {
		count(c)
	}
	for _, c := range a.Caps {
		text(c.Column)
		count(c.Column)
	}
	for _, c := range a.Largest {
		text("most_" + c)
	}
	for _, s := range a.Sums {
		text(s.Name)
	}
	if err := r.Scan(dest...); err != nil {
		return g, err
	}
	g.arm, g.day = int(arm.V), day.V
	for name, n := range counts {
		g.counted[name] = *n
	}
	for _, name := range names {
		t := texts[name]
		if !t.Valid {
			continue
		}
		x, ok := new(big.Int).SetString(t.V, 10)
		if !ok {
			return g, fmt.Errorf("%s: %q is not a whole number", name, t.V)
		}
		g.sums[name] = x
	}
	return g, nil
}

// joint puts the sums of some variables together.
func (g group) joint(a *query, variables []string) joint {
	j := joint{n: g.units}
	for i, v := range variables {
		j.sum = append(j.sum, g.sum("sum_"+v))
		for _, w := range variables[i:] {
			j.product = append(j.product, g.sum(a.product(v, w)))
		}
	}
	return j
}

func (g group) sum(name string) *big.Int {
	if s := g.sums[name]; s != nil {
		return s
	}
	return new(big.Int)
}

// untimed counts exposures that have no time.
func untimed(ctx context.Context, db engine.DB, a *query) (n int64, err error) {
	st, err := statements.Render(db.Dialect(), "untimed", a)
	if err != nil {
		return 0, err
	}
	return n, engine.One(ctx, db, st, &n)
}

// moneyOf finishes the sums of money of one arm: of value, customers and, for partners, commission to contribution,
// rewards, commission and customers, in millionths.
func (a *query) moneyOf(g group, def Definition, scope referral.Scope) joint {
	reward := def.Rewards[a.Variants[g.arm]] * referral.MicroScale
	weights := [moneyVariables][]int64{
		moneyContribution: {scope.MarginMicros, 0, 0},
		moneyRewards:      {0, reward, 0},
		moneyCommission:   {0, 0, referral.MicroScale},
		moneyCustomers:    {0, referral.MicroScale, 0},
	}
	j := g.joint(a, a.Money.Variables).mapped(weights[:])
	j.scale = referral.MicroScale
	return j
}

// catalogue reads the keys of events.
func catalogue(ctx context.Context, db engine.DB) (map[string]int64, error) {
	st, err := statements.Render(db.Dialect(), "catalogue", nil)
	if err != nil {
		return nil, err
	}
	out := map[string]int64{}
	_, err = engine.Collect(ctx, db, st, func(r *sql.Rows) (string, error) {
		var event string
		var key int64
		if err := r.Scan(&event, &key); err != nil {
			return "", err
		}
		out[event] = key
		return event, nil
	})
	return out, err
}
