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
	return l.missingRates(ctx, tx)
}

// value fills value_minor of a dated input table.
func (l *loader) value(ctx context.Context, tx engine.Tx, t schema.Table) error {
	amount := ""
	for _, c := range t.Columns {
		if c.Role == schema.Amount {
			amount = ident(c.Name)
		}
	}
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
	found, err := engine.Collect(ctx, tx, st, func(r *sql.Rows) (referral.Finding, error) {
		var currency, from, to string
		var days int64
		err := r.Scan(&currency, &days, &from, &to)
		return referral.Finding{
			Code: "rate-missing", Subject: currency,
			Detail: fmt.Sprintf("no rate from %s to %s on or before %d days between %s and %s; amounts of these days have no value", currency, l.plan.Scope.Currency, days, from, to),
		}, err
	})
	l.findings = append(l.findings, found...)
	return err
}
