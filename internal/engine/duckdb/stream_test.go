package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// drained is a whole streamed result as text: per column the kind of slice that carried it, and its
// values with NULL spelled out. Batch boundaries do not matter.
type drained struct {
	Kinds  []string
	Values [][]string
	rows   int
}

// copyBatch copies what a batch holds, checking its shape: exactly one slice per column, as long as
// the batch, and Valid only where something is NULL.
func (d *drained) copyBatch(t testing.TB, b *engine.Batch) {
	t.Helper()
	if b.Len == 0 {
		t.Error("an empty batch was handed over")
	}
	if d.Values == nil {
		d.Values, d.Kinds = make([][]string, len(b.Columns)), make([]string, len(b.Columns))
	}
	d.rows += b.Len
	for i := range b.Columns {
		c := &b.Columns[i]
		kind, length, set := "", 0, 0
		for k, n := range map[string]int{
			"I8": sliceLen(c.I8), "U8": sliceLen(c.U8), "I16": sliceLen(c.I16), "U16": sliceLen(c.U16), "I32": sliceLen(c.I32),
			"I64": sliceLen(c.I64), "Text": sliceLen(c.Text),
		} {
			if n >= 0 {
				kind, length, set = k, n, set+1
			}
		}
		if set != 1 || length != b.Len || c.Valid != nil && len(c.Valid) != b.Len {
			t.Fatalf("column %d: %d slices, %s of %d and %d validity marks for %d rows", i, set, kind, length, len(c.Valid), b.Len)
		}
		if c.Valid != nil && !slices.Contains(c.Valid, false) {
			t.Errorf("column %d: validity marks without a NULL", i)
		}
		if d.Kinds[i] != "" && d.Kinds[i] != kind {
			t.Errorf("column %d changed from %s to %s", i, d.Kinds[i], kind)
		}
		d.Kinds[i] = kind
		for r := range b.Len {
			switch {
			case c.IsNull(r):
				d.Values[i] = append(d.Values[i], "NULL")
			case kind == "Text":
				d.Values[i] = append(d.Values[i], c.Text[r])
			default:
				d.Values[i] = append(d.Values[i], fmt.Sprint(c.Int(r)))
			}
		}
	}
}

// sliceLen is -1 for a slice that is not set.
func sliceLen[T any](s []T) int {
	if s == nil {
		return -1
	}
	return len(s)
}

func drain(t testing.TB, db *DB, by streamer, text string, args ...any) (drained, error) {
	t.Helper()
	var d drained
	err := db.stream(context.Background(), sqltext.Raw("test", text, args...), func(b *engine.Batch) error {
		d.copyBatch(t, b)
		return nil
	}, by)
	return d, err
}

func mustDrain(t testing.TB, db *DB, by streamer, text string, args ...any) drained {
	t.Helper()
	d, err := drain(t, db, by, text, args...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// paths are the ways to stream that this binary has; with the build tag the second is Arrow.
func paths() map[string]streamer {
	return map[string]streamer{"rows": streamRows, "default": streamBatches}
}

// everyType has a column of each streamable type; the values of each are what the kernels must see,
// worked out by hand.
var everyType = []struct {
	typ, kind string
	literals  []string
	want      []string
}{
	{"TINYINT", "I8", []string{"-128", "0", "127"}, []string{"-128", "0", "127"}},
	{"UTINYINT", "U8", []string{"0", "200", "255"}, []string{"0", "200", "255"}},
	{"SMALLINT", "I16", []string{"-32768", "-1", "32767"}, []string{"-32768", "-1", "32767"}},
	{"USMALLINT", "U16", []string{"0", "40000", "65535"}, []string{"0", "40000", "65535"}},
	{"INTEGER", "I32", []string{"-2147483648", "5", "2147483647"}, []string{"-2147483648", "5", "2147483647"}},
	{"UINTEGER", "I64", []string{"0", "3000000000", "4294967295"}, []string{"0", "3000000000", "4294967295"}},
	{"BIGINT", "I64", []string{"-9223372036854775808", "7", "9223372036854775807"}, []string{"-9223372036854775808", "7", "9223372036854775807"}},
	{"DATE", "I32", []string{"'1970-01-01'", "'1969-12-31'", "'2026-11-16'"}, []string{"0", "-1", "20773"}},
	{"TIMESTAMP", "I64", []string{"'1970-01-01 00:00:00.000001'", "'1969-12-31 23:59:59.999999'", "'2026-11-16 00:00:00'"}, []string{"1", "-1", "1794787200000000"}},
	{"TIMESTAMPTZ", "I64", []string{"'1970-01-01 01:00:00+01'", "'1969-12-31 23:59:59.999999+00'", "'2026-11-16 00:00:00+00'"}, []string{"0", "-1", "1794787200000000"}},
	{"VARCHAR", "Text", []string{"''", "'Zürich – 東京'", "'a text that is longer than the twelve bytes stored inline'"}, []string{"", "Zürich – 東京", "a text that is longer than the twelve bytes stored inline"}},
	{"ENUM('x', 'y')", "Text", []string{"'y'", "'x'", "'y'"}, []string{"y", "x", "y"}},
}

func TestStream_everyType(t *testing.T) {
	db := openTest(t, Options{})
	for _, c := range everyType {
		var values, withNulls []string
		for i, l := range c.literals {
			values = append(values, fmt.Sprintf("(%d, CAST(%s AS %s))", i, l, c.typ))
			withNulls = append(withNulls, fmt.Sprintf("(%d, CAST(%s AS %s)), (%d, NULL)", 2*i, l, c.typ, 2*i+1))
		}
		wantNulls := []string{}
		for _, w := range c.want {
			wantNulls = append(wantNulls, w, "NULL")
		}
		for name, by := range paths() {
			for _, q := range []struct {
				rows []string
				want []string
			}{{values, c.want}, {withNulls, wantNulls}} {
				got := mustDrain(t, db, by, "SELECT v FROM (VALUES "+strings.Join(q.rows, ", ")+") AS t(i, v) ORDER BY i")
				if d := cmp.Diff([][]string{q.want}, got.Values); d != "" {
					t.Errorf("%s by %s: %s", c.typ, name, d)
				}
				if got.Kinds[0] != c.kind {
					t.Errorf("%s by %s arrives in %s, want %s", c.typ, name, got.Kinds[0], c.kind)
				}
			}
		}
	}
}

// many is a statement with a column of every type and NULLs at different places, over several
// batches whose last is not full.
const many = `SELECT i AS n, CAST(i % 100 - 50 AS TINYINT) AS i8, CAST(i % 251 AS UTINYINT) AS u8, CAST(i * 3 AS USMALLINT) AS u16,
  CAST(-i AS SMALLINT) AS i16, CASE WHEN i % 7 <> 0 THEN CAST(i AS INTEGER) END AS i32, CASE WHEN i > 9000 THEN CAST(i AS UINTEGER) END AS u32,
  CASE WHEN i % 2 = 0 THEN 'text ' || i ELSE NULL END AS txt, CAST(CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' END AS ENUM('a', 'b')) AS e,
  DATE '2026-01-01' + CAST(i AS INTEGER) AS d, TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS ts, CAST(NULL AS BIGINT) AS nothing
  FROM range(10000) AS r(i) ORDER BY i`

func TestStream_bothPathsAgreeOverManyBatches(t *testing.T) {
	if !Arrow {
		t.Skip("this binary has one path; build with -tags duckdb_arrow")
	}
	db := openTest(t, Options{})
	rows, arrow := mustDrain(t, db, streamRows, many), mustDrain(t, db, streamBatches, many)
	if rows.rows != 10_000 {
		t.Fatalf("%d rows", rows.rows)
	}
	if d := cmp.Diff(rows, arrow, cmp.AllowUnexported(drained{})); d != "" {
		t.Error(d)
	}
}

func TestStream_keepsTheOrderOfTheStatement(t *testing.T) {
	db := openTest(t, Options{Threads: 4})
	run(t, db, "CREATE TABLE shuffled AS SELECT i FROM range(300000) AS r(i) ORDER BY hash(i)")
	for name, by := range paths() {
		next := int64(0)
		err := db.stream(context.Background(), sqltext.Raw("test", "SELECT i FROM shuffled ORDER BY i"), func(b *engine.Batch) error {
			for r := range b.Len {
				if v := b.Columns[0].Int(r); v != next {
					return fmt.Errorf("row %d holds %d", next, v)
				}
				next++
			}
			return nil
		}, by)
		if err != nil || next != 300_000 {
			t.Errorf("%s: %d rows, %v", name, next, err)
		}
	}
}

func TestStream_nothingToStream(t *testing.T) {
	db := openTest(t, Options{})
	for name, by := range paths() {
		if d := mustDrain(t, db, by, "SELECT i, 'x' AS t FROM range(10) AS r(i) WHERE i > 10 ORDER BY i"); d.rows != 0 {
			t.Errorf("%s: %d rows", name, d.rows)
		}
	}
}

func TestStream_refusesOtherTypesByName(t *testing.T) {
	db := openTest(t, Options{})
	for typ, word := range map[string]string{
		"UBIGINT": "UBIGINT", "HUGEINT": "HUGEINT", "DOUBLE": "DOUBLE", "FLOAT": "FLOAT", "DECIMAL(18,2)": "DECIMAL", "BOOLEAN": "BOOLEAN",
		"TIMESTAMP_NS": "TIMESTAMP_NS", "TIMESTAMP_S": "TIMESTAMP_S", "TIMESTAMP_MS": "TIMESTAMP_MS", "INTEGER[]": "", "TIME": "",
	} {
		for name, by := range paths() {
			// An empty result is refused as well: the mistake is in the statement, not in the data.
			got, err := drain(t, db, by, "SELECT 1 AS fine, CAST(NULL AS "+typ+") AS total WHERE 1 = 0")
			if !errors.Is(err, errColumnType) || !strings.Contains(err.Error(), `"total"`) || !strings.Contains(err.Error(), word) {
				t.Errorf("%s by %s: %v", typ, name, err)
			}
			if got.rows != 0 {
				t.Errorf("%s by %s: rows before the refusal", typ, name)
			}
		}
	}
}

func TestStream_arguments(t *testing.T) {
	type label string
	db := openTest(t, Options{})
	for name, by := range paths() {
		got := mustDrain(t, db, by, "SELECT CAST(? AS BIGINT), CAST(? AS VARCHAR), CAST(? AS BIGINT), CAST(? AS VARCHAR), CAST(? AS BIGINT), len(?)",
			41, label("named"), int32(-3), nil, sql.Null[int64]{}, []string{"a", "b"})
		want := [][]string{{"41"}, {"named"}, {"-3"}, {"NULL"}, {"NULL"}, {"2"}}
		if d := cmp.Diff(want, got.Values); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestStream_errorOfTheConsumerEndsIt(t *testing.T) {
	db := openTest(t, Options{})
	stop := errors.New("enough")
	for name, by := range paths() {
		calls := 0
		err := db.stream(context.Background(), sqltext.Raw("test", many), func(*engine.Batch) error {
			calls++
			return stop
		}, by)
		if !errors.Is(err, stop) || calls != 1 {
			t.Errorf("%s: %d calls, %v", name, calls, err)
		}
	}
}

func TestStream_textMayBeKept(t *testing.T) {
	db := openTest(t, Options{})
	for name, by := range paths() {
		var kept []string
		err := db.stream(context.Background(), sqltext.Raw("test", "SELECT 'number ' || i || ' of a text beyond the inline bytes' FROM range(20000) AS r(i) ORDER BY i"), func(b *engine.Batch) error {
			kept = append(kept, b.Columns[0].Text...)
			return nil
		}, by)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range kept {
			if want := fmt.Sprintf("number %d of a text beyond the inline bytes", i); s != want {
				t.Fatalf("%s: row %d became %q", name, i, s)
			}
		}
	}
}
