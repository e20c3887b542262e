package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/internal/files"
	"vouch/referral"
)

// run runs the program in memory.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(Env{
		Args: args, Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Now: func() time.Time { return time.Date(2026, 3, 11, 9, 0, 0, 0, time.UTC) },
	})
	return code, out.String(), errs.String()
}

// small copies the small project of the whole-program tests.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../cmd/vouch/testdata/project")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestMain_lockHeld wants code 75 and an untouched project while another process writes.
func TestMain_lockHeld(t *testing.T) {
	dir := small(t)
	if err := os.MkdirAll(filepath.Join(dir, ".vouch"), 0o755); err != nil {
		t.Fatal(err)
	}
	unlock, err := files.Lock(filepath.Join(dir, ".vouch", "lock"))
	if err != nil {
		t.Fatal(err)
	}
	code, _, stderr := run(t, "load", "--project", dir)
	if code != exitTryAgain || !strings.Contains(stderr, "try again") {
		t.Errorf("code %d, %s", code, stderr)
	}
	if files.Exists(filepath.Join(dir, ".vouch", "vouch.duckdb")) {
		t.Error("a database was made without the lock")
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := run(t, "load", "--project", dir, "--quiet"); code != exitOK {
		t.Errorf("after the lock was freed: code %d, %s", code, stderr)
	}
}

// TestMain_everyFormat prints every analysis in every format without an error and without control
// characters.
func TestMain_everyFormat(t *testing.T) {
	dir := small(t)
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	for _, cmd := range [][]string{
		{"funnel", "referral"},
		{"cohorts", "monthly"},
		{"experiment", "reward"},
		{"attribution", "house"},
		{"partners"},
		{"partner", "acme"},
		{"check"},
		{"doctor"},
		{"sql", "partners"},
		{"version"},
	} {
		for _, format := range []string{"table", "json", "csv", "markdown"} {
			code, out, stderr := run(t, append(cmd, "--project", dir, "--format", format)...)
			if code != exitOK || out == "" {
				t.Errorf("%v --format %s: code %d, %d bytes, %s", cmd, format, code, len(out), stderr)
			}
			if strings.ContainsAny(out, "\x1b\x00") {
				t.Errorf("%v --format %s writes control characters to a file", cmd, format)
			}
			if strings.Contains(out, "NaN") || strings.Contains(out, "Inf") {
				t.Errorf("%v --format %s writes a number that is none", cmd, format)
			}
		}
	}
}

// TestMain_secretInYAML keeps passwords out of the configuration.
func TestMain_secretInYAML(t *testing.T) {
	dir := small(t)
	f, err := os.OpenFile(filepath.Join(dir, "vouch.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("  password: hunter2\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := run(t, "check", "--project", dir)
	if code != exitConfig || !strings.Contains(stderr, "password") {
		t.Errorf("code %d, %s", code, stderr)
	}
	if strings.Contains(stderr, "hunter2") {
		t.Error("the secret is printed")
	}
}

// TestPrintError_names: what an error quotes from a file cannot steer the terminal, and keeps its lines.
func TestPrintError_names(t *testing.T) {
	var b strings.Builder
	a := &app{env: Env{Stderr: &b}}
	a.printError(referral.Problems{{Path: "experiments.\x1b[2Jx", Msg: "no"}, {Path: "b", Msg: "a\ttab"}})
	a.printError(errors.New("file \x1b]0;x\a:\nsecond"))
	if want := "experiments.\uFFFD[2Jx: no\nb: a tab\nvouch: the configuration was refused: 2 problems\nvouch: file \uFFFD]0;x\uFFFD:\nsecond\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
