package experiments

import (
	"context"
	"fmt"
	"time"

	"vouch/internal/engine"
	"vouch/referral"
)

// readExposures reads an experiment whose units are exposed one by one.
func readExposures(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (read, error) {
	a, err := def.ask(scope)
	if err != nil {
		return read{}, err
	}
	keys, err := catalogue(ctx, db)
	if err != nil {
		return read{}, err
	}
	a.learn(keys)
	groups, err := readout(ctx, db, a)
	if err != nil {
		return read{}, err
	}
	r := reader{read: read{arms: def.emptyArms()}, query: a, keys: keys, def: def, scope: scope, byKey: map[cellKey]*cell{}}
	if r.hygiene.WithoutTime, err = untimed(ctx, db, a); err != nil {
		return read{}, err
	}
	for i := range r.arms {
		r.arms[i].money.scale = referral.MicroScale
		for k, x := range a.metrics {
			r.arms[i].metrics[k] = outcome{joint: newJoint(len(x.variables))}
			if x.limit != nil {
				r.arms[i].metrics[k].uncapped = newJoint(len(x.uncapped))
			}
		}
	}
	for _, g := range groups {
		r.take(g)
	}
	if err := r.finish(); err != nil {
		return read{}, err
	}
	r.caps(groups)
	if err := r.spread(ctx, db); err != nil {
		return read{}, err
	}
	return r.read, r.beyond(ctx, db, def, scope)
}

// reader puts the rows of a read-out together.
type reader struct {
	read
	query *query
	keys  map[string]int64
	def   Definition
	scope referral.Scope
	byKey map[cellKey]*cell
	order []cellKey

	first, last int64 // first exposure of the first and the last analysed unit
	withMoney   bool
}

type cellKey struct {
	arm     int
	stratum string
	day     int64
}

// take adds one row.
func (r *reader) take(g group) {
	r.hygiene.Exposures += g.sightings
	r.hygiene.UnknownVariants += g.unknown
	switch g.status {
	case "mixed":
		r.hygiene.TwoVariants += g.units
	case "excluded":
		r.hygiene.ExcludedUnits += g.units
	case "analysed":
		r.analysed(g)
	}
}

// analysed adds a row of units that count. A metric takes the units whose window of it is over.
func (r *reader) analysed(g group) {
	r.hygiene.UnknownUnits += g.units - g.known
	r.hygiene.EarlyOutcomes += g.counted[r.query.early]
	if r.first == 0 || g.from.V < r.first {
		r.first = g.from.V
	}
	r.last = max(r.last, g.to.V)
	arm := &r.arms[g.arm]
	c := r.cell(g)
	arm.n += g.units
	c.n += g.units
	if g.closed >= r.query.level(r.def.Window) {
		arm.mature += g.units
		c.mature += g.units
		arm.money.add(r.query.moneyOf(g, r.def, r.scope))
		r.withMoney = r.withMoney || g.withMoney > 0
	} else {
		r.hygiene.Immature += g.units
	}
	for i, x := range r.query.metrics {
		if g.closed >= x.level {
			r.metric(g, c, i, x)
		}
	}
}

func (r *reader) metric(g group, c *cell, i int, x queryMetric) {
	o := &r.arms[g.arm].metrics[i]
	j := g.joint(r.query, x.variables)
	o.joint.add(j)
	c.metrics[i].add(j)
	for _, column := range x.valueless {
		o.valueless += g.counted[column]
	}
	if x.limit != nil {
		o.uncapped.add(g.joint(r.query, x.uncapped))
		o.capped += g.counted[x.limit.Column]
	}
	if x.largest != "" {
		o.largest = max(o.largest, float(g.sum("most_"+x.largest)))
	}
}

// cell finds or adds the cell of a row.
func (r *reader) cell(g group) *cell {
	key := cellKey{g.arm, g.stratum, g.day}
	c := r.byKey[key]
	if c == nil {
		c = &cell{arm: g.arm, stratum: g.stratum, day: time.UnixMicro(g.day).UTC().Format(time.DateOnly)}
		for _, x := range r.query.metrics {
			c.metrics = append(c.metrics, newJoint(len(x.variables)))
		}
		r.byKey[key] = c
		r.order = append(r.order, key)
	}
	return c
}

// finish turns sums into moments.
func (r *reader) finish() error {
	for _, key := range r.order {
		r.read.cells = append(r.read.cells, *r.byKey[key])
	}
	if r.last != 0 {
		r.from, r.to = localDay(r.first, r.scope.Calendar), localDay(r.last, r.scope.Calendar)
		r.seconds = float64(r.last-r.first) / 1e6
	}
	for i := range r.arms {
		r.arms[i].hasNet = r.withMoney
		for k := range r.arms[i].metrics {
			o := &r.arms[i].metrics[k]
			var err error
			if o.Moments, err = o.joint.moments(0); err != nil {
				return err
			}
		}
	}
	return nil
}

// caps notes where the limits lie. A limit of 0 leaves nothing to measure.
func (r *reader) caps(groups []group) {
	for i, x := range r.query.metrics {
		if x.limit == nil {
			continue
		}
		at := float64(x.limit.At)
		if x.limit.Quantile {
			for _, g := range groups {
				if s := g.sums[x.limit.Column]; s != nil {
					at = float(s)
					break
				}
			}
			if at <= 0 {
				r.findings = append(r.findings, referral.Finding{Code: "cap-at-zero", Subject: r.def.Metrics[i].Name, Detail: fmt.Sprintf(
					"The cap of %s, its %g quantile over all units with a closed window, is %g: what lies above is cut off, so nothing is left to compare. Raise the quantile or give a value.",
					r.def.Metrics[i].Name, r.def.Metrics[i].Cap.Quantile, at)})
			}
		}
		for k := range r.arms {
			r.arms[k].metrics[i].capAt = at
		}
	}
}
