package duckdb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"vouch/internal/engine"
	"vouch/internal/files"
	"vouch/internal/sqltext"
)

// TestMain lets the test binary play another process that has a database open until its standard
// input ends.
func TestMain(m *testing.M) {
	if path := os.Getenv("VOUCH_TEST_HOLD_DB"); path != "" {
		db, err := Open(context.Background(), Options{Path: path})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("open")
		_, _ = io.Copy(io.Discard, os.Stdin)
		if db.Close() != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

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

func run(t testing.TB, db *DB, text string, args ...any) {
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
	if db.Threads() != runtime.GOMAXPROCS(0) || db.Dialect() != (sqltext.DuckDB{}) {
		t.Errorf("%d threads, dialect %s", db.Threads(), db.Dialect().Name())
	}
}

func TestOpen_keepsDataAndMakesTheFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder with 'quote'", "vouch.duckdb")
	db, err := Open(context.Background(), Options{Path: path, TempDir: filepath.Join(t.TempDir(), "it's spill")})
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "CREATE TABLE a AS SELECT 42 AS n")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openTest(t, Options{Path: path})
	if n := scalar[int64](t, db, "SELECT n FROM a"); n != 42 {
		t.Errorf("got %d", n)
	}
}

func TestOpen_readOnly(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "vouch.duckdb")
	if _, err := Open(ctx, Options{Path: path, ReadOnly: true}); err == nil {
		t.Fatal("opened a file that is not there")
	}
	if files.Exists(path) {
		t.Error("a refused open made the file")
	}
	db, err := Open(ctx, Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "CREATE TABLE a AS SELECT 42 AS n")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	ro := openTest(t, Options{Path: path, ReadOnly: true})
	if n := scalar[int64](t, ro, "SELECT n FROM a"); n != 42 {
		t.Errorf("got %d", n)
	}
	if err := ro.Exec(ctx, sqltext.Raw("test", "INSERT INTO a VALUES (1)")); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("wrote to a read-only database: %v", err)
	}
}

func TestOpen_anotherProcessHasIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vouch.duckdb")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "VOUCH_TEST_HOLD_DB="+path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "open\n" {
		t.Fatalf("other process: %q, %v", line, err)
	}
	for _, readOnly := range []bool{false, true} {
		_, err = Open(context.Background(), Options{Path: path, ReadOnly: readOnly})
		if !errors.Is(err, ErrInUse) || !errors.Is(err, files.ErrLocked) {
			t.Fatalf("read-only %v: %v", readOnly, err)
		}
		for _, word := range []string{path, fmt.Sprintf("process %d", cmd.Process.Pid), "try again"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not say %q", err, word)
			}
		}
	}
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	openTest(t, Options{Path: path})
}

func TestOpen_twiceInOneProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vouch.duckdb")
	first := openTest(t, Options{Path: path})
	if _, err := Open(context.Background(), Options{Path: path}); !errors.Is(err, ErrInUse) {
		t.Errorf("second open: %v", err)
	}
	run(t, first, "CREATE TABLE a (n INTEGER)") // the first is not disturbed
}

func TestOpen_refusesWhatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database ", 1000)), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(dir, "what?.duckdb"), filepath.Join(dir, "100%.duckdb"), dir} {
		_, err := Open(context.Background(), Options{Path: path})
		if err == nil || errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if b, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(b), "not a database") {
		t.Errorf("the file was changed: %v", err)
	}
}

func TestOpen_badSettingIsNamed(t *testing.T) {
	_, err := Open(context.Background(), Options{Memory: "lots"})
	if err == nil || !strings.Contains(err.Error(), "memory_limit='lots'") {
		t.Errorf("%v", err)
	}
}

func TestClose_removesTheTemporaryFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	db, err := Open(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	dir := scalar[string](t, db, "SELECT current_setting('temp_directory')")
	if !files.Within(os.TempDir(), dir) || !files.IsDir(dir) {
		t.Errorf("temporary folder is %s", dir)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if files.Exists(dir) {
		t.Error("the temporary folder is still there")
	}
}
