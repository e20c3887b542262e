package partners

import (
	"context"
	"database/sql"
	"math/big"

	"vouch/cohorts"
	"vouch/internal/engine"
	"vouch/referral"
)

// week is what happened in one calendar week.
type week struct {
	micro, cost, revenue, squares *big.Int
	signups, converted            int64
}

// readWeeks returns the weeks with data by number.
func readWeeks(ctx context.Context, db engine.DB, p params) (map[int64]week, error) {
	out := map[int64]week{}
	_, err := each(ctx, db, "weeks", p, func(r *sql.Rows) error {
		var i int64
		var texts [4]string
		w := week{micro: new(big.Int), cost: new(big.Int), revenue: new(big.Int), squares: new(big.Int)}
		if err := r.Scan(&i, &texts[0], &texts[1], &texts[2], &texts[3], &w.signups, &w.converted); err != nil {
			return err
		}
		out[i/cohorts.PeriodStep(referral.Week)] = w
		return parseAll(texts[:], w.micro, w.cost, w.revenue, w.squares)
	})
	return out, err
}

// span returns the first week with data.
func span(weeks map[int64]week) (first int64, ok bool) {
	for i := range weeks {
		if !ok || i < first {
			first, ok = i, true
		}
	}
	return first, ok
}

// lastCompleteWeek is the number of the last calendar week that has passed by as-of.
func lastCompleteWeek(scope referral.Scope) int64 {
	return cohorts.PeriodIndex(scope.Calendar, referral.Week, cohorts.LocalDay(scope.Calendar, scope.AsOf)) - 1
}

// series lists the programme's weeks from the first with data to the one that holds the last visible
// day; weeks without data between them are zero, for nothing happened.
func series(ctx context.Context, db engine.DB, p params, scope referral.Scope) ([]Point, error) {
	weeks, err := readWeeks(ctx, db, p)
	if err != nil {
		return nil, err
	}
	out := []Point{}
	first, ok := span(weeks)
	if !ok {
		return out, nil
	}
	complete := lastCompleteWeek(scope)
	last := complete
	for i := range weeks {
		last = max(last, i)
	}
	for i := first; i <= last; i++ {
		pt := Point{Start: dateText(cohorts.PeriodStart(scope.Calendar, referral.Week, i)), Complete: i <= complete}
		if w, ok := weeks[i]; ok {
			pt.Acquisitions, pt.CostMinor, pt.RevenueMinor = Micro(w.micro.Int64()), w.cost.Int64(), w.revenue.Int64()
		}
		out = append(out, pt)
	}
	return out, nil
}
