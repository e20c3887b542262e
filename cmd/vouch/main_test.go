package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"vouch/internal/cli"
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
