package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vouch/internal/cli"
)

// TestReadme_showsWhatIsPrinted runs the demo of the README and wants every line of its output
// blocks printed, so that the page cannot drift from the program.
func TestReadme_showsWhatIsPrinted(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "demo")
	vouch := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		code := cli.Main(cli.Env{
			Args: args, Getenv: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
			Now: time.Now, Terminal: true, Width: 130,
		})
		if code != 0 {
			if strings.Contains(errs.String(), "make assets") {
				t.Skip(errs.String())
			}
			t.Fatalf("%v: code %d, %s", args, code, errs.String())
		}
		return out.String()
	}
	vouch("demo", dir)
	compare(t, string(text), "demo · as of", vouch("run", "--project", dir, "--quiet"))
	compare(t, string(text), "referral · ", vouch("funnel", "referral", "--project", dir, "--quiet"))
	compare(t, string(text), "reward · ", vouch("experiment", "reward", "--project", dir, "--quiet"))
	compare(t, string(text), "  plan ", vouch("power", "--experiment", "reward", "--lift", "0.1", "--project", dir, "--quiet"))
}

// compare wants the lines of the README block that begins with head among the lines printed. A line
// with an ellipsis stands for what a reader's machine prints differently.
func compare(t *testing.T, readme, head, printed string) {
	t.Helper()
	_, block, ok := strings.Cut(readme, "\n"+head)
	if !ok {
		t.Fatalf("README.md has no block that begins with %q", head)
	}
	block, _, _ = strings.Cut(head+block, "```")
	for line := range strings.Lines(block) {
		line = strings.TrimRight(line, " \n")
		if line != "" && !strings.Contains(line, "…") && !strings.Contains(printed, line+"\n") {
			t.Errorf("README.md shows %q, which is not printed:\n%s", line, printed)
		}
	}
}
