package cohorts

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"vouch/internal/engine"
	"vouch/referral"
)

// Compute returns the retention and lifetime-value triangle of everyone acquired before scope.AsOf.
//
// Sizes, retained customers and money are exact integers from SQL; Go cumulates them over ages and
// finishes rates and means. A customer is retained at an age if one of the definition's activity
// events falls into it; all money counts, whatever event carries it. See the package comment for
// cohort, age and completeness.
func Compute(ctx context.Context, db engine.DB, def Definition, scope referral.Scope) (Result, error) {
	if err := def.Validate().Err(); err != nil {
		return Result{}, err
	}
	def = def.withDefaults(scope)
	t, c, err := read(ctx, db, def, scope)
	if err != nil {
		return Result{}, fmt.Errorf("cohorts %s: %w", def.Name, err)
	}
	res := Result{
		Name: def.Name, By: def.By, Age: def.Age, Group: def.Group, Currency: scope.Currency,
		Margin: referral.Micros(scope.MarginMicros).String(), Cohorts: []Cohort{}, LTV: []LTV{},
	}
	sums := pools{}
	for _, s := range t.slots() {
		built := build(def, scope, s, t.born[s], t.cells[s])
		res.Cohorts = append(res.Cohorts, built.cohort)
		sums.add(s.key, built)
	}
	if res.LTV, err = sums.estimates(def, t.keys, scope); err != nil {
		return Result{}, fmt.Errorf("cohorts %s: %w", def.Name, err)
	}
	res.Findings = referral.SortFindings(findings(def, scope, res, c))
	return res, nil
}

// slots lists the cohorts by period, then key.
func (t *triangle) slots() []slot {
	out := make([]slot, 0, len(t.born))
	for s := range t.born {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b slot) int {
		return cmp.Or(cmp.Compare(a.cohort, b.cohort), compareKeys(a.key, b.key))
	})
	return out
}

// compareKeys orders keys by bytes with NoGroup last.
func compareKeys(a, b string) int {
	return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
}

func rank(key string) int {
	if key == NoGroup {
		return 1
	}
	return 0
}

// built is a cohort with what its cells leave for pooling.
type built struct {
	cohort  Cohort
	squares []*big.Int // by age: Σ over customers of the square of their cumulative value
	values  []*big.Int
}

// build cumulates one cohort over its ages, up to the horizon or to the last age that had begun for
// anyone before as-of.
func build(def Definition, scope referral.Scope, s slot, born map[int64]int64, cells map[int64]*cell) built {
	cal := scope.Calendar
	out := built{cohort: Cohort{Cohort: PeriodLabel(cal, def.By, s.cohort), Key: s.key, Cells: []Cell{}}}
	first := int64(-1)
	for p, n := range born {
		out.cohort.Size += n
		if first < 0 || p < first {
			first = p
		}
	}
	now := PeriodIndex(cal, def.Age, LocalDay(cal, scope.AsOf.Add(-time.Microsecond)))
	over := LocalDay(cal, scope.AsOf) // every day before it has passed
	lastBorn := PeriodIndex(cal, def.Age, PeriodStart(cal, def.By, s.cohort+1)-1)
	value, squares := new(big.Int), new(big.Int)
	for age := int64(0); age <= int64(def.Horizon) && first+age <= now; age++ {
		c := Cell{Age: int(age), Complete: PeriodStart(cal, def.Age, lastBorn+age+1) <= over}
		for p, n := range born {
			if PeriodStart(cal, def.Age, p+age+1) <= over {
				c.Eligible += n
			}
		}
		if got := cells[age]; got != nil {
			c.Retained, c.Events = got.retained, got.events
			value.Add(value, got.value)
			squares.Add(squares, got.squares)
		}
		c.CumulativeMinor = value.Int64()
		out.cohort.Cells = append(out.cohort.Cells, c)
		out.values = append(out.values, new(big.Int).Set(value))
		out.squares = append(out.squares, new(big.Int).Set(squares))
	}
	return out
}

func findings(def Definition, scope referral.Scope, res Result, c checks) []referral.Finding {
	var out []referral.Finding
	add := func(code, subject, format string, args ...any) {
		out = append(out, referral.Finding{Code: code, Subject: subject, Detail: fmt.Sprintf(format, args...)})
	}
	if len(res.Cohorts) == 0 {
		add("no-customers", scope.Acquisition, "nobody has an analysed %q event before as-of, so there is no cohort", scope.Acquisition)
		return out
	}
	if len(res.LTV) == 0 {
		add("no-complete-cells", def.Name, "no cohort has lived through a whole %s yet: every cell is partial and nothing is averaged", def.Age)
	}
	if c.beforeEvents > 0 {
		m := referral.Money{Minor: c.beforeValue.Int64(), Currency: scope.Currency}
		add("value-before-acquisition", def.Name, "%d events worth %s lie before their customer's acquisition and belong to no age", c.beforeEvents, m)
	}
	if c.withoutRate > 0 {
		add("missing-rate", scope.Currency, "%d events have an amount in another currency without a rate of their day; their money is not counted", c.withoutRate)
	}
	return out
}
