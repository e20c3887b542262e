package duckdb

import (
	"context"
	"testing"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// openTest opens a database that the end of the test closes.
func openTest(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(context.Background(), o)
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

func exec(t testing.TB, db *DB, text string, args ...any) {
	t.Helper()
	if err := db.Exec(context.Background(), sqltext.Raw("test", text, args...)); err != nil {
		t.Fatal(err)
	}
}

func scalar[T any](t testing.TB, q engine.Querier, text string, args ...any) T {
	t.Helper()
	var v T
	if err := engine.One(context.Background(), q, sqltext.Raw("test", text, args...), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestOpen_version(t *testing.T) {
	db := openTest(t, Options{})
	v, err := db.Version(context.Background())
	if err != nil || v != "v1.5.5" {
		t.Errorf("%q, %v", v, err)
	}
}
