package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

func TestTx_commitsAll(t *testing.T) {
	ctx, db := context.Background(), openTest(t, Options{})
	err := db.Tx(ctx, func(x engine.Tx) error {
		if x.Dialect().Name() != "duckdb" {
			return fmt.Errorf("dialect %s", x.Dialect().Name())
		}
		return errors.Join(
			x.Exec(ctx, sqltext.Raw("make", "CREATE TABLE a (n BIGINT, t VARCHAR)")),
			x.Exec(ctx, sqltext.Raw("fill", "INSERT INTO a VALUES (?, ?), (?, ?)", 1, "it's", 2, nil)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := scalar[string](t, db, "SELECT string_agg(n || coalesce(t, '-'), ',' ORDER BY n) FROM a"); s != "1it's,2-" {
		t.Errorf("got %s", s)
	}
}

// TestTx_leavesTheTablesAsTheyWere changes, drops and makes tables in ways that must all be undone.
func TestTx_leavesTheTablesAsTheyWere(t *testing.T) {
	stop := errors.New("refused")
	for name, end := range map[string]func(context.CancelFunc, engine.Tx) error{
		"error": func(context.CancelFunc, engine.Tx) error { return stop },
		"panic": func(context.CancelFunc, engine.Tx) error { panic(stop) },
		"cancel": func(cancel context.CancelFunc, _ engine.Tx) error {
			cancel()
			return nil
		},
	} {
		db := openTest(t, Options{})
		run(t, db, "CREATE TABLE a AS SELECT i AS n FROM range(10) AS r(i)")
		run(t, db, "CREATE TABLE b AS SELECT 'kept' AS t")
		ctx, cancel := context.WithCancel(context.Background())
		err := func() (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panicked: %v", p)
				}
			}()
			return db.Tx(ctx, func(x engine.Tx) error {
				for _, text := range []string{
					"INSERT INTO a SELECT i FROM range(100000) AS r(i)", "UPDATE a SET n = 0", "DROP TABLE b", "CREATE TABLE c AS SELECT 1 AS n",
				} {
					if err := x.Exec(ctx, sqltext.Raw("change", text)); err != nil {
						return err
					}
				}
				if n := scalar[int64](t, x, "SELECT count(*) FROM a"); n != 100_010 {
					return fmt.Errorf("the transaction sees %d rows of its own", n)
				}
				if n := scalar[int64](t, db, "SELECT count(*) FROM a"); n != 10 {
					return fmt.Errorf("others see %d rows before the commit", n)
				}
				return end(cancel, x)
			})
		}()
		cancel()
		if err == nil {
			t.Errorf("%s: committed", name)
		}
		got := scalar[string](t, db, "SELECT count(*) || ' ' || sum(n) || ' ' || (SELECT t FROM b) FROM a")
		tables := scalar[string](t, db, "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM duckdb_tables()")
		if got != "10 45 kept" || tables != "a b" {
			t.Errorf("%s: %s; tables %s; error %v", name, got, tables, err)
		}
		// The connection is usable again, inside and outside a transaction.
		if err := db.Tx(context.Background(), func(x engine.Tx) error {
			return x.Exec(context.Background(), sqltext.Raw("again", "DROP TABLE b"))
		}); err != nil {
			t.Errorf("%s: next transaction: %v", name, err)
		}
	}
}

func TestTx_errorNamesTheStatement(t *testing.T) {
	ctx, db := context.Background(), openTest(t, Options{})
	err := db.Tx(ctx, func(x engine.Tx) error { return x.Exec(ctx, sqltext.Raw("ingest/facts", "SELECT nothing")) })
	if err == nil || !strings.HasPrefix(err.Error(), "ingest/facts: ") {
		t.Errorf("%v", err)
	}
	if err := db.Exec(ctx, sqltext.Raw("export/events", "SELECT nothing")); err == nil || !strings.HasPrefix(err.Error(), "export/events: ") {
		t.Errorf("%v", err)
	}
}

func TestCollectAndOne(t *testing.T) {
	ctx, db := context.Background(), openTest(t, Options{})
	got, err := engine.Collect(ctx, db, sqltext.Raw("list", "SELECT i FROM range(?) AS r(i) ORDER BY i", 3), func(r *sql.Rows) (int64, error) {
		var n int64
		err := r.Scan(&n)
		return n, err
	})
	if err != nil || fmt.Sprint(got) != "[0 1 2]" {
		t.Errorf("%v, %v", got, err)
	}
	var n int64
	for text, want := range map[string]string{
		"SELECT 1 WHERE 1 = 0":             "0 rows instead of one",
		"SELECT i FROM range(2) AS r(i)":   "2 rows instead of one",
		"SELECT CAST('x' AS BIGINT)":       "Conversion Error",
		"SELECT 'x'":                       "converting",
		"SELECT i FROM nowhere ORDER BY i": "does not exist",
	} {
		err := engine.One(ctx, db, sqltext.Raw("one", text), &n)
		if err == nil || !strings.HasPrefix(err.Error(), "one: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if open := db.sql.Stats().InUse; open != 0 {
		t.Errorf("%d connections leaked", open)
	}
}

// endless is a statement that no machine finishes; it ends only if the cancellation reaches DuckDB.
const endless = "SELECT count(*) AS n FROM range(10000000000) AS a(i), range(10000000000) AS b(j) WHERE (i * j) % 7 = 3"

func TestCancel_endsARunningStatement(t *testing.T) {
	db := openTest(t, Options{Threads: 2})
	calls := map[string]func(context.Context) error{
		"query": func(ctx context.Context) error {
			var n int64
			return engine.One(ctx, db, sqltext.Raw("endless", endless), &n)
		},
		"transaction": func(ctx context.Context) error {
			return db.Tx(ctx, func(x engine.Tx) error {
				return x.Exec(ctx, sqltext.Raw("endless", "CREATE TABLE never AS "+endless))
			})
		},
	}
	for name, by := range paths() {
		calls["stream by "+name] = func(ctx context.Context) error {
			return db.stream(ctx, sqltext.Raw("endless", endless), func(*engine.Batch) error { return nil }, by)
		}
	}
	for name, call := range calls {
		ctx, cancel := context.WithCancel(context.Background())
		started, ended := make(chan struct{}), make(chan error)
		go func() {
			close(started)
			ended <- call(ctx)
		}()
		<-started
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := scalar[int64](t, db, "SELECT count(*) FROM duckdb_tables()"); n != 0 {
		t.Errorf("%d tables are left", n)
	}
	if open := db.sql.Stats().InUse; open != 0 {
		t.Errorf("%d connections leaked", open)
	}
}

func TestCancel_betweenBatchesAndBefore(t *testing.T) {
	db := openTest(t, Options{})
	for name, by := range paths() {
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		each := func(*engine.Batch) error {
			calls++
			cancel()
			return nil
		}
		if err := db.stream(ctx, sqltext.Raw("test", many), each, by); !errors.Is(err, context.Canceled) || calls == 0 {
			t.Errorf("%s: %d batches, %v", name, calls, err)
		}
		before := calls
		if err := db.stream(ctx, sqltext.Raw("test", many), each, by); !errors.Is(err, context.Canceled) || calls != before {
			t.Errorf("%s, cancelled before: %d batches, %v", name, calls-before, err)
		}
	}
}

func TestStream_fourAtOnce(t *testing.T) {
	db := openTest(t, Options{Threads: 4})
	run(t, db, "CREATE TABLE a AS SELECT i, 'text ' || i AS t FROM range(40000) AS r(i) ORDER BY i")
	for name, by := range paths() {
		var wg sync.WaitGroup
		sums, errs := make([]int64, 4), make([]error, 4)
		for w := range 4 {
			wg.Go(func() {
				for range 3 {
					lo := int64(w) * 10_000
					st := sqltext.Raw("range", "SELECT i, t FROM a WHERE i >= ? AND i < ? ORDER BY i", lo, lo+10_000)
					errs[w] = errors.Join(errs[w], db.stream(context.Background(), st, func(b *engine.Batch) error {
						for r := range b.Len {
							v := b.Columns[0].Int(r)
							if want := fmt.Sprint("text ", v); b.Columns[1].Text[r] != want {
								return fmt.Errorf("%q beside %d", b.Columns[1].Text[r], v)
							}
							sums[w] += v
						}
						return nil
					}, by))
				}
			})
		}
		wg.Wait()
		for w := range 4 {
			lo := int64(w) * 10_000
			if want := 3 * (10_000*lo + 49_995_000); sums[w] != want || errs[w] != nil {
				t.Errorf("%s, stream %d: sum %d, want %d; %v", name, w, sums[w], want, errs[w])
			}
		}
	}
}
