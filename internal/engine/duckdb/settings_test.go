package duckdb

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vouch/internal/engine"
	"vouch/internal/sqltext"
)

// lockedDown opens a database that may use one folder of two; both hold a file a.csv.
func lockedDown(t *testing.T, path string) (db *DB, in, out string) {
	t.Helper()
	root := t.TempDir()
	in, out = filepath.Join(root, "in"), filepath.Join(root, "in-not") // a prefix of the name must not be enough
	for _, dir := range []string{in, out} {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("n\n1\n2\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if path != "" {
		path = filepath.Join(root, path)
	}
	return openTest(t, Options{Path: path, AllowedDirs: []string{in}, TempDir: filepath.Join(root, "spill")}), in, out
}

func TestLockDown_refuses(t *testing.T) {
	for _, where := range []string{"", "vouch.duckdb"} {
		db, in, out := lockedDown(t, where)
		run(t, db, "CREATE TABLE a AS SELECT 1 AS n")
		for _, text := range []string{
			"SELECT n FROM read_csv('" + out + "/a.csv')",
			"SELECT n FROM '" + out + "/a.csv'",
			"SELECT n FROM read_csv('" + in + "/../in-not/a.csv')",
			"SELECT content FROM read_text('" + out + "/a.csv')",
			"SELECT content FROM read_blob('" + out + "/a.csv')",
			"SELECT * FROM read_json('" + out + "/a.csv')",
			"SELECT * FROM read_parquet('" + out + "/a.csv')",
			"SELECT content FROM read_text('/etc/passwd')",
			"SELECT file FROM glob('" + out + "/*')",
			"COPY a TO '" + out + "/b.csv'",
			"COPY a TO '" + out + "/b.parquet' (FORMAT parquet)",
			"COPY a FROM '" + out + "/a.csv'",
			"ATTACH '" + out + "/b.duckdb' AS other",
			"EXPORT DATABASE '" + out + "/export'",
			"IMPORT DATABASE '" + out + "'",
			"SELECT n FROM read_csv('https://localhost:1/a.csv')",
			"INSTALL httpfs",
			"LOAD httpfs",
			"LOAD '" + out + "/evil.duckdb_extension'",
			"SET enable_external_access=true",
			"SET allowed_directories=['/']",
			"SET memory_limit='1TB'",
			"SET threads=64",
			"SET TimeZone='Asia/Tokyo'",
			"SET SESSION TimeZone='Asia/Tokyo'",
			"SET lock_configuration=false",
			"RESET lock_configuration",
			"RESET memory_limit",
			"PRAGMA threads=64",
		} {
			err := db.Exec(context.Background(), sqltext.Raw("test", text))
			if err == nil || !strings.Contains(err.Error(), "disabled") && !strings.Contains(err.Error(), "locked") {
				t.Errorf("%q database: %s: %v", where, text, err)
			}
		}
		left, err := os.ReadDir(out)
		if err != nil || len(left) != 1 {
			t.Errorf("%q database: %d files outside, %v", where, len(left), err)
		}
	}
}

func TestLockDown_insideWorks(t *testing.T) {
	for _, where := range []string{"", "vouch.duckdb"} {
		db, in, _ := lockedDown(t, where)
		if n := scalar[int64](t, db, "SELECT count(*) FROM read_csv(?)", in+"/a.csv"); n != 2 {
			t.Errorf("%d rows", n)
		}
		run(t, db, "COPY (SELECT i AS n, i % 3 AS part FROM range(10) AS r(i) ORDER BY i) TO '"+in+"/hive' (FORMAT parquet, PARTITION_BY (part))")
		n := scalar[int64](t, db, "SELECT count(*) FROM read_parquet(?, hive_partitioning = true) WHERE part = 1", in+"/hive/*/*.parquet")
		if n != 3 {
			t.Errorf("%d rows of the partition", n)
		}
		for _, text := range []string{`SELECT json_extract_string('{"a":1}', '$.a')`, "SELECT CAST(TIMESTAMPTZ '2026-01-01 00:00:00+00' AS VARCHAR)"} {
			scalar[string](t, db, text) // json and icu are compiled in, nothing is loaded for them
		}
	}
}

func TestSettings_holdOnEveryConnection(t *testing.T) {
	t.Setenv("TZ", "Asia/Tokyo")
	dir := t.TempDir()
	db := openTest(t, Options{Memory: "300MB", Threads: 3, AllowedDirs: []string{dir}, TempDir: filepath.Join(dir, "spill")})
	got, err := db.Settings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got["max_temp_directory_size"] == "" {
		t.Error("spilling is not limited")
	}
	delete(got, "max_temp_directory_size") // depends on the disk
	want := map[string]string{
		"TimeZone": "UTC", "access_mode": "automatic", "allow_community_extensions": "false", "allow_persistent_secrets": "false",
		"allowed_directories":          "[" + dir + "/, " + dir + "/spill/]",
		"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "enable_external_access": "false",
		"lock_configuration": "true", "memory_limit": "286.1 MiB", "temp_directory": filepath.Join(dir, "spill"), "threads": "3",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	// Three connections at once: none comes back to the pool before all were asked.
	ctx := context.Background()
	for range 3 {
		rows, err := db.Query(ctx, sqltext.Raw("test", "SELECT current_setting('TimeZone'), current_setting('lock_configuration')"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var zone string
		var locked bool
		if !rows.Next() || rows.Scan(&zone, &locked) != nil || rows.Err() != nil || zone != "UTC" || !locked {
			t.Errorf("zone %q, locked %v, %v", zone, locked, rows.Err())
		}
	}
	if n := db.sql.Stats().InUse; n != 3 {
		t.Errorf("%d connections were in use at once", n)
	}
}

func TestSettings_defaults(t *testing.T) {
	db := openTest(t, Options{Path: filepath.Join(t.TempDir(), "a.duckdb")})
	if n := scalar[int64](t, db, "SELECT CAST(current_setting('threads') AS BIGINT)"); n != int64(runtime.GOMAXPROCS(0)) {
		t.Errorf("%d threads", n)
	}
	if v := scalar[string](t, db, "SELECT current_setting('temp_directory')"); !strings.HasSuffix(v, "a.duckdb.tmp") {
		t.Errorf("temporary folder %s", v)
	}
}

func TestMemoryLimit_isKeptBySpilling(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, Options{Memory: "100MB", Threads: 2, TempDir: filepath.Join(dir, "spill"), Path: filepath.Join(dir, "a.duckdb")})
	// Twice the limit cannot be sorted in memory; the folder for spilling is allowed although SQL
	// may not name it.
	run(t, db, "CREATE TABLE sorted AS SELECT i, hash(i) AS h, repeat('x', 60) || i AS t FROM range(2500000) AS r(i) ORDER BY h, i")
	if n := scalar[int64](t, db, "SELECT count(*) FROM sorted"); n != 2_500_000 {
		t.Errorf("%d rows", n)
	}
	err := db.Tx(context.Background(), func(x engine.Tx) error {
		return x.Exec(context.Background(), sqltext.Raw("test", "CREATE TABLE b AS SELECT list(t ORDER BY i) AS l FROM sorted"))
	})
	if err == nil || !strings.Contains(err.Error(), "Out of Memory") {
		t.Errorf("one value beyond the limit: %v", err)
	}
}
