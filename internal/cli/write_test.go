package cli

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// full is a stream of a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestMain_lostOutput wants a failure wherever the output went missing.
func TestMain_lostOutput(t *testing.T) {
	dir := small(t)
	if code, _, stderr := run(t, "load", "--project", dir); code != exitOK {
		t.Fatal(stderr)
	}
	for _, args := range [][]string{
		{"partners", "--project", dir},
		{"funnel", "referral", "--project", dir},
		{"sql", "partners", "--project", dir},
		{"partners", "--project", dir, "--format", "json"},
		{"version"},
		{"help"},
		{"power", "--baseline", "0.1", "--lift", "0.1"},
	} {
		var errs strings.Builder
		code := Main(Env{
			Args: args, Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &errs,
			Now: func() time.Time { return time.Date(2026, 3, 11, 9, 0, 0, 0, time.UTC) },
		})
		if code != exitFailed || !strings.Contains(errs.String(), "no space left") {
			t.Errorf("%v: code %d, %s", args, code, errs.String())
		}
	}
}

// TestMain_refusedFirstLoad leaves no empty database that later commands would take for a project.
func TestMain_refusedFirstLoad(t *testing.T) {
	dir := small(t)
	spoil(t, dir, "data/events.csv", "")
	if code, _, _ := run(t, "load", "--project", dir); code != exitData {
		t.Fatalf("code %d", code)
	}
	for _, args := range [][]string{{"funnel", "referral"}, {"partners"}, {"cohorts", "monthly"}, {"experiment", "reward"}, {"doctor"}, {"backup", dir + "/b.tgz"}} {
		code, _, stderr := run(t, append(args, "--project", dir)...)
		if code != exitFailed || !strings.Contains(stderr, "vouch load") {
			t.Errorf("%v: code %d, %s", args, code, stderr)
		}
	}
	dry := small(t)
	if code, _, stderr := run(t, "load", "--dry-run", "--project", dry); code != exitOK {
		t.Fatal(stderr)
	}
	if code, _, stderr := run(t, "partners", "--project", dry); code != exitFailed || !strings.Contains(stderr, "vouch load") {
		t.Errorf("after a dry run: code %d, %s", code, stderr)
	}
}
