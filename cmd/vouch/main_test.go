package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"vouch/internal/cli"
	"vouch/internal/files"
	"vouch/reports/chart"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"vouch": func() { os.Exit(cli.Main(cli.Process())) },
	})
}

// TestScripts runs the program as a user does. Each script begins in an empty folder; `project`
// writes the small project whose answers are worked by hand in the scripts.
func TestScripts(t *testing.T) {
	source, err := filepath.Abs(filepath.Join("testdata", "project"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		// charts: the chart library is in the binary, so that pages can be written.
		Condition: func(name string) (bool, error) {
			if name != "charts" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			_, err := chart.Version()
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"project": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) != 0 {
					ts.Fatalf("usage: project")
				}
				ts.Check(os.CopyFS(ts.MkAbs("."), os.DirFS(source)))
			},
			"exits":   exits,
			"append":  appendLine,
			"without": without,
			"drop":    drop,
			"locked":  locked,
			"serves":  serves,
		},
	})
}

// exits runs vouch and checks its exact exit code, which `! exec` cannot: exits 3 load.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGS…")
	}
	err := ts.Exec("vouch", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// appendLine adds a line to a file: append FILE TEXT.
func appendLine(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: append FILE TEXT")
	}
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	ts.Check(err)
	_, err = fmt.Fprintln(f, args[1])
	ts.Check(err)
	ts.Check(f.Close())
}

// without fails if a path below a folder contains the text: no half-written file stays.
func without(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: without DIR TEXT")
	}
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, _ os.DirEntry, err error) error {
		if err == nil && strings.Contains(filepath.Base(path), args[1]) {
			ts.Fatalf("%s exists", path)
		}
		return err
	}))
}

// drop removes the lines that contain one of the texts: drop FILE TEXT…
func drop(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: drop FILE TEXT…")
	}
	var kept []string
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		hit := false
		for _, text := range args[1:] {
			hit = hit || strings.Contains(line, text)
		}
		if !hit {
			kept = append(kept, line)
		}
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(kept, "")), 0o600))
}

// locked runs vouch while another process holds the project's lock, and wants code 75.
func locked(ts *testscript.TestScript, neg bool, args []string) {
	unlock, err := files.Lock(ts.MkAbs(filepath.Join(".vouch", "lock")))
	ts.Check(err)
	defer func() { ts.Check(unlock()) }()
	exits(ts, neg, append([]string{"75"}, args...))
}

// serves starts `vouch serve`, fetches a page, wants a text in it, interrupts the process and wants
// it to end well: serves PATH TEXT.
func serves(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: serves PATH TEXT")
	}
	vouch, err := exec.LookPath(filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "vouch"))
	ts.Check(err)
	cmd := exec.Command(vouch, "serve", "--port", "0")
	cmd.Dir = ts.MkAbs(".")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	res, err := http.Get(strings.TrimSpace(line) + args[0])
	ts.Check(err)
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(res.Body.Close())
	ts.Check(cmd.Process.Signal(os.Interrupt))
	ts.Check(cmd.Wait())
	if res.StatusCode != http.StatusOK || !strings.Contains(string(body), args[1]) {
		ts.Fatalf("%s: status %d, %d bytes without %q", args[0], res.StatusCode, len(body), args[1])
	}
}
