package partners

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"time"

	"vouch/cohorts"
	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// params is the data of the SQL files.
type params struct {
	AsOf                                   time.Time
	Today                                  string // local date of as-of, not seen itself
	Whole                                  int64
	Currency, Signup                       string
	DayWeek, AcquiredWeek, AcquisitionWeek string
	EventWeek                              string
	Previous, Current                      int64 // weeks times their step
}

func newParams(d sqltext.Dialect, scope referral.Scope) params {
	week := func(column string) string { return cohorts.PeriodSQL(d, scope.Calendar, referral.Week, column) }
	return params{
		AsOf: scope.AsOf, Today: dateText(cohorts.LocalDay(scope.Calendar, scope.AsOf)), Whole: referral.MicroScale,
		Currency: scope.Currency, Signup: scope.SignupName(),
		DayWeek: week("day"), AcquiredWeek: week("p.acquired_day"), AcquisitionWeek: week("a.day"), EventWeek: week("e.day"),
	}
}

// dateText writes a day number as a date.
func dateText(day int64) string { return time.Unix(day*86_400, 0).UTC().Format("2006-01-02") }

// Statements lists the SQL behind Compute and Week; that of the cohorts behind payback is listed by
// its own package.
func Statements(d sqltext.Dialect, scope referral.Scope) ([]sqltext.Stmt, error) {
	p := newParams(d, scope)
	p.Current = lastCompleteWeek(scope) * cohorts.PeriodStep(referral.Week)
	p.Previous = p.Current - cohorts.PeriodStep(referral.Week)
	var out []sqltext.Stmt
	for _, name := range []string{"directory", "persons", "customers", "split", "costs", "aggregates", "loose", "totals", "costlines", "weeks", "movers"} {
		s, err := statements.Render(d, name, p)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// ledgerLine is what the sources say of one partner, exact.
type ledgerLine struct {
	known                              bool
	name, archetype, tier              string
	region, industry                   string
	left                               sql.Null[int64] // when the partner left, microseconds
	persons                            int64
	micro                              int64    // credited customers of events, millionths
	customers                          int64    // whole customers behind value and squares
	value, squares                     *big.Int // net revenue of the customers, and its squares
	loose                              *big.Int // net revenue of persons who are not customers
	fractional                         bool     // part of the credit is shared with others
	cost                               *big.Int
	costLines, noRateCosts, negCosts   int64
	conversions, aggregateRevenue      *big.Int
	noRateAggregates, negAggregateDays int64
}

func newLine() *ledgerLine {
	return &ledgerLine{value: new(big.Int), squares: new(big.Int), loose: new(big.Int), cost: new(big.Int), conversions: new(big.Int), aggregateRevenue: new(big.Int)}
}

// totals are the sums of the sources.
type totals struct {
	customers, persons, withoutRate              int64
	eventRevenue, cost, conversions, aggregated  *big.Int
	firstEventDay, firstCostDay, firstAggregated sql.Null[int64]
}

// firstDay is the earliest day with data.
func (t totals) firstDay() (int64, bool) {
	day, ok := int64(0), false
	for _, d := range []sql.Null[int64]{t.firstEventDay, t.firstCostDay, t.firstAggregated} {
		if d.Valid && (!ok || d.V < day) {
			day, ok = d.V, true
		}
	}
	return day, ok
}

// reader runs the statements of one computation; lines is by partner id, "" for no partner.
type reader struct {
	db          engine.DB
	params      params
	lines       map[string]*ledgerLine
	totals      totals
	looseEvents int64
}

func (r *reader) line(id sql.Null[string]) *ledgerLine {
	l := r.lines[id.V] // "" when NULL
	if l == nil {
		l = newLine()
		r.lines[id.V] = l
	}
	return l
}

func (r *reader) all(ctx context.Context) error {
	r.lines = map[string]*ledgerLine{"": newLine()}
	for _, step := range []struct {
		name string
		scan func(*sql.Rows) error
	}{
		{"directory", r.directory},
		{"persons", r.persons},
		{"customers", r.customers},
		{"costs", r.costs},
		{"aggregates", r.aggregates},
		{"loose", r.loose},
		{"totals", r.sums},
	} {
		if _, err := each(ctx, r.db, step.name, r.params, step.scan); err != nil {
			return err
		}
	}
	return r.shared(ctx)
}

// each runs a statement for its side effects on every row and counts the rows.
func each(ctx context.Context, db engine.DB, name string, p params, scan func(*sql.Rows) error) (int, error) {
	st, err := statements.Render(db.Dialect(), name, p)
	if err != nil {
		return 0, err
	}
	rows, err := engine.Collect(ctx, db, st, func(r *sql.Rows) (struct{}, error) { return struct{}{}, scan(r) })
	return len(rows), err
}

func (r *reader) directory(rows *sql.Rows) error {
	var id sql.Null[string]
	var known bool
	var name, archetype, tier, region, industry sql.Null[string]
	var left sql.Null[int64]
	if err := rows.Scan(&id, &known, &name, &archetype, &tier, &region, &industry, &left); err != nil {
		return err
	}
	l := r.line(id)
	l.known, l.name, l.archetype, l.tier, l.region, l.industry = known, name.V, archetype.V, tier.V, region.V, industry.V
	l.left = left
	return nil
}

func (r *reader) persons(rows *sql.Rows) error {
	var id sql.Null[string]
	var n int64
	if err := rows.Scan(&id, &n); err != nil {
		return err
	}
	r.line(id).persons = n
	return nil
}

func (r *reader) customers(rows *sql.Rows) error {
	var id sql.Null[string]
	var n int64
	var value, squares string
	if err := rows.Scan(&id, &n, &value, &squares); err != nil {
		return err
	}
	l := r.line(id)
	l.customers, l.micro = n, n*referral.MicroScale
	return parseAll([]string{value, squares}, l.value, l.squares)
}

func (r *reader) costs(rows *sql.Rows) error {
	var id sql.Null[string]
	var cost string
	var n, noRate, negative int64
	if err := rows.Scan(&id, &cost, &n, &noRate, &negative); err != nil {
		return err
	}
	l := r.line(id)
	l.costLines, l.noRateCosts, l.negCosts = n, noRate, negative
	return parseAll([]string{cost}, l.cost)
}

func (r *reader) aggregates(rows *sql.Rows) error {
	var id sql.Null[string]
	var conversions, revenue string
	var noRate, negative int64
	if err := rows.Scan(&id, &conversions, &revenue, &noRate, &negative); err != nil {
		return err
	}
	l := r.line(id)
	l.noRateAggregates, l.negAggregateDays = noRate, negative
	return parseAll([]string{conversions, revenue}, l.conversions, l.aggregateRevenue)
}

// loose puts the money of persons who are not customers into the row without a partner.
func (r *reader) loose(rows *sql.Rows) error {
	var revenue string
	if err := rows.Scan(&r.looseEvents, &revenue); err != nil {
		return err
	}
	extra, l := new(big.Int), r.line(sql.Null[string]{})
	l.loose = extra
	return parseAll([]string{revenue}, extra)
}

func (r *reader) sums(rows *sql.Rows) error {
	t := &r.totals
	t.eventRevenue, t.cost, t.conversions, t.aggregated = new(big.Int), new(big.Int), new(big.Int), new(big.Int)
	var revenue, cost, conversions, aggregated string
	if err := rows.Scan(&t.customers, &revenue, &t.persons, &t.withoutRate, &cost, &conversions, &aggregated,
		&t.firstEventDay, &t.firstCostDay, &t.firstAggregated); err != nil {
		return err
	}
	return parseAll([]string{revenue, cost, conversions, aggregated}, t.eventRevenue, t.cost, t.conversions, t.aggregated)
}

// share is one partner's part of a customer.
type share struct {
	id            sql.Null[string]
	person        int64
	weight, value int64
}

// shared splits the money of customers that several partners are credited with, by largest
// remainder in the order of partner ids, so that the parts add up to the customer's money.
func (r *reader) shared(ctx context.Context) error {
	var group []share
	flush := func() {
		weights := make([]int64, len(group))
		for i, s := range group {
			weights[i] = s.weight
		}
		for i, part := range referral.Allocate(group[0].value, weights) {
			l := r.line(group[i].id)
			money := big.NewInt(part)
			l.fractional = true
			l.micro += group[i].weight
			l.value.Add(l.value, money)
			l.squares.Add(l.squares, new(big.Int).Mul(money, money))
		}
		group = group[:0]
	}
	_, err := each(ctx, r.db, "split", r.params, func(rows *sql.Rows) error {
		var s share
		if err := rows.Scan(&s.person, &s.id, &s.weight, &s.value); err != nil {
			return err
		}
		if len(group) > 0 && group[0].person != s.person {
			flush()
		}
		group = append(group, s)
		return nil
	})
	if len(group) > 0 {
		flush()
	}
	return err
}

// parseAll reads exact integers that SQL wrote as text.
func parseAll(texts []string, into ...*big.Int) error {
	for i, s := range texts {
		if _, ok := into[i].SetString(s, 10); !ok {
			return fmt.Errorf("%q is not an integer", s)
		}
	}
	return nil
}
