package ingest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDirs_namesFoldersOutsideTheProject(t *testing.T) {
	outside := t.TempDir()
	root := t.TempDir()
	p := Plan{Root: root, Getenv: func(k string) string { return map[string]string{"DATA": outside}[k] }, Sources: []Source{
		{Name: "a", Kind: "events", Files: Files{Glob: "data/*/x-*.csv"}},
		{Name: "b", Kind: "events", Files: Files{Glob: "${DATA}/20*/e.csv"}},
		{Name: "c", Kind: "events", Files: Files{Named: map[string]string{"x": outside + "/e.csv"}}, SQL: "SELECT 1"},
	}}
	dirs, err := Dirs(p)
	want := []string{root, outside}
	if err != nil || len(dirs) != 2 || !(dirs[0] == want[0] && dirs[1] == want[1] || dirs[0] == want[1] && dirs[1] == want[0]) {
		t.Errorf("%v, %v; want %v", dirs, err, want)
	}
	p.Getenv = nil
	if _, err := Dirs(p); err == nil || !strings.Contains(err.Error(), "DATA is not set") {
		t.Errorf("unset variable: %v", err)
	}
}

// A link that leads out of the project would let data choose what is read; the folder must be named.
func TestLoad_linkOutOfTheProject(t *testing.T) {
	p := newProject(t, nil, csvSource("events"))
	outside := filepath.Join(t.TempDir(), "events.csv")
	if err := os.WriteFile(outside, []byte(threeEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(p.plan.Root, "events.csv")); err != nil {
		t.Skip("no links here")
	}
	checkRejection(t, p.refusal().Problems[0], Rejection{File: "events.csv", Code: CodeUnreadable, Hint: "name the folder"})
	p.plan.Sources[0].Files.Glob = outside
	dirs, err := Dirs(p.plan)
	if err != nil {
		t.Fatal(err)
	}
	p.db = memory(t, dirs...)
	if r := p.mustLoad(); r.Sources[0].Rows != 3 {
		t.Errorf("report %+v", r)
	}
}

// A project reached through a link is a project like any other.
func TestLoad_projectBehindALink(t *testing.T) {
	p := newProject(t, map[string]string{"events.csv": threeEvents}, csvSource("events"))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(p.plan.Root, link); err != nil {
		t.Skip("no links here")
	}
	p.plan.Root = link
	dirs, err := Dirs(p.plan)
	if err != nil {
		t.Fatal(err)
	}
	p.db = memory(t, dirs...)
	p.mustLoad()
	p.expect("SELECT file FROM load_manifest", "events.csv")
}

// A file whose name is a pattern is not read: the engine would read the files it matches instead.
func TestLoad_nameThatIsAPattern(t *testing.T) {
	for _, name := range []string{"data/e[1].csv", "data/e*.csv"} {
		p := newProject(t, map[string]string{name: threeEvents, "data/e1.csv": threeEvents}, Source{Name: "events", Kind: "events", Files: Files{Glob: "data/e?*.csv"}})
		checkRejection(t, p.refusal().Problems[0], Rejection{File: name, Code: CodeUnreadable, Message: "stand for other files", Hint: "rename it"})
	}
}
