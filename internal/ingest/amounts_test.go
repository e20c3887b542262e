package ingest

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vouch/internal/engine"
	"vouch/internal/engine/duckdb"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// memory opens an empty database for one test.
func memory(t testing.TB, dirs ...string) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(t.Context(), duckdb.Options{AllowedDirs: dirs, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// evaluate applies an SQL expression over a column t to each text.
func evaluate[T any](t testing.TB, db engine.Querier, expr string, texts []string) []sql.Null[T] {
	t.Helper()
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	st := sqltext.Raw("test/evaluate", "SELECT "+expr+" FROM (SELECT unnest(from_json(?, '[\"VARCHAR\"]')) AS t, generate_subscripts(from_json(?, '[\"VARCHAR\"]'), 1) AS i) ORDER BY i", string(list), string(list))
	out, err := engine.Collect(t.Context(), db, st, func(r *sql.Rows) (sql.Null[T], error) {
		var v sql.Null[T]
		return v, r.Scan(&v)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != len(texts) {
		t.Fatalf("%d results for %d texts", len(out), len(texts))
	}
	return out
}

// drawAmount draws texts near every border of the format: signs, points, zeros, lengths around 64 bits
// and what people really write.
func drawAmount(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringMatching(`[+-]?[0-9]{0,4}(\.[0-9]{0,6})?`),
		rapid.StringMatching(`[+-]?[0-9]{12,21}(\.[0-9]{0,3}0{0,3})?`),
		rapid.StringMatching(`-?0{0,25}[0-9]{1,3}\.?[0-9]{0,2}0{0,20}`),
		rapid.StringMatching(`[ \t]?[0-9]{1,3}[.,eE_' ]?[0-9]{1,3}[ \x{a0}]?`),
		rapid.SampledFrom([]string{
			"", " ", "+", "-", ".", "-.", "--1", "+-1", "1.2.3", "1,234.56", "€1", "1e3", "0x10", "NaN", "inf",
			"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
			"999999999999999", "1000000000000000", "-999999999999999", "-1000000000000000", "9999999999999.99", "10000000000000", "00000000999999999999999",
			"92233720368547758.07", "92233720368547758.08", "-92233720368547758.08", "9223372036854775.807",
			"1000000", "10000", "999999", "-0", "0.000", "١٢", "1\u2009", "\ufeff1",
		}),
	).Draw(t, "text")
}

// largest is the largest amount that is loaded, in minor units.
const largest = 999_999_999_999_999

func TestAmountSQL_agreesWithParseAmount(t *testing.T) {
	db := memory(t)
	for _, unit := range []referral.Unit{referral.UnitMajor, referral.UnitMinor, referral.UnitMicros} {
		for _, currency := range []string{"EUR", "JPY", "KWD", "UYW"} {
			t.Run(fmt.Sprintf("%s/%s", unit, currency), func(t *testing.T) {
				decimals, err := referral.Exponent(currency)
				if err != nil {
					t.Fatal(err)
				}
				exp, accepted, refused := fmt.Sprint(decimals), 0, 0
				rapid.Check(t, func(rt *rapid.T) {
					texts := make([]string, 40)
					for i := range texts {
						texts[i] = drawAmount(rt)
					}
					trimmed := fmt.Sprintf("trim(t, %s)", literal(spaces))
					got := evaluate[int64](t, db, amountSQL(trimmed, exp, unit), texts)
					for i, text := range texts {
						want, err := referral.ParseAmount(text, unit, currency)
						if err == nil && (want > largest || want < -largest) {
							err = errors.New("more digits than an amount may have")
						}
						if got[i].Valid != (err == nil) || got[i].Valid && got[i].V != want {
							rt.Fatalf("%q in %s of %s: SQL %v, Go %d, %v", text, unit, currency, got[i], want, err)
						}
						if err == nil {
							accepted++
						} else {
							refused++
						}
					}
				})
				if accepted == 0 || refused == 0 {
					t.Fatalf("the draws are one-sided: %d accepted, %d refused", accepted, refused)
				}
			})
		}
	}
}

// The reason a rejection gives is the error ParseAmount gives.
func TestPrecisionSQL_tellsPrecisionFromRange(t *testing.T) {
	db := memory(t)
	for _, c := range []struct {
		text      string
		unit      referral.Unit
		exp       string
		precision bool
	}{
		{"12.345", referral.UnitMajor, "2", true},
		{"12.340", referral.UnitMajor, "2", false},
		{"1.5", referral.UnitMajor, "0", true},
		{"1.5", referral.UnitMinor, "2", true},
		{"1.0", referral.UnitMinor, "2", false},
		{"1234567", referral.UnitMicros, "2", true},
		{"1230000", referral.UnitMicros, "2", false},
		{"99999999999999999999", referral.UnitMajor, "2", false}, // too large, not too precise
	} {
		got := evaluate[bool](t, db, precisionSQL("t", c.exp, c.unit), []string{c.text})
		if got[0].V != c.precision {
			t.Errorf("%q in %s with %s decimals: precision %v, want %v", c.text, c.unit, c.exp, got[0].V, c.precision)
		}
	}
}

func TestExponentSQL_knowsEveryCurrency(t *testing.T) {
	db := memory(t)
	var codes []string
	want := referral.Currencies()
	for c := range want {
		codes = append(codes, c)
	}
	codes = append(codes, "eur", "EUR ", "XYZ", "")
	for i, got := range evaluate[int64](t, db, exponentSQL("t"), codes) {
		e, known := want[codes[i]]
		if got.Valid != known || int(got.V) != e {
			t.Errorf("%q: SQL %v, Go %d %v", codes[i], got, e, known)
		}
	}
}

func TestSpaces_areThoseOfTrimSpace(t *testing.T) {
	for r := rune(0); r < 0x11000; r++ {
		if trimmed := strings.TrimSpace(string(r)) == ""; trimmed != strings.ContainsRune(spaces, r) && r != 0xFFFD {
			t.Errorf("%U: TrimSpace %v, spaces %v", r, trimmed, !trimmed)
		}
	}
}
