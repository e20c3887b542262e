package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// names lists a folder, hidden files included: nothing but the expected outputs may be there.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWriteAtomic_replacesWholeFile(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "a.html")
	for _, text := range []string{"first, longer than the second", "second", ""} {
		if err := WriteAtomic(p, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, p); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if d := cmp.Diff([]string{"a.html"}, names(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestWriteAtomic_keepsModeAndUsesUmaskForNewFiles(t *testing.T) {
	dir := t.TempDir()
	plain, fresh, kept := filepath.Join(dir, "plain"), filepath.Join(dir, "fresh"), filepath.Join(dir, "kept")
	if err := os.WriteFile(plain, nil, 0o666); err != nil { // what the umask makes of an ordinary file
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	mode := func(p string) fs.FileMode {
		info, err := os.Stat(p)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	for _, p := range []string{fresh, kept} {
		if err := WriteAtomic(p, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if mode(fresh) != mode(plain) {
		t.Errorf("new file has %v, an ordinary one %v", mode(fresh), mode(plain))
	}
	if mode(kept) != 0o600 {
		t.Errorf("rewritten file has %v, had 0600", mode(kept))
	}
}

func TestWriteAtomic_failureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := WriteAtomic(filepath.Join(dir, "none", "a"), []byte("x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := WriteAtomic(filepath.Join(dir, "sub"), []byte("x")); err == nil {
		t.Error("a folder was overwritten by a file")
	}
	if d := cmp.Diff([]string{"sub"}, names(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestWriter_failedCommitLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "a")
	w, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	// The rename must fail: a folder with something in it takes the name meanwhile.
	if err := os.MkdirAll(filepath.Join(p, "inner"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err == nil {
		t.Fatal("commit over a folder succeeded")
	}
	if d := cmp.Diff([]string{"a"}, names(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestWriter_failedWriteCannotBeCommitted(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "a")
	if err := os.WriteFile(p, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	w, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	// A caller such as fmt.Fprintf may drop the error of a write; the writer must not.
	if err := w.f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Fatal("write to a closed file succeeded")
	}
	if err := w.Commit(); err == nil {
		t.Error("commit after a failed write succeeded")
	}
	if content(t, p) != "old" {
		t.Error("old content is gone")
	}
	if d := cmp.Diff([]string{"a"}, names(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestWriter_abort(t *testing.T) {
	dir := t.TempDir()
	p := filepath.Join(dir, "a")
	if err := WriteAtomic(p, []byte("old")); err != nil {
		t.Fatal(err)
	}
	w, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if content(t, p) != "old" {
		t.Error("new content is visible before the commit")
	}
	for range 2 {
		if err := w.Abort(); err != nil {
			t.Error(err)
		}
	}
	if err := w.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("commit after abort: %v", err)
	}
	if _, err := w.Write(nil); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("write after abort: %v", err)
	}
	if content(t, p) != "old" {
		t.Error("abort changed the file")
	}
	if d := cmp.Diff([]string{"a"}, names(t, dir)); d != "" {
		t.Error(d)
	}
}

func TestWriter_twoAtOnce(t *testing.T) {
	p := filepath.Join(t.TempDir(), "a")
	one, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Create(p)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range []*Writer{one, two} {
		if _, err := w.Write([]byte{'1' + byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(two.Commit(), one.Commit()); err != nil {
		t.Fatal(err)
	}
	if got := content(t, p); got != "1" {
		t.Errorf("the last commit wins: got %q", got)
	}
}

func TestWriteAtomic_replacesLinkNotItsTarget(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	if err := os.WriteFile(target, []byte("keep"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := WriteAtomic(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if content(t, target) != "keep" || content(t, link) != "new" {
		t.Error("the write went through the link")
	}
}

func TestRemove_absentIsNoError(t *testing.T) {
	p := filepath.Join(t.TempDir(), "a")
	if err := Remove(p); err != nil {
		t.Error(err)
	}
	if err := WriteAtomic(p, nil); err != nil {
		t.Fatal(err)
	}
	if err := Remove(p); err != nil || Exists(p) {
		t.Errorf("still there: %v", err)
	}
}

func TestTempDir_isRemovedWithContent(t *testing.T) {
	base := t.TempDir()
	dir, remove, err := TempDir(base, "vouch")
	if err != nil {
		t.Fatal(err)
	}
	if !IsDir(dir) || !Within(base, dir) {
		t.Errorf("%s is not a folder below %s", dir, base)
	}
	if err := WriteAtomic(filepath.Join(dir, "a"), nil); err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil || Exists(dir) {
		t.Errorf("still there: %v", err)
	}
}

func TestRenameReadDirAndRemoveAll(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(MkdirAll(filepath.Join(dir, "a", "b")), WriteAtomic(filepath.Join(dir, "a", "new"), []byte("new")),
		WriteAtomic(filepath.Join(dir, "a", "old"), []byte("old"))); err != nil {
		t.Fatal(err)
	}
	if err := Rename(filepath.Join(dir, "a", "new"), filepath.Join(dir, "a", "old")); err != nil {
		t.Fatal(err)
	}
	entries, err := ReadDir(filepath.Join(dir, "a"))
	if err != nil || len(entries) != 2 || entries[0].Name() != "b" || entries[1].Name() != "old" {
		t.Errorf("%v, %v", entries, err)
	}
	fsys, err := FS(dir)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := fs.ReadFile(fsys, "a/old"); err != nil || string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
	if err := os.Symlink("/etc", filepath.Join(dir, "out")); err == nil {
		if _, err := fs.ReadDir(fsys, "out"); err == nil {
			t.Error("a link leads out of the folder")
		}
	}
	if err := Remove(filepath.Join(dir, "a")); err == nil {
		t.Error("a folder with content was removed as if it were a file")
	}
	if err := RemoveAll(filepath.Join(dir, "a")); err != nil || Exists(filepath.Join(dir, "a")) {
		t.Errorf("still there: %v", err)
	}
}
