package duckdb

import (
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
	"vouch/referral"
)

// render writes one expression as a statement of the set's template language for DuckDB.
func render(t *testing.T, expr string, data any) sqltext.Stmt {
	t.Helper()
	set := sqltext.MustLoad("truth", fstest.MapFS{"sql/q.sql": {Data: []byte("SELECT CAST(" + expr + " AS VARCHAR)")}})
	st, err := set.Render(sqltext.DuckDB{}, "q", data)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return st
}

// TestDialect_truthTable runs each function of the dialect on edge values; the expected texts are
// worked out by hand from the meaning in the doc comments of sqltext.Dialect.
func TestDialect_truthTable(t *testing.T) {
	db := openTest(t, Options{})
	micro := time.Date(2026, 11, 16, 23, 59, 59, 999_999_000, time.FixedZone("east", 3600))
	for _, c := range []struct {
		expr string
		data any
		want string // "NULL" for NULL
	}{
		{"{{arg .}}", micro, "2026-11-16 22:59:59.999999"},
		{"{{arg .}}", time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC), "1969-12-31 23:59:59"},
		{"{{arg .}}", "it's ? {{text}}", "it's ? {{text}}"},
		{"CAST({{arg .}} AS BIGINT) + 1", 41, "42"},
		{`{{micros "TIMESTAMP '1970-01-01 00:00:00.000001'"}}`, nil, "1"},
		{`{{micros "TIMESTAMP '1969-12-31 23:59:59.999999'"}}`, nil, "-1"},
		{`{{micros "TIMESTAMP '2199-12-31 23:59:59.999999'"}}`, nil, "7258118399999999"},
		{`{{micros "CAST(NULL AS TIMESTAMP)"}}`, nil, "NULL"},
		{`typeof({{micros "TIMESTAMP '2026-01-01'"}})`, nil, "BIGINT"},
		{`{{trunc "day" "DATE '2026-11-16'"}}`, nil, "2026-11-16"},
		{`{{trunc "week" "DATE '2026-11-15'"}}`, nil, "2026-11-09"}, // a Sunday belongs to the week of the Monday before
		{`{{trunc "week" "DATE '2026-11-16'"}}`, nil, "2026-11-16"},
		{`{{trunc "week" "DATE '2027-01-01'"}}`, nil, "2026-12-28"},
		{`{{trunc "month" "DATE '2024-02-29'"}}`, nil, "2024-02-01"},
		{`{{trunc "quarter" "DATE '2026-12-31'"}}`, nil, "2026-10-01"},
		{`{{trunc "quarter" "DATE '1969-01-01'"}}`, nil, "1969-01-01"},
		{`typeof({{trunc "week" "DATE '2026-11-15'"}})`, nil, "DATE"},
		{`{{trunc "month" "CAST(NULL AS DATE)"}}`, nil, "NULL"},
		{`{{days "DATE '2026-01-31'" "DATE '2026-02-01'"}}`, nil, "1"},
		{`{{days "DATE '2024-02-28'" "DATE '2024-03-01'"}}`, nil, "2"},
		{`{{days "DATE '2026-02-01'" "DATE '2026-01-31'"}}`, nil, "-1"},
		{`{{days "DATE '2026-03-29'" "DATE '2026-03-30'"}}`, nil, "1"}, // no clock changes between dates
		{`{{days "CAST(NULL AS DATE)" "DATE '2026-01-31'"}}`, nil, "NULL"},
		{`TIMESTAMP '2026-01-31 10:00:00' + {{interval .}}`, 30 * referral.DayLen, "2026-03-02 10:00:00"},
		{`TIMESTAMP '2026-01-31 10:00:00' + {{interval .}}`, referral.Duration(0), "2026-01-31 10:00:00"},
		{`TIMESTAMP '2026-01-31 10:00:00' + {{interval .}}`, referral.Duration(1), "2026-01-31 10:00:00.000001"},
		{`TIMESTAMP '2026-01-31 10:00:00' + {{interval .}}`, 3*referral.Second + 500_000, "2026-01-31 10:00:03.5"},
		{`{{micros "TIMESTAMP '2026-01-31 10:00:00.000001'"}} - {{micros "TIMESTAMP '2026-01-31 10:00:00'"}}`, nil, "1"},
		{`(SELECT sum({{exact "x"}}) FROM (VALUES (9223372036854775807), (9223372036854775807)) AS t(x))`, nil, "18446744073709551614"},
		{`{{wide "9223372036854775807"}} * {{wide "9223372036854775807"}}`, nil, "85070591730234615847396907784232501249"},
		{`{{wide "CAST(NULL AS BIGINT)"}}`, nil, "NULL"},
		{`{{wide "-5"}} * CAST(3 AS BIGINT)`, nil, "-15"},
		{`(SELECT sum({{wide "x"}} * {{wide "x"}}) FROM (VALUES (9000000000000000000), (-1)) AS t(x))`, nil, "81000000000000000000000000000000000001"},
		{`(SELECT {{ident "odd \"name\""}} FROM (VALUES (7)) AS t("odd ""name"""))`, nil, "7"},
	} {
		st := render(t, c.expr, c.data)
		got := scalar[sql.Null[string]](t, db, st.Text, st.Args...)
		if text := map[bool]string{true: got.V, false: "NULL"}[got.Valid]; text != c.want {
			t.Errorf("%s gives %s, want %s\n%s", c.expr, text, c.want, st.Text)
		}
	}
}

func TestDialect_jsonText(t *testing.T) {
	db := openTest(t, Options{})
	run(t, db, "CREATE TABLE t (j VARCHAR)")
	run(t, db, "INSERT INTO t VALUES (?)", `{"plan":"pro","n":1.5,"yes":true,"none":null,"list":[1,"a"],"deep":{"plan":"inner"},"a.b":"dotted",
		"with space":"s","we\"ird":"quote","back\\slash":"b","slash/ed":"sl","til~de":"ti","$":"dollar","*":"star","0":"zero","ü":"umlaut","":"empty","#":"hash"}`)
	for name, want := range map[string]string{
		"plan": "pro", "n": "1.5", "yes": "true", "none": "NULL", "absent": "NULL", "list": `[1,"a"]`, "deep": `{"plan":"inner"}`,
		"a.b": "dotted", "deep.plan": "NULL", "with space": "s", `we"ird`: "quote", `back\slash`: "b", "slash/ed": "sl", "til~de": "ti",
		"$": "dollar", "*": "star", "0": "zero", "ü": "umlaut", "": "empty", "#": "hash", "~1": "NULL", "list/0": "NULL", "$.plan": "NULL",
	} {
		st := render(t, `{{prop "j" .}}`, name)
		got := scalar[sql.Null[string]](t, db, st.Text+" FROM t", st.Args...)
		if text := map[bool]string{true: got.V, false: "NULL"}[got.Valid]; text != want {
			t.Errorf("property %q is %s, want %s", name, text, want)
		}
	}
	for name, want := range map[string]string{
		"plan": `"pro"`, "n": "1.5", "yes": "true", "none": "null", "absent": "NULL", "list": `[1,"a"]`, `we"ird`: `"quote"`, "slash/ed": `"sl"`, "til~de": `"ti"`,
	} {
		st := render(t, `{{json "j" .}}`, name)
		got := scalar[sql.Null[string]](t, db, st.Text+" FROM t", st.Args...)
		if text := map[bool]string{true: got.V, false: "NULL"}[got.Valid]; text != want {
			t.Errorf("property %q as JSON is %s, want %s", name, text, want)
		}
	}
	st := render(t, `{{prop "CAST(NULL AS VARCHAR)" .}}`, "plan")
	if got := scalar[sql.Null[string]](t, db, st.Text, st.Args...); got.Valid {
		t.Errorf("a property of nothing is %q", got.V)
	}
}

// TestDialect_keyIn compares membership of every key with the list, in the widths that keys are stored in.
func TestDialect_keyIn(t *testing.T) {
	db := openTest(t, Options{})
	for _, keys := range [][]int64{{}, {0}, {2, 3, 4, 9}, {62}, {0, 62}, {63}, {1, 63}, {1, 64, 200}, {125, 126, 127, 128}, {254}} {
		for _, typ := range []string{"UTINYINT", "USMALLINT", "INTEGER"} {
			text := "SELECT CAST(coalesce(sum(i), 0) AS BIGINT) FROM (SELECT CAST(i AS " + typ + ") AS k, i FROM range(255) AS r(i)) WHERE " + (sqltext.DuckDB{}).KeyIn("k", keys)
			var want int64
			for _, k := range keys {
				want += k
			}
			if got := scalar[int64](t, db, text); got != want {
				t.Errorf("keys %v as %s select a sum of %d: %s", keys, typ, got, text)
			}
		}
	}
}

// TestDialect_keyInOrder streams rows as they lie, whatever the keys: a funnel reads its events so, and a join mixes them.
func TestDialect_keyInOrder(t *testing.T) {
	db := openTest(t, Options{Path: filepath.Join(t.TempDir(), "facts.duckdb"), Threads: 4})
	run(t, db, "CREATE TABLE facts AS SELECT CAST(i AS INTEGER) AS i, CAST(i % 250 AS UTINYINT) AS k FROM range(50000) AS r(i)")
	for _, keys := range [][]int64{{1, 2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 70}, {1, 2, 3, 4, 5, 6, 70, 80, 90, 140, 249}} {
		st := sqltext.Raw("order", "SELECT i FROM facts WHERE i >= 1000 AND "+(sqltext.DuckDB{}).KeyIn("k", keys))
		var rows []int64
		err := db.Stream(context.Background(), st, func(b *engine.Batch) error {
			rows = b.Columns[0].AppendInts(rows)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(rows) {
			t.Errorf("keys %v: rows are out of order", keys)
		}
		if want := 49000 / 250 * len(keys); len(rows) != want {
			t.Errorf("keys %v select %d rows, want %d", keys, len(rows), want)
		}
	}
}

// TestDialect_bucket compares with the definition computed in Go: the first 32 bits of the md5 of
// the text, modulo n.
func TestDialect_bucket(t *testing.T) {
	db := openTest(t, Options{})
	for _, text := range []string{"", "p1", "Zürich", "a much longer identifier 0123456789"} {
		for _, n := range []int{1, 2, 16, 1000} {
			sum := md5.Sum([]byte(text))
			want := int64(binary.BigEndian.Uint32(sum[:4])) % int64(n)
			if got := scalar[int64](t, db, "SELECT "+(sqltext.DuckDB{}).Bucket("CAST(? AS VARCHAR)", n), text); got != want {
				t.Errorf("bucket of %q in %d is %d, want %d", text, n, got, want)
			}
		}
	}
	if got := scalar[int64](t, db, fmt.Sprintf("SELECT 2 * %s", (sqltext.DuckDB{}).Bucket("'p1'", 16))); got%2 != 0 {
		t.Errorf("the modulus reaches beyond the expression: %d", got)
	}
}
