package ingest

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vouch/internal/engine"
	"vouch/internal/schema"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// rates finds the rate of each foreign currency and day, converts the amounts of the dated inputs,
// and reports what has no rate.
func (l *loader) rates(ctx context.Context, tx engine.Tx, d *dict) error {
	home := literal(l.plan.Scope.Currency)
	needs := []string{"SELECT DISTINCT currency, " + dayOf("occurred_at", l.plan.zone()) + " AS day FROM ingest_events WHERE amount_minor IS NOT NULL AND currency <> " + home}
	for _, t := range schema.Inputs() {
		if dated(t.Name) != "" {
			needs = append(needs, fmt.Sprintf("SELECT currency, day FROM %s WHERE currency <> %s", ident(t.Name), home))
		}
	}
	text := "CREATE OR REPLACE TEMP TABLE ingest_fx_needed AS SELECT currency, day, " + factorSQL("currency", l.plan.Scope.Currency) +
		" AS factor FROM (" + strings.Join(needs, " UNION ") + ")"
	if err := tx.Exec(ctx, sqltext.Raw("ingest/fx_needed", text)); err != nil {
		return err
	}
	if err := run(ctx, tx, "fx", map[string]any{"Currency": l.plan.Scope.Currency}); err != nil {
		return err
	}
	n, err := number(ctx, tx, "count", "SELECT count(*) FROM ingest_fx")
	if err != nil {
		return err
	}
	d.foreign = n > 0
	for _, t := range schema.Inputs() {
		if dated(t.Name) == "" {
			continue
		}
		if err := l.value(ctx, tx, t); err != nil {
			return err
		}
	}
	if err := l.missingRates(ctx, tx); err != nil {
		return err
	}
	return l.beyondRates(ctx, tx)
}

// value fills value_minor of a dated input table.
func (l *loader) value(ctx context.Context, tx engine.Tx, t schema.Table) error {
	amount := ident(amountOf(t))
	name, home := ident(t.Name), literal(l.plan.Scope.Currency)
	for _, text := range []string{
		fmt.Sprintf("UPDATE %s SET value_minor = CASE WHEN currency = %s THEN %s END", name, home, amount),
		fmt.Sprintf("UPDATE %s SET value_minor = %s FROM ingest_fx AS f WHERE f.currency = %s.currency AND f.day = %s.day",
			name, convertedSQL(name+"."+amount, "f.rate"), name, name),
	} {
		if err := tx.Exec(ctx, sqltext.Raw("ingest/value", text)); err != nil {
			return err
		}
	}
	return nil
}

// factorSQL is ten to the difference of the decimals of the project's currency and another one, so
// that a rate in major units becomes one in minor units.
func factorSQL(currency, home string) string {
	exp, err := referral.Exponent(home)
	if err != nil {
		exp = 2 // the plan was validated; unreachable
	}
	by := map[int]bool{}
	for _, e := range referral.Currencies() {
		by[e] = true
	}
	exps := make([]int, 0, len(by))
	for e := range by {
		exps = append(exps, e)
	}
	slices.Sort(exps)
	var b strings.Builder
	b.WriteString("CASE (" + exponentSQL(currency) + ")")
	for _, e := range exps {
		fmt.Fprintf(&b, " WHEN %d THEN CAST('%s' AS DECIMAL(9,4))", e, powerOfTen(exp-e))
	}
	b.WriteString(" END")
	return b.String()
}

// powerOfTen writes 10^n as decimal text.
func powerOfTen(n int) string {
	if n >= 0 {
		return "1" + strings.Repeat("0", n)
	}
	return "0." + strings.Repeat("0", -n-1) + "1"
}

// missingRates reports amounts that cannot be converted, by currency.
func (l *loader) missingRates(ctx context.Context, tx engine.Tx) error {
	st := sqltext.Raw("ingest/missing_rates", `SELECT n.currency, count(*), CAST(min(n.day) AS VARCHAR), CAST(max(n.day) AS VARCHAR)
FROM ingest_fx_needed AS n LEFT JOIN ingest_fx AS f ON f.currency = n.currency AND f.day = n.day
WHERE f.rate IS NULL GROUP BY n.currency ORDER BY n.currency`)
	home := l.plan.Scope.Currency
	return l.findByCurrency(ctx, tx, st, "rate-missing", func(currency string, days int64, from, to string) string {
		if days == 1 {
			return fmt.Sprintf("no rate from %s to %s on or before %s; amounts of this day have no value", currency, home, from)
		}
		return fmt.Sprintf("no rate from %s to %s on %d days between %s and %s, nor before them; amounts of these days have no value", currency, home, days, from, to)
	})
}

// beyondRates reports amounts whose value has more digits than an amount may, by currency: the rate,
// or the unit it is given in, is wrong.
func (l *loader) beyondRates(ctx context.Context, tx engine.Tx) error {
	var above int64 // amounts are within the range, so that a rate up to one keeps them there
	if err := engine.One(ctx, tx, sqltext.Raw("ingest/rates_above", "SELECT count(*) FROM ingest_fx WHERE rate > 1"), &above); err != nil || above == 0 {
		return err
	}
	parts := []string{"SELECT e.currency, f.day, e.amount_minor AS amount, f.rate FROM ingest_events AS e JOIN ingest_fx AS f ON f.currency = e.currency AND f.day = " + dayOf("e.occurred_at", l.plan.zone())}
	for _, t := range schema.Inputs() {
		if dated(t.Name) != "" {
			parts = append(parts, fmt.Sprintf("SELECT t.currency, f.day, t.%s, f.rate FROM %s AS t JOIN ingest_fx AS f ON f.currency = t.currency AND f.day = t.day", ident(amountOf(t)), ident(t.Name)))
		}
	}
	st := sqltext.Raw("ingest/beyond_rates", fmt.Sprintf(`SELECT currency, count(*), CAST(min(day) AS VARCHAR), CAST(max(day) AS VARCHAR)
FROM (%s) WHERE amount IS NOT NULL AND rate IS NOT NULL AND %s IS NULL GROUP BY currency ORDER BY currency`, strings.Join(parts, " UNION ALL "), convertedSQL("amount", "rate")))
	home := l.plan.Scope.Currency
	return l.findByCurrency(ctx, tx, st, "value-out-of-range", func(currency string, n int64, from, to string) string {
		when := "on " + from
		if from != to {
			when = "between " + from + " and " + to
		}
		amounts, have := "amounts", "have"
		if n == 1 {
			amounts, have = "amount", "has"
		}
		return fmt.Sprintf("%d %s in %s %s would be more than %d digits of minor units in %s and %s no value; check the rates and the unit", n, amounts, currency, when, maxDigits, home, have)
	})
}

// findByCurrency adds a finding for each row: currency, count, first and last day.
func (l *loader) findByCurrency(ctx context.Context, tx engine.Tx, st sqltext.Stmt, code string, say func(currency string, n int64, from, to string) string) error {
	found, err := engine.Collect(ctx, tx, st, func(r *sql.Rows) (referral.Finding, error) {
		var currency, from, to string
		var n int64
		err := r.Scan(&currency, &n, &from, &to)
		return referral.Finding{Code: code, Subject: currency, Detail: say(currency, n, from, to)}, err
	})
	l.findings = append(l.findings, found...)
	return err
}

// amountOf is the amount column of a table.
func amountOf(t schema.Table) string {
	for _, c := range t.Columns {
		if c.Role == schema.Amount {
			return c.Name
		}
	}
	return ""
}
