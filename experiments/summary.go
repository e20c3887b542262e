package experiments

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"

	"vouch/internal/engine"
	"vouch/internal/stats"
	"vouch/referral"
)

// summaryRow is one arm of one metric, aggregated elsewhere.
type summaryRow struct {
	metric, variant string
	n               int64
	mean, variance  sql.Null[string]
	successes       sql.Null[int64]
}

// readSummary takes arms from experiment_summary. Counts of units are those of the first metric an
// arm has; every unit is taken for mature, because the source has already decided which ones count.
func readSummary(ctx context.Context, db engine.DB, def Definition) (read, error) {
	st, err := Statements(db.Dialect(), def, referral.Scope{})
	if err != nil {
		return read{}, err
	}
	rows, err := engine.Collect(ctx, db, st[0], func(r *sql.Rows) (summaryRow, error) {
		var s summaryRow
		err := r.Scan(&s.metric, &s.variant, &s.n, &s.mean, &s.variance, &s.successes)
		return s, err
	})
	if err != nil {
		return read{}, err
	}
	byArm := map[[2]string]summaryRow{}
	variants := map[string]int64{}
	for _, row := range rows {
		byArm[[2]string{row.variant, row.metric}] = row
		variants[row.variant] = max(variants[row.variant], row.n)
	}
	r := read{arms: def.emptyArms()}
	for i := range r.arms {
		a := &r.arms[i]
		delete(variants, a.name)
		for k, m := range def.Metrics {
			row, ok := byArm[[2]string{a.name, m.Name}]
			if !ok {
				a.metrics[k].missing = true
				r.findings = append(r.findings, referral.Finding{
					Code: "missing-metric", Subject: a.name,
					Detail: fmt.Sprintf("The summary has no row of metric %s for variant %s.", m.Name, a.name),
				})
				continue
			}
			out, why := row.outcome(m)
			row.n = max(row.n, 0)
			if why != "" {
				out.missing = true
				r.findings = append(r.findings, referral.Finding{Code: "unusable-summary", Subject: a.name, Detail: fmt.Sprintf("Metric %s of variant %s is left out: %s.", m.Name, a.name, why)})
			}
			a.metrics[k] = out
			if a.n == 0 {
				a.n, a.mature = row.n, row.n
			}
			if row.n != a.n {
				r.findings = append(r.findings, referral.Finding{Code: "unequal-units", Subject: a.name, Detail: fmt.Sprintf("Metric %s of variant %s counts %d units, another metric %d.", m.Name, a.name, row.n, a.n)})
			}
		}
	}
	for _, n := range variants { // variants that the plan does not name
		r.hygiene.UnknownVariants += n
	}
	for _, a := range r.arms {
		r.hygiene.Exposures += a.n
	}
	r.hygiene.Exposures += r.hygiene.UnknownVariants
	return r, nil
}

// outcome turns a row into moments; why says what makes the row unusable.
func (s summaryRow) outcome(m Metric) (o outcome, why string) {
	if s.n < 0 {
		return o, fmt.Sprintf("n is %d", s.n)
	}
	if m.Kind == KindProportion {
		x := s.successes
		switch {
		case !x.Valid:
			return o, "a proportion needs successes"
		case x.V < 0 || x.V > s.n:
			return o, fmt.Sprintf("%d successes of %d", x.V, s.n)
		}
		// Over zeros and ones Σx² = Σx.
		total := big.NewInt(x.V)
		mo, err := stats.MomentsOfSums(s.n, total, total)
		if err != nil {
			return o, err.Error()
		}
		return outcome{Moments: mo, joint: joint{n: s.n, sum: []*big.Int{total}, product: []*big.Int{total}}}, ""
	}
	mean, okM := decimal(s.mean)
	variance, okV := decimal(s.variance)
	switch {
	case !okM || !okV:
		return o, "a mean needs mean and variance"
	case variance < 0:
		return o, fmt.Sprintf("the variance is %g", variance)
	}
	return outcome{Moments: stats.Moments{N: s.n, Mean: mean, Variance: variance}}, ""
}

// decimal reads an exact decimal column.
func decimal(text sql.Null[string]) (float64, bool) {
	r, ok := new(big.Rat).SetString(text.V)
	if !text.Valid || !ok {
		return 0, false
	}
	f, _ := r.Float64()
	return f, true
}
