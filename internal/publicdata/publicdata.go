// Package publicdata finds the public data sets that tests are held to. They are not part of the
// repository: a test that needs one skips where it is absent, and fails where VOUCH_DATA_REQUIRED
// says that it must not be, as the gate does.
package publicdata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Dir returns the folder of a set such as "cdnow". The sets are looked for in the folder named by
// VOUCH_DATA, else in shared/data beside the repository.
func Dir(t testing.TB, set string) string {
	t.Helper()
	root := os.Getenv("VOUCH_DATA")
	if root == "" {
		_, file, _, ok := runtime.Caller(0)
		if !ok {
			t.Fatal("publicdata: the source file is not known")
		}
		root = filepath.Join(filepath.Dir(file), "..", "..", "..", "shared", "data")
	}
	dir, err := filepath.Abs(filepath.Join(root, set))
	if err != nil {
		t.Fatal(err)
	}
	switch _, err := os.Stat(dir); {
	case err == nil:
		return dir
	case os.Getenv("VOUCH_DATA_REQUIRED") != "":
		t.Fatalf("VOUCH_DATA_REQUIRED is set, but %s is not there", dir)
	default:
		t.Skipf("the public data set %s is not here: set VOUCH_DATA to the folder of the sets", set)
	}
	return ""
}
