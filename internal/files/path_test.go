package files

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func TestWithinAndJoin(t *testing.T) {
	root := tree(t, "in/a.csv", "out/secret.csv", "in-other/b.csv")
	in, out := filepath.Join(root, "in"), filepath.Join(root, "out")
	for link, to := range map[string]string{"escape": out, "stay": "a.csv", "dangling": filepath.Join(root, "nowhere")} {
		if err := os.Symlink(to, filepath.Join(in, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	for rel, want := range map[string]bool{
		"a.csv": true, ".": true, "new/deep/file": true, "stay": true, "new/../a.csv": true,
		"../out/secret.csv": false, "../in-other/b.csv": false, "..": false, "escape": false,
		"escape/secret.csv": false, "escape/new.csv": false, "dangling": false, "dangling/x": false,
		"new/../../out/x": false,
	} {
		if got := Within(in, in+"/"+rel); got != want {
			t.Errorf("Within(%s) = %v", rel, got)
		}
		p, err := Join(in, rel)
		if (err == nil) != want || err != nil && !errors.Is(err, ErrOutside) {
			t.Errorf("Join(%s) = %q, %v", rel, p, err)
		}
		if want && p != filepath.Join(in, rel) {
			t.Errorf("Join(%s) = %q", rel, p)
		}
	}
	if _, err := Join(in, filepath.Join(in, "a.csv")); !errors.Is(err, ErrOutside) {
		t.Errorf("an absolute path was joined: %v", err)
	}
	if !Within(filepath.Join(in, "escape"), filepath.Join(out, "secret.csv")) {
		t.Error("a root that is a link stands for where it leads")
	}
}

func TestSafeName_isLocalAndOneToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		x, y := SafeName(a), SafeName(b)
		if !filepath.IsLocal(x) || filepath.Base(x) != x || x[0] == '.' {
			t.Fatalf("%q gives %q", a, x)
		}
		if (a == b) != (x == y) {
			t.Fatalf("%q and %q give %q and %q", a, b, x, y)
		}
	})
	if got := SafeName("acme-Nord_1"); got != "acme-Nord_1" {
		t.Errorf("a plain id became %q", got)
	}
	if got := SafeName("../ü"); got != "~2e~2e~2f~c3~bc" {
		t.Errorf("got %q", got)
	}
}
