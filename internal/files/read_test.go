package files

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree makes files with their own name as content below a temporary folder.
func tree(t *testing.T, paths ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, p := range paths {
		full := filepath.Join(root, p)
		if err := os.MkdirAll(filepath.Dir(full), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(p), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestHash_knownDigests(t *testing.T) {
	for _, c := range []struct {
		text, sha string
	}{
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},    // FIPS 180-4, empty message
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}, // FIPS 180-4, B.1
	} {
		p := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(p, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		sha, size, err := Hash(p)
		if err != nil || sha != c.sha || size != int64(len(c.text)) {
			t.Errorf("%q: %s, %d, %v", c.text, sha, size, err)
		}
	}
}

func TestHash_largerThanAnyBuffer(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<16+1)
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, data, 0o666); err != nil {
		t.Fatal(err)
	}
	want := sha256.Sum256(data)
	sha, size, err := Hash(p)
	if err != nil || sha != hex.EncodeToString(want[:]) || size != int64(len(data)) {
		t.Errorf("%s, %d, %v", sha, size, err)
	}
}

func TestHashAndOpen_refuseFoldersAndAbsentFiles(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{dir, filepath.Join(dir, "none")} {
		if _, _, err := Hash(p); err == nil {
			t.Errorf("hashed %s", p)
		}
		if _, err := Open(p); err == nil {
			t.Errorf("opened %s", p)
		}
	}
}

func TestReadOpenSizeExists(t *testing.T) {
	root := tree(t, "a/b.csv")
	p := filepath.Join(root, "a/b.csv")
	b, err := Read(p)
	if err != nil || string(b) != "a/b.csv" {
		t.Errorf("Read: %q, %v", b, err)
	}
	f, err := Open(p)
	if err != nil {
		t.Fatal(err)
	}
	b, err = io.ReadAll(f)
	if err != nil || string(b) != "a/b.csv" {
		t.Errorf("Open: %q, %v", b, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if n, err := Size(p); n != 7 || err != nil {
		t.Errorf("Size: %d, %v", n, err)
	}
	if !Exists(p) || Exists(p+"x") || IsDir(p) || !IsDir(root) {
		t.Error("Exists or IsDir is wrong")
	}
}

func TestGlob(t *testing.T) {
	root := tree(t, "b.csv", "a.csv", "sub/c.csv", "sub/deep/d.csv", "sub/deep/e.txt",
		"dt=2026-01-02/p.parquet", "dt=2026-01-01/p.parquet", "odd[1].csv", "odd1.csv", "folder.csv/x")
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"*.csv", []string{"a.csv", "b.csv", "odd1.csv", "odd[1].csv"}}, // not the folder of that name
		{"a.csv", []string{"a.csv"}},
		{"none*.csv", []string{}},
		{"none.csv", []string{}},
		{"dt=*/*.parquet", []string{"dt=2026-01-01/p.parquet", "dt=2026-01-02/p.parquet"}},
		{"odd[1].csv", []string{"odd[1].csv"}}, // the name as written comes first
		{"sub/**/*.csv", []string{"sub/c.csv", "sub/deep/d.csv"}},
		{"**/d.csv", []string{"sub/deep/d.csv"}},
		{"s*/**", []string{"sub/c.csv", "sub/deep/d.csv", "sub/deep/e.txt"}},
	} {
		got, err := Glob(filepath.Join(root, c.pattern))
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		rel := []string{}
		for _, p := range got {
			r, err := filepath.Rel(root, p)
			if err != nil {
				t.Fatal(err)
			}
			rel = append(rel, filepath.ToSlash(r))
		}
		if d := cmp.Diff(c.want, rel); d != "" {
			t.Errorf("%s: %s", c.pattern, d)
		}
	}
}

func TestGlob_relativeToTheWorkingFolder(t *testing.T) {
	t.Chdir(tree(t, "x/a.csv", "b.csv"))
	for pattern, want := range map[string][]string{"*.csv": {"b.csv"}, "**/*.csv": {"b.csv", "x/a.csv"}} {
		got, err := Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", pattern, d)
		}
	}
}

func TestGlob_badPatternIsAnError(t *testing.T) {
	for _, p := range []string{"data/[a", "data/x**/y"} {
		if got, err := Glob(p); err == nil {
			t.Errorf("%s: %v", p, got)
		}
	}
}
